// Input files that live in a record of texts: what a loader reads without a disk. Knows nothing of what they mean.
import { posix } from 'node:path';
import type { InputReader } from '../../src/inputs/disk/reader.ts';

/** Paths are joined to the root; a folder is there when a file lies in it. */
export function memoryReader(files: Readonly<Record<string, string>>, root: string): InputReader {
  const texts = new Map(
    Object.entries(files).map(([path, text]) => [posix.join(root, path), text.replace(/^\uFEFF/, '')]),
  );
  const below = (folder: string): string[] =>
    [...texts.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
  return {
    text: (path) => ({ value: texts.get(path), problems: [] }),
    files: (folder, extension) =>
      below(folder)
        .filter((path) => !path.includes('/') && path.endsWith(extension))
        .sort(),
    folders: (folder) =>
      [
        ...new Set(
          below(folder)
            .filter((path) => path.includes('/'))
            .map((path) => path.split('/')[0] ?? ''),
        ),
      ].sort(),
  };
}
