// Concepts with their descriptions, and what a combo shows of each. Knows nothing of templates, models or cohorts.
import { basename, dirname, join } from 'node:path';
import { attempt, NO_FOLDER, problem, type Loaded, type Problem, warning } from '../problem.ts';
import { loosely } from '../text/nearest.ts';
import { trim, normalizeNewlines } from '../text/python.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import type { Concept, ConceptContent, Level } from './catalog.ts';
import { legacyColumn, placeOf, requireTable, rowsById } from './rows.ts';

export const LEVELS = ['sentence', 'paragraph', 'article'] as const;
const EXTENSION = '.txt';

/** `raw` is the folder of the raw inputs. */
export function loadConcepts(reader: InputReader, raw: string): Loaded<ReadonlyMap<string, Concept>> {
  const table = requireTable(reader, join(raw, 'concepts_metadata.csv'), ['concept_id', 'name']);
  const rows = rowsById(table.value, 'concept_id');
  const problems: Problem[] = [...table.problems, ...legacyColumn(table.value), ...rows.problems];
  const texts = LEVELS.map(
    (level) =>
      [level, readDescriptions(reader, join(raw, 'concepts', `descriptions-${level}`), rows.value)] as const,
  );
  const concepts = new Map<string, Concept>();
  for (const [id, row] of rows.value) {
    const name = row.cells['name'] ?? '';
    if (name === '')
      problems.push(
        problem('DD211', `The concept "${id}" has no name.`, {
          place: placeOf(table.value, row, 'name'),
          reason: 'blank_name',
        }),
      );
    const asRead: Partial<Record<Level, string>> = {};
    for (const [level, { value }] of texts) {
      const text = value.get(id);
      if (text !== undefined) asRead[level] = text;
    }
    concepts.set(id, { id, name, ...withoutCarriageReturns(asRead) });
  }
  for (const [, found] of texts) problems.push(...found.problems);
  if (texts.some(([, { value }]) => value.size === 0)) problems.push(...filesForFolders(reader, raw));
  return { value: concepts, problems };
}

/** Prompts get line feeds, whatever ends the lines of the files. */
function withoutCarriageReturns(asRead: Concept['descriptions']): Pick<Concept, 'descriptions' | 'asRead'> {
  const texts = Object.entries(asRead);
  if (!texts.some(([, text]) => text.includes('\r'))) return { descriptions: asRead };
  return {
    descriptions: Object.fromEntries(texts.map(([level, text]) => [level, normalizeNewlines(text)])),
    asRead,
  };
}

/** Files where folders of descriptions belong: the concepts' names would stand in for their texts, unsaid. */
function filesForFolders(reader: InputReader, raw: string): readonly Problem[] {
  const concepts = join(raw, 'concepts');
  const folders = [concepts, ...LEVELS.map((level) => join(concepts, `descriptions-${level}`))];
  return folders
    .filter((path) =>
      attempt(() => reader.files(dirname(path), basename(path))).value?.includes(basename(path)),
    )
    .map((file) => problem('DD584', NO_FOLDER, { place: { file }, reason: 'ENOTDIR' }));
}

/** Trimmed texts by concept id; a blank one counts as absent. Files of no listed concept are not read. */
function readDescriptions(
  reader: InputReader,
  folder: string,
  known: ReadonlyMap<string, unknown>,
): Loaded<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  const alike = new Map([...known.keys()].map((id) => [loosely(id), id]));
  const names = attempt(() => reader.files(folder, EXTENSION));
  problems.push(...names.problems);
  for (const name of names.value ?? []) {
    const file = join(folder, name);
    const id = name.slice(0, -EXTENSION.length);
    if (!known.has(id)) {
      const meant = alike.get(loosely(id));
      if (meant !== undefined)
        problems.push(unread(file, `it is not named letter by letter like "${meant}"`));
      continue;
    }
    const { value, problems: found } = reader.text(file);
    problems.push(...found);
    const text = trim(value ?? '');
    if (text !== '') texts.set(id, text);
  }
  return { value: texts, problems };
}

function unread(file: string, why: string): Problem {
  return warning('DD287', `${file} is not used: ${why}.`, { place: { file }, reason: 'description_unread' });
}

/** The wanted level, else paragraph, else sentence, else the name. A level that is not known counts as paragraph. */
export function contentOf(concept: Concept, level: string): ConceptContent {
  const { descriptions } = concept;
  const wanted = LEVELS.find((each) => each === level) ?? 'paragraph';
  return {
    name: concept.name,
    content: descriptions[wanted] ?? descriptions.paragraph ?? descriptions.sentence ?? concept.name,
  };
}
