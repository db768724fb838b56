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
import { findAnswer } from '../store/responses.ts';
import { exactly, forecast, type Forecast, type Length } from './forecast.ts';
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
  const { work } = taskAt(graph, row);
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
  const rows = attemptedRows(plan).filter((row) => paidAsk(graph, row) !== undefined);
  const calls: CallAhead[] = [];
  let cached = 0;
  let left = most;
  if (rows.length === 0) return { cached, calls };
  const texts = await plan.session.texts();
  for (const row of rows) {
    const task = taskAt(graph, row);
    const ask = paidAsk(graph, row);
    if (ask === undefined) continue;
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
  return findAnswer(loaded.layout, { ...parts, prompt: text }) === undefined ? certain : 'cached';
}

interface PricedCall extends CallAhead {
  readonly price: Price | undefined;
  readonly prompt: Length;
  readonly reply: Length;
  readonly known: boolean;
  readonly callMs: number;
}

/** Parents come before children, so that a reply's expected length is the length of what the child's prompt will hold. */
function priceCalls(calls: readonly CallAhead[], ahead: Forecast): readonly PricedCall[] {
  const replies = new Map<number, Length>();
  return calls.map((call) => {
    const { task, ask, promptTokens } = call;
    const { known, ...reply } = ahead.reply(task, ask);
    replies.set(task.row, reply);
    const counted =
      promptTokens === undefined ? ahead.prompt(task, replies.get(task.parent)) : exactly(promptTokens);
    const factor = ahead.factor(ask.model);
    const prompt = { median: Math.ceil(counted.median * factor), p90: Math.ceil(counted.p90 * factor) };
    return { ...call, prompt, reply, known, price: priceOfAsk(ask), callMs: ahead.callMs(ask.model) };
  });
}

const NOTHING: Bound = { calls: 0, promptTokens: 0, replyTokens: 0, usd: 0 };
/** Stages as they follow one another, then models, then pools. */
const LINE_ORDER: readonly PriceLine['by'][] = ['stage', 'model', 'pool'];

const NO_CALLS = { lower: NOTHING, upper: NOTHING, unpriced: [], unseen: 0, lines: [] };

type Bounds = { -readonly [K in 'lower' | 'upper']: Bound };

function summed(calls: readonly PricedCall[]): Omit<PlanPrice, 'cached' | 'duration'> {
  const total: Bounds = { lower: NOTHING, upper: NOTHING };
  const lines = new Map<string, Pick<PriceLine, 'by' | 'name'> & Bounds>();
  for (const call of calls) {
    const { task, ask } = call;
    count(total, call);
    for (const [by, name] of [
      ['stage', task.stage],
      ['model', ask.modelId],
      ['pool', ask.pool],
    ] as const) {
      const line = lines.get(`${by} ${name}`) ?? { by, name, lower: NOTHING, upper: NOTHING };
      lines.set(`${by} ${name}`, line);
      count(line, call);
    }
  }
  const unpriced = new Set(calls.filter(({ price }) => price === undefined).map(({ ask }) => ask.modelId));
  return {
    ...total,
    unpriced: [...unpriced].sort(),
    unseen: calls.filter(({ known }) => !known).length,
    lines: [...lines.values()].sort((a, b) => LINE_ORDER.indexOf(a.by) - LINE_ORDER.indexOf(b.by)),
  };
}

function count(into: Bounds, { certainty, prompt, reply, price }: PricedCall): void {
  into.upper = plus(into.upper, price, { promptTokens: prompt.p90, replyTokens: reply.p90 });
  if (certainty === 'certain')
    into.lower = plus(into.lower, price, { promptTokens: prompt.median, replyTokens: reply.median });
}

function plus(
  bound: Bound,
  price: Price | undefined,
  { promptTokens, replyTokens }: Pick<Bound, 'promptTokens' | 'replyTokens'>,
): Bound {
  return {
    calls: bound.calls + 1,
    promptTokens: bound.promptTokens + promptTokens,
    replyTokens: bound.replyTokens + replyTokens,
    usd: bound.usd + (price === undefined ? 0 : costOfTokens(price, promptTokens, replyTokens)),
  };
}

/** Pools work side by side, but a chain's stages come one after the other. */
function durationOf(
  { session: { options, loaded } }: Plan,
  calls: readonly PricedCall[],
  { concurrency, ledger }: { concurrency?: number | undefined; ledger: readonly LedgerEntry[] },
): Duration {
  const loads = new Map<string, PoolLoad>();
  const slowest = new Map<string, number>();
  for (const { task, ask, prompt, reply, callMs } of calls) {
    const load = loads.get(ask.pool) ?? { pool: ask.pool, calls: 0, callMs: 0, tokens: 0 };
    loads.set(ask.pool, {
      ...load,
      calls: load.calls + 1,
      callMs: (load.callMs * load.calls + callMs) / (load.calls + 1),
      tokens: load.tokens + prompt.p90 + reply.p90,
    });
    slowest.set(task.stage, Math.max(slowest.get(task.stage) ?? 0, callMs));
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
