// Everything below a folder, by pattern. Reads no contents.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { compareCodePoints } from '../../text/python.ts';

/** Paths of the files below a folder, relative to it, dotfiles included, in code point order; empty when there is no folder. */
export function filesBelow(folder: string, pattern = '**/*'): readonly string[] {
  return globSync(pattern, { cwd: folder, dot: true, expandDirectories: false }).sort(compareCodePoints);
}

/** Absolute paths of what a path or a pattern names, from the current folder on; empty when that is nothing. */
export function filesNamed(pattern: string): readonly string[] {
  const whole = resolve(pattern);
  return existsSync(whole) ? [whole] : filesBelow(resolve(), pattern).map((path) => resolve(path));
}
