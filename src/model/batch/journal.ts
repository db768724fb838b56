// The journal of batches: what is sent, written durably before it is, and what became of it. One file a batch for its state, one for
// its rows. Asks nobody.
import { join } from 'node:path';
import type { GenId, Stage } from '../../generation/stage.ts';
import type { Asked } from '../../store/responses.ts';
import type { Layout } from '../../store/layout.ts';
import { namesIfPresent, readTextIfPresent, writeDurable } from '../../store/writing/atomic.ts';
import type { Call } from '../call.ts';

/**
 * - `sending`: it may or may not have reached the provider
 * - `sent`: the provider has it, under `remote.id`
 * - `ended`: the provider is done with it, and its rows are being kept
 * - `taken`: everything that it brought is kept
 * - `given_up`: it never reached the provider, or nobody waits for it any more
 */
export type BatchState = 'sending' | 'sent' | 'ended' | 'taken' | 'given_up';

export const BATCH_VERSION = 1;

/** How many rows came to what end. */
export interface Ends {
  /** Answers, refused and cut off ones among them: all of them are kept. */
  readonly kept: number;
  /** Errors of single rows, rows that expired, and rows that never came. */
  readonly failed: number;
  /** Rows that are none of this batch. */
  readonly foreign: number;
}

export interface BatchRecord {
  readonly version: 1;
  /** A UUID of ours. */
  readonly id: string;
  readonly state: BatchState;
  /** The provider's word in the config. */
  readonly provider: string;
  readonly shape: string;
  /** The provider's model string. */
  readonly model: string;
  readonly pool: string;
  /** What its rows ask, under which address, and for which generation. */
  readonly questions: readonly (readonly [address: string, stage: Stage, genId: GenId])[];
  /** USD that the rows may cost at most, at the batch's price. */
  readonly reserved: number;
  /** ISO times. */
  readonly created: string;
  readonly sent?: string;
  readonly ended?: string;
  /** What the provider calls it; its own word for its state. */
  readonly remote?: { readonly id: string; readonly status?: string };
  readonly ends?: Ends;
  /** USD that its rows cost, as far as that is known. */
  readonly cost?: number;
  /** Answers that are none to use (refused, cut off) and that no generation has heard of yet: address → name in the archive. */
  readonly unheard?: Readonly<Record<string, string>>;
  /** Why rows have no answer: address → reason. They are asked again. */
  readonly failures?: Readonly<Record<string, string>>;
}

/** What one row asks, and for whom. */
export interface BatchRow {
  /** The row's `custom_id`: where the archive keeps answers to it. */
  readonly address: string;
  readonly asked: Asked;
  readonly modelId: string;
  readonly maxTokens: number;
  /** As the ledger wants it. */
  readonly call: Omit<Call, 'onSent' | 'priority'>;
  /** USD that it may cost at most, at the batch's price. */
  readonly reserved: number;
  /** Asked although there is an answer. */
  readonly replaces?: true;
}

function folderOf({ state }: Pick<Layout, 'state'>): string {
  return join(state, 'batches');
}

function recordPath(layout: Pick<Layout, 'state'>, id: string): string {
  return join(folderOf(layout), `${id}.json`);
}

function rowsPath(layout: Pick<Layout, 'state'>, id: string): string {
  return join(folderOf(layout), `${id}.rows.json`);
}

const ID = /^[0-9a-f-]{36}\.json$/;

/** All that are on record, the oldest first. Damaged files are left out: `doctor` names them. */
export function listBatches(layout: Pick<Layout, 'state'>): readonly BatchRecord[] {
  return namesIfPresent(folderOf(layout))
    .filter((name) => ID.test(name))
    .flatMap((name) => readBatch(layout, name.slice(0, -'.json'.length)) ?? [])
    .sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0));
}

function readBatch(layout: Pick<Layout, 'state'>, id: string): BatchRecord | undefined {
  try {
    const value = JSON.parse(readTextIfPresent(recordPath(layout, id)) ?? 'null') as BatchRecord | null;
    return value?.version === BATCH_VERSION ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Empty where the file is gone or damaged. */
export function rowsOf(layout: Pick<Layout, 'state'>, id: string): readonly BatchRow[] {
  try {
    return JSON.parse(readTextIfPresent(rowsPath(layout, id)) ?? '[]') as readonly BatchRow[];
  } catch {
    return [];
  }
}

/** Resolves once rows and record are safe on the disk, in this order: a record without its rows would reserve nothing. */
export async function openRecord(
  layout: Pick<Layout, 'state'>,
  record: BatchRecord,
  rows: readonly BatchRow[],
): Promise<void> {
  await writeDurable(rowsPath(layout, record.id), JSON.stringify(rows));
  await writeRecord(layout, record);
}

export async function writeRecord(layout: Pick<Layout, 'state'>, record: BatchRecord): Promise<void> {
  await writeDurable(recordPath(layout, record.id), JSON.stringify(record));
}

/** Addresses of the questions that are in a batch, which counts as asked. */
export function reservedAddresses(layout: Pick<Layout, 'state'>): Set<string> {
  const live = listBatches(layout).filter(isLive);
  return new Set(live.flatMap(({ questions }) => questions.map(([address]) => address)));
}

/** Whether its questions count as asked. */
export function isLive({ state }: BatchRecord): boolean {
  return state === 'sending' || state === 'sent' || state === 'ended';
}
