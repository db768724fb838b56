// Writes files that must not be there yet: all of them, or none when one is in the way. Knows nothing of what they hold.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problem, ProblemError } from '../../../problem.ts';
import { shortPath } from '../../words/place.ts';

/** Texts by path below the folder. Throws a ProblemError that names every file in the way, with nothing written. */
export function writeNewFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  directory: string,
): void {
  const taken = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  const [first] = taken;
  if (first !== undefined) {
    const names = taken.map((name) => shortPath(join(folder, name), directory));
    const verb = taken.length === 1 ? 'is' : 'are';
    throw new ProblemError([
      problem('DD115', `${names.join(', ')} ${verb} there already`, {
        reason: 'file_exists',
        place: { file: join(folder, first) },
        data: { files: names },
      }),
    ]);
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { flag: 'wx' });
  }
}
