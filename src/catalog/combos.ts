// Combos: which concepts are combined, under which id. Reads combo_mappings.csv and makes its next text; knows nothing of cohorts.
import { hash } from 'node:crypto';
import { problem, warning, type Loaded, type Problem } from '../problem.ts';
import { compareCodePoints, parseFloatText } from '../text/python.ts';
import { parseCsv, type CsvRow, type CsvTable } from '../inputs/csv/csv.ts';
import { csvLine } from '../inputs/csv/csvline.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import type { Combo, Concept } from './catalog.ts';
import { contentOf } from './concepts.ts';
import { didYouMean } from '../text/nearest.ts';
import { missingColumns, placeOf, readTable, misspeltColumns } from './rows.ts';

const COLUMNS = ['combo_id', 'version', 'concept_id', 'description_level', 'k_max', 'created_at'] as const;
const VERSION = 'v1';
const DEFAULT_LEVEL = 'paragraph';

/** Concepts in any order; `kMax` is cut to a whole number. Nothing is trimmed or made unique. */
export function comboId(conceptIds: readonly string[], level: string, kMax: number): string {
  const sorted = [...conceptIds].sort(compareCodePoints).join('|');
  return `combo_${VERSION}_${hash('sha256', `${sorted}|${level}|${Math.trunc(kMax)}`, 'hex').slice(0, 12)}`;
}

/** Combos sorted by id. One that names an unknown concept carries its problem; it stops only what uses it. */
export function loadCombos(
  reader: InputReader,
  file: string,
  concepts: ReadonlyMap<string, Concept>,
): Loaded<ReadonlyMap<string, Combo>> {
  const { value: table, problems } = readTable(reader, file);
  if (table === undefined)
    return { value: new Map(), problems: problems.length > 0 ? problems : [noCombos(file, 'missing')] };
  const wrong =
    table.header.length === 0
      ? problems
      : [...problems, ...missingColumns(table, ['combo_id', 'concept_id'])];
  if (wrong.length > 0) return { value: new Map(), problems: wrong };
  const { value: groups, problems: ignored } = groupById(table);
  if (groups.size === 0) return { value: new Map(), problems: [...ignored, noCombos(file, 'empty')] };
  const combos = [...groups]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([id, rows]) => [id, comboOf({ id, rows, table, concepts })] as const);
  const twice = [...groups].flatMap(([id, rows]) => namedTwice(id, rows, table));
  return { value: new Map(combos), problems: [...misspeltColumns(table, COLUMNS), ...ignored, ...twice] };
}

interface Group {
  readonly id: string;
  readonly rows: readonly CsvRow[];
  readonly table: CsvTable;
  readonly concepts: ReadonlyMap<string, Concept>;
}

function comboOf({ id, rows, table, concepts }: Group): Combo {
  const conceptIds = rows.map((row) => row.cells['concept_id'] ?? '');
  const level = rows[0]?.cells['description_level'] || DEFAULT_LEVEL;
  const kMax = countIn(rows[0], 'k_max') ?? conceptIds.length;
  const known = conceptIds.flatMap((conceptId) => concepts.get(conceptId) ?? []);
  const contents = known.map((concept) => contentOf(concept, level));
  const combo = { id, conceptIds, level, kMax, contents, ...asRead(known, level) };
  const unknown = rows.find((row) => !concepts.has(row.cells['concept_id'] ?? ''));
  if (unknown === undefined) return combo;
  const missing = conceptIds.filter((conceptId) => !concepts.has(conceptId));
  const names = missing.map((name) => `"${name}"${didYouMean(name, concepts.keys())}`).join(', ');
  return {
    ...combo,
    problem: problem('DD214', `The combo ${id} names concepts that are not in the catalog: ${names}.`, {
      place: placeOf(table, unknown, 'concept_id'),
      reason: 'concepts_missing_for_combo',
      data: { combo_id: id, missing_concepts: missing },
    }),
  };
}

function asRead(concepts: readonly Concept[], level: string): Pick<Combo, 'contentsAsRead'> {
  if (concepts.every((each) => each.asRead === undefined)) return {};
  const contents = concepts.map((each) =>
    contentOf({ ...each, descriptions: each.asRead ?? each.descriptions }, level),
  );
  return { contentsAsRead: contents };
}

function namedTwice(id: string, rows: readonly CsvRow[], table: CsvTable): readonly Problem[] {
  const seen = new Set<string>();
  const again = rows.find(({ cells: { concept_id: concept = '' } }) => seen.size === seen.add(concept).size);
  if (again === undefined) return [];
  const concept = again.cells['concept_id'] ?? '';
  return [
    warning('DD288', `the combo ${id} names the concept ${concept} twice`, {
      place: placeOf(table, again, 'concept_id'),
      data: { combo_id: id, concept },
    }),
  ];
}

function groupById(table: CsvTable): Loaded<ReadonlyMap<string, readonly CsvRow[]>> {
  const groups = new Map<string, CsvRow[]>();
  const problems: Problem[] = [];
  for (const row of table.rows) {
    const id = row.cells['combo_id'] ?? '';
    if (id === '')
      problems.push(
        warning('DD221', `A row of ${table.file} has no combo id and is ignored.`, {
          place: placeOf(table, row, 'combo_id'),
          reason: 'missing_combo_id',
        }),
      );
    else groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  return { value: groups, problems };
}

function noCombos(file: string, why: 'missing' | 'empty'): Problem {
  const message =
    why === 'missing' ? `${file} is missing, so there are no combos.` : `${file} holds no combo.`;
  return warning('DD215', message, { place: { file }, reason: `combo_mappings_${why}` });
}

export interface NewCombo {
  /** The text of combo_mappings.csv; undefined when there is no such file yet. */
  readonly text: string | undefined;
  /** Its path, for messages. */
  readonly file: string;
  readonly conceptIds: readonly string[];
  readonly level: string;
  readonly kMax: number;
  /** Local time, `YYYY-MM-DDTHH:MM:SS`. */
  readonly createdAt: string;
  /** When given, every concept must be one of these. */
  readonly concepts?: ReadonlyMap<string, Concept>;
}

export interface AddedCombo {
  readonly comboId: string;
  /** The file's new text; undefined when the combo is there already and nothing is to be written. */
  readonly text: string | undefined;
}

/** Gets or creates: a combo that is there already must have the same concepts, level and k_max. */
export function addCombo(combo: NewCombo): Loaded<AddedCombo> {
  const id = comboId(combo.conceptIds, combo.level, combo.kMax);
  const added = { comboId: id, text: undefined };
  const unknown = unknownConcepts(combo);
  if (combo.text === undefined)
    return {
      value: { comboId: id, text: appended(combo, id, { file: combo.file, header: [...COLUMNS], rows: [] }) },
      problems: unknown,
    };
  const { value: table, problems } = parseCsv(combo.text, combo.file);
  const found = [
    ...unknown,
    ...problems,
    ...(table.header.length === 0 ? [] : missingColumns(table, ['combo_id', 'concept_id'])),
  ];
  if (found.length > 0) return { value: added, problems: found };
  const existing = table.rows.filter((row) => row.cells['combo_id'] === id);
  if (existing.length === 0)
    return { value: { comboId: id, text: appended(combo, id, table) }, problems: [] };
  return { value: added, problems: collision(combo, id, existing) };
}

function unknownConcepts(combo: NewCombo): Problem[] {
  const { concepts } = combo;
  if (combo.conceptIds.length === 0)
    return [
      problem('DD214', 'A combo needs at least one concept.', {
        reason: 'no_concepts',
        cure: 'Name one or more concepts.',
      }),
    ];
  const unknown = concepts === undefined ? [] : combo.conceptIds.filter((id) => !concepts.has(id));
  return unknown.map((id) =>
    problem('DD214', `There is no concept "${id}"${didYouMean(id, concepts?.keys() ?? [])}.`, {
      reason: 'concepts_missing_for_combo',
      data: { missing_concepts: [id] },
      cure: 'Name concepts of concepts_metadata.csv, or add this one there first.',
    }),
  );
}

function collision(combo: NewCombo, id: string, rows: readonly CsvRow[]): Problem[] {
  const existing = [...new Set(rows.map((row) => row.cells['concept_id'] ?? ''))].sort(compareCodePoints);
  const requested = [...new Set(combo.conceptIds)].sort(compareCodePoints);
  const level = rows[0]?.cells['description_level'] ?? combo.level;
  const kMax = rows[0]?.cells['k_max'] === undefined ? Math.trunc(combo.kMax) : countIn(rows[0], 'k_max');
  if (existing.join('|') === requested.join('|') && level === combo.level && kMax === Math.trunc(combo.kMax))
    return [];
  const message = `${combo.file} has ${id} with the concepts ${existing.join(', ')} (level ${level}, k_max ${kMax ?? 'blank'}), not with ${requested.join(', ')} (level ${combo.level}, k_max ${Math.trunc(combo.kMax)}).`;
  const data = { combo_id: id, existing_concepts: existing, requested_concepts: requested };
  return [
    problem('DD216', message, {
      place: { file: combo.file, line: rows[0]?.line ?? 1 },
      reason: 'combo_collision',
      data,
    }),
  ];
}

/** Earlier rows stay first and as they are; a file that lacks some of the columns gets them, blank. */
function appended(combo: NewCombo, id: string, table: CsvTable): string {
  const header = [...new Set([...table.header, ...COLUMNS])];
  const same = combo.text !== undefined && header.length === table.header.length;
  const before = same
    ? [(combo.text ?? '').replace(/(?:\r\n|\r|\n)+$/, '')]
    : [csvLine(header), ...table.rows.map((row) => csvLine(header.map((column) => row.cells[column] ?? '')))];
  const rows = [...combo.conceptIds].sort(compareCodePoints).map((conceptId) => {
    const cells: Readonly<Record<string, string>> = {
      combo_id: id,
      version: VERSION,
      concept_id: conceptId,
      description_level: combo.level,
      k_max: String(Math.trunc(combo.kMax)),
      created_at: combo.createdAt,
    };
    return csvLine(header.map((column) => cells[column] ?? ''));
  });
  return `${[...before, ...rows].join('\n')}\n`;
}

/** `YYYY-MM-DDTHH:MM:SS` where the user is, as `created_at` has it. */
export function localTime(now: number): string {
  const date = new Date(now);
  return new Date(now - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Older tools rewrote a column with a blank in it as floats: `2.0` is 2. */
function countIn(row: CsvRow | undefined, column: string): number | undefined {
  const value = parseFloatText(row?.cells[column] ?? '');
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : undefined;
}
