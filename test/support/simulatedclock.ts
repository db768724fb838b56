// A clock that stands still until a test moves it, and then wakes its sleepers one by one, in order; or that is set back or forth.
// Knows no real time.
import type { Clock } from '../../src/model/clock.ts';

export interface SimulatedClock extends Clock {
  /** Moves on to the next sleeper until the work has settled or nobody sleeps any more. */
  runUntil(settled: Promise<unknown>): Promise<void>;
  /** Moves on by so many milliseconds and wakes those whose time has come. */
  advance(ms: number): Promise<void>;
  /** Somebody sets it forth, or back: no time passes. */
  set(byMs: number): void;
  readonly sleepers: number;
}

export function simulatedClock(start = Date.UTC(2026, 10, 23, 12, 0, 0)): SimulatedClock {
  let now = start;
  let set = 0;
  let order = 0;
  let sleepers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];

  const wakeNext = (limit: number): boolean => {
    const next = sleepers.filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at || a.order - b.order)[0];
    if (next === undefined) return false;
    sleepers = sleepers.filter((each) => each !== next);
    now = Math.max(now, next.at);
    next.wake();
    return true;
  };

  return {
    now: () => now + set,
    ticks: () => now,
    set: (byMs) => void (set += byMs),
    get sleepers() {
      return sleepers.length;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        order += 1;
        const sleeper = { at: now + Math.max(0, ms), order, wake: resolve };
        sleepers.push(sleeper);
        signal.addEventListener('abort', () => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          resolve();
        });
      }),
    async runUntil(settled) {
      let over = false;
      const end = (): void => void (over = true);
      settled.then(end, end);
      for (;;) {
        await quiet();
        if (over) return;
        if (!wakeNext(Infinity)) throw new Error('the work waits for something that no clock brings');
      }
    },
    async advance(ms) {
      const target = now + ms;
      await quiet();
      while (wakeNext(target)) await quiet();
      now = target;
      await quiet();
    },
  };
}

/** Lets every promise that can go on go on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
