// Whether more changes are to be expected: other files follow closely on one another, as where a folder is copied or synchronised file
// by file, or git is at work in the repository. What is planned in between is planned from half of what is meant. Watches nothing.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Milliseconds: changes further apart have nothing to do with each other. */
const MOST = 2000;
/** So many times as long as a single change is waited for; each further time four times as long. */
const FIRST = 8;
const FURTHER = 4;
/** Milliseconds after which a lock of git's was left by a crash. */
const STALE_LOCK = 60_000;

export class Unrest {
  readonly #settle: number;
  /** Of the batch before: what it was, and when it was over. */
  #before: { readonly paths: ReadonlySet<string>; readonly over: number } | undefined;
  /** How long it must be quiet; nothing for a change by itself. */
  #quiet = 0;
  #last = -Infinity;

  /** `settle`: milliseconds of quiet after which a batch is over. */
  constructor(settle: number) {
    this.#settle = settle;
  }

  /** Something changes. `now`: milliseconds, of a clock that only runs on. */
  changing(now: number): void {
    this.#last = now;
  }

  /** A batch is over that began then. A file that is saved again and again is somebody's work, and waited for no longer. */
  settled(paths: readonly string[], { began, now }: { readonly began: number; readonly now: number }): void {
    const { paths: known, over } = this.#before ?? { paths: new Set(), over: -Infinity };
    const others = paths.some((path) => !known.has(path));
    if (began - over >= MOST) this.#quiet = 0;
    else if (others && known.size > 0)
      this.#quiet = Math.min(MOST, this.#quiet === 0 ? this.#settle * FIRST : this.#quiet * FURTHER);
    this.#before = { paths: new Set(paths), over: now };
  }

  /** Milliseconds for which nothing may come from now on before it is calm. */
  left(now: number): number {
    return Math.max(0, this.#quiet - (now - this.#last));
  }
}

/** The files by which git locks the repositories that hold these folders. */
export function gitLocks(folders: readonly string[]): readonly string[] {
  return [...new Set(folders.flatMap((folder) => gitFolder(folder) ?? []))].map((git) =>
    join(git, 'index.lock'),
  );
}

/** Whether git changes files just now. `now`: milliseconds since the epoch. */
export function gitWorks(locks: readonly string[], now: number): boolean {
  return locks.some((lock) => {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    return made !== undefined && Math.abs(now - made) < STALE_LOCK;
  });
}

/** A worktree has a file in its place, which names it. */
function gitFolder(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    const stat = statSync(git, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return git;
    if (stat !== undefined) return resolve(folder, /^gitdir: (.+)$/m.exec(textOf(git))?.[1] ?? '.git');
    if (folder === dirname(folder)) return undefined;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
