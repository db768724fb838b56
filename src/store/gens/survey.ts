// One generation's folder, read once: what its texts are, what its metadata say, what else lies there. Knows no graph, and calls nothing
// good or bad.
import { accessSync, constants, existsSync, readFileSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { digest } from '../../digest.ts';
import { genId as idOf, signatureFromMetadata } from '../../generation/genid.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { codePointLength, isBlank, nonBlankLines } from '../../text/python.ts';
import { parentStage, type GenId, type Stage } from '../../generation/stage.ts';
import { traceOf, type StepTrace, type Trace } from '../../generation/trace.ts';
import { isFileAt } from '../../inputs/disk/diskreader.ts';
import { entriesIfPresent, isMissing } from '../writing/atomic.ts';
import { isTemporary } from '../leftovers.ts';
import { bytesBelow } from '../trash.ts';
import { UNKNOWN, type GenIndex } from './genindex.ts';
import { parseMetadata, setMetadata, type Metadata } from './genstore.ts';
import {
  isWhole,
  word,
  type RawTextFacts,
  type StoredGeneration,
  type TextFacts,
  type TraceFacts,
} from './surveyfacts.ts';
import { artifactPath, FILE, genFolder, type Layout } from '../layout.ts';

/** Where what is found goes: the first is put into `row`, and so on. */
interface Rows {
  readonly index: GenIndex;
  readonly row: number;
}

/** One folder on its way through the steps. */
interface Folder extends Contents {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly row: number;
  metadata: Metadata | 'damaged' | undefined;
  trace: Trace | 'newer' | undefined;
  agrees: boolean;
  answer: StoredGeneration['answer'];
  parsedMetadata: StoredGeneration['parsedMetadata'];
  texts: StoredGeneration['texts'];
}

const NO_TEXTS = { prompt: undefined, raw: undefined, parsed: undefined };

/**
 * Reads folders and puts what they hold into the rows of an index, without the files' times. Each step is done for all of them before
 * the next one is: folder by folder the same takes a third longer, since the disk's code and this one keep driving each other out of
 * the processor's caches.
 */
export function surveyGenerations(
  layout: Layout,
  some: readonly { readonly stage: Stage; readonly genId: GenId }[],
  { index, row: first }: Rows,
): readonly StoredGeneration[] {
  const folders = some.map(({ stage, genId }, place): Folder => {
    const { read, bytes, leftovers, unreadable, inTheWay } = contentsOf(genFolder(layout, stage, genId));
    return {
      stage,
      genId,
      row: first + place,
      read,
      bytes,
      leftovers,
      unreadable,
      inTheWay,
      metadata: undefined,
      trace: undefined,
      agrees: false,
      answer: undefined,
      parsedMetadata: undefined,
      texts: NO_TEXTS,
    };
  });
  for (const each of folders) each.metadata = parseMetadata(each.read['metadata.json']?.text);
  for (const each of folders)
    each.trace = typeof each.metadata === 'object' ? traceOf(each.metadata) : undefined;
  for (const each of folders)
    each.agrees = typeof each.metadata === 'object' && hashesTo(each.stage, each.genId, each.metadata);
  for (const { row, metadata, trace } of folders) setMetadata(index, row, metadata, trace);
  for (const each of folders) each.answer = answerFacts(parseMetadata(each.read['raw_metadata.json']?.text));
  for (const each of folders)
    each.parsedMetadata = presence(parseMetadata(each.read['parsed_metadata.json']?.text));
  for (const each of folders) each.texts = textsOf(each, index);
  return folders.map((each) => storedFrom(layout, each));
}

function storedFrom(layout: Layout, folder: Folder): StoredGeneration {
  const { stage, genId, metadata, agrees, trace, answer, parsedMetadata, texts, read } = folder;
  const parentId =
    stage === 'draft' || typeof metadata !== 'object' ? undefined : wordIn(metadata, 'parent_gen_id');
  const seen = {
    metadata,
    trace: typeof trace === 'object' ? traceFacts(trace) : trace,
    answer,
    parsedMetadata,
    texts,
    inTheWay: folder.inTheWay,
  };
  return {
    stage,
    genId,
    ...seen,
    agrees,
    whole: isWhole(seen),
    score: stage === 'evaluation' ? scoreIn(read['parsed.txt']) : undefined,
    parentId,
    holdsParent:
      trace === undefined && parentId !== undefined && stage !== 'draft'
        ? holds(
            read['prompt.txt']?.text,
            textAt(artifactPath(layout, parentStage(stage), parentId, 'parsed')),
          )
        : undefined,
    bytes: folder.bytes,
    leftovers: folder.leftovers,
    unreadable: folder.unreadable.map((name) =>
      relative(layout.dataRoot, join(genFolder(layout, stage, genId), name)),
    ),
  };
}

interface ReadFile {
  readonly bytes: number;
  /** With every line end read as LF. */
  readonly text: string;
  /** Where no text has these bytes. */
  readonly binary: Buffer | undefined;
}

const TEXT_FILES = { prompt: 'prompt.txt', raw: 'raw.txt', parsed: 'parsed.txt' } as const;
const KNOWN = [
  ...Object.values(TEXT_FILES),
  'metadata.json',
  'raw_metadata.json',
  'parsed_metadata.json',
] as const;
type Known = (typeof KNOWN)[number];
const IS_KNOWN: ReadonlySet<string> = new Set(KNOWN);

interface Contents {
  readonly read: Record<Known, ReadFile | undefined>;
  bytes: number;
  readonly leftovers: string[];
  readonly unreadable: string[];
  readonly inTheWay: string[];
}

function contentsOf(folder: string): Contents {
  const contents: Contents = {
    // All names at once: Node is slower with an object that grows.
    read: {
      'prompt.txt': undefined,
      'raw.txt': undefined,
      'parsed.txt': undefined,
      'metadata.json': undefined,
      'raw_metadata.json': undefined,
      'parsed_metadata.json': undefined,
    },
    bytes: 0,
    leftovers: [],
    unreadable: [],
    inTheWay: [],
  };
  let entries: readonly Dirent[] = [];
  if (mayNot(() => (entries = entriesIfPresent(folder)))) contents.unreadable.push('');
  for (const entry of entries)
    if (mayNot(() => look(contents, folder, entry))) contents.unreadable.push(entry.name);
  return contents;
}

function look(contents: Contents, folder: string, entry: Dirent): void {
  const { name } = entry;
  const path = `${folder}/${name}`;
  const known = isKnown(name);
  const file = known && isFile(folder, entry) ? readFile(path) : undefined;
  if (known && file !== undefined) contents.read[name] = file;
  else if (known && existsSync(path)) contents.inTheWay.push(name);
  else if (isTemporary(name)) contents.leftovers.push(name);
  contents.bytes += file?.bytes ?? bytesBelow(path) ?? 0;
}

function isKnown(name: string): name is Known {
  return IS_KNOWN.has(name);
}

/** Does something, and says whether it may not be done. */
export function mayNot(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return true;
    throw error;
  }
}

function isFile(folder: string, entry: Dirent): boolean {
  return entry.isFile() || (entry.isSymbolicLink() && isFileAt(`${folder}/${entry.name}`));
}

function textAt(path: string): string | undefined {
  let text: string | undefined;
  mayNot(() => (text = isFileAt(path) ? readFile(path)?.text : undefined));
  return text;
}

/** The same object each time: Node takes a third longer with the word alone. */
const AS_TEXT = { encoding: 'utf8', flag: 'r' } as const;
/** What stands for bytes that are no text. */
const NO_TEXT = '\uFFFD';

function readFile(path: string): ReadFile | undefined {
  try {
    const text = readFileSync(path, AS_TEXT);
    const lines = text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
    if (!text.includes(NO_TEXT)) return { bytes: Buffer.byteLength(text), text: lines, binary: undefined };
    const binary = readFileSync(path);
    return { bytes: binary.length, text: lines, binary };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function scoreIn(parsed: ReadFile | undefined): number | undefined {
  const { score } = scoreOfParsed(parsed?.text);
  return Number.isFinite(score) ? score : undefined;
}

function holds(prompt: string | undefined, parent: string | undefined): boolean | undefined {
  return prompt === undefined || parent === undefined ? undefined : prompt.includes(parent);
}

/** The facts of each text that is there; what an index says of the files goes into the row. */
function textsOf({ read, trace: found, row }: Folder, index: GenIndex): StoredGeneration['texts'] {
  const trace = found === 'newer' ? undefined : found;
  const { 'prompt.txt': prompt, 'raw.txt': raw, 'parsed.txt': parsed } = read;
  const into = { index, row };
  const names = {
    prompt: noted(into, FILE.prompt, prompt),
    raw: noted(into, FILE.raw, raw),
    parsed: noted(into, FILE.parsed, parsed),
  };
  stamp(into, FILE.metadata, read['metadata.json']);
  return {
    prompt: prompt && factsOf(prompt, names.prompt, trace?.render),
    raw: raw && rawFactsOf(raw, names.raw, trace?.generate),
    parsed: parsed && factsOf(parsed, names.parsed, trace?.parse),
  };
}

/** The digest of a text as it is in the row now. */
function noted(into: Rows, place: number, file: ReadFile | undefined): string {
  stamp(into, place, file);
  if (file === undefined) return '';
  const { text, binary } = file;
  const name = digest(text);
  // An index names a file without line ends of others by its very bytes.
  const indexed = binary === undefined || binary.includes(13) ? name : digest(binary);
  into.index.setFileDigest(into.row, place, indexed);
  return name;
}

function stamp({ index, row }: Rows, place: number, file: ReadFile | undefined): void {
  index.stamp(row, place, file === undefined ? undefined : { size: file.bytes, mtimeMs: UNKNOWN, ino: 0 });
}

function factsOf(file: ReadFile, name: string, step: StepTrace | undefined): TextFacts {
  const { bytes, text } = file;
  return {
    bytes,
    blank: isBlank(text),
    changed: step === undefined ? undefined : step.output !== name,
    torn: tornIn(file),
  };
}

function rawFactsOf(file: ReadFile, name: string, step: StepTrace | undefined): RawTextFacts {
  const { bytes, blank, changed, torn } = factsOf(file, name, step);
  const { text } = file;
  const counted = { digest: name, length: codePointLength(text), lines: nonBlankLines(text) };
  return { bytes, blank, changed, torn, ...counted };
}

function tornIn({ text, binary }: ReadFile): TextFacts['torn'] {
  if (text.includes('\0')) return 'holds NUL bytes';
  return binary === undefined || isUtf8(binary) ? undefined : 'not UTF-8';
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** As many collisions as ids may have. */
const SUFFIXES = [0, 1, 2, 3, 4];

/** Whether these coordinates give the id, or one of those that follow when it is taken. */
export function hashesTo(stage: Stage, genId: GenId, metadata: Metadata): boolean {
  const found = signatureFromMetadata(stage, metadata);
  return found.ok && SUFFIXES.some((suffix) => idOf(stage, found.parts, suffix) === genId);
}

export function wordIn(metadata: Metadata, key: string): string | undefined {
  return word(metadata[key]);
}

function traceFacts({ generate, failure }: Trace): TraceFacts {
  return {
    provider: generate?.parts['provider'],
    cutOff: generate?.cutOff === true,
    failure: failure?.kind,
  };
}

function answerFacts(found: Metadata | 'damaged' | undefined): StoredGeneration['answer'] {
  if (found === undefined || found === 'damaged') return found;
  const { usage, raw_length: length, truncated } = found;
  const cost = (usage as { cost?: unknown } | undefined | null)?.cost;
  return {
    cost: typeof cost === 'number' ? cost : undefined,
    length: typeof length === 'number' ? length : undefined,
    truncated: truncated === true,
  };
}

function presence(found: Metadata | 'damaged' | undefined): StoredGeneration['parsedMetadata'] {
  return found === undefined || found === 'damaged' ? found : 'present';
}

export function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
