// A table as a value, and its CSV text as pandas writes it. Knows nothing of scores, and no files.
import { formatFloat } from '../../text/python.ts';
import { csvLine } from '../../inputs/csv/csvline.ts';

/** Undefined and the empty text are blanks. */
export type Cell = string | number | undefined;

export interface Column {
  readonly name: string;
  /** How numbers are written: `float` as Python does (`8.0`), `integer` without a point. */
  readonly kind: 'text' | 'integer' | 'float';
}

export interface Table {
  readonly columns: readonly Column[];
  /** As many cells in each row as there are columns. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A table under a name. */
export interface StatisticsTable {
  readonly name: string;
  /** What a reader should know of the numbers. */
  readonly title: string;
  readonly table: Table;
  /** So many rows were left out at its end; none where nothing is said. */
  readonly more?: number | undefined;
}

/** A column that knows where its cells come from. */
export interface ColumnOf<T> extends Column {
  readonly of: (item: T) => Cell;
}

export function tableOf<T>(columns: readonly ColumnOf<T>[], items: Iterable<T>): Table {
  return {
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    rows: Array.from(items, (item) => columns.map((column) => column.of(item))),
  };
}

export function textColumn<T>(name: string, of: (item: T) => Cell): ColumnOf<T> {
  return { name, kind: 'text', of };
}

export function integerColumn<T>(name: string, of: (item: T) => Cell): ColumnOf<T> {
  return { name, kind: 'integer', of };
}

export function floatColumn<T>(name: string, of: (item: T) => Cell): ColumnOf<T> {
  return { name, kind: 'float', of };
}

/** `neutralise` puts an apostrophe before texts that a spreadsheet would run as a formula. */
export type Formulas = 'keep' | 'neutralise';

/** The CSV text: LF, quotes only where needed, blanks for what is missing. */
export function csvOf({ columns, rows }: Table, formulas: Formulas = 'keep'): string {
  const header = columns.map(({ name }) => name);
  return csvLines([header], columns, formulas) + csvLines(rows, columns, formulas);
}

/** Rows alone, without a header. */
export function csvLines(rows: Table['rows'], columns: readonly Column[], formulas: Formulas): string {
  const text = formulas === 'neutralise' ? neutral : (value: string): string => value;
  const lines = rows.map((row) =>
    columns.map((column, at) => {
      const cell = row[at];
      return typeof cell === 'number' ? numberText(cell, column) : text(cell ?? '');
    }),
  );
  return lines.map((cells) => `${csvLine(cells)}\n`).join('');
}

function numberText(value: number, column: Column): string {
  if (Number.isNaN(value)) return '';
  return column.kind === 'integer' ? String(value) : formatFloat(value);
}

/** Excel also takes the full-width signs, and skips a leading tab or line end. */
function neutral(text: string): string {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}
