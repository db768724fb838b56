// Takes calls to an answer: through their pool, within the cap, again after failures, each attempt on the ledger. Knows no HTTP and no artifacts.
//
//   submit ─▶ waits in its pool ─▶ reserves money ─▶ one attempt ─▶ settles, writes the ledger
//                ▲                                        │
//                └── after a backoff, or a pause ◀── retry table ──▶ reply · failure · parked
//
// An attempt in flight holds a place of its pool and money of the budget; a call that waits, for whatever, holds neither.
import { mostTokens } from '../../graph/asking.ts';
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import { addSpending, knownUsd, NOTHING_SPENT, spendingOf, unknownIn } from '../../store/ledger/spending.ts';
import { AbortWatch } from './abortwatch.ts';
import type { Agreement } from '../money/agreement.ts';
import type { Budget, BudgetState } from '../money/budget.ts';
import { attemptLine } from '../call.ts';
import type { Call, DispatchOutcome } from '../call.ts';
import type { Clock } from '../clock.ts';
import { failure } from '../client/failure.ts';
import type { HealthChange } from './health.ts';
import { SetAside } from './setaside.ts';
import { Sickbay, type RestingProvider } from './sickbay.ts';

import { Pool } from './pool.ts';
import type { PoolSettings, PoolSnapshot, Turn } from './pool.ts';
import { estimateTokens } from '../money/tokens.ts';
import type { CallFailure, ModelOutcome, Provider } from '../provider.ts';
import { decide, RETRY_POLICY } from './retry.ts';
import type { Decision, RetryPolicy } from './retry.ts';
import { defined } from '../../defined.ts';

export interface DispatcherOptions {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly pools: readonly PoolSettings[];
  readonly clock: Clock;
  /** From 0 up to 1, for the backoff's jitter. */
  readonly random: () => number;
  readonly ledger: { record(entry: LedgerEntry): void };
  /** Without one, nothing is capped. */
  readonly budget?: Budget;
  /** Of the run that is on; without one, nobody is asked for more while calls run. */
  readonly agreement?: (() => Agreement | undefined) | undefined;
  readonly retry?: RetryPolicy;
  /** Something that `snapshot` shows has changed. */
  readonly onChange?: () => void;
  /** A provider can not be reached and rests, is given up for a while, or answers again. */
  readonly onHealth?: (provider: string, change: HealthChange) => void;
}

export interface DispatcherSnapshot {
  readonly pools: readonly PoolSnapshot[];
  readonly resting: readonly RestingProvider[];
  readonly budget?: BudgetState;
  /** USD, of the attempts that were made here, as far as it is known. */
  readonly spent: number;
  /** Attempts among them whose cost nobody knows: what was lost on the way too, unless a budget has set that aside. */
  readonly unpriced: number;
  /** Why nothing starts any more, when the ledger cannot be written. */
  readonly ledgerFailure?: string;
}

/** A call on its way. */
interface Journey {
  readonly call: Call;
  readonly provider: Provider;
  readonly pool: Pool;
  readonly turn: Turn;
  readonly attempts: LedgerEntry[];
  readonly signal: AbortSignal;
  /** Set while the call waits, in its pool or for a retry: asks again whether it still should. */
  reconsider: (() => void) | undefined;
  reserved: number;
  /** USD that were set aside of an agreement. */
  expected: number;
  agreement: Agreement | undefined;
  readonly resolve: (outcome: DispatchOutcome) => void;
  readonly reject: (bug: unknown) => void;
}

export interface Dispatcher {
  /** Resolves when the call is answered or out of the game. Rejects only for bugs: an unknown pool or provider. */
  submit(call: Call, signal: AbortSignal): Promise<DispatchOutcome>;
  snapshot(): DispatcherSnapshot;
  /** Nothing starts from now on: what waits resolves as aborted, what is in flight goes on to its end. */
  stopStarting(): void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new CallDispatcher(options);
}

/** A class, since it lives as long as a build. */
class CallDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #policy: RetryPolicy;
  readonly #pools: ReadonlyMap<string, Pool>;
  /** Providers that will answer nothing more: the key is refused, say. */
  readonly #closed = new Map<string, CallFailure>();
  readonly #waiting = new Set<Journey>();
  readonly #sickbay: Sickbay<Journey>;
  readonly #setAside = new SetAside<Journey>((journey) => this.#enter(journey));
  readonly #aborts = new AbortWatch<Journey>((journey) => journey.reconsider?.());
  #arrivals = 0;
  #spent = NOTHING_SPENT;
  #stopped = false;
  #ledgerFailure: string | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#policy = options.retry ?? RETRY_POLICY;
    this.#sickbay = new Sickbay(options.clock, (journey) => this.#enter(journey));
    this.#pools = new Map(
      options.pools.map((settings) => [settings.name, new Pool(settings, options.clock)]),
    );
  }

  submit(call: Call, signal: AbortSignal): Promise<DispatchOutcome> {
    return new Promise((resolve, reject) => {
      const journey = this.#journey({ call, signal, resolve, reject });
      this.#aborts.add(signal, journey);
      this.#enter(journey);
    });
  }

  snapshot(): DispatcherSnapshot {
    return defined({
      pools: [...this.#pools.values()].map((pool) => pool.snapshot()),
      resting: this.#sickbay.resting(),
      budget: this.#options.budget?.state(),
      spent: knownUsd(this.#spent),
      unpriced: this.#options.budget === undefined ? unknownIn(this.#spent) : this.#spent.unknown,
      ledgerFailure: this.#ledgerFailure,
    });
  }

  stopStarting(): void {
    this.#stopped = true;
    this.#reconsiderAll();
  }

  #reconsiderAll(): void {
    for (const journey of [...this.#waiting]) journey.reconsider?.();
  }

  #journey(from: {
    readonly call: Call;
    readonly signal: AbortSignal;
    readonly resolve: (outcome: DispatchOutcome) => void;
    readonly reject: (bug: unknown) => void;
  }): Journey {
    const { call } = from;
    const provider = this.#options.providers.get(call.provider);
    const pool = this.#pools.get(call.pool);
    if (provider === undefined) throw new Error(`no provider "${call.provider}"`);
    if (pool === undefined) throw new Error(`no pool "${call.pool}"`);
    this.#arrivals += 1;
    const turn: Turn = {
      priority: call.priority,
      arrival: this.#arrivals,
      tokens: estimateTokens(call.request.prompt) + mostTokens(call.request),
      admit: () => this.#admit(journey),
      start: () => void this.#attempt(journey),
      parked: (until) =>
        this.#end(journey, { kind: 'parked', pool: pool.name, until, attempts: journey.attempts }),
    };
    const journey: Journey = {
      ...from,
      provider,
      pool,
      turn,
      attempts: [],
      reconsider: undefined,
      reserved: 0,
      expected: 0,
      agreement: undefined,
    };
    return journey;
  }

  /** Into its pool, to wait for its turn. */
  #enter(journey: Journey): void {
    const out = this.#outOfGame(journey);
    if (out !== undefined) return this.#end(journey, out);
    this.#waiting.add(journey);
    journey.reconsider = () => {
      const now = this.#outOfGame(journey);
      if (now === undefined) return;
      this.#end(journey, now);
      journey.pool.remove(journey.turn);
    };
    journey.pool.add(journey.turn);
    this.#changed();
  }

  /** Why a call that has not started need not start any more. */
  #outOfGame({ call, signal, attempts }: Journey): DispatchOutcome | undefined {
    if (this.#stopped || signal.aborted) return { kind: 'aborted', attempts };
    const closed = this.#closed.get(call.provider);
    const failed = closed ?? this.#sickbay.givenUp(call.provider);
    return failed === undefined ? undefined : { kind: 'failure', failure: failed, attempts };
  }

  /** Out of its pool until it is entered again: others of the pool go on. */
  #stepOut(journey: Journey): 'drop' {
    this.#waiting.add(journey);
    journey.reconsider = () => {
      const out = this.#outOfGame(journey);
      if (out !== undefined) this.#end(journey, out);
    };
    return 'drop';
  }

  /** What an outcome says of the provider as a whole. */
  #note({ call: { provider } }: Journey, outcome: ModelOutcome): void {
    const change = this.#sickbay.seen(provider, outcome);
    if (change === undefined) return;
    this.#options.onHealth?.(provider, change);
    if (change.state === 'given_up') this.#reconsiderAll();
  }

  /** The last question before the start: is there money? */
  #admit(journey: Journey): 'start' | 'wait' | 'drop' {
    const { provider } = journey;
    const out = this.#outOfGame(journey);
    if (out !== undefined) {
      this.#end(journey, out);
      return 'drop';
    }
    if (this.#sickbay.admits(journey.call.provider) === 'later') {
      this.#sickbay.rest(journey.call.provider, journey);
      return this.#stepOut(journey);
    }
    if (!provider.paid) return 'start';
    const agreed = this.#admitAgreed(journey);
    if (agreed !== 'start') return agreed;
    const capped = this.#admitCapped(journey);
    if (capped !== 'start') journey.agreement?.settle(journey.expected, 0);
    return capped;
  }

  /** What is expected to pass what was agreed to waits until somebody has said yes to more. */
  #admitAgreed(journey: Journey): 'start' | 'wait' | 'drop' {
    const agreement = this.#options.agreement?.();
    journey.agreement = agreement;
    if (agreement === undefined) return 'start';
    journey.expected = journey.call.expectedUsd ?? 0;
    const reservation = agreement.reserve(journey.expected);
    if (reservation === 'reserved') return 'start';
    if (reservation === 'full') return 'wait';
    const asking = agreement.more(journey.expected);
    if (asking === undefined) {
      this.#end(journey, { kind: 'over_agreed', attempts: journey.attempts });
      return 'drop';
    }
    asking.then(() => this.#pumpAll(), journey.reject);
    return 'wait';
  }

  #admitCapped(journey: Journey): 'start' | 'wait' | 'drop' {
    const { call, attempts } = journey;
    const { budget } = this.#options;
    if (budget === undefined) return 'start';
    if (this.#setAside.admits(call) === 'later') {
      this.#setAside.wait(call, journey);
      return this.#stepOut(journey);
    }
    const usd = this.#setAside.amount(call);
    const reservation = budget.reserve(usd);
    switch (reservation) {
      case 'reserved':
        journey.reserved = usd;
        this.#setAside.sent(call);
        return 'start';
      case 'full':
        return 'wait';
      case 'over':
        this.#end(journey, { kind: 'over_budget', attempts });
        return 'drop';
      default:
        return reservation satisfies never;
    }
  }

  async #attempt(journey: Journey): Promise<void> {
    const { call, provider, pool, turn, signal } = journey;
    const { clock } = this.#options;
    this.#waiting.delete(journey);
    journey.reconsider = undefined;
    this.#changed();
    const started = clock.ticks();
    call.onSent?.();
    this.#sickbay.sent(call.provider);
    try {
      const outcome = await provider.ask(call.request, signal);
      this.#settle(journey, outcome, clock.ticks() - started);
      const decision = outcome.kind === 'failure' ? this.#decide(journey, outcome) : undefined;
      // Before its place is free: the next in line need not try what is known to rest.
      this.#note(journey, outcome);
      pool.finish(turn, outcome);
      this.#proceed(journey, outcome, decision);
    } catch (bug) {
      pool.finish(turn, failure('bad_reply', 'the provider broke its contract'));
      this.#aborts.remove(journey.signal, journey);
      this.#setAside.ended(call);
      journey.reject(bug);
    }
    if (this.#options.budget !== undefined || this.#options.agreement !== undefined) this.#pumpAll();
    this.#changed();
  }

  #pumpAll(): void {
    for (const each of this.#pools.values()) each.pump();
  }

  /** Money and ledger, at once and together: a reply that is known is a reply that is counted. */
  #settle(journey: Journey, outcome: ModelOutcome, durationMs: number): void {
    const { call, provider, attempts } = journey;
    const { budget, clock, ledger } = this.#options;
    const entry = attemptLine({
      call,
      provider,
      number: attempts.length + 1,
      outcome,
      durationMs,
      endedAt: clock.now(),
    });
    if (provider.paid) {
      const unknown = entry.maybe_billed === true || (outcome.kind === 'reply' && entry.cost === undefined);
      const actual = unknown ? 'unknown' : (entry.cost ?? 0);
      budget?.settle(journey.reserved, actual);
      journey.agreement?.settle(journey.expected, actual);
      this.#setAside.ended(call, entry);
    }
    this.#spent = addSpending(this.#spent, spendingOf([entry]));
    attempts.push(entry);
    if (outcome.kind === 'failure' && outcome.unsent === true) return;
    try {
      ledger.record(entry);
    } catch (error) {
      this.#ledgerFailure ??= error instanceof Error ? error.message : String(error);
      this.stopStarting();
    }
  }

  /** Looks the failure up, and does what it means for the others before the place in the pool is free again. */
  #decide({ call, pool, attempts }: Journey, failed: CallFailure): Decision {
    const { random } = this.#options;
    const decision = decide(failed, attempts.length, { policy: this.#policy, random });
    if (decision.kind === 'pause') pool.pause(decision.waitMs);
    if (decision.kind === 'park') pool.park(decision.waitMs);
    if (decision.kind === 'close') {
      this.#closed.set(call.provider, failed);
      this.#reconsiderAll();
    }
    return decision;
  }

  /** What a failure, or the reply, means for the call itself. */
  #proceed(journey: Journey, outcome: ModelOutcome, decision: Decision | undefined): void {
    const { attempts } = journey;
    if (outcome.kind === 'reply') return this.#end(journey, { kind: 'reply', reply: outcome, attempts });
    if (outcome.cause === 'aborted') return this.#end(journey, { kind: 'aborted', attempts });
    if (decision?.kind === 'retry') return void this.#waitAndEnter(journey, decision.waitMs);
    if (decision?.kind === 'pause' || decision?.kind === 'park') return this.#enter(journey);
    this.#end(journey, { kind: 'failure', failure: outcome, attempts });
  }

  async #waitAndEnter(journey: Journey, waitMs: number): Promise<void> {
    const controller = new AbortController();
    this.#waiting.add(journey);
    journey.reconsider = () => {
      if (this.#outOfGame(journey) !== undefined) controller.abort();
    };
    journey.reconsider();
    await this.#options.clock.sleep(waitMs, controller.signal);
    this.#waiting.delete(journey);
    this.#enter(journey);
  }

  #end(journey: Journey, outcome: DispatchOutcome): void {
    this.#waiting.delete(journey);
    this.#sickbay.leave(journey.call.provider, journey);
    this.#setAside.leave(journey.call, journey);
    journey.reconsider = undefined;
    this.#aborts.remove(journey.signal, journey);
    journey.resolve(outcome);
    this.#changed();
  }

  #changed(): void {
    this.#options.onChange?.();
  }
}
