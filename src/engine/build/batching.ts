// Batches on the way of a build or a watch: what has ended is taken before anything is planned. Plans and runs nothing itself.
import type { Settings } from '../../config.ts';
import type { BatchRecord } from '../../model/batch/journal.ts';
import type { Budget } from '../../model/money/budget.ts';
import { everBatched } from '../project/submitted.ts';
import type { Session } from '../project/session.ts';
import type { Batches, BatchEvent } from './batches.ts';

/** A batch without its rows. Times are ISO, sums USD. */
export interface BatchReport extends Omit<BatchRecord, 'version' | 'questions' | 'failures' | 'unheard'> {
  readonly rows: number;
}

/** What is said of a batch: sent, refused, found again, still open, taken, or that nobody can tell. */
export type BatchNews = DistributiveOmit<BatchEvent, 'batch'> & { readonly batch: BatchReport };
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export function batchReport(batch: BatchRecord): BatchReport {
  const { version: _version, questions, failures: _failures, unheard: _unheard, ...rest } = batch;
  return { ...rest, rows: questions.length };
}

export interface Batching {
  /** Whether questions are to go into batches, or nobody may be asked. */
  readonly wanted: 'batches' | 'what is there' | 'nothing';
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly hear: (news: BatchNews) => void;
  /** What the cap has set aside for rows is settled as they come. */
  readonly budget: () => Budget | undefined;
}

/** Takes what has ended; undefined where there is no batch and none is wanted. Loads nothing of batches then. */
export async function batchesFor(
  { loaded: { settings, layout } }: Pick<Session, 'loaded'>,
  { wanted, environment, now, hear, budget }: Batching,
): Promise<Batches | undefined> {
  const concerned = wanted === 'batches' || poolsWithBatches(settings) || everBatched(layout);
  if (wanted === 'nothing' || !concerned) return undefined;
  const { openBatches } = await import('./batches.ts');
  return openBatches({
    settings,
    layout,
    environment,
    now,
    hear: ({ batch, ...event }) => hear({ ...event, batch: batchReport(batch) }),
    settle: (reserved, usd) => budget()?.settle(reserved, usd),
  });
}

function poolsWithBatches({ pools }: Settings): boolean {
  return Object.values(pools).some(({ batch }) => batch !== undefined && batch !== false);
}
