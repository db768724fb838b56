// Reads one catalog's CSV: that it is there, its required columns, its ids. Knows nothing of what a catalog is for.
import { basename } from 'node:path';
import { problem, type Loaded, type Place, type Problem, warning } from '../problem.ts';
import { parseCsv, type CsvRow, type CsvTable } from '../inputs/csv/csv.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import { nearest } from '../text/nearest.ts';
import { unusableId } from './ids.ts';

/** Undefined when there is no such file; what is wrong with a file that is there is among the problems. */
export function readTable(reader: InputReader, file: string): Loaded<CsvTable | undefined> {
  const { value: text, problems } = reader.text(file);
  if (text === undefined) return { value: undefined, problems };
  const parsed = parseCsv(text, file);
  return { value: parsed.value, problems: [...problems, ...parsed.problems] };
}

/** As `readTable`, for a file that must be there and have these columns. With a problem there are no rows. */
export function requireTable(
  reader: InputReader,
  file: string,
  columns: readonly string[],
): Loaded<CsvTable> {
  const empty: CsvTable = { file, header: [], rows: [] };
  const { value, problems } = readTable(reader, file);
  if (value === undefined) {
    const missing = problem('DD203', `${file} is missing.`, {
      place: { file },
      reason: 'input_file_missing',
    });
    return { value: empty, problems: problems.length > 0 ? problems : [missing] };
  }
  if (value.header.length === 0) return { value: empty, problems };
  const absent = missingColumns(value, columns);
  return { value: absent.length > 0 ? empty : value, problems: [...problems, ...absent] };
}

export function missingColumns(table: CsvTable, columns: readonly string[]): Problem[] {
  const missing = columns.filter((column) => !table.header.includes(column));
  if (missing.length === 0) return [];
  const others = table.header.filter((name) => !columns.includes(name));
  const names = missing.map((name) => `"${name}"${looksLike(name, others)}`).join(', ');
  const found = problem('DD208', `${table.file} lacks the column ${names}.`, {
    place: { file: table.file, line: 1 },
    reason: 'required_column_missing',
    data: { missing },
  });
  return [found];
}

function looksLike(name: string, others: readonly string[]): string {
  const [like] = nearest(name, others, 1);
  return like === undefined ? '' : ` ("${like}" looks like it)`;
}

/** A column that nothing reads, and that is nearly one that is read and is not there. */
export function misspeltColumns(table: CsvTable, known: readonly string[]): Problem[] {
  const absent = known.filter((name) => !table.header.includes(name));
  return table.header.flatMap((name) => {
    if (name === '' || known.includes(name)) return [];
    const [like] = nearest(name, absent, 1);
    if (like === undefined) return [];
    const message = `${table.file} has the column "${name}", which nothing reads; it looks like "${like}".`;
    const place = { file: table.file, line: 1, field: name };
    return [warning('DD286', message, { place, reason: 'column_misspelt', data: { column: name, like } })];
  });
}

/** Catalogs once switched rows on and off by a column; specs decide that now. */
export function legacyColumn(table: CsvTable): Problem[] {
  if (!table.header.includes('active')) return [];
  const found = problem('DD207', `${table.file} has the column "active", which is withdrawn.`, {
    place: { file: table.file, line: 1, field: 'active' },
    reason: 'legacy_column_rejected',
    data: { column: 'active' },
  });
  return [found];
}

export function placeOf(table: CsvTable, row: CsvRow, field: string): Place {
  return { file: table.file, line: row.line, field };
}

/** The rows by id, in file order, without those whose id is blank, repeated or no file name. */
export function rowsById(table: CsvTable, column: string): Loaded<ReadonlyMap<string, CsvRow>> {
  const rows = new Map<string, CsvRow>();
  const problems: Problem[] = [];
  for (const row of table.rows) {
    const id = row.cells[column] ?? '';
    const earlier = rows.get(id);
    const place = placeOf(table, row, column);
    const unusable = unusableId(id);
    if (unusable !== undefined) problems.push(unusableIdProblem(id, unusable, place));
    else if (earlier === undefined) rows.set(id, row);
    else {
      const message = `${basename(table.file)} has "${id}" twice, on lines ${earlier.line} and ${row.line}.`;
      const data = { id, lines: [earlier.line, row.line] };
      problems.push(problem('DD209', message, { place, reason: 'duplicate_id', data }));
    }
  }
  return { value: rows, problems };
}

function unusableIdProblem(id: string, why: string, place: Place): Problem {
  return problem('DD210', `The id ${JSON.stringify(id)} cannot be used: ${why}.`, {
    place,
    reason: 'unusable_id',
    data: { id },
  });
}
