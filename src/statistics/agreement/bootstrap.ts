// How sure one may be of Krippendorff's alpha: its clusters drawn again and again. Knows nothing of what the values are.
import type { Interval } from '../clustered.ts';
import { seededBits } from '../seeded.ts';
import { momentsOf, type NumberLists } from './lists.ts';

/** What was given to each thing, and the number of what that is not independent of. */
export interface ClusteredLists extends NumberLists {
  readonly clusters: Int32Array;
}

const DRAWS = 2000;
const SEED = 1811;
const LEAST_CLUSTERS = 5;

/** Which clusters each of the draws holds, one after the other: as many as there are, each as likely as any other. */
export function resamples(clusters: number): Int32Array {
  const bits = seededBits(SEED);
  const drawn = new Int32Array(DRAWS * clusters);
  for (let at = 0; at < drawn.length; at++) drawn[at] = Math.floor((bits() / 2 ** 32) * clusters);
  return drawn;
}

/** The same draws for every judge: mostly all have as many clusters. */
let latest: { readonly clusters: number; readonly drawn: Int32Array } | undefined;

function resamplesOf(clusters: number): Int32Array {
  if (latest?.clusters !== clusters) latest = { clusters, drawn: resamples(clusters) };
  return latest.drawn;
}

/**
 * The 95 % interval of alpha with the interval metric: from the 2.5th to the 97.5th percentile of what 2,000 seeded draws of whole clusters
 * give. Undefined with fewer than five clusters, or where nothing varies.
 *
 * Source: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13; that it is clusters that are drawn,
 * because units of one combo share its luck, C. A. Field and A. H. Welsh, Bootstrapping clustered data, Journal of the Royal Statistical
 * Society B 69 (2007).
 */
export function alphaInterval(units: ClusteredLists): Interval | undefined {
  const { size, counts, sums, squares, within } = sumsByCluster(units);
  if (size < LEAST_CLUSTERS) return undefined;
  const drawn = resamplesOf(size);
  const alphas = new Float64Array(DRAWS);
  let found = 0;
  for (let from = 0; from < drawn.length; from += size) {
    let [count, sum, square, inner] = [0, 0, 0, 0];
    for (let at = from; at < from + size; at++) {
      const cluster = drawn[at] ?? 0;
      count += counts[cluster] ?? 0;
      sum += sums[cluster] ?? 0;
      square += squares[cluster] ?? 0;
      inner += within[cluster] ?? 0;
    }
    const expected = (count * (square - (sum * sum) / count)) / (count - 1);
    // A draw in which nothing varies says nothing.
    if (expected > 1e-9) alphas[found++] = 1 - inner / expected;
  }
  if (found === 0) return undefined;
  const ascending = alphas.subarray(0, found).sort();
  return { low: quantile(ascending, 0.025), high: quantile(ascending, 0.975) };
}

/** All that alpha needs of a cluster: values, their sum and squares from a common centre, and the disagreement within units. */
interface ClusterSums {
  readonly size: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  readonly within: Float64Array;
}

/** Clusters in the order in which they first come. */
function sumsByCluster({ values, starts, clusters }: ClusteredLists): ClusterSums {
  const places = new Map<number, number>();
  const pairable: number[] = [];
  let [total, count] = [0, 0];
  for (let unit = 0; unit + 1 < starts.length; unit++) {
    const [from, to] = [starts[unit] ?? 0, starts[unit + 1] ?? 0];
    if (to - from < 2) continue;
    pairable.push(unit);
    const cluster = clusters[unit] ?? 0;
    if (!places.has(cluster)) places.set(cluster, places.size);
    for (let at = from; at < to; at++) total += values[at] ?? 0;
    count += to - from;
  }
  const center = total / count;
  const column = (): Float64Array => new Float64Array(places.size);
  const found = { size: places.size, counts: column(), sums: column(), squares: column(), within: column() };
  for (const unit of pairable) {
    const place = places.get(clusters[unit] ?? 0) ?? 0;
    const { count: own, mean, squares } = momentsOf(values, starts[unit] ?? 0, starts[unit + 1] ?? 0);
    const distance = mean - center;
    found.counts[place] = (found.counts[place] ?? 0) + own;
    found.sums[place] = (found.sums[place] ?? 0) + own * distance;
    found.squares[place] = (found.squares[place] ?? 0) + squares + own * distance * distance;
    found.within[place] = (found.within[place] ?? 0) + (own * squares) / (own - 1);
  }
  return found;
}

/** Between two of them by a straight line. */
function quantile(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below] ?? 0;
  return low + (place - below) * ((ascending[below + 1] ?? low) - low);
}
