// Two levels of a dimension on what they have in common: the difference, how sure it is, and whether luck explains it. Knows no tables.
import { type Contrast, contrastOfSums, meanOfSums, type SideSums } from '../../statistics/clustered.ts';
import { signFlip } from '../../statistics/significance/signflip.ts';
import type { PairSums } from './blocks.ts';

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
 * it is the difference of the two means, from which nothing falls out. `scoresOf` gives all scores of a level, added up, for that.
 *
 * Source: for pairing, R. A. Fisher, The Design of Experiments (1935), chapter 3; for scores of language models E. Miller, Adding
 * error bars to evals (2024), arXiv:2411.00640, section on paired differences.
 *
 * Undefined where a level has no scores.
 */
export function compareLevels(
  { a, b, used, leftOut, counts, sums }: PairSums,
  scoresOf: (level: number) => SideSums | undefined,
): LevelDifference | undefined {
  const blocks = { blocks: used, leftOut };
  const paired = meanOfSums(counts, sums);
  if (paired !== undefined) {
    const p = paired.interval === undefined ? undefined : signFlip(sums);
    return { ...named(paired), ...blocks, basis: 'paired', p };
  }
  const [one, other] = [scoresOf(a), scoresOf(b)];
  if (one === undefined || other === undefined) return undefined;
  const unpaired = contrastOfSums([
    { weight: 1, ...one },
    { weight: -1, ...other },
  ]);
  return { ...named(unpaired), ...blocks, basis: 'unpaired', p: unpaired.p };
}

function named({ value, p: _p, ...rest }: Contrast): Omit<Contrast, 'value' | 'p'> & { difference: number } {
  return { difference: value, ...rest };
}
