// The rows of a batch that is over: each answer is kept before anything else is done with it, then it goes onto the ledger. To take a
// batch twice is to take it once. Asks nobody but for the rows.
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import { spendingOf, type Spending } from '../../store/ledger/spending.ts';
import { RESPONSE_VERSION, type StoredResponse } from '../../store/responses.ts';
import type { Layout } from '../../store/layout.ts';
import { attemptLine } from '../call.ts';
import { readCompletion } from '../client/completion.ts';
import type { ModelOutcome, ModelReply } from '../provider.ts';
import { listBatches, putAside, rowsOf, type BatchRecord, type BatchRow } from './journal.ts';
import type { RowEnd } from './shape.ts';
import { defined } from '../../defined.ts';

export interface KeepingOptions {
  readonly layout: Layout;
  /** Keeps a response durably and resolves with its name; the same one twice under the same name. */
  readonly keep: (response: StoredResponse) => Promise<string>;
  readonly ledger: {
    readonly record: (entry: LedgerEntry) => void;
    /** Lines that are of batches, by `lineKey`; asked for once, where a batch is over. */
    readonly recorded: () => Set<string>;
    /** What was recorded is safe on the disk. */
    readonly flush: () => void;
  };
  /** Hears of each row of a batch that is over what was set aside for it, and what it cost; both in USD. */
  readonly settle: (batch: BatchRecord, reserved: number, usd: number | 'unknown') => void;
  /** Answers that were kept just now: their name in the archive, and what they cost. */
  readonly bought: Map<string, Spending>;
  /** What came onto the ledger just now, by the answer's name, or by the line of a row that brought none. */
  readonly unused: Map<string, Spending>;
  /** Hears each answer, for what may be odd about it. */
  readonly heard?: (reply: ModelReply, row: BatchRow) => void;
}

interface Rows extends KeepingOptions {
  readonly rows: readonly BatchRow[];
  /** What the provider says of the whole. */
  readonly why: string | undefined;
}

/** Answers on their way to the disk at a time. */
const AT_A_TIME = 32;

/** Keeps every row that has come; the record says what became of all of them. */
export async function take(
  batch: BatchRecord,
  ends: AsyncIterable<RowEnd>,
  options: Rows,
): Promise<BatchRecord> {
  const rows = new Map(options.rows.map((row) => [row.address, row]));
  const failures: Record<string, string> = {};
  const aside: RowEnd[] = [];
  const spent = new Map<string, Spent>();
  const lost = new Map<string, number | 'unknown'>();
  const under = new Set<Promise<void>>();
  let others: ReadonlyMap<string, BatchRow> | undefined;
  let foreign = 0;
  try {
    for await (const end of ends) {
      if (!rows.has(end.customId)) foreign++;
      const row = rows.get(end.customId) ?? (others ??= allRows(options.layout)).get(end.customId);
      if (row === undefined) {
        aside.push(end);
        continue;
      }
      const outcome = outcomeOf(row, end, batch);
      if (outcome.kind !== 'reply') {
        failures[row.address] = outcome.message;
        if (outcome.usage !== undefined || outcome.lostReply === true) {
          const line = lineOf(row, outcome, batch);
          if (record(options, line)) options.unused.set(lineKey(line), spendingOf([line]));
          const { cost = 'unknown' } = line;
          lost.set(row.address, plus(lost.get(row.address) ?? 0, cost));
        }
        continue;
      }
      const keeping = keepRow(row, outcome, { batch, spent, options }).finally(() => under.delete(keeping));
      under.add(keeping);
      if (under.size >= AT_A_TIME) await Promise.race(under);
    }
    await Promise.all(under);
  } finally {
    // What has come is kept, whatever became of the others.
    await Promise.allSettled(under);
  }
  options.ledger.flush();
  if (aside.length > 0) await putAside(options.layout, batch, aside);
  return closed(batch, { ...options, failures, spent, lost, foreign });
}

/** What an answer's row has cost so far, and under which name its latest answer is kept. */
interface Spent {
  readonly name: string;
  readonly usd: number | 'unknown';
  readonly used: boolean;
}

/** Of every batch that is not taken yet: a provider may answer one of them in another. */
function allRows(layout: Layout): ReadonlyMap<string, BatchRow> {
  const rows = listBatches(layout).flatMap((batch) => rowsOf(layout, batch) ?? []);
  return new Map(rows.map((row) => [row.address, row]));
}

async function keepRow(
  row: BatchRow,
  outcome: ModelReply,
  { batch, spent, options }: { batch: BatchRecord; spent: Map<string, Spent>; options: Rows },
): Promise<void> {
  const { bought } = options;
  const name = await options.keep(responseOf(row, outcome, batch));
  options.heard?.(outcome, row);
  const before = spent.get(row.address);
  // The same answer once more.
  if (bought.has(name) && before !== undefined) return;
  const line = lineOf(row, outcome, batch);
  bought.set(name, spendingOf([line]));
  if (record(options, line)) options.unused.set(name, spendingOf([line]));
  const usable = !outcome.truncated && outcome.refusal === undefined;
  spent.set(row.address, {
    name: usable || before === undefined ? name : before.name,
    usd: plus(before?.usd ?? 0, line.cost ?? 'unknown'),
    used: usable || before?.used === true,
  });
}

/** Once, however often the batch is taken: whether this was the first time. */
function record({ ledger }: Pick<KeepingOptions, 'ledger'>, line: LedgerEntry): boolean {
  const key = lineKey(line);
  const known = ledger.recorded().has(key);
  if (!known) ledger.record(line);
  ledger.recorded().add(key);
  return !known;
}

function plus(a: number | 'unknown', b: number | 'unknown'): number | 'unknown' {
  return a === 'unknown' || b === 'unknown' ? 'unknown' : a + b;
}

/** The batch with all that it brought, once that is kept. */
function closed(
  batch: BatchRecord,
  {
    rows,
    why,
    failures,
    spent,
    lost,
    foreign,
    settle,
  }: Rows & {
    failures: Readonly<Record<string, string>>;
    spent: ReadonlyMap<string, Spent>;
    /** USD of errors that were billed. */
    lost: ReadonlyMap<string, number | 'unknown'>;
    foreign: number;
  },
): BatchRecord {
  const left: Record<string, string> = {};
  const unheard: Record<string, string> = {};
  const renewed: Record<string, string> = {};
  const absent = `it did not come back: the batch ${batch.remote?.status ?? 'ended'}${why === undefined ? '' : `, ${why}`}`;
  let [kept, cost, unpriced] = [0, 0, 0];
  for (const { address, replaces, reserved } of rows) {
    const paid = spent.get(address);
    const billed = plus(paid?.usd ?? 0, lost.get(address) ?? 0);
    settle(batch, reserved, billed);
    if (billed === 'unknown') unpriced++;
    else cost += billed;
    if (paid === undefined) {
      left[address] = failures[address] ?? absent;
      continue;
    }
    if (replaces === true) renewed[address] = paid.name;
    else if (!paid.used) unheard[address] = paid.name;
    kept++;
  }
  const failed = Object.keys(left).length;
  return {
    ...batch,
    state: 'taken',
    ends: { kept, failed, foreign, ...(unpriced === 0 ? {} : { unpriced }) },
    cost,
    failures: left,
    unheard,
    renewed,
  };
}

function outcomeOf(row: BatchRow, end: RowEnd, batch: BatchRecord): ModelOutcome {
  if ('error' in end) {
    const { customId: _its, error: message, ...paid } = end;
    return { kind: 'failure', cause: 'bad_reply', message, ...paid };
  }
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
      transport: row.call.request.transport,
      answered_by: reply.answeredBy,
      finish_reason: reply.finishReason,
      thoughts: reply.thoughts,
      refusal,
      truncated,
      usage: defined({
        completion_tokens: usage.completionTokens,
        max_tokens: row.maxTokens,
        prompt_tokens: usage.promptTokens,
        reasoning_tokens: usage.reasoningTokens,
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
    // The clock may have been set back meanwhile.
    durationMs: Math.max(0, momentOf(batch) - Date.parse(batch.sent ?? batch.created)),
    endedAt: momentOf(batch),
  });
  return { ...line, batch: batch.remote?.id ?? batch.id };
}

/** The line of a row that nobody waits for any more: it may have been billed all the same. */
export function forgottenLine(row: BatchRow, batch: BatchRecord, now: number): LedgerEntry {
  const message = 'nobody waits for its batch any more';
  const outcome = { kind: 'failure', cause: 'aborted', message, lostReply: true } as const;
  return lineOf(row, outcome, { ...batch, ended: new Date(now).toISOString() });
}

/** What tells a line of a batch from every other. */
export function lineKey({ batch, stage, gen_id: genId, request_id: requestId }: LedgerEntry): string {
  return JSON.stringify([batch, stage, genId, requestId]);
}
