// Strengths from comparisons of two: how much likelier one is to be preferred to another. Knows nothing of what is compared.
import type { Interval } from './clustered.ts';
import { studentBeyond, studentHalf } from './distributions/student.ts';
import { holm } from './significance/holm.ts';

/** One comparison of two things, by their numbers from 0. */
export interface Comparison {
  readonly a: number;
  readonly b: number;
  /** 1 where a was preferred, 0 where b was, 0.5 for neither. */
  readonly won: number;
  /** The number, from 0, of what the comparison is not independent of. */
  readonly cluster: number;
}

export interface Strength {
  /** The logarithm of the odds to be preferred to one of average strength. */
  readonly value: number;
  /** The 95 % interval; undefined with fewer than five clusters. */
  readonly interval: Interval | undefined;
  /** 1 plus the number of those that are shown to be stronger, with Holm's p-values of all pairs; undefined without intervals. */
  readonly place: number | undefined;
}

const LEAST_CLUSTERS = 5;
const MOST_STEPS = 20_000;

/**
 * The Bradley–Terry model: a is preferred to b with odds exp(strength a - strength b); strengths add up to 0, and a tie is half a win for
 * each. By maximum likelihood, with the variance of clusters that may depend on each other: H⁺ (Σ over clusters of the outer product of
 * their scores) H⁺ × G / (G - 1) for the information H, and t with G - 1 degrees of freedom.
 *
 * Sources: R. A. Bradley and M. E. Terry, Rank analysis of incomplete block designs, Biometrika 39 (1952); the iteration and when there is an
 * answer, D. R. Hunter, MM algorithms for generalized Bradley–Terry models, Annals of Statistics 32 (2004); the variance, K.-Y. Liang and
 * S. L. Zeger, Longitudinal data analysis using generalized linear models, Biometrika 73 (1986).
 *
 * Undefined where there is no answer: some of the things are never preferred to any of the others, or never compared with them.
 */
export function bradleyTerry(count: number, comparisons: readonly Comparison[]): Strength[] | undefined {
  if (count < 2 || !isConnected(count, comparisons)) return undefined;
  const strengths = fitted(count, comparisons);
  const clusters = new Set(comparisons.map(({ cluster }) => cluster)).size;
  const covariance = covarianceOf(strengths, comparisons, clusters);
  if (clusters < LEAST_CLUSTERS)
    return strengths.map((value) => ({ value, interval: undefined, place: undefined }));
  const half = studentHalf(0.95, clusters - 1);
  const places = placesOf(strengths, covariance, clusters - 1);
  return strengths.map((value, at) => {
    const reach = half * Math.sqrt(covariance[at]?.[at] ?? 0);
    return { value, interval: { low: value - reach, high: value + reach }, place: places[at] };
  });
}

/** Whether each can be reached from each by steps from who was preferred to whom. */
function isConnected(count: number, comparisons: readonly Comparison[]): boolean {
  const reaches = (ahead: boolean): boolean => {
    const seen = new Set([0]);
    for (const from of seen)
      for (const { a, b, won } of comparisons) {
        if (a === from && (ahead ? won > 0 : won < 1)) seen.add(b);
        if (b === from && (ahead ? won < 1 : won > 0)) seen.add(a);
      }
    return seen.size === count;
  };
  return reaches(true) && reaches(false);
}

/** By the minorization of Hunter: p_i = wins_i / Σ_j n_ij / (p_i + p_j). */
function fitted(count: number, comparisons: readonly Comparison[]): number[] {
  const wins = Array.from({ length: count }, () => 0);
  for (const { a, b, won } of comparisons) {
    wins[a] = (wins[a] ?? 0) + won;
    wins[b] = (wins[b] ?? 0) + 1 - won;
  }
  let odds = wins.map(() => 1);
  for (let step = 0; step < MOST_STEPS; step++) {
    const shares = wins.map(() => 0);
    for (const { a, b } of comparisons) {
      const share = 1 / ((odds[a] ?? 1) + (odds[b] ?? 1));
      shares[a] = (shares[a] ?? 0) + share;
      shares[b] = (shares[b] ?? 0) + share;
    }
    const next = wins.map((won, at) => won / (shares[at] ?? 1));
    const scale = Math.exp(next.reduce((total, each) => total + Math.log(each), 0) / count);
    const kept = next.map((each) => each / scale);
    const moved = kept.reduce(
      (most, each, at) => Math.max(most, Math.abs(Math.log(each / (odds[at] ?? 1)))),
      0,
    );
    odds = kept;
    if (moved < 1e-12) break;
  }
  return odds.map(Math.log);
}

type Matrix = number[][];

function zeros(count: number): Matrix {
  return Array.from({ length: count }, () => Array.from({ length: count }, () => 0));
}

function add(matrix: Matrix, row: number, column: number, value: number): void {
  const line = matrix[row] ?? [];
  line[column] = (line[column] ?? 0) + value;
}

function covarianceOf(
  strengths: readonly number[],
  comparisons: readonly Comparison[],
  clusters: number,
): Matrix {
  const count = strengths.length;
  // The information has no say in the sum of all strengths: with 1 / k everywhere it can be inverted, and that is taken off again.
  const information = zeros(count).map((line) => line.map(() => 1 / count));
  const scores = new Map<number, number[]>();
  for (const { a, b, won, cluster } of comparisons) {
    const chance = 1 / (1 + Math.exp((strengths[b] ?? 0) - (strengths[a] ?? 0)));
    const known = chance * (1 - chance);
    for (const [row, column, sign] of [
      [a, a, 1],
      [b, b, 1],
      [a, b, -1],
      [b, a, -1],
    ] as const)
      add(information, row, column, sign * known);
    let own = scores.get(cluster);
    if (own === undefined) scores.set(cluster, (own = strengths.map(() => 0)));
    own[a] = (own[a] ?? 0) + won - chance;
    own[b] = (own[b] ?? 0) - won + chance;
  }
  const inverse = inverted(information).map((line) => line.map((each) => each - 1 / count));
  const covariance = zeros(count);
  for (const own of scores.values()) {
    const moved = inverse.map((line) => line.reduce((total, each, at) => total + each * (own[at] ?? 0), 0));
    for (const [row, one] of moved.entries())
      for (const [column, other] of moved.entries())
        add(covariance, row, column, (one * other * clusters) / (clusters - 1));
  }
  return covariance;
}

/** Of a positive definite matrix, by Gauss and Jordan. */
function inverted(matrix: Matrix): Matrix {
  const count = matrix.length;
  const work = matrix.map((line, row) => [...line, ...line.map((_, column) => (row === column ? 1 : 0))]);
  for (let pivot = 0; pivot < count; pivot++) {
    const top = work[pivot] ?? [];
    const by = top[pivot] ?? 1;
    for (let column = 0; column < 2 * count; column++) top[column] = (top[column] ?? 0) / by;
    for (const [row, line] of work.entries()) {
      const times = line[pivot] ?? 0;
      if (row === pivot || times === 0) continue;
      for (let column = 0; column < 2 * count; column++)
        line[column] = (line[column] ?? 0) - times * (top[column] ?? 0);
    }
  }
  return work.map((line) => line.slice(count));
}

function placesOf(strengths: readonly number[], covariance: Matrix, degrees: number): number[] {
  const pairs = strengths.flatMap((one, a) =>
    strengths.slice(a + 1).map((other, more) => {
      const b = a + 1 + more;
      const variance = (covariance[a]?.[a] ?? 0) + (covariance[b]?.[b] ?? 0) - 2 * (covariance[a]?.[b] ?? 0);
      const p = variance > 0 ? studentBeyond((one - other) / Math.sqrt(variance), degrees) : 1;
      return { lower: one < other ? a : b, p };
    }),
  );
  const adjusted = holm(
    pairs.map(({ p }) => p),
    pairs.length,
  );
  const places = strengths.map(() => 1);
  for (const [at, { lower }] of pairs.entries())
    if ((adjusted[at] ?? 1) < 0.05) places[lower] = (places[lower] ?? 1) + 1;
  return places;
}
