// What became of batches: those that may have been sent are looked for, those that are over are taken, every row of them, whatever their
// status. Plans nothing.
import { found, SURELY_LISTED, whose, type FindingEvent, type FindingOptions } from './finding.ts';
import {
  closeRecord,
  forgetSaid,
  isLive,
  listBatches,
  rowsOf,
  writeRecord,
  type BatchRecord,
} from './journal.ts';
import { take, type KeepingOptions } from './keeping.ts';
import type { BatchRefused } from './lane.ts';
import type { BatchShape, RowEnd } from './shape.ts';
import type { Spending } from '../../store/ledger/spending.ts';
import { WireError } from './wire.ts';
import { defined } from '../../defined.ts';

/** What is said of each batch that was looked at. */
export type TakingEvent =
  | FindingEvent
  | BatchRefused
  | { readonly type: 'batch_open'; readonly batch: BatchRecord; readonly done?: number }
  | { readonly type: 'batch_taken'; readonly batch: BatchRecord; readonly message?: string };

export interface TakingOptions
  extends Omit<FindingOptions, 'known' | 'hear' | 'settle'>, Omit<KeepingOptions, 'bought' | 'unused'> {
  /** How a provider of the config is spoken to; a reason where it can not be. */
  readonly shapeOf: (batch: BatchRecord) => BatchShape | string;
  readonly hear: (event: TakingEvent) => void;
}

export interface Taken {
  /** Answers that were kept just now: their name in the archive, and what they cost. */
  readonly bought: ReadonlyMap<string, Spending>;
  /** What rows cost that came onto the ledger just now: of such answers by their name, of rows without one by a name of their own. */
  readonly unused: ReadonlyMap<string, Spending>;
}

/** Looks at every batch that is open. What a provider refuses to tell is said, and the batch stays as it is. */
export async function takeBatches(options: TakingOptions): Promise<Taken> {
  const bought = new Map<string, Spending>();
  const unused = new Map<string, Spending>();
  const all = listBatches(options.layout);
  const known = new Set(all.flatMap(({ remote }) => remote?.id ?? []));
  for (const batch of all.filter(isLive)) {
    const shape = options.shapeOf(batch);
    if (typeof shape === 'string') {
      options.hear({ type: 'batch_unsure', batch, message: shape });
      continue;
    }
    try {
      await look(batch, shape, { ...options, known, bought, unused });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      options.hear({ type: 'batch_unsure', batch, message: error.message });
    }
  }
  return { bought, unused };
}

interface Looking extends TakingOptions {
  readonly known: Set<string>;
  readonly bought: Map<string, Spending>;
  readonly unused: Map<string, Spending>;
}

async function look(batch: BatchRecord, shape: BatchShape, options: Looking): Promise<void> {
  const { layout, hear, now } = options;
  const sent = batch.state === 'sending' ? await found(batch, shape, options) : batch;
  if (sent?.remote === undefined) return;
  const { id } = sent.remote;
  const standing = await shape.standing(id);
  const seen: BatchRecord = { ...sent, remote: { id, status: standing.status } };
  if (!standing.over) {
    if (seen.remote?.status !== batch.remote?.status) await writeRecord(layout, seen);
    return hear(defined({ type: 'batch_open', batch: seen, done: standing.done }));
  }
  const rows = rowsOf(layout, seen);
  if (rows === undefined) {
    const message = `it is over, and its rows (${seen.id}.rows.json) can not be read: nobody can tell what its answers are answers to`;
    return hear({ type: 'batch_unsure', batch: seen, message });
  }
  const owner = seen.alike === true ? await whose(seen, shape.ends(id)) : 'ours';
  if (owner === 'others') {
    const { remote: _others, alike: _alike, sent: _sent, ...rest } = seen;
    const again: BatchRecord = { ...rest, state: 'sending', notOurs: [...(rest.notOurs ?? []), id] };
    await writeRecord(layout, again);
    return look(again, shape, options);
  }
  if (owner === 'unknown' && now() - Date.parse(seen.created) <= SURELY_LISTED)
    return hear({ type: 'batch_unsure', batch: seen, message: 'one that looks like it has brought nothing' });
  // The moment is part of what is kept, and so the same when this is done again after a crash.
  const ended: BatchRecord = {
    ...seen,
    state: 'ended',
    ended: seen.ended ?? new Date(now()).toISOString(),
  };
  await writeRecord(layout, ended);
  const taken = await take(ended, allOf(shape.ends(id), standing.done), {
    ...options,
    rows,
    why: standing.message,
  });
  const answered = new Set(rows.map(({ address }) => address));
  for (const address of Object.keys(taken.failures ?? {})) answered.delete(address);
  await forgetSaid(layout, listBatches(layout), answered);
  if (
    standing.limited === true &&
    taken.ends?.kept === 0 &&
    taken.cost === 0 &&
    (taken.ends.unpriced ?? 0) === 0
  ) {
    // None of its rows was tried, so that none has failed.
    const refused: BatchRecord = { ...ended, state: 'given_up', cost: 0 };
    await closeRecord(layout, refused);
    const { message = standing.status } = standing;
    return hear({ type: 'batch_refused', batch: refused, message, limited: true });
  }
  await closeRecord(layout, taken);
  hear(defined({ type: 'batch_taken', batch: taken, message: standing.message }));
}

/** Rows that are done and do not come are billed: they are fetched again, and not asked again. */
async function* allOf(ends: AsyncIterable<RowEnd>, done = 0): AsyncGenerator<RowEnd> {
  let came = 0;
  for await (const end of ends) {
    came++;
    yield end;
  }
  if (came < done)
    throw new WireError(`${done} of its rows are done, it says, and ${came} came`, { unsure: true });
}
