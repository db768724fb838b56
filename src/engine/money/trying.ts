// Asks each model one tiny question, to see that it answers, in what time, at what cost, and which settings of the project it refuses.
// Makes no generation; its calls stand in the ledger.
import type { Clock } from '../../model/clock.ts';
import { openHttp } from '../../http.ts';
import { askOf } from '../../graph/bindtables.ts';
import { budgetIn, samplingFor, shortened } from '../../graph/asking.ts';
import type { Ask } from '../../graph/graph.ts';
import { attemptLine } from '../../model/call.ts';
import { problemOfFailure } from '../../model/diagnosis.ts';
import { cutPrompt } from '../../model/money/cutprompt.ts';
import { ceilingOf, costOf, priceOfAsk, type CostSource } from '../../model/money/prices.ts';
import { estimateTokens } from '../../model/money/tokens.ts';
import { createOfflineModel } from '../../model/offline.ts';
import { remedyFor } from '../../model/providers/remedies.ts';
import type { ModelOutcome, ModelReply, ModelRequest, Provider } from '../../model/provider.ts';
import { OFFLINE, type Settings } from '../../config.ts';
import type { ProviderSettings } from '../../model/providers/settings.ts';
import { problem, ProblemError } from '../../problem.ts';
import { openLedger } from '../../store/ledger/ledger.ts';
import { didYouMean } from '../../text/nearest.ts';
import { providerOf } from '../build/answerer.ts';
import { bindSettings } from '../project/modelrules.ts';
import type { ModelPrices } from './modelprices.ts';
import { defined } from '../../defined.ts';

/** A question that is not asked yet. */
export interface Trial {
  readonly id: string;
  readonly ask: Ask;
  readonly request: ModelRequest;
  /** USD at most; undefined where nobody knows the price. */
  readonly ceiling: number | undefined;
}

export interface RefusedSetting {
  readonly setting: string;
  /** What to write into the config; absent where that can not be told. */
  readonly line?: string;
}

export interface Tried {
  readonly id: string;
  readonly model: string;
  readonly provider: string;
  readonly answered: boolean;
  /** What it said, or why it did not. */
  readonly text: string;
  readonly seconds: number;
  /** USD; absent where nobody knows. */
  readonly cost?: number;
  readonly costFrom?: CostSource;
  /** Whether it may have been billed although its cost is not known: an answer without a price, or one that was lost on the way. */
  readonly costUnknown: boolean;
  /** As the server counted them, and as we do. */
  readonly promptTokens?: number;
  readonly promptEstimate: number;
  /** The server counted so few that it can not have read the whole prompt. */
  readonly cut: boolean;
  /** Settings of the project that it refuses. */
  readonly refused: readonly RefusedSetting[];
}

const QUESTION = 'Reply with one word: ready';
/** Enough for a few thoughts. */
const MOST_TOKENS = 500;
/** Tokens of the question where a server of one's own may cut prompts: more than such servers take by themselves. */
const LONG_QUESTION = 6000;

/** Throws a ProblemError for a name that no model has. No names: all of them. */
export function trialsOf({ settings, catalog }: ModelPrices, names: readonly string[]): readonly Trial[] {
  const unknown = names.find((name) => !catalog.has(name));
  if (unknown !== undefined)
    throw new ProblemError([
      problem(
        'DD102',
        `there is no model ${unknown} in llm_models.csv${didYouMean(unknown, catalog.keys())}`,
      ),
    ]);
  const binding = bindSettings(settings);
  return [...catalog.values()]
    .filter(({ id }) => names.length === 0 || names.includes(id))
    .map((model) => {
      const stage = model.forGeneration ? 'draft' : 'evaluation';
      const ask = askOf(model, stage, binding);
      const price = ask.provider === OFFLINE ? { input: 0, output: 0 } : priceOfAsk(ask);
      const long = price?.input === 0 && price.output === 0 && mayCut(settings.providers[ask.provider]);
      const { temperature, transport, tokensField } = ask;
      // A budget of thoughts must be smaller than the limit.
      const most = MOST_TOKENS + budgetIn(ask.sampling);
      const request: ModelRequest = defined({
        prompt: long ? longQuestion() : QUESTION,
        model: ask.model,
        temperature,
        maxTokens: Math.min(ask.maxTokens, most),
        sampling: shortened(samplingFor(ask, 1), most),
        transport,
        tokensField,
        stage,
        replicate: 1,
      });
      const ceiling = price === undefined ? undefined : ceilingOf(request, price);
      return { id: model.id, ask, request, ceiling };
    });
}

/** A context's length may be set too short where a server is one's own: known to be, or without TLS. */
function mayCut(provider: ProviderSettings | undefined): boolean {
  return provider?.ignores.includes('num_ctx') === true || provider?.baseURL.startsWith('http:') === true;
}

/** Numbers, which no tokenizer makes fewer tokens of than we count. */
function longQuestion(): string {
  const lines = Array.from({ length: LONG_QUESTION / 4 }, (_, at) => `line ${at} of many`);
  return `${lines.join('\n')}\n${QUESTION}`;
}

export interface TryOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The ledger's path. */
  readonly ledger: string;
  readonly hear: (tried: Tried) => void;
}

/** Asks one after the other, each as often as it refuses another setting. A refused request is not billed. */
export async function tryModels(
  { settings }: Pick<ModelPrices, 'settings'>,
  trials: readonly Trial[],
  options: TryOptions,
): Promise<readonly Tried[]> {
  const { environment, clock, signal } = options;
  const http = openHttp(options);
  const ledger = openLedger(options.ledger);
  const found: Tried[] = [];
  try {
    for (const trial of trials) {
      if (signal.aborted) break;
      const name = trial.ask.provider;
      const answering = (changed: Partial<ProviderSettings>): Provider =>
        name === OFFLINE
          ? createOfflineModel()
          : providerOf(
              {
                settings: withProvider(settings, name, changed),
                environment,
                clock,
                withoutKey: 'fail',
                asIs: true,
              },
              name,
              http,
            );
      const tried = await tryOne(trial, answering, { ...options, record: (line) => ledger.record(line) });
      found.push(tried);
      options.hear(tried);
    }
  } finally {
    ledger.close();
  }
  return found;
}

function withProvider(settings: Settings, name: string, changed: Partial<ProviderSettings>): Settings {
  const provider = settings.providers[name];
  if (provider === undefined) return settings;
  return { ...settings, providers: { ...settings.providers, [name]: { ...provider, ...changed } } };
}

interface Trying extends TryOptions {
  readonly record: (entry: ReturnType<typeof attemptLine>) => void;
}

async function tryOne(
  trial: Trial,
  answering: (changed: Partial<ProviderSettings>) => Provider,
  options: Trying,
): Promise<Tried> {
  const { clock, signal, record } = options;
  const refused: RefusedSetting[] = [];
  let { request } = trial;
  let changed: Partial<ProviderSettings> = {};
  let provider = answering(changed);
  for (let number = 1; ; number++) {
    const started = clock.ticks();
    const outcome = await provider.ask(request, signal);
    const durationMs = clock.ticks() - started;
    const call = { genId: 'try', provider: provider.name, pool: trial.ask.pool, request, priority: 0 };
    const price = priceOfAsk(trial.ask);
    if (provider.paid && (outcome.kind === 'reply' || outcome.unsent !== true))
      record({
        ...attemptLine({
          call: price === undefined ? call : { ...call, price },
          provider,
          number,
          outcome,
          durationMs,
          endedAt: clock.now(),
        }),
        // Not the outcome of a generation: nothing is learned from it but what it cost.
        ...(outcome.kind === 'reply' ? { outcome: 'tried' } : {}),
      });
    const setting = outcome.kind === 'failure' ? outcome.setting : undefined;
    const again = refused.some((each) => each.setting === setting);
    const without = setting === undefined || again ? undefined : leftOut(request, setting);
    if (setting !== undefined && !again)
      refused.push(defined({ setting, line: remedyFor(setting, named(trial)) }));
    if (without === undefined) return triedOf(trial, { outcome, request, refused, durationMs, provider });
    if (setting === 'stream') changed = { ...changed, stream: false };
    if (setting === 'stream_options') changed = { ...changed, streamUsage: false };
    if (setting === 'stream' || setting === 'stream_options') provider = answering(changed);
    request = without;
  }
}

const named = ({ id, ask }: Trial): Parameters<typeof remedyFor>[1] => ({ ...ask, modelId: id });

/** The request without the setting; undefined where it has none of that name, or can not do without. */
function leftOut(request: ModelRequest, setting: string): ModelRequest | undefined {
  const { temperature, tokensField = 'max_tokens', sampling, transport = {}, ...rest } = request;
  const base = { ...rest, sampling, transport };
  const kept = defined({ temperature, tokensField });
  if (setting === 'stream' || setting === 'stream_options') return request;
  if (setting === 'temperature') return temperature === undefined ? undefined : { ...base, tokensField };
  if (setting === tokensField)
    return {
      ...base,
      ...kept,
      tokensField: setting === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens',
    };
  if (Object.hasOwn(sampling, setting)) return { ...base, ...kept, sampling: without(sampling, setting) };
  if (Object.hasOwn(transport, setting)) return { ...base, ...kept, transport: without(transport, setting) };
  return undefined;
}

function without(settings: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([each]) => each !== name));
}

interface Ended {
  readonly outcome: ModelOutcome;
  readonly request: ModelRequest;
  readonly refused: readonly RefusedSetting[];
  readonly durationMs: number;
  readonly provider: Provider;
}

function triedOf({ id, ask }: Trial, { outcome, request, refused, durationMs, provider }: Ended): Tried {
  const head = {
    id,
    model: ask.model,
    provider: ask.provider,
    seconds: Math.round(durationMs) / 1000,
    promptEstimate: estimateTokens(request.prompt),
    refused,
  };
  const price = provider.paid ? priceOfAsk(ask) : { input: 0, output: 0 };
  const { usage } = outcome;
  const reply = outcome.kind === 'reply' ? outcome.text : '';
  const cost = usage === undefined ? undefined : costOf(usage, price, { prompt: request.prompt, reply });
  const money = defined({ cost: cost?.usd, costFrom: cost?.source });
  if (outcome.kind === 'failure') {
    const text = problemOfFailure(outcome, ask.model, {}).message;
    const costUnknown = outcome.lostReply === true || (usage !== undefined && cost === undefined);
    return { ...head, answered: false, text, ...money, costUnknown, cut: false };
  }
  return defined({
    ...head,
    answered: outcome.refusal === undefined,
    text: saidBy(outcome),
    ...money,
    costUnknown: cost === undefined,
    promptTokens: outcome.usage.promptTokens,
    // Of a question whose words are known so few tokens are too few, however short it is.
    cut: cutPrompt(outcome, request.prompt, 0) !== undefined,
  });
}

function saidBy({ text, refusal }: ModelReply): string {
  if (text !== '') return text;
  return refusal === 'only_thoughts' ? 'nothing but thoughts, until its tokens were used up' : 'nothing';
}
