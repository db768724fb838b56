// Whose coordinates give its id: what a spec has is compared with it, everything else is hashed.
import { describe, expect, it } from 'vitest';
import { coordinateCheck } from '../../src/doctor/coordinates.ts';
import { genId as idOf, signatureFromMetadata } from '../../src/generation/genid.ts';
import type { Stage } from '../../src/generation/stage.ts';
import type { StoredGeneration } from '../../src/store/gens/surveyfacts.ts';
import { graphOf } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d1: { combo: 'c', template: 'dt', model: 'm', replicate: 1 },
    e1: { from: 'd1', template: 'et', model: 'm', replicate: 2 },
    v1: { from: 'e1', template: 'vt', model: 'j', replicate: 1 },
  },
});
const ROWS = { d1: 0, e1: 1, v1: 2 } as const;
const STAGE = { d1: 'draft', e1: 'essay', v1: 'evaluation' } as const;
const METADATA = {
  d1: { combo_id: 'c', template_id: 'dt', llm_model_id: 'm', replicate: 1 },
  e1: { parent_gen_id: 'd1', template_id: 'et', llm_model_id: 'm', replicate: 2 },
  v1: { parent_gen_id: 'e1', template_id: 'vt', llm_model_id: 'j' },
} as const;
type Name = keyof typeof ROWS;

const bySpec = coordinateCheck(GRAPH, () => true);
const byFile = coordinateCheck(GRAPH, () => false);

/** Only what is asked of it. */
function stored(
  stage: Stage,
  genId: string,
  { row = -1, metadata }: { readonly row?: number; readonly metadata: StoredGeneration['metadata'] },
): StoredGeneration {
  const parent = typeof metadata === 'object' ? metadata['parent_gen_id'] : undefined;
  const parentId = typeof parent === 'string' ? parent : undefined;
  return { stage, genId, row, metadata, parentId } as StoredGeneration;
}

const ofGraph = (name: Name, change: Readonly<Record<string, unknown>> = {}): StoredGeneration =>
  stored(STAGE[name], name, { row: ROWS[name], metadata: { ...METADATA[name], ...change } });

const NAMES: readonly Name[] = ['d1', 'e1', 'v1'];

describe('coordinates', () => {
  it('that a spec has give the id that was made from them', () => {
    expect(NAMES.map((name) => bySpec(ofGraph(name)))).toEqual([true, true, true]);
    // An essay's model is no part of its id.
    expect(bySpec(ofGraph('e1', { llm_model_id: 'other' }))).toBe(true);
  });

  it.each<[Name, Readonly<Record<string, unknown>>]>([
    ['d1', { combo_id: 'x' }],
    ['d1', { template_id: 'x' }],
    ['d1', { llm_model_id: 'x' }],
    ['d1', { replicate: 2 }],
    ['e1', { parent_gen_id: 'x' }],
    ['e1', { template_id: 'x' }],
    ['e1', { replicate: undefined }],
    ['v1', { parent_gen_id: 'x' }],
    ['v1', { llm_model_id: 'x' }],
    ['v1', { replicate: '2' }],
  ])('of %s that are others (%j) give another id', (name, change) => {
    expect(bySpec(ofGraph(name, change))).toBe(false);
  });

  it('that only a membership.csv has are hashed', () => {
    expect(NAMES.map((name) => byFile(ofGraph(name)))).toEqual([false, false, false]);
    for (const name of NAMES) {
      const found = signatureFromMetadata(STAGE[name], METADATA[name]);
      if (!found.ok) throw new Error(found.field);
      const own = { row: ROWS[name], metadata: METADATA[name] };
      expect(byFile(stored(STAGE[name], idOf(STAGE[name], found.parts), own))).toBe(true);
      const outside = { metadata: METADATA[name] };
      expect(
        coordinateCheck(undefined, () => true)(stored(STAGE[name], idOf(STAGE[name], found.parts), outside)),
      ).toBe(true);
    }
  });

  it('that the spec spells otherwise are hashed too', () => {
    const found = signatureFromMetadata('draft', METADATA.d1);
    if (!found.ok) throw new Error(found.field);
    const metadata = { ...METADATA.d1, template_id: ' DT ', replicate: '1' };
    expect(bySpec(stored('draft', idOf('draft', found.parts), { row: ROWS.d1, metadata }))).toBe(true);
  });

  it('that are not there, or can not be read, give none', () => {
    for (const metadata of [undefined, 'damaged'] as const)
      expect(bySpec(stored('draft', 'd1', { row: 0, metadata }))).toBe(false);
  });
});
