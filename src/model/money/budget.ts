// The cap on money: what is spent, what is in flight, and whether one call more still fits. Knows no provider, no pool and no price.
import { problem } from '../../problem.ts';
import type { Place, Problem } from '../../problem.ts';
import { defined } from '../../defined.ts';

/** USD. */
export interface BudgetState {
  readonly cap: number;
  readonly spent: number;
  /** For calls whose reply was lost and may be billed all the same: counted in full, since the cap must hold. */
  readonly presumed: number;
  /** For calls in flight. */
  readonly reserved: number;
}

/** `full`: not now, but what is in flight may leave room when it settles. `over`: nothing can make room any more. */
export type Reservation = 'reserved' | 'full' | 'over';

/** USD. Sums of small amounts drift by less than this; without it a cap of exactly the price would be one rounding error too small. */
export const ROUNDING = 1e-9;

/** A class, since it lives as long as a build. All amounts are USD. */
export class Budget {
  #cap: number;
  #spent = 0;
  #presumed = 0;
  #reserved = 0;
  #open = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Sets the most that a call can cost aside, when that still fits. */
  reserve(usd: number): Reservation {
    if (this.drawn() + usd <= this.#cap + ROUNDING) {
      this.#reserved += usd;
      this.#open += 1;
      return 'reserved';
    }
    const couldFit = this.#spent + this.#presumed + usd <= this.#cap + ROUNDING;
    return this.#open > 0 && couldFit ? 'full' : 'over';
  }

  /** From now on the cap is this one, if it is higher. */
  raise(cap: number): void {
    this.#cap = Math.max(this.#cap, cap);
  }

  /** Puts what the call really cost in the place of what was set aside for it; `unknown` when its reply was lost. */
  settle(reserved: number, actual: number | 'unknown'): void {
    this.#open -= 1;
    this.#reserved = this.#open === 0 ? 0 : this.#reserved - reserved;
    if (actual === 'unknown') this.#presumed += reserved;
    else this.#spent += actual;
  }

  /** What is not free any more. */
  drawn(): number {
    return this.#spent + this.#presumed + this.#reserved;
  }

  state(): BudgetState {
    return { cap: this.#cap, spent: this.#spent, presumed: this.#presumed, reserved: this.#reserved };
  }
}

/** One problem for each paid model whose price is not known: a capped run with such a model is refused. */
export function unpriced(
  models: readonly {
    readonly id: string;
    readonly model: string;
    readonly priced: boolean;
    readonly place?: Place;
  }[],
): readonly Problem[] {
  return models
    .filter(({ priced }) => !priced)
    .map(({ id, model, place }) =>
      problem(
        'DD602',
        `model "${id}" (${model}) has no price, so --max-cost cannot hold`,
        defined({ place, data: { id, model } }),
      ),
    );
}
