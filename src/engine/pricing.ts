// What a plan costs before it runs: calls, tokens, USD and time, with a lower bound (early cutoff wherever it can happen) and an
// upper one. Rendered prompts are counted, replies are expected to be as long as this data root's own. Asks nobody.
import { OFFLINE } from '../config.ts';
import { at, taskAt, type Ask, type Graph, type Task } from '../graph/graph.ts';
import { estimateDuration, type Duration, type PoolLoad } from '../model/duration.ts';
import { callHistory } from '../model/history.ts';
import { costOfTokens, estimateTokens, priceOfAsk, type Price } from '../model/prices.ts';
import { WHY } from '../plan/verdict.ts';
import { parentTextOf, renderPrompt } from '../run/prepare.ts';
import type { Texts } from '../run/workshop.ts';
import { readLedger, type LedgerEntry } from '../store/ledger.ts';
import { addressOf, findAnswer } from '../store/responses.ts';
import { exactly, forecast, type Forecast, type Length, type ReplyLength } from './forecast.ts';
import { attemptedRows, type Plan } from './planning.ts';
import { poolsFor } from './poolsettings.ts';

/** Calls, tokens and USD. The calls of a model without a price count, their USD do not. */
export interface Bound {
  readonly calls: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly usd: number;
}

export interface PriceLine {
  readonly by: 'stage' | 'model' | 'pool';
  readonly name: string;
  readonly lower: Bound;
  readonly upper: Bound;
}

export interface PlanPrice {
  readonly lower: Bound;
  readonly upper: Bound;
  /** Answers that the response cache holds already. */
  readonly cached: number;
  /** Model ids of calls whose price is not known. */
  readonly unpriced: readonly string[];
  /** Calls of which nothing like it was ever answered here: their upper bound is the whole of `max_tokens`. */
  readonly unseen: number;
  readonly lines: readonly PriceLine[];
  /** How long the upper bound's calls take under the limits of their pools; absent without a paid call. */
  readonly duration?: Duration;
}

export interface PricingOptions {
  /** `--concurrency`, for every pool. */
  readonly concurrency?: number | undefined;
  /** `none` where the run may ask nobody: then only the response cache counts. */
  readonly calls?: 'allowed' | 'none';
  /** So many prompts are rendered at most; the calls of the others count as possible. */
  readonly rendered?: number;
  /** What was learned of earlier calls; read from the ledger and measured where it is left out. */
  readonly learned?: () => Learned;
}

/** What earlier calls say of those to come. */
export interface Learned {
  readonly ahead: Forecast;
  readonly ledger: readonly LedgerEntry[];
}

export function learn({ loaded, index }: Plan['session']): Learned {
  const ledger = readLedger(loaded.layout.ledger).value;
  return { ledger, ahead: forecast(loaded.graph, index, callHistory(ledger)) };
}

export async function pricePlan(plan: Plan, options: PricingOptions = {}): Promise<PlanPrice> {
  const { cached, calls } = await callsAhead(plan, options.rendered ?? Infinity);
  if (calls.length === 0 || options.calls === 'none') return { ...NO_CALLS, cached };
  const { ahead, ledger } = options.learned?.() ?? learn(plan.session);
  const priced = priceCalls(calls, ahead);
  return { ...summed(priced), cached, duration: durationOf(plan, priced, { ...options, ledger }) };
}

/** What is asked of a paid provider when a row is made; undefined where nobody is, or the offline model. */
export function paidAsk(graph: Graph, row: number): Ask | undefined {
  return paidAskOf(taskAt(graph, row));
}

function paidAskOf({ work }: Task): Ask | undefined {
  return work.kind === 'llm' && work.ask.provider !== OFFLINE ? work.ask : undefined;
}

interface CallAhead {
  readonly task: Task;
  readonly ask: Ask;
  /** `possible`: only if what is above comes out different. */
  readonly certainty: 'certain' | 'possible';
  /** Our own count; undefined where the prompt can not be rendered yet. */
  readonly promptTokens: number | undefined;
}

async function callsAhead(
  plan: Plan,
  most: number,
): Promise<{ readonly cached: number; readonly calls: CallAhead[] }> {
  const { graph } = plan.session.loaded;
  const tasks = attemptedRows(plan).map((row) => taskAt(graph, row));
  const calls: CallAhead[] = [];
  let cached = 0;
  let left = most;
  let texts: Texts | undefined;
  for (const task of tasks) {
    const { row } = task;
    const ask = paidAskOf(task);
    if (ask === undefined) continue;
    texts ??= await plan.session.texts();
    const expected = expect(plan, task, left > 0 ? texts : undefined);
    if (at(plan.judge.verdicts.cause, row) < 0) left--;
    if (expected === 'cached') cached++;
    else if (expected !== 'none') calls.push({ task, ask, ...expected });
  }
  return { cached, calls };
}

const CERTAIN =
  WHY.forced |
  WHY.retry |
  WHY.provider |
  WHY.model |
  WHY.temperature |
  WHY.max_tokens |
  WHY.sampling |
  WHY.mode |
  WHY.replicate |
  WHY.prompt |
  WHY.missing_raw |
  WHY.never_render |
  WHY.never_generate;

/** Whether a row will ask, as far as can be known before anything has run. */
function expect(
  plan: Plan,
  task: Task,
  texts: Texts | undefined,
): 'none' | 'cached' | Pick<CallAhead, 'certainty' | 'promptTokens'> {
  const { index, loaded } = plan.session;
  const { verdicts } = plan.judge;
  const { row } = task;
  const bits = at(verdicts.why, row);
  if (at(verdicts.from, row) === 3 && (bits & WHY.retry) === 0) return 'none';
  if (at(verdicts.cause, row) >= 0)
    return { certainty: (bits & CERTAIN) === 0 ? 'possible' : 'certain', promptTokens: undefined };
  if (texts === undefined) return { certainty: 'possible', promptTokens: undefined };
  const rendered = renderPrompt({ texts, graph: loaded.graph, index }, task, parentTextOf(loaded, task));
  if (!('prompt' in rendered)) return 'none';
  const { text, digest } = rendered.prompt;
  const certain = { certainty: 'certain', promptTokens: estimateTokens(text) } as const;
  if ((bits & (WHY.forced | WHY.retry)) !== 0) return certain;
  if ((bits & CERTAIN) === 0 && index.get('promptIn', row) === digest) return 'none';
  const parts = loaded.graph.partSets[at(loaded.graph.generateSet, row)] ?? {};
  return findAnswer(loaded.layout, addressOf({ ...parts, prompt: text })) === undefined ? certain : 'cached';
}

/** What the calls of one template to one model have in common. */
interface Kind {
  readonly price: Price | undefined;
  readonly reply: ReplyLength;
  readonly factor: number;
  readonly callMs: number;
}

interface PricedCall {
  readonly call: CallAhead;
  readonly kind: Kind;
  readonly prompt: Length;
}

/** Parents come before children, so that a reply's expected length is the length of what the child's prompt will hold. */
function priceCalls(calls: readonly CallAhead[], ahead: Forecast): readonly PricedCall[] {
  const replies = new Map<number, Length>();
  const kinds = new Map<Ask, Map<Task['template'], Kind>>();
  return calls.map((call) => {
    const { task, promptTokens } = call;
    const kind = kindOf(kinds, ahead, call);
    replies.set(task.row, kind.reply);
    const counted =
      promptTokens === undefined ? ahead.prompt(task, replies.get(task.parent)) : exactly(promptTokens);
    const prompt = {
      median: Math.ceil(counted.median * kind.factor),
      p90: Math.ceil(counted.p90 * kind.factor),
    };
    return { call, kind, prompt };
  });
}

function kindOf(
  kinds: Map<Ask, Map<Task['template'], Kind>>,
  ahead: Forecast,
  { task, ask }: CallAhead,
): Kind {
  const ofAsk = kinds.get(ask) ?? new Map<Task['template'], Kind>();
  kinds.set(ask, ofAsk);
  const known = ofAsk.get(task.template);
  if (known !== undefined) return known;
  const kind = {
    price: priceOfAsk(ask),
    reply: ahead.reply(task, ask),
    factor: ahead.factor(ask.model),
    callMs: ahead.callMs(ask.model),
  };
  ofAsk.set(task.template, kind);
  return kind;
}

const NOTHING: Bound = { calls: 0, promptTokens: 0, replyTokens: 0, usd: 0 };
/** Stages as they follow one another, then models, then pools. */
const LINE_ORDER: readonly PriceLine['by'][] = ['stage', 'model', 'pool'];

const NO_CALLS = { lower: NOTHING, upper: NOTHING, unpriced: [], unseen: 0, lines: [] };

/** Bounds while they are added up: with a hundred thousand calls, a new value for each would be most of the work. */
type Sum = { -readonly [K in keyof Bound]: Bound[K] };
interface Sums {
  readonly lower: Sum;
  readonly upper: Sum;
}

function newSums(): Sums {
  return { lower: { ...NOTHING }, upper: { ...NOTHING } };
}

function summed(calls: readonly PricedCall[]): Omit<PlanPrice, 'cached' | 'duration'> {
  const total = newSums();
  const lines = new Map<string, Pick<PriceLine, 'by' | 'name'> & Sums>();
  const lineOf = (by: PriceLine['by'], name: string): Sums => {
    const key = `${by} ${name}`;
    const line = lines.get(key) ?? { by, name, ...newSums() };
    lines.set(key, line);
    return line;
  };
  const unpriced = new Set<string>();
  let unseen = 0;
  for (const priced of calls) {
    const { task, ask } = priced.call;
    add(total, priced);
    add(lineOf('stage', task.stage), priced);
    add(lineOf('model', ask.modelId), priced);
    add(lineOf('pool', ask.pool), priced);
    if (priced.kind.price === undefined) unpriced.add(ask.modelId);
    if (!priced.kind.reply.known) unseen++;
  }
  return {
    ...total,
    unpriced: [...unpriced].sort(),
    unseen,
    lines: [...lines.values()].sort((a, b) => LINE_ORDER.indexOf(a.by) - LINE_ORDER.indexOf(b.by)),
  };
}

function add({ lower, upper }: Sums, { call, kind: { price, reply }, prompt }: PricedCall): void {
  increase(upper, price, prompt.p90, reply.p90);
  if (call.certainty === 'certain') increase(lower, price, prompt.median, reply.median);
}

function increase(sum: Sum, price: Price | undefined, promptTokens: number, replyTokens: number): void {
  sum.calls++;
  sum.promptTokens += promptTokens;
  sum.replyTokens += replyTokens;
  if (price !== undefined) sum.usd += costOfTokens(price, promptTokens, replyTokens);
}

/** Pools work side by side, but a chain's stages come one after the other. */
function durationOf(
  { session: { options, loaded } }: Plan,
  calls: readonly PricedCall[],
  { concurrency, ledger }: { concurrency?: number | undefined; ledger: readonly LedgerEntry[] },
): Duration {
  const loads = new Map<string, { -readonly [K in keyof PoolLoad]: PoolLoad[K] }>();
  const slowest = new Map<string, number>();
  for (const { call, kind, prompt } of calls) {
    const { pool } = call.ask;
    const load = loads.get(pool) ?? { pool, calls: 0, callMs: 0, tokens: 0 };
    loads.set(pool, load);
    load.callMs = (load.callMs * load.calls + kind.callMs) / (load.calls + 1);
    load.calls++;
    load.tokens += prompt.p90 + kind.reply.p90;
    slowest.set(call.task.stage, Math.max(slowest.get(call.task.stage) ?? 0, kind.callMs));
  }
  const pools = poolsFor({
    settings: loaded.settings,
    names: new Set(loads.keys()),
    concurrency,
    ledger: () => ledger,
    now: options.now(),
  });
  const duration = estimateDuration(pools, [...loads.values()]);
  const chain = [...slowest.values()].reduce((sum, ms) => sum + ms, 0);
  return { ...duration, ms: Math.max(duration.ms, chain) };
}
