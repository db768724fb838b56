// The model catalog: short ids, the provider's names, and the optional columns. Knows nothing of how a model is asked.
import { problem, type Loaded, type Problem } from '../problem.ts';
import { lowerCase, normalizeNewlines, parseFloatText, parseInteger } from '../text/python.ts';
import type { CsvRow, CsvTable } from '../inputs/csv/csv.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import type { Model } from './catalog.ts';
import { oddPrice } from './pricerange.ts';
import { misspeltColumns, placeOf, requireTable, rowsById } from './rows.ts';
import { defined } from '../defined.ts';

const COLUMNS = [
  ...['id', 'model', 'provider', 'display_name', 'specialization', 'served_by', 'pool'],
  ...['input_price', 'output_price', 'batch_input_price', 'batch_output_price'],
  ...['max_tokens', 'temperature', 'reasoning', 'seed', 'sampling', 'transport', 'system'],
  ...['for_generation', 'for_evaluation'],
];
const TRUE = new Set(['true', 'yes', '1', 'on', '']);
const FALSE = new Set(['false', 'no', '0', 'off']);

/** The pseudo model `None` of copied essays is no model, so it is not here. */
export function loadModels(reader: InputReader, file: string): Loaded<ReadonlyMap<string, Model>> {
  const table = requireTable(reader, file, ['id', 'model']);
  const rows = rowsById(table.value, 'id');
  const problems: Problem[] = [...table.problems, ...misspeltColumns(table.value, COLUMNS), ...rows.problems];
  const models = new Map<string, Model>();
  for (const [id, row] of rows.value) models.set(id, modelOf({ id, row, table: table.value, problems }));
  return { value: models, problems };
}

interface Line {
  readonly id: string;
  readonly row: CsvRow;
  readonly table: CsvTable;
  readonly problems: Problem[];
}

function modelOf(line: Line): Model {
  const { id, row, table } = line;
  const cell = (column: string): string => row.cells[column] ?? '';
  if (id === 'None') refuse(line, 'id', 'the word None is kept for essays that are copied');
  if (cell('model') === '') refuse(line, 'model', 'it must name the model as its provider does');
  if (/\p{Cc}/u.test(cell('model')))
    refuse(line, 'model', 'it holds a line end or another control character');
  const inputPrice = number(line, 'input_price', isPrice);
  const outputPrice = number(line, 'output_price', isPrice);
  const batchInputPrice = number(line, 'batch_input_price', isPrice);
  const batchOutputPrice = number(line, 'batch_output_price', isPrice);
  const maxTokens = number(line, 'max_tokens', isCount);
  const temperature = cell('temperature') === NONE ? null : number(line, 'temperature', isPrice);
  return defined({
    id,
    model: cell('model'),
    provider: cell('provider'),
    servedBy: cell('served_by') || undefined,
    ...(cell('pool') === '' ? {} : { pool: cell('pool') }),
    inputPrice,
    outputPrice,
    batchInputPrice,
    batchOutputPrice,
    maxTokens,
    temperature,
    reasoning: reasoningIn(line),
    seed: seedIn(line),
    sampling: settingsIn(line, 'sampling', '{"top_p": 0.9}'),
    transport: settingsIn(line, 'transport', '{"service_tier": "flex"}'),
    system: cell('system') === NONE ? null : normalizeNewlines(cell('system')) || undefined,
    forGeneration: flag(line, 'for_generation'),
    forEvaluation: flag(line, 'for_evaluation'),
    place: placeOf(table, row, 'id'),
  });
}

/** In a cell: a setting that is not sent, whatever wider places say. */
const NONE = 'none';

/** Words that mean nothing elsewhere, and would be sent as an effort. */
const NO_EFFORT = /^(?:none|null|nil|nan|undefined|true|false)$/i;

function reasoningIn(line: Line): Model['reasoning'] {
  const cell = line.row.cells['reasoning'] ?? '';
  if (cell === NONE) return null;
  const budget = parseInteger(cell);
  const says = budget === undefined ? /^[a-z][\w-]*$/i.test(cell) && !NO_EFFORT.test(cell) : budget >= 1;
  if (says) return budget ?? cell;
  const meant = 'an effort such as high, a whole number of tokens from 1 on, the word none, or blank';
  if (cell !== '') refuse(line, 'reasoning', `it must be ${meant}`);
  return undefined;
}

function seedIn(line: Line): Model['seed'] {
  const cell = line.row.cells['seed'] ?? '';
  if (cell === NONE) return null;
  return cell === 'replicate' ? cell : number(line, 'seed', isSeed);
}

function settingsIn(
  line: Line,
  column: 'sampling' | 'transport',
  example: string,
): Readonly<Record<string, unknown>> | undefined {
  const cell = line.row.cells[column] ?? '';
  if (cell === '') return undefined;
  try {
    const value: unknown = JSON.parse(cell);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  refuse(line, column, `it must be a JSON object such as ${example}, or blank`);
  return undefined;
}

interface Range {
  readonly holds: (value: number) => boolean;
  readonly text: string;
}

const isPrice: Range = { holds: (value) => Number.isFinite(value) && value >= 0, text: 'a number from 0 on' };
const isCount: Range = {
  holds: (value) => Number.isInteger(value) && value >= 1,
  text: 'a whole number from 1 on',
};

const isSeed: Range = { holds: Number.isSafeInteger, text: 'a whole number, or the word replicate or none' };

function number(line: Line, column: string, range: Range): number | undefined {
  const cell = line.row.cells[column] ?? '';
  if (cell === '') return undefined;
  const value = parseInteger(cell) ?? parseFloatText(cell);
  if (value !== undefined && range.holds(value)) {
    if (column.endsWith('_price'))
      line.problems.push(
        ...oddPrice(`The ${column} of ${line.id}`, value, placeOf(line.table, line.row, column)),
      );
    return value;
  }
  const hint = /^\d+,\d+$/.test(cell) ? '; decimals stand behind a point' : '';
  refuse(line, column, `it must be ${range.text}, or blank${hint}`);
  return undefined;
}

function flag(line: Line, column: string): boolean {
  const cell = lowerCase(line.row.cells[column] ?? '');
  if (!TRUE.has(cell) && !FALSE.has(cell)) refuse(line, column, 'it must be true or false, or blank');
  return !FALSE.has(cell);
}

function refuse(line: Line, column: string, why: string): void {
  const value = line.row.cells[column] ?? '';
  line.problems.push(
    problem('DD211', `The model "${line.id}" has "${value}" in the column ${column}: ${why}.`, {
      place: placeOf(line.table, line.row, column),
      reason: 'invalid_cell',
      data: { value },
    }),
  );
}
