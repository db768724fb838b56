// Krippendorff's alpha: whether those who gave values to the same units agree. Knows nothing of what the values are.
import { summarize } from '../summary.ts';

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
export function krippendorffAlpha(units: readonly (readonly number[])[], metric: Metric): number | undefined {
  const pairable = units.filter((unit) => unit.length > 1);
  const all = pairable.flat();
  if (all.length === 0) return undefined;
  const scale = metric === 'interval' ? (value: number): number => value : midrank(all);
  const expected = squaredDifferences(all.map(scale)) / (all.length - 1);
  if (expected === 0) return undefined;
  let observed = 0;
  for (const unit of pairable) observed += squaredDifferences(unit.map(scale)) / (unit.length - 1);
  return 1 - observed / expected;
}

/**
 * Half the sum of squared differences over all ordered pairs, as count times the sum of squares about the mean. The ordinal
 * difference of two values is that of their midranks, so one formula serves both metrics.
 */
function squaredDifferences(values: readonly number[]): number {
  const std = summarize(values)?.std ?? 0;
  return values.length * std ** 2 * (values.length - 1);
}

/** The mean place of a value among all values in ascending order. */
function midrank(all: readonly number[]): (value: number) => number {
  const ranks = new Map<number, number>();
  let below = 0;
  for (const [value, count] of counted(all)) {
    ranks.set(value, below + (count + 1) / 2);
    below += count;
  }
  return (value) => ranks.get(value) ?? 0;
}

/** Each value with how often it occurs, ascending. */
function counted(values: readonly number[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}
