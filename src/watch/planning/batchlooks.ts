// When a watch looks at the batches that are open. Asks nobody.
import { hasOpenBatches } from '../../engine/project/submitted.ts';
import type { Layout } from '../../store/layout.ts';

/** Milliseconds between two looks. */
const EVERY = 60_000;

export class BatchLooks {
  #last = -Infinity;
  #owed = false;

  /** Whether a run should take what may have ended; `now`: in the clock's ticks. */
  due(layout: Layout, now: number): boolean {
    if (now - this.#last < EVERY) return false;
    this.#last = now;
    this.#owed = hasOpenBatches(layout);
    return this.#owed;
  }

  /** Whether a look was found due and not taken since; from now on it counts as taken. */
  owed(): boolean {
    const owed = this.#owed;
    this.#owed = false;
    return owed;
  }
}
