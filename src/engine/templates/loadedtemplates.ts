// What a template is read with: the templates that it loads and its system prompt, and what they do to its identity. Renders nothing.
import { join, relative, sep } from 'node:path';
import { digestOf } from '../../digest.ts';
import { recordingReader, textDigest } from '../../inputs/disk/recordingreader.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import type { Settings } from '../../config.ts';
import type { GraphTemplate, TemplateFiles } from '../../graph/graph.ts';
import { systemFileOf } from '../../generation/systemprompt.ts';
import { problem, type Loaded, type Place, type Problem } from '../../problem.ts';
import type { Loadable, Shelf } from '../../template/library.ts';
import { compileTemplate, type CompiledTemplate } from '../../template/template.ts';

/** Where inputs may lie. */
export function foldersOf({ root, dataRoot, templatesRoot }: Settings): readonly string[] {
  return [root, dataRoot, templatesRoot];
}

/** By paths from the templates root, with slashes. What leads out of the project is not read, and nothing is read twice. */
export function shelfIn({ templatesRoot }: Settings, reader: InputReader): Shelf {
  const known = new Map<string, Loadable>();
  return {
    load(name) {
      const parts = partsOf(name);
      if (parts === undefined) return undefined;
      const before = known.get(name);
      if (before !== undefined) return before;
      const file = join(templatesRoot, ...parts);
      const { value: text, problems } = reader.text(file);
      const found = { file, text, problems };
      known.set(name, found);
      return found;
    },
    names(beginning) {
      const folder = beginning.slice(0, beginning.lastIndexOf('/') + 1);
      const parts = folder === '' ? [] : partsOf(folder.slice(0, -1));
      return parts === undefined ? [] : namesBelow(join(templatesRoot, ...parts), folder, reader);
    },
  };
}

/** Undefined for a name that may lead elsewhere. */
function partsOf(name: string): readonly string[] | undefined {
  const parts = name.split('/');
  return parts.some((part) => ['', '.', '..'].includes(part) || /[\\:\0]/.test(part)) ? undefined : parts;
}

/** Folders inside each other that are looked into: a link to one above is not gone round for ever. */
const MAX_DEPTH = 8;

function namesBelow(folder: string, name: string, reader: InputReader, depth = 0): readonly string[] {
  const inner = depth < MAX_DEPTH ? reader.folders(folder) : [];
  return [
    ...reader.files(folder, '').map((each) => `${name}${each}`),
    ...inner.flatMap((each) => namesBelow(join(folder, each), `${name}${each}/`, reader, depth + 1)),
  ];
}

/** For who has no reader of its own. */
export function templatesOnDisk(settings: Settings): Shelf {
  return shelfIn(settings, recordingReader(foldersOf(settings)).reader);
}

const LOADS = /\{%[-+]?\s*(?:extends|include|import|from)\b/;

export function mayLoad(text: string): boolean {
  return LOADS.test(text);
}

/** The identity of a template's text, and of the texts that it loads: those that are not there are part of it as well. */
function identityOf({ text, compiled }: Omit<TextRead, 'file'>): string {
  const loaded = [...(compiled?.loaded ?? [])];
  if (loaded.length === 0) return textDigest(text);
  const others = loaded.map(([name, { text: other }]) => [
    name,
    other === undefined ? null : textDigest(other),
  ]);
  return digestOf([textDigest(text), others.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))]);
}

interface TextRead {
  /** Undefined for a system prompt of the config or of a model. */
  readonly file: string | undefined;
  readonly text: string;
  /** Undefined where it loads nothing, and is not compiled. */
  readonly compiled: CompiledTemplate | undefined;
}

export interface Made extends TemplateFiles {
  /** Of the template, and of its system prompt where it has one. */
  readonly identity: string;
}

/** What a template is made of: its identity, and file by file. */
export function madeOf(
  { templatesRoot }: Settings,
  template: TextRead & { readonly file: string },
  system: TextRead | undefined,
): Made {
  const others = [template, system].flatMap((each) => [...(each?.compiled?.loaded ?? [])]);
  const name = (file: string): string => relative(templatesRoot, file).replaceAll(sep, '/');
  const own = name(template.file);
  const files = Object.fromEntries([
    [own, textDigest(template.text)],
    ...(system?.file === undefined ? [] : [[name(system.file), textDigest(system.text)] as const]),
    ...others.map(([path, { text }]) => [path, text === undefined ? null : textDigest(text)] as const),
  ]);
  const identity = identityOf(template);
  const both = system === undefined ? identity : digestOf([identity, { system: identityOf(system) }]);
  return { own, files, identity: both };
}

export interface ReadSystem {
  /** Undefined where the template has none. */
  readonly text: string | undefined;
  /** Why its file can not be read. */
  readonly problems: readonly Problem[];
  /** Where a file of its own lies, or would. */
  readonly file: string;
  /** As what the template's identity is made of; undefined where the template has none. */
  readonly read: TextRead | undefined;
  /** It stands in no file of its own. */
  readonly place: Place | undefined;
  /** All that was read, and what was looked for. */
  readonly files: readonly string[];
  /** Undefined where it loads nothing, and is not compiled yet. */
  readonly compiled: Loaded<CompiledTemplate | undefined> | undefined;
}

/** A template's system prompt: the text of its own, else the config's or a model's. The file beside a template is looked at whether or not it is there: it may come. */
export function readSystem(
  { file: of, systemFile, system, systemPlace }: GraphTemplate,
  { reader, shelf }: { readonly reader: InputReader; readonly shelf: Shelf },
): ReadSystem {
  const file = systemFile ?? systemFileOf(of);
  const { value: own, problems } =
    systemFile === undefined ? { value: undefined, problems: [] } : reader.text(file);
  const text = own ?? system;
  const compiled = text !== undefined && mayLoad(text) ? compileTemplate(text, { file, shelf }) : undefined;
  return {
    text,
    problems,
    read:
      text === undefined
        ? undefined
        : { file: own === undefined ? undefined : file, text, compiled: compiled?.value },
    file,
    place: own === undefined ? systemPlace : undefined,
    files: [
      ...(systemFile === undefined ? [] : [file]),
      ...[...(compiled?.value?.loaded.values() ?? [])].map((each) => each.file),
    ],
    compiled,
  };
}

/** A system prompt that a spec names must be there. */
export function missingSystem({ stage, id, systemFile = '' }: GraphTemplate): Problem {
  return problem('DD372', `${stage} template ${id} has no system prompt of that name`, {
    reason: 'system_prompt_missing',
    place: { file: systemFile },
    cure: 'Write that file, or take the name out of the spec; `none` stands for no system prompt.',
  });
}
