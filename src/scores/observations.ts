// Scores as observations: which of them depend on each other. Knows nothing of reports.
import type { Observation } from '../statistics/clustered.ts';
import type { ScoredRow, ScoreRow } from './rows.ts';

/**
 * What a number is to hold for: further combos of concepts, or these very combos and further essays of them. It decides what counts
 * as one independent piece of evidence.
 */
export const OVERS = ['combos', 'essays'] as const;
export type Over = (typeof OVERS)[number];

/**
 * What scores depend on: all that were made from a combo share its luck, all that judge an essay share its. Within a single essay
 * each evaluation stands alone, which speaks of these very judges.
 */
export type Clustering = 'combo' | 'essay' | 'evaluation';

export function observationsOf(rows: readonly ScoredRow[], clustering: Clustering): Observation[] {
  return rows.map((row) => ({ value: row.score, cluster: clusterOf(row, clustering) }));
}

/** An essay of which no combo is known depends on no other. */
export function clusterOf(row: ScoreRow, clustering: Clustering): string {
  switch (clustering) {
    case 'combo':
      return row.comboId === '' ? row.parentGenId : row.comboId;
    case 'essay':
      return row.parentGenId;
    case 'evaluation':
      return row.genId;
  }
}
