// Generations as a file for notebooks. Reads the data root as it stands and writes that one file.
import { placeOfOut, writingOut } from '../engine/export/outfile.ts';
import { writeRows } from '../engine/export/rowfile.ts';
import { problem, ProblemError } from '../problem.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../engine/export/columns.ts';
import type { Reading } from './reading/open.ts';
import { exportRows, type RowOptions, type RowsStanding } from './reading/rows.ts';

export interface ExportOptions extends RowOptions {
  /** By the ending of the file where it is left out. */
  readonly format?: ExportFormat | undefined;
  /** The file, relative to the process's folder; what it held before is replaced once the new one is whole. */
  readonly out: string;
  /** Aborted: the file stays as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Hears now and then how many rows are written, of how many. */
  readonly progress?: ((written: number, total: number) => void) | undefined;
}

export interface ExportReport extends RowsStanding {
  readonly end: 'done' | 'interrupted';
  /** Absolute. */
  readonly path: string;
  readonly format: ExportFormat;
  /** How many were written; 0 when it was interrupted. */
  readonly rows: number;
}

/** The same as they come from a command line, or from a program without types. */
type ExportWords = Omit<ExportOptions, 'out'> & { readonly out?: string | undefined };

/** What is asked for before anything is read; throws a ProblemError where it is not said. */
export function exportTarget({ out, format }: ExportWords): { out: string; format: ExportFormat } {
  if (out === undefined)
    throw new ProblemError([problem('DD102', 'export wants a file', { place: { field: '--out' } })]);
  const named = format ?? EXPORT_FORMATS.find((each) => out.toLowerCase().endsWith(`.${each}`));
  if (named !== undefined) return { out, format: named };
  throw new ProblemError([
    problem('DD102', `the name ${out} does not say which format it is`, {
      place: { field: '--format' },
      cure: 'Say `--format parquet`, `csv` or `jsonl`, or end the name with one of them.',
    }),
  ]);
}

/** `directory`: what a relative `out` is relative to. */
export async function exportFile(
  reading: Reading,
  options: ExportWords,
  directory: string,
): Promise<ExportReport> {
  const { signal, progress } = options;
  const { out, format } = exportTarget(options);
  const path = placeOfOut(directory, out, reading.session.loaded.settings);
  const { total, rows, stand } = exportRows(reading, options);
  const file = {
    path,
    format,
    texts: options.texts === true,
    stopped: () => signal?.aborted === true,
    onRows: (count: number) => progress?.(count, total),
  };
  const written = await writingOut(path, () => writeRows(rows, file));
  return { end: written === undefined ? 'interrupted' : 'done', path, format, rows: written ?? 0, ...stand };
}
