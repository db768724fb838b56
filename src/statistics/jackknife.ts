// How sure one may be of a number that is no mean, such as a correlation: it is computed again without each cluster. Knows no such number.
import type { Interval } from './clustered.ts';
import { studentHalf } from './distributions/student.ts';

export interface Jackknifed {
  /** Undefined where it can not be computed. */
  readonly value: number | undefined;
  readonly clusters: number;
  /** The 95 % interval; undefined with fewer than five clusters, or where leaving one out leaves nothing to compute. */
  readonly interval: Interval | undefined;
}

const LEAST_CLUSTERS = 5;

/**
 * A number between -1 and 1 with the interval of the delete-one jackknife over clusters, on the scale of Fisher's z: for G clusters the
 * variance of z is (G - 1) / G × Σ (z without g - their mean)², and the interval is that of t, turned back. Its degrees of freedom are one
 * less than the clusters in effect, (Σ n)² / Σ n² for n items each: of combos of which people rated one text or four, ten say less than
 * ten alike do.
 *
 * Sources: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 11; for z R. A. Fisher, Statistical Methods
 * for Research Workers (1925), section 35; for the clusters in effect L. Kish, Survey Sampling (1965), section 11.7.
 */
export function jackknife<T>(
  clusters: readonly (readonly T[])[],
  statistic: (items: readonly T[]) => number | undefined,
): Jackknifed {
  const value = statistic(clusters.flat());
  const known = { value, clusters: clusters.length, interval: undefined };
  if (value === undefined || clusters.length < LEAST_CLUSTERS) return known;
  const without = clusters.map((_, left) => statistic(clusters.filter((__, at) => at !== left).flat()));
  const zs = without.flatMap((each) => (each === undefined ? [] : [Math.atanh(each)]));
  const center = Math.atanh(value);
  if (zs.length < clusters.length || ![center, ...zs].every(Number.isFinite)) return known;
  const mean = zs.reduce((total, each) => total + each, 0) / zs.length;
  const squares = zs.reduce((total, each) => total + (each - mean) ** 2, 0);
  const half = studentHalf(0.95, inEffect(clusters) - 1) * Math.sqrt(((zs.length - 1) / zs.length) * squares);
  return { ...known, interval: { low: Math.tanh(center - half), high: Math.tanh(center + half) } };
}

function inEffect(clusters: readonly (readonly unknown[])[]): number {
  let [items, squares] = [0, 0];
  for (const { length } of clusters) {
    items += length;
    squares += length ** 2;
  }
  return items ** 2 / squares;
}
