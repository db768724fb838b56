// Means, and differences of means, of numbers that depend on each other within clusters. Knows nothing of what is estimated.
import { studentBeyond, studentHalf } from './distributions/student.ts';
import { summarize, summarizeRange } from './summary.ts';

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
  return contrastOf(
    sides.map(({ weight, observations }) => ({
      weight,
      count: observations.length,
      sums: sumsOf(observations),
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
  return contrastOf(
    sides.map((side) => ({ weight: side.weight, count: side.values.length, sums: sumsOfColumns(side) })),
  );
}

function contrastOf<K>(
  sides: readonly (SideWeight & { readonly sums: Sums<K> | undefined })[],
): Contrast | undefined {
  const sums = sides.flatMap((side) => side.sums ?? []);
  if (sums.length < sides.length) return undefined;
  const value = sides.reduce((total, { weight }, at) => total + weight * (sums[at]?.mean ?? 0), 0);
  const names = new Set(sums.flatMap(({ clusters }) => [...clusters.keys()]));
  const clusters = Array.from(names, (name) => sums.map((each) => each.clusters.get(name) ?? NOTHING));
  return contrastFrom(value, clusters, sides);
}

const NOTHING: Residuals = { count: 0, sum: 0 };

/** Observations by cluster, each less the mean of all. */
interface Sums<K> {
  readonly mean: number;
  readonly clusters: ReadonlyMap<K, Residuals>;
}

function sumsOf(observations: readonly Observation[]): Sums<string> | undefined {
  const mean = summarize(observations.map(({ value }) => value))?.mean;
  if (mean === undefined) return undefined;
  const clusters = new Map<string, Residuals>();
  for (const { cluster, value } of observations) addResidual(clusters, cluster, value - mean);
  return { mean, clusters };
}

/** A level is one side of many contrasts. */
const SUMS = new WeakMap<Float64Array, Sums<number>>();

function sumsOfColumns({ values, clusters: of }: ColumnSide): Sums<number> | undefined {
  const known = SUMS.get(values);
  if (known !== undefined) return known;
  const mean = summarizeRange(values.toSorted(), 0, values.length)?.mean;
  if (mean === undefined) return undefined;
  const clusters = new Map<number, Residuals>();
  for (let at = 0; at < values.length; at++) addResidual(clusters, of[at] ?? 0, (values[at] ?? 0) - mean);
  const found = { mean, clusters };
  SUMS.set(values, found);
  return found;
}

function addResidual<K>(clusters: Map<K, Residuals>, cluster: K, residual: number): void {
  let own = clusters.get(cluster);
  if (own === undefined) clusters.set(cluster, (own = { count: 0, sum: 0 }));
  own.count++;
  own.sum += residual;
}

/** What is left of a side for its variance. */
interface SideWeight {
  readonly weight: number;
  readonly count: number;
}

/** `clusters`: of each, its residuals on each side. */
function contrastFrom(
  value: number,
  clusters: readonly (readonly Residuals[])[],
  sides: readonly SideWeight[],
): Contrast {
  const alone = clusters.some((parts) => parts.some(({ count }, at) => count === sides[at]?.count));
  if (alone)
    return {
      value,
      clusters: clusters.length,
      error: undefined,
      degrees: undefined,
      interval: undefined,
      p: undefined,
    };
  const { variance, degrees } = varianceOf(clusters, sides);
  return { value, clusters: clusters.length, ...tested(value, Math.sqrt(variance), degrees) };
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

/** Of one cluster on one side. */
interface Residuals {
  count: number;
  sum: number;
}

/**
 * The variance, and Satterthwaite's ν = (tr P)² / tr P², where P_gh is the covariance of what two clusters contribute under the
 * working model: δ_gh D_g - Σ over sides of b_g b_h, with a = (1 - n_g / n)^(-1/2), D_g = Σ w² a² n_g / n² and
 * b_g = w a n_g / n^(3/2).
 */
function varianceOf(
  clusters: readonly (readonly Residuals[])[],
  sides: readonly SideWeight[],
): { readonly variance: number; readonly degrees: number } {
  let [variance, trace, square] = [0, 0, 0];
  const crossed = sides.map(() => sides.map(() => 0));
  for (const parts of clusters) {
    let contribution = 0;
    let diagonal = 0;
    const shares: number[] = [];
    for (const [at, { count, sum }] of parts.entries()) {
      const { weight = 0, count: all = 1 } = sides[at] ?? {};
      const factor = weight / Math.sqrt(1 - count / all);
      contribution += (factor * sum) / all;
      diagonal += (factor ** 2 * count) / all ** 2;
      shares.push((factor * count) / all ** 1.5);
    }
    const shared = shares.reduce((total, each) => total + each ** 2, 0);
    variance += contribution ** 2;
    trace += diagonal - shared;
    square += diagonal ** 2 - 2 * diagonal * shared;
    for (const [one, share] of shares.entries()) {
      const line = crossed[one] ?? [];
      for (const [other, across] of shares.entries()) line[other] = (line[other] ?? 0) + share * across;
    }
  }
  for (const line of crossed) for (const each of line) square += each ** 2;
  return { variance, degrees: trace ** 2 / square };
}
