// The evaluations that gave the perfect score, with the paths of both texts.
import { isScored, type ScoreRow } from '../../scores/rows.ts';
import { type ColumnOf, floatColumn, type Table, tableOf, textColumn } from './table.ts';

const COLUMNS: readonly ColumnOf<ScoreRow>[] = [
  textColumn('combo_id', (row) => row.comboId),
  textColumn('generation_template', (row) => row.generationTemplate),
  textColumn('generation_model', (row) => row.generationModel),
  textColumn('evaluation_llm_model', (row) => row.evaluationModel),
  floatColumn('score', (row) => row.score),
  textColumn('generation_response_path', (row) => row.generationPath),
  textColumn('evaluation_response_path', (row) => row.evaluationPath),
  textColumn('notes', notes),
];

/** `perfect_score_paths.csv`, in the order of the rows. */
export function perfectScorePaths(rows: readonly ScoreRow[], perfectScore: number): Table {
  return tableOf(
    COLUMNS,
    rows.filter((row) => isScored(row) && row.score === perfectScore),
  );
}

function notes(row: ScoreRow): string {
  return `Perfect score from ${row.generationModel} generation + ${row.evaluationModel} evaluation`;
}
