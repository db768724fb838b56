// How sure one may be of Krippendorff's alpha: its clusters drawn again and again. Knows nothing of what the values are.
import type { Interval } from '../clustered.ts';
import { seededBits } from '../seeded.ts';

/** What was given to one thing, and what that is not independent of. */
export interface ClusteredUnit {
  readonly cluster: string;
  readonly values: readonly number[];
}

const DRAWS = 2000;
const SEED = 1811;
const LEAST_CLUSTERS = 5;

/** Which clusters each of the draws holds, one after the other: as many as there are, each as likely as any other. */
export function resamples(clusters: number): Int32Array {
  const bits = seededBits(SEED);
  return Int32Array.from({ length: DRAWS * clusters }, () => Math.floor((bits() / 2 ** 32) * clusters));
}

/** All that alpha needs of a cluster: values, their sum and squares from a common centre, and the disagreement within units. */
type Sums = readonly [count: number, sum: number, squares: number, within: number];

/**
 * The 95 % interval of alpha with the interval metric: from the 2.5th to the 97.5th percentile of what 2,000 seeded draws of whole clusters
 * give. Undefined with fewer than five clusters, or where nothing varies.
 *
 * Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13; that it is clusters that are drawn,
 * because units of one combo share its luck, C. A. Field and A. H. Welsh, Bootstrapping clustered data, Journal of the Royal Statistical
 * Society B 69 (2007).
 */
export function alphaInterval(units: readonly ClusteredUnit[]): Interval | undefined {
  const pairable = units.filter(({ values }) => values.length > 1);
  const all = pairable.flatMap(({ values }) => values);
  const center = all.reduce((total, each) => total + each, 0) / all.length;
  const clusters = new Map<string, Sums>();
  for (const { cluster, values } of pairable) {
    const known = clusters.get(cluster) ?? [0, 0, 0, 0];
    const own = sumsOf(values.map((each) => each - center));
    clusters.set(cluster, [known[0] + own[0], known[1] + own[1], known[2] + own[2], known[3] + own[3]]);
  }
  const sums = [...clusters.values()];
  if (sums.length < LEAST_CLUSTERS) return undefined;
  const drawn = resamples(sums.length);
  const alphas: number[] = [];
  for (let from = 0; from < drawn.length; from += sums.length) {
    let [count, sum, squares, within] = [0, 0, 0, 0];
    for (let at = from; at < from + sums.length; at++) {
      const own = sums[drawn[at] ?? 0] ?? [0, 0, 0, 0];
      count += own[0];
      sum += own[1];
      squares += own[2];
      within += own[3];
    }
    const expected = (count * (squares - (sum * sum) / count)) / (count - 1);
    // A draw in which nothing varies says nothing.
    if (expected > 1e-9) alphas.push(1 - within / expected);
  }
  if (alphas.length === 0) return undefined;
  const ascending = Float64Array.from(alphas).sort();
  return { low: quantile(ascending, 0.025), high: quantile(ascending, 0.975) };
}

function sumsOf(values: readonly number[]): Sums {
  const sum = values.reduce((total, each) => total + each, 0);
  const squares = values.reduce((total, each) => total + each * each, 0);
  const within = (values.length * (squares - (sum * sum) / values.length)) / (values.length - 1);
  return [values.length, sum, squares, within];
}

/** Between two of them by a straight line. */
function quantile(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below] ?? 0;
  return low + (place - below) * ((ascending[below + 1] ?? low) - low);
}
