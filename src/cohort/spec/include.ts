// `@file:` includes: finds the file inside the project and reads its list. Knows nothing of what the list is used for.
import { dirname, extname, resolve } from 'node:path';
import { defined } from '../../defined.ts';
import { problem, type Place, type Problem } from '../../problem.ts';
import { splitLines, trim } from '../../text/python.ts';
import { otherSeparator, parseCsvRecords } from '../../inputs/csv/csv.ts';
import { insideFolder } from '../../inputs/disk/diskreader.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import { listOf, parseJson, scalarOf, textIn, type Tree } from '../../inputs/yaml/tree.ts';
import { parseYaml } from '../../inputs/yaml/yaml.ts';

const MARK = '@file:';

export interface IncludeScope {
  readonly reader: InputReader;
  readonly specFile: string;
  readonly projectRoot: string;
  readonly problems: Problem[];
}

export interface ItemList {
  /** Undefined when the value is no list; that is for the caller to report, unless `failed`. */
  readonly items: readonly Tree[] | undefined;
  /** Lists among the items are rows of a CSV file, so each is one value. */
  readonly rows: boolean;
  /** Names of their cells. */
  readonly columns?: readonly string[];
  /** The include is broken and its problem is told already. */
  readonly failed: boolean;
  readonly included: boolean;
}

/** The items of a list that stands here or in the file that is named here. */
export function itemsOf(tree: Tree, scope: IncludeScope): ItemList {
  const text = textIn(tree);
  if (text === undefined || !text.startsWith(MARK))
    return {
      items: tree.kind === 'list' ? tree.items : undefined,
      rows: false,
      failed: false,
      included: false,
    };
  const before = scope.problems.length;
  const file = resolve(dirname(scope.specFile), text.slice(MARK.length));
  const value = readInclude({ file, written: text, place: tree.place }, scope);
  const failed = scope.problems.length > before;
  const rows = extname(file).toLowerCase() === '.csv';
  if (value?.kind !== 'list') return { items: undefined, rows, failed, included: true };
  const { items, columns } = value;
  return { items, rows, failed, included: true, ...defined({ columns }) };
}

interface Include {
  readonly file: string;
  readonly written: string;
  readonly place: Place;
}

function readInclude(include: Include, scope: IncludeScope): Tree | undefined {
  const { file, written, place } = include;
  if (!insideFolder(scope.projectRoot, file)) {
    const message = `"${written}" leads out of the project, to ${file}.`;
    scope.problems.push(
      problem('DD305', message, { place, reason: 'include_outside_project', data: { file } }),
    );
    return undefined;
  }
  const parse = PARSERS.get(extname(file).toLowerCase());
  if (parse === undefined)
    return refuse(include, scope, {
      reason: 'include_extension',
      message: `"${written}" has a file type that is not read.`,
    });
  const { value: text, problems } = scope.reader.text(file);
  scope.problems.push(...problems);
  if (text !== undefined) return parse(text, include, scope);
  if (problems.length > 0) return undefined;
  return refuse(include, scope, {
    reason: 'include_missing',
    message: `"${written}" names a file that is not there: ${file}.`,
  });
}

type ParseInclude = (text: string, include: Include, scope: IncludeScope) => Tree | undefined;

const PARSERS: ReadonlyMap<string, ParseInclude> = new Map<string, ParseInclude>([
  ['.yaml', yamlList],
  ['.yml', yamlList],
  ['.json', jsonValue],
  ['.txt', textLines],
  ['.csv', csvList],
]);

/** An empty file, null, false, 0 and the like count as an empty list. */
function yamlList(text: string, { file }: Include, scope: IncludeScope): Tree {
  const { value, problems } = parseYaml(text, file);
  scope.problems.push(...problems);
  const blank =
    value.kind === 'scalar' ? !value.value : value.kind === 'mapping' && value.entries.length === 0;
  return blank ? listOf([], value.place) : value;
}

function jsonValue(text: string, { file }: Include, scope: IncludeScope): Tree {
  const { value, problems } = parseJson(text, file);
  scope.problems.push(...problems);
  return value;
}

function textLines(text: string, { file }: Include): Tree {
  const lines = splitLines(text).flatMap((line, at) => {
    const trimmed = trim(line);
    return trimmed === '' ? [] : [scalarOf(trimmed, { file, line: at + 1 })];
  });
  return listOf(lines, { file });
}

/** One named column: texts. Several: rows, whose cells must all be filled. A padded name finds no cells. */
function csvList(text: string, include: Include, scope: IncludeScope): Tree | undefined {
  const { file } = include;
  const { value: records, problems } = parseCsvRecords(text, file);
  scope.problems.push(...problems);
  if (problems.length > 0) return undefined;
  const [first, ...rest] = records;
  if (first === undefined)
    return refuse(include, scope, {
      reason: 'include_csv_no_header',
      message: `${file} has no header line.`,
    });
  const separator = otherSeparator(first.cells, { file, line: first.line });
  if (separator !== undefined) return void scope.problems.push(separator);
  const columns = first.cells.flatMap((name, at) =>
    trim(name) === '' ? [] : [{ name: trim(name), at, padded: trim(name) !== name }],
  );
  if (columns.length === 0)
    return refuse(include, scope, {
      reason: 'include_csv_blank_header',
      message: `${file} names no column.`,
    });
  const items: Tree[] = [];
  for (const record of rest) {
    const place = { file, line: record.line };
    const cells = columns.map(({ at, padded }) => (padded ? '' : trim(record.cells[at] ?? '')));
    const blank = columns[cells.indexOf('')];
    if (blank === undefined)
      items.push(
        columns.length === 1
          ? scalarOf(cells[0] ?? '', place)
          : listOf(
              cells.map((cell) => scalarOf(cell, place)),
              place,
            ),
      );
    else if (columns.length > 1) {
      const why = blank.padded ? ': its name in the header has blanks around it' : '';
      const message = `${file} has a blank cell in the column "${blank.name}" on line ${record.line}${why}.`;
      const data = { column: blank.name, row: record.line };
      return refuse({ ...include, place: { ...place, field: blank.name } }, scope, {
        reason: 'include_csv_blank_cell',
        message,
        data,
      });
    }
  }
  return items.length > 0
    ? { ...listOf(items, { file }), columns: columns.map(({ name }) => name) }
    : refuse(include, scope, { reason: 'include_csv_no_rows', message: noRows(file, columns[0]) });
}

function noRows(
  file: string,
  column: { readonly name: string; readonly padded: boolean } | undefined,
): string {
  const why = column?.padded === true ? `: the name "${column.name}" in its header has blanks around it` : '';
  return `${file} has no values${why}.`;
}

interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

function refuse(include: Include, scope: IncludeScope, { message, ...details }: Refusal): undefined {
  scope.problems.push(problem('DD306', message, { place: include.place, ...details }));
}
