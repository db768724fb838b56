// A batch that may have been sent: whether the provider's list has it. Nothing is sent again on a guess.
import type { Layout } from '../../store/layout.ts';
import { closeRecord, rowsOf, writeRecord, type BatchRecord } from './journal.ts';
import type { BatchShape, Listed, RowEnd } from './shape.ts';

export type FindingEvent =
  /** Found in the provider's list after its answer was lost. */
  | { readonly type: 'batch_found'; readonly batch: BatchRecord }
  /** It may be running, and nobody can tell. */
  | { readonly type: 'batch_unsure'; readonly batch: BatchRecord; readonly message: string }
  /** It never reached the provider: its questions are asked again. */
  | { readonly type: 'batch_lost'; readonly batch: BatchRecord };

export interface FindingOptions {
  readonly layout: Layout;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly hear: (event: FindingEvent) => void;
  /** Hears of each row that nobody answers what was set aside for it, and that it cost nothing. */
  readonly settle: (batch: BatchRecord, reserved: number, usd: 0) => void;
  /** Ids of the provider's batches that are ours. */
  readonly known: Set<string>;
}

/** Milliseconds: what is in no list for so long was never taken on. */
export const SURELY_LISTED = 15 * 60_000;
/** Milliseconds between our clock and the provider's: no more than a day, whatever time zone somebody has set wrongly. */
const CLOCKS_APART = 86_400_000;

/** The batch as the provider has it; undefined while nobody can tell, and when it never got there. */
export async function found(
  batch: BatchRecord,
  shape: BatchShape,
  { layout, hear, now, known, settle }: FindingOptions,
): Promise<BatchRecord | undefined> {
  const created = Date.parse(batch.created);
  const listed = await shape.list(created - CLOCKS_APART);
  const mine = listed.find(({ ours }) => ours === batch.id);
  const alike = mine === undefined ? listed.filter((each) => mayBe(batch, each, known)) : [mine];
  const left = alike.length > 1 ? await notOthers(batch, alike, shape) : alike;
  const [only] = left;
  if (only !== undefined && left.length === 1) {
    known.add(only.remoteId);
    const sent: BatchRecord = {
      ...batch,
      state: 'sent',
      sent: batch.created,
      remote: { id: only.remoteId },
      ...(mine === undefined ? { alike: true } : {}),
    };
    await writeRecord(layout, sent);
    hear({ type: 'batch_found', batch: sent });
    return sent;
  }
  if (only === undefined && now() - created > SURELY_LISTED) {
    const lost: BatchRecord = { ...batch, state: 'given_up', cost: 0 };
    for (const { reserved } of rowsOf(layout, batch) ?? []) settle(batch, reserved, 0);
    await closeRecord(layout, lost);
    hear({ type: 'batch_lost', batch: lost });
    return undefined;
  }
  const message =
    only === undefined
      ? 'it is in no list of the provider yet'
      : `${left.length} batches of the provider may be it`;
  hear({ type: 'batch_unsure', batch, message });
  return undefined;
}

/** Whatever the provider does not tell may be as it is here. */
function mayBe(batch: BatchRecord, listed: Listed, known: ReadonlySet<string>): boolean {
  const { ours, model, rows, created, remoteId } = listed;
  return (
    ours === undefined &&
    remoteId !== '' &&
    !known.has(remoteId) &&
    batch.notOurs?.includes(remoteId) !== true &&
    (model === undefined || model === batch.model) &&
    (rows === undefined || rows === batch.questions.length) &&
    (created === undefined || Math.abs(created - Date.parse(batch.created)) <= CLOCKS_APART)
  );
}

/** Of several that look alike: the one whose rows are ours, else those whose rows do not say that they are others'. */
async function notOthers(
  batch: BatchRecord,
  alike: readonly Listed[],
  shape: BatchShape,
): Promise<readonly Listed[]> {
  const left: Listed[] = [];
  for (const each of alike) {
    const { over } = await shape.standing(each.remoteId);
    const owner = over ? await whose(batch, shape.ends(each.remoteId)) : 'unknown';
    if (owner === 'ours') return [each];
    if (owner === 'unknown') left.push(each);
  }
  return left;
}

/** By the names of its rows, which are addresses. */
export async function whose(
  { questions }: BatchRecord,
  ends: AsyncIterable<RowEnd>,
): Promise<'ours' | 'others' | 'unknown'> {
  const addresses = new Set(questions.map(([address]) => address));
  let owner: 'others' | 'unknown' = 'unknown';
  for await (const { customId } of ends) {
    if (addresses.has(customId)) return 'ours';
    owner = 'others';
  }
  return owner;
}
