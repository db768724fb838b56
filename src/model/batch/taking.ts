// What became of batches: those that may have been sent are looked for, those that are over are taken, every row of them, whatever their
// status. An answer is kept before anything else is done with it; to take a batch twice is to take it once. Plans nothing.
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import { RESPONSE_VERSION, type StoredResponse } from '../../store/responses.ts';
import type { Layout } from '../../store/layout.ts';
import { attemptLine } from '../call.ts';
import { readCompletion } from '../client/completion.ts';
import type { ModelOutcome, ModelReply } from '../provider.ts';
import { isLive, listBatches, rowsOf, writeRecord, type BatchRecord, type BatchRow } from './journal.ts';
import type { BatchShape, Listed, RowEnd } from './shape.ts';
import { WireError } from './wire.ts';
import { defined } from '../../defined.ts';

/** What is said of each batch that was looked at. */
export type TakingEvent =
  | { readonly type: 'batch_open'; readonly batch: BatchRecord; readonly done?: number }
  /** Found in the provider's list after its answer was lost. */
  | { readonly type: 'batch_found'; readonly batch: BatchRecord }
  /** It may be running, and nobody can tell. */
  | { readonly type: 'batch_unsure'; readonly batch: BatchRecord; readonly message: string }
  | { readonly type: 'batch_taken'; readonly batch: BatchRecord; readonly message?: string };

export interface TakingOptions {
  readonly layout: Layout;
  /** How a provider of the config is spoken to; a reason where it can not be. */
  readonly shapeOf: (batch: BatchRecord) => BatchShape | string;
  /** Keeps a response durably and resolves with its name; the same one twice under the same name. */
  readonly keep: (response: StoredResponse) => Promise<string>;
  readonly record: (entry: LedgerEntry) => void;
  /** Lines of the ledger that are of batches, by `lineKey`; asked for once, where a batch is over. */
  readonly recorded: () => ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly hear: (event: TakingEvent) => void;
  /** Hears of each row of a batch that is over what was set aside for it, and what it cost; both in USD. */
  readonly settle: (reserved: number, usd: number | 'unknown') => void;
}

export interface Taken {
  /** Answers that were kept just now: their name in the archive, and what they cost in USD. */
  readonly bought: ReadonlyMap<string, number>;
}

/** Milliseconds: what is in no list for so long was never taken on. */
const SURELY_LISTED = 15 * 60_000;

/** Looks at every batch that is open. What a provider refuses to tell is said, and the batch stays as it is. */
export async function takeBatches(options: TakingOptions): Promise<Taken> {
  const bought = new Map<string, number>();
  const all = listBatches(options.layout);
  const known = new Set(all.flatMap(({ remote }) => remote?.id ?? []));
  for (const batch of all.filter(isLive)) {
    const shape = options.shapeOf(batch);
    if (typeof shape === 'string') {
      options.hear({ type: 'batch_unsure', batch, message: shape });
      continue;
    }
    try {
      await look(batch, shape, { ...options, known, bought });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      options.hear({ type: 'batch_unsure', batch, message: error.message });
    }
  }
  return { bought };
}

interface Looking extends TakingOptions {
  /** Ids of the provider's batches that are ours. */
  readonly known: Set<string>;
  readonly bought: Map<string, number>;
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
  // The moment is part of what is kept, and so the same when this is done again after a crash.
  const ended: BatchRecord = {
    ...seen,
    state: 'ended',
    ended: seen.ended ?? new Date(now()).toISOString(),
  };
  await writeRecord(layout, ended);
  const taken = await take(ended, await shape.ends(id), options);
  await writeRecord(layout, taken);
  hear(defined({ type: 'batch_taken', batch: taken, message: standing.message }));
}

/** The batch as the provider has it; undefined while nobody can tell, and when it never got there. */
async function found(
  batch: BatchRecord,
  shape: BatchShape,
  { layout, hear, now, known }: Looking,
): Promise<BatchRecord | undefined> {
  const created = Date.parse(batch.created);
  const listed = await shape.list(created - SURELY_LISTED);
  const mine = listed.filter(({ ours }) => ours === batch.id);
  const alike = mine.length > 0 ? mine : listed.filter((each) => mayBe(batch, each, known));
  const [only] = alike;
  if (only !== undefined && alike.length === 1) {
    known.add(only.remoteId);
    const sent: BatchRecord = { ...batch, state: 'sent', sent: batch.created, remote: { id: only.remoteId } };
    await writeRecord(layout, sent);
    hear({ type: 'batch_found', batch: sent });
    return sent;
  }
  if (only === undefined && now() - created > SURELY_LISTED) {
    await writeRecord(layout, { ...batch, state: 'given_up' });
    return undefined;
  }
  const message =
    only === undefined
      ? 'it is in no list of the provider yet'
      : `${alike.length} batches of the provider may be it`;
  hear({ type: 'batch_unsure', batch, message });
  return undefined;
}

function mayBe(batch: BatchRecord, listed: Listed, known: ReadonlySet<string>): boolean {
  const { ours, model, rows, created, remoteId } = listed;
  return (
    ours === undefined &&
    !known.has(remoteId) &&
    (model === undefined || model === batch.model) &&
    (rows === undefined || rows === batch.questions.length) &&
    created !== undefined &&
    Math.abs(created - Date.parse(batch.created)) <= SURELY_LISTED
  );
}

/** Keeps every row that has come; the record says what became of all of them. */
async function take(batch: BatchRecord, ends: readonly RowEnd[], options: Looking): Promise<BatchRecord> {
  const rows = new Map(rowsOf(options.layout, batch.id).map((row) => [row.address, row]));
  const failures: Record<string, string> = {};
  const unheard: Record<string, string> = {};
  let [kept, foreign, cost] = [0, 0, 0];
  const first = new Map<string, RowEnd>();
  for (const end of ends) {
    if (!rows.has(end.customId)) foreign++;
    else if (!first.has(end.customId)) first.set(end.customId, end);
  }
  for (const row of rows.values()) {
    const end = first.get(row.address);
    const outcome = end === undefined ? undefined : outcomeOf(row, end, batch);
    if (outcome?.kind !== 'reply') {
      options.settle(row.reserved, 0);
      failures[row.address] =
        outcome?.message ?? `it did not come back: the batch ${batch.remote?.status ?? 'ended'}`;
      continue;
    }
    const name = await options.keep(responseOf(row, outcome, batch));
    const line = lineOf(row, outcome, batch);
    if (!options.recorded().has(lineKey(line))) options.record(line);
    if (outcome.truncated || outcome.refusal !== undefined) unheard[row.address] = name;
    options.settle(row.reserved, line.cost ?? 'unknown');
    options.bought.set(name, line.cost ?? 0);
    kept++;
    cost += line.cost ?? 0;
  }
  const failed = Object.keys(failures).length;
  return { ...batch, state: 'taken', ends: { kept, failed, foreign }, cost, failures, unheard };
}

function outcomeOf(row: BatchRow, end: RowEnd, batch: BatchRecord): ModelOutcome {
  if ('error' in end)
    return defined({ kind: 'failure', cause: 'bad_reply', message: end.error, status: end.status });
  const outcome = readCompletion(end.body, {
    maxTokens: row.maxTokens,
    headers: new Headers(),
    now: Date.parse(batch.ended ?? batch.created),
  });
  const requestId = outcome.requestId ?? end.requestId;
  return requestId === undefined ? outcome : { ...outcome, requestId };
}

/** When the row was answered, by the provider's word, so that it is the same each time that it is read. */
function momentOf(batch: BatchRecord): number {
  return Date.parse(batch.ended ?? batch.created);
}

function responseOf(row: BatchRow, reply: ModelReply, batch: BatchRecord): StoredResponse {
  const { text, refusal, truncated, usage } = reply;
  return {
    version: RESPONSE_VERSION,
    asked: row.asked,
    kind: refusal !== undefined ? 'refused' : truncated ? 'truncated' : 'answer',
    text,
    rawMetadata: defined({
      batch_id: batch.remote?.id,
      llm_model_id: row.modelId,
      provider: row.call.provider,
      model: batch.model,
      answered_by: reply.answeredBy,
      finish_reason: reply.finishReason,
      truncated,
      usage: defined({
        completion_tokens: usage.completionTokens,
        max_tokens: row.maxTokens,
        prompt_tokens: usage.promptTokens,
        cost: usage.cost,
      }),
      request_id: reply.requestId,
    }),
    genId: row.call.genId,
    at: new Date(momentOf(batch)).toISOString(),
    ...(row.replaces === true ? { replaces: true } : {}),
  };
}

function lineOf({ call }: BatchRow, outcome: ModelOutcome, batch: BatchRecord): LedgerEntry {
  const line = attemptLine({
    call: { ...call, priority: 0 },
    provider: { name: call.provider, paid: true },
    number: 1,
    outcome,
    durationMs: momentOf(batch) - Date.parse(batch.sent ?? batch.created),
    endedAt: momentOf(batch),
  });
  return { ...line, batch: batch.remote?.id ?? batch.id };
}

/** What tells a line of a batch from every other: a batch asks for a generation once. */
export function lineKey({ batch, stage, gen_id: genId }: LedgerEntry): string {
  return `${batch ?? ''} ${stage} ${genId}`;
}
