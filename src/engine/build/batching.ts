// Batches on the way of a build or a watch: what has ended is taken before anything is planned. Plans and runs nothing itself.
import type { Settings } from '../../config.ts';
import { rowsIn, type BatchRecord } from '../../model/batch/journal.ts';
import { everBatched } from '../project/submitted.ts';
import type { Session } from '../project/session.ts';
import { defined } from '../../defined.ts';
import type { Batches, BatchEvent, BatchesOptions } from './batches.ts';

/** A batch without its rows. Times are ISO, sums USD. */
export interface BatchReport extends Omit<
  BatchRecord,
  'version' | 'questions' | 'failures' | 'unheard' | 'renewed' | 'notOurs' | 'alike'
> {
  readonly rows: number;
}

/** What is said of a batch: sent, refused, found again, still open, taken, or that nobody can tell. */
export type BatchNews = DistributiveOmit<BatchEvent, 'batch'> & { readonly batch: BatchReport };
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export function batchReport(record: BatchRecord): BatchReport {
  const { id, state, provider, shape, model, pool, reserved, created } = record;
  const { unpriced, sent, ended, remote, ends, cost } = record;
  const known = defined({ unpriced, sent, ended, remote, ends, cost });
  return { id, state, provider, shape, model, pool, reserved, created, ...known, rows: rowsIn(record) };
}

/** What a run has to do with batches that sends none. What has ended is paid for, and to fetch it buys nothing. */
export function batchesOf({ cache, team }: BuysFrom): Exclude<Batching['wanted'], 'batches'> {
  if (team === 'off') return 'nothing';
  return cache === 'only' ? 'what is paid for' : 'what is there';
}

interface BuysFrom {
  readonly cache: 'use' | 'only';
  readonly team?: 'on' | 'off' | undefined;
}

export interface Batching extends Pick<
  BatchesOptions,
  'environment' | 'now' | 'origin' | 'settle' | 'before' | 'odd'
> {
  /** Whether questions are to go into batches, may at least be asked, or not; `nothing`: nobody is asked, not even for what has ended. */
  readonly wanted: 'batches' | 'what is there' | 'what is paid for' | 'nothing';
  readonly hear: (news: BatchNews) => void;
}

/** Takes what has ended; undefined where there is no batch and none is wanted. Loads nothing of batches then. */
export async function batchesFor(
  { loaded: { settings, layout } }: Pick<Session, 'loaded'>,
  { wanted, hear, ...rest }: Batching,
): Promise<Batches | undefined> {
  const concerned = wanted === 'batches' || poolsWithBatches(settings) || everBatched(layout);
  if (wanted === 'nothing' || !concerned) return undefined;
  const { openBatches } = await import('./batches.ts');
  return openBatches({
    ...rest,
    asks: wanted !== 'what is paid for',
    settings,
    layout,
    hear: ({ batch, ...event }) => hear({ ...event, batch: batchReport(batch) }),
  });
}

function poolsWithBatches({ pools }: Settings): boolean {
  return Object.values(pools).some(({ batch }) => batch !== undefined && batch !== false);
}
