// The mean of each level of a dimension with its interval. Compares nothing.
import { precisionOfMean, precisionOfSingles, type SideSums } from '../../statistics/clustered.ts';
import type { Estimate } from '../../statistics/estimates.ts';
import { between, sum } from '../../statistics/summary.ts';
import { type Codes, codesAt, segmentAt, segmentsOf } from '../columns/codes.ts';
import { type Kinds, kindsOf, meanOfKind } from '../columns/kinds.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';
import type { Clustering } from '../observations.ts';

/** The scores of a level. */
export interface LevelMean {
  readonly level: number;
  readonly estimate: Estimate;
  /** The same by clusters; none where each score stands alone. */
  readonly sums: SideSums;
}

/** Of each level that any row has, in the order of their numbers. */
export function meansOf(columns: ScoreColumns, levels: Codes, clustering: Clustering): LevelMean[] {
  const kinds = kindsOf(columns, clustering);
  const byLevel = segmentsOf(
    { of: codesAt(levels.of, kinds.firsts), size: levels.size },
    clustering === 'evaluation' ? undefined : kinds.byCluster,
  );
  const clusters = clustering === 'evaluation' ? undefined : columns.clusters(clustering).of;
  const found: LevelMean[] = [];
  for (let level = 0; level < levels.size; level++) {
    const own = segmentAt(byLevel, level);
    if (own.length > 0) found.push({ level, ...meanOfKinds(kinds, own, clusters) });
  }
  return found;
}

function meanOfKinds(
  kinds: Kinds,
  own: Int32Array,
  clusters: Int32Array | undefined,
): Pick<LevelMean, 'estimate' | 'sums'> {
  const totals = new Float64Array(2 * own.length);
  let [count, min, max] = [0, Infinity, -Infinity];
  for (let at = 0; at < own.length; at++) {
    const kind = own[at] ?? 0;
    count += kinds.counts[kind] ?? 0;
    totals[2 * at] = kinds.sums[kind] ?? 0;
    totals[2 * at + 1] = kinds.lost[kind] ?? 0;
    min = Math.min(min, kinds.lows[kind] ?? min);
    max = Math.max(max, kinds.highs[kind] ?? max);
  }
  const mean = between(sum(totals) / count, min, max);
  const sums = {
    mean,
    count,
    clusters: new Int32Array(own.length),
    counts: new Int32Array(own.length),
    residuals: new Float64Array(own.length),
  };
  let squares = 0;
  let cells = 0;
  for (const kind of own) {
    const many = kinds.counts[kind] ?? 0;
    const distance = meanOfKind(kinds, kind) - mean;
    squares += (kinds.squares[kind] ?? 0) + many * distance * distance;
    if (clusters === undefined) continue;
    const cluster = clusters[kinds.firsts[kind] ?? 0] ?? 0;
    if (cells === 0 || sums.clusters[cells - 1] !== cluster) sums.clusters[cells++] = cluster;
    sums.counts[cells - 1] = (sums.counts[cells - 1] ?? 0) + many;
    sums.residuals[cells - 1] = (sums.residuals[cells - 1] ?? 0) + many * distance;
  }
  const precision =
    clusters === undefined
      ? precisionOfSingles(mean, count, squares)
      : precisionOfMean(mean, sums.counts, sums.residuals, { from: 0, to: cells, count });
  const std = count < 2 ? undefined : Math.sqrt(squares / (count - 1));
  return {
    estimate: { count, mean, std, min, max, ...precision },
    sums: { ...sums, clusters: sums.clusters.subarray(0, cells) },
  };
}

/** Of all rows together; undefined without any. */
export function meanOf(columns: ScoreColumns, clustering: Clustering): Estimate | undefined {
  return meansOf(columns, { of: new Int32Array(columns.size), size: 1 }, clustering)[0]?.estimate;
}
