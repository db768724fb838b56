// Where judges gave no score, and why. The causes are handed in.
import { groupBy } from '../../statistics/groups.ts';
import { isScored, type ScoreRow } from '../rows.ts';

export interface JudgeFailure {
  readonly judge: string;
  readonly rubric: string;
  readonly cause: string;
  readonly count: number;
  /** Of all evaluations of that judge by that rubric. */
  readonly share: number;
}

/** In the order of judge, rubric and cause. */
export function judgeFailures(rows: readonly ScoreRow[], causeOf: (row: ScoreRow) => string): JudgeFailure[] {
  return groupBy(rows, (row) => [row.evaluationModel, row.evaluationTemplate]).flatMap(
    ({ key: [judge = '', rubric = ''], rows: own }) =>
      groupBy(
        own.filter((row) => !isScored(row)),
        (row) => [causeOf(row)],
      ).map(({ key: [cause = ''], rows: failed }) => ({
        judge,
        rubric,
        cause,
        count: failed.length,
        share: failed.length / own.length,
      })),
  );
}
