// The project as the next commit would hold it, laid out in a temporary folder: git's index, and links to what git ignores. Knows
// nothing of what is done with it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { problem, ProblemError, type Problem } from '../errors.ts';
import type { LoadOptions } from '../engine/loading.ts';

/**
 * Runs something on the staged project. What is staged comes from git's index. What git ignores can never be committed, so it
 * comes from the working tree: outputs, `.env`, installed packages. A file that is neither is left out, as the commit leaves it
 * out. Nothing is written into the working tree.
 */
export async function withStaged<T>(
  loading: LoadOptions,
  work: (staged: LoadOptions) => Promise<T>,
): Promise<T> {
  const root = realpathSync(loading.root);
  const top = realpathSync(git(root, ['rev-parse', '--show-toplevel']).toString('utf8').replace(/\n$/, ''));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'daydream-staged-')));
  try {
    checkOut(top, folder);
    linkIgnored(top, folder);
    const moved = movedFrom(top, folder);
    mkdirSync(moved(root), { recursive: true });
    return await work({ ...loading, root: moved(root), ...dataRootOf(loading, moved) });
  } catch (error) {
    throw error instanceof ProblemError ? withRealPlaces(error, folder, top) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(cwd: string, words: readonly string[], input?: Buffer): Buffer {
  try {
    return execFileSync('git', [...words], {
      cwd,
      ...(input === undefined ? {} : { input }),
      maxBuffer: 2 ** 30,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const said = stderr?.toString('utf8').trim() ?? '';
    throw new ProblemError([
      problem('DD119', `git ${words[0] ?? ''} failed: ${said === '' ? message : said}`, {
        place: { file: cwd },
      }),
    ]);
  }
}

function checkOut(top: string, folder: string): void {
  git(top, ['checkout-index', '--all', '--quiet', `--prefix=${folder}${sep}`]);
}

function linkIgnored(top: string, folder: string): void {
  const listed = git(top, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']);
  for (const path of listed.toString('utf8').split('\0')) {
    const name = path.replace(/\/$/, '');
    if (name === '' || name === '.') continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    symlinkSync(join(top, name), join(folder, name));
  }
}

/** A path of the repository as it is called in the folder; other paths stay. */
function movedFrom(top: string, folder: string): (path: string) => string {
  return (path) => {
    const inner = relative(top, path);
    return inner === '..' || inner.startsWith(`..${sep}`) || isAbsolute(inner) ? path : join(folder, inner);
  };
}

function dataRootOf(
  { dataRoot, environment }: LoadOptions,
  moved: (path: string) => string,
): { readonly dataRoot?: string } {
  const named = dataRoot ?? environment['DAYDREAMING_DATA_ROOT'];
  return named === undefined || !isAbsolute(named) ? {} : { dataRoot: moved(named) };
}

/** Places are those of the working tree: the temporary folder is gone when they are read. */
function withRealPlaces({ problems }: ProblemError, folder: string, top: string): ProblemError {
  const real = (text: string): string => text.replaceAll(folder, top);
  return new ProblemError(
    problems.map((each): Problem => {
      const file = each.place?.file;
      const place = file === undefined ? {} : { place: { ...each.place, file: real(file) } };
      return { ...each, message: real(each.message), ...place };
    }),
  );
}
