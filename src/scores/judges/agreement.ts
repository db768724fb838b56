// Whether judges agree on essays. Knows nothing of reports.
import { groupBy } from '../../statistics/groups.ts';
import { krippendorffAlpha } from '../../statistics/agreement/krippendorff.ts';
import { summarize } from '../../statistics/summary.ts';
import type { ScoredRow } from '../rows.ts';

export interface Agreement {
  /** Judged texts that count: an essay under one rubric, scored by two judges or more. */
  readonly units: number;
  readonly judges: number;
  readonly ordinal: number | undefined;
  readonly interval: number | undefined;
}

/** How far judges agree on essays, a unit for each essay and rubric. A judge's replicates count as one value, their mean. */
export function agreementOf(rows: readonly ScoredRow[]): Agreement {
  const judged = groupBy(rows, (row) => [row.parentGenId, row.evaluationTemplate])
    .map((unit) => groupBy(unit.rows, (row) => [row.evaluationModel]))
    .filter((judges) => judges.length > 1);
  const units = judged.map((judges) =>
    judges.flatMap(({ rows: replicates }) => summarize(replicates.map((row) => row.score))?.mean ?? []),
  );
  return {
    units: units.length,
    judges: new Set(judged.flat().flatMap(({ key }) => key)).size,
    ordinal: krippendorffAlpha(units, 'ordinal'),
    interval: krippendorffAlpha(units, 'interval'),
  };
}
