// The mean of each level of a dimension with its interval. Compares nothing.
import { precisionOfMean } from '../../statistics/clustered.ts';
import type { Estimate } from '../../statistics/estimates.ts';
import { summarizeRange } from '../../statistics/summary.ts';
import { type Codes, numbersAt, segmentsOf } from '../columns/codes.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';
import type { Clustering } from '../observations.ts';

/** The scores of a level. */
export interface LevelMean {
  readonly level: number;
  readonly estimate: Estimate;
  /** Of its rows, in their order. */
  readonly places: Int32Array;
}

/** Of each level that any row has, in the order of their numbers. */
export function meansOf(columns: ScoreColumns, levels: Codes, clustering: Clustering): LevelMean[] {
  const clusters = columns.clusters(clustering);
  const ascending = segmentsOf(levels, columns.ascending);
  const values = numbersAt(columns.scores, ascending.places);
  const { starts, places } = segmentsOf(levels);
  // A cell is what a level has of a cluster; those of a level stand together, and `cellOf` says which a cluster had last.
  const counts = new Int32Array(places.length);
  const sums = new Float64Array(places.length);
  const cellOf = new Int32Array(clusters.size).fill(-1);
  const found: LevelMean[] = [];
  let next = 0;
  for (let level = 0; level < levels.size; level++) {
    const [from, to] = [starts[level] ?? 0, starts[level + 1] ?? 0];
    const summary = summarizeRange(values, from, to);
    if (summary === undefined) continue;
    const first = next;
    for (let at = from; at < to; at++) {
      const place = places[at] ?? 0;
      const cluster = clusters.of[place] ?? 0;
      let cell = cellOf[cluster] ?? -1;
      if (cell < first) cellOf[cluster] = cell = next++;
      counts[cell] = (counts[cell] ?? 0) + 1;
      sums[cell] = (sums[cell] ?? 0) + ((columns.scores[place] ?? 0) - summary.mean);
    }
    const range = { from: first, to: next, count: summary.count };
    found.push({
      level,
      estimate: Object.assign(precisionOfMean(summary.mean, counts, sums, range), summary),
      places: places.subarray(from, to),
    });
  }
  return found;
}

/** Of all rows together; undefined without any. */
export function meanOf(columns: ScoreColumns, clustering: Clustering): Estimate | undefined {
  return meansOf(columns, { of: new Int32Array(columns.size), size: 1 }, clustering)[0]?.estimate;
}
