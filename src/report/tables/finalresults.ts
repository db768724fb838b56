// Statistics by template, model, judge and combo, and over all. Knows no files.
import { groupBy } from '../../statistics/groups.ts';
import { isScored, type ScoredRow, type ScoreRow } from '../../scores/rows.ts';
import { round, roundOrBlank, type Summary, summarize } from '../../statistics/summary.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

const FIELDS = {
  generation_template: (row: ScoreRow) => row.generationTemplate,
  generation_model: (row: ScoreRow) => row.generationModel,
  evaluation_llm_model: (row: ScoreRow) => row.evaluationModel,
  combo_id: (row: ScoreRow) => row.comboId,
};
type Field = keyof typeof FIELDS;
const FIELD_NAMES: readonly Field[] = [
  'generation_template',
  'generation_model',
  'evaluation_llm_model',
  'combo_id',
];

const BLOCKS: readonly { readonly name: string; readonly by: readonly Field[] }[] = [
  { name: 'by_generation_template', by: ['generation_template'] },
  { name: 'by_generation_model', by: ['generation_model'] },
  { name: 'by_evaluation_model', by: ['evaluation_llm_model'] },
  { name: 'by_combo_id', by: ['combo_id'] },
  { name: 'by_template_and_generation_model', by: ['generation_template', 'generation_model'] },
  { name: 'by_generation_vs_evaluation_model', by: ['generation_model', 'evaluation_llm_model'] },
];
const OVERALL = 'overall_statistics';

interface Line {
  readonly block: string;
  /** Only the fields that the block groups by. */
  readonly key: Readonly<Partial<Record<Field, string>>>;
  readonly scores: readonly number[];
  readonly summary: Summary | undefined;
}

/** `final_results.csv`. Percentages have one decimal in the blocks and two in the overall row, as they always had. */
export function finalResults(rows: readonly ScoreRow[], perfectScore: number): Table {
  const scored = rows.filter(isScored);
  const lines = BLOCKS.flatMap(({ name, by }) => blockOf(scored, name, by));
  return tableOf(
    columnsFor(perfectScore),
    scored.length === 0 ? [] : [...lines, lineOf(OVERALL, {}, scored)],
  );
}

function blockOf(scored: readonly ScoredRow[], block: string, by: readonly Field[]): Line[] {
  return groupBy(scored, (row) => by.map((field) => FIELDS[field](row))).map((group) =>
    lineOf(block, Object.fromEntries(by.map((field, at) => [field, group.key[at]])), group.rows),
  );
}

function lineOf(block: string, key: Line['key'], rows: readonly ScoredRow[]): Line {
  const scores = rows.map((row) => row.score);
  return { block, key, scores, summary: summarize(scores) };
}

function columnsFor(perfectScore: number): ColumnOf<Line>[] {
  const perfect = (line: Line): number => line.scores.filter((score) => score === perfectScore).length;
  const high = (line: Line): number => line.scores.filter((score) => score >= 8).length;
  const low = (line: Line): number => line.scores.filter((score) => score <= 3).length;
  return [
    textColumn('analysis_type', (line) => line.block),
    ...FIELD_NAMES.map((name) => textColumn<Line>(name, (line) => line.key[name])),
    integerColumn('count', (line) => line.scores.length),
    rounded('average', 'mean'),
    rounded('std_dev', 'std'),
    rounded('min_score', 'min'),
    rounded('max_score', 'max'),
    integerColumn('perfect_scores', perfect),
    floatColumn('perfect_score_pct', (line) => percent(line, perfect(line))),
    integerColumn('high_scores_8plus', high),
    floatColumn('high_score_pct', (line) => percent(line, high(line))),
    integerColumn('low_scores_3minus', low),
  ];
}

function rounded(name: string, part: 'mean' | 'std' | 'min' | 'max'): ColumnOf<Line> {
  return floatColumn(name, (line) => roundOrBlank(line.summary?.[part], 2));
}

function percent(line: Line, count: number): number {
  return round((count / line.scores.length) * 100, line.block === OVERALL ? 2 : 1);
}
