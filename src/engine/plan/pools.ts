// The pools that a plan needs, with their limits and what of today's is used up. Starts nothing.
import type { Settings } from '../../config.ts';
import type { PoolSettings } from '../../model/pools/pool.ts';
import type { DailyAttempts } from '../../store/ledger/totals.ts';

export interface PoolsNeeded {
  readonly settings: Settings;
  readonly names: ReadonlySet<string>;
  /** `--concurrency`, for every pool. */
  readonly concurrency: number | undefined;
  /** Asked for only when a pool has a limit per day. */
  readonly attempts: () => DailyAttempts;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const USUAL_CONCURRENCY = 5;

export function poolsFor({
  settings,
  names,
  concurrency,
  attempts,
  now,
}: PoolsNeeded): readonly PoolSettings[] {
  const limited = [...names].some((name) => settings.pools[name]?.requestsPerDay !== undefined);
  const today = new Date(now).toISOString().slice(0, 10);
  const started = limited ? attempts().on(today) : new Map<string, number>();
  return [...names].sort().map((name) => ({
    name,
    ...settings.pools[name],
    concurrency: concurrencyOf(settings, name, concurrency),
    startedToday: started.get(name) ?? 0,
  }));
}

export function concurrencyOf(
  settings: Settings,
  pool: string,
  given: number | undefined,
): PoolSettings['concurrency'] {
  return given ?? settings.pools[pool]?.concurrency ?? USUAL_CONCURRENCY;
}
