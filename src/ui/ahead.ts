// What the screens will ask for, worked out while nobody asks: the first one at once, the others, with all that they load, when the first is
// there. Knows no page and gives no answer.
import { setImmediate as turn } from 'node:timers/promises';
import type { View } from '../api/view/view.ts';
import type { Routes } from './server/server.ts';

/** Milliseconds that the first screen has for itself. */
const LATER = 1200;

export class Ahead {
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void>;
  #closed = false;

  /** `documents`: as they are asked for. */
  constructor(view: View, documents: Routes['documents']) {
    this.#work = this.#each([() => view.matrix(), () => view.status()]);
    this.#timer = setTimeout(() => {
      this.#work = this.#each([
        () => view.load(),
        () => view.plan({ most: 0 }),
        () => view.toRate({ n: 1 }),
        () => view.judgePairs(),
        () => view.lengths(),
        () => view.map(),
        () => documents['runs']?.(new Map()),
        () => documents['costs']?.(new Map([['by', ['model']]])),
        () => documents['costs']?.(new Map([['by', ['model', 'day']]])),
      ]);
    }, LATER);
    this.#timer.unref();
  }

  /** Resolves when nothing is worked out any more. */
  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    return this.#work;
  }

  /** What can not be answered is refused when it is asked for. */
  async #each(works: readonly (() => unknown)[]): Promise<void> {
    for (const work of works) {
      await turn();
      if (this.#closed) return;
      try {
        await work();
      } catch {
        // Nobody has asked.
      }
    }
  }
}
