// How many calls a pool may have in flight when that is left to the provider's signs. Knows no queue and no clock: time is an argument.
import type { RateLimits } from '../provider.ts';

export interface AutoLimit {
  readonly limit: number;
  /** True until the first sign of too much: the limit doubles each round instead of growing by a twentieth. */
  readonly slowStart: boolean;
  /** Replies since the last change of the limit; as many as the limit make a round. */
  readonly clean: number;
  /** Milliseconds since the epoch before which neither growth nor a further cut is due: one episode cuts once. */
  readonly calmUntil: number;
}

const START = 8;
const FLOOR = 1;
const CEILING = 100;
const GROWTH = 1.05;
const CUT = 0.8;
const COOL_DOWN_MS = 15_000;
const SCARCE = 0.1;

export function startAuto(): AutoLimit {
  return { limit: START, slowStart: true, clean: 0, calmUntil: 0 };
}

/** A reply came. Grows after a clean round in which the limit was really used; shrinks when the provider says that little is left. */
export function afterReply(
  auto: AutoLimit,
  seen: { readonly now: number; readonly saturated: boolean; readonly limits: RateLimits | undefined },
): AutoLimit {
  if (seen.now < auto.calmUntil) return auto;
  if (isScarce(seen.limits)) return cut(auto, seen.now + COOL_DOWN_MS);
  const clean = auto.clean + (seen.saturated ? 1 : 0);
  if (clean < auto.limit) return { ...auto, clean };
  const grown = auto.slowStart ? auto.limit * 2 : Math.max(auto.limit + 1, Math.floor(auto.limit * GROWTH));
  return { ...auto, limit: Math.min(CEILING, grown), clean: 0 };
}

/** The provider refused for its limits: a fifth down, once an episode. */
export function afterRateLimit(auto: AutoLimit, now: number, waitMs: number): AutoLimit {
  const calmUntil = now + Math.max(COOL_DOWN_MS, waitMs);
  if (now < auto.calmUntil) return { ...auto, clean: 0, calmUntil: Math.max(auto.calmUntil, calmUntil) };
  return cut(auto, calmUntil);
}

/** The provider is ill: no reason to shrink, but none to grow. */
export function afterTrouble(auto: AutoLimit): AutoLimit {
  return { ...auto, clean: 0 };
}

function cut(auto: AutoLimit, calmUntil: number): AutoLimit {
  return { limit: Math.max(FLOOR, Math.floor(auto.limit * CUT)), slowStart: false, clean: 0, calmUntil };
}

function isScarce(limits: RateLimits | undefined): boolean {
  const { remainingRequests: left, limitRequests: limit } = limits ?? {};
  return left !== undefined && limit !== undefined && left < limit * SCARCE;
}
