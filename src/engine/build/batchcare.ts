// What somebody decides about a batch: to stop it where the provider can, or to wait for it no longer. Takes nothing.
import { closeRecord, isLive, listBatches, rowsOf, type BatchRecord } from '../../model/batch/journal.ts';
import { forgottenLine } from '../../model/batch/keeping.ts';
import { WireError } from '../../model/batch/wire.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { Layout } from '../../store/layout.ts';
import { openLedger } from '../../store/ledger/ledger.ts';
import { ledgerPlace } from '../../store/writing/lodging.ts';
import { shapeOf, type BatchesOptions } from './batches.ts';

/** The batch of an id, the provider's or ours, or of the beginning of one; a ProblemError (DD661) where there is none, or several. */
export function batchOf(layout: Layout, word: string): BatchRecord {
  const found = listBatches(layout).filter(
    ({ id, remote }) => remote?.id === word || (word.length >= 4 && id.startsWith(word)),
  );
  const [batch] = found;
  if (batch !== undefined && found.length === 1) return batch;
  const message =
    batch === undefined ? `there is no batch ${word}` : `${found.length} batches begin with ${word}`;
  throw new ProblemError([problem('DD661', message, { data: { id: word } })]);
}

/** Asks the provider to stop it. What it has done is billed, and the next build takes it. Throws a ProblemError (DD662) where it can not. */
export async function cancelBatch(
  batch: BatchRecord,
  options: Pick<BatchesOptions, 'settings' | 'environment' | 'now'>,
): Promise<void> {
  const refuse = (why: string): ProblemError =>
    new ProblemError([
      problem('DD662', `batch ${batch.remote?.id ?? batch.id} can not be cancelled: ${why}`, {
        data: { id: batch.id },
      }),
    ]);
  const { remote } = batch;
  if (!isLive(batch)) throw refuse('it is over');
  if (remote === undefined) throw refuse('the provider has not said that it has it');
  const shape = shapeOf(options, batch.provider);
  if (typeof shape === 'string') throw refuse(shape);
  if (shape.cancel === undefined) throw refuse('the provider stops none');
  try {
    await shape.cancel(remote.id);
  } catch (error) {
    throw error instanceof WireError ? refuse(error.message) : error;
  }
}

/**
 * Its questions count as asked no longer. If it runs all the same, what it brings is billed and lost: only somebody may decide that, and
 * the ledger says of each row that it may have been. Throws a ProblemError (DD664) where nobody waits for it.
 */
export async function forgetBatch(layout: Layout, batch: BatchRecord, now: number): Promise<void> {
  if (isLive(batch)) {
    const ledger = openLedger(() => ledgerPlace(layout));
    for (const row of rowsOf(layout, batch) ?? []) ledger.record(forgottenLine(row, batch, now));
    ledger.close();
    return closeRecord(layout, { ...batch, state: 'given_up' });
  }
  const what = batch.state === 'taken' ? 'all that it brought is kept' : 'nobody waits for it any more';
  throw new ProblemError([
    problem('DD664', `batch ${batch.remote?.id ?? batch.id} is over: ${what}`, { data: { id: batch.id } }),
  ]);
}
