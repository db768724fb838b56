// Waits for the moment from which on a pool may be asked again. Knows no pool.
import type { Clock } from '../../model/clock.ts';

/** Milliseconds between two looks at the clock, and before the first. */
const LOOK = 60_000;
const LEAST = 1000;

/**
 * Calls once: when the clock says that it is time, or when as long has passed as it was until then. The machine may sleep meanwhile, and
 * its clock may be set. Returns what calls it off.
 */
export function whenItIs(clock: Pick<Clock, 'now' | 'ticks'>, until: number, then: () => void): () => void {
  const wait = Math.max(until - clock.now(), LEAST);
  const end = clock.ticks() + wait;
  let timer = setTimeout(look, Math.min(wait, LOOK));
  function look(): void {
    const left = Math.min(end - clock.ticks(), until - clock.now());
    if (left <= 0) return then();
    timer = setTimeout(look, Math.min(left, LOOK));
  }
  return () => clearTimeout(timer);
}
