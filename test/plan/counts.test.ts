// Counts of verdicts, by cohort, stage, state and reason.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countReasons, countStates } from '../../src/plan/counts.ts';
import { STATE } from '../../src/plan/judge.ts';
import { WHY } from '../../src/plan/verdict.ts';
import { at } from '../../src/graph/graph.ts';
import { graphOf } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d1: { cohorts: ['b', 'a'] },
    d2: { cohorts: ['b'] },
    e1: { from: 'd1', cohorts: ['b', 'a'] },
    v1: { from: 'e1', cohorts: ['a'] },
  },
});
const state = Uint8Array.of(STATE.stale, STATE.current, STATE.pending, STATE.pending);

describe('states', () => {
  it('count by cohort in code point order, by stage and state in the order of the pipeline', () => {
    const { cohorts, total } = countStates(GRAPH, { state });
    expect(cohorts).toEqual([
      {
        id: 'a',
        counts: [
          { stage: 'draft', state: 'stale', count: 1 },
          { stage: 'essay', state: 'pending', count: 1 },
          { stage: 'evaluation', state: 'pending', count: 1 },
        ],
      },
      {
        id: 'b',
        counts: [
          { stage: 'draft', state: 'current', count: 1 },
          { stage: 'draft', state: 'stale', count: 1 },
          { stage: 'essay', state: 'pending', count: 1 },
        ],
      },
    ]);
    expect(total.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
  });

  it('count every generation once in the total, whatever the cohorts share', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 4, max: 6 }),
        fc.uint8Array({ minLength: 4, maxLength: 4, max: 1 }),
        (states, selected) => {
          const { total } = countStates(GRAPH, { state: states }, selected);
          const sum = total.reduce((all, { count }) => all + count, 0);
          expect(sum).toBe(selected.reduce((all, each) => all + each, 0));
        },
      ),
    );
  });

  it('leave out what is not selected', () => {
    const { cohorts, total } = countStates(GRAPH, { state }, Uint8Array.of(0, 1, 0, 0));
    expect(total).toEqual([{ stage: 'draft', state: 'current', count: 1 }]);
    expect(cohorts.map(({ id, counts }) => [id, counts.length])).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
  });
});

describe('cohorts', () => {
  it('are in code point order, whatever the order of the graph', () => {
    const graph = graphOf({ rows: { d1: { cohorts: ['c', 'a', 'b'] } } });
    const ids = (order: readonly number[]): readonly string[] =>
      countStates(
        { ...graph, cohorts: order.map((place) => at(graph.cohorts, place)) },
        { state },
      ).cohorts.map(({ id }) => id);
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ])
      expect(ids(order)).toEqual(['a', 'b', 'c']);
  });
});

describe('reasons', () => {
  it('of the same count are in code point order, the others by count alone', () => {
    const graph = graphOf({ rows: { d1: {}, d2: {}, d3: {} } });
    const bits = Uint32Array.of(WHY.template | WHY.model, WHY.model | WHY.template | WHY.forced, WHY.forced);
    const words = countReasons(graph, { why: bits }).map(({ reason }) => reason);
    expect(words).toEqual([...words].sort());
    expect(words).toHaveLength(3);
    const often = Uint32Array.of(WHY.template | WHY.model, WHY.template, WHY.template);
    expect(countReasons(graph, { why: often }).map(({ reason, count }) => [reason, count])).toEqual([
      ['template', 3],
      ['model', 1],
    ]);
  });

  const why = Uint32Array.of(WHY.template | WHY.model, WHY.template, 0, WHY.never_render | WHY.never_parse);

  it('count each generation under each of its words, most frequent first', () => {
    expect(countReasons(GRAPH, { why })).toEqual([
      { stage: 'draft', reason: 'template', count: 2 },
      { stage: 'draft', reason: 'model', count: 1 },
      { stage: 'evaluation', reason: 'never built', count: 1 },
    ]);
  });

  it('leave out what is not selected', () => {
    expect(countReasons(GRAPH, { why }, Uint8Array.of(0, 1, 1, 0))).toEqual([
      { stage: 'draft', reason: 'template', count: 1 },
    ]);
  });
});
