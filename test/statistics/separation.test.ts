// How many replicates separate two means, against a published sample size.
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/statistics/clustered.ts';
import { observationsOf } from '../../src/scores/observations.ts';
import { replicatesToSeparate } from '../../src/statistics/significance/separation.ts';
import { scored } from '../support/scores.ts';

function alone(...values: readonly number[]): Observation[] {
  return values.map((value, at) => ({ value, cluster: String(at) }));
}

describe('the replicates that separate two means', () => {
  it('are 63 for a difference of half a standard deviation, as published', () => {
    const half = Math.SQRT1_2;
    const separation = replicatesToSeparate(alone(-half, half), alone(0.5 - half, 0.5 + half));
    expect(separation).toEqual({ each: 63, moreA: 61, moreB: 61 });
  });

  it('are counted in clusters, not in values', () => {
    const twice = (values: Observation[]): Observation[] => [...values, ...values];
    const [a, b] = [alone(1, 3, 2), alone(3, 5, 4)];
    expect(replicatesToSeparate(twice(a), twice(b))).toEqual(replicatesToSeparate(a, b));
  });

  it('are essays where two models are compared, however often each essay is judged', () => {
    const essays = (...scores: readonly number[]) =>
      scores.flatMap((score, at) =>
        ['j1', 'j2'].map((evaluationModel) => scored({ parentGenId: `e_${at}`, evaluationModel, score })),
      );
    const sides = [essays(1, 3, 2), essays(3, 5, 4)].map((rows) => observationsOf(rows, 'essay'));
    expect(replicatesToSeparate(sides[0] ?? [], sides[1] ?? [])).toEqual({ each: 4, moreA: 1, moreB: 1 });
  });

  it('are not missing where there are enough', () => {
    expect(replicatesToSeparate(alone(0, 1, 0, 1, 0, 1), alone(9, 8))).toEqual({
      each: 1,
      moreA: 0,
      moreB: 0,
    });
  });

  it("borrow the other side's spread for a single replicate", () => {
    const separation = replicatesToSeparate(alone(5), alone(3, 5));
    expect(separation).toEqual({ each: 32, moreA: 31, moreB: 30 });
  });

  it('cannot be told for equal means, for single replicates on both sides, or for none', () => {
    expect(replicatesToSeparate(alone(4, 6), alone(5, 5))).toBeUndefined();
    expect(replicatesToSeparate(alone(4), alone(6))).toBeUndefined();
    expect(replicatesToSeparate([], alone(6, 7))).toBeUndefined();
  });
});
