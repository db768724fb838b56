// Writes that are whole or absent: a temporary file in the same folder, then a rename. Knows nothing of what is written.
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, basename } from 'node:path';

/** What tells one version of a file from another without reading it. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/**
 * Replaces a file. The temporary name is the same every time, because the data root's lock allows one writer: what a crash
 * leaves behind is overwritten by the next attempt. Durable writes are flushed, the folder's entry included.
 */
export function writeAtomic(
  path: string,
  content: string | Uint8Array,
  durability: 'durable' | 'fast' = 'fast',
): FileStamp {
  const temporary = `${dirname(path)}/.${basename(path)}.tmp`;
  const stamp = writeTemporary(temporary, content, durability);
  try {
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error;
  }
  if (durability === 'durable') flushFolder(dirname(path));
  return stamp;
}

function writeTemporary(
  temporary: string,
  content: string | Uint8Array,
  durability: 'durable' | 'fast',
): FileStamp {
  const file = openForWriting(temporary);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    if (durability === 'durable') fdatasyncSync(file);
    const { size, mtimeMs, ino } = fstatSync(file);
    return { size, mtimeMs, ino };
  } catch (error) {
    discard(temporary);
    throw error;
  } finally {
    closeSync(file);
  }
}

function openForWriting(path: string): number {
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
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
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

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Nothing to remove, or nothing that can be done about it.
  }
}
