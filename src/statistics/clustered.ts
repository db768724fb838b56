// Means, and differences of means, of numbers that depend on each other within clusters. Knows nothing of what is estimated.
import { studentBeyond, studentHalf } from './distributions/student.ts';
import { summarize } from './summary.ts';

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
  const sums = sides.flatMap(({ observations }) => sumsOf(observations) ?? []);
  if (sums.length < sides.length) return undefined;
  const value = sides.reduce((total, { weight }, at) => total + weight * (sums[at]?.mean ?? 0), 0);
  const names = new Set(sums.flatMap(({ clusters }) => [...clusters.keys()]));
  const clusters = Array.from(names, (name) => sums.map((each) => each.clusters.get(name) ?? NOTHING));
  const weights = sides.map(({ weight, observations }) => ({ weight, count: observations.length }));
  return contrastFrom(value, clusters, weights);
}

const NOTHING: Residuals = { count: 0, sum: 0 };

/** Observations by cluster, each less the mean of all. */
interface Sums {
  readonly mean: number;
  readonly clusters: ReadonlyMap<string, Residuals>;
}

/** A level is one side of many contrasts. */
const SUMS = new WeakMap<readonly Observation[], Sums>();

function sumsOf(observations: readonly Observation[]): Sums | undefined {
  const known = SUMS.get(observations);
  if (known !== undefined) return known;
  const mean = summarize(observations.map(({ value }) => value))?.mean;
  if (mean === undefined) return undefined;
  const clusters = residualsOf(observations, {
    valueOf: ({ value }) => value,
    clusterOf: ({ cluster }) => cluster,
    mean,
  });
  const found = { mean, clusters };
  SUMS.set(observations, found);
  return found;
}

/** How sure one may be of the mean of some items, which is known: as `contrastOfMeans` has it of one side. */
export function precisionOfMean<T>(
  items: readonly T[],
  { valueOf, clusterOf }: { readonly valueOf: (item: T) => number; readonly clusterOf: (item: T) => string },
  mean: number,
): Precision {
  const clusters = residualsOf(items, { valueOf, clusterOf, mean });
  return contrastFrom(
    mean,
    Array.from(clusters.values(), (each) => [each]),
    [{ weight: 1, count: items.length }],
  );
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

/** Numbers of one cluster: how many, and their sum. */
export interface ClusterSum {
  readonly count: number;
  readonly sum: number;
}

/** The mean of numbers of which only each cluster's sum is known, as `contrastOfMeans` gives it. Undefined for none. */
export function meanOfClusters(clusters: readonly ClusterSum[]): Contrast | undefined {
  const count = clusters.reduce((total, each) => total + each.count, 0);
  if (count === 0) return undefined;
  const value = clusters.reduce((total, each) => total + each.sum, 0) / count;
  const residuals = clusters.map((each) => [{ count: each.count, sum: each.sum - each.count * value }]);
  return contrastFrom(value, residuals, [{ weight: 1, count }]);
}

/** An interval and a p-value from an estimate, its standard error and its degrees of freedom; none with too few of these. */
function tested(
  value: number,
  error: number,
  degrees: number,
): Pick<Contrast, 'error' | 'degrees' | 'interval' | 'p'> {
  // Five equal clusters have four degrees but for rounding.
  if (!(degrees > LEAST_DEGREES - 1e-6)) return { error, degrees, interval: undefined, p: undefined };
  const half = studentHalf(0.95, degrees) * error;
  const p = error === 0 ? (value === 0 ? 1 : 0) : studentBeyond(value / error, degrees);
  return { error, degrees, interval: { low: value - half, high: value + half }, p };
}

/** Of one cluster on one side. */
interface Residuals {
  count: number;
  sum: number;
}

function residualsOf<T>(
  items: readonly T[],
  {
    valueOf,
    clusterOf,
    mean,
  }: {
    readonly valueOf: (item: T) => number;
    readonly clusterOf: (item: T) => string;
    readonly mean: number;
  },
): ReadonlyMap<string, Residuals> {
  const clusters = new Map<string, Residuals>();
  for (const item of items) {
    const cluster = clusterOf(item);
    let own = clusters.get(cluster);
    if (own === undefined) clusters.set(cluster, (own = { count: 0, sum: 0 }));
    own.count++;
    own.sum += valueOf(item) - mean;
  }
  return clusters;
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
