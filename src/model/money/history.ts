// What the ledger teaches about calls to come: how many tokens replies take, how far our token count is off, how long calls last. Knows no plan.
import { isAnswered } from '../../store/ledger/ledger.ts';
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import type { Stage } from '../../generation/stage.ts';
import { Bills } from './bills.ts';
import { distributionOf, type Distribution } from './distribution.ts';

export class CallHistory {
  readonly bills = new Bills();
  readonly #pairs = new Map<string, Distribution>();
  readonly #models = new Map<string, Distribution>();
  readonly #durations = new Map<string, Distribution>();
  readonly #prompts = new Map<string, { counted: number; estimated: number }>();

  add(entry: LedgerEntry): void {
    if (!isAnswered(entry)) return;
    this.bills.add(entry);
    const { model, stage, template, completion_tokens: completion, prompt_tokens: prompt } = entry;
    // A clock that was set back while an earlier version called gave less than nothing.
    distributionOf(this.#durations, model).add(Math.max(0, entry.duration_ms));
    if (completion !== undefined) {
      distributionOf(this.#models, keyOf(stage, model)).add(completion);
      distributionOf(this.#pairs, keyOf(stage, template ?? '', model)).add(completion);
    }
    const estimate = entry.prompt_estimate ?? 0;
    if (prompt === undefined || estimate <= 0) return;
    const sums = this.#prompts.get(model) ?? { counted: 0, estimated: 0 };
    this.#prompts.set(model, { counted: sums.counted + prompt, estimated: sums.estimated + estimate });
  }

  /** Output tokens of a template's replies by a model. */
  ofTemplate(template: string, model: string, stage: Stage): Distribution | undefined {
    return this.#pairs.get(keyOf(stage, template, model));
  }

  /** Output tokens of all that a model answered for a stage. */
  ofStage(model: string, stage: Stage): Distribution | undefined {
    return this.#models.get(keyOf(stage, model));
  }

  /** Recorded prompt tokens over estimated ones; 1 for a model that was never seen. */
  factor(model: string): number {
    const sums = this.#prompts.get(model);
    return sums === undefined || sums.counted === 0 ? 1 : sums.counted / sums.estimated;
  }

  /** Median milliseconds of an answered call. */
  durationMs(model: string): number | undefined {
    return this.#durations.get(model)?.quantile(0.5);
  }
}

const keyOf = (...names: readonly string[]): string => names.join('\n');
