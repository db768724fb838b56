// How long calls will take under the limits of their pools. Knows no clock: it gives a span, not a date.
import type { PoolSettings } from '../pools/pool.ts';

/** The calls of one pool that are to be made. */
export interface PoolLoad {
  readonly pool: string;
  readonly calls: number;
  /** Milliseconds of a usual call. */
  readonly callMs: number;
  /** Tokens of all calls, prompts and replies together. */
  readonly tokens: number;
}

export type Bottleneck = 'concurrency' | 'requests_per_minute' | 'tokens_per_minute' | 'requests_per_day';

export interface PoolDuration {
  readonly pool: string;
  readonly ms: number;
  /** Which limit makes it so long. */
  readonly bottleneck: Bottleneck;
  /** Calls that fit into today's limit; the others must wait for a further day. */
  readonly callsToday: number;
}

export interface Duration {
  /** Pools work side by side: the slowest one's span. Days that a pool must wait out are counted whole. */
  readonly ms: number;
  readonly pools: readonly PoolDuration[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What `auto` comes to, for an estimate. */
const USUAL_AUTO = 20;

export function estimateDuration(pools: readonly PoolSettings[], loads: readonly PoolLoad[]): Duration {
  const durations = loads.map((load) =>
    poolDuration(
      pools.find(({ name }) => name === load.pool),
      load,
    ),
  );
  return { ms: Math.max(0, ...durations.map(({ ms }) => ms)), pools: durations };
}

function poolDuration(
  pool: PoolSettings | undefined,
  { calls, callMs, tokens, pool: name }: PoolLoad,
): PoolDuration {
  const concurrency = pool === undefined || pool.concurrency === 'auto' ? USUAL_AUTO : pool.concurrency;
  const {
    requestsPerMinute = Infinity,
    tokensPerMinute = Infinity,
    requestsPerDay = Infinity,
    startedToday = 0,
  } = pool ?? {};
  const callsToday = Math.min(calls, Math.max(0, requestsPerDay - startedToday));
  const days = Math.ceil((calls - callsToday) / Math.max(1, requestsPerDay));
  const spans: readonly (readonly [Bottleneck, number])[] = [
    ['concurrency', Math.ceil(calls / concurrency) * callMs],
    ['requests_per_minute', windows(calls, requestsPerMinute) + callMs],
    ['tokens_per_minute', windows(tokens, tokensPerMinute) + callMs],
    ['requests_per_day', days * DAY_MS],
  ];
  const [bottleneck, ms] = spans.reduce((longest, each) => (each[1] > longest[1] ? each : longest));
  return { pool: name, ms: calls === 0 ? 0 : ms, bottleneck, callsToday };
}

/** The first minute's share starts at once; each further share waits a minute. */
function windows(amount: number, perMinute: number): number {
  return Math.max(0, Math.ceil(amount / perMinute) - 1) * MINUTE_MS;
}
