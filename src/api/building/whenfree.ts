// Taking the data root's lock at once, or when whoever holds it has ended. Knows nothing of what is done under it.
import { ProblemError, type Problem } from '../../problem.ts';
import type { Clock } from '../../model/clock.ts';

export interface Patience {
  /** Whether to wait for another's end; without it a lock that is held is a ProblemError. */
  readonly wait: boolean | undefined;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly stopping: { readonly asked: () => boolean; readonly abort: AbortSignal };
  /** Called once, with who holds it. */
  readonly onWaiting: (problem: Problem) => void;
}

/** How often is looked whether the lock is free. */
const LOOK_MS = 250;

/** What `take` gives, which throws a ProblemError as long as somebody else holds the lock. A wish to stop ends the wait with that. */
export async function whenFree<T>(
  take: () => T | Promise<T>,
  { wait, clock, stopping, onWaiting }: Patience,
): Promise<T> {
  for (let told = false; ;) {
    try {
      return await take();
    } catch (error) {
      const held = heldBy(error);
      if (wait !== true || held === undefined || stopping.asked()) throw error;
      if (!told) onWaiting(held);
      told = true;
      await clock.sleep(LOOK_MS, stopping.abort);
    }
  }
}

function heldBy(error: unknown): Problem | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  return error.problems.find(({ code }) => code === 'DD501' || code === 'DD502');
}
