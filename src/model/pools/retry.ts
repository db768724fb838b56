// The one retry table: what follows from each way in which a call fails. Knows no clock, no pool and no provider.
import type { CallFailure, FailureCause } from '../provider.ts';

/**
 * - `retry`: again after a backoff, out of the pool's way
 * - `pause`: the whole pool rests, then the call goes first
 * - `park`: the pool is done until its reset; what waits in it is handed back
 * - `give_up`: asking again would get the same
 * - `close`: nor would any other call get more from this provider
 */
export type RetryAction = 'retry' | 'pause' | 'park' | 'give_up' | 'close';

export interface RetryRow {
  readonly cause: FailureCause;
  /** Narrows the row to one status; rows are tried from the top. */
  readonly status?: number;
  /** Narrows the row to failures that name a wait. */
  readonly when?: 'wait_named';
  readonly action: RetryAction;
  /** How often a call is sent in all, this failure included, before it is given up. */
  readonly attempts: number;
}

export interface RetryPolicy {
  readonly table: readonly RetryRow[];
  /** Milliseconds: the longest wait before the second attempt; it doubles with each further one. */
  readonly baseMs: number;
  /** Milliseconds: what the backoff never passes. */
  readonly capMs: number;
  /** Milliseconds: a longer wait than this, named by the provider, parks the pool. */
  readonly parkAfterMs: number;
}

export type Decision =
  | { readonly kind: 'retry'; readonly waitMs: number }
  | { readonly kind: 'pause'; readonly waitMs: number }
  /** Without a wait: until the next day, UTC. */
  | { readonly kind: 'park'; readonly waitMs?: number }
  | { readonly kind: 'give_up' }
  | { readonly kind: 'close' };

/** Causes that may have been billed are tried less often than those that were surely not. */
export const RETRY_TABLE: readonly RetryRow[] = [
  { cause: 'rate_limit', action: 'pause', attempts: 10 },
  { cause: 'daily_limit', action: 'park', attempts: 1 },
  { cause: 'server', when: 'wait_named', action: 'pause', attempts: 8 },
  { cause: 'server', action: 'retry', attempts: 6 },
  { cause: 'connection', action: 'retry', attempts: 6 },
  { cause: 'certificate', action: 'close', attempts: 1 },
  { cause: 'proxy', action: 'close', attempts: 1 },
  { cause: 'moved', action: 'close', attempts: 1 },
  { cause: 'unsendable', action: 'close', attempts: 1 },
  // Every further reply would be paid for and lost in the same way.
  { cause: 'unreadable', action: 'close', attempts: 1 },
  { cause: 'timeout', action: 'retry', attempts: 3 },
  { cause: 'bad_reply', action: 'retry', attempts: 4 },
  { cause: 'auth', status: 401, action: 'close', attempts: 1 },
  { cause: 'auth', action: 'give_up', attempts: 1 },
  { cause: 'payment', action: 'close', attempts: 1 },
  { cause: 'bad_request', action: 'give_up', attempts: 1 },
  { cause: 'not_found', action: 'give_up', attempts: 1 },
  { cause: 'aborted', action: 'give_up', attempts: 1 },
  { cause: 'budget', action: 'give_up', attempts: 1 },
  { cause: 'offline_miss', action: 'give_up', attempts: 1 },
];

export const RETRY_POLICY: RetryPolicy = {
  table: RETRY_TABLE,
  baseMs: 2000,
  capMs: 60_000,
  parkAfterMs: 600_000,
};

/** What to do about a failure. `attempt`: how often the call was sent, this time included; `random`: from 0 up to 1. */
export function decide(
  failure: CallFailure,
  attempt: number,
  { policy, random }: { readonly policy: RetryPolicy; readonly random: () => number },
): Decision {
  const row = rowOf(policy.table, failure);
  const named = failure.retryAfterMs;
  switch (row.action) {
    case 'give_up':
    case 'close':
      return { kind: row.action };
    case 'park':
      return named === undefined ? { kind: 'park' } : { kind: 'park', waitMs: named };
    case 'retry':
    case 'pause':
      if (named !== undefined && named > policy.parkAfterMs) return { kind: 'park', waitMs: named };
      if (attempt >= row.attempts) return { kind: 'give_up' };
      return { kind: row.action, waitMs: waitOf(named, attempt, { policy, random }) };
    default:
      return row.action satisfies never;
  }
}

/** So often a provider's word is taken as it is; who says less than is needed is then waited for longer. */
const BELIEVED = 3;

function waitOf(
  named: number | undefined,
  attempt: number,
  jitter: { readonly policy: RetryPolicy; readonly random: () => number },
): number {
  if (named !== undefined && attempt <= BELIEVED) return named;
  return Math.max(named ?? 0, backoff(attempt, jitter));
}

function rowOf(table: readonly RetryRow[], { cause, status, retryAfterMs }: CallFailure): RetryRow {
  const row = table.find(
    (each) =>
      each.cause === cause &&
      (each.status === undefined || each.status === status) &&
      (each.when === undefined || retryAfterMs !== undefined),
  );
  if (row === undefined) throw new Error(`the retry table has no row for ${cause}`);
  return row;
}

/** Full jitter: anything from nothing to the doubled wait, so that calls which failed together do not come back together. */
export function backoff(
  attempt: number,
  { policy, random }: { readonly policy: RetryPolicy; readonly random: () => number },
): number {
  return Math.round(random() * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1)));
}
