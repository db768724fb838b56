// The matrix as somebody asks for it: two facets, what is meant, and every name that could be meant.
import { USUAL } from '../../catalog/variants.ts';
import { matrixOf, type Matrix, type MatrixOrder } from './matrix.ts';
import { CHOSEN, VARIED, type Facet, type ScoreTable, type Varied } from './scoretable.ts';
import { amongOf, type ScoreBook, type ScoreOptions } from './scorebook.ts';

export interface MatrixOptions extends ScoreOptions {
  readonly rows?: Facet | undefined;
  readonly columns?: Facet | undefined;
  readonly order?: MatrixOrder | undefined;
  /** The name of a column by whose means the rows go, the best first. */
  readonly by?: string | undefined;
  /** The first row that is wanted, and how many; 100 where it is left out. */
  readonly from?: number | undefined;
  readonly most?: number | undefined;
}

export interface MatrixReport extends Matrix {
  readonly by: readonly [rows: Facet, columns: Facet];
  readonly from: number;
  /** Every name that the cohort's evaluations bear, by facet, whatever is meant now; a parameter that no axis varies is left out. */
  readonly choices: Choices;
  readonly cohorts: readonly string[];
}

export type Choices = Readonly<
  Record<(typeof CHOSEN)[number], readonly string[]> & Partial<Record<Varied, readonly string[]>>
>;

const MOST_COLUMNS = 60;
const MOST_CHOICES = 2000;

export function matrixReport(book: ScoreBook, options: MatrixOptions): MatrixReport {
  const { table } = book;
  const among = amongOf(book, options);
  const rows = options.rows ?? 'draft_template';
  const columns = options.columns ?? 'draft_model';
  const from = options.from ?? 0;
  const matrix = matrixOf(table, {
    rows,
    columns,
    where: options.where ?? {},
    order: options.order ?? 'mean',
    by: options.by,
    from,
    most: options.most ?? 100,
    mostColumns: MOST_COLUMNS,
    among,
  });
  return { by: [rows, columns], from, ...matrix, choices: choicesIn(table, among), cohorts: book.cohorts };
}

function choicesIn(table: ScoreTable, among: ArrayLike<number> | undefined): Choices {
  const namesOf = (facet: Facet): readonly string[] => {
    const codes = table.codes[facet];
    if (table.names[facet].length === 1 && table.size > 0 && among === undefined) return table.names[facet];
    const seen = new Uint8Array(table.names[facet].length);
    for (let place = 0; place < table.size; place++)
      if (among === undefined || among[place] === 1) seen[codes[place] ?? 0] = 1;
    return table.names[facet]
      .filter((_, code) => seen[code] === 1)
      .slice(0, MOST_CHOICES)
      .sort();
  };
  const chosen = CHOSEN.map((facet) => [facet, namesOf(facet)] as const);
  const varied = VARIED.map((facet) => [facet, namesOf(facet)] as const);
  const told = varied.filter(([, names]) => names.some((name) => name !== USUAL));
  return Object.fromEntries([...chosen, ...told]) as Choices;
}
