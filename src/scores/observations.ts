// Scores as observations: which of them depend on each other. Knows nothing of reports.
import type { Observation } from '../statistics/clustered.ts';
import type { ScoredRow } from './rows.ts';

/**
 * What scores depend on. Groups of many essays cluster by essay. Within a single essay cluster by judge to speak of judges in
 * general, or take each evaluation alone to speak of these very judges.
 */
export type Clustering = 'essay' | 'judge' | 'evaluation';

export function observationsOf(rows: readonly ScoredRow[], clustering: Clustering): Observation[] {
  return rows.map((row) => ({ value: row.score, cluster: clusterOf(row, clustering) }));
}

function clusterOf(row: ScoredRow, clustering: Clustering): string {
  switch (clustering) {
    case 'essay':
      return row.parentGenId;
    case 'judge':
      return row.evaluationModel;
    case 'evaluation':
      return row.genId;
  }
}
