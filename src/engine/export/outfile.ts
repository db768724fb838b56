// The file that a command was told to write: where a link leads, not one of the project's own, a pipe or a device as it stands, and what
// the disk says of it is said of that file.
import { lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import type { Settings } from '../../config.ts';
import { insideFolder } from '../../inputs/disk/diskreader.ts';
import { diskProblem, problem, ProblemError } from '../../problem.ts';
import { layoutOf } from '../../store/layout.ts';
import { writeIfChanged } from '../../store/writing/atomic.ts';
import { growFile, takesAsItComes } from '../../store/writing/growing.ts';

type Roots = Pick<Settings, 'dataRoot' | 'templatesRoot' | 'configFile'>;

/** So many links lead on to another: more, and they go round. */
const MOST_LINKS = 40;

/**
 * Where it is written: to a link where that leads, as a shell's `>` does, since a rename to its place would take the link away. Throws a
 * ProblemError (DD102) for inputs, the store, and what daydream keeps: nobody means to replace those by a table. `roots`: undefined outside
 * of a project.
 */
export function placeOfOut(directory: string, out: string, roots: Roots | undefined): string {
  const path = followed(resolve(directory, out));
  if (roots !== undefined) refuseOwn(roots, path);
  return path;
}

function followed(link: string): string {
  let path = link;
  for (
    let links = 0;
    !takesAsItComes(path) && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    links++
  ) {
    if (links === MOST_LINKS)
      throw new ProblemError([
        problem('DD585', 'it is a link that leads back to itself', { place: { file: path } }),
      ]);
    path = resolve(dirname(path), readlinkSync(path));
  }
  return path;
}

function refuseOwn(roots: Roots, path: string): void {
  if (!isOwn(roots, path)) return;
  throw new ProblemError([
    problem('DD102', `${path} is a place of the project's own inputs or of what it keeps`, {
      place: { field: '--out' },
      cure: 'Name a file elsewhere.',
    }),
  ]);
}

function isOwn({ dataRoot, templatesRoot, configFile }: Roots, path: string): boolean {
  const { gens, state, combos, ratings, cohorts } = layoutOf(dataRoot);
  const own = [`${dataRoot}${sep}1_raw`, templatesRoot, gens, state, combos, ratings];
  if ([...own, ...(configFile === undefined ? [] : [configFile])].some((each) => insideFolder(each, path)))
    return true;
  const [, part = ''] = insideFolder(cohorts, path) ? relative(cohorts, path).split(sep) : [];
  return part === 'spec' || ['membership.csv', 'manifest.json'].includes(basename(part));
}

/** Writes a text there, unless it holds just that. A pipe or a device gets it in any case. */
export function writeOut(path: string, text: string): Promise<'written' | 'unchanged'> {
  return writingOut(path, () => {
    if (!takesAsItComes(path)) return writeIfChanged(path, text);
    const file = growFile(path);
    try {
      file.write(Buffer.from(text, 'utf8'));
    } finally {
      file.finish();
    }
    return 'written';
  });
}

/** That it can not be written is no fault of the store (DD585). What is read meanwhile keeps its own words. */
export async function writingOut<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE')
      throw new ProblemError([
        problem('DD585', 'whoever was reading has gone', {
          reason: 'EPIPE',
          place: { file: path },
          cure: 'Let the reader read to the end, or name a file.',
        }),
      ]);
    const refused = diskProblem(error);
    if (refused?.code !== 'DD504') throw error;
    throw new ProblemError([
      problem('DD585', refused.message, { reason: refused.reason ?? 'disk', place: { file: path } }),
    ]);
  }
}
