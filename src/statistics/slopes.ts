// How steeply one number rises with another, beyond what goes with two kinds of groups. Knows nothing of what they are.
import { type Contrast, meanOfClusters } from './clustered.ts';
import { studentBeyond } from './distributions/student.ts';
import { keyNumbers } from './groups.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** What it is not independent of; its own level of y and of x falls out. */
  readonly cluster: string;
  /** Another kind of group whose level falls out. */
  readonly group: string;
}

const MOST_ROUNDS = 500;

/**
 * The slope of y on x within clusters and groups: that of the regression with an effect for each cluster and each group, by taking their
 * means off both numbers until none is left. Its variance is the bias-reduced one of clusters, CR2 with Satterthwaite's degrees of freedom,
 * for the one regressor that remains; the groups' means, each estimated from G clusters, make it G / (G - 1) times larger.
 *
 * Sources: that means may be taken off, R. Frisch and F. V. Waugh, Partial time regressions, Econometrica 1 (1933); the variance as in
 * `contrastOfMeans`, with Σ x² in place of counts.
 *
 * Undefined where x does not vary within them.
 */
export function slopeWithin(points: readonly Point[]): Contrast | undefined {
  const [clusterOf, groupOf] = [keyNumbers(), keyNumbers()];
  const clusters = points.map(({ cluster }) => clusterOf([cluster]));
  const groups = points.map(({ group }) => groupOf([group]));
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)].map((values) =>
    within(values, clusters, groups),
  );
  if (xs === undefined || ys === undefined) return undefined;
  const sums: { count: number; sum: number }[] = [];
  for (const [at, cluster] of clusters.entries()) {
    const [x, y] = [xs[at] ?? 0, ys[at] ?? 0];
    const own = (sums[cluster] ??= { count: 0, sum: 0 });
    own.count += x * x;
    own.sum += x * y;
  }
  const total = sums.reduce((all, { count }) => all + count, 0);
  const scale = points.reduce((most, { x }) => Math.max(most, Math.abs(x)), 0) ** 2 * points.length;
  if (!(total > 1e-12 * scale)) return undefined;
  const varying = sums.filter(({ count }) => count > 1e-12 * total);
  const slope = meanOfClusters(varying);
  return slope === undefined ? undefined : widened(slope, Math.sqrt(varying.length / (varying.length - 1)));
}

function widened({ value, error, interval, degrees, p, clusters }: Contrast, by: number): Contrast {
  if (error === undefined || interval === undefined || degrees === undefined)
    return { value, error, interval, degrees, p, clusters };
  const half = by * (interval.high - value);
  return {
    value,
    clusters,
    degrees,
    error: by * error,
    interval: { low: value - half, high: value + half },
    p: error === 0 ? p : studentBeyond(value / (by * error), degrees),
  };
}

/** What is left of the values once the means of both kinds of groups are off. */
function within(
  values: readonly number[],
  clusters: readonly number[],
  groups: readonly number[],
): Float64Array {
  const left = Float64Array.from(values);
  const size = left.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moved = Math.max(centred(left, clusters), centred(left, groups));
    if (moved <= 1e-13 * size) break;
  }
  return left;
}

/** Takes the mean of each group off; the largest of them. */
function centred(values: Float64Array, groups: readonly number[]): number {
  const sums: number[] = [];
  const counts: number[] = [];
  for (const [at, group] of groups.entries()) {
    sums[group] = (sums[group] ?? 0) + (values[at] ?? 0);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  let most = 0;
  for (const [at, group] of groups.entries()) {
    const mean = (sums[group] ?? 0) / (counts[group] ?? 1);
    values[at] = (values[at] ?? 0) - mean;
    most = Math.max(most, Math.abs(mean));
  }
  return most;
}
