// What a view says of scores: the matrix, and the essays behind any of its cells. Answers from columns; reads no file.
import { idAt, at } from '../../graph/graph.ts';
import type { GenId } from '../../generation/stage.ts';
import { STATES, type State } from '../../plan/verdict.ts';
import { matrixOf, type Matrix, type MatrixOrder } from '../../scores/matrix.ts';
import {
  byFacet,
  groupedBy,
  placesWhere,
  type Facet,
  type ScoreTable,
  type Where,
} from '../../scores/scoretable.ts';
import { cohortMarks } from './marks.ts';
import type { Evaluations, Facts } from './facts.ts';

export interface ScoreOptions {
  /** Only evaluations of this cohort. */
  readonly cohort?: string | undefined;
  /** Of each facet, the names that are meant. */
  readonly where?: Where | undefined;
}

export interface MatrixOptions extends ScoreOptions {
  readonly rows?: Facet | undefined;
  readonly columns?: Facet | undefined;
  readonly order?: MatrixOrder | undefined;
  /** The first row that is wanted, and how many; 100 where it is left out. */
  readonly from?: number | undefined;
  readonly most?: number | undefined;
}

export interface MatrixReport extends Matrix {
  readonly by: readonly [rows: Facet, columns: Facet];
  readonly from: number;
  /** Every name that the cohort's evaluations bear, by facet, whatever is meant now. */
  readonly choices: Readonly<Record<Facet, readonly string[]>>;
  readonly cohorts: readonly string[];
}

const MOST_COLUMNS = 60;
const MOST_CHOICES = 2000;

export function matrixReport(facts: Facts, options: MatrixOptions): MatrixReport {
  const { table, among } = meant(facts, options);
  const rows = options.rows ?? 'draft_template';
  const columns = options.columns ?? 'draft_model';
  const from = options.from ?? 0;
  const matrix = matrixOf(table, {
    rows,
    columns,
    where: options.where ?? {},
    order: options.order ?? 'mean',
    from,
    most: options.most ?? 100,
    mostColumns: MOST_COLUMNS,
    among,
  });
  return {
    by: [rows, columns],
    from,
    ...matrix,
    choices: choicesIn(table, among),
    cohorts: facts.graph.cohorts.map(({ id }) => id),
  };
}

/** The score table, and which of its rows are of the cohort. */
export function meant(
  facts: Facts,
  { cohort }: ScoreOptions,
): Evaluations & { readonly among: Uint8Array | undefined } {
  const { table, rows } = facts.evaluations;
  if (cohort === undefined) return { table, rows, among: undefined };
  const marks = cohortMarks(facts.graph, cohort);
  return { table, rows, among: Uint8Array.from(rows, (row) => at(marks, row)) };
}

function choicesIn(
  table: ScoreTable,
  among: Uint8Array | undefined,
): Readonly<Record<Facet, readonly string[]>> {
  const namesOf = (facet: Facet): readonly string[] => {
    const codes = table.codes[facet];
    const seen = new Uint8Array(table.names[facet].length);
    for (let place = 0; place < table.size; place++)
      if (among === undefined || among[place] === 1) seen[codes[place] ?? 0] = 1;
    return table.names[facet]
      .filter((_, code) => seen[code] === 1)
      .slice(0, MOST_CHOICES)
      .sort();
  };
  return byFacet(namesOf);
}

/** One score of an essay. */
export interface EssayScore {
  readonly genId: GenId;
  readonly rubric: string;
  readonly judge: string;
  readonly replicate: number;
  /** Null where there is none that counts. */
  readonly score: number | null;
  readonly state: State;
}

export interface EssayRecord {
  readonly genId: GenId;
  readonly draft: GenId;
  readonly draftTemplate: string;
  readonly draftModel: string;
  readonly essayTemplate: string;
  readonly essayModel: string;
  readonly combo: string;
  readonly state: State;
  /** Of the scores that are meant; null without any. */
  readonly mean: number | null;
  readonly scores: readonly EssayScore[];
}

export interface EssayOptions extends ScoreOptions {
  readonly from?: number | undefined;
  /** 50 where it is left out. */
  readonly most?: number | undefined;
  /** Best mean first, worst first, or as the rows stand. */
  readonly order?: 'best' | 'worst' | 'rows' | undefined;
}

export interface EssayPage {
  readonly from: number;
  readonly total: number;
  readonly essays: readonly EssayRecord[];
}

/** The essays of the evaluations that are meant, with their scores. */
export function essayPage(facts: Facts, options: EssayOptions): EssayPage {
  const { table, rows, among } = meant(facts, options);
  const places = placesWhere(table, options.where ?? {}, among);
  const byEssay = groupedBy(places, (place) => table.essays[place] ?? 0);
  const essays = [...byEssay].map(([row, places]) => ({ row, places, mean: meanOf(table, places) }));
  if (options.order !== 'rows') {
    const sign = options.order === 'worst' ? -1 : 1;
    essays.sort(
      (a, b) => sign * ((b.mean ?? -sign * Infinity) - (a.mean ?? -sign * Infinity)) || a.row - b.row,
    );
  }
  const from = options.from ?? 0;
  return {
    from,
    total: essays.length,
    essays: essays.slice(from, from + (options.most ?? 50)).map(({ row, places, mean }) => {
      return essayRecord(facts, { table, rows }, { row, places, mean });
    }),
  };
}

interface Grouped {
  readonly row: number;
  readonly places: readonly number[];
  readonly mean: number | null;
}

function essayRecord(
  facts: Facts,
  { table, rows }: Evaluations,
  { row, places, mean }: Grouped,
): EssayRecord {
  const { graph, verdicts } = facts;
  const [first = 0] = places;
  const name = (facet: Facet, place: number): string =>
    table.names[facet][table.codes[facet][place] ?? 0] ?? '';
  const stateAt = (each: number): State => at(STATES, at(verdicts.state, each));
  return {
    genId: idAt(graph, row),
    draft: idAt(graph, at(graph.parent, row)),
    draftTemplate: name('draft_template', first),
    draftModel: name('draft_model', first),
    essayTemplate: name('essay_template', first),
    essayModel: name('essay_model', first),
    combo: name('combo', first),
    state: stateAt(row),
    mean,
    scores: places.map((place) => {
      const evaluation = at(rows, place);
      const score = table.scores[place] ?? Number.NaN;
      return {
        genId: idAt(graph, evaluation),
        rubric: name('rubric', place),
        judge: name('judge', place),
        replicate: at(graph.replicate, evaluation),
        score: Number.isNaN(score) ? null : score,
        state: stateAt(evaluation),
      };
    }),
  };
}

function meanOf({ scores }: ScoreTable, places: readonly number[]): number | null {
  let [sum, count] = [0, 0];
  for (const place of places) {
    const score = scores[place] ?? Number.NaN;
    if (Number.isNaN(score)) continue;
    sum += score;
    count++;
  }
  return count === 0 ? null : sum / count;
}
