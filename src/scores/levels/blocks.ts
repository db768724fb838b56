// What two levels of a dimension have in common, pair by pair: in each block the difference of their means. Says nothing of what follows.
import { type Codes, segmentAt, segmentsOf } from '../columns/codes.ts';
import type { Judged } from '../columns/judgements.ts';

/** Differences of two levels within blocks: of each cluster that has any how many, and their sum. */
export interface PairSums {
  /** Places among the levels that are compared. */
  readonly a: number;
  readonly b: number;
  /** Blocks that have both levels. */
  readonly used: number;
  /** Blocks that have only one of them. */
  readonly leftOut: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/** Numbers of a time: with more pairs times clusters the blocks are gone through again. */
const MOST_CELLS = 4_000_000;

/**
 * Calls back for each pair of levels, the first before the second. Blocks agree in everything but the level; within one the judgements of a
 * level, replicates averaged first, are averaged. `blocks` and `clusters` have a number for each row, `places` each judgement's place
 * among the levels; -1 where it takes no part.
 */
export function pairSums(
  judged: Judged,
  input: {
    readonly blocks: Codes;
    readonly clusters: Codes;
    readonly levels: number;
    readonly places: Int32Array;
  },
  found: (pair: PairSums) => void,
): void {
  const { levels } = input;
  const cells = cellsOf(judged, input);
  const most = Math.max(1, Math.floor(MOST_CELLS / Math.max(1, levels * cells.clusters)));
  for (let from = 0; from < levels; from += most)
    addPairs(cells, levels, { from, to: Math.min(levels, from + most) }, found);
}

/** A mean for each block and level that has one, those of a block together. */
interface Cells {
  /** Where the cells of each block begin; one more than there are blocks. */
  readonly starts: Int32Array;
  readonly levels: Int32Array;
  readonly means: Float64Array;
  /** Of each block. */
  readonly clusterOf: Int32Array;
  /** How many clusters there are. */
  readonly clusters: number;
  /** Of each level, the blocks that have it. */
  readonly blocks: Int32Array;
}

function cellsOf(
  { size, firsts, means }: Judged,
  { blocks, clusters, levels, places }: Parameters<typeof pairSums>[1],
): Cells {
  const of = new Int32Array(size);
  for (let at = 0; at < size; at++) of[at] = (places[at] ?? -1) < 0 ? -1 : (blocks.of[firsts[at] ?? 0] ?? -1);
  const byBlock = segmentsOf({ of, size: blocks.size });
  const starts = new Int32Array(blocks.size + 1);
  const cellLevels = new Int32Array(byBlock.places.length);
  const cellMeans = new Float64Array(byBlock.places.length);
  const clusterOf = new Int32Array(blocks.size);
  const having = new Int32Array(levels);
  const [sums, counts] = [new Float64Array(levels), new Int32Array(levels)];
  let next = 0;
  for (let block = 0; block < blocks.size; block++) {
    const own = segmentAt(byBlock, block);
    const begin = next;
    for (const judgement of own) {
      const level = places[judgement] ?? 0;
      if (counts[level] === 0) cellLevels[next++] = level;
      counts[level] = (counts[level] ?? 0) + 1;
      sums[level] = (sums[level] ?? 0) + (means[judgement] ?? 0);
    }
    sortRange(cellLevels, begin, next);
    for (let cell = begin; cell < next; cell++) {
      const level = cellLevels[cell] ?? 0;
      cellMeans[cell] = (sums[level] ?? 0) / (counts[level] ?? 1);
      sums[level] = 0;
      counts[level] = 0;
      having[level] = (having[level] ?? 0) + 1;
    }
    clusterOf[block] = clusters.of[firsts[own[0] ?? 0] ?? 0] ?? 0;
    starts[block + 1] = next;
  }
  return {
    starts,
    levels: cellLevels.subarray(0, next),
    means: cellMeans.subarray(0, next),
    clusterOf,
    clusters: clusters.size,
    blocks: having,
  };
}

/** In place, of few numbers that are nearly in order. */
function sortRange(numbers: Int32Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const number = numbers[at] ?? 0;
    let place = at;
    for (; place > from && (numbers[place - 1] ?? 0) > number; place--)
      numbers[place] = numbers[place - 1] ?? 0;
    numbers[place] = number;
  }
}

/** The pairs whose first level is among those of the range. */
function addPairs(
  cells: Cells,
  levels: number,
  { from, to }: { readonly from: number; readonly to: number },
  found: (pair: PairSums) => void,
): void {
  const { clusters } = cells;
  const sums = new Float64Array((to - from) * levels * clusters);
  const counts = new Int32Array(sums.length);
  const used = new Int32Array((to - from) * levels);
  for (let block = 0; block + 1 < cells.starts.length; block++) {
    const end = cells.starts[block + 1] ?? 0;
    const cluster = cells.clusterOf[block] ?? 0;
    for (let one = cells.starts[block] ?? 0; one < end; one++) {
      const a = cells.levels[one] ?? 0;
      if (a < from || a >= to) continue;
      const mean = cells.means[one] ?? 0;
      for (let other = one + 1; other < end; other++) {
        const pair = (a - from) * levels + (cells.levels[other] ?? 0);
        const place = pair * clusters + cluster;
        sums[place] = (sums[place] ?? 0) + (mean - (cells.means[other] ?? 0));
        counts[place] = (counts[place] ?? 0) + 1;
        used[pair] = (used[pair] ?? 0) + 1;
      }
    }
  }
  for (let a = from; a < to; a++)
    for (let b = a + 1; b < levels; b++) {
      const pair = (a - from) * levels + b;
      const both = used[pair] ?? 0;
      const range = [pair * clusters, (pair + 1) * clusters] as const;
      found({
        a,
        b,
        used: both,
        leftOut: (cells.blocks[a] ?? 0) + (cells.blocks[b] ?? 0) - 2 * both,
        ...there(counts.subarray(...range), sums.subarray(...range)),
      });
    }
}

/** Without the clusters that have no difference. */
function there(counts: Int32Array, sums: Float64Array): Pick<PairSums, 'counts' | 'sums'> {
  const kept = { counts: new Float64Array(counts.length), sums: new Float64Array(counts.length) };
  let next = 0;
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at] ?? 0;
    if (count === 0) continue;
    kept.counts[next] = count;
    kept.sums[next++] = sums[at] ?? 0;
  }
  return { counts: kept.counts.subarray(0, next), sums: kept.sums.subarray(0, next) };
}
