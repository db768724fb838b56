// Krippendorff's alpha: whether those who gave values to the same units agree. Knows nothing of what the values are.
import type { Interval } from '../clustered.ts';
import { bootstrapped, type ClusteredLists, type Coefficient } from './bootstrap.ts';
import { momentsOf, type NumberLists } from './lists.ts';

/** `interval` takes scores as numbers, `ordinal` only their order. */
export type Metric = 'ordinal' | 'interval';

/**
 * Krippendorff's alpha of the values that were given to each unit: 1 for agreement, 0 for what chance would give, below 0 for
 * systematic disagreement. A unit with fewer than two values takes no part. Undefined where nothing can be said: no unit with
 * two values, or no variation at all.
 *
 * alpha = 1 - Do / De, with Do the mean squared difference of values within units, each unit's pairs weighted by 1 / (m - 1)
 * for m values, and De that of all pairable values regardless of unit. The squared difference of two values is that of the
 * numbers (interval), or that of the ranks: the number of pairable values from one to the other, those two counted by half
 * (ordinal).
 *
 * Source: K. Krippendorff, Computing Krippendorff's alpha-reliability (2011), University of Pennsylvania,
 * https://repository.upenn.edu/asc_papers/43, sections C and D.
 */
export function krippendorffAlpha({ values, starts }: NumberLists, metric: Metric): number | undefined {
  const pairable: number[] = [];
  let count = 0;
  for (let unit = 0; unit + 1 < starts.length; unit++) {
    const size = (starts[unit + 1] ?? 0) - (starts[unit] ?? 0);
    if (size < 2) continue;
    pairable.push(unit);
    count += size;
  }
  if (count === 0) return undefined;
  const all = new Float64Array(count);
  const ends: number[] = [];
  let next = 0;
  for (const unit of pairable) {
    for (let at = starts[unit] ?? 0; at < (starts[unit + 1] ?? 0); at++) all[next++] = values[at] ?? 0;
    ends.push(next);
  }
  // In ascending order, so that the order of the units makes no difference.
  const ascending = all.toSorted();
  const { scaled, sorted } =
    metric === 'interval' ? { scaled: all, sorted: ascending } : midranks(all, ascending);
  const expected = squaredDifferences(sorted, 0, count) / (count - 1);
  if (expected === 0) return undefined;
  let observed = 0;
  let from = 0;
  for (const to of ends) {
    observed += squaredDifferences(scaled, from, to) / (to - from - 1);
    from = to;
  }
  return 1 - observed / expected;
}

/** The 95 % interval of alpha with the interval metric, for further clusters of units. */
export function alphaInterval(units: ClusteredLists): Interval | undefined {
  return bootstrapped(units, ALPHA);
}

/** From n values, their sum S, that of their squares Q, and the disagreement W within units: 1 - alpha = (n - 1) W / (n Q - S²). */
const ALPHA: Coefficient = {
  least: 2,
  terms: ({ count, mean, squares }) => [
    count,
    count * mean,
    squares + count * mean ** 2,
    (count * squares) / (count - 1),
  ],
  lack([count = 0, sum = 0, square = 0, within = 0]) {
    return Math.log(((count - 1) * within) / (count * square - sum ** 2));
  },
  slopes([count = 0, sum = 0, square = 0, within = 0]) {
    const apart = count * square - sum ** 2;
    return [1 / (count - 1) - square / apart, (2 * sum) / apart, -count / apart, 1 / within];
  },
};

/**
 * Half the sum of squared differences over all ordered pairs, as count times the sum of squares about the mean. The ordinal
 * difference of two values is that of their midranks, so one formula serves both metrics.
 */
function squaredDifferences(values: Float64Array, from: number, to: number): number {
  return (to - from) * momentsOf(values, from, to).squares;
}

/** Of each value the mean place of such values among all in ascending order; in their own order, and in ascending order. */
function midranks(
  all: Float64Array,
  ascending: Float64Array,
): { readonly scaled: Float64Array; readonly sorted: Float64Array } {
  const sorted = new Float64Array(all.length);
  const firsts: number[] = [];
  for (let from = 0; from < ascending.length;) {
    const value = ascending[from] ?? 0;
    let to = from;
    while (to < ascending.length && ascending[to] === value) to++;
    sorted.fill((from + to + 1) / 2, from, to);
    firsts.push(from);
    from = to;
  }
  // Mostly the values are few: they are found by halving.
  const scaled = all.map((value) => {
    let [low, high] = [0, firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((ascending[firsts[middle] ?? 0] ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    return sorted[firsts[low] ?? 0] ?? 0;
  });
  return { scaled, sorted };
}
