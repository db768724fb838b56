// Typed columns: a file of them behind a JSON header, with a checksum over every byte, and rows copied from some to others. Knows nothing of
// what the columns mean.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { isMissing, readBytes, writeAtomic } from './writing/atomic.ts';

const KINDS = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const;
type Kind = keyof typeof KINDS;
export type Column = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** Magic, format version, header length in bytes, CRC-32 of everything else. */
const PREFIX_BYTES = 16;
const CHECKSUM_AT = 12;
const MAGIC = 0x4e494444;

interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
}

export interface ColumnFile<H> {
  readonly header: H;
  readonly columns: ReadonlyMap<string, Column>;
}

/** What holds columns can be made anew: where the data root has gone, nothing is written, and no folder is made in its place. */
export function writeColumns(
  path: string,
  version: number,
  header: unknown,
  columns: ReadonlyMap<string, Column>,
): void {
  const entries: Entry[] = [...columns].map(([name, column]) => ({
    name,
    kind: kindOf(column),
    length: column.length,
  }));
  const json = Buffer.from(JSON.stringify({ header, entries }));
  const parts: Uint8Array[] = [
    Buffer.alloc(PREFIX_BYTES),
    json,
    Buffer.alloc(padding(PREFIX_BYTES + json.length)),
  ];
  for (const column of columns.values()) {
    parts.push(bytesOf(column), Buffer.alloc(padding(column.byteLength)));
  }
  const file = Buffer.concat(parts);
  file.writeUInt32LE(MAGIC, 0);
  file.writeUInt32LE(version, 4);
  file.writeUInt32LE(json.length, 8);
  file.writeUInt32LE(checksum(file), CHECKSUM_AT);
  if (hasFolder(dirname(path))) writeAtomic(path, file);
}

/** Makes the folder, but none above it; false where there is nothing to make it in. */
function hasFolder(folder: string): boolean {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return true;
    throw error;
  }
}

/** Undefined when the file is absent, unreadable, damaged anywhere, or of another version: the caller makes it anew. */
export function readColumns<H>(path: string, version: number): ColumnFile<H> | undefined {
  const file = readShared(path);
  return file === undefined ? undefined : columnsIn(file, version, checksum(file));
}

/** The same while this thread does something else. */
export async function readColumnsMeanwhile<H>(
  path: string,
  version: number,
): Promise<ColumnFile<H> | undefined> {
  const read = await readSharedMeanwhile(path);
  return read === undefined ? undefined : columnsIn(read.file, version, read.sum);
}

function columnsIn<H>(file: Buffer, version: number, sum: number): ColumnFile<H> | undefined {
  if (file.length < PREFIX_BYTES) return undefined;
  if (file.readUInt32LE(0) !== MAGIC || file.readUInt32LE(4) !== version) return undefined;
  if (sum !== file.readUInt32LE(CHECKSUM_AT)) return undefined;
  const headerEnd = PREFIX_BYTES + file.readUInt32LE(8);
  const { header, entries } = JSON.parse(file.toString('utf8', PREFIX_BYTES, headerEnd)) as {
    header: H;
    entries: readonly Entry[];
  };
  const columns = new Map<string, Column>();
  let offset = headerEnd + padding(headerEnd);
  for (const { name, kind, length } of entries) {
    const column = new KINDS[kind](file.buffer as ArrayBuffer, offset, length);
    columns.set(name, column);
    offset += column.byteLength + padding(column.byteLength);
  }
  return { header, columns };
}

/** Reads into shared memory, so that a worker sees the same columns without a copy. */
function readShared(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const size = fstatSync(file).size;
    const buffer = Buffer.from(new SharedArrayBuffer(size));
    return readBytes(file, buffer, 0) < size ? undefined : buffer;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Bytes that are read at a time: one piece is summed up while the next comes. */
const PIECE = 2 ** 21;

async function readSharedMeanwhile(
  path: string,
): Promise<{ readonly file: Buffer; readonly sum: number } | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.from(new SharedArrayBuffer(size));
    const pieceAt = (place: number): Promise<{ readonly bytesRead: number }> | undefined =>
      place === size ? undefined : file.read(buffer, place, Math.min(PIECE, size - place), place);
    let sum = 0;
    let next = pieceAt(0);
    for (let read = 0; next !== undefined;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) return undefined;
      const end = read + bytesRead;
      next = pieceAt(end);
      sum = checksum(buffer.subarray(0, end), read, sum);
      read = end;
    }
    return { file: buffer, sum };
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** A length that is wrong by one bit must not be followed, so the checksum is over the prefix too. */
function checksum(file: Buffer, from = 0, sum = 0): number {
  return crc32(
    file.subarray(Math.max(from, PREFIX_BYTES)),
    crc32(file.subarray(Math.min(from, CHECKSUM_AT), CHECKSUM_AT), sum),
  );
}

function kindOf(column: Column): Kind {
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Uint32Array) return 'u32';
  return column instanceof Int32Array ? 'i32' : 'f64';
}

function bytesOf(column: Column): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function padding(bytes: number): number {
  return (8 - (bytes % 8)) % 8;
}

export interface ColumnType<T extends Column> {
  new (length: number): T;
  new (buffer: ArrayBuffer, offset: number, length: number): T;
}

/** Makes columns that lie in one buffer of so many bytes: the widest first, so that each begins where its numbers may. */
export function roomForColumns(bytes: number): <T extends Column>(length: number, type: ColumnType<T>) => T {
  const buffer = new ArrayBuffer(bytes);
  let taken = 0;
  return (length, type) => {
    const column = new type(buffer, taken, length);
    taken += column.byteLength;
    return column;
  };
}

/** The same times as 32-bit words, two each. */
export function wordsOf({ buffer, byteOffset, length }: Float64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length * 2);
}

/** Where rows go: the row there by the row here; -1 for one that goes nowhere. */
type Rows = Int32Array;

/** `width`: words a row. Of words alone, since Node takes far longer with a function that meets several kinds of columns. */
export function copyWords(
  from: Uint32Array,
  into: Uint32Array,
  { to, width }: { readonly to: Rows; readonly width: number },
): void {
  for (let fromRow = 0; fromRow < to.length; fromRow++) {
    const row = to[fromRow] ?? -1;
    if (row < 0) continue;
    for (let at = 0; at < width; at++) into[row * width + at] = from[fromRow * width + at] ?? 0;
  }
}

/** Of one byte a row. */
export function copyBytes(from: Uint8Array, into: Uint8Array, to: Rows): void {
  for (let fromRow = 0; fromRow < to.length; fromRow++) {
    const row = to[fromRow] ?? -1;
    if (row >= 0) into[row] = from[fromRow] ?? 0;
  }
}
