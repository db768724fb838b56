// What providers billed for a model's replies, where that is more than its prices say of the very same replies: a catalog may be out of
// date or name no price, and a model that is called free may not be. Knows no plan.
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import type { Stage } from '../../generation/stage.ts';
import { costOfTokens, type Price } from './prices.ts';

/** Of the last so many replies of a model in a stage: what was billed long ago says little. */
const LAST = 20;
/** Providers count tokens in their own ways, and round: so much more is no other price. */
const BEYOND = 1.2;

interface Bill {
  readonly usd: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export class Bills {
  readonly #last = new Map<string, Bill[]>();
  readonly #answered = new Set<string>();

  /** An answered call. Only what the provider itself billed for it counts; batches have prices of their own. */
  add(entry: LedgerEntry): void {
    const { model, stage, cost: usd, cost_from: from, batch } = entry;
    const key = keyOf(stage, model);
    if (batch === undefined) this.#answered.add(key);
    if (usd === undefined || from !== 'provider' || batch !== undefined) return;
    const bills = this.#last.get(key) ?? [];
    bills.push({
      usd,
      promptTokens: entry.prompt_tokens ?? 0,
      completionTokens: entry.completion_tokens ?? 0,
    });
    if (bills.length > LAST) bills.shift();
    this.#last.set(key, bills);
  }

  /** Whether a call of the model was answered in the stage: what such a call is billed was seen, be it nothing. */
  knows(model: string, stage: Stage): boolean {
    return this.#answered.has(keyOf(stage, model));
  }

  /** USD that a reply was billed as a rule, where that is more than `price` says or it says nothing; undefined where nobody billed any. */
  beyond(model: string, stage: Stage, price: Price | undefined): number | undefined {
    const bills = this.#last.get(keyOf(stage, model));
    if (bills === undefined) return undefined;
    const billed = bills.reduce((sum, { usd }) => sum + usd, 0);
    if (price === undefined) return billed / bills.length;
    const said = bills.reduce(
      (sum, { promptTokens, completionTokens }) => sum + costOfTokens(price, promptTokens, completionTokens),
      0,
    );
    return billed > said * BEYOND ? billed / bills.length : undefined;
  }
}

const keyOf = (...names: readonly string[]): string => names.join('\n');
