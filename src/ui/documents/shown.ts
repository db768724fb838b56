// Tables as a page shows them: cells that JSON can hold, and of long ones the first lines of each kind. Computes nothing.
import type { Cell, Column, StatisticsTable } from '../../report/tables/table.ts';

export interface ShownTable {
  readonly name: string;
  /** What a reader should know of the numbers. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** Lines that the table has in all. */
  readonly total: number;
}

interface Shortening {
  /** The column whose word is a line's kind; lines of a table without it are of one kind. */
  readonly by: string;
  /** Lines of each kind. */
  readonly most: number;
}

export function shownTable(
  { name, title, table: { columns, rows } }: StatisticsTable,
  { by, most }: Shortening,
): ShownTable {
  const at = columns.findIndex((column) => column.name === by);
  const seen = new Map<Cell, number>();
  const kept = rows.filter((row) => {
    const count = (seen.get(row[at]) ?? 0) + 1;
    seen.set(row[at], count);
    return count <= most;
  });
  const cells = kept.map((row) =>
    row.map((cell) => (cell === undefined || Number.isNaN(cell) ? null : cell)),
  );
  return { name, title, columns, rows: cells, total: rows.length };
}
