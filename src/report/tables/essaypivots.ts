// The pivots across cohorts: keyed by the essay, the mean over its replicates, and a count for every mean.
import { compareCodePoints } from '../../text/python.ts';
import { type Allowlists, isAllowed } from './essayscores.ts';
import { labelPart, pivot, type PivotLine } from '../../scores/pivot.ts';
import { isJudged, isScored, type ScoreRow } from '../../scores/rows.ts';
import { sum } from '../../statistics/summary.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

const ESSAY = textColumn<PivotLine>('essay_gen_id', (line) => line.first.parentGenId);
const COMBO = textColumn<PivotLine>('combo_id', (line) => line.first.comboId);
const DRAFT_TEMPLATE = textColumn<PivotLine>('draft_template', (line) => line.first.draftTemplate);
const TEMPLATE = textColumn<PivotLine>('generation_template', (line) => line.first.generationTemplate);
const MODEL = textColumn<PivotLine>('generation_model', (line) => line.first.generationModel);
const ORIGIN = textColumn<PivotLine>('origin_cohort_id', (line) => line.first.essayOriginCohortId);

/**
 * `evaluation_scores_by_template_model.csv`: a line for each essay, a mean and a count for each rubric and judge, and the sum of
 * the means. An essay whose evaluations all failed has blanks and a count of 0; one of unknown origin is left out.
 */
export function evaluationScoresByTemplateModel(
  rows: readonly ScoreRow[],
  allowed: Allowlists | undefined,
): Table {
  const known = rows.filter((row) => hasOrigin(row) && (allowed === undefined || isAllowed(row, allowed)));
  const { labels, lines } = pivot(known, { key: (row) => [row.parentGenId], label: judgeLabel });
  // What code counts is no part of a sum of judges' scores.
  const judged = new Set(known.filter(isJudged).map(judgeLabel));
  const added = labels.filter((label) => judged.has(label));
  const total = (line: PivotLine): number => sum(added.map((label) => line.cells.get(label)?.mean ?? 0));
  const columns = [
    ESSAY,
    COMBO,
    DRAFT_TEMPLATE,
    TEMPLATE,
    MODEL,
    ORIGIN,
    ...labels.map((label) => meanColumn(label)),
    floatColumn('allowlisted_template_score_sum', total),
    ...labels.map((label) => countColumn(label)),
  ];
  return tableOf(
    columns,
    lines.toSorted((a, b) => compareCodePoints(sortKey(a), sortKey(b))),
  );
}

function hasOrigin(row: ScoreRow): boolean {
  return ![row.comboId, row.draftTemplate, row.generationTemplate, row.generationModel].includes('');
}

function judgeLabel(row: ScoreRow): string {
  return `${labelPart(row.evaluationTemplate)}__${labelPart(row.evaluationModel)}`;
}

/** Lines come sorted by essay, and sorting is stable, so the essay decides between equals. */
function sortKey({ first }: PivotLine): string {
  return [first.comboId, first.draftTemplate, first.generationModel, first.generationTemplate].join('_');
}

/** `template_version_comparison_pivot.csv`: a line for each essay, a mean over judges and replicates and a count for each rubric. */
export function templateVersionComparison(rows: readonly ScoreRow[]): Table {
  const { labels, lines } = pivot(
    rows.filter((row) => isScored(row) && row.evaluationTemplate !== ''),
    {
      key: (row) => [row.comboId, row.generationTemplate, row.generationModel, row.parentGenId],
      label: (row) => row.evaluationTemplate,
    },
  );
  const columns = [
    COMBO,
    TEMPLATE,
    MODEL,
    ...labels.map((label) => meanColumn(label)),
    ESSAY,
    ...labels.map((label) => countColumn(label)),
  ];
  return tableOf(columns, lines);
}

function meanColumn(label: string): ColumnOf<PivotLine> {
  return floatColumn(label, (line) => line.cells.get(label)?.mean);
}

function countColumn(label: string): ColumnOf<PivotLine> {
  return integerColumn(`${label}_n`, (line) => line.cells.get(label)?.count ?? 0);
}
