// Tells by stamps alone whether what was read has changed since. Knows nothing of what the files mean, and hashes nothing.
import { attempt } from '../../problem.ts';
import { diskReader, statIfAllowed } from './diskreader.ts';

/** Path, size (-1 when absent), modification time in milliseconds (-1 when it must be read again), inode, digest of the text. */
export type FileRecord = readonly [path: string, size: number, mtimeMs: number, ino: number, digest: string];

/** Of the text that was read; undefined where there was none. */
export function digestIn(record: FileRecord | undefined): string | undefined {
  const [, , , , digest = ''] = record ?? [];
  return digest === '' ? undefined : digest;
}

/** What a folder held: names that end in the extension, or folder names for `/`. */
export type ListingRecord = readonly [folder: string, extension: string, names: string];

export interface ReadRecord {
  readonly files: readonly FileRecord[];
  readonly listings: readonly ListingRecord[];
}

/** The recorded files whose stamps differ now. */
export function unlike(files: readonly FileRecord[]): readonly FileRecord[] {
  return files.filter(([path, size, mtimeMs, ino]) => {
    const stat = statIfAllowed(path);
    return stat === undefined
      ? size !== -1
      : stat.size !== size || stat.mtimeMs !== mtimeMs || stat.ino !== ino;
  });
}

/** Whether every recorded folder still holds the same names; not where one may not be read any more. */
export function listingsHold(listings: readonly ListingRecord[]): boolean {
  return listings.every(([folder, extension, names]) => namesIn(folder, extension)?.join('\n') === names);
}

function namesIn(folder: string, extension: string): readonly string[] | undefined {
  const disk = diskReader();
  return attempt(() => (extension === '/' ? disk.folders(folder) : disk.files(folder, extension))).value;
}
