// Everything below a folder, by pattern. Reads no contents.
import { globSync } from 'tinyglobby';
import { compareCodePoints } from '../../text/python.ts';

/** Paths of the files below a folder, relative to it, dotfiles included, in code point order; empty when there is no folder. */
export function filesBelow(folder: string, pattern = '**/*'): readonly string[] {
  return globSync(pattern, { cwd: folder, dot: true, expandDirectories: false }).sort(compareCodePoints);
}
