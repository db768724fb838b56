// CSV text as rows with line numbers. Knows nothing of files' places in a project or of their columns.
import { parse } from 'csv-parse/sync';
import { problem, type Loaded, type Place, type Problem } from '../../problem.ts';
import { trim } from '../../text/python.ts';

export interface CsvRow {
  /** Where the row begins, from 1; the header stands on a line too. */
  readonly line: number;
  /** Trimmed texts by column; '' where the row is shorter than the header. */
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvTable {
  readonly file: string;
  /** Trimmed column names. */
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** A record as it stands in the file, untrimmed. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

const LINE_END = /\r\n|\r|\n/g;
const OPTIONS = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  record_delimiter: ['\r\n', '\n', '\r'],
};

/** A table with a header. Wholly blank rows are skipped; a row longer than the header is an error, the first one included. */
export function parseCsv(text: string, file: string): Loaded<CsvTable> {
  const { value: records, problems } = parseCsvRecords(text, file);
  const first = records[0];
  if (first === undefined) {
    const empty = problem('DD206', `${file} has no header line.`, {
      place: { file, line: 1 },
      reason: 'csv_no_header',
    });
    return { value: { file, header: [], rows: [] }, problems: problems.length > 0 ? problems : [empty] };
  }
  const header = first.cells.map((name) => trim(name));
  const separated = otherSeparator(header, { file, line: first.line });
  if (separated !== undefined) return { value: { file, header: [], rows: [] }, problems: [separated] };
  const found: Problem[] = [...problems, ...repeatedNames(header, first.line, file)];
  const rows: CsvRow[] = [];
  for (const record of records.slice(1)) {
    if (record.cells.length > header.length) found.push(tooLong(record, header, file));
    else if (record.cells.some((cell) => trim(cell) !== ''))
      rows.push({ line: record.line, cells: cellsOf(record, header) });
  }
  return { value: { file, header, rows }, problems: found };
}

/** Every record that is not a blank line, in order. */
export function parseCsvRecords(text: string, file: string): Loaded<readonly CsvRecord[]> {
  let cells: string[][];
  try {
    cells = parse(text, OPTIONS);
  } catch (error) {
    return { value: [], problems: [malformed(error, text, file)] };
  }
  const records: CsvRecord[] = [];
  let line = 1;
  for (const each of cells) {
    if (each.length > 1 || trim(each[0] ?? '') !== '') records.push({ line, cells: each });
    line += linesOf(each);
  }
  return { value: records, problems: [] };
}

function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells)
    if (cell.includes('\n') || cell.includes('\r')) lines += cell.match(LINE_END)?.length ?? 0;
  return lines;
}

function cellsOf(record: CsvRecord, header: readonly string[]): Readonly<Record<string, string>> {
  const cells: Record<string, string> = Object.create(null);
  for (let at = 0; at < header.length; at += 1) cells[header[at] ?? ''] = trim(record.cells[at] ?? '');
  return cells;
}

const SEPARATORS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
] as const;

/** As spreadsheets write it where the comma is what stands before decimals, and the line by which they tell one another. */
export function otherSeparator(header: readonly string[], place: Place): Problem | undefined {
  const said = /^sep=(.?)$/i.exec(header.join(','))?.[1];
  const names = header.length === 1 ? (header[0] ?? '') : '';
  const mark = said ?? SEPARATORS.find(([each]) => names.includes(each))?.[0];
  if (mark === undefined) return undefined;
  const name = SEPARATORS.find(([each]) => each === mark)?.[1];
  const begins = said === undefined ? [] : [`begins with the line sep=${said}, which only spreadsheets read`];
  const between = name === undefined ? [] : [`has ${name} between its cells, not commas`];
  const save =
    'Save it as CSV with commas between the cells (spreadsheets ask for it, or call it "CSV, comma separated")';
  return problem('DD208', `${place.file ?? ''} ${[...begins, ...between].join(', and ')}.`, {
    place,
    reason: 'csv_separator',
    data: { separator: mark },
    cure: `${[...(name === undefined ? [] : [save]), ...(said === undefined ? [] : ['Take the line out'])].join('. ')}.`,
  });
}

function repeatedNames(header: readonly string[], line: number, file: string): Problem[] {
  const seen = new Map<string, number>();
  const problems: Problem[] = [];
  for (const [at, name] of header.entries()) {
    const earlier = seen.get(name);
    if (earlier !== undefined && name !== '')
      problems.push(
        problem(
          'DD206',
          `${file} names the column "${name}" twice, in places ${earlier + 1} and ${at + 1}.`,
          {
            place: { file, line, field: name },
            reason: 'csv_header_repeated',
            cure: `Rename or remove one of the two columns "${name}".`,
          },
        ),
      );
    else seen.set(name, at);
  }
  return problems;
}

function tooLong(record: CsvRecord, header: readonly string[], file: string): Problem {
  const first = record.cells[0] ?? '';
  return problem(
    'DD205',
    `${file} has ${header.length} columns, but the row that begins with "${first}" has ${record.cells.length} cells.`,
    {
      place: { file, line: record.line },
      reason: 'csv_parse_error',
      data: { columns: header.length, cells: record.cells.length },
    },
  );
}

/** The parser names the line where it gave up; what a person needs is the line where the broken record begins. */
function malformed(error: unknown, text: string, file: string): Problem {
  if (!(error instanceof Error) || !('records' in error) || typeof error.records !== 'number') throw error;
  const whole: string[][] = error.records === 0 ? [] : parse(text, { ...OPTIONS, to: error.records });
  const line = whole.reduce((sum, cells) => sum + linesOf(cells), 1);
  const unclosed = 'code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED';
  const message = unclosed
    ? `${file} opens a quote in the row that begins on line ${line} and never closes it.`
    : `${file} cannot be read as CSV from line ${line} on: ${error.message}.`;
  return problem('DD204', message, { place: { file, line }, reason: 'csv_parse_error' });
}
