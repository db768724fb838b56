// Sets single cells of a CSV text and leaves every other byte as it stands. Knows nothing of files or of what the columns mean.
import { parseCsv } from './csv.ts';
import { csvLine } from './csvline.ts';
import { trim } from '../../text/python.ts';

export interface CellEdits {
  /** Tells the rows apart. */
  readonly key: string;
  /** New texts by key, then by column; a column that the table lacks is added at its end. */
  readonly cells: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Splice extends Span {
  readonly text: string;
}

/** The new text; undefined when reading it back would not give just these changes, as with a table that is broken already. */
export function withCells(text: string, edits: CellEdits): string | undefined {
  const [header, ...rows] = recordsOf(text);
  if (header === undefined) return undefined;
  const names = header.map((cell) => valueAt(text, cell));
  const wanted = new Set([...edits.cells.values()].flatMap((cells) => Object.keys(cells)));
  const added = [...wanted].filter((name) => !names.includes(name)).sort();
  const columns = [...names, ...added];
  const keyColumn = names.indexOf(edits.key);
  const splices =
    added.length === 0 ? [] : [atEnd(header, added.map((name) => `,${csvLine([name])}`).join(''))];
  for (const row of rows) {
    const key = row[keyColumn];
    const cells = key === undefined ? undefined : edits.cells.get(valueAt(text, key));
    splices.push(...rowSplices(row, columns, { cells: cells ?? {}, pad: added.length > 0 }));
  }
  const edited = spliced(text, splices);
  return holds({ before: text, after: edited }, edits) ? edited : undefined;
}

function rowSplices(
  row: readonly Span[],
  columns: readonly string[],
  { cells, pad }: { readonly cells: Readonly<Record<string, string>>; readonly pad: boolean },
): readonly Splice[] {
  const splices: Splice[] = [];
  let tail = '';
  for (const [place, name] of columns.entries()) {
    const span = row[place];
    const value = cells[name];
    const text = value === undefined ? '' : csvLine([value, '']).slice(0, -1);
    if (span === undefined) tail += `,${text}`;
    else if (value !== undefined) splices.push({ ...span, text });
  }
  const needed = pad || Object.keys(cells).some((name) => row[columns.indexOf(name)] === undefined);
  return needed && tail !== '' ? [...splices, atEnd(row, tail)] : splices;
}

function atEnd(row: readonly Span[], text: string): Splice {
  const end = row.at(-1)?.end ?? 0;
  return { start: end, end, text };
}

/** Splices come in the order of the text. */
function spliced(text: string, splices: readonly Splice[]): string {
  let result = '';
  let from = 0;
  for (const { start, end, text: put } of splices) {
    result += text.slice(from, start) + put;
    from = end;
  }
  return result + text.slice(from);
}

/** Spans of the cells of every record that is not a blank line. */
function recordsOf(text: string): readonly (readonly Span[])[] {
  const records: Span[][] = [];
  let record: Span[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let quoted = false;
  for (let place = start; place <= text.length; place++) {
    const sign = text[place];
    if (sign === '"') {
      if (quoted && text[place + 1] === '"') place++;
      else if (quoted || text.slice(start, place).trim() === '') quoted = !quoted;
      continue;
    }
    if (quoted && sign !== undefined) continue;
    const ends = sign === undefined || sign === '\n' || sign === '\r';
    if (sign !== ',' && !ends) continue;
    record.push({ start, end: place });
    start = place + 1;
    quoted = false;
    if (!ends) continue;
    if (record.length > 1 || valueAt(text, record[0]) !== '') records.push(record);
    record = [];
  }
  return records;
}

function valueAt(text: string, span: Span | undefined): string {
  const raw = span === undefined ? '' : trim(text.slice(span.start, span.end));
  return trim(raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
}

/** Whether the edited text reads as the old one with just these cells changed. */
function holds({ before, after }: { before: string; after: string }, { key, cells }: CellEdits): boolean {
  const [old, now] = [parseCsv(before, 'before'), parseCsv(after, 'after')];
  if (old.problems.length > 0 || now.problems.length > 0) return false;
  if (old.value.rows.length !== now.value.rows.length) return false;
  return old.value.rows.every((row, place) => {
    const expected = { ...row.cells, ...cells.get(row.cells[key] ?? '') };
    const found = now.value.rows[place]?.cells ?? {};
    return now.value.header.every((name) => (found[name] ?? '') === trim(expected[name] ?? ''));
  });
}
