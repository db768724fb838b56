// What the ledger teaches about calls to come: how many tokens replies take, how far our token count is off, how long calls last. Knows no plan.
import { isAnswered } from '../store/ledger.ts';
import type { LedgerEntry } from '../store/ledger.ts';
import type { Stage } from '../generation/stage.ts';

export interface CallHistory {
  /** Output tokens of a template with a model; of the model's whole stage where that pair was never seen. */
  readonly output: (
    template: string,
    model: string,
    stage: Stage,
  ) => { readonly median: number; readonly p90: number } | undefined;
  /** Recorded prompt tokens over estimated ones; 1 for a model that was never seen. */
  readonly factor: (model: string) => number;
  /** Median milliseconds of an answered call. */
  readonly durationMs: (model: string) => number | undefined;
}

export function callHistory(entries: readonly LedgerEntry[]): CallHistory {
  const pairs = new Map<string, number[]>();
  const models = new Map<string, number[]>();
  const durations = new Map<string, number[]>();
  const prompts = new Map<string, { counted: number; estimated: number }>();
  for (const entry of entries) {
    if (!isAnswered(entry) || entry.model === undefined) continue;
    append(durations, entry.model, entry.duration_ms);
    if (entry.completion_tokens !== undefined) {
      append(models, keyOf(entry.stage, entry.model), entry.completion_tokens);
      append(pairs, keyOf(entry.stage, entry.template ?? '', entry.model), entry.completion_tokens);
    }
    if (entry.prompt_tokens !== undefined && (entry.prompt_estimate ?? 0) > 0) {
      const sums = prompts.get(entry.model) ?? { counted: 0, estimated: 0 };
      sums.counted += entry.prompt_tokens;
      sums.estimated += entry.prompt_estimate ?? 0;
      prompts.set(entry.model, sums);
    }
  }
  for (const list of [...pairs.values(), ...models.values(), ...durations.values()])
    list.sort((a, b) => a - b);
  return {
    output(template, model, stage) {
      const seen = pairs.get(keyOf(stage, template, model)) ?? models.get(keyOf(stage, model));
      return seen === undefined ? undefined : { median: quantile(seen, 0.5), p90: quantile(seen, 0.9) };
    },
    factor(model) {
      const sums = prompts.get(model);
      return sums === undefined || sums.counted === 0 ? 1 : sums.counted / sums.estimated;
    },
    durationMs(model) {
      const seen = durations.get(model);
      return seen === undefined ? undefined : quantile(seen, 0.5);
    },
  };
}

const keyOf = (...names: readonly string[]): string => names.join('\n');

function append(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The smallest of the sorted values that the share of them does not pass. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
