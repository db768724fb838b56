// Scores as a table of blocks by levels: what two levels have in common stands in one block. Compares nothing.
import { keyNumbers } from '../../statistics/groups.ts';
import type { Judgement } from '../judgements.ts';
import { clusterOf, type Over } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';
import { judgedBy, LEVEL_KEYS, TEXT_KEYS, type ComparedDimension } from './dimensions.ts';

/** Blocks agree in everything but the level, the replicates' scores averaged first: an essay's, then those of the essays. */
export interface Blocks {
  readonly blocks: number;
  readonly levels: number;
  /** By block and then level: `means[block * levels + level]`; NaN where the block has nothing of the level. */
  readonly means: Float64Array;
  /** Of each block, the number of what it is not independent of: its combo, or its texts. */
  readonly clusters: Int32Array;
  readonly clusterCount: number;
}

/** `levelOf`: the place of a key of `LEVEL_KEYS` among the levels; undefined for those that take no part. */
export function blocksOf(
  judgements: readonly Judgement[],
  dimension: ComparedDimension,
  over: Over,
  {
    levels,
    levelOf,
  }: { readonly levels: number; readonly levelOf: (key: readonly string[]) => number | undefined },
): Blocks {
  const blockNumber = keyNumbers();
  const clusterNumber = keyNumbers();
  const places: number[] = [];
  const values: number[] = [];
  const clusters: number[] = [];
  for (const { row, mean } of judgements) {
    const level = levelOf(LEVEL_KEYS[dimension](row));
    if (level === undefined) continue;
    const texts = TEXT_KEYS[dimension](row);
    const block = blockNumber([...texts, ...judgedBy(dimension, row)]);
    if (block === clusters.length) clusters.push(clusterNumber(clusterKey(row, texts, over)));
    places.push(block * levels + level);
    values.push(mean);
  }
  const means = new Float64Array(clusters.length * levels);
  const counts = new Uint32Array(means.length);
  for (const [at, place] of places.entries()) {
    means[place] = (means[place] ?? 0) + (values[at] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  // Nothing by nothing is no number, which says that nothing is there.
  for (let place = 0; place < means.length; place++)
    means[place] = (means[place] ?? 0) / (counts[place] ?? 0);
  return {
    blocks: clusters.length,
    levels,
    means,
    clusters: Int32Array.from(clusters),
    clusterCount: clusters.reduce((most, each) => Math.max(most, each + 1), 0),
  };
}

function clusterKey(row: ScoredRow, texts: readonly string[], over: Over): readonly string[] {
  return over === 'combos' ? [clusterOf(row, 'combo')] : texts;
}
