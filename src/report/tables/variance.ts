// How far evaluations of the same kind of text differ: over all, for each judge across rubrics, for each rubric across judges.
import { distinct, type Group, groupBy } from '../../statistics/groups.ts';
import { isScored, type ScoredRow, type ScoreRow } from '../../scores/rows.ts';
import { round, roundOrBlank, type Summary, summarize } from '../../statistics/summary.ts';
import {
  type Column,
  type ColumnOf,
  floatColumn,
  integerColumn,
  type Table,
  tableOf,
  textColumn,
} from './table.ts';

/** A group with its statistics. */
interface Line {
  readonly group: Group<ScoredRow>;
  readonly summary: Summary;
  /** The standard deviation by the mean; undefined where it says nothing. */
  readonly coefficient: number | undefined;
}

const CLASS = 'stability_classification';

/**
 * `variance_analysis.csv`: three blocks, one below the other, with the union of their columns in order of appearance. The key
 * holds neither draft template nor essay, so replicates of generations are compared too.
 */
export function varianceAnalysis(rows: readonly ScoreRow[]): Table {
  const scored = rows.filter(isScored);
  return stack([overall(scored), byJudge(scored), byRubric(scored)]);
}

/** Rounds to three decimals before anything is derived. */
function overall(scored: readonly ScoredRow[]): Table {
  const columns = [
    ...KEY_COLUMNS,
    integerColumn<Line>('total_evaluations', (line) => line.summary.count),
    ...SCORE_COLUMNS,
    NUM_TEMPLATES,
    NUM_MODELS,
    ...endColumns('overall_variance'),
  ];
  const lines = groupBy(scored, keyOf).flatMap((group): Line[] => {
    const summary = thousandths(summarizeGroup(group));
    if (summary === undefined) return [];
    const coefficient = summary.std === undefined ? undefined : summary.std / summary.mean;
    return [{ group, summary, coefficient: Number.isNaN(coefficient) ? undefined : coefficient }];
  });
  return tableOf(columns, lines);
}

function byJudge(scored: readonly ScoredRow[]): Table {
  const columns = [
    ...KEY_COLUMNS,
    ...SCORE_COLUMNS,
    NUM_TEMPLATES,
    ...endColumns('template_variance'),
    textColumn<Line>('eval_model', (line) => line.group.rows[0].evaluationModel),
    integerColumn<Line>('template_evaluations', (line) => line.summary.count),
    textColumn<Line>('templates_used', (line) => templatesOf(line).join(', ')),
  ];
  return tableOf(columns, pairs(groupBy(scored, (row) => [...keyOf(row), row.evaluationModel])));
}

function byRubric(scored: readonly ScoredRow[]): Table {
  const columns = [
    ...KEY_COLUMNS,
    ...SCORE_COLUMNS,
    NUM_MODELS,
    ...endColumns('model_variance'),
    textColumn<Line>('eval_template', (line) => line.group.rows[0].evaluationTemplate),
    integerColumn<Line>('model_evaluations', (line) => line.summary.count),
    textColumn<Line>('models_used', (line) => modelsOf(line).join(', ')),
  ];
  return tableOf(columns, pairs(groupBy(scored, (row) => [...keyOf(row), row.evaluationTemplate])));
}

/** Groups of at least two scores, unrounded. */
function pairs(groups: readonly Group<ScoredRow>[]): Line[] {
  return groups.flatMap((group): Line[] => {
    const summary = summarizeGroup(group);
    if (summary?.std === undefined) return [];
    return [{ group, summary, coefficient: summary.mean === 0 ? 0 : summary.std / summary.mean }];
  });
}

function summarizeGroup(group: Group<ScoredRow>): Summary | undefined {
  return summarize(group.rows.map((row) => row.score));
}

function thousandths(summary: Summary | undefined): Summary | undefined {
  if (summary === undefined) return undefined;
  return {
    count: summary.count,
    mean: round(summary.mean, 3),
    std: roundOrBlank(summary.std, 3),
    min: round(summary.min, 3),
    max: round(summary.max, 3),
  };
}

function keyOf(row: ScoreRow): readonly string[] {
  return [row.comboId, row.generationTemplate, row.generationModel];
}

function templatesOf(line: Line): string[] {
  return distinct(line.group.rows.map((row) => row.evaluationTemplate));
}

function modelsOf(line: Line): string[] {
  return distinct(line.group.rows.map((row) => row.evaluationModel));
}

function rangeOf(line: Line): number {
  return line.summary.max - line.summary.min;
}

const KEY_COLUMNS: readonly ColumnOf<Line>[] = ['combo_id', 'generation_template', 'generation_model'].map(
  (name, at) => textColumn(name, (line) => line.group.key[at]),
);

const SCORE_COLUMNS: readonly ColumnOf<Line>[] = [
  floatColumn('mean_score', (line) => line.summary.mean),
  floatColumn('std_dev', (line) => line.summary.std),
  floatColumn('min_score', (line) => line.summary.min),
  floatColumn('max_score', (line) => line.summary.max),
];

const NUM_TEMPLATES = integerColumn<Line>('num_templates', (line) => templatesOf(line).length);
const NUM_MODELS = integerColumn<Line>('num_models', (line) => modelsOf(line).length);

function endColumns(analysis: string): ColumnOf<Line>[] {
  return [
    floatColumn('score_range', rangeOf),
    floatColumn('coefficient_of_variation', (line) => line.coefficient),
    textColumn('analysis_type', () => analysis),
    textColumn(CLASS, classOf),
  ];
}

function classOf(line: Line): string {
  const range = rangeOf(line);
  if (line.coefficient === undefined) return 'insufficient_data';
  if (range <= 1) return 'high_agreement';
  if (range <= 2) return 'moderate_agreement';
  return range <= 3 ? 'low_agreement' : 'poor_agreement';
}

/** Whole numbers get a decimal point as soon as one row of the stacked table has none, as pandas has it. */
function stack(tables: readonly Table[]): Table {
  const filled = tables.filter((table, at) => at === 0 || table.rows.length > 0);
  const named = new Map(filled.flatMap((table) => table.columns).map((column) => [column.name, column]));
  const names = [...named.keys()].filter((name) => name !== CLASS).concat(CLASS);
  const rows = filled.flatMap((table) => {
    const places = names.map((name) => table.columns.findIndex((column) => column.name === name));
    return table.rows.map((row) => places.map((place) => row[place]));
  });
  const columns = names.map((name, at): Column => {
    const kind = named.get(name)?.kind ?? 'text';
    return { name, kind: kind === 'integer' && rows.some((row) => row[at] === undefined) ? 'float' : kind };
  });
  return { columns, rows };
}
