// Remembers which files were read and how they looked, so that a later run can tell without reading that nothing changed.
// Knows nothing of what the files mean, and hashes nothing while nothing changed.
import { statSync } from 'node:fs';
import { digest } from '../digest.ts';
import { diskReader } from './diskreader.ts';
import type { InputReader } from './reader.ts';

/** Path, size (-1 when absent), modification time in milliseconds (-1 when it must be read again), inode, digest of the text. */
export type FileRecord = readonly [path: string, size: number, mtimeMs: number, ino: number, digest: string];

/** What a folder held: names that end in the extension, or folder names for `/`. */
export type ListingRecord = readonly [folder: string, extension: string, names: string];

export interface ReadRecord {
  readonly files: readonly FileRecord[];
  readonly listings: readonly ListingRecord[];
}

/** Reads from the disk and notes every file and folder that was asked for. */
export function recordingReader(): {
  readonly reader: InputReader;
  readonly record: (now: number) => ReadRecord;
} {
  const files = new Map<string, FileRecord>();
  const listings = new Map<string, ListingRecord>();
  const disk = diskReader();
  const list = (folder: string, extension: string, names: readonly string[]): readonly string[] => {
    listings.set(`${folder} ${extension}`, [folder, extension, names.join('\n')]);
    return names;
  };
  const reader: InputReader = {
    text(path) {
      const stat = statSync(path, { throwIfNoEntry: false });
      const loaded = disk.text(path);
      files.set(path, recordOf(path, stat, loaded.value));
      return loaded;
    },
    files: (folder, extension) => list(folder, extension, disk.files(folder, extension)),
    folders: (folder) => list(folder, '/', disk.folders(folder)),
  };
  return {
    reader,
    record: (now) => ({
      files: [...files.values()].map((each) => trusted(each, now)),
      listings: [...listings.values()],
    }),
  };
}

function recordOf(
  path: string,
  stat: { size: number; mtimeMs: number; ino: number } | undefined,
  text: string | undefined,
): FileRecord {
  if (stat === undefined || text === undefined) return [path, -1, 0, 0, ''];
  return [path, stat.size, stat.mtimeMs, stat.ino, digest(text)];
}

/** A file that changed within one tick of the clock before it was read could change again unseen. */
function trusted(record: FileRecord, now: number): FileRecord {
  const [path, size, mtimeMs, ino, digest] = record;
  return mtimeMs < now - 20 ? record : [path, size, -1, ino, digest];
}

/** The recorded files whose stamps differ now. */
export function unlike(files: readonly FileRecord[]): readonly FileRecord[] {
  return files.filter(([path, size, mtimeMs, ino]) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined
      ? size !== -1
      : stat.size !== size || stat.mtimeMs !== mtimeMs || stat.ino !== ino;
  });
}

/** Whether every recorded folder still holds the same names. */
export function listingsHold(listings: readonly ListingRecord[]): boolean {
  return listings.every(([folder, extension, names]) => namesIn(folder, extension).join('\n') === names);
}

function namesIn(folder: string, extension: string): readonly string[] {
  const disk = diskReader();
  return extension === '/' ? disk.folders(folder) : disk.files(folder, extension);
}

/** The file's record as it is now, its text read. */
export function reread(path: string, now: number): FileRecord {
  const { reader, record } = recordingReader();
  reader.text(path);
  return record(now).files[0] ?? [path, -1, 0, 0, ''];
}
