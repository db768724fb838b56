// The tables that list every evaluation with its score: a cohort's, and the two over the whole store. Knows no statistics.
import { compareCodePoints } from '../../text/python.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

const GEN_ID = textColumn<ScoreRow>('gen_id', (row) => row.genId);
const PARENT = textColumn<ScoreRow>('parent_gen_id', (row) => row.parentGenId);
const ORIGIN = textColumn<ScoreRow>('origin_cohort_id', (row) => row.originCohortId);
const ESSAY_PATH = textColumn<ScoreRow>('generation_response_path', (row) => row.generationPath);

const MIDDLE: readonly ColumnOf<ScoreRow>[] = [
  textColumn('evaluation_template', (row) => row.evaluationTemplate),
  textColumn('evaluation_llm_model', (row) => row.evaluationModel),
  floatColumn('score', (row) => row.score),
  textColumn('error', (row) => row.error),
  textColumn('evaluation_response_path', (row) => row.evaluationPath),
  textColumn('combo_id', (row) => row.comboId),
  textColumn('draft_template', (row) => row.draftTemplate),
  textColumn('generation_template', (row) => row.generationTemplate),
  textColumn('generation_model', (row) => row.generationModel),
];

/** What the older tables do not have stands last, so that readers that count columns keep working. */
const END: readonly ColumnOf<ScoreRow>[] = [
  textColumn('input_mode', (row) => row.inputMode),
  textColumn('copied_from', (row) => row.copiedFrom),
  integerColumn('replicate', (row) => row.replicate),
  integerColumn('essay_replicate', (row) => row.essayReplicate),
  integerColumn('draft_replicate', (row) => row.draftReplicate),
  textColumn('draft_gen_id', (row) => row.draftGenId),
  textColumn('essay_origin_cohort_id', (row) => row.essayOriginCohortId),
];

/** `aggregated_scores.csv` of a cohort, in the order of the rows. */
export function aggregatedScores(rows: readonly ScoreRow[]): Table {
  return tableOf([GEN_ID, PARENT, ...MIDDLE, ORIGIN, ESSAY_PATH, ...END], rows);
}

/** `filtered_evaluation_results.csv`: the same over all cohorts, sorted by id. */
export function filteredEvaluationResults(rows: readonly ScoreRow[]): Table {
  return aggregatedScores(byGenId(rows));
}

/** `aggregated_scores.csv` over all cohorts, sorted by id; its columns stand in an order of their own. */
export function allAggregatedScores(rows: readonly ScoreRow[]): Table {
  return tableOf([PARENT, GEN_ID, ...MIDDLE, ESSAY_PATH, ORIGIN, ...END], byGenId(rows));
}

interface NamedScore {
  readonly row: ScoreRow;
  readonly name: string;
  readonly value: number | undefined;
}

/** `named_scores.csv`: a line for each score that a reply gave by name, and its rationale; one for a rationale alone. */
export function namedScores(rows: readonly ScoreRow[]): Table {
  return tableOf(
    NAMED,
    rows.flatMap((row): NamedScore[] => {
      const named = Object.entries(row.named ?? {}).map(([name, value]) => ({ row, name, value }));
      return named.length === 0 && row.rationale !== undefined
        ? [{ row, name: '', value: undefined }]
        : named;
    }),
  );
}

const NAMED: readonly ColumnOf<NamedScore>[] = [
  ...[GEN_ID, PARENT, ...MIDDLE.slice(0, 2)].map((column) => ofRow(column)),
  textColumn('name', ({ name }) => name),
  floatColumn('score', ({ value }) => value),
  textColumn('rationale', ({ row }) => row.rationale),
  ...MIDDLE.slice(5).map((column) => ofRow(column)),
  ofRow(integerColumn('replicate', (row) => row.replicate)),
];

function ofRow(column: ColumnOf<ScoreRow>): ColumnOf<NamedScore> {
  return { ...column, of: ({ row }) => column.of(row) };
}

function byGenId(rows: readonly ScoreRow[]): ScoreRow[] {
  return rows.toSorted((a, b) => compareCodePoints(a.genId, b.genId));
}
