// One generation's folder, read once: what its texts are, what its metadata say, what else lies there. Knows no graph, and calls nothing
// good or bad.
import { accessSync, constants, existsSync, readFileSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { digest } from '../../digest.ts';
import { genId as idOf, signatureFromMetadata } from '../../generation/genid.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { codePointLength, isBlank, nonBlankLines } from '../../text/python.ts';
import { ARTIFACTS, parentStage, type GenId, type Stage } from '../../generation/stage.ts';
import { traceOf, type Failure, type Trace } from '../../generation/trace.ts';
import { isFileAt } from '../../inputs/disk/diskreader.ts';
import { entriesIfPresent, isMissing } from '../writing/atomic.ts';
import { isTemporary } from '../leftovers.ts';
import { bytesBelow } from '../trash.ts';
import { UNKNOWN, type GenIndex } from './genindex.ts';
import { parseMetadata, setMetadata, type Metadata } from './genstore.ts';
import { artifactPath, FILE, genFolder, type Layout } from '../layout.ts';

/** One artifact as it lies there. */
export interface TextFacts {
  readonly bytes: number;
  readonly blank: boolean;
  /** Whether it is other than its step left it; undefined where no trace says. */
  readonly changed?: boolean;
  /** Bytes that no text holds: what a crash or a broken disk leaves. */
  readonly torn?: 'not UTF-8' | 'holds NUL bytes';
}

/** What was answered is counted too. */
export interface RawTextFacts extends TextFacts {
  /** Of the text, with every line end read as LF. */
  readonly digest: string;
  /** Unicode code points. */
  readonly length: number;
  readonly lines: number;
}

export interface TraceFacts {
  readonly provider: string | undefined;
  readonly cutOff: boolean;
  readonly failure: Failure['kind'] | undefined;
}

/** What raw_metadata.json says. */
export interface AnswerFacts {
  /** USD as the provider counted them. */
  readonly cost?: number;
  /** Code points that were written. */
  readonly length?: number;
  readonly truncated: boolean;
}

export interface StoredGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  /** Without its trace; of one that agrees only `KEPT`, since there are many of them. */
  readonly metadata: Metadata | 'damaged' | undefined;
  /** Whether the coordinates in it give the id. */
  readonly agrees: boolean;
  readonly trace: TraceFacts | 'newer' | undefined;
  readonly answer: AnswerFacts | 'damaged' | undefined;
  readonly parsedMetadata: 'present' | 'damaged' | undefined;
  readonly texts: {
    readonly prompt?: TextFacts;
    readonly raw?: RawTextFacts;
    readonly parsed?: TextFacts;
  };
  /** Of an evaluation: a finite number. */
  readonly score: number | undefined;
  /** Its parent by metadata.json; undefined for drafts, and where none is named. */
  readonly parentId: GenId | undefined;
  /** Whether prompt.txt holds that parent's parsed text; undefined where one of the two is not there, and where a trace says more. */
  readonly holdsParent: boolean | undefined;
  /** Of all that lies in its folder. */
  readonly bytes: number;
  /** Names in it that a crash left. */
  readonly leftovers: readonly string[];
  /** Paths that may not be read, the folder itself or files in it, relative to the data root: then nothing else here is to be believed. */
  readonly unreadable: readonly string[];
  /** Names of files in it under which something else stands: a folder, a pipe. */
  readonly inTheWay: readonly string[];
}

/** Reads a folder and puts what it holds into a row of an index, without the files' times. */
export function surveyGeneration(
  layout: Layout,
  { stage, genId }: { readonly stage: Stage; readonly genId: GenId },
  into: { readonly index: GenIndex; readonly row: number },
): StoredGeneration {
  const folder = genFolder(layout, stage, genId);
  const { read, bytes, leftovers, unreadable, inTheWay } = contentsOf(folder);
  const found = parseMetadata(read.get('metadata.json')?.text);
  const known = found === 'damaged' ? undefined : found;
  const trace = known === undefined ? undefined : traceOf(known);
  const agrees = known !== undefined && hashesTo(stage, genId, known);
  setMetadata(into.index, into.row, found, trace);
  const parentId = stage === 'draft' || known === undefined ? undefined : wordIn(known, 'parent_gen_id');
  const foreign = trace === undefined && parentId !== undefined;
  return {
    stage,
    genId,
    metadata: known === undefined ? found : agrees ? kept(known) : withoutTrace(known),
    agrees,
    trace: trace === undefined || trace === 'newer' ? trace : traceFacts(trace),
    answer: answerFacts(parseMetadata(read.get('raw_metadata.json')?.text)),
    parsedMetadata: presence(parseMetadata(read.get('parsed_metadata.json')?.text)),
    texts: textsOf(read, trace === 'newer' ? undefined : trace, into),
    score: stage === 'evaluation' ? scoreIn(read.get('parsed.txt')) : undefined,
    parentId,
    holdsParent: foreign
      ? holds(
          read.get('prompt.txt')?.text,
          textAt(artifactPath(layout, parentStage(stage), parentId, 'parsed')),
        )
      : undefined,
    bytes,
    leftovers,
    unreadable: unreadable.map((name) => relative(layout.dataRoot, join(folder, name))),
    inTheWay,
  };
}

/** What is asked of the metadata.json of a generation that is who it says. */
const KEPT = [
  'template_id',
  'llm_model_id',
  'mode',
  'parser_name',
  'origin_cohort_id',
  'parent_gen_id',
  'combo_id',
  'replicate',
] as const;

function kept(metadata: Metadata): Metadata {
  const few: Record<string, unknown> = {};
  for (const key of KEPT) few[key] = metadata[key];
  return few;
}

function withoutTrace({ trace: _trace, ...metadata }: Metadata): Metadata {
  return metadata;
}

interface ReadFile {
  readonly bytes: number;
  /** With every line end read as LF. */
  readonly text: string;
  /** Where no text has these bytes. */
  readonly binary?: Buffer;
}

const TEXT_FILES = { prompt: 'prompt.txt', raw: 'raw.txt', parsed: 'parsed.txt' } as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(TEXT_FILES),
  'metadata.json',
  'raw_metadata.json',
  'parsed_metadata.json',
]);

function contentsOf(folder: string): {
  readonly read: ReadonlyMap<string, ReadFile>;
  readonly bytes: number;
  readonly leftovers: readonly string[];
  readonly unreadable: readonly string[];
  readonly inTheWay: readonly string[];
} {
  const read = new Map<string, ReadFile>();
  const leftovers: string[] = [];
  const inTheWay: string[] = [];
  const unreadable: string[] = [];
  let bytes = 0;
  const look = (entry: Dirent): void => {
    const { name } = entry;
    const known = KNOWN.has(name);
    const file = known && isFile(folder, entry) ? readFile(`${folder}/${name}`) : undefined;
    if (file !== undefined) read.set(name, file);
    else if (known && existsSync(`${folder}/${name}`)) inTheWay.push(name);
    else if (isTemporary(name)) leftovers.push(name);
    bytes += file?.bytes ?? bytesBelow(`${folder}/${name}`) ?? 0;
  };
  const noted = (name: string, work: () => void): void => {
    if (mayNot(work)) unreadable.push(name);
  };
  noted('', () => {
    for (const entry of entriesIfPresent(folder)) noted(entry.name, () => look(entry));
  });
  return { read, bytes, leftovers, unreadable, inTheWay };
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
    if (!text.includes(NO_TEXT)) return { bytes: Buffer.byteLength(text), text: lines };
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

const OUTPUTS = { prompt: 'render', raw: 'generate', parsed: 'parse' } as const;

/** The facts of each text that is there; what an index says of it goes into the row. */
function textsOf(
  read: ReadonlyMap<string, ReadFile>,
  trace: Trace | undefined,
  { index, row }: { readonly index: GenIndex; readonly row: number },
): StoredGeneration['texts'] {
  const texts: { prompt?: TextFacts; raw?: RawTextFacts; parsed?: TextFacts } = {};
  for (const artifact of ARTIFACTS) {
    const file = read.get(TEXT_FILES[artifact]);
    index.stamp(row, FILE[artifact], file === undefined ? undefined : unstamped(file));
    if (file === undefined) continue;
    const { bytes, text, binary } = file;
    const name = digest(text);
    // An index names a file without line ends of others by its very bytes.
    const indexed = binary === undefined || binary.includes(13) ? name : digest(binary);
    index.setFileDigest(row, FILE[artifact], indexed);
    const output = trace?.[OUTPUTS[artifact]]?.output;
    const torn = tornIn(file);
    const facts: TextFacts = {
      bytes,
      blank: isBlank(text),
      ...(output === undefined ? {} : { changed: output !== name }),
      ...(torn === undefined ? {} : { torn }),
    };
    if (artifact === 'raw')
      texts.raw = { ...facts, digest: name, length: codePointLength(text), lines: nonBlankLines(text) };
    else texts[artifact] = facts;
  }
  const file = read.get('metadata.json');
  index.stamp(row, FILE.metadata, file === undefined ? undefined : unstamped(file));
  return texts;
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

function unstamped({ bytes }: ReadFile): { size: number; mtimeMs: number; ino: number } {
  return { size: bytes, mtimeMs: UNKNOWN, ino: 0 };
}

/** As many collisions as ids may have. */
const SUFFIXES = [0, 1, 2, 3, 4];

/** Whether these coordinates give the id, or one of those that follow when it is taken. */
export function hashesTo(stage: Stage, genId: GenId, metadata: Metadata): boolean {
  const found = signatureFromMetadata(stage, metadata);
  return found.ok && SUFFIXES.some((suffix) => idOf(stage, found.parts, suffix) === genId);
}

export function wordIn(metadata: Metadata, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
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
    ...(typeof cost === 'number' ? { cost } : {}),
    ...(typeof length === 'number' ? { length } : {}),
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
