// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { type Group, groupBy } from '../../statistics/groups.ts';
import { type Spread, spreadOf } from '../../statistics/agreement/spread.ts';
import { sum, summarize } from '../../statistics/summary.ts';
import type { ScoredRow } from '../rows.ts';

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
export function spreadOfScores(rows: readonly ScoredRow[]): Spread {
  return spreadOf(itemsOf(rows).map((judges) => judges.map(scoresOf)));
}

/** Every judge by itself, in code point order. */
export function judgeSpreads(rows: readonly ScoredRow[]): readonly JudgeSpread[] {
  const leans = leansOf(itemsOf(rows));
  return groupBy(rows, (row) => [row.evaluationModel]).flatMap((group): JudgeSpread[] => {
    const judge = group.rows[0].evaluationModel;
    const summary = summarize(scoresOf(group));
    if (summary === undefined) return [];
    const items = itemsOf(group.rows).map((judges) => judges.map(scoresOf));
    const { count, mean, min, max } = summary;
    const { within } = spreadOf(items);
    const replicates = count / items.length;
    return [
      {
        judge,
        scores: count,
        replicates,
        mean,
        min,
        max,
        within,
        lean: summarize(leans.get(judge) ?? [])?.mean,
      },
    ];
  });
}

/** For each essay and rubric a group for each judge. */
function itemsOf(rows: readonly ScoredRow[]): Group<ScoredRow>[][] {
  return groupBy(rows, (row) => [row.parentGenId, row.evaluationTemplate]).map((item) =>
    groupBy(item.rows, (row) => [row.evaluationModel]),
  );
}

function scoresOf(group: Group<ScoredRow>): number[] {
  return group.rows.map((row) => row.score);
}

/** By judge, for each item with other judges: its own mean less the mean of the others' means. */
function leansOf(items: readonly (readonly Group<ScoredRow>[])[]): Map<string, number[]> {
  const leans = new Map<string, number[]>();
  for (const item of items.filter((judges) => judges.length > 1)) {
    const means = item.map((group) => summarize(scoresOf(group))?.mean ?? 0);
    const total = sum(means);
    for (const [at, group] of item.entries()) {
      const own = means[at] ?? 0;
      const lean = own - (total - own) / (item.length - 1);
      const judge = group.rows[0].evaluationModel;
      const known = leans.get(judge);
      if (known === undefined) leans.set(judge, [lean]);
      else known.push(lean);
    }
  }
  return leans;
}
