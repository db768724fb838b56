// A dispatcher on a simulated clock, with a provider whose answers a test writes. Knows no HTTP.
import { createDispatcher } from '../../src/model/pools/dispatcher.ts';
import type { Dispatcher, DispatcherOptions } from '../../src/model/pools/dispatcher.ts';
import type { Call } from '../../src/model/call.ts';
import type { PoolSettings } from '../../src/model/pools/pool.ts';
import type {
  CallFailure,
  ModelOutcome,
  ModelReply,
  ModelRequest,
  Provider,
} from '../../src/model/provider.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { simulatedClock } from './simulatedclock.ts';
import type { SimulatedClock } from './simulatedclock.ts';

export const never = new AbortController().signal;

export function reply(change: Partial<ModelReply> = {}): ModelReply {
  return { kind: 'reply', text: 'text', finishReason: 'stop', truncated: false, usage: {}, ...change };
}

export function failed(cause: CallFailure['cause'], change: Partial<CallFailure> = {}): CallFailure {
  return { kind: 'failure', cause, message: cause, ...change };
}

/** What sets so much aside under a cap: it costs nothing by its price, and is expected to cost this. */
export function settingAside(usd: number): Partial<Call> {
  return { price: { input: 0, output: 0 }, expectedUsd: usd };
}

export function call(name: string, change: Partial<Call> = {}): Call {
  const request: ModelRequest = {
    prompt: name,
    model: 'maker/one',
    temperature: 0.7,
    maxTokens: 100,
    sampling: {},
    stage: 'draft',
    replicate: 1,
  };
  return { genId: `d_${name}`, provider: 'real', pool: 'main', priority: 0, request, ...change };
}

export interface Sent {
  readonly name: string;
  readonly at: number;
}

export interface Dispatching {
  readonly dispatcher: Dispatcher;
  readonly clock: SimulatedClock;
  readonly lines: readonly LedgerEntry[];
  readonly sent: readonly Sent[];
  /** The most attempts that were in flight at once. */
  readonly most: () => number;
}

/** So much simulated time lies between an attempt and its outcome. */
export function dispatching(
  answer: (name: string, attempt: number) => ModelOutcome,
  settings: Partial<DispatcherOptions> & {
    readonly pool?: Partial<PoolSettings>;
    readonly latencyMs?: () => number;
  } = {},
): Dispatching {
  const { pool, latencyMs = () => 1000, ...options } = settings;
  const clock = simulatedClock();
  const lines: LedgerEntry[] = [];
  const sent: Sent[] = [];
  const attempts = new Map<string, number>();
  let open = 0;
  let most = 0;
  const provider: Provider = {
    name: 'real',
    paid: true,
    async ask({ prompt }, signal) {
      sent.push({ name: prompt, at: clock.now() });
      const attempt = (attempts.get(prompt) ?? 0) + 1;
      attempts.set(prompt, attempt);
      open += 1;
      most = Math.max(most, open);
      await clock.sleep(latencyMs(), signal);
      open -= 1;
      return signal.aborted ? failed('aborted', { lostReply: true }) : answer(prompt, attempt);
    },
  };
  const dispatcher = createDispatcher({
    providers: new Map([['real', provider]]),
    pools: [{ name: 'main', concurrency: 1, ...pool }],
    clock,
    random: () => 0.5,
    ledger: { record: (entry) => void lines.push(entry) },
    ...options,
  });
  return { dispatcher, clock, lines, sent, most: () => most };
}
