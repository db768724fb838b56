// Intervals against published examples, and places by interval.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/statistics/clustered.ts';
import { estimateMean, type Estimate, placesByInterval } from '../../src/statistics/estimates.ts';
import { observationsOf } from '../../src/scores/observations.ts';
import { summarize } from '../../src/statistics/summary.ts';
import { scored } from '../support/scores.ts';

/** Each value in a cluster of its own. */
function alone(values: readonly number[]): Observation[] {
  return values.map((value, at) => ({ value, cluster: String(at) }));
}

/** "Student" (1908), The probable error of a mean: the extra hours of sleep of ten patients, first and second drug. */
const SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

const observations = fc.array(
  fc.record({
    value: fc.integer({ min: 0, max: 36 }).map((each) => each / 4),
    cluster: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('a mean with its interval', () => {
  it("is the published t interval of Student's sleep data where every value stands alone", () => {
    const differences = SLEEP_2.map((value, at) => value - (SLEEP_1[at] ?? 0));
    const estimate = estimateMean(alone(differences));
    expect(estimate?.mean).toBeCloseTo(1.58, 9);
    expect(estimate?.interval?.low).toBeCloseTo(0.7001142, 6);
    expect(estimate?.interval?.high).toBeCloseTo(2.4598858, 6);
  });

  it("is the t interval of the clusters' means where clusters are of equal size", () => {
    const means = [4, 7, 5, 9, 6];
    const observations = means.flatMap((mean, at) =>
      [-1, 0, 1].map((step) => ({ value: mean + step, cluster: String(at) })),
    );
    const clustered = estimateMean(observations)?.interval;
    const plain = estimateMean(alone(means))?.interval;
    expect(clustered?.low).toBeCloseTo(plain?.low ?? 0, 9);
    expect(clustered?.high).toBeCloseTo(plain?.high ?? 0, 9);
  });

  it('does not grow narrower when every value is repeated within its cluster', () => {
    const values = [3, 5, 8, 4, 6];
    const twice = alone([...values, ...values]).map((each, at) => ({ ...each, cluster: String(at % 5) }));
    expect(estimateMean(twice)?.interval?.low).toBeCloseTo(
      estimateMean(alone(values))?.interval?.low ?? 0,
      9,
    );
    expect(estimateMean(twice)).toMatchObject({ count: 10, clusters: 5 });
  });

  it('has no interval for a few clusters, or for more of which one outweighs the rest', () => {
    expect(estimateMean(alone([7, 8, 5, 4]))).toMatchObject({ clusters: 4, interval: undefined });
    expect(estimateMean(alone([7, 8, 5, 4, 6]))?.interval).toBeDefined();
    const heavy = Array.from({ length: 40 }, (_, at) => ({ value: at % 7, cluster: 'heavy' }));
    expect(estimateMean([...alone([7, 8, 5, 4, 6]), ...heavy])).toMatchObject({
      clusters: 6,
      interval: undefined,
    });
  });

  it('has no interval for a single cluster, and is nothing without values', () => {
    expect(
      estimateMean([
        { value: 7, cluster: 'e' },
        { value: 8, cluster: 'e' },
      ])?.interval,
    ).toBeUndefined();
    expect(estimateMean([])).toBeUndefined();
  });

  it('has a mean between the least and the greatest value, and an interval around the mean', () => {
    fc.assert(
      fc.property(observations, (list) => {
        const { mean, min, max, interval } = estimateMean(list)!;
        const low = interval?.low ?? mean;
        const high = interval?.high ?? mean;
        expect([min <= mean, mean <= max, low <= mean, mean <= high]).toEqual([true, true, true, true]);
      }),
    );
  });

  it('clusters scores by what is asked for', () => {
    const rows = ['e_1', 'e_1', 'e_2'].map((essay, at) =>
      scored({ parentGenId: essay, genId: `v_${at}`, score: at }),
    );
    const by = (clustering: 'combo' | 'essay' | 'evaluation') =>
      estimateMean(observationsOf(rows, clustering))?.clusters;
    expect([by('combo'), by('essay'), by('evaluation')]).toEqual([1, 2, 3]);
  });
});

describe('a summary', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

  it('has a mean between the least and the greatest value, and no spread among equals', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { mean, min, max } = summarize(list)!;
        expect(mean >= min && mean <= max).toBe(true);
      }),
    );
    expect(summarize([0.1, 0.1, 0.1])).toEqual({ count: 3, mean: 0.1, std: 0, min: 0.1, max: 0.1 });
  });

  it('does not depend on the order of the values in any digit', () => {
    fc.assert(
      fc.property(
        values.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(summarize(shuffled)).toEqual(summarize(list));
        },
      ),
    );
  });
});

describe('places by interval', () => {
  const entry = (name: string, mean: number, half?: number) => {
    const interval = half === undefined ? undefined : { low: mean - half, high: mean + half };
    const estimate: Estimate = {
      count: 2,
      mean,
      std: 1,
      min: mean,
      max: mean,
      clusters: 2,
      error: 1,
      degrees: 1,
      interval,
    };
    return { name, estimate };
  };
  const places = (...entries: readonly ReturnType<typeof entry>[]) =>
    placesByInterval(entries).map((place, at) => [entries[at]?.name, place]);

  it('tie where intervals overlap, and follow each other where they do not', () => {
    expect(
      places(entry('c', 3, 0.5), entry('a', 8, 0.5), entry('b', 7.5, 0.5), entry('d', 2.9, 0.5)),
    ).toEqual([
      ['c', 3],
      ['a', 1],
      ['b', 1],
      ['d', 3],
    ]);
  });

  it('let a wide interval share the first place, and leave what has none unplaced by others', () => {
    expect(
      places(entry('sure', 8, 0.1), entry('lower', 7, 0.1), entry('wide', 6, 3), entry('unknown', 1)),
    ).toEqual([
      ['sure', 1],
      ['lower', 2],
      ['wide', 1],
      ['unknown', 1],
    ]);
  });
});
