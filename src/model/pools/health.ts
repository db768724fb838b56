// Whether a provider can be reached at all: after a few connections refused in a row it rests, is tried by one call, rests longer, and
// is given up for a while. Knows no call, no pool and no clock: time is an argument.
import type { ModelOutcome } from '../provider.ts';

/** What changed for a provider. Moments are on whatever clock is asked by. */
export type HealthChange =
  /** Nothing is sent until then; then one call tries. */
  | { readonly state: 'resting'; readonly reason: string; readonly until: number }
  /** What waits for it fails, and so does whatever comes until then. */
  | { readonly state: 'given_up'; readonly reason: string; readonly until: number }
  | { readonly state: 'answering'; readonly until?: never };

const REFUSED_IN_A_ROW = 3;
/** Milliseconds of the first rest; each further one is twice as long. */
const REST_MS = 5000;
const RESTS = 3;
const GIVEN_UP_MS = 60_000;

/** A class, since it lives as long as its dispatcher. */
export class Health {
  #refused = 0;
  #rests = 0;
  #until = 0;
  #trying = false;
  #reason = '';

  /** `now`: the call may be sent. `later`: not before the rest is over, or before the call that tries has ended. */
  admits(now: number): 'now' | 'later' | 'never' {
    if (this.#refused < REFUSED_IN_A_ROW) return 'now';
    if (now >= this.#until) return this.#trying ? 'later' : 'now';
    return this.#rests > RESTS ? 'never' : 'later';
  }

  /** A call was sent. */
  sent(): void {
    this.#trying = this.#refused >= REFUSED_IN_A_ROW;
  }

  /** Undefined where nothing changed. */
  seen(outcome: ModelOutcome, now: number): HealthChange | undefined {
    if (outcome.kind === 'failure' && outcome.cause === 'aborted') {
      this.#trying = false;
      return undefined;
    }
    if (outcome.kind === 'failure' && isRefused(outcome)) return this.#refuse(outcome.message, now);
    const rested = this.#refused >= REFUSED_IN_A_ROW;
    this.#refused = 0;
    this.#rests = 0;
    this.#trying = false;
    return rested ? { state: 'answering' } : undefined;
  }

  /** Why it rests, and until when; undefined where it does not. */
  resting(now: number): { readonly reason: string; readonly until: number } | undefined {
    const rests = this.#refused >= REFUSED_IN_A_ROW && now < this.#until;
    return rests ? { reason: this.#reason, until: this.#until } : undefined;
  }

  #refuse(reason: string, now: number): HealthChange | undefined {
    this.#refused++;
    this.#reason = reason;
    // What was in flight when the rest began is no further sign.
    if (this.#refused < REFUSED_IN_A_ROW || (now < this.#until && !this.#trying)) return undefined;
    this.#trying = false;
    this.#rests++;
    const state = this.#rests > RESTS ? 'given_up' : 'resting';
    this.#until = now + (state === 'resting' ? REST_MS * 2 ** (this.#rests - 1) : GIVEN_UP_MS);
    return { state, reason, until: this.#until };
  }
}

/** There was no connection: nothing was sent that could have been answered. */
function isRefused({ cause, lostReply }: Extract<ModelOutcome, { kind: 'failure' }>): boolean {
  return cause === 'connection' && lostReply !== true;
}
