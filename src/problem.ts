// A problem: what is wrong, where, and how to mend it, and how problems travel. Knows no single mistake.
import { CODES, type Code, type CodeEntry } from './errors.ts';

/** Where a problem is. Lines, columns and CSV rows count from 1; paths are absolute until they are shown. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The name of a CSV column, a config key or a spec entry. */
  readonly field?: string;
  readonly genId?: string;
}

export interface Problem {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** A machine-readable refinement of the code, such as `catalog_combos_missing`. */
  readonly reason?: string;
  /** What is wrong, in one sentence, with the values in question. */
  readonly message: string;
  readonly place?: Place;
  /** The command or the edit that mends it. */
  readonly cure: string;
  /** The values behind the message, for `--json`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A value with everything that was found wrong while making it. With an `error` among the problems, do not use the value. */
export interface Loaded<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

type Details = Omit<Partial<Problem>, 'code' | 'message'>;

/** An error-level problem. Its cure is the code's own where none is given. */
export function problem(code: Code, message: string, details: Details = {}): Problem {
  const entry: CodeEntry = CODES[code];
  return { code, severity: 'error', message, cure: entry.cure, ...details };
}

/** A problem that does not stop the command. */
export function warning(code: Code, message: string, details: Details = {}): Problem {
  return problem(code, message, { ...details, severity: 'warning' });
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((each) => each.severity === 'error');
}

/** Carries problems through code that cannot go on; thrown only between a loader and the command that reports it. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((each) => `${each.code}: ${each.message}`).join('\n'));
    this.name = 'ProblemError';
    this.problems = problems;
  }
}

/** Everything that went wrong while several things came to their end, said once; a bug only where there is nothing else. */
export function togetherOf(errors: readonly unknown[]): unknown {
  const problems = errors.flatMap((error) => (error instanceof ProblemError ? error.problems : []));
  if (problems.length === 0) return errors[0];
  // What another thread says is a copy.
  return new ProblemError([...new Map(problems.map((each) => [JSON.stringify(each), each])).values()]);
}

const DISK = new Set(
  'ENOSPC EACCES EROFS EMFILE ENFILE EIO EPERM EDQUOT ENOTDIR EISDIR ENXIO EEXIST ELOOP ENAMETOOLONG ENOENT EBUSY'.split(
    ' ',
  ),
);

export const NO_FOLDER = 'a file stands where a folder is wanted';
const IN_THE_WAY: Readonly<Record<string, string>> = {
  EISDIR: 'a folder stands where a file is wanted',
  ENXIO: 'a pipe, a socket or a device stands where a file is wanted',
  ENOTDIR: `${NO_FOLDER}, on the way to this path`,
};

/** Calls that only look. `open` is one of those that write: who opens to read says so (`openToRead`). */
const LOOKING = new Set('read scandir stat lstat readlink realpath access'.split(' '));

/** What the disk refused; undefined for every other error. */
export function diskProblem(error: unknown): Problem | undefined {
  const { code, path, syscall } = (error ?? {}) as { code?: unknown; path?: unknown; syscall?: unknown };
  if (typeof code !== 'string' || !DISK.has(code)) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  const place = typeof path === 'string' ? { place: { file: path } } : {};
  const inTheWay = IN_THE_WAY[code] ?? (code === 'EEXIST' && syscall === 'mkdir' ? NO_FOLDER : undefined);
  if (inTheWay !== undefined)
    return problem('DD584', inTheWay, { reason: code, data: { message }, ...place });
  const looking = typeof syscall === 'string' && LOOKING.has(syscall);
  return problem(looking ? 'DD588' : 'DD504', message, { reason: code, ...place });
}

/** What comes of it, or the problems that ended it. A bug stays one. */
export function attempt<T>(work: () => T): Loaded<T | undefined> {
  try {
    return { value: work(), problems: [] };
  } catch (error) {
    const refused = asProblems(error);
    if (refused instanceof ProblemError) return { value: undefined, problems: refused.problems };
    throw error;
  }
}

/** The same error, as a ProblemError where the disk refused. */
export function asProblems(error: unknown): unknown {
  const refused = diskProblem(error);
  return refused === undefined ? error : new ProblemError([refused]);
}
