// Tells the calls behind a signal that it was aborted: one listener a signal, however many calls share it. Knows no calls.
import { setMaxListeners } from 'node:events';

/** A class, since it lives as long as its dispatcher. */
export class AbortWatch<T> {
  readonly #tell: (item: T) => void;
  readonly #watched = new WeakMap<AbortSignal, Set<T>>();

  constructor(tell: (item: T) => void) {
    this.#tell = tell;
  }

  add(signal: AbortSignal, item: T): void {
    const sharing = this.#watched.get(signal);
    if (sharing !== undefined) return void sharing.add(item);
    const items = new Set([item]);
    this.#watched.set(signal, items);
    setMaxListeners(0, signal);
    signal.addEventListener('abort', () => {
      for (const each of [...items]) this.#tell(each);
    });
  }

  remove(signal: AbortSignal, item: T): void {
    this.#watched.get(signal)?.delete(item);
  }
}
