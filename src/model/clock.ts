// Time as a value that is handed down, so that tests can hold it still. Knows no real clock.

export interface Clock {
  /** The moment, in milliseconds since the epoch. Somebody may set the clock back or forth, so it tells no span. */
  now(): number;
  /** Milliseconds from wherever, which only ever run on: what spans and waits are measured by. */
  ticks(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
