// How many replicates separate two means, against a published sample size.
import { describe, expect, it } from 'vitest';
import { replicatesToSeparate } from '../../src/statistics/significance/separation.ts';

describe('the replicates that separate two means', () => {
  it('are 63 for a difference of half a standard deviation, as published', () => {
    const half = Math.SQRT1_2;
    const separation = replicatesToSeparate([-half, half], [0.5 - half, 0.5 + half]);
    expect(separation).toEqual({ each: 63, moreA: 61, moreB: 61 });
  });

  it('are not missing where there are enough', () => {
    expect(replicatesToSeparate([0, 1, 0, 1, 0, 1], [9, 8])).toEqual({
      each: 1,
      moreA: 0,
      moreB: 0,
    });
  });

  it("borrow the other side's spread for a single replicate", () => {
    const separation = replicatesToSeparate([5], [3, 5]);
    expect(separation).toEqual({ each: 32, moreA: 31, moreB: 30 });
  });

  it('cannot be told for equal means, for single replicates on both sides, or for none', () => {
    expect(replicatesToSeparate([4, 6], [5, 5])).toBeUndefined();
    expect(replicatesToSeparate([4], [6])).toBeUndefined();
    expect(replicatesToSeparate([], [6, 7])).toBeUndefined();
  });
});
