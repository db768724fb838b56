// How long what is left takes at the pace of the last minute. Knows no clock.

/** Milliseconds that count as of late. */
export const RECENT_MS = 60_000;
/** Of fewer nobody can tell a pace. */
const ENOUGH = 3;

export interface Pace {
  /** A minute. */
  readonly rate: number;
  /** Milliseconds; undefined where nobody can tell. */
  readonly leftMs: number | undefined;
}

/** `recent`: how many were done of late; `elapsedMs`: since the first could be. */
export function paceOf({
  recent,
  elapsedMs,
  left,
}: Readonly<Record<'recent' | 'elapsedMs' | 'left', number>>): Pace {
  const rate = (recent * RECENT_MS) / Math.max(1, Math.min(elapsedMs, RECENT_MS));
  return { rate, leftMs: recent < ENOUGH ? undefined : (left / rate) * RECENT_MS };
}
