// Whether judges agree on essays. Knows nothing of reports.
import { krippendorffAlpha } from '../../statistics/agreement/krippendorff.ts';
import { type Judgement, judgedItems } from '../judgements.ts';

export interface Agreement {
  /** Judged texts that count: an essay under one rubric, scored by two judges or more. */
  readonly units: number;
  readonly judges: number;
  readonly ordinal: number | undefined;
  readonly interval: number | undefined;
}

/** How far judges agree on essays, a unit for each essay and rubric. A judge's replicates count as one value, their mean. */
export function agreementOf(judgements: readonly Judgement[]): Agreement {
  const judged = judgedItems(judgements).filter((judges) => judges.length > 1);
  const units = judged.map((judges) => judges.map(({ mean }) => mean));
  return {
    units: units.length,
    judges: new Set(judged.flatMap((judges) => judges.map(({ row }) => row.evaluationModel))).size,
    ordinal: krippendorffAlpha(units, 'ordinal'),
    interval: krippendorffAlpha(units, 'interval'),
  };
}
