// Essay by judge and rubric: the cohort's two pivots, one within the cohort's own rubrics and judges, one of everything.
import { labelPart, pivot, type PivotLine } from '../../scores/pivot.ts';
import { isJudged, isScored, type ScoreRow } from '../../scores/rows.ts';
import { round, roundOrBlank, sum } from '../../statistics/summary.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

/** The evaluation templates and judges that a cohort's spec names. */
export interface Allowlists {
  readonly templates: readonly string[];
  readonly models: readonly string[];
}

export function isAllowed(row: ScoreRow, allowed: Allowlists): boolean {
  return allowed.templates.includes(row.evaluationTemplate) && allowed.models.includes(row.evaluationModel);
}

const KEY_COLUMNS: readonly ColumnOf<PivotLine>[] = [
  'combo_id',
  'draft_template',
  'generation_template',
  'generation_model',
  'parent_gen_id',
].map((name, at) => textColumn(name, (line) => line.key[at]));

function keyOf(row: ScoreRow): readonly string[] {
  return [row.comboId, row.draftTemplate, row.generationTemplate, row.generationModel, row.parentGenId];
}

function labelOf(row: ScoreRow): string {
  return `${labelPart(row.evaluationModel)}_${labelPart(row.evaluationTemplate)}`;
}

/**
 * `generation_scores.csv`: mean, least, greatest and number of scores for each essay, judge and rubric of the cohort's spec.
 * The sum adds up the means as they are printed.
 */
export function generationScores(rows: readonly ScoreRow[], allowed: Allowlists | undefined): Table {
  const counted = rows.filter((row) => isScored(row) && (allowed === undefined || isAllowed(row, allowed)));
  const { labels, lines } = pivot(counted, { key: keyOf, label: labelOf });
  // What code counts is no part of a sum of judges' scores.
  const judged = new Set(counted.filter(isJudged).map(labelOf));
  const added = labels.filter((label) => judged.has(label));
  const total = (line: PivotLine): number => round(sum(added.map((label) => meanOf(line, label) ?? 0)), 2);
  const columns = [
    ...KEY_COLUMNS,
    ...labels.map((label) => meanColumn(label)),
    ...labels.flatMap((label) => spreadColumns(label)),
    floatColumn('allowlisted_template_score_sum', total),
    textColumn<PivotLine>('generation_response_path', (line) => line.first.generationPath),
  ];
  return tableOf(columns, lines);
}

/** `evaluation_model_template_pivot.csv`: the mean score of each essay for each judge and rubric. */
export function evaluationModelTemplatePivot(rows: readonly ScoreRow[]): Table {
  const { labels, lines } = pivot(rows.filter(isScored), { key: keyOf, label: labelOf });
  return tableOf([...KEY_COLUMNS, ...labels.map((label) => meanColumn(label))], lines);
}

function meanOf(line: PivotLine, label: string): number | undefined {
  return roundOrBlank(line.cells.get(label)?.mean, 2);
}

function meanColumn(label: string): ColumnOf<PivotLine> {
  return floatColumn(label, (line) => meanOf(line, label));
}

function spreadColumns(label: string): ColumnOf<PivotLine>[] {
  return [
    floatColumn(`${label}_min`, (line) => roundOrBlank(line.cells.get(label)?.min, 2)),
    floatColumn(`${label}_max`, (line) => roundOrBlank(line.cells.get(label)?.max, 2)),
    integerColumn(`${label}_n`, (line) => line.cells.get(label)?.count ?? 0),
  ];
}
