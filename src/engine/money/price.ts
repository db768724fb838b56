// What a plan costs before it runs: calls, tokens, USD and time, with a lower bound (early cutoff wherever it can happen) and an
// upper one. Rendered prompts are counted, replies are expected to be as long as this data root's own. Asks nobody.
import { mostTokens } from '../../graph/asking.ts';
import { defined } from '../../defined.ts';
import { taskAt, type Graph, type GraphTemplate } from '../../graph/graph.ts';
import { estimateDuration, type Duration, type PoolLoad } from '../../model/money/duration.ts';
import { CallHistory } from '../../model/money/history.ts';
import { costOfTokens, PROMPT_MARGIN } from '../../model/money/prices.ts';
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import { LedgerReader } from '../../store/ledger/reader.ts';
import { DailyAttempts } from '../../store/ledger/totals.ts';
import { callsAhead, CERTAIN, UNCOUNTED, type CallsAhead, type LookUpTeam } from './callsahead.ts';
import { exactly, forecast, type Forecast } from './forecast.ts';
import { sumOfBounds, NOTHING, type Bound } from './bounds.ts';
import { batchedIn, batchPlanOf, type BatchKind, type BatchPlan } from './batchplan.ts';
import type { BatchMode } from '../plan/batchway.ts';
import type { Plan } from '../plan/plan.ts';
import { poolsFor } from '../plan/pools.ts';

export interface PriceLine {
  readonly by: 'stage' | 'model' | 'pool';
  readonly name: string;
  readonly lower: Bound;
  readonly upper: Bound;
  /** Replies of the very models that the lengths of the calls' replies are expected by. */
  readonly seen: number;
  /** Calls of which nothing like it was ever answered here: their upper bound is the whole of `max_tokens`. */
  readonly unseen: number;
  /** Calls whose price is what such replies were billed, since that is more than the catalog's prices say; absent for none. */
  readonly billed?: number;
  /** USD that the calls of models without a price come to where each is billed what such replies were; absent where none ever was. */
  readonly unpricedAsBilled?: number;
}

export interface PlanPrice {
  readonly lower: Bound;
  readonly upper: Bound;
  readonly seen: number;
  readonly unseen: number;
  readonly billed?: number;
  readonly unpricedAsBilled?: number;
  /** USD: the least cap under which all of it is expected to come to its end, since a cap sets aside the most that a call can cost. */
  readonly cap: number;
  /** Answers that the response cache holds already. */
  readonly cached: number;
  /** Answers that the team's remote cache holds and this response cache does not, where that was looked up: they are no calls. */
  readonly team?: number;
  /** Model ids of calls whose price is not known. */
  readonly unpriced: readonly string[];
  readonly lines: readonly PriceLine[];
  /** How long the upper bound's calls take under the limits of their pools; absent without a paid call that is made directly. */
  readonly duration?: Duration;
  /** Of the calls that go into batches, whose sums above are at the batches' price; absent without them. */
  readonly batches?: BatchPlan;
}

export interface PricingOptions {
  /** `--concurrency`, for every pool. */
  readonly concurrency?: number | undefined;
  /** `none` where the run may ask nobody: then only the response cache counts. */
  readonly calls?: 'allowed' | 'none';
  /** Left out: calls go into batches only where their pool says so. */
  readonly batch?: BatchMode | undefined;
  /** So many prompts are rendered at most; the calls of the others count as possible. */
  readonly rendered?: number;
  /** Looks into the team's remote cache; it is not asked where this is left out. */
  readonly lookUp?: LookUpTeam | undefined;
  /** What was learned of earlier calls; the whole ledger is read where it is left out. */
  readonly learned?: () => Promise<Learned>;
}

/** What earlier calls say of those to come. */
export class Learned {
  readonly history = new CallHistory();
  readonly attempts = new DailyAttempts();

  add(entry: LedgerEntry): void {
    this.history.add(entry);
    this.attempts.add(entry);
  }
}

/** Learns from a ledger, as far as it is read. */
export function learnerOf(ledger: string): LedgerReader<Learned> {
  return new LedgerReader(ledger, () => new Learned());
}

export async function pricePlan(plan: Plan, options: PricingOptions = {}): Promise<PlanPrice> {
  const calls = await callsAhead(plan, options.rendered ?? Infinity, options.lookUp);
  const found = { cached: calls.cached, ...(calls.team === undefined ? {} : { team: calls.team }) };
  if (calls.count === 0 || options.calls === 'none') return { ...NO_CALLS, ...found };
  const { graph, layout } = plan.session.loaded;
  const { history, attempts } = (await options.learned?.()) ?? learnerOf(layout.ledger).readToEnd();
  const ahead = forecast(graph, plan.session.index, history);
  const kinds = kindsOf(graph, calls, {
    ahead,
    batched: batchedIn(plan.session.loaded.settings, options.batch),
  });
  const batches = batchPlanOf(kinds);
  const direct = kinds.filter(({ way }) => way === 'directly');
  return {
    ...summed(kinds.filter(({ way }) => way !== 'nowhere')),
    ...found,
    ...(direct.length === 0 ? {} : { duration: durationOf(plan, direct, { ...options, attempts }) }),
    ...defined({ batches }),
  };
}

/** The calls of one template to one model. */
interface Kind extends BatchKind {
  readonly template: GraphTemplate;
  readonly factor: number;
  readonly callMs: number;
  calls: number;
  promptTokens: number;
  /** Of the longest prompt among them. */
  longest: number;
  certain: number;
  certainPromptTokens: number;
}

/** In the order of their first rows. Parents come before children, so a child's prompt can be taken to hold what is expected above. */
function kindsOf(graph: Graph, calls: CallsAhead, { ahead, batched }: Looking): readonly Kind[] {
  const { certainty, promptTokens } = calls;
  const { template, askSet, parent, size } = graph;
  const templates = graph.boundTemplates.length;
  const kinds: Kind[] = [];
  const known: (Kind | undefined)[] = Array.from({ length: graph.asks.length * templates });
  const placeOf = (row: number): number => (askSet[row] ?? 0) * templates + (template[row] ?? 0);
  for (let row = 0; row < size; row++) {
    if (certainty[row] === 0) continue;
    const place = placeOf(row);
    let kind = known[place];
    if (kind === undefined) {
      kind = kindAt(graph, row, { ahead, batched });
      known[place] = kind;
      kinds.push(kind);
    }
    const own = promptTokens[row] ?? UNCOUNTED;
    const above = parent[row] ?? -1;
    const held = above >= 0 && certainty[above] !== 0 ? known[placeOf(above)]?.reply : undefined;
    const { median, p90 } = own === UNCOUNTED ? ahead.prompt(row, held) : exactly(own);
    kind.calls++;
    kind.promptTokens += Math.ceil(p90 * kind.factor);
    kind.longest = Math.max(kind.longest, Math.ceil(p90 * Math.max(kind.factor, 1)));
    if (certainty[row] !== CERTAIN) continue;
    kind.certain++;
    kind.certainPromptTokens += Math.ceil(median * kind.factor);
  }
  return kinds;
}

interface Looking {
  readonly ahead: Forecast;
  readonly batched: ReturnType<typeof batchedIn>;
}

function kindAt(graph: Graph, row: number, { ahead, batched }: Looking): Kind {
  const { template, stage, work } = taskAt(graph, row);
  if (work.kind === 'copy') throw new RangeError(`row ${row} asks nobody`);
  const { ask } = work;
  const way = batched(ask);
  return {
    template,
    ...way,
    stage,
    billed: way.way === 'directly' ? ahead.billed(ask.model, stage, way.price) : undefined,
    reply: ahead.reply({ row, stage, template }, ask),
    factor: ahead.factor(ask.model),
    callMs: ahead.callMs(ask.model),
    calls: 0,
    promptTokens: 0,
    longest: 0,
    certain: 0,
    certainPromptTokens: 0,
  };
}

/** Stages as they follow one another, then models, then pools. */
const LINE_ORDER: readonly PriceLine['by'][] = ['stage', 'model', 'pool'];

const NO_CALLS = { lower: NOTHING, upper: NOTHING, unpriced: [], seen: 0, unseen: 0, cap: 0, lines: [] };

function summed(kinds: readonly Kind[]): Omit<PlanPrice, 'cached' | 'team' | 'duration'> {
  const lines = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const { template, ask } = kind;
    for (const key of [`stage ${template.stage}`, `model ${ask.modelId}`, `pool ${ask.pool}`]) {
      const line = lines.get(key) ?? [];
      line.push(kind);
      lines.set(key, line);
    }
  }
  const unpriced = new Set(kinds.flatMap(({ price, ask }) => (price === undefined ? [ask.modelId] : [])));
  const sums = sumOfKinds(kinds);
  return {
    ...sums,
    cap: sums.upper.usd + Math.max(0, ...kinds.map(marginOf)),
    unpriced: [...unpriced].sort(),
    lines: LINE_ORDER.flatMap((by) =>
      [...lines]
        .filter(([key]) => key.startsWith(`${by} `))
        .map(([key, own]) => ({ by, name: key.slice(by.length + 1), ...sumOfKinds(own) })),
    ),
  };
}

function sumOfKinds(kinds: readonly Kind[]): Omit<PriceLine, 'by' | 'name'> {
  // Templates that a model never answered under rest on the same replies.
  const bases = new Map(
    kinds.flatMap(({ reply: { basis } }) =>
      basis === undefined ? [] : [[basis.group, basis.replies] as const],
    ),
  );
  const known = kinds.filter((kind) => kind.billed !== undefined);
  const billed = known.reduce((sum, { price, calls }) => sum + (price === undefined ? 0 : calls), 0);
  const unpriced = known.filter(({ price }) => price === undefined);
  const asBilled = unpriced.reduce((sum, kind) => sum + kind.calls * (kind.billed ?? 0), 0);
  return {
    ...sumOfBounds(kinds),
    ...(billed === 0 ? {} : { billed }),
    ...(unpriced.length === 0 ? {} : { unpricedAsBilled: asBilled }),
    seen: [...bases.values()].reduce((sum, replies) => sum + replies, 0),
    unseen: kinds.reduce((sum, { reply, calls }) => sum + (reply.basis === undefined ? calls : 0), 0),
  };
}

/** What a cap sets aside for a call of the kind beyond what it is expected to cost. */
function marginOf({ ask, price, reply, longest }: Kind): number {
  if (price === undefined) return 0;
  const ceiling = costOfTokens(price, Math.ceil(longest * PROMPT_MARGIN), mostTokens(ask));
  return ceiling - costOfTokens(price, longest, reply.p90);
}

/** Pools work side by side, but a chain's stages come one after the other. */
function durationOf(
  { session: { options, loaded } }: Plan,
  kinds: readonly Kind[],
  { concurrency, attempts }: { concurrency?: number | undefined; attempts: DailyAttempts },
): Duration {
  const loads = new Map<string, PoolLoad>();
  const slowest = new Map<string, number>();
  for (const { ask, template, reply, callMs, calls, promptTokens } of kinds) {
    const { pool } = ask;
    const load = loads.get(pool) ?? { pool, calls: 0, callMs: 0, tokens: 0 };
    loads.set(pool, {
      pool,
      callMs: (load.callMs * load.calls + callMs * calls) / (load.calls + calls),
      calls: load.calls + calls,
      tokens: load.tokens + promptTokens + calls * reply.p90,
    });
    slowest.set(template.stage, Math.max(slowest.get(template.stage) ?? 0, callMs));
  }
  const pools = poolsFor({
    settings: loaded.settings,
    names: new Set(loads.keys()),
    concurrency,
    attempts: () => attempts,
    now: options.now(),
  });
  const duration = estimateDuration(pools, [...loads.values()]);
  const chain = [...slowest.values()].reduce((sum, ms) => sum + ms, 0);
  return { ...duration, ms: Math.max(duration.ms, chain) };
}
