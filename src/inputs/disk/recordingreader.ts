// Reads input files and notes which they were and how they looked, for `stamped.ts` to compare. Knows nothing of what they mean.
import { digest } from '../../digest.ts';
import { problem, type Problem } from '../../problem.ts';
import { normalizeNewlines } from '../../text/python.ts';
import { diskReader, insideFolder, statIfAllowed } from './diskreader.ts';
import type { InputReader } from './reader.ts';
import type { FileRecord, ListingRecord, ReadRecord } from './stamped.ts';

/**
 * Reads from the disk and notes every file and folder that was asked for. A file that lies, with every link followed, in none of
 * the folders `within` is a problem, and is not read.
 */
export function recordingReader(within?: readonly string[]): {
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
      const stat = statIfAllowed(path);
      const outside = stat !== undefined && within?.some((folder) => insideFolder(folder, path)) === false;
      const loaded = outside ? { value: undefined, problems: [leadsOut(path)] } : disk.text(path);
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

function leadsOut(path: string): Problem {
  return problem('DD222', `${path} leads out of the project.`, {
    place: { file: path },
    reason: 'input_outside_project',
  });
}

/** The identity of a text: its line ends are no part of it, since git writes them as the machine likes them. */
export function textDigest(text: string): string {
  return digest(normalizeNewlines(text));
}

function recordOf(
  path: string,
  stat: { size: number; mtimeMs: number; ino: number } | undefined,
  text: string | undefined,
): FileRecord {
  if (stat === undefined || text === undefined) return [path, -1, 0, 0, ''];
  return [path, stat.size, stat.mtimeMs, stat.ino, textDigest(text)];
}

/** A file that changed within one tick of the clock before it was read could change again unseen. */
function trusted(record: FileRecord, now: number): FileRecord {
  const [path, size, mtimeMs, ino, digest] = record;
  return mtimeMs < now - 20 ? record : [path, size, -1, ino, digest];
}

/** The file's record as it is now, its text read. */
export function reread(path: string, now: number): FileRecord {
  const { reader, record } = recordingReader();
  reader.text(path);
  return record(now).files[0] ?? [path, -1, 0, 0, ''];
}
