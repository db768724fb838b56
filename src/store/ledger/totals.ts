// Sums over the call ledger's entries: by model, stage, day and cohort, and attempts of a day by pool. Knows no file and no price.
import type { LedgerEntry } from './ledger.ts';
import { isReply } from './ledger.ts';
import type { LedgerFold } from './reader.ts';
import { spendingOf, type Spending, unknownIn } from './spending.ts';
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

/** Sums of entries that come one by one: by what tells them apart, from which the sums by any of its keys follow. */
export class LedgerSums implements LedgerFold {
  readonly #since: string;
  readonly #sums = new Map<string, { readonly keys: readonly string[]; readonly sum: LedgerTotal }>();

  /** `since`: an ISO time, before which nothing counts. */
  constructor(since = '') {
    this.#since = since;
  }

  add(entry: LedgerEntry): void {
    if (entry.when < this.#since) return;
    const keys = LEDGER_KEYS.map((each) => keyOf(entry, each));
    const name = keys.join('\n');
    const sum = ofEntry(entry);
    const before = this.#sums.get(name)?.sum;
    this.#sums.set(name, { keys, sum: before === undefined ? sum : plus(before, sum) });
  }

  /** By one key or several together, in code point order of the keys. */
  by(...keys: readonly LedgerKey[]): readonly LedgerTotal[] {
    const places = keys.map((key) => LEDGER_KEYS.indexOf(key));
    const totals = new Map<string, LedgerTotal>();
    for (const { keys: all, sum } of this.#sums.values()) {
      const key = places.map((place) => all[place] ?? '').join('\n');
      totals.set(key, plus(totals.get(key) ?? nothing(key), sum));
    }
    return [...totals.values()].sort((a, b) => compareCodePoints(a.key, b.key));
  }

  get total(): LedgerTotal {
    return [...this.#sums.values()].reduce((total, { sum }) => plus(total, sum), nothing(''));
  }
}

/** Sums by one key or several together, in code point order of the keys. */
export function ledgerTotals(
  entries: readonly LedgerEntry[],
  ...by: readonly LedgerKey[]
): readonly LedgerTotal[] {
  return sumsOf(entries).by(...by);
}

/** The sum over all entries. */
export function ledgerTotal(entries: readonly LedgerEntry[]): LedgerTotal {
  return sumsOf(entries).total;
}

export function sumsOf(entries: readonly LedgerEntry[], since?: string): LedgerSums {
  const sums = new LedgerSums(since);
  for (const entry of entries) sums.add(entry);
  return sums;
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

function ofEntry(entry: LedgerEntry): LedgerTotal {
  const spent = spendingOf([entry]);
  return {
    key: '',
    attempts: 1,
    replies: isReply(entry) ? 1 : 0,
    promptTokens: entry.prompt_tokens ?? 0,
    completionTokens: entry.completion_tokens ?? 0,
    cost: entry.cost ?? 0,
    billed: spent.billed,
    counted: spent.counted,
    estimated: spent.estimated,
    unpriced: spent.unknown,
    maybeBilled: spent.maybeBilled,
  };
}

/** What both have, under the first one's key. */
function plus(a: LedgerTotal, b: LedgerTotal): LedgerTotal {
  return {
    key: a.key,
    attempts: a.attempts + b.attempts,
    replies: a.replies + b.replies,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cost: a.cost + b.cost,
    billed: a.billed + b.billed,
    counted: a.counted + b.counted,
    estimated: a.estimated + b.estimated,
    unpriced: a.unpriced + b.unpriced,
    maybeBilled: a.maybeBilled + b.maybeBilled,
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

/** How many amounts the sum leaves out. */
export function unknownInTotal(total: LedgerTotal): number {
  return unknownIn(spentIn(total));
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
