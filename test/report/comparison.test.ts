// Two sides compared, on sides small enough to work out by hand.
import { describe, expect, it } from 'vitest';
import {
  type ComparedSide,
  inputChanges,
  meanDifference,
  movedEssays,
  scoreChanges,
  stageChanges,
} from '../../src/report/comparison/comparison.ts';
import { comparisonTables } from '../../src/report/comparison/tables.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { csvOf } from '../../src/report/tables/table.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { scored } from '../support/scores.ts';

function side(given: Partial<ComparedSide>): ComparedSide {
  return { generations: [], inputs: new Map(), rows: [], spent: ledgerTotal([]), ...given };
}

/** Scores of essays by id, all by one judge. */
function rowsOf(scores: Readonly<Record<string, number>>, given: Partial<ScoredRow> = {}): ScoredRow[] {
  return Object.entries(scores).map(([id, score]) =>
    scored({ score, genId: `v_${id}`, parentGenId: id, comboId: `c_${id}`, ...given }),
  );
}

describe('generations', () => {
  const generation = (genId: string, text?: string) => ({ stage: 'essay' as const, genId, text });

  it('are added, removed, changed, made and lost', () => {
    const before = side({
      generations: [
        generation('same', 'a'),
        generation('other', 'a'),
        generation('old'),
        generation('lost', 'a'),
      ],
    });
    const now = side({
      generations: [
        generation('same', 'a'),
        generation('other', 'b'),
        generation('new', 'a'),
        generation('newer'),
        generation('lost'),
      ],
    });
    expect(stageChanges(before, now)[1]).toEqual({
      stage: 'essay',
      before: 4,
      now: 5,
      added: 2,
      removed: 1,
      changed: 1,
      made: 0,
      lost: 1,
    });
    expect(stageChanges(now, before)[1]).toMatchObject({ added: 1, removed: 2, made: 1, lost: 0 });
  });
});

describe('inputs', () => {
  it('are told by name, in order, where they differ', () => {
    const before = side({
      inputs: new Map([
        ['b', '1'],
        ['c', '1'],
        ['d', '1'],
      ]),
    });
    const now = side({
      inputs: new Map([
        ['a', '1'],
        ['b', '2'],
        ['d', '1'],
      ]),
    });
    expect(inputChanges(before, now)).toEqual([
      { name: 'a', change: 'added' },
      { name: 'b', change: 'changed' },
      { name: 'c', change: 'removed' },
    ]);
  });
});

describe('a difference of means', () => {
  it('is paired where both sides have the essays, so that what essays have in common falls out', () => {
    const before = rowsOf({ e_1: 1, e_2: 5, e_3: 9, e_4: 2, e_5: 7 });
    const now = rowsOf({ e_1: 2, e_2: 6.5, e_3: 9.5, e_4: 2.5, e_5: 8.5 });
    const found = meanDifference(before, now);
    // Differences 1, 1.5, 0.5, 0.5 and 1.5: mean 1, standard error 0.5 / √5, times t(4) = 2.7764.
    expect(found).toMatchObject({ value: 1, basis: 'paired', essays: 5 });
    expect(found?.interval?.low).toBeCloseTo(1 - (2.7764451051977987 * 0.5) / Math.sqrt(5), 9);
    expect(found?.interval?.high).toBeCloseTo(1 + (2.7764451051977987 * 0.5) / Math.sqrt(5), 9);
  });

  it('compares only what the same judge said by the same rubric', () => {
    const before = [...rowsOf({ e_1: 1, e_2: 1 }), ...rowsOf({ e_1: 9, e_2: 9 }, { evaluationModel: 'j2' })];
    expect(meanDifference(before, rowsOf({ e_1: 3, e_2: 3 }))).toMatchObject({ value: 2, basis: 'paired' });
  });

  it('is one of independent means where the essays are others', () => {
    const found = meanDifference(rowsOf({ a: 1, b: 3, c: 2 }), rowsOf({ d: 4, e: 6, f: 5 }));
    expect(found).toMatchObject({ value: 3, basis: 'independent', essays: 6 });
    // Each mean has the variance 1 / 3; times t(4) = 2.7764, as in the t test of two samples of a size.
    expect(found?.interval?.high).toBeCloseTo(3 + 2.7764451051977987 * Math.sqrt(2 / 3), 9);
  });

  it('has no interval where one side has a single essay or both have few, and is nothing without scores', () => {
    expect(meanDifference(rowsOf({ a: 1 }), rowsOf({ c: 4, d: 6 }))?.interval).toBeUndefined();
    expect(meanDifference(rowsOf({ a: 1, b: 3 }), rowsOf({ c: 4, d: 6 }))?.interval).toBeUndefined();
    expect(meanDifference([], rowsOf({ a: 1 }))).toBeUndefined();
  });
});

describe('score changes', () => {
  it('tell what is new and what is gone', () => {
    const before = side({ rows: rowsOf({ a: 1 }, { draftTemplate: 'old' }) });
    const now = side({ rows: rowsOf({ b: 2 }, { draftTemplate: 'new' }) });
    const lines = scoreChanges(before, now).filter(({ by }) => by === 'draft_template');
    expect(lines.map(({ name, before: then, now: today }) => [name, then, today])).toEqual([
      ['new', undefined, 2],
      ['old', 1, undefined],
    ]);
    const table = comparisonTables(before, now, {
      lower: { calls: 1, usd: 0, unpriced: 1 },
      upper: { calls: 2, usd: 1, unpriced: 1 },
    });
    const csv = Object.fromEntries(table.map((each) => [each.name, csvOf(each.table)]));
    expect(csv['scores']).toContain('draft_template,new,,2.0,,,,new,,\n');
    expect(csv['scores']).toContain('draft_template,old,1.0,,,,,gone,,\n');
    expect(csv['money']).toContain('"still to spend now, at least",1,unknown\n');
    expect(csv['money']).toContain('"still to spend now, at most",2,at least 1\n');
  });

  it('say same for what did not move', () => {
    const rows = rowsOf({ a: 1, b: 2 });
    const [, , scores] = comparisonTables(side({ rows }), side({ rows }), {
      lower: { calls: 0, usd: 0, unpriced: 0 },
      upper: { calls: 0, usd: 0, unpriced: 0 },
    });
    expect(csvOf(scores!.table)).toContain('all,,1.5,1.5,0.0,,,same,paired,2\n');
  });

  it('list the essays that moved most first', () => {
    const before = side({ rows: rowsOf({ a: 1, b: 2, c: 3, d: 4 }) });
    const now = side({ rows: rowsOf({ a: 1.5, b: 0, c: 3, e: 9 }) });
    expect(movedEssays(before, now).map(({ essayId }) => essayId)).toEqual(['b', 'a']);
  });
});
