// Where calls wait while their provider can not be reached, and who wakes them. Knows nothing of what waits.
import type { Clock } from '../clock.ts';
import type { CallFailure, ModelOutcome } from '../provider.ts';
import { Health, type HealthChange } from './health.ts';

/** A provider that can not be reached. */
export interface RestingProvider {
  readonly provider: string;
  readonly reason: string;
  /** Milliseconds since the epoch: the next try. */
  readonly until: number;
  /** Calls that wait for it. */
  readonly waiting: number;
}

interface Bed<T> {
  readonly health: Health;
  readonly waiting: Set<T>;
  /** Set while the end of the rest is waited for. */
  alarm: AbortController | undefined;
  lastFailure: CallFailure | undefined;
}

/** A class, since it lives as long as its dispatcher. */
export class Sickbay<T> {
  readonly #clock: Clock;
  readonly #wakeUp: (item: T) => void;
  readonly #beds = new Map<string, Bed<T>>();

  constructor(clock: Clock, wakeUp: (item: T) => void) {
    this.#clock = clock;
    this.#wakeUp = wakeUp;
  }

  /** Whether a call to the provider may be sent now; `later` for what is to `rest`. */
  admits(provider: string): 'now' | 'later' | 'never' {
    return this.#bed(provider).health.admits(this.#clock.ticks());
  }

  /** With what whatever is asked of a provider that was given up fails; undefined where it was not. */
  givenUp(provider: string): CallFailure | undefined {
    return this.admits(provider) === 'never' ? this.#bed(provider).lastFailure : undefined;
  }

  rest(provider: string, item: T): void {
    const bed = this.#bed(provider);
    bed.waiting.add(item);
    this.#setAlarm(bed);
  }

  leave(provider: string, item: T): void {
    const bed = this.#bed(provider);
    if (bed.waiting.delete(item) && bed.waiting.size === 0) this.#stopAlarm(bed);
  }

  /** A call was sent. */
  sent(provider: string): void {
    this.#bed(provider).health.sent();
  }

  /** A call has ended: whoever waits is woken where that is a good sign. Undefined where nothing changed. */
  seen(provider: string, outcome: ModelOutcome): HealthChange | undefined {
    const bed = this.#bed(provider);
    if (outcome.kind === 'failure') bed.lastFailure = outcome;
    const change = bed.health.seen(outcome, this.#clock.ticks());
    this.#stopAlarm(bed);
    if (this.admits(provider) === 'now') this.#wake(bed);
    else this.#setAlarm(bed);
    return change?.until === undefined ? change : { ...change, until: this.#momentOf(change.until) };
  }

  resting(): readonly RestingProvider[] {
    return [...this.#beds].flatMap(([provider, { health, waiting }]) => {
      const rest = health.resting(this.#clock.ticks());
      const { reason, until } = rest ?? { reason: '', until: 0 };
      return rest === undefined
        ? []
        : [{ provider, reason, until: this.#momentOf(until), waiting: waiting.size }];
    });
  }

  #momentOf(ticks: number): number {
    return this.#clock.now() + ticks - this.#clock.ticks();
  }

  #bed(provider: string): Bed<T> {
    let bed = this.#beds.get(provider);
    if (bed === undefined) {
      bed = { health: new Health(), waiting: new Set(), alarm: undefined, lastFailure: undefined };
      this.#beds.set(provider, bed);
    }
    return bed;
  }

  /** While a single call tries there is no rest, and its end wakes the others. */
  #setAlarm(bed: Bed<T>): void {
    const rest = bed.health.resting(this.#clock.ticks());
    if (rest === undefined || bed.waiting.size === 0 || bed.alarm !== undefined) return;
    const alarm = new AbortController();
    bed.alarm = alarm;
    void this.#wakeAfter(bed, alarm, rest.until - this.#clock.ticks());
  }

  async #wakeAfter(bed: Bed<T>, alarm: AbortController, ms: number): Promise<void> {
    await this.#clock.sleep(ms, alarm.signal);
    if (alarm.signal.aborted) return;
    bed.alarm = undefined;
    this.#wake(bed);
  }

  #stopAlarm(bed: Bed<T>): void {
    bed.alarm?.abort();
    bed.alarm = undefined;
  }

  /** The first that is sent tries for all; the others come back until it has ended. */
  #wake(bed: Bed<T>): void {
    const rested = [...bed.waiting];
    bed.waiting.clear();
    for (const item of rested) this.#wakeUp(item);
  }
}
