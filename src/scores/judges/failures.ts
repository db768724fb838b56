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
  const failed = rows.filter((row) => !isScored(row));
  if (failed.length === 0) return [];
  const asked = new Map<string, number>();
  for (const row of rows) {
    const rater = raterOf(row);
    asked.set(rater, (asked.get(rater) ?? 0) + 1);
  }
  return groupBy(failed, (row) => [row.evaluationModel, row.evaluationTemplate, causeOf(row)]).map(
    ({ key: [judge = '', rubric = '', cause = ''], rows: own }) => {
      const all = asked.get(raterOf(own[0])) ?? own.length;
      return { judge, rubric, cause, count: own.length, share: own.length / all };
    },
  );
}

function raterOf({ evaluationModel, evaluationTemplate }: ScoreRow): string {
  return JSON.stringify([evaluationModel, evaluationTemplate]);
}
