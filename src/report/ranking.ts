// Essays in the order of one rubric's scores, and the list of candidates that a person edits. Knows no intervals.
import type { GenId } from '../generation/stage.ts';
import { compareCodePoints } from '../text/python.ts';
import { distinct, groupBy } from '../statistics/groups.ts';
import { isScored, type ScoredRow, type ScoreRow } from '../scores/rows.ts';
import { round, summarize } from '../statistics/summary.ts';
import {
  type ColumnOf,
  floatColumn,
  integerColumn,
  type Table,
  tableOf,
  textColumn,
} from './tables/table.ts';

export interface RankedEssay {
  readonly essayId: GenId;
  /** Over the judges present: each judge's best score among its replicates. */
  readonly average: number;
  readonly max: number;
  readonly byJudge: ReadonlyMap<string, number>;
}

export interface Rubric {
  readonly template: string;
  /** Undefined for every judge; an empty list for none. */
  readonly judges?: readonly string[] | undefined;
}

export interface Ranking {
  /** Everyone who scored any of the essays, in code point order; kept when essays are selected. */
  readonly judges: readonly string[];
  /** Best average first; equals in the order of their ids. */
  readonly essays: readonly RankedEssay[];
}

export function rankEssays(rows: readonly ScoreRow[], rubric: Rubric): Ranking {
  const counted = rows.filter(isScored).filter((row) => isOf(row, rubric));
  const essays = groupBy(counted, (row) => [row.parentGenId])
    .flatMap((group) => rankedOf(group.rows))
    .sort((a, b) => b.average - a.average || compareCodePoints(a.essayId, b.essayId));
  return { judges: distinct(essays.flatMap((essay) => [...essay.byJudge.keys()])), essays };
}

function isOf(row: ScoreRow, { template, judges }: Rubric): boolean {
  return (
    row.evaluationTemplate === template && (judges === undefined || judges.includes(row.evaluationModel))
  );
}

function rankedOf(rows: readonly [ScoredRow, ...ScoredRow[]]): RankedEssay | [] {
  const byJudge = new Map(
    groupBy(rows, (row) => [row.evaluationModel]).map(({ rows: replicates }) => [
      replicates[0].evaluationModel,
      Math.max(...replicates.map((row) => row.score)),
    ]),
  );
  const summary = summarize([...byJudge.values()]);
  if (summary === undefined) return [];
  return { essayId: rows[0].parentGenId, average: round(summary.mean, 10), max: summary.max, byJudge };
}

/** How essays are chosen from a ranking: the first so many, all within a span of the best, or the ties for the first place. */
export type Selection =
  | { readonly method: 'top_n'; readonly limit: number }
  | { readonly method: 'score_span'; readonly limit: number }
  | { readonly method: 'max_only' };

export function selectEssays(ranking: Ranking, selection: Selection): Ranking {
  switch (selection.method) {
    case 'top_n':
      return { ...ranking, essays: ranking.essays.slice(0, selection.limit) };
    case 'score_span':
      return withinSpan(ranking, selection.limit);
    case 'max_only':
      return withinSpan(ranking, 0);
  }
}

function withinSpan(ranking: Ranking, span: number): Ranking {
  const least = (ranking.essays[0]?.average ?? 0) - span;
  return { ...ranking, essays: ranking.essays.filter((essay) => essay.average >= least) };
}

/** The essays that have no score for a rubric yet, in the order given. */
export function withoutEvaluation(
  essayIds: Iterable<GenId>,
  rows: readonly ScoreRow[],
  template: string,
): readonly GenId[] {
  const done = new Set(
    rows.filter((row) => isScored(row) && isOf(row, { template })).map((row) => row.parentGenId),
  );
  return Array.from(essayIds).filter((id) => !done.has(id));
}

/** A line for each essay, a column for each judge. */
export function rankingTable({ judges, essays }: Ranking): Table {
  return tableOf([textColumn<RankedEssay>('parent_gen_id', essayIdOf), ...scoreColumns(judges)], essays);
}

/** The editable list of candidates, every one ticked: whoever keeps the list unticks what the next cohort shall not have. */
export function candidateTable(
  ranking: Ranking,
  choice: { readonly rubric: Rubric; readonly selection: Selection; readonly cohortId: string },
): Table {
  const { rubric, selection, cohortId } = choice;
  const { judges, essays } = selectEssays(ranking, selection);
  const ranks = new Map(essays.map((essay, at) => [essay.essayId, at + 1]));
  const limit = selection.method === 'max_only' ? undefined : selection.limit;
  const limitColumn = selection.method === 'score_span' ? floatColumn : integerColumn;
  const columns: ColumnOf<RankedEssay>[] = [
    integerColumn('selection_rank', (essay) => ranks.get(essay.essayId)),
    textColumn('selected', () => 'True'),
    textColumn('essay_gen_id', essayIdOf),
    ...scoreColumns(judges),
    textColumn('evaluation_template', () => rubric.template),
    textColumn('source_models', () => (rubric.judges ?? []).join(', ')),
    textColumn('selection_method', () => selection.method),
    limitColumn('selection_limit', () => limit),
    textColumn('proposed_cohort_id', () => cohortId),
  ];
  return tableOf(columns, essays);
}

function essayIdOf(essay: RankedEssay): GenId {
  return essay.essayId;
}

function scoreColumns(judges: readonly string[]): ColumnOf<RankedEssay>[] {
  return [
    floatColumn('avg_score', (essay) => essay.average),
    floatColumn('max_score', (essay) => essay.max),
    integerColumn('models_covered', (essay) => essay.byJudge.size),
    ...judges.map((judge) =>
      floatColumn<RankedEssay>(`score__${judge}`, (essay) => essay.byJudge.get(judge)),
    ),
  ];
}
