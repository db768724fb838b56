// How many more replicates it would take to tell two means apart. Knows no prices.
import { summarize } from '../summary.ts';

/** The 97.5 % and the 80 % point of the standard normal distribution: an error of 5 % on both sides, a power of 80 %. */
const LEVEL = 1.959963984540054;
const POWER = 0.8416212335729143;

export interface Separation {
  /** Independent units that each side needs in all. */
  readonly each: number;
  /** How many of them are still missing on each side. */
  readonly moreA: number;
  readonly moreB: number;
}

/**
 * The number of units (clusters: essays, or single evaluations of one essay) with which a difference of that size, or as
 * large as the one seen, would be found in 80 of 100 experiments, at the 5 % level, two-sided; it takes the spread seen now for the true one. Pairs
 * (the same judge, the same draft) are not exploited, so the number errs on the high side.
 *
 * n = (z(0.975) + z(0.80))² × (varianceA + varianceB) / (meanA - meanB)² for each side, rounded up. A side with a single unit
 * is given the other side's variance. `a` and `b` have the mean of each unit.
 *
 * Source: S.-C. Chow, J. Shao and H. Wang, Sample Size Calculations in Clinical Research, chapter on comparing means, two-sample
 * parallel design, test for equality.
 *
 * Undefined where no number would do or none can be told: equal means, no units, or a single unit on both sides.
 */
export function replicatesToSeparate(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  difference?: number,
): Separation | undefined {
  const [one, other] = [summarize(Array.from(a)), summarize(Array.from(b))];
  const size = difference ?? (one === undefined || other === undefined ? 0 : one.mean - other.mean);
  if (one === undefined || other === undefined || size === 0) return undefined;
  const spreadOne = one.std ?? other.std;
  const spreadOther = other.std ?? one.std;
  if (spreadOne === undefined || spreadOther === undefined) return undefined;
  const variance = spreadOne ** 2 + spreadOther ** 2;
  const each = Math.ceil(((LEVEL + POWER) ** 2 * variance) / size ** 2);
  return { each, moreA: Math.max(0, each - one.count), moreB: Math.max(0, each - other.count) };
}
