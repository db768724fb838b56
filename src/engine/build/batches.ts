// A build's dealings with batches: what has ended is taken before anything is planned, what is in one counts as asked, and where batches
// are wanted questions go into one instead of to a call. Chooses no rows.
import { mostTokens } from '../../graph/asking.ts';
import type { Settings } from '../../config.ts';
import { openHttp } from '../../http.ts';
import {
  failuresBy,
  forgetSaid,
  isLive,
  listBatches,
  renewedKeys,
  reservedAddresses,
  unreadableBatches,
  type BatchRecord,
  type BatchRow,
} from '../../model/batch/journal.ts';
import { BatchLane, type LaneEvent, type Packing, type Unsent } from '../../model/batch/lane.ts';
import { openAiBatches } from '../../model/batch/openaifiles.ts';
import { openRouterBatches } from '../../model/batch/openrouter.ts';
import type { BatchShape } from '../../model/batch/shape.ts';
import { lineKey } from '../../model/batch/keeping.ts';
import { takeBatches, type Taken, type TakingEvent } from '../../model/batch/taking.ts';
import { openWire } from '../../model/batch/wire.ts';
import { textField } from '../../model/fields.ts';
import { keyOf, keyProblems } from '../../model/providers/keys.ts';
import type { Budget } from '../../model/money/budget.ts';
import { batchPriceOfAsk, ceilingOf } from '../../model/money/prices.ts';
import { defined } from '../../defined.ts';
import { genKey } from '../../generation/stage.ts';
import { REFUSALS } from '../../generation/trace.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import type { Answer, AnswerQuestion } from '../../run/answer.ts';
import type { Question } from '../../run/question.ts';
import { entryOf, keepEntry, readResponse } from '../../store/responses.ts';
import { openLedger, readLedger, type LedgerEntry } from '../../store/ledger/ledger.ts';
import { ledgerPlace } from '../../store/writing/lodging.ts';
import { NOTHING_SPENT, type Spending } from '../../store/ledger/spending.ts';
import type { Layout } from '../../store/layout.ts';
import type { Oddities } from './oddities.ts';
import { wayOf, type BatchMode } from '../plan/batchway.ts';

export type BatchEvent = LaneEvent | TakingEvent;

export interface BatchesOptions {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For the ledger: of several processes that share the work, which this is. */
  readonly origin?: Pick<LedgerEntry, 'shard' | 'host'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly hear: (event: BatchEvent) => void;
  /** Whether questions may be asked that a batch might have asked already. */
  readonly asks: boolean;
  /** What was taken earlier, and is in no run yet. */
  readonly before?: Taken | undefined;
  /** Hears of each row that was taken what was set aside for it, and what it cost; both in USD. */
  readonly settle: (batch: BatchRecord, reserved: number, usd: number | 'unknown') => void;
  /** Hears each answer, for what is odd about it. */
  readonly odd?: Oddities;
}

/** What a build does with batches from its start to its end. */
export interface Batches extends Taken {
  /** What an answer cost that a batch brought and that this build hears of for the first time, by its name in the archive: told once. */
  readonly claim: (name: string) => Spending | undefined;
  /** Whether a question of this address is in a batch that is open. */
  readonly holds: (address: string) => boolean;
  /** Generations, by stage and id, that were asked for again on purpose and whose answers have come: a build puts them in place. */
  readonly renewed: ReadonlySet<string>;
  /** Answers a question out of a batch, puts it into one, or hands it on. */
  readonly through: (options: Through) => {
    readonly answer: AnswerQuestion;
    /** Sends what is collected. What was answered as submitted and is in no batch after all, by stage and id. */
    readonly finish: () => Promise<ReadonlyMap<string, Unsent>>;
  };
}

export interface Through {
  readonly direct: AnswerQuestion;
  /** Left out: questions go into batches only where their pool says so. */
  readonly mode: BatchMode | undefined;
  readonly budget: Budget | undefined;
  readonly bodyOf: (row: BatchRow) => Readonly<Record<string, unknown>>;
  readonly callOf: (question: Question, sending: Parameters<AnswerQuestion>[1]) => BatchRow['call'];
  readonly stopped: () => boolean;
}

/** So often a row goes into a batch before it counts as failed. */
const TRIES = 3;

/** Takes what has ended, under the data root's lock. Throws a ProblemError (DD503, DD663) where a record can not be read, and it `asks`. */
export async function openBatches(options: BatchesOptions): Promise<Batches> {
  const { layout } = options;
  if (options.asks) refuseUnreadable(layout);
  const { before } = options;
  const now = await taken(options);
  const bought = new Map([...(before?.bought ?? []), ...now.bought]);
  const unused = new Map([...(before?.unused ?? []), ...now.unused]);
  const claim = (name: string): Spending | undefined => {
    const spent = bought.get(name);
    bought.delete(name);
    unused.delete(name);
    return spent;
  };
  const all = listBatches(layout);
  const reserved = reservedAddresses(all);
  return {
    bought,
    unused,
    claim,
    holds: (address) => reserved.has(address),
    renewed: renewedKeys(all),
    through: (through) => throughBatches(options, through, { reserved, all, claim }),
  };
}

/** What such a batch asked can not be told: to go on could be to pay for it twice. */
function refuseUnreadable(layout: Layout): void {
  const problems = unreadable(layout);
  if (problems.length > 0) throw new ProblemError(problems);
}

export function unreadable(layout: Layout): readonly Problem[] {
  return unreadableBatches(layout).map(({ file, why }) =>
    why === 'newer'
      ? problem('DD503', 'the record of a batch was written by a newer daydream', { place: { file } })
      : problem('DD663', 'the record of a batch can not be read', { place: { file } }),
  );
}

async function taken(options: BatchesOptions): Promise<Taken> {
  const { layout, now, hear, settle } = options;
  const ledger = openLedger(() => ledgerPlace(layout));
  let recorded: Set<string> | undefined;
  const origin = options.origin ?? {};
  try {
    return await takeBatches({
      layout,
      now,
      hear,
      settle,
      heard: (reply, { call, asked }) =>
        options.odd?.(reply, { ...call, model: call.request.model, prompt: asked['prompt'] ?? '' }),
      shapeOf: ({ provider }) => shapeOf(options, provider),
      keep: (response) => keepEntry(layout, entryOf(response)),
      ledger: {
        record: (entry) => ledger.record({ ...entry, ...origin }),
        flush: () => ledger.close(),
        recorded: () =>
          (recorded ??= new Set(
            readLedger(layout.ledger).value.flatMap((entry) =>
              entry.batch === undefined ? [] : lineKey(entry),
            ),
          )),
      },
    });
  } finally {
    ledger.close();
  }
}

/** How the batches of a provider are spoken to; a reason where it has none, or no key is here. */
export function shapeOf(
  { settings, environment, now }: Pick<BatchesOptions, 'settings' | 'environment' | 'now'>,
  name: string,
): BatchShape | string {
  const provider = settings.providers[name];
  const shape = provider?.batch;
  if (provider === undefined || shape === undefined)
    return `provider ${name} has no batches: set providers.${name}.batch to 'openrouter' or 'openai'`;
  const [unusable] = keyProblems({ settings, environment }, [name]);
  if (unusable !== undefined) return unusable.message;
  const wire = openWire({
    send: openHttp({ environment }).send,
    baseURL: provider.baseURL,
    apiKey: keyOf({ settings, environment }, name),
    headers: provider.headers,
    timeoutMs: settings.timeouts.call,
    now,
  });
  return shape === 'openai' ? openAiBatches(wire) : openRouterBatches(wire);
}

interface Known {
  /** Addresses of questions that are in a batch. */
  readonly reserved: Set<string>;
  readonly all: readonly BatchRecord[];
  readonly claim: Batches['claim'];
}

function throughBatches(
  options: BatchesOptions,
  through: Through,
  { reserved, all, claim }: Known,
): ReturnType<Batches['through']> {
  const { layout, now, hear } = options;
  const { direct, mode, budget, bodyOf, stopped } = through;
  const heard = new Set<string>();
  /** Who was answered that a question is in a batch, by its address. */
  const said = new Map<string, string[]>();
  const submitted = ({ address, task }: Question): Answer => {
    said.set(address, [...(said.get(address) ?? []), genKey(task)]);
    return { kind: 'submitted' };
  };
  const failures = failuresBy(all);
  const lane = new BatchLane({ layout, bodyOf, budget, now, hear, open: openBy(all) });
  const packing = packer(options, mode);
  const directly: AnswerQuestion = async (question, sending, signal) => {
    const answer = await direct(question, sending, signal);
    if (answer.kind === 'reply' || answer.kind === 'failure') heard.add(question.address);
    return answer;
  };
  return {
    async answer(question, sending, signal) {
      const { address } = question;
      if (mode !== 'now' && reserved.has(address)) return submitted(question);
      const unheard = heard.has(address) ? undefined : unheardOf(layout, address, { all, claim });
      if (unheard !== undefined) {
        heard.add(address);
        return unheard;
      }
      const how = packing(question);
      if (how === 'directly') return direct(question, sending, signal);
      if (how === 'never') return { kind: 'for_batch' };
      const failed = failures.get(address) ?? [];
      if (failed.length >= TRIES || 'refused' in how) {
        if (mode === 'prefer') return directly(question, sending, signal);
        heard.add(address);
        return failureOf('refused' in how ? how.refused : (failed.at(-1) ?? ''), failed.length);
      }
      if (stopped() || signal.aborted) return { kind: 'aborted' };
      const row = rowOf(question, through.callOf(question, sending));
      const added = lane.add(row, how);
      if (added !== 'taken') return { kind: added === 'no_room' ? 'batches_full' : added };
      reserved.add(address);
      return submitted(question);
    },
    async finish() {
      // Whoever was told to stop sends nothing more.
      const unsent = await lane.close(stopped() ? 'let_go' : 'send');
      await forgetSaid(layout, all, heard);
      return new Map(
        [...unsent].flatMap(([address, why]) => (said.get(address) ?? []).map((key) => [key, why] as const)),
      );
    },
  };
}

/** How a question goes: in a batch, directly, not at all by whoever asks, or not since its provider has no batches. */
function packer(
  options: BatchesOptions,
  mode: BatchMode | undefined,
): (question: Question) => Packing | { readonly refused: string } | 'directly' | 'never' {
  const shapes = new Map<string, BatchShape | string>();
  return ({ ask }) => {
    const way = wayOf(options.settings, mode, ask);
    if (typeof way === 'string') return way;
    const { provider } = ask;
    const shape = shapes.get(provider) ?? shapeOf(options, provider);
    shapes.set(provider, shape);
    return typeof shape === 'string' ? { refused: shape } : { shape, ...way };
  };
}

function openBy(all: readonly BatchRecord[]): ReadonlyMap<string, number> {
  const open = new Map<string, number>();
  for (const { pool } of all.filter(isLive)) open.set(pool, (open.get(pool) ?? 0) + 1);
  return open;
}

/** At the price that the provider's batches have, as far as that is known. */
function rowOf(
  { task, ask, asked, address, replaces }: Question,
  { price: _ordinary, ...call }: BatchRow['call'],
): BatchRow {
  const { price } = batchPriceOfAsk(ask);
  return {
    ...(replaces === true ? { replaces } : {}),
    address,
    asked,
    modelId: task.modelId,
    maxTokens: mostTokens(ask),
    call: price === undefined ? call : { ...call, price },
    reserved: price === undefined ? 0 : ceilingOf(call.request, price),
  };
}

/** A reply in a batch that the cache does not serve (cut off, refused, asked for again): the generation hears of it once, as of a direct one. */
function unheardOf(
  layout: Layout,
  address: string,
  { all, claim }: Pick<Known, 'all' | 'claim'>,
): Answer | undefined {
  const names = all.flatMap(({ unheard, renewed }) => unheard?.[address] ?? renewed?.[address] ?? []);
  const name = names.at(-1);
  const response = name === undefined ? undefined : readResponse(layout, name);
  if (name === undefined || response === undefined || typeof response === 'string') return undefined;
  const { text, kind, rawMetadata } = response;
  const refusal = REFUSALS.find((each) => each === rawMetadata['refusal']);
  const usage = (rawMetadata['usage'] ?? {}) as Readonly<Record<string, number | undefined>>;
  const reply = defined({
    kind: 'reply' as const,
    text,
    truncated: kind === 'truncated',
    finishReason: textField(rawMetadata, 'finish_reason'),
    refusal: kind === 'refused' ? (refusal ?? (text === '' ? 'empty' : 'content_filter')) : undefined,
    usage: defined({
      promptTokens: usage['prompt_tokens'],
      completionTokens: usage['completion_tokens'],
      reasoningTokens: usage['reasoning_tokens'],
      cost: usage['cost'],
    }),
    thoughts: textField(rawMetadata, 'thoughts'),
    answeredBy: textField(rawMetadata, 'answered_by'),
    requestId: textField(rawMetadata, 'request_id'),
  });
  return {
    kind: 'reply',
    reply,
    attempts: [],
    spent: claim(name) ?? NOTHING_SPENT,
    durationMs: 0,
    response: name,
  };
}

function failureOf(message: string, tries: number): Answer {
  const words = tries === 0 ? message : `${message} (in ${tries} batches)`;
  return { kind: 'failure', reason: 'batch', message: words, attempts: [], spent: NOTHING_SPENT };
}
