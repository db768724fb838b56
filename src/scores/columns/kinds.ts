// Scores that no comparison tells apart, added up once whatever they are asked for. Compares nothing.
import { between } from '../../statistics/summary.ts';
import type { Clustering } from '../observations.ts';
import { type Codes, codesAt, combined, segmentsOf } from './codes.ts';
import type { ScoreColumns } from './scorecolumns.ts';

/** Rows that agree in all that was chosen, and depend on each other; without a name of their own, as a place each. */
export interface Kinds {
  /** Of each row its kind. */
  readonly of: Int32Array;
  readonly size: number;
  /** One row of each. */
  readonly firsts: Int32Array;
  /** The kinds in ascending order of the clusters that they are of. */
  readonly byCluster: Int32Array;
  readonly counts: Int32Array;
  /** Of the scores, and what rounding took from the sum. */
  readonly sums: Float64Array;
  readonly lost: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Of the distances from the kind's own mean. */
  readonly squares: Float64Array;
}

/** All that a level may be a level of, but for combos and texts. */
const WAY = ['draftTemplate', 'draftModel', 'generationTemplate', 'generationModel'] as const;

/** Each row of one kind has the same level, whatever the dimension, and what is independent of each other is of several kinds. */
export function kindsOf(columns: ScoreColumns, clustering: Clustering): Kinds {
  const unit = clustering === 'combo' ? clustering : 'essay';
  return columns.once(`kinds by ${unit}`, () => {
    const clusters = columns.clusters(unit);
    const kinds = combined([
      clusters,
      columns.agreeing(...WAY),
      columns.field('essayModel'),
      columns.field('comboId'),
      columns.field('evaluationTemplate'),
      columns.field('evaluationModel'),
    ]);
    return addedUp(columns.scores, kinds, clusters);
  });
}

function addedUp(scores: Float64Array, { of, size }: Codes, clusters: Codes): Kinds {
  const firsts = new Int32Array(size).fill(-1);
  const counts = new Int32Array(size);
  const [sums, lost, squares] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const lows = new Float64Array(size).fill(Infinity);
  const highs = new Float64Array(size).fill(-Infinity);
  for (let at = 0; at < of.length; at++) {
    const kind = of[at] ?? 0;
    const score = scores[at] ?? 0;
    if (firsts[kind] === -1) firsts[kind] = at;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const before = sums[kind] ?? 0;
    const after = before + score;
    // As `sum` does.
    const gone = Math.abs(before) < Math.abs(score) ? score - after + before : before - after + score;
    lost[kind] = (lost[kind] ?? 0) + gone;
    sums[kind] = after;
    if (score < (lows[kind] ?? 0)) lows[kind] = score;
    if (score > (highs[kind] ?? 0)) highs[kind] = score;
  }
  const means = new Float64Array(size);
  for (let kind = 0; kind < size; kind++) means[kind] = meanOfKind({ sums, lost, counts, lows, highs }, kind);
  for (let at = 0; at < of.length; at++) {
    const kind = of[at] ?? 0;
    const distance = (scores[at] ?? 0) - (means[kind] ?? 0);
    squares[kind] = (squares[kind] ?? 0) + distance * distance;
  }
  const byCluster = segmentsOf({ of: codesAt(clusters.of, firsts), size: clusters.size }).places;
  return { of, size, firsts, byCluster, counts, sums, lost, lows, highs, squares };
}

/** Exactly the score where all are equal. */
export function meanOfKind(
  { sums, lost, counts, lows, highs }: Pick<Kinds, 'sums' | 'lost' | 'counts' | 'lows' | 'highs'>,
  kind: number,
): number {
  const mean = ((sums[kind] ?? 0) + (lost[kind] ?? 0)) / (counts[kind] ?? 1);
  return between(mean, lows[kind] ?? 0, highs[kind] ?? 0);
}
