// How steeply one number rises with another, beyond what goes with two kinds of groups. Knows nothing of what they are.
import { type Contrast, meanOfSums } from './clustered.ts';
import { studentBeyond } from './distributions/student.ts';

/** Side by side, a place a point. */
export interface Points {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** The number of what it is not independent of; its own level of y and of x falls out. */
  readonly clusters: Int32Array;
  /** Another kind of group whose level falls out. */
  readonly groups: Int32Array;
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
export function slopeWithin(points: Points): Contrast | undefined {
  const [clusters, groups] = [closedUp(points.clusters), closedUp(points.groups)];
  const [xs, ys] = [within(points.xs, clusters, groups), within(points.ys, clusters, groups)];
  const counts = new Float64Array(clusters.size);
  const sums = new Float64Array(clusters.size);
  let total = 0;
  for (let at = 0; at < xs.length; at++) {
    const [x, y, cluster] = [xs[at] ?? 0, ys[at] ?? 0, clusters.of[at] ?? 0];
    counts[cluster] = (counts[cluster] ?? 0) + x * x;
    sums[cluster] = (sums[cluster] ?? 0) + x * y;
    total += x * x;
  }
  const scale = points.xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0) ** 2 * xs.length;
  if (!(total > 1e-12 * scale)) return undefined;
  const varies = (_: number, cluster: number): boolean => (counts[cluster] ?? 0) > 1e-12 * total;
  const [varying, products] = [counts.filter(varies), sums.filter(varies)];
  const slope = meanOfSums(varying, products);
  return slope === undefined ? undefined : widened(slope, Math.sqrt(varying.length / (varying.length - 1)));
}

interface Grouping {
  readonly of: Int32Array;
  readonly size: number;
  /** Of each group, one over its size. */
  readonly shares: Float64Array;
}

/** Only the groups that have a point, numbered in the order in which they first come. */
function closedUp(groups: Int32Array): Grouping {
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const of = groups.map((group) => {
    let number = numbers.get(group);
    if (number === undefined) numbers.set(group, (number = numbers.size));
    sizes[number] = (sizes[number] ?? 0) + 1;
    return number;
  });
  return { of, size: numbers.size, shares: Float64Array.from(sizes, (size) => 1 / size) };
}

function widened({ value, error, interval, degrees, p, clusters }: Contrast, by: number): Contrast {
  if (error === undefined || degrees === undefined) return { value, error, interval, degrees, p, clusters };
  const wider = { value, clusters, degrees, error: by * error };
  if (interval === undefined) return { ...wider, interval, p };
  const half = by * (interval.high - value);
  return {
    ...wider,
    interval: { low: value - half, high: value + half },
    p: error === 0 ? p : studentBeyond(value / (by * error), degrees),
  };
}

/** What is left of the values once the means of both kinds of groups are off. */
function within(values: Float64Array, clusters: Grouping, groups: Grouping): Float64Array {
  const left = values.slice();
  const size = left.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moved = Math.max(centred(left, clusters), centred(left, groups));
    if (moved <= 1e-13 * size) break;
  }
  return left;
}

/** Takes the mean of each group off; the largest of them. */
function centred(values: Float64Array, { of, size, shares }: Grouping): number {
  const means = new Float64Array(size);
  for (let at = 0; at < values.length; at++) {
    const group = of[at] ?? 0;
    means[group] = (means[group] ?? 0) + (values[at] ?? 0);
  }
  let most = 0;
  for (let group = 0; group < size; group++) {
    const mean = (means[group] ?? 0) * (shares[group] ?? 0);
    means[group] = mean;
    most = Math.max(most, Math.abs(mean));
  }
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) - (means[of[at] ?? 0] ?? 0);
  return most;
}
