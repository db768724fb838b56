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
import { isMissing, unsortedEntries } from '../writing/atomic.ts';
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

/** Non-blank lines that the replies of each stage need: more of them are not counted. */
export type NeededLines = Readonly<Record<Stage, number>>;

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
  answer: StoredGeneration['answer'];
  parsedMetadata: StoredGeneration['parsedMetadata'];
  texts: StoredGeneration['texts'];
}

/** What all folders have in common. */
interface Shelf {
  readonly layout: Layout;
  readonly index: GenIndex;
  readonly lines: NeededLines;
  /** What came of them. */
  readonly told: StoredGeneration[];
}

const STEPS: readonly ((folder: Folder, shelf: Shelf) => void)[] = [
  readFiles,
  readMetadata,
  noteMetadata,
  readAnswer,
  readParsedMetadata,
  readTexts,
  tell,
];

/**
 * Reads folders and puts what they hold into the rows of an index, without the files' times. Each step is done for all of them before
 * the next one is: folder by folder the same takes a third longer, since the disk's code and this one keep driving each other out of
 * the processor's caches. The steps are in a list, for Node would compile what names them one by one as a whole, and again and again.
 */
export function surveyGenerations(
  layout: Layout,
  some: readonly { readonly stage: Stage; readonly genId: GenId }[],
  { index, row }: Rows,
  lines: NeededLines,
): readonly StoredGeneration[] {
  const shelf: Shelf = { layout, index, lines, told: [] };
  const folders = some.map(({ stage, genId }, place) => emptyFolder(stage, genId, row + place));
  for (const step of STEPS) for (const each of folders) step(each, shelf);
  return shelf.told;
}

function emptyFolder(stage: Stage, genId: GenId, row: number): Folder {
  return {
    stage,
    genId,
    row,
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
    metadata: undefined,
    trace: undefined,
    answer: undefined,
    parsedMetadata: undefined,
    texts: { prompt: undefined, raw: undefined, parsed: undefined },
  };
}

function readFiles(folder: Folder, { layout }: Shelf): void {
  const path = genFolder(layout, folder.stage, folder.genId);
  let entries: readonly Dirent[] = [];
  if (mayNot(() => (entries = unsortedEntries(path)))) folder.unreadable.push('');
  for (const entry of entries) {
    try {
      look(folder, path, entry);
    } catch (error) {
      if (!isRefused(error)) throw error;
      folder.unreadable.push(entry.name);
    }
  }
  for (const names of [folder.leftovers, folder.unreadable, folder.inTheWay])
    if (names.length > 1) names.sort();
}

function readMetadata(folder: Folder): void {
  folder.metadata = parseMetadata(folder.read['metadata.json']?.text);
  folder.trace = typeof folder.metadata === 'object' ? traceOf(folder.metadata) : undefined;
}

function noteMetadata({ row, metadata, trace }: Folder, { index }: Shelf): void {
  setMetadata(index, row, metadata, trace);
}

function readAnswer(folder: Folder): void {
  folder.answer = answerFacts(parseMetadata(folder.read['raw_metadata.json']?.text));
}

function readParsedMetadata(folder: Folder): void {
  folder.parsedMetadata = presence(parseMetadata(folder.read['parsed_metadata.json']?.text));
}

function tell(folder: Folder, { layout, told }: Shelf): void {
  told.push(storedFrom(layout, folder));
}

function storedFrom(layout: Layout, folder: Folder): StoredGeneration {
  const { stage, genId, metadata, trace, answer, parsedMetadata, texts, read } = folder;
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
    kind: {},
    row: -1,
    ...seen,
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
    if (isRefused(error)) return true;
    throw error;
  }
}

function isRefused(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
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
function readTexts(folder: Folder, { index, lines }: Shelf): void {
  const { read, trace: found, row, stage } = folder;
  const trace = found === 'newer' ? undefined : found;
  const { 'prompt.txt': prompt, 'raw.txt': raw, 'parsed.txt': parsed } = read;
  const into = { index, row };
  const names = {
    prompt: noted(into, FILE.prompt, prompt),
    raw: noted(into, FILE.raw, raw),
    parsed: noted(into, FILE.parsed, parsed),
  };
  stamp(into, FILE.metadata, read['metadata.json']);
  folder.texts = {
    prompt: prompt && factsOf(prompt, names.prompt, trace?.render),
    raw: raw && rawFactsOf(raw, { name: names.raw, step: trace?.generate, lines: lines[stage] }),
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

function rawFactsOf(
  file: ReadFile,
  {
    name,
    step,
    lines,
  }: { readonly name: string; readonly step: StepTrace | undefined; readonly lines: number },
): RawTextFacts {
  const { bytes, blank, changed, torn } = factsOf(file, name, step);
  const { text } = file;
  const counted = { digest: name, length: codePointLength(text), lines: nonBlankLines(text, lines) };
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
