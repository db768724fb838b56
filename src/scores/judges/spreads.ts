// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { groupBy } from '../../statistics/groups.ts';
import { type Spread, spreadOf } from '../../statistics/agreement/spread.ts';
import { sum, summarize } from '../../statistics/summary.ts';
import { type Judgement, judgedItems } from '../judgements.ts';

export interface JudgeSpread {
  readonly judge: string;
  readonly scores: number;
  /** Scores for each essay and rubric, on average. */
  readonly replicates: number;
  readonly mean: number;
  /** Lowest and highest score: equal for a judge that never varies. */
  readonly min: number;
  readonly max: number;
  /** The standard deviation of its replicates about their mean; undefined without replicates. */
  readonly within: number | undefined;
  /** How much higher it scores than the other judges of the same essay and rubric, on average; undefined without any. */
  readonly lean: number | undefined;
}

/** The spread over all essays and rubrics. */
export function spreadOfScores(judgements: readonly Judgement[]): Spread {
  return spreadOf(judgedItems(judgements).map((judges) => judges.map(({ scores }) => scores)));
}

/** Every judge by itself, in code point order. */
export function judgeSpreads(judgements: readonly Judgement[]): readonly JudgeSpread[] {
  const leans = leansOf(judgedItems(judgements));
  return groupBy(judgements, ({ row }) => [row.evaluationModel]).flatMap(
    ({ key: [judge = ''], rows: own }): JudgeSpread[] => {
      const summary = summarize(own.flatMap(({ scores }) => scores));
      if (summary === undefined) return [];
      const { count, mean, min, max } = summary;
      const { within } = spreadOf(own.map(({ scores }) => [scores]));
      const lean = summarize(leans.get(judge) ?? [])?.mean;
      return [{ judge, scores: count, replicates: count / own.length, mean, min, max, within, lean }];
    },
  );
}

/** By judge, for each item with other judges: its own mean less the mean of the others' means. */
function leansOf(items: readonly (readonly Judgement[])[]): Map<string, number[]> {
  const leans = new Map<string, number[]>();
  for (const item of items) {
    if (item.length < 2) continue;
    const total = sum(item.map(({ mean }) => mean));
    for (const { row, mean } of item) {
      const lean = mean - (total - mean) / (item.length - 1);
      const known = leans.get(row.evaluationModel);
      if (known === undefined) leans.set(row.evaluationModel, [lean]);
      else known.push(lean);
    }
  }
  return leans;
}
