// What was agreed to be spent, and whether one call more is expected to stay within it. No cap: a call may turn out dearer than
// expected, but the next one is asked about. Knows no provider, no pool and no price.
import { Budget, type BudgetState, type Reservation } from './budget.ts';

/** Asks whoever agreed for more. Returns the new sum in USD, or undefined for a no. */
export type AskForMore = (state: BudgetState) => Promise<number | undefined>;

/** A class, since it lives as long as a build. All amounts are USD. */
export class Agreement {
  readonly #room: Budget;
  readonly #askForMore: AskForMore;
  #asking: Promise<void> | undefined;
  #declined = false;

  constructor(agreed: number, askForMore: AskForMore) {
    this.#room = new Budget(agreed);
    this.#askForMore = askForMore;
  }

  /** USD that was agreed to so far. */
  agreed(): number {
    return this.#room.state().cap;
  }

  /** Sets aside what a call is expected to cost. `over` stays so once more was asked for and not given. */
  reserve(expected: number): Reservation {
    if (expected === 0) return this.#room.reserve(0);
    if (this.#declined) return 'over';
    return this.#asking === undefined ? this.#room.reserve(expected) : 'full';
  }

  settle(reserved: number, actual: number | 'unknown'): void {
    this.#room.settle(reserved, actual);
  }

  /** Asks once for all calls that are over; undefined where the answer was no already. Resolves when it is known. */
  more(expected: number): Promise<void> | undefined {
    if (this.#declined) return undefined;
    this.#asking ??= this.#ask(expected);
    return this.#asking;
  }

  async #ask(expected: number): Promise<void> {
    const given = await this.#askForMore(this.#room.state());
    if (given === undefined) this.#declined = true;
    else this.#room.raise(Math.max(given, this.#needed(expected)));
    this.#asking = undefined;
  }

  /** Whoever agrees to go on agrees to the call that is waiting. */
  #needed(expected: number): number {
    const { spent, presumed, reserved } = this.#room.state();
    return spent + presumed + reserved + expected;
  }
}
