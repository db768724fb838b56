// The project as the next commit would hold it, or as an earlier one does, laid out in a temporary folder: what git has, and links
// to what it ignores. Knows nothing of what is done with it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { BrokenCohort } from '../cohort/cohort.ts';
import { problem, ProblemError, type Problem } from '../problem.ts';
import { didYouMean } from '../text/nearest.ts';
import type { LoadOptions } from '../engine/project/options.ts';

/**
 * Runs something on the staged project. What is staged comes from git's index. What git ignores can never be committed, so it
 * comes from the working tree: outputs, `.env`, installed packages. A file that is neither is left out, as the commit leaves it
 * out. Nothing is written into the working tree.
 */
export async function withStaged<T>(
  loading: LoadOptions,
  work: (staged: LoadOptions, real: RealPlaces) => Promise<T>,
): Promise<T> {
  return withLaidOut(
    loading,
    (top, folder) => {
      refuseUnmerged(top);
      git(top, ['checkout-index', '--all', '--quiet', `--prefix=${folder}${sep}`]);
      for (const path of announced(top, folder)) rmSync(join(folder, path), { force: true });
      linkIgnored(top, folder, () => true);
    },
    work,
  );
}

/** Cohorts that can not be used, with the places of the working tree: the temporary folder is gone when they are read. */
export type RealPlaces = (broken: readonly BrokenCohort[]) => readonly BrokenCohort[];

/** What a build writes, as paths of the repository. */
const OUTPUT =
  /(?:^|\/)(?:gens|\.daydream|reports|7_cross_experiment|membership\.csv|manifest\.json)(?:\/|$)/;

/** A commit that a project is laid out from. */
export interface Commit {
  /** What git knows it by: the word that was said, or the branch that is meant by it. */
  readonly name: string;
  /** A path of outputs that git ignores, relative to the repository; undefined where it holds them all. */
  readonly ignoresOutputs: string | undefined;
}

/**
 * Runs something on the project as a commit holds it: a branch, a tag, a digest; `main` and `master` are the main branch, whatever it
 * is called. What git ignores comes from the working tree here too, but for outputs and caches, which are not those of that commit.
 */
export async function withCommit<T>(
  loading: LoadOptions & { readonly ref: string },
  work: (then: LoadOptions, commit: Commit) => Promise<T>,
): Promise<T> {
  const { ref, ...now } = loading;
  let name = ref;
  let ignoresOutputs: string | undefined;
  const told = (then: LoadOptions): Promise<T> => work(then, { name, ignoresOutputs });
  return withLaidOut(
    now,
    (top, folder) => {
      name = nameOf(top, ref);
      const commit = git(top, revParse(name)).toString('utf8').trim();
      // An index of its own: the user's stays as it is.
      const environment = { ...loading.environment, GIT_INDEX_FILE: join(folder, '.git-index') };
      git(top, ['read-tree', commit], environment);
      git(top, ['checkout-index', '--all', '--quiet', `--prefix=${folder}${sep}`], environment);
      linkIgnored(top, folder, (path) => {
        if (!OUTPUT.test(path)) return true;
        if (/(?:^|\/)gens(?:\/|$)/.test(path)) ignoresOutputs ??= path;
        return false;
      });
    },
    told,
  ).catch((error: unknown) => {
    throw error instanceof ProblemError ? forComparison(error) : error;
  });
}

const OTHERS =
  'Compare with a run or a tag that is on record (`daydream runs`), or with the folder of another project or data root';

/** What helps somebody who wants the staged project is no help here. */
function forComparison({ problems }: ProblemError): ProblemError {
  return new ProblemError(
    problems.map((each) =>
      each.code === 'DD119' && each.reason !== 'no_commit'
        ? { ...each, cure: `${OTHERS}; commits can be compared in a git repository.` }
        : each,
    ),
  );
}

async function withLaidOut<T>(
  loading: LoadOptions,
  layOut: (top: string, folder: string) => void,
  work: (laidOut: LoadOptions, real: RealPlaces) => Promise<T>,
): Promise<T> {
  const root = realpathSync(loading.root);
  const top = realpathSync(git(root, ['rev-parse', '--show-toplevel']).toString('utf8').replace(/\n$/, ''));
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'daydream-staged-')));
  const placed = (problems: readonly Problem[]): readonly Problem[] => withRealPlaces(problems, folder, top);
  const real: RealPlaces = (broken) => broken.map((each) => ({ ...each, problems: placed(each.problems) }));
  try {
    layOut(top, folder);
    const moved = movedFrom(top, folder);
    mkdirSync(moved(root), { recursive: true });
    const { onBroken } = loading;
    return await work(
      {
        ...loading,
        root: moved(root),
        ...dataRootOf(loading, moved),
        ...(onBroken === undefined ? {} : { onBroken: (broken) => onBroken(real(broken)) }),
      },
      real,
    );
  } catch (error) {
    throw error instanceof ProblemError ? new ProblemError(placed(error.problems)) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function revParse(name: string): readonly string[] {
  return ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`];
}

/** A name that git has a commit for. A clone of one branch has others as those of its origin. */
function nameOf(top: string, ref: string): string {
  const main = ['main', 'master'];
  const meant = main.includes(ref) ? [ref, ...main] : [ref];
  const names = [
    ...meant,
    ...meant.map((name) => `origin/${name}`),
    ...(meant.length > 1 ? ['origin/HEAD'] : []),
  ];
  const found = names.find((name) => isThere(top, revParse(name)));
  if (found !== undefined) return found;
  const branches = git(top, [
    'for-each-ref',
    '--format=%(refname:short)',
    '--count=20',
    'refs/heads',
    'refs/tags',
  ])
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '');
  throw new ProblemError([
    problem(
      'DD119',
      `git knows no commit ${ref}${didYouMean(ref, branches)}, and there is no such run, tag or folder`,
      {
        place: { file: top },
        reason: 'no_commit',
        cure: `${OTHERS}, or a commit${branches.length === 0 ? '' : `: ${branches.join(', ')}`}.`,
      },
    ),
  ]);
}

/** Whether git finds what is asked for. */
function isThere(top: string, words: readonly string[]): boolean {
  try {
    git(top, words);
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

function git(cwd: string, words: readonly string[], environment?: LoadOptions['environment']): Buffer {
  try {
    return execFileSync('git', [...words], {
      cwd,
      ...(environment === undefined ? {} : { env: { ...environment } }),
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

/** While a merge is not decided, git has several texts of a file and makes no commit. */
function refuseUnmerged(top: string): void {
  const names = changedNames(top, 'U');
  if (names.length === 0) return;
  throw new ProblemError(
    names.map((name) =>
      problem('DD119', `${name} is in a merge that is not decided`, {
        place: { file: join(top, name) },
        reason: 'unmerged',
        cure: 'Decide it and `git add` the file; or use plain `daydream check`.',
      }),
    ),
  );
}

/**
 * Files that `git add -N` only announced: git has a placeholder for them, and the commit leaves them out. Of one that was removed since,
 * no more can be seen than that it is empty and new.
 */
function announced(top: string, folder: string): readonly string[] {
  const isNew = (path: string): boolean =>
    statSync(join(folder, path), { throwIfNoEntry: false })?.size === 0 &&
    !isThere(top, ['cat-file', '-e', `HEAD:${path}`]);
  return [...changedNames(top, 'A'), ...changedNames(top, 'D').filter(isNew)];
}

/** What the working tree has otherwise than the index, by kind of change. */
function changedNames(top: string, filter: 'A' | 'D' | 'U'): readonly string[] {
  return git(top, ['diff', '--no-ext-diff', '--name-only', '-z', `--diff-filter=${filter}`])
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '');
}

function linkIgnored(top: string, folder: string, wanted: (path: string) => boolean): void {
  const listed = git(top, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']);
  for (const path of listed.toString('utf8').split('\0')) {
    const name = path.replace(/\/$/, '');
    if (name === '' || name === '.' || !wanted(name)) continue;
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

function withRealPlaces(problems: readonly Problem[], folder: string, top: string): readonly Problem[] {
  const real = (text: string): string => text.replaceAll(folder, top);
  return problems.map((each): Problem => {
    const file = each.place?.file;
    const place = file === undefined ? {} : { place: { ...each.place, file: real(file) } };
    return { ...each, message: real(each.message), ...place };
  });
}
