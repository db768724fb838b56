// A function of somebody else's, run for so long and no longer. Knows nothing of what it does.
import { createContext, Script, type Context } from 'node:vm';

/** Milliseconds: far more than a text needs, and little to wait for one that never ends. */
const MOST = 5000;

/** Only what the engine runs as a script of its own can be ended from outside; the function itself stays where it is at home. */
const call = new Script('work()');
let place: (Context & { work?: () => unknown }) | undefined;

/** What it returns. Throws what it throws, and an error of our own where it does not come to an end. */
export function bounded<T>(work: () => T, most = MOST): T {
  place ??= createContext({});
  const outer = place.work;
  place.work = work;
  try {
    return call.runInContext(place, { timeout: most }) as T;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Error(`it did not come to an end within ${most / 1000} s`, { cause: error });
  } finally {
    place.work = outer ?? (() => undefined);
  }
}
