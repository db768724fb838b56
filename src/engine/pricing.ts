// What a plan costs before it runs: calls, tokens and USD, with a lower bound (early cutoff wherever it can happen) and an upper
// one. Rendered prompts are counted, replies are expected to be as long as this data root's own. Asks nobody.
import { STAGES } from '../generation/stage.ts';
import { at, taskAt, type Ask, type Graph, type Task } from '../graph/graph.ts';
import { costOfTokens, estimateTokens } from '../model/prices.ts';
import { WHY } from '../plan/verdict.ts';
import { parentTextOf, renderPrompt } from '../run/prepare.ts';
import { ABSENT, FILES, type GenIndex } from '../store/genindex.ts';
import { findAnswer } from '../store/responses.ts';
import { OFFLINE } from '../config.ts';
import { attemptedRows, type Plan } from './planning.ts';

/** Calls and USD; `usd` is undefined where a model has no price. */
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
  /** Model ids of calls whose price is not known; their calls are counted, their USD are not. */
  readonly unpriced: readonly string[];
  readonly lines: readonly PriceLine[];
}

interface Expected {
  readonly certainty: 'certain' | 'possible' | 'none' | 'cached';
  readonly promptTokens: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export async function pricePlan(plan: Plan): Promise<PlanPrice> {
  const rows = attemptedRows(plan).filter((row) => paidAsk(plan.session.loaded.graph, row) !== undefined);
  const totals = { lower: nothing(), upper: nothing() };
  const lines = new Map<
    string,
    { by: PriceLine['by']; name: string; lower: Mutable<Bound>; upper: Mutable<Bound> }
  >();
  const unpriced = new Set<string>();
  let cached = 0;
  if (rows.length > 0) {
    const lengths = new ReplyLengths(plan.session.loaded.graph, plan.session.index);
    const texts = await plan.session.texts();
    for (const row of rows) {
      const task = taskAt(plan.session.loaded.graph, row);
      if (task.work.kind === 'copy') continue;
      const { ask } = task.work;
      const expected = expect(plan, task, texts);
      if (expected.certainty === 'cached') cached++;
      if (expected.certainty === 'cached' || expected.certainty === 'none') continue;
      if (ask.inputPrice === undefined || ask.outputPrice === undefined) unpriced.add(ask.modelId);
      const reply = lengths.of(task, ask);
      for (const [by, name] of [
        ['stage', task.stage],
        ['model', ask.modelId],
        ['pool', ask.pool],
      ] as const) {
        const key = `${by} ${name}`;
        const line = lines.get(key) ?? { by, name, lower: nothing(), upper: nothing() };
        lines.set(key, line);
        count(line, ask, expected, reply);
      }
      count(totals, ask, expected, reply);
    }
  }
  return { ...totals, cached, unpriced: [...unpriced].sort(), lines: [...lines.values()] };
}

function paidAsk(graph: Graph, row: number): Ask | undefined {
  const { work } = taskAt(graph, row);
  return work.kind === 'llm' && work.ask.provider !== OFFLINE ? work.ask : undefined;
}

function nothing(): Mutable<Bound> {
  return { calls: 0, promptTokens: 0, replyTokens: 0, usd: 0 };
}

function count(
  into: { lower: Mutable<Bound>; upper: Mutable<Bound> },
  ask: Ask,
  { certainty, promptTokens }: Expected,
  reply: ReplyLength,
): void {
  add(into.upper, ask, promptTokens, reply.p90);
  if (certainty === 'certain') add(into.lower, ask, promptTokens, reply.median);
}

function add(bound: Mutable<Bound>, ask: Ask, promptTokens: number, replyTokens: number): void {
  bound.calls++;
  bound.promptTokens += promptTokens;
  bound.replyTokens += replyTokens;
  const { inputPrice: input, outputPrice: output } = ask;
  if (input !== undefined && output !== undefined)
    bound.usd += costOfTokens({ input, output }, promptTokens, replyTokens);
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
function expect(plan: Plan, task: Task, texts: Parameters<typeof renderPrompt>[0]['texts']): Expected {
  const { index, loaded } = plan.session;
  const { verdicts } = plan.judge;
  const { row } = task;
  const bits = at(verdicts.why, row);
  if (at(verdicts.from, row) === 3 && (bits & WHY.retry) === 0) return { certainty: 'none', promptTokens: 0 };
  const guess = { promptTokens: promptGuess(plan, task) };
  if (at(verdicts.cause, row) >= 0)
    return { certainty: (bits & CERTAIN) === 0 ? 'possible' : 'certain', ...guess };
  const rendered = renderPrompt({ texts, graph: loaded.graph, index }, task, parentTextOf(loaded, task));
  if (!('prompt' in rendered)) return { certainty: 'none', promptTokens: 0 };
  const { text, digest } = rendered.prompt;
  const promptTokens = estimateTokens(text);
  if ((bits & (WHY.forced | WHY.retry)) !== 0) return { certainty: 'certain', promptTokens };
  if ((bits & CERTAIN) === 0 && index.get('promptIn', row) === digest)
    return { certainty: 'none', promptTokens };
  const parts = loaded.graph.partSets[at(loaded.graph.generateSet, row)] ?? {};
  const found = findAnswer(loaded.layout, { ...parts, prompt: text });
  return { certainty: found === undefined ? 'certain' : 'cached', promptTokens };
}

/** Of a prompt that can not be rendered yet: as long as it is now, or as the parents' texts usually are. */
function promptGuess({ session: { index, loaded } }: Plan, { row }: Task): number {
  const size = index.sizes[row * FILES] ?? ABSENT;
  if (size !== ABSENT) return Math.ceil(size / BYTES_PER_TOKEN);
  const parent = at(loaded.graph.parent, row);
  const above = parent < 0 ? ABSENT : (index.sizes[parent * FILES + 2] ?? ABSENT);
  return Math.ceil((above === ABSENT ? TYPICAL_TEXT : above + TYPICAL_TEMPLATE) / BYTES_PER_TOKEN);
}

const BYTES_PER_TOKEN = 4;
const TYPICAL_TEXT = 8000;
const TYPICAL_TEMPLATE = 2500;

interface ReplyLength {
  readonly median: number;
  readonly p90: number;
}

/** Lengths in tokens of the raw texts that this data root holds, by template and model, then by stage. */
class ReplyLengths {
  readonly #seen = new Map<string, number[]>();
  readonly #graph: Graph;

  constructor(graph: Graph, index: GenIndex) {
    this.#graph = graph;
    for (let row = 0; row < graph.size; row++) {
      const size = index.sizes[row * FILES + 1] ?? ABSENT;
      if (size === ABSENT) continue;
      const tokens = Math.ceil(size / BYTES_PER_TOKEN);
      this.#add(this.#key(row), tokens);
      this.#add(STAGES[at(graph.stage, row)] ?? '', tokens);
    }
    for (const list of this.#seen.values()) list.sort((a, b) => a - b);
  }

  #add(key: string, tokens: number): void {
    const list = this.#seen.get(key);
    if (list === undefined) this.#seen.set(key, [tokens]);
    else list.push(tokens);
  }

  of(task: Task, ask: Ask): ReplyLength {
    const own = this.#seen.get(this.#key(task.row)) ?? this.#seen.get(task.stage);
    if (own === undefined) return { median: ask.maxTokens, p90: ask.maxTokens };
    return {
      median: Math.min(quantile(own, 0.5), ask.maxTokens),
      p90: Math.min(quantile(own, 0.9), ask.maxTokens),
    };
  }

  #key(row: number): string {
    return `${at(this.#graph.template, row)} ${at(this.#graph.askSet, row)}`;
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
