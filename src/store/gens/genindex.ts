// What is remembered of every generation: its trace's digests, its files' digests and stamps. A cache of the gens store and
// nothing more: lost or damaged, it is read anew from there. Knows no graph beyond row numbers, and judges nothing.
import { canonicalJson } from '../../canonical.ts';
import {
  FAILURE_KINDS,
  filesIn,
  type Failure,
  type FailureKind,
  type FileDigests,
  type Trace,
} from '../../generation/trace.ts';
import { STEPS, type Step } from '../../generation/stage.ts';
import type { FileStamp } from '../writing/atomic.ts';
import {
  copyBytes,
  copyWords,
  readColumns,
  readColumnsMeanwhile,
  roomForColumns,
  wordsOf,
  writeColumns,
  type Column,
  type ColumnFile,
  type ColumnType,
} from '../columns.ts';
import { INDEXED_FILES } from '../layout.ts';
import { spelledFurther, unspelled } from './spellings.ts';

const INDEX_VERSION = 1;
/** The size that stands for a file that is not there. */
export const ABSENT = 0xffffffff;
/** A modification time that no file has: the file is read again. */
export const UNKNOWN = -1;
export const FILES = INDEXED_FILES.length;

const DIGEST_COLUMNS = [
  'parent',
  'promptOut',
  'promptIn',
  'rawOut',
  'rawIn',
  'parsedOut',
  'promptFile',
  'rawFile',
  'parsedFile',
  'failureParts',
] as const;
export type DigestColumn = (typeof DIGEST_COLUMNS)[number];
const FILE_COLUMNS = ['promptFile', 'rawFile', 'parsedFile'] as const;

/** Of all columns together. */
const ROW_BYTES = FILES * (8 + 4 + 4) + DIGEST_COLUMNS.length * 8 + STEPS.length * 4 + 2;

/** About how many rows an index has whose file is so large. */
export function rowsIn(bytes: number): number {
  return Math.floor(bytes / ROW_BYTES);
}

export const FLAGS = { metadata: 1, traced: 2, cutOff: 4, newer: 8, damaged: 16, accepted: 32 } as const;

/** Names of sets of parts by how these are spelled, for all indexes: a survey makes one for every few generations. */
const NAMES = { spelled: unspelled<string>(), count: 0 };
const MOST_NAMES = 10_000;

export class GenIndex {
  readonly size: number;
  /** Two 32-bit halves a digest. */
  readonly digests: Readonly<Record<DigestColumn, Uint32Array>>;
  /** Names of sets of static parts, one column a step; 0 where the step has no trace. */
  readonly keys: Readonly<Record<Step, Uint32Array>>;
  readonly flags: Uint8Array;
  /** 0, or 1 + (index of the kind) * 3 + (index of the step). */
  readonly failure: Uint8Array;
  /** Stamps of the indexed files, FILES a row. */
  readonly sizes: Uint32Array;
  readonly mtimes: Float64Array;
  readonly inodes: Uint32Array;
  /** True when something differs from the file that this was read from. */
  changed: boolean;
  readonly #names: string[];
  /** What the digest of a template was made of, where traces say so. */
  readonly #files: Map<string, FileDigests>;
  #numbers: Map<string, number> | undefined;

  constructor(size: number, { columns, names = [''], files = {} }: Partial<IndexContents> = {}) {
    this.size = size;
    // All in one buffer, since a thread hands them over.
    const room = roomForColumns(columns === undefined ? size * ROW_BYTES : 0);
    const make = <T extends Column>(name: string, length: number, type: ColumnType<T>): T =>
      (columns?.get(name) as T | undefined) ??
      (columns === undefined ? room(length, type) : new type(length));
    this.mtimes = make('mtimes', size * FILES, Float64Array);
    this.digests = fromNames(DIGEST_COLUMNS, (name) => make(name, size * 2, Uint32Array));
    this.keys = fromNames(STEPS, (step) => make(step, size, Uint32Array));
    this.sizes = make('sizes', size * FILES, Uint32Array);
    if (columns === undefined) this.sizes.fill(ABSENT);
    this.inodes = make('inodes', size * FILES, Uint32Array);
    this.flags = make('flags', size, Uint8Array);
    this.failure = make('failure', size, Uint8Array);
    this.changed = columns === undefined;
    this.#names = [...names];
    this.#files = new Map(Object.entries(files));
  }

  /** The number of a set of parts; the same set has the same number for the life of the index. */
  number(parts: Readonly<Record<string, string>>): number {
    return this.#numberWithout(parts);
  }

  /** The same without one of the parts. */
  #numberWithout(parts: Readonly<Record<string, string>>, left?: string): number {
    // Most sets come again and again with their names in the same order: they need not be sorted and written as JSON each time.
    let { spelled } = NAMES;
    for (const name in parts)
      if (name !== left) spelled = spelledFurther(spelledFurther(spelled, name), parts[name]);
    if (spelled.value === undefined) {
      spelled.value = canonicalJson(left === undefined ? parts : without(parts, left));
      NAMES.count++;
      if (NAMES.count > MOST_NAMES) Object.assign(NAMES, { spelled: unspelled<string>(), count: 0 });
    }
    return this.#numberOf(spelled.value);
  }

  #numberOf(name: string): number {
    this.#numbers ??= new Map(this.#names.map((each, number) => [each, number]));
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.length;
      this.#names.push(name);
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** The set of parts behind a number. */
  parts(number: number): Readonly<Record<string, string>> {
    const name = this.#names[number];
    return name === undefined || name === '' ? {} : (JSON.parse(name) as Record<string, string>);
  }

  /** The files behind the recorded digest of a template; undefined where no trace says which they were. */
  filesOf(template: string): FileDigests | undefined {
    return this.#files.get(template);
  }

  /** Remembers of a template as it is now what no trace says of it: earlier versions recorded no files. */
  noteFiles(template: string, files: FileDigests): void {
    if (this.#files.has(template)) return;
    this.#files.set(template, files);
    if (this.#names.some((name) => name.includes(`"template":${JSON.stringify(template)}`)))
      this.changed = true;
  }

  /** Every set of parts that a number was given to. */
  *sets(): Generator<Readonly<Record<string, string>>> {
    for (let number = 1; number < this.#names.length; number++) yield this.parts(number);
  }

  has(row: number, file: number): boolean {
    return this.sizes[row * FILES + file] !== ABSENT;
  }

  /** Bytes; undefined where there is no such file. */
  sizeOf(column: (typeof FILE_COLUMNS)[number], row: number): number | undefined {
    const size = this.sizes[row * FILES + FILE_COLUMNS.indexOf(column)] ?? ABSENT;
    return size === ABSENT ? undefined : size;
  }

  isEmpty(row: number, file: number): boolean {
    return this.sizes[row * FILES + file] === 0;
  }

  stamp(row: number, file: number, stamp: FileStamp | undefined): void {
    const place = row * FILES + file;
    this.sizes[place] = stamp === undefined ? ABSENT : stamp.size % ABSENT;
    this.mtimes[place] = stamp?.mtimeMs ?? 0;
    this.inodes[place] = stamp === undefined ? 0 : stamp.ino;
    this.changed = true;
  }

  setFileDigest(row: number, file: number, digest: string | undefined): void {
    const column = FILE_COLUMNS[file];
    if (column !== undefined) this.set(column, row, digest);
  }

  set(column: DigestColumn, row: number, digest: string | undefined): void {
    const words = this.digests[column];
    words[row * 2] = digest === undefined ? 0 : wordAt(digest, 0);
    words[row * 2 + 1] = digest === undefined ? 0 : wordAt(digest, 8);
    this.changed = true;
  }

  get(column: DigestColumn, row: number): string {
    const words = this.digests[column];
    return hex(words[row * 2]) + hex(words[row * 2 + 1]);
  }

  /** Whether two digests, of any columns, rows and indexes, are equal. */
  same(
    column: DigestColumn,
    row: number,
    other: DigestColumn,
    otherRow = row,
    index: GenIndex = this,
  ): boolean {
    const a = this.digests[column];
    const b = index.digests[other];
    return a[row * 2] === b[otherRow * 2] && a[row * 2 + 1] === b[otherRow * 2 + 1];
  }

  failureAt(row: number): { readonly kind: FailureKind; readonly step: Step } | undefined {
    const code = this.failure[row] ?? 0;
    if (code === 0) return undefined;
    const kind = FAILURE_KINDS[Math.floor((code - 1) / STEPS.length)];
    const step = STEPS[(code - 1) % STEPS.length];
    return kind === undefined || step === undefined ? undefined : { kind, step };
  }

  /** Remembers what a metadata.json says: its trace, or that it has none. */
  setTrace(row: number, trace: Trace | undefined, flags: number): void {
    const { render, generate, parse } = trace ?? {};
    this.keys.render[row] = render === undefined ? 0 : this.#numberWithout(render.parts, 'parent');
    this.keys.generate[row] = generate === undefined ? 0 : this.#numberWithout(generate.parts, 'prompt');
    this.keys.parse[row] = parse === undefined ? 0 : this.#numberWithout(parse.parts, 'raw');
    const files = filesIn(render);
    if (files !== undefined) this.#files.set(render?.parts['template'] ?? '', files);
    this.set('parent', row, render?.parts['parent']);
    this.set('promptOut', row, render?.output);
    this.set('promptIn', row, generate?.parts['prompt']);
    this.set('rawOut', row, generate?.output);
    this.set('rawIn', row, parse?.parts['raw']);
    this.set('parsedOut', row, parse?.output);
    this.set('failureParts', row, trace?.failure?.parts);
    this.failure[row] = trace?.failure === undefined ? 0 : failureCode(trace.failure);
    this.flags[row] =
      flags |
      (trace === undefined ? 0 : FLAGS.traced) |
      (generate?.cutOff === true ? FLAGS.cutOff : 0) |
      (trace?.failure?.accepted === undefined ? 0 : FLAGS.accepted);
  }

  /** Copies rows of another index, as when the graph has changed its order. `to`: the row here, by the row there; -1 for one that has none. */
  adoptRows(to: Int32Array, from: GenIndex): void {
    for (const name of DIGEST_COLUMNS) copyWords(from.digests[name], this.digests[name], { to, width: 2 });
    copyWords(from.sizes, this.sizes, { to, width: FILES });
    copyWords(from.inodes, this.inodes, { to, width: FILES });
    copyWords(wordsOf(from.mtimes), wordsOf(this.mtimes), { to, width: FILES * 2 });
    copyBytes(from.flags, this.flags, to);
    copyBytes(from.failure, this.failure, to);
    const numbers = new Int32Array(from.#names.length).fill(-1);
    for (const step of STEPS) {
      const [ours, theirs] = [this.keys[step], from.keys[step]];
      for (let fromRow = 0; fromRow < to.length; fromRow++) {
        const row = to[fromRow] ?? -1;
        if (row < 0) continue;
        const number = theirs[fromRow] ?? 0;
        if (numbers[number] === -1) numbers[number] = this.#numberIn(from, number);
        ours[row] = numbers[number] ?? 0;
      }
    }
  }

  /** The number here of what has another one there. */
  #numberIn(from: GenIndex, theirs: number): number {
    const number = this.#numberOf(from.#names[theirs] ?? '');
    if (from.#files.size === 0) return number;
    const { template = '' } = from.parts(theirs);
    const files = from.filesOf(template);
    if (files !== undefined) this.#files.set(template, files);
    return number;
  }

  /**
   * Forgets the stamps of files that changed so shortly before `now` (milliseconds) that a further change within one tick of
   * the file system's clock could not be told from them. Returns how many there were.
   */
  forgetRacy(now: number): number {
    let forgotten = 0;
    for (let place = 0; place < this.mtimes.length; place++) {
      const mtime = this.mtimes[place] ?? 0;
      // What is not there, and what is forgotten already, has a time long past.
      if (mtime < now - (mtime % 1000 === 0 ? COARSE_MS : RACY_MS)) continue;
      this.mtimes[place] = UNKNOWN;
      forgotten++;
    }
    return forgotten;
  }

  save(path: string, structureKey: string): void {
    const { columns, names } = this.contents();
    const files = Object.fromEntries(this.#filesInUse());
    writeColumns(path, INDEX_VERSION, { structureKey, size: this.size, names, files }, columns);
    this.changed = false;
  }

  /** Those of templates that a row was rendered from. */
  #filesInUse(): Map<string, FileDigests> {
    const templates = [...new Set(this.keys.render)].map((number) => this.parts(number)['template'] ?? '');
    return new Map(
      [...new Set(templates)].flatMap((template) => {
        const files = this.#files.get(template);
        return files === undefined ? [] : [[template, files] as const];
      }),
    );
  }

  /** All that it holds: with its size, what another one is made of. */
  contents(): IndexContents {
    const columns = new Map<string, Column>(DIGEST_COLUMNS.map((name) => [name, this.digests[name]]));
    for (const step of STEPS) columns.set(step, this.keys[step]);
    for (const name of ['flags', 'failure', 'sizes', 'mtimes', 'inodes'] as const)
      columns.set(name, this[name]);
    return { columns, names: this.#names, files: Object.fromEntries(this.#files) };
  }
}

export interface IndexContents {
  readonly columns: ReadonlyMap<string, Column>;
  readonly names: readonly string[];
  readonly files: Readonly<Record<string, FileDigests>>;
}

/** Timestamps are taken from a clock that moves in steps of up to 10 ms. */
const RACY_MS = 20;
/** Some file systems keep times in steps of two seconds. */
const COARSE_MS = 2000;
/** A file that has not changed for so long can be told from what it may be later, by its stamp, on any file system (milliseconds). */
export const OLD_MS = COARSE_MS + 500;

interface IndexHeader {
  readonly structureKey: string;
  readonly size: number;
  readonly names: readonly string[];
  /** Earlier versions kept none. */
  readonly files?: IndexContents['files'];
}

export interface KeptIndex {
  readonly index: GenIndex;
  /** Of the rows that it is of. */
  readonly structureKey: string;
}

export function loadIndex(path: string): KeptIndex | undefined {
  return indexIn(readColumns<IndexHeader>(path, INDEX_VERSION));
}

/** The same while this thread does something else. */
export async function loadIndexMeanwhile(path: string): Promise<KeptIndex | undefined> {
  const read = begun?.path === path ? begun.file : fileMeanwhile(path);
  begun = undefined;
  return indexIn(await read);
}

let begun: { readonly path: string; readonly file: ReturnType<typeof fileMeanwhile> } | undefined;

/** Begins to read what will be asked for soon. */
export function beginIndex(path: string): void {
  begun = { path, file: fileMeanwhile(path) };
}

function fileMeanwhile(path: string): Promise<ColumnFile<IndexHeader> | undefined> {
  return readColumnsMeanwhile<IndexHeader>(path, INDEX_VERSION);
}

function indexIn(file: ColumnFile<IndexHeader> | undefined): KeptIndex | undefined {
  if (file === undefined) return undefined;
  const { structureKey, size, names, files = {} } = file.header;
  return { index: new GenIndex(size, { columns: file.columns, names, files }), structureKey };
}

function failureCode(failure: Failure): number {
  return 1 + FAILURE_KINDS.indexOf(failure.kind) * STEPS.length + STEPS.indexOf(failure.step);
}

function without(parts: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const { [name]: _left, ...rest } = parts;
  return rest;
}

function fromNames<N extends string, V>(names: readonly N[], make: (name: N) => V): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<N, V>;
}

/** The eight hexadecimal digits, in lower case, from a place on. */
function wordAt(digest: string, place: number): number {
  let word = 0;
  for (let at = place; at < place + 8; at++) {
    const code = digest.charCodeAt(at);
    word = (word << 4) | (code - (code < 58 ? 48 : 87));
  }
  return word;
}

function hex(word: number | undefined): string {
  return (word ?? 0).toString(16).padStart(8, '0');
}
