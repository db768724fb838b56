// Who answers: providers and pools from the settings, one dispatcher for a build. Knows no graph order and no artifact.
import { hostname } from 'node:os';
import { OFFLINE, type Settings } from '../../config.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import type { Agreement } from '../../model/money/agreement.ts';
import type { Budget } from '../../model/money/budget.ts';
import { openHttp, type Http } from '../../http.ts';
import type { Clock } from '../../model/clock.ts';
import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../model/pools/dispatcher.ts';
import type { DispatchOutcome } from '../../model/call.ts';
import { problemOfFailure, problemOfLedger } from '../../model/diagnosis.ts';
import { createOfflineModel } from '../../model/offline.ts';
import { createOpenAiProvider } from '../../model/client/openai.ts';
import { priceOfAsk } from '../../model/money/prices.ts';
import { remedyFor } from '../../model/providers/remedies.ts';
import type { CallFailure, ModelRequest, Provider } from '../../model/provider.ts';
import type { Shard } from '../../graph/shard.ts';
import { samplingFor } from '../../graph/asking.ts';
import { taskAt, type Graph } from '../../graph/graph.ts';
import { LOCAL } from '../../run/loop.ts';
import type { Answer, AnswerQuestion, Sending } from '../../run/answer.ts';
import type { Question } from '../../run/question.ts';
import { openLedger, type Ledger, type LedgerEntry } from '../../store/ledger/ledger.ts';
import { NOTHING_SPENT, spendingOf } from '../../store/ledger/spending.ts';
import { LedgerReader } from '../../store/ledger/reader.ts';
import { DailyAttempts } from '../../store/ledger/totals.ts';
import type { Layout } from '../../store/layout.ts';
import { attemptedRows, type Plan } from '../plan/plan.ts';
import { concurrencyOf, poolsFor } from '../plan/pools.ts';
import { keyOf, keyProblems } from '../../model/providers/keys.ts';
import { FROM } from '../../plan/verdict.ts';
import { defined } from '../../defined.ts';
import { untilThere } from './ground.ts';
import type { Oddities } from './oddities.ts';
import { ledgerPlace } from '../../store/writing/lodging.ts';

export interface AnswererOptions {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Names of the providers and pools that the plan may need. */
  readonly providers: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  readonly concurrency?: number | undefined;
  /** Of several processes that share the work, which this is: stands in the ledger. */
  readonly shard?: Shard | undefined;
  /** What the calls may cost together; answerers may share one. */
  readonly budget?: Budget | undefined;
  /** What was agreed to for the run that is on; calls that `expect` more than is left of it wait until somebody agrees to more. */
  readonly agreement?: (() => Agreement | undefined) | undefined;
  /** USD that a call is expected to cost at most, by what is known of calls like it. */
  readonly expect?: ((question: Question) => number | undefined) | undefined;
  /** Of earlier calls; the whole ledger is read where it is left out. */
  readonly attempts?: () => DailyAttempts;
  /** `only`: nobody is asked, so neither keys nor pools are needed. */
  readonly cache?: 'use' | 'only';
  /** What a missing key does: refuses everything at once, or fails the calls that turn out to be needed. */
  readonly withoutKey?: 'refuse' | 'fail';
  readonly onChange?: () => void;
  readonly onHealth?: DispatcherOptions['onHealth'];
  /** Hears what is odd about replies, each thing once. */
  readonly odd?: Oddities;
}

export interface Answerer {
  readonly answer: AnswerQuestion;
  readonly windowOf: (pool: string) => number;
  /** Undefined when no provider but the offline model is asked. */
  readonly dispatcher: Dispatcher | undefined;
  /** What waits at a pool is not sent any more; what is in flight goes on. */
  readonly stopStarting: () => void;
  /** Why nothing is asked any more although there is work left. */
  readonly trouble: () => Problem | undefined;
  readonly close: () => void;
}

export function openAnswerer(options: AnswererOptions): Answerer {
  const { settings, layout, clock } = options;
  const offline = createOfflineModel();
  const paid = options.cache === 'only' ? [] : [...options.providers].filter((name) => name !== OFFLINE);
  const http = openHttp(options);
  const providers = new Map(
    paid.map((name) => [name, grounded(providerOf(options, name, http), layout.dataRoot)]),
  );
  const ledger = watchedLedger(layout, options.shard);
  const dispatcher = paid.length === 0 ? undefined : openDispatcher(options, providers, ledger);
  return {
    dispatcher,
    windowOf: (pool) => windowOf(settings, pool, options.concurrency),
    stopStarting: () => dispatcher?.stopStarting(),
    trouble: ledger.trouble,
    close: ledger.close,
    async answer(question, sending, signal) {
      const request = requestOf(question);
      const started = clock.ticks();
      if (question.ask.provider === OFFLINE) return offlineAnswer(offline, request, signal);
      if (dispatcher === undefined) return { kind: 'aborted' };
      const expectedUsd = options.expect?.(question);
      const call = defined({ ...callOf(question, sending, request), expectedUsd });
      const outcome = await dispatcher.submit(call, signal);
      if (outcome.kind === 'reply')
        options.odd?.(outcome.reply, { ...question.ask, prompt: question.prompt.text });
      return answerOf(question, outcome, clock.ticks() - started);
    },
  };
}

/** What came is handed on once it can be kept: a data root that is moved away for a moment is waited for. */
function grounded(provider: Provider, dataRoot: string): Provider {
  return {
    ...provider,
    async ask(...asked) {
      const outcome = await provider.ask(...asked);
      await untilThere(dataRoot);
      return outcome;
    },
  };
}

/** Of several processes that share the work: what the ledger says of one. */
export function originOf(shard: Shard | undefined): Pick<LedgerEntry, 'shard' | 'host'> {
  return shard === undefined ? {} : { shard: `${shard.index}/${shard.of}`, host: hostname() };
}

/** The ledger, remembering why it could not be written. To close it never throws: that would hide where a paid reply was put. */
function watchedLedger(layout: Layout, shard: Shard | undefined): Ledger & Pick<Answerer, 'trouble'> {
  const origin = originOf(shard);
  const ledger = openLedger(() => ledgerPlace(layout));
  let trouble: Problem | undefined;
  const note = (error: unknown): void => {
    trouble ??= problemOfLedger(layout.ledger, error instanceof Error ? error.message : String(error));
  };
  return {
    record(entry) {
      try {
        ledger.record({ ...entry, ...origin });
      } catch (error) {
        note(error);
        throw error;
      }
    },
    trouble: () => trouble,
    close() {
      try {
        ledger.close();
      } catch (error) {
        note(error);
      }
    },
  };
}

async function offlineAnswer(offline: Provider, request: ModelRequest, signal: AbortSignal): Promise<Answer> {
  const outcome = await offline.ask(request, signal);
  if (outcome.kind === 'failure')
    return {
      kind: 'failure',
      reason: outcome.cause,
      message: outcome.message,
      attempts: [],
      spent: NOTHING_SPENT,
    };
  return { kind: 'reply', reply: outcome, attempts: [], spent: NOTHING_SPENT, durationMs: 0 };
}

/** Throws when calls are sure to be made for which a key is missing. Others fail if they turn out to be needed. */
export function requireKeys(plan: Plan, environment: AnswererOptions['environment']): void {
  const { graph, settings } = plan.session.loaded;
  const { from, cause } = plan.judge.verdicts;
  const sure = attemptedRows(plan).filter((row) => cause[row] === -1 && from[row] !== FROM.parse);
  const problems = keyProblems({ settings, environment }, needsOf(graph, sure).providers);
  if (problems.length > 0) throw new ProblemError(problems);
}

/** Providers and pools that these rows may ask. */
export function needsOf(
  graph: Graph,
  rows: readonly number[],
): { providers: ReadonlySet<string>; pools: ReadonlySet<string> } {
  const providers = new Set<string>();
  const pools = new Set<string>();
  for (const row of rows) {
    const { work } = taskAt(graph, row);
    if (work.kind === 'copy') continue;
    providers.add(work.ask.provider);
    pools.add(work.ask.pool);
  }
  return { providers, pools };
}

/** The provider of a name, with its key; a missing key is a problem before anything is asked. */
export function providerOf(
  options: Pick<AnswererOptions, 'settings' | 'environment' | 'clock' | 'withoutKey'> & {
    readonly asIs?: boolean;
  },
  name: string,
  http: Http,
): Provider {
  const { settings, clock } = options;
  const missing = keyProblems(options, [name]);
  const [first] = missing;
  if (first !== undefined && options.withoutKey !== 'fail') throw new ProblemError(missing);
  if (first !== undefined) return keyless(name, first.message);
  const { baseURL, headers, stream, streamUsage } = settings.providers[name] ?? NOBODY;
  const apiKey = keyOf(options, name);
  const { call, idle } = settings.timeouts;
  return createOpenAiProvider({
    name,
    baseURL,
    apiKey,
    headers,
    stream,
    streamUsage,
    asIs: options.asIs,
    timeoutMs: call,
    idleTimeoutMs: idle,
    http,
    now: () => clock.now(),
  });
}

const NOBODY = { baseURL: '', headers: {}, stream: true, streamUsage: true };

function keyless(name: string, message: string): Provider {
  return {
    name,
    paid: true,
    ask: () => Promise.resolve({ kind: 'failure', cause: 'auth', message, unsent: true }),
  };
}

function openDispatcher(
  options: AnswererOptions,
  providers: ReadonlyMap<string, Provider>,
  ledger: { record(entry: LedgerEntry): void },
): Dispatcher {
  const { settings, clock, random, budget, agreement, layout } = options;
  const pools = poolsFor({
    settings,
    names: options.pools,
    concurrency: options.concurrency,
    attempts:
      options.attempts ?? (() => new LedgerReader(layout.ledger, () => new DailyAttempts()).readToEnd()),
    now: clock.now(),
  });
  return createDispatcher(
    defined({
      providers,
      pools,
      clock,
      random,
      ledger,
      budget,
      agreement,
      onChange: options.onChange,
      onHealth: options.onHealth,
    }),
  );
}

/** Rows that ask nobody are held up by the disk alone: so many may be on their way there. */
const LOCAL_WINDOW = 256;

/** Rows that may be rendered and waiting for a place in a pool: enough that it never runs dry. */
function windowOf(settings: Settings, pool: string, concurrency: number | undefined): number {
  if (pool === LOCAL) return LOCAL_WINDOW;
  const limit = concurrencyOf(settings, pool, concurrency);
  return limit === 'auto' ? 512 : limit * 2 + 16;
}

export function requestOf({ task, ask, prompt }: Question): ModelRequest {
  const { model, temperature, maxTokens, transport, tokensField } = ask;
  return defined({
    prompt: prompt.text,
    model,
    temperature,
    maxTokens,
    sampling: samplingFor(ask, task.replicate),
    transport,
    tokensField,
    stage: task.stage,
    replicate: task.replicate,
  });
}

export function callOf(
  { task, ask }: Question,
  { priority, cohort, onSent }: Sending,
  request: ModelRequest,
): Parameters<Dispatcher['submit']>[0] {
  const price = priceOfAsk(ask);
  const { genId, template } = task;
  const rest = {
    genId,
    provider: ask.provider,
    pool: ask.pool,
    request,
    priority,
    cohort,
    template: template.id,
    onSent,
  };
  return price === undefined ? rest : { ...rest, price };
}

/** With the line for the config, where the provider refused a setting. */
function failureText(failure: CallFailure, { task, ask }: Question): string {
  const { message } = problemOfFailure(failure, ask.model, { genId: task.genId });
  const { setting } = failure;
  const line = setting === undefined ? undefined : remedyFor(setting, { ...ask, modelId: task.modelId });
  return line === undefined ? message : `${message}; in daydream.config.ts: ${line}`;
}

function answerOf(question: Question, outcome: DispatchOutcome, durationMs: number): Answer {
  const spent = spendingOf(outcome.attempts);
  const attempts = outcome.attempts.map(
    ({ when, attempt, outcome: how, status, message, duration_ms, request_id }) => ({
      when,
      attempt,
      outcome: how,
      status,
      message,
      duration_ms,
      request_id,
    }),
  );
  switch (outcome.kind) {
    case 'reply':
      return { kind: 'reply', reply: outcome.reply, attempts, spent, durationMs };
    case 'failure':
      return {
        kind: 'failure',
        reason: outcome.failure.cause,
        message: failureText(outcome.failure, question),
        attempts,
        spent,
      };
    case 'parked':
      return { kind: 'parked', pool: outcome.pool, until: outcome.until };
    case 'over_budget':
    case 'over_agreed':
    case 'aborted':
      return { kind: outcome.kind };
    default:
      return outcome satisfies never;
  }
}
