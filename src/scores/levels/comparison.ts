// Two levels of a dimension on what they have in common: the difference, how sure it is, and whether luck explains it. Knows no tables.
import {
  type Contrast,
  contrastOfMeans,
  meanOfClusters,
  type Observation,
} from '../../statistics/clustered.ts';
import { signFlip } from '../../statistics/significance/signflip.ts';
import type { Blocks } from './blocks.ts';

export interface LevelDifference extends Omit<Contrast, 'value' | 'p'> {
  /** The first less the second, on average. */
  readonly difference: number;
  /** `paired`: within blocks that have both. `unpaired`: the means of all scores, where no block has both. */
  readonly basis: 'paired' | 'unpaired';
  /**
   * Two-sided; undefined with too few clusters to say. Of paired differences by sign flips of whole clusters, which suppose no
   * distribution; of unpaired ones by t.
   */
  readonly p: number | undefined;
  /** Blocks that have both levels. */
  readonly blocks: number;
  /** Blocks that have only one of them. */
  readonly leftOut: number;
}

/**
 * The mean over blocks of the difference within each block; clusters of blocks may share their luck. Where no block has both levels
 * it is the difference of the two means, from which nothing falls out. `scoresOf` gives all scores of a level, for that.
 *
 * Source: for pairing, R. A. Fisher, The Design of Experiments (1935), chapter 3; for scores of language models E. Miller, Adding
 * error bars to evals (2024), arXiv:2411.00640, section on paired differences.
 *
 * Undefined where a level has no scores.
 */
export function compareLevels(
  blocks: Blocks,
  [a, b]: readonly [number, number],
  scoresOf: (level: number) => readonly Observation[],
): LevelDifference | undefined {
  const { used, leftOut, sums } = pairedSums(blocks, a, b);
  const counts = { blocks: used, leftOut };
  const paired = meanOfClusters(sums);
  if (paired !== undefined) {
    const p = paired.interval === undefined ? undefined : signFlip(sums.map(({ sum }) => sum));
    return { ...named(paired), ...counts, basis: 'paired', p };
  }
  const unpaired = contrastOfMeans([
    { weight: 1, observations: scoresOf(a) },
    { weight: -1, observations: scoresOf(b) },
  ]);
  return unpaired && { ...named(unpaired), ...counts, basis: 'unpaired', p: unpaired.p };
}

function named({ value, p: _p, ...rest }: Contrast): Omit<Contrast, 'value' | 'p'> & { difference: number } {
  return { difference: value, ...rest };
}

/** Of each cluster with a difference: how many, and their sum. */
function pairedSums(
  { blocks, levels, means, clusters, clusterCount }: Blocks,
  a: number,
  b: number,
): {
  readonly used: number;
  readonly leftOut: number;
  readonly sums: readonly { readonly count: number; readonly sum: number }[];
} {
  const sums = new Float64Array(clusterCount);
  const counts = new Uint32Array(clusterCount);
  let used = 0;
  let leftOut = 0;
  for (let block = 0; block < blocks; block++) {
    const one = means[block * levels + a] ?? NaN;
    const other = means[block * levels + b] ?? NaN;
    const difference = one - other;
    if (Number.isNaN(difference)) {
      if (!Number.isNaN(one) || !Number.isNaN(other)) leftOut++;
      continue;
    }
    const cluster = clusters[block] ?? 0;
    sums[cluster] = (sums[cluster] ?? 0) + difference;
    counts[cluster] = (counts[cluster] ?? 0) + 1;
    used++;
  }
  const there = Array.from(sums, (sum, at) => ({ sum, count: counts[at] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  return { used, leftOut, sums: there };
}
