// Watches over the data root while a build runs: whether it is there, and whether it is still this build's. Ends no build itself.
import { problem, ProblemError, type Problem } from '../../problem.ts';
import type { Layout } from '../../store/layout.ts';
import { inodeOf, type Hold } from '../../store/lock.ts';
import { goneAway } from '../../store/writing/lodging.ts';

/** How a build is stopped: first nothing more is started, then what is in flight is given up. */
export interface Stopping {
  readonly asked: () => boolean;
  readonly abort: AbortSignal;
  /** Called each time, with how many there have been. */
  readonly listen: (listener: (count: number) => void) => void;
}

/** Milliseconds between two looks. */
const ROUND = 200;

export interface Guard {
  /** Looks now: whether the data root is there, and this build's. */
  readonly holds: () => boolean;
  /** Starts nothing while the data root is away, and nothing more once it is lost. */
  readonly over: (stopping: Stopping) => Stopping;
  /** Why the build can not have done what it says; undefined while all is well. */
  readonly trouble: () => Problem | undefined;
  readonly close: () => void;
}

export function guardRoot(layout: Layout, check: Hold['check']): Guard {
  const { dataRoot, responses } = layout;
  const own = inodeOf(dataRoot);
  const listeners: ((count: number) => void)[] = [];
  let lost: Problem | undefined;
  let away = false;
  const lose = (found: Problem | undefined): void => {
    if (lost !== undefined || found === undefined) return;
    lost = found;
    for (const listener of listeners) listener(1);
  };
  const holds = (): boolean => {
    if (lost !== undefined) return false;
    const inode = inodeOf(dataRoot);
    away = inode === undefined;
    if (!away && inode !== own) lose(replaced(dataRoot, responses));
    else
      try {
        away = check() === 'away';
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        lose(error.problems[0]);
      }
    return lost === undefined && !away;
  };
  const timer = setInterval(holds, ROUND);
  timer.unref();
  return {
    holds,
    over: (stopping) => ({
      asked: () => away || lost !== undefined || stopping.asked(),
      abort: stopping.abort,
      listen(listener) {
        listeners.push(listener);
        stopping.listen(listener);
      },
    }),
    trouble: () => (holds() ? undefined : (lost ?? goneAway(layout))),
    close: () => clearInterval(timer),
  };
}

function replaced(dataRoot: string, responses: string): Problem {
  return problem('DD586', `another folder came to stand at ${dataRoot} while it was built`, {
    reason: 'data_root_gone',
    place: { file: dataRoot },
    cure: `Bring the data root back, and build again. Replies that came meanwhile are kept in ${responses} of the other one: move them to those of the data root.`,
  });
}
