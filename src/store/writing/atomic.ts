// Writes that are whole or absent: a temporary file in the same folder, then a rename. Knows nothing of what is written.
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
  type Dirent,
} from 'node:fs';
import { dirname, basename } from 'node:path';
import { promisify } from 'node:util';
import { bytesIn } from '../../inputs/disk/onlyfiles.ts';

/** What tells one version of a file from another without reading it. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/**
 * Replaces a file. The temporary name is the same every time, because the data root's lock allows one writer: what a crash
 * leaves behind is overwritten by the next attempt.
 */
export function writeAtomic(path: string, content: string | Uint8Array): FileStamp {
  const file = writeWhole(path, content);
  try {
    const { size, mtimeMs, ino } = fstatSync(file);
    return { size, mtimeMs, ino };
  } finally {
    closeSync(file);
  }
}

/**
 * As `writeAtomic`, for a file that must survive a power cut too: the disk has its bytes before it gets its name, and has the name,
 * with every folder that was made for it, when this resolves. The disk is waited for in the thread pool, so that other work goes on.
 */
export async function writeDurable(path: string, content: string | Uint8Array): Promise<void> {
  const folders = [dirname(path), ...makeFolders(dirname(path))];
  const temporary = temporaryOf(path);
  const file = openSync(temporary, 'w');
  try {
    writeBytes(file, content);
    await promisify(fdatasync)(file);
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw placed(error, path);
  } finally {
    closeSync(file);
  }
  for (const folder of folders) await flushFolder(folder);
}

/** Makes a folder; the folders that got a new entry by that, the deepest first. */
export function makeFolders(folder: string): readonly string[] {
  const topmost = mkdirSync(folder, { recursive: true });
  const changed: string[] = [];
  if (topmost === undefined) return changed;
  for (let each = folder; each.length >= topmost.length; each = dirname(each)) changed.push(dirname(each));
  return changed;
}

/** Until the disk has the names in it. */
export async function flushFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await promisify(fsync)(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Makes a folder with its files, all at once: they are written into a folder beside it, which is then renamed. Undefined when the
 * folder is there already and not empty. Stamps come in the order of the files.
 */
export function writeFolder(
  folder: string,
  files: readonly (readonly [name: string, content: string])[],
): readonly FileStamp[] | undefined {
  const temporary = temporaryOf(folder);
  makeEmpty(temporary);
  try {
    const stamps = files.map(([name, content]) => writePlain(`${temporary}/${name}`, content));
    renameSync(temporary, folder);
    return stamps;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (OCCUPIED.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST']);

/** What a crash left in the temporary folder is of no use to anybody. */
function makeEmpty(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isMissing(error)) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
}

function writePlain(path: string, content: string): FileStamp {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    const { size, mtimeMs, ino } = fstatSync(file);
    return { size, mtimeMs, ino };
  } catch (error) {
    throw placed(error, path);
  } finally {
    closeSync(file);
  }
}

/** Writes beside its place, moves it there, and leaves it open. */
function writeWhole(path: string, content: string | Uint8Array): number {
  const temporary = temporaryOf(path);
  const file = openForWriting(temporary);
  try {
    writeBytes(file, content);
    renameSync(temporary, path);
    return file;
  } catch (error) {
    closeSync(file);
    discard(temporary);
    throw placed(error, path);
  }
}

/** What refuses a write does not say of which file: whoever is to make room wants to know where. */
export function placed(error: unknown, path: string): unknown {
  return error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
}

export function temporaryOf(path: string): string {
  return `${dirname(path)}/.${basename(path)}.tmp`;
}

export function writeBytes(file: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

/** Fills these bytes from a place of a file, and says how many were there; a disk may give less at a time than it is asked for. */
export function readBytes(file: number, into: Uint8Array, from: number): number {
  let read = 0;
  while (read < into.length) {
    const count = readSync(file, into, read, into.length - read, from + read);
    if (count === 0) break;
    read += count;
  }
  return read;
}

export function openForWriting(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'w');
  }
}

/** Rewrites a file only if its content differs. */
export function writeIfChanged(path: string, content: string): 'written' | 'unchanged' {
  if (readIfPresent(path)?.equals(Buffer.from(content, 'utf8')) === true) return 'unchanged';
  writeAtomic(path, content);
  return 'written';
}

export function readIfPresent(path: string): Buffer | undefined {
  try {
    return bytesIn(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What a folder holds, in code unit order; nothing where there is none. */
export function entriesIfPresent(folder: string): readonly Dirent[] {
  return unsortedEntries(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The same in the order in which the disk has them. */
export function unsortedEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function namesIfPresent(folder: string): readonly string[] {
  return entriesIfPresent(folder).map(({ name }) => name);
}

/** Text of an artifact, with CRLF and lone CR read as LF. */
export function readTextIfPresent(path: string): string | undefined {
  const text = readIfPresent(path)?.toString('utf8');
  return text?.includes('\r') === true ? text.replaceAll(/\r\n?/g, '\n') : text;
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Nothing to remove, or nothing that can be done about it.
  }
}
