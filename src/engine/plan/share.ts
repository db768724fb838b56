// The limits of a process that shares them with others: so many equal parts of each. Knows no shard's rows.
import type { PoolConfig, Settings } from '../../config.ts';
import { defined } from '../../defined.ts';
import type { Session } from '../project/session.ts';
import { concurrencyOf } from './pools.ts';

/** A limit of a pool: what the config says, and what is left of it here. */
export interface DividedLimit {
  readonly pool: string;
  readonly limit: keyof PoolConfig;
  readonly whole: number;
  readonly part: number;
}

/** What of a request has limits of its own. */
interface Limited {
  readonly concurrency?: number | undefined;
  /** USD. */
  readonly maxCost?: number | undefined;
}

/** A whole limit's part: rounded down, so that all parts together keep it, and 1 where that would be nothing. */
function partOf(limit: number, parts: number): number {
  return Math.max(1, Math.floor(limit / parts));
}

export function sharedRequest<T extends Limited>(request: T, parts: number): T {
  const { concurrency, maxCost } = request;
  return {
    ...request,
    ...defined({
      concurrency: concurrency === undefined ? undefined : partOf(concurrency, parts),
      maxCost: maxCost === undefined ? undefined : maxCost / parts,
    }),
  };
}

/** The same session under its part of each pool's limits, of the cap, and of what may be spent unasked; and what of pools that is. */
export function sharedSession(
  session: Session,
  parts: number,
): { readonly session: Session; readonly limits: readonly DividedLimit[] } {
  const { settings, graph } = session.loaded;
  const limits = [...new Set(graph.asks.flatMap((ask) => ask?.pool ?? []))]
    .sort()
    .flatMap((pool) => limitsOf(settings, pool, parts));
  return {
    limits,
    session: { ...session, loaded: { ...session.loaded, settings: sharedSettings(settings, limits, parts) } },
  };
}

/** What follows the provider's signs (`auto`) finds its part by itself. */
function limitsOf(settings: Settings, pool: string, parts: number): readonly DividedLimit[] {
  const { requestsPerMinute, tokensPerMinute, requestsPerDay } = settings.pools[pool] ?? {};
  const concurrency = concurrencyOf(settings, pool, undefined);
  return Object.entries({ concurrency, requestsPerMinute, tokensPerMinute, requestsPerDay }).flatMap(
    ([limit, whole]) =>
      typeof whole === 'number'
        ? { pool, limit: limit as DividedLimit['limit'], whole, part: partOf(whole, parts) }
        : [],
  );
}

function sharedSettings(settings: Settings, limits: readonly DividedLimit[], parts: number): Settings {
  const pools = { ...settings.pools };
  for (const { pool, limit, part } of limits) pools[pool] = { ...pools[pool], [limit]: part };
  const { maxCost, confirmAbove } = settings;
  return {
    ...settings,
    pools,
    confirmAbove: confirmAbove / parts,
    ...(maxCost === undefined ? {} : { maxCost: maxCost / parts }),
  };
}
