// Two names compared where each comes with something of its own: what can be paired is, and what differs too is said.
import { describe, expect, it } from 'vitest';
import { pairReport } from '../../src/scores/book/pairs.ts';
import type { ScoreBook } from '../../src/scores/book/scorebook.ts';
import { FACETS, type Facet } from '../../src/scores/book/scoretable.ts';

function byFacet<T>(make: (facet: Facet) => T): Readonly<Record<Facet, T>> {
  return Object.fromEntries(FACETS.map((facet) => [facet, make(facet)])) as Record<Facet, T>;
}

type Row = Readonly<Record<'draft' | 'essay' | 'combo', number>> & { readonly score: number };

function bookOf(rows: readonly Row[]): ScoreBook {
  const codes = byFacet((facet: Facet) =>
    Uint32Array.from(rows, ({ draft, essay, combo }) =>
      facet === 'draft_template' ? draft : facet === 'essay_template' ? essay : facet === 'combo' ? combo : 0,
    ),
  );
  return {
    table: {
      size: rows.length,
      names: byFacet((facet) => ['one', 'two', 'three'].map((each) => `${facet}-${each}`)),
      codes,
      scores: Float64Array.from(rows, ({ score }) => score),
      essays: Uint32Array.from(rows, (_, at) => at),
      open: new Uint8Array(rows.length),
    },
    cohorts: [],
    among: () => new Uint8Array(rows.length),
    evaluationAt: (place) => ({ genId: `v_${place}`, replicate: 1, state: 'current' }),
    essayAt: (essay) => ({ genId: `e_${essay}`, draft: 'd', state: 'current' }),
  };
}

const asked = { facet: 'draft_template', a: 'draft_template-one', b: 'draft_template-two' } as const;

describe('two names compared', () => {
  it('are paired with what each alone comes with, and that is said', () => {
    const rows = [
      { draft: 0, essay: 0, combo: 0, score: 8 },
      { draft: 1, essay: 1, combo: 0, score: 5 },
      { draft: 0, essay: 0, combo: 1, score: 6 },
      { draft: 1, essay: 1, combo: 1, score: 5 },
    ];
    const report = pairReport(bookOf(rows), asked);
    expect(report.apart).toEqual(['essay_template']);
    expect(report.difference).toMatchObject({ mean: 2, blocks: 2, combos: 2 });
    expect(report.pairs.map(({ a, b }) => [a, b])).toEqual([
      ['e_0', 'e_1'],
      ['e_2', 'e_3'],
    ]);
  });

  it('are paired where everything else is the same as long as anything is', () => {
    const rows = [
      { draft: 0, essay: 0, combo: 0, score: 8 },
      { draft: 0, essay: 1, combo: 0, score: 7 },
      { draft: 1, essay: 1, combo: 0, score: 5 },
    ];
    const report = pairReport(bookOf(rows), asked);
    expect(report.apart).toEqual([]);
    expect(report.difference).toMatchObject({ mean: 2, blocks: 1 });
    expect(report.pairs.map(({ a, b }) => [a, b])).toEqual([['e_1', 'e_2']]);
  });

  it('that share no combo are not paired', () => {
    const rows = [
      { draft: 0, essay: 0, combo: 0, score: 8 },
      { draft: 1, essay: 0, combo: 1, score: 5 },
    ];
    expect(pairReport(bookOf(rows), asked)).toMatchObject({
      difference: { mean: null, blocks: 0 },
      total: 0,
    });
  });
});
