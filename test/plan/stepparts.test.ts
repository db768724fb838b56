// The parts of a step side by side: as graph and files give them now, and as the trace has them.
import { describe, expect, it } from 'vitest';
import { at } from '../../src/graph/graph.ts';
import { partsNow, partsRecorded } from '../../src/plan/stepparts.ts';
import { FLAGS } from '../../src/store/gens/genindex.ts';
import { builtIndex, graphOf, rowOf } from '../support/graphs.ts';

const GRAPH = graphOf({ rows: { d1: {}, e1: { from: 'd1' } } });

describe('the parts of now', () => {
  it('of a prompt have the text above, where there is one', () => {
    const index = builtIndex(GRAPH);
    expect(partsNow(GRAPH, index, rowOf(GRAPH, 'd1'), 'render')).not.toHaveProperty('parent');
    const above = index.get('parsedFile', rowOf(GRAPH, 'd1'));
    expect(partsNow(GRAPH, index, rowOf(GRAPH, 'e1'), 'render')).toMatchObject({ parent: above });
  });

  it('of a parsed text say whether the reply was cut off', () => {
    const index = builtIndex(GRAPH);
    const truncation = (): unknown => partsNow(GRAPH, index, 1, 'parse')['truncation'];
    expect(truncation()).toBe('reject:whole');
    index.flags[1] = at(index.flags, 1) | FLAGS.cutOff;
    expect(truncation()).toBe('reject:cut off');
  });
});

describe('the parts of the trace', () => {
  it('are those with which the step ran, and what it read', () => {
    const index = builtIndex(GRAPH);
    for (const step of ['render', 'generate', 'parse'] as const)
      expect(partsRecorded(index, 1, step)).toEqual(partsNow(GRAPH, index, 1, step));
    expect(partsRecorded(index, 0, 'render')).not.toHaveProperty('parent');
    expect(partsRecorded(builtIndex(GRAPH, []), 0, 'render')).toEqual({});
  });
});
