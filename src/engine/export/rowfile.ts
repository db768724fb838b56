// Rows into a file, a batch at a time: however many there are, one batch is in memory. Knows no row and no format.
import { encoderFor } from './encoding.ts';
import { exportColumns, type ExportFormat, type ExportRow } from './columns.ts';
import { growFile } from '../../store/writing/growing.ts';

/** A row group of Parquet: few enough rows for memory, enough of them for readers that skip groups. */
const ROWS = 4000;
const LETTERS = 4_000_000;

export interface RowFile {
  /** Absolute. */
  readonly path: string;
  readonly format: ExportFormat;
  readonly texts: boolean;
  /** Asked before each batch: true leaves the file as it was. */
  readonly stopped: () => boolean;
  /** After each batch: how many rows are written. */
  readonly onRows: (count: number) => void;
}

/** How many rows were written; undefined when it was stopped. */
export async function writeRows(rows: AsyncIterable<ExportRow>, to: RowFile): Promise<number | undefined> {
  const encoder = await encoderFor(to.format, exportColumns(to.texts));
  const file = growFile(to.path);
  let count = 0;
  try {
    for await (const batch of batchesOf(rows)) {
      if (to.stopped()) {
        file.giveUp();
        return undefined;
      }
      file.write(encoder.rows(batch));
      count += batch.length;
      to.onRows(count);
    }
    file.write(encoder.end());
  } catch (error) {
    file.giveUp();
    throw error;
  }
  file.finish();
  return count;
}

async function* batchesOf(rows: AsyncIterable<ExportRow>): AsyncGenerator<readonly ExportRow[]> {
  let batch: ExportRow[] = [];
  let letters = 0;
  for await (const row of rows) {
    batch.push(row);
    letters += (row.prompt?.length ?? 0) + (row.raw?.length ?? 0) + (row.parsed?.length ?? 0);
    if (batch.length < ROWS && letters < LETTERS) continue;
    yield batch;
    batch = [];
    letters = 0;
  }
  if (batch.length > 0) yield batch;
}
