// The trash: what was removed, by the command that removed it, in the places that it came from. Everything goes in and comes out by
// a rename. Knows nothing of why things are removed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { insideFolder } from '../inputs/disk/diskreader.ts';
import { entriesIfPresent, isMissing, readIfPresent, writeAtomic } from './writing/atomic.ts';
import type { Layout } from './layout.ts';

/** What one command removed. */
export interface Batch {
  readonly name: string;
  /** ISO time. */
  readonly at: string;
  readonly command: string;
  /** Files and folders that are still in the batch, relative to the data root, in code point order. */
  readonly items: readonly string[];
}

/** Moves files and folders (relative to the data root) into a new batch. The record is written first: a crash loses nothing. */
export function moveToTrash(layout: Layout, batch: Batch): void {
  const folder = join(layout.trash, batch.name);
  writeAtomic(join(folder, RECORD), JSON.stringify(batch, null, 2));
  for (const item of batch.items) move(join(layout.dataRoot, item), join(folder, 'files', item));
}

const RECORD = 'batch.json';

/** Newest first. */
export function listTrash(layout: Layout): readonly Batch[] {
  return foldersIn(layout.trash)
    .reverse()
    .map((name) => readBatch(layout, name));
}

function readBatch(layout: Layout, name: string): Batch {
  const record = recordIn(readIfPresent(join(layout.trash, name, RECORD)));
  const items = record?.items ?? [];
  const present = items.filter((item) => isSafe(layout, item) && existsSync(placeOf(layout, name, item)));
  return { name, at: record?.at ?? '', command: record?.command ?? '', items: present };
}

function recordIn(bytes: Buffer | undefined): Batch | undefined {
  try {
    const value = JSON.parse(bytes?.toString('utf8') ?? '') as Partial<Batch>;
    return Array.isArray(value.items) && value.items.every((item) => typeof item === 'string')
      ? (value as Batch)
      : undefined;
  } catch {
    return undefined;
  }
}

function isSafe({ dataRoot }: Layout, item: string): boolean {
  return item !== '' && insideFolder(dataRoot, join(dataRoot, item));
}

function placeOf(layout: Layout, batch: string, item: string): string {
  return join(layout.trash, batch, 'files', item);
}

/** Puts one item back; `occupied` when something stands in its place by now. */
export function restoreItem(layout: Layout, batch: string, item: string): 'restored' | 'occupied' {
  const target = join(layout.dataRoot, item);
  if (existsSync(target)) return 'occupied';
  move(placeOf(layout, batch, item), target);
  if (readBatch(layout, batch).items.length === 0) emptyBatch(layout, batch);
  return 'restored';
}

/** Deletes a batch for good. */
export function emptyBatch(layout: Layout, batch: string): void {
  rmSync(join(layout.trash, batch), { recursive: true, force: true });
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Bytes of a file, or of everything below a folder; undefined for what is not there. */
export function bytesBelow(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return stat?.size;
  let bytes = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory() || entry.isFile()) bytes += bytesBelow(join(path, entry.name)) ?? 0;
  }
  return bytes;
}

function foldersIn(folder: string): string[] {
  return entriesIfPresent(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
