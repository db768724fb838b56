// Rows of a graph: a generation with what it takes to make it, its children, the cohort that it came from, and its name.
import { describe, expect, it } from 'vitest';
import {
  askPlace,
  at,
  childrenOf,
  keyAt,
  origins,
  rowFinder,
  stageAt,
  taskAt,
} from '../../src/graph/graph.ts';
import { graphOf, rowOf } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d1: { template: 'dt', model: 'w', combo: 'c1', cohorts: ['a', 'b'] },
    d2: { template: 'dt', model: 'w', combo: 'c2', replicate: 2, cohorts: ['b'] },
    d3: { template: 'dt', model: 'x', combo: 'c2', cohorts: ['b'] },
    e1: { from: 'd2', template: 'copied', model: 'w', cohorts: ['b'] },
    e2: { from: 'd1', template: 'et', model: 'x', cohorts: ['a'] },
    e3: { from: 'd2', template: 'et', model: 'w', cohorts: ['b'] },
  },
  copies: ['copied'],
});

describe('a task', () => {
  it('is a row with its parent, its texts and what its model is asked', () => {
    expect(taskAt(GRAPH, rowOf(GRAPH, 'd2'))).toMatchObject({
      row: rowOf(GRAPH, 'd2'),
      genId: 'd2',
      stage: 'draft',
      parent: -1,
      template: { id: 'dt' },
      combo: { id: 'c2' },
      modelId: 'w',
      replicate: 2,
      work: { kind: 'llm', ask: { modelId: 'w' } },
    });
    expect(taskAt(GRAPH, rowOf(GRAPH, 'd2')).parentId).toBeUndefined();
    expect(taskAt(GRAPH, rowOf(GRAPH, 'e2'))).toMatchObject({
      stage: 'essay',
      parent: rowOf(GRAPH, 'd1'),
      parentId: 'd1',
      combo: { id: 'c1' },
      work: { kind: 'llm', ask: { modelId: 'x' } },
    });
  });

  it('asks nobody in copy mode', () => {
    expect(taskAt(GRAPH, rowOf(GRAPH, 'e1')).work).toEqual({ kind: 'copy' });
  });

  it('asks nobody where there is no ask', () => {
    const graph = { ...GRAPH, asks: GRAPH.asks.map(() => undefined) };
    expect(taskAt(graph, 0).work).toEqual({ kind: 'copy' });
  });
});

describe('children', () => {
  it('are the rows that were made from a row, in their order', () => {
    const { start, rows } = childrenOf(GRAPH);
    const children = (id: string): readonly string[] => {
      const row = rowOf(GRAPH, id);
      return [...rows.subarray(start[row], start[row + 1])].map((child) => GRAPH.ids[child] ?? '');
    };
    expect(Object.fromEntries(GRAPH.ids.map((id) => [id, children(id)]))).toEqual({
      d1: ['e2'],
      d2: ['e1', 'e3'],
      d3: [],
      e1: [],
      e2: [],
      e3: [],
    });
    expect(rows).toHaveLength(3);
  });
});

describe('the origin of a generation', () => {
  it('is the first cohort that it is in', () => {
    const origin = origins(GRAPH);
    expect(GRAPH.ids.map((id) => origin(rowOf(GRAPH, id)))).toEqual(
      GRAPH.ids.map((id) => (['d1', 'e2'].includes(id) ? 'a' : 'b')),
    );
  });

  it('is none where no cohort has it', () => {
    expect(origins({ ...GRAPH, cohorts: [] })(0)).toBe('');
  });
});

describe('a name', () => {
  it('is unique among all rows and leads back to its row', () => {
    expect(keyAt(GRAPH, rowOf(GRAPH, 'e2'))).toBe('essay/e2');
    const graph = { ...GRAPH, ids: [...GRAPH.ids] };
    const find = rowFinder(graph);
    expect(graph.ids.map((id, row) => find(stageAt(graph, row), id))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(find('draft', 'e2')).toBeUndefined();
    expect(rowFinder(graph)).toBe(find);
  });

  it('leads to the row of its stage where another stage has the same one beside it', () => {
    const find = rowFinder({ ...GRAPH, ids: ['1', '2', 'same', 'same', '1', '2'] });
    const asked = [
      ['draft', 'same'],
      ['essay', 'same'],
      ['essay', '1'],
      ['draft', '2'],
      ['draft', '1'],
      ['essay', '2'],
    ] as const;
    expect(asked.map(([stage, id]) => find(stage, id))).toEqual([2, 3, 4, 1, 0, 5]);
  });
});

describe('the place of an ask', () => {
  it('is in the block of the stage, or in that of the template', () => {
    const templates = GRAPH.templates.map(({ id }) => (id === 'copied' ? { askBlock: 7 } : {}));
    const places = ['d1', 'd3', 'e2', 'e1'].map((id) => askPlace(GRAPH, templates, rowOf(GRAPH, id)));
    expect(places).toEqual([0, 1, 3, 14]);
  });
});

describe('an index', () => {
  it('outside of its list is a bug that says so', () => {
    expect(() => at(['a'], 1)).toThrow(new RangeError('index 1 is outside of 1'));
  });
});
