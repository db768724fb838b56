// Sums over the call ledger's entries: by model, stage, day and cohort, and attempts of a day by pool. Knows no file and no price.
import type { LedgerEntry } from './ledger.ts';
import { isAnswered } from './ledger.ts';
import { spendingOf, type Spending } from './spending.ts';
import { compareCodePoints } from '../../text/python.ts';

export const LEDGER_KEYS = ['model', 'stage', 'template', 'day', 'cohort', 'shard'] as const;
export type LedgerKey = (typeof LEDGER_KEYS)[number];

export interface LedgerTotal {
  /** A model string, stage, day (`2026-11-23`, UTC), cohort or shard (`2/8`), empty where the entries name none; several are lines. */
  readonly key: string;
  readonly attempts: number;
  /** Attempts that were answered, refusals and truncated replies among them. */
  readonly replies: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** USD, as far as it is known; the three that follow are what it consists of. */
  readonly cost: number;
  readonly billed: number;
  readonly counted: number;
  readonly estimated: number;
  /** Replies whose cost nobody knows. */
  readonly unpriced: number;
  /** Attempts that may have been billed although no reply arrived. */
  readonly maybeBilled: number;
}

/** Sums by one key or several together, in code point order of the keys. */
export function ledgerTotals(
  entries: readonly LedgerEntry[],
  ...by: readonly LedgerKey[]
): readonly LedgerTotal[] {
  const totals = new Map<string, LedgerTotal>();
  for (const entry of entries) {
    const key = by.map((each) => keyOf(entry, each)).join('\n');
    totals.set(key, plus(totals.get(key) ?? nothing(key), entry));
  }
  return [...totals.values()].sort((a, b) => compareCodePoints(a.key, b.key));
}

/** The sum over all entries. */
export function ledgerTotal(entries: readonly LedgerEntry[]): LedgerTotal {
  return entries.reduce(plus, nothing(''));
}

function nothing(key: string): LedgerTotal {
  return {
    key,
    attempts: 0,
    replies: 0,
    promptTokens: 0,
    completionTokens: 0,
    cost: 0,
    billed: 0,
    counted: 0,
    estimated: 0,
    unpriced: 0,
    maybeBilled: 0,
  };
}

function plus(total: LedgerTotal, entry: LedgerEntry): LedgerTotal {
  const answered = isAnswered(entry);
  const spent = spendingOf([entry]);
  return {
    key: total.key,
    attempts: total.attempts + 1,
    replies: total.replies + (answered ? 1 : 0),
    promptTokens: total.promptTokens + (entry.prompt_tokens ?? 0),
    completionTokens: total.completionTokens + (entry.completion_tokens ?? 0),
    cost: total.cost + (entry.cost ?? 0),
    billed: total.billed + spent.billed,
    counted: total.counted + spent.counted,
    estimated: total.estimated + spent.estimated,
    unpriced: total.unpriced + spent.unknown,
    maybeBilled: total.maybeBilled + spent.maybeBilled,
  };
}

function keyOf(entry: LedgerEntry, by: LedgerKey): string {
  switch (by) {
    case 'model':
      return entry.model;
    case 'stage':
      return entry.stage;
    case 'template':
      return entry.template ?? '';
    case 'day':
      return entry.when.slice(0, 10);
    case 'cohort':
      return entry.cohort ?? '';
    case 'shard':
      return entry.shard ?? '';
    default:
      return by satisfies never;
  }
}

/** The same as a spending. */
export function spentIn({ billed, counted, estimated, unpriced, maybeBilled }: LedgerTotal): Spending {
  return { billed, counted, estimated, unknown: unpriced, maybeBilled };
}

/** Attempts by UTC day and pool: what is used up of a limit per day. */
export class DailyAttempts {
  readonly #days = new Map<string, Map<string, number>>();

  add({ when, pool }: LedgerEntry): void {
    const day = when.slice(0, 10);
    const counts = this.#days.get(day) ?? new Map<string, number>();
    this.#days.set(day, counts.set(pool, (counts.get(pool) ?? 0) + 1));
  }

  /** By pool, of a day such as `2026-11-23`. */
  on(day: string): ReadonlyMap<string, number> {
    return this.#days.get(day) ?? new Map<string, number>();
  }
}
