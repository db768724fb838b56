// Means with intervals, and places in a ranking that the intervals bear out. Knows nothing of what is estimated.
import { contrastOfMeans, type Observation, type Precision } from './clustered.ts';
import { summarize, type Summary } from './summary.ts';

export interface Estimate extends Summary, Precision {}

/** A mean with its 95 % interval, in which observations of the same cluster may depend on each other. Undefined for none. */
export function estimateMean(observations: readonly Observation[]): Estimate | undefined {
  const summary = summarize(observations.map(({ value }) => value));
  const precision = contrastOfMeans([{ weight: 1, observations }]);
  if (summary === undefined || precision === undefined) return undefined;
  const { clusters, error, degrees, interval } = precision;
  return { ...summary, clusters, error, degrees, interval };
}

export type Placed<T> = T & {
  /** 1 plus the number of entries that are shown to be above: the best place that the data allow. Undefined where none was told. */
  readonly place: number | undefined;
};

/**
 * Of each entry its place, with places that tie where intervals overlap: an entry is placed behind another only when its interval lies
 * wholly below. An entry without an interval is behind nobody, and nobody is behind it. Intervals that just overlap may
 * still belong to means that differ, so a tie says "not shown to differ", not "equal".
 *
 * Source: the ranking of W.-L. Chiang et al., Chatbot Arena (2024), arXiv:2403.04132, section 5; on overlap as a test,
 * N. Schenker and J. F. Gentleman, On judging the significance of differences by examining the overlap between confidence
 * intervals, The American Statistician 55 (2001).
 */
export function placesByInterval(entries: readonly { readonly estimate: Estimate }[]): number[] {
  const lows = Float64Array.from(entries.flatMap(({ estimate }) => estimate.interval?.low ?? [])).sort();
  return entries.map(({ estimate }) => 1 + above(lows, estimate.interval?.high ?? Infinity));
}

/** How many of the ascending numbers are greater. */
function above(ascending: Float64Array, limit: number): number {
  let start = 0;
  let end = ascending.length;
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((ascending[middle] ?? 0) > limit) end = middle;
    else start = middle + 1;
  }
  return ascending.length - start;
}
