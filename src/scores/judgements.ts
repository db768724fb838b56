// What one judge says of one essay by one rubric. Knows nothing of what is compared.
import { groupBy } from '../statistics/groups.ts';
import { summarize } from '../statistics/summary.ts';
import type { ScoredRow } from './rows.ts';

export interface Judgement {
  /** The first of its replicates: the others differ in the replicate alone. */
  readonly row: ScoredRow;
  /** The replicates' scores. */
  readonly scores: readonly number[];
  readonly mean: number;
}

/** In code point order of essay, rubric and judge. */
export function judgementsOf(rows: readonly ScoredRow[]): Judgement[] {
  return groupBy(rows, (row) => [row.parentGenId, row.evaluationTemplate, row.evaluationModel]).map(
    ({ rows: replicates }) => {
      const scores = replicates.map(({ score }) => score);
      const [row] = replicates;
      return { row, scores, mean: scores.length === 1 ? row.score : (summarize(scores)?.mean ?? row.score) };
    },
  );
}

/** The judgements of each text by each rubric, those of its judges together; `judgements` in the order of `judgementsOf`. */
export function judgedItems(judgements: readonly Judgement[]): Judgement[][] {
  const items: Judgement[][] = [];
  let last: ScoredRow | undefined;
  for (const judgement of judgements) {
    const { row } = judgement;
    const same = row.parentGenId === last?.parentGenId && row.evaluationTemplate === last.evaluationTemplate;
    if (same) items.at(-1)?.push(judgement);
    else items.push([judgement]);
    last = row;
  }
  return items;
}
