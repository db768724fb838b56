// One pool of models and its limits: who may start now, and what the others wait for. Knows no provider, no money and no other pool.
import type { Clock } from '../clock.ts';
import { afterRateLimit, afterReply, afterTrouble, startAuto } from './concurrency.ts';
import type { AutoLimit } from './concurrency.ts';

import type { ModelOutcome } from '../provider.ts';
import { WaitList } from './waitlist.ts';
import type { Ranked } from './waitlist.ts';
import { SlidingWindow } from './window.ts';
import type { WindowEvent } from './window.ts';
import { defined } from '../../defined.ts';

export interface PoolSettings {
  readonly name: string;
  /** Calls in flight; `auto` follows the provider's signs. */
  readonly concurrency: number | 'auto';
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Days are UTC. Attempts count, failed ones too, unless they reached nobody. */
  readonly requestsPerDay?: number;
  /** Attempts of today that earlier runs made, as the ledger counts them. */
  readonly startedToday?: number;
}

/** One attempt of a call, waiting for its start. */
export interface Turn extends Ranked {
  /** Expected tokens, prompt and reply together; corrected when the reply says what they were. */
  readonly tokens: number;
  /** Asked when the limits would let it start. `wait` leaves it first in line until the next `pump`; `drop` says that it has seen to itself. */
  admit(): 'start' | 'wait' | 'drop';
  /** Must lead to one `finish`. */
  start(): void;
  /** The pool is done until then: the turn is out of it. */
  parked(until: number): void;
}

export type WaitingOn = 'concurrency' | 'requests_per_minute' | 'tokens_per_minute' | 'pause' | 'budget';

/** What live progress shows of a pool. Moments are milliseconds since the epoch. */
export interface PoolSnapshot {
  readonly name: string;
  readonly inFlight: number;
  readonly waiting: number;
  readonly waitingOn?: WaitingOn;
  /** Calls that may be in flight now. */
  readonly limit: number;
  readonly pausedUntil?: number;
  readonly parkedUntil?: number;
  /** Attempts that came to an end, replies among them. */
  readonly done: number;
  readonly replies: number;
  /** Attempts that ended within the last minute. */
  readonly rate: number;
}

/** A little more than a minute: requests reach the provider a little faster or slower than they were sent. */
const WINDOW_MS = 60_250;
const DAY_MS = 86_400_000;

/** A wait that is over when it has passed, or when the clock says so: whichever a machine that slept, or whose clock was set, brings first. */
interface Until {
  readonly ticks: number;
  /** Milliseconds since the epoch. */
  readonly moment: number;
}

interface Gate {
  readonly on: WaitingOn;
  /** When time alone opens it, in the clock's ticks. */
  readonly until?: number;
}

export class Pool {
  readonly name: string;
  readonly #settings: PoolSettings;
  readonly #clock: Clock;
  readonly #waiting = new WaitList<Turn>();
  readonly #requests = new SlidingWindow(WINDOW_MS);
  readonly #tokens = new SlidingWindow(WINDOW_MS);
  readonly #ended = new SlidingWindow(60_000);
  readonly #flying = new Map<Turn, WindowEvent>();
  #auto: AutoLimit = startAuto();
  /** In the clock's ticks. */
  #pausedUntil = -Infinity;
  #parkedUntil: Until = { ticks: -Infinity, moment: 0 };
  #day: number;
  #startedToday: number;
  #done = 0;
  #replies = 0;
  #waitingOn: WaitingOn | undefined;
  #pumping = false;
  #wake: { readonly at: number; readonly controller: AbortController } | undefined;

  constructor(settings: PoolSettings, clock: Clock) {
    this.name = settings.name;
    this.#settings = settings;
    this.#clock = clock;
    this.#day = utcDay(clock.now());
    this.#startedToday = settings.startedToday ?? 0;
  }

  add(turn: Turn): void {
    this.#waiting.add(turn);
    this.pump();
  }

  /** Takes a waiting turn out; it is never started then. */
  remove(turn: Turn): void {
    this.#waiting.remove(turn);
    this.pump();
  }

  /** For so many milliseconds nothing starts. What is in flight goes on. */
  pause(forMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.ticks() + forMs);
    this.pump();
  }

  /** Without a time: until the next day, UTC. */
  park(forMs: number = this.#untilTomorrow()): void {
    this.#parkFor(forMs);
    this.pump();
  }

  #parkFor(forMs: number): void {
    const ticks = this.#clock.ticks() + forMs;
    if (!this.#isParked() || ticks > this.#parkedUntil.ticks)
      this.#parkedUntil = { ticks, moment: this.#clock.now() + forMs };
  }

  #isParked(): boolean {
    const { ticks, moment } = this.#parkedUntil;
    return this.#clock.ticks() < ticks && this.#clock.now() < moment;
  }

  #untilTomorrow(): number {
    const now = this.#clock.now();
    return nextUtcDay(now) - now;
  }

  /** The attempt has ended: its place is free, and its outcome is a sign for the limits. */
  finish(turn: Turn, outcome: ModelOutcome): void {
    const now = this.#clock.ticks();
    const saturated = this.#flying.size >= this.#limit();
    const event = this.#flying.get(turn);
    this.#flying.delete(turn);
    this.#done += 1;
    // Nobody has counted it there; of a day that ended meanwhile nothing is left to count.
    if (outcome.kind === 'failure' && outcome.unsent === true)
      this.#startedToday = Math.max(0, this.#startedToday - 1);
    this.#ended.add(now, 1);
    if (outcome.kind === 'reply') {
      this.#replies += 1;
      const { promptTokens, completionTokens } = outcome.usage;
      if (event !== undefined && promptTokens !== undefined && completionTokens !== undefined) {
        this.#tokens.correct(event, promptTokens + completionTokens);
      }
      this.#auto = afterReply(this.#auto, { now, saturated, limits: outcome.limits });
    } else if (outcome.cause === 'rate_limit') {
      this.#auto = afterRateLimit(this.#auto, now, outcome.retryAfterMs ?? 0);
    } else {
      this.#auto = afterTrouble(this.#auto);
    }
    this.pump();
  }

  /** Starts what may start. Safe to call at any time, from within a start too. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#step());
    } finally {
      this.#pumping = false;
    }
    if (this.#waiting.size === 0) this.#waitingOn = undefined;
    if (this.#waiting.size === 0 || this.#waitingOn === 'budget') this.#cancelWake();
  }

  snapshot(): PoolSnapshot {
    const now = this.#clock.ticks();
    return defined({
      name: this.name,
      inFlight: this.#flying.size,
      waiting: this.#waiting.size,
      waitingOn: this.#waitingOn,
      limit: this.#limit(),
      pausedUntil: this.#pausedUntil > now ? this.#clock.now() + this.#pausedUntil - now : undefined,
      parkedUntil: this.#isParked() ? this.#parkedUntil.moment : undefined,
      done: this.#done,
      replies: this.#replies,
      rate: this.#ended.total(now),
    });
  }

  /** Sees to the first in line; true when there may be more to do. */
  #step(): boolean {
    const turn = this.#waiting.first();
    if (turn === undefined) return false;
    const now = this.#clock.ticks();
    this.#countDay();
    if (this.#isParked()) {
      for (const each of this.#waiting.drain()) each.parked(this.#parkedUntil.moment);
      return true;
    }
    const gate = this.#gate(turn, now);
    if (gate !== undefined) {
      this.#waitingOn = gate.on;
      if (gate.until !== undefined) this.#wakeAt(gate.until, now);
      return false;
    }
    this.#waiting.take();
    const admission = turn.admit();
    if (admission === 'start') this.#start(turn, now);
    if (admission !== 'wait') return true;
    this.#waiting.add(turn);
    this.#waitingOn = 'budget';
    return false;
  }

  #start(turn: Turn, now: number): void {
    this.#startedToday += 1;
    this.#requests.add(now, 1);
    this.#flying.set(turn, this.#tokens.add(now, turn.tokens));
    turn.start();
  }

  /** A new day starts its count again; a full day parks the pool. */
  #countDay(): void {
    const today = utcDay(this.#clock.now());
    if (today !== this.#day) {
      this.#day = today;
      this.#startedToday = 0;
    }
    const { requestsPerDay } = this.#settings;
    if (requestsPerDay !== undefined && this.#startedToday >= requestsPerDay)
      this.#parkFor(this.#untilTomorrow());
  }

  #gate(turn: Turn, now: number): Gate | undefined {
    if (now < this.#pausedUntil) return { on: 'pause', until: this.#pausedUntil };
    if (this.#flying.size >= this.#limit()) return { on: 'concurrency' };
    const { requestsPerMinute, tokensPerMinute } = this.#settings;
    if (requestsPerMinute !== undefined) {
      const until = this.#requests.freeAt(now, 1, requestsPerMinute);
      if (until > now) return { on: 'requests_per_minute', until };
    }
    if (tokensPerMinute !== undefined) {
      const until = this.#tokens.freeAt(now, turn.tokens, tokensPerMinute);
      if (until > now) return { on: 'tokens_per_minute', until };
    }
    return undefined;
  }

  #limit(): number {
    return this.#settings.concurrency === 'auto' ? this.#auto.limit : this.#settings.concurrency;
  }

  #wakeAt(at: number, now: number): void {
    if (this.#wake?.at === at) return;
    this.#cancelWake();
    const controller = new AbortController();
    this.#wake = { at, controller };
    void this.#sleepThenPump(at - now, controller.signal);
  }

  async #sleepThenPump(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
    if (signal.aborted) return;
    this.#wake = undefined;
    this.pump();
  }

  #cancelWake(): void {
    this.#wake?.controller.abort();
    this.#wake = undefined;
  }
}

function utcDay(now: number): number {
  return Math.floor(now / DAY_MS);
}

export function nextUtcDay(now: number): number {
  return (utcDay(now) + 1) * DAY_MS;
}
