// Means, and differences of means, of numbers that depend on each other within clusters. Knows nothing of what is estimated.
import { studentBeyond, studentHalf } from './distributions/student.ts';
import { meanWithin } from './summary.ts';

/** One number with the name of what it is not independent of, such as the combo that its text was made from. */
export interface Observation {
  readonly value: number;
  readonly cluster: string;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How sure one may be of a number: enough clusters, or too few to say. */
export interface Precision {
  readonly clusters: number;
  /** The standard error; undefined with a single cluster, which says nothing of how others would fall out. */
  readonly error: number | undefined;
  /** Satterthwaite's degrees of freedom; at most the clusters less one. */
  readonly degrees: number | undefined;
  /** The 95 % interval; undefined with too few clusters to say. */
  readonly interval: Interval | undefined;
}

export interface Contrast extends Precision {
  readonly value: number;
  /** The two-sided p-value of the t test against 0; undefined with too few clusters to say. */
  readonly p: number | undefined;
}

/**
 * With fewer degrees of freedom the approximation by t is not to be relied upon: five clusters of equal size have four.
 *
 * Source: E. Tipton, Small sample adjustments for robust variance estimation with meta-regression, Psychological Methods 20 (2015).
 */
const LEAST_DEGREES = 4;

/** Observations whose mean enters a contrast with a weight. */
export interface Side {
  readonly weight: number;
  readonly observations: readonly Observation[];
}

/**
 * The weighted sum of the sides' means with its 95 % interval, where observations of the same cluster may depend on each other in
 * any way, on the same side or across sides. One side of weight 1 is a mean, two of weights 1 and -1 are a difference that is
 * not paired.
 *
 * The regression of the values on the sides with the bias-reduced clustered variance CR2 under a working model of independence,
 * and t with Satterthwaite's degrees of freedom. For n observations of a side with mean m, of which n_g are in cluster g:
 * the residuals of g, added up, count (1 - n_g / n)^(-1/2) / n each; the variance is the sum over clusters of the square of the
 * weighted sum over sides of that. For one side with clusters of equal size this is the ordinary t interval of the clusters' means.
 *
 * Sources: R. M. Bell and D. F. McCaffrey, Bias reduction in standard errors for linear regression with multi-stage samples, Survey
 * Methodology 28 (2002); J. E. Pustejovsky and E. Tipton, Small-sample methods for cluster-robust variance estimation and hypothesis
 * testing in fixed effects models, Journal of Business & Economic Statistics 36 (2018), whose equations reduce to these sums where
 * the regressors are membership of a side. For scores of language models E. Miller, Adding error bars to evals (2024),
 * arXiv:2411.00640.
 *
 * Undefined where a side has no observations.
 */
export function contrastOfMeans(sides: readonly Side[]): Contrast | undefined {
  const numbers = new Map<string, number>();
  const numberOf = (cluster: string): number => {
    const known = numbers.get(cluster);
    if (known === undefined) numbers.set(cluster, numbers.size);
    return known ?? numbers.size - 1;
  };
  return contrastOfColumns(
    sides.map(({ weight, observations }) => ({
      weight,
      values: Float64Array.from(observations, ({ value }) => value),
      clusters: Int32Array.from(observations, ({ cluster }) => numberOf(cluster)),
    })),
  );
}

/** The same of numbers and their clusters' numbers, side by side. */
export interface ColumnSide {
  readonly weight: number;
  readonly values: Float64Array;
  readonly clusters: Int32Array;
}

export function contrastOfColumns(sides: readonly ColumnSide[]): Contrast | undefined {
  const summed = sides.flatMap((side) => summedSide(side) ?? []);
  return summed.length < sides.length ? undefined : contrastOfSums(summed);
}

/** A side of which each cluster is added up already. */
export interface SideSums {
  readonly mean: number;
  /** Of all its numbers. */
  readonly count: number;
  /** The numbers of its clusters, ascending. */
  readonly clusters: ArrayLike<number>;
  /** Of each cluster how many numbers it has, and the sum of their distances from the mean. */
  readonly counts: ArrayLike<number>;
  readonly residuals: ArrayLike<number>;
}

type SummedSide = SideSums & Pick<Side, 'weight'>;

function summedSide({ weight, values, clusters: of }: ColumnSide): SummedSide | undefined {
  const mean = meanWithin(values);
  if (mean === undefined) return undefined;
  let most = 0;
  for (let at = 0; at < of.length; at++) most = Math.max(most, of[at] ?? 0);
  const counts = new Int32Array(most + 1);
  const residuals = new Float64Array(most + 1);
  for (let at = 0; at < values.length; at++) {
    const cluster = of[at] ?? 0;
    counts[cluster] = (counts[cluster] ?? 0) + 1;
    residuals[cluster] = (residuals[cluster] ?? 0) + ((values[at] ?? 0) - mean);
  }
  const clusters = Int32Array.from(counts.keys()).filter((cluster) => counts[cluster] !== 0);
  return {
    weight,
    mean,
    count: values.length,
    clusters,
    counts: clusters.map((cluster) => counts[cluster] ?? 0),
    residuals: Float64Array.from(clusters, (cluster) => residuals[cluster] ?? 0),
  };
}

/** `contrastOfMeans` of sides whose clusters are added up. */
export function contrastOfSums(sides: readonly SummedSide[]): Contrast {
  const value = sides.reduce((total, { weight, mean }) => total + weight * mean, 0);
  const { clusters, variance, degrees } = varianceOf(sides);
  return {
    value,
    clusters,
    ...tested(value, variance === undefined ? undefined : Math.sqrt(variance), degrees),
  };
}

/** The mean of numbers of which only each cluster's count and sum are known, as `contrastOfMeans` gives it. Undefined for none. */
export function meanOfSums(counts: ArrayLike<number>, sums: ArrayLike<number>): Contrast | undefined {
  const clusters = counts.length;
  let [count, total] = [0, 0];
  for (let at = 0; at < clusters; at++) {
    count += counts[at] ?? 0;
    total += sums[at] ?? 0;
  }
  if (count === 0) return undefined;
  const value = total / count;
  const residuals = new Float64Array(clusters);
  for (let at = 0; at < clusters; at++) residuals[at] = (sums[at] ?? 0) - (counts[at] ?? 0) * value;
  const { error, degrees } = errorOf(counts, residuals, { from: 0, to: clusters, count });
  return { value, clusters, ...tested(value, error, degrees) };
}

/**
 * How sure one may be of a mean, which is known, as `contrastOfMeans` has it of one side: of each cluster from one place up to another
 * how many numbers it has, and the sum of their distances from the mean; `count`: of all numbers.
 */
export function precisionOfMean(
  mean: number,
  counts: ArrayLike<number>,
  residuals: ArrayLike<number>,
  range: { readonly from: number; readonly to: number; readonly count: number },
): Precision {
  const { error, degrees } = errorOf(counts, residuals, range);
  return { clusters: range.to - range.from, error, degrees, interval: intervalOf(mean, error, degrees) };
}

/** The same where each number stands alone; `squares`: the sum of the squares of their distances from the mean. */
export function precisionOfSingles(mean: number, count: number, squares: number): Precision {
  if (count < 2) return { clusters: count, error: undefined, degrees: undefined, interval: undefined };
  const error = Math.sqrt(squares / (count - 1) / count);
  return { clusters: count, error, degrees: count - 1, interval: intervalOf(mean, error, count - 1) };
}

/** `varianceOf` for one side of weight 1; nothing where a single cluster has all. */
function errorOf(
  counts: ArrayLike<number>,
  residuals: ArrayLike<number>,
  { from, to, count: all }: { readonly from: number; readonly to: number; readonly count: number },
): Pick<Precision, 'error' | 'degrees'> {
  let [variance, trace, square, crossed] = [0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const count = counts[at] ?? 0;
    if (count === all) return { error: undefined, degrees: undefined };
    const factor = 1 / Math.sqrt(1 - count / all);
    const contribution = (factor * (residuals[at] ?? 0)) / all;
    const diagonal = (factor * factor * count) / (all * all);
    const shared = (factor * factor * count * count) / (all * all * all);
    variance += contribution * contribution;
    trace += diagonal - shared;
    square += diagonal * diagonal - 2 * diagonal * shared;
    crossed += shared;
  }
  return { error: Math.sqrt(variance), degrees: (trace * trace) / (square + crossed * crossed) };
}

/** An interval and a p-value from an estimate, its standard error and its degrees of freedom; none with too few of these. */
function tested(
  value: number,
  error: number | undefined,
  degrees: number | undefined,
): Pick<Contrast, 'error' | 'degrees' | 'interval' | 'p'> {
  const interval = intervalOf(value, error, degrees);
  if (interval === undefined || error === undefined || degrees === undefined)
    return { error, degrees, interval: undefined, p: undefined };
  const p = error === 0 ? (value === 0 ? 1 : 0) : studentBeyond(value / error, degrees);
  return { error, degrees, interval, p };
}

function intervalOf(
  value: number,
  error: number | undefined,
  degrees: number | undefined,
): Interval | undefined {
  // Five equal clusters have four degrees but for rounding.
  if (error === undefined || degrees === undefined || !(degrees > LEAST_DEGREES - 1e-6)) return undefined;
  const half = halfOf(degrees) * error;
  return { low: value - half, high: value + half };
}

/** Most designs have a few degrees of freedom over and over. */
const HALVES = new Map<number, number>();
const MOST_HALVES = 10_000;

function halfOf(degrees: number): number {
  const known = HALVES.get(degrees);
  if (known !== undefined) return known;
  if (HALVES.size >= MOST_HALVES) HALVES.clear();
  const half = studentHalf(0.95, degrees);
  HALVES.set(degrees, half);
  return half;
}

/**
 * The variance, and Satterthwaite's ν = (tr P)² / tr P², where P_gh is the covariance of what two clusters contribute under the
 * working model: δ_gh D_g - Σ over sides of b_g b_h, with a = (1 - n_g / n)^(-1/2), D_g = Σ w² a² n_g / n² and
 * b_g = w a n_g / n^(3/2). Nothing of either where a cluster has all of a side.
 */
function varianceOf(sides: readonly SummedSide[]): {
  readonly clusters: number;
  readonly variance: number | undefined;
  readonly degrees: number | undefined;
} {
  let [clusters, variance, trace, square] = [0, 0, 0, 0];
  let alone = false;
  const many = sides.length;
  const crossed = new Float64Array(many * many);
  const shares = new Float64Array(many);
  // All sides at once, from cluster to cluster: of each side the place that comes next.
  const next = new Int32Array(many);
  for (;;) {
    let cluster = Infinity;
    for (let at = 0; at < many; at++)
      cluster = Math.min(cluster, sides[at]?.clusters[next[at] ?? 0] ?? Infinity);
    if (cluster === Infinity) break;
    clusters++;
    let [contribution, diagonal, shared] = [0, 0, 0];
    for (let at = 0; at < many; at++) {
      const side = sides[at];
      const place = next[at] ?? 0;
      shares[at] = 0;
      if (side?.clusters[place] !== cluster) continue;
      next[at] = place + 1;
      const { weight, count: all } = side;
      const count = side.counts[place] ?? 0;
      if (count === all) alone = true;
      const factor = weight / Math.sqrt(1 - count / all);
      contribution += (factor * (side.residuals[place] ?? 0)) / all;
      diagonal += (factor ** 2 * count) / all ** 2;
      const share = (factor * count) / all ** 1.5;
      shares[at] = share;
      shared += share ** 2;
    }
    variance += contribution ** 2;
    trace += diagonal - shared;
    square += diagonal ** 2 - 2 * diagonal * shared;
    for (let one = 0; one < many; one++)
      for (let other = 0; other < many; other++) {
        const place = one * many + other;
        crossed[place] = (crossed[place] ?? 0) + (shares[one] ?? 0) * (shares[other] ?? 0);
      }
  }
  if (alone) return { clusters, variance: undefined, degrees: undefined };
  for (const each of crossed) square += each ** 2;
  return { clusters, variance, degrees: trace ** 2 / square };
}
