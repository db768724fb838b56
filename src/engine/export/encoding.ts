// Rows as the bytes of a file, a batch at a time: CSV, JSON lines, Parquet. Knows no file.
import { csvLines, type Cell, type Column } from '../../report/tables/table.ts';
import type { Encoder, ExportColumn, ExportFormat, ExportRow } from './columns.ts';

export async function encoderFor(format: ExportFormat, columns: readonly ExportColumn[]): Promise<Encoder> {
  switch (format) {
    case 'parquet':
      return (await import('./parquet.ts')).parquetEncoder(columns);
    case 'jsonl':
      return textEncoder('', (batch) => batch.map((row) => `${JSON.stringify(row)}\n`).join(''));
    case 'csv':
      return csvEncoder(columns, 'keep');
    case 'csv-safe':
      return csvEncoder(columns, 'neutralise');
    default:
      return format satisfies never;
  }
}

/** `head` comes before the first rows, and where there are none. */
function textEncoder(head: string, textOf: (batch: readonly ExportRow[]) => string): Encoder {
  let ahead = head;
  const out = (text: string): Uint8Array => {
    const bytes = Buffer.from(ahead + text, 'utf8');
    ahead = '';
    return bytes;
  };
  return { rows: (batch) => out(textOf(batch)), end: () => out('') };
}

/** Between the items of a list: what pandas' `get_dummies` and most `split`s are told by. */
const BETWEEN = '|';

function csvEncoder(columns: readonly ExportColumn[], formulas: 'keep' | 'neutralise'): Encoder {
  const shown = columns.map(({ name, kind }): Column => ({ name, kind: CELL_KINDS[kind] }));
  const header = csvLines([shown.map(({ name }) => name)], shown, formulas);
  return textEncoder(header, (batch) =>
    csvLines(
      batch.map((row) => columns.map(({ name }) => cellOf(row[name]))),
      shown,
      formulas,
    ),
  );
}

const CELL_KINDS = {
  text: 'text',
  list: 'text',
  time: 'text',
  integer: 'integer',
  number: 'float',
} as const satisfies Record<ExportColumn['kind'], Column['kind']>;

function cellOf(value: ExportRow[keyof ExportRow]): Cell {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? value.join(BETWEEN) : value;
}
