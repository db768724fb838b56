// Means with intervals, and places in a ranking that the intervals bear out. Knows nothing of what is estimated.
import { studentT95 } from './student.ts';
import { sum, summarize, type Summary } from './summary.ts';

/** One number with the name of what it is not independent of, such as the essay that was judged. */
export interface Observation {
  readonly value: number;
  readonly cluster: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate extends Summary {
  readonly clusters: number;
  /** The 95 % interval of the mean; undefined with a single cluster, which says nothing of how others would fall out. */
  readonly interval: Interval | undefined;
}

/**
 * A mean with its 95 % interval, in which observations of the same cluster may depend on each other in any way.
 *
 * Variance of the mean: G / (G - 1) × Σ over clusters of (Σ of (value - mean) within the cluster)² / n², for n observations in
 * G clusters; the interval is the mean ± t(0.975, G - 1) × its root. With a single observation a cluster this is the ordinary
 * t interval, with clusters of equal size the t interval of the clusters' means.
 *
 * Sources: K.-Y. Liang and S. L. Zeger, Longitudinal data analysis using generalized linear models, Biometrika 73 (1986); for
 * the correction and the degrees of freedom A. C. Cameron and D. L. Miller, A practitioner's guide to cluster-robust inference,
 * Journal of Human Resources 50 (2015); for scores of language models E. Miller, Adding error bars to evals (2024),
 * arXiv:2411.00640.
 *
 * Undefined for no observations.
 */
export function estimateMean(observations: readonly Observation[]): Estimate | undefined {
  const summary = summarize(observations.map(({ value }) => value));
  if (summary === undefined) return undefined;
  const sums = clustersOf(observations).map((values) => sum(values.map((value) => value - summary.mean)));
  return { ...summary, clusters: sums.length, interval: intervalOf(summary, sums) };
}

/** The values of each cluster. */
export function clustersOf(observations: readonly Observation[]): number[][] {
  const clusters = new Map<string, number[]>();
  for (const { value, cluster } of observations) {
    const values = clusters.get(cluster);
    if (values === undefined) clusters.set(cluster, [value]);
    else values.push(value);
  }
  return [...clusters.values()];
}

/** `sums`: the residuals of each cluster, added up. */
function intervalOf({ mean, count }: Summary, sums: readonly number[]): Interval | undefined {
  const clusters = sums.length;
  if (clusters < 2) return undefined;
  const variance = ((clusters / (clusters - 1)) * sum(sums.map((each) => each ** 2))) / count ** 2;
  const half = studentT95(clusters - 1) * Math.sqrt(variance);
  return { low: mean - half, high: mean + half };
}

export type Placed<T> = T & {
  /** 1 plus the number of entries whose whole interval lies above this one's: the best place that the data allow. */
  readonly place: number;
};

/**
 * Best mean first, with places that tie where intervals overlap: an entry is placed behind another only when its interval lies
 * wholly below. An entry without an interval is behind nobody, and nobody is behind it. Intervals that just overlap may
 * still belong to means that differ, so a tie says "not shown to differ", not "equal".
 *
 * Source: the ranking of W.-L. Chiang et al., Chatbot Arena (2024), arXiv:2403.04132, section 5; on overlap as a test,
 * N. Schenker and J. F. Gentleman, On judging the significance of differences by examining the overlap between confidence
 * intervals, The American Statistician 55 (2001).
 */
export function placeByInterval<T extends { readonly estimate: Estimate }>(
  entries: readonly T[],
): Placed<T>[] {
  const lows = entries.flatMap(({ estimate }) => estimate.interval?.low ?? []).sort((a, b) => a - b);
  return entries
    .toSorted((a, b) => b.estimate.mean - a.estimate.mean)
    .map((entry) => ({ ...entry, place: 1 + above(lows, entry.estimate.interval?.high ?? Infinity) }));
}

/** How many of the ascending numbers are greater. */
function above(ascending: readonly number[], limit: number): number {
  let start = 0;
  let end = ascending.length;
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((ascending[middle] ?? 0) > limit) end = middle;
    else start = middle + 1;
  }
  return ascending.length - start;
}
