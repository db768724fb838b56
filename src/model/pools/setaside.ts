// What a cap sets aside for a call, and who waits until that can be known: of a model that is called free and was never answered for
// here one call at a time is sent, until one's bill is known. Knows no budget and no pool.
import type { Call } from '../call.ts';
import { Bills } from '../money/bills.ts';
import { ceilingOf } from '../money/prices.ts';
import { isAnswered, type LedgerEntry } from '../../store/ledger/ledger.ts';

interface Trial<T> {
  readonly waiting: Set<T>;
  open: boolean;
}

/** A class, since it lives as long as its dispatcher. */
export class SetAside<T> {
  readonly #again: (item: T) => void;
  /** What was billed under this very cap. */
  readonly #bills = new Bills();
  readonly #trials = new Map<string, Trial<T>>();

  constructor(again: (item: T) => void) {
    this.#again = again;
  }

  /** USD: by its price, and more where such replies were billed more, before or just now. Infinity where nobody knows the price. */
  amount({ request: { model, stage }, request, price, expectedUsd = 0 }: Call): number {
    if (price === undefined) return Infinity;
    return Math.max(ceilingOf(request, price), expectedUsd, this.#bills.beyond(model, stage, price) ?? 0);
  }

  /** Whether it may be sent now; what may not is to `wait`. */
  admits(call: Call): 'now' | 'later' {
    return this.#isBlind(call) && this.#trial(call).open ? 'later' : 'now';
  }

  wait(call: Call, item: T): void {
    this.#trial(call).waiting.add(item);
  }

  leave(call: Call, item: T): void {
    this.#trials.get(keyOf(call))?.waiting.delete(item);
  }

  sent(call: Call): void {
    if (this.#isBlind(call)) this.#trial(call).open = true;
  }

  /** A call has ended: whoever waited for its bill comes back, and waits again where it has told nothing. */
  ended(call: Call, entry?: LedgerEntry): void {
    if (entry !== undefined && isAnswered(entry)) this.#bills.add(entry);
    const trial = this.#trials.get(keyOf(call));
    if (trial === undefined) return;
    trial.open = false;
    const waited = [...trial.waiting];
    trial.waiting.clear();
    for (const item of waited) this.#again(item);
  }

  /** Whether nothing can be set aside and nobody knows that nothing need be. */
  #isBlind(call: Call): boolean {
    const { model, stage } = call.request;
    return call.expectedUsd === undefined && this.amount(call) === 0 && !this.#bills.knows(model, stage);
  }

  #trial(call: Call): Trial<T> {
    const key = keyOf(call);
    const trial = this.#trials.get(key) ?? { waiting: new Set(), open: false };
    this.#trials.set(key, trial);
    return trial;
  }
}

const keyOf = ({ request: { model, stage } }: Call): string => `${stage}\n${model}`;
