// Texts of templates as a graph holds them: read with what they load, checked, and known by their digests. Loaded only when a text has
// changed. Writes nothing.
import { basename, dirname } from 'node:path';
import type { Settings } from '../../config.ts';
import { digest } from '../../digest.ts';
import { isCode, isCopy } from '../../generation/mode.ts';
import { checkTemplate } from '../../generation/prompt.ts';
import type { Tables } from '../../graph/bind.ts';
import type { GraphTemplate, TemplateFiles } from '../../graph/graph.ts';
import type { GraphHeader } from '../../graph/graphcache.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import { recordingReader } from '../../inputs/disk/recordingreader.ts';
import { digestIn, type FileRecord } from '../../inputs/disk/stamped.ts';
import { hasErrors, problem, type Loaded, type Problem } from '../../problem.ts';
import { compileTemplate } from '../../template/template.ts';
import { isInvisible } from '../../text/display.ts';
import { loosely } from '../../text/nearest.ts';
import { normalizeNewlines } from '../../text/python.ts';
import type { Unfit } from '../cohorts/unfit.ts';
import {
  foldersOf,
  madeOf,
  mayLoad,
  missingSystem,
  readSystem,
  shelfIn,
  type Made,
  type ReadSystem,
} from './loadedtemplates.ts';

export type TextRecords = Pick<GraphHeader, 'texts' | 'textFiles' | 'textsFormerly' | 'loaded' | 'listed'>;

interface Rereading {
  readonly known: readonly FileRecord[];
  readonly now: number;
  readonly settings: Settings;
}

/** Reads and checks the texts of templates; those whose text is as in `known` are not checked again. */
export async function readTexts(
  tables: Tables,
  { known, now, settings }: Rereading,
): Promise<Loaded<TextRecords> & { readonly unfit: readonly Unfit[] }> {
  const before = new Map(known.map((record) => [record[0], digestIn(record)]));
  const problems: Problem[] = [];
  const unfit: Unfit[] = [];
  const say = (found: readonly Problem[], number: number): void => {
    problems.push(...found);
    for (const each of found)
      if (each.severity === 'error')
        unfit.push(...unfitOf(tables, number).map((of) => ({ problem: each, ...of })));
  };
  const formerly = new Map<string, readonly string[]>();
  const { reader, record } = recordingReader(foldersOf(settings));
  const shelf = shelfIn(settings, reader);
  const loaded = new Set<string>();
  const made = new Map<GraphTemplate, Made>();
  const ownFrom = Math.min(...(tables.ownSystems ?? []).map(({ bound }) => bound));
  for (const [number, template] of tables.boundTemplates.entries()) {
    if (isCopy(template)) {
      // What code holds an essay against is a text as it stands, and need not be there.
      if (isCode(template)) say(reader.text(template.file).problems, number);
      continue;
    }
    const text = reader.text(template.file);
    say(text.problems, number);
    if (text.value === undefined && !hasErrors(text.problems)) say([missingText(template, reader)], number);
    if (text.value === undefined) continue;
    formerly.set(template.file, formerDigests(text.value));
    const compiled = mayLoad(text.value)
      ? compileTemplate(text.value, { file: template.file, shelf })
      : undefined;
    for (const { file } of compiled?.value?.loaded.values() ?? []) loaded.add(file);
    const system = readSystem(template, { reader, shelf });
    for (const file of system.files) loaded.add(file);
    say(system.problems, number);
    if (system.text === undefined && template.systemNamed === true && !hasErrors(system.problems))
      say([missingSystem(template)], number);
    const own = { file: template.file, text: text.value, compiled: compiled?.value };
    const whole = madeOf(settings, own, system.read);
    made.set(template, whole);
    const { identity } = whole;
    if (before.get(template.file) === identity) continue;
    // Whose system prompt is a model's has the text of a template before it, which was checked there.
    if (number < ownFrom) say(checkText(template, text.value, { identity, compiled }), number);
    say(checkSystem(template, system, identity), number);
  }
  const { files, listings } = record(now);
  const records = new Map(files.map((each) => [each[0], each]));
  const texts = tables.boundTemplates.map((template): FileRecord => {
    // A copy's text is never read: its record must not be looked at again.
    if (isCopy(template) && !isCode(template)) return ['', -1, 0, 0, ''];
    const [path, size, mtimeMs, ino, plain] = records.get(template.file) ?? [template.file, -1, 0, 0, ''];
    return [path, size, mtimeMs, ino, made.get(template)?.identity ?? plain];
  });
  // No earlier version made a prompt with a model's system prompt.
  const textsFormerly = tables.boundTemplates.map(({ file }, number) =>
    number < ownFrom ? (formerly.get(file) ?? []) : [],
  );
  const others = [...loaded].sort().map((file): FileRecord => records.get(file) ?? [file, -1, 0, 0, '']);
  const textFiles = tables.boundTemplates.map((template) => filesIn(made.get(template)));
  return { value: { texts, textFiles, textsFormerly, loaded: others, listed: listings }, problems, unfit };
}

function filesIn(made: Made | undefined): TemplateFiles | null {
  return made === undefined ? null : { own: made.own, files: made.files };
}

function checkSystem(
  template: GraphTemplate,
  { text, file, place, compiled }: ReadSystem,
  identity: string,
): readonly Problem[] {
  // One without a text is none.
  if (text === undefined || isInvisible(text)) return [];
  const found = checkText({ ...template, file }, text, { identity, compiled });
  return place === undefined ? found : found.map((each) => ({ ...each, place }));
}

/** What suffers from a text: all rows of a template, or those of the models whose system prompt it has. */
function unfitOf({ ownSystems = [] }: Tables, number: number): readonly Pick<Unfit, 'template' | 'model'>[] {
  const own = ownSystems.filter(({ bound }) => bound === number);
  return own.length === 0 ? [{ template: number }] : own.map(({ template, model }) => ({ template, model }));
}

/** Line ends once were part of a text's digest: as the file has them, and as git writes them on some machines. */
function formerDigests(text: string): readonly string[] {
  const crlf = normalizeNewlines(text).replaceAll('\n', '\r\n');
  return [...new Set([text, crlf].filter((each) => each.includes('\r')))].map((each) => digest(each));
}

/** What was said of texts so far, by stage, file and digest: most templates are as they were when a watch reads its inputs again. */
const checked = new Map<
  string,
  { readonly digest: string; readonly broken: boolean; readonly problems: readonly Problem[] }
>();

interface Compiling {
  /** Of the text and of what it loads. */
  readonly identity: string;
  /** Undefined when it loads nothing, and is not compiled yet. */
  readonly compiled: ReturnType<typeof compileTemplate> | undefined;
}

function checkText(
  template: GraphTemplate,
  text: string,
  { identity, compiled }: Compiling,
): readonly Problem[] {
  const key = `${template.stage} ${template.file}`;
  const known = checked.get(key);
  if (known?.digest === identity && known.broken !== true) return known.problems;
  const problems = problemsOf(template, text, compiled);
  checked.set(key, {
    digest: identity,
    broken: compiled !== undefined && compiled.value === undefined,
    problems,
  });
  return problems;
}

const COMMENT = /\{#.*?#\}/gs;

function problemsOf(template: GraphTemplate, text: string, known: Compiling['compiled']): readonly Problem[] {
  if (isInvisible(text.replaceAll(COMMENT, '')))
    return [
      problem('DD484', `${template.stage} template ${template.id} has no text but blanks and comments`, {
        place: { file: template.file },
        reason: 'prompt_empty',
      }),
    ];
  const compiled = known ?? compileTemplate(text, { file: template.file });
  return compiled.value === undefined
    ? compiled.problems
    : [...compiled.problems, ...checkTemplate(compiled.value, template.stage)];
}

function missingText({ stage, id, file }: GraphTemplate, reader: InputReader): Problem {
  const name = basename(file);
  const like = reader.files(dirname(file), '').find((each) => loosely(each) === loosely(name));
  const why = like === undefined ? '' : `: the file ${JSON.stringify(like)} is not named letter by letter like it`;
  return problem('DD355', `${stage} template ${id} has no text${why}`, {
    reason: 'template_file_missing',
    place: { file },
    cure:
      like === undefined
        ? `Write that file, or take ${id} out of the spec.`
        : 'Name it as the catalog names the template: letter case counts, and so does how an accent is written.',
  });
}
