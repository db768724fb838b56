// What calls cost, by how that is known: as the provider said, counted from tokens, estimated, or not at all. Knows no file and no price.
import { isReply, type LedgerEntry } from './ledger.ts';

export interface Spending {
  /** USD, as providers said. */
  readonly billed: number;
  /** USD, by the tokens that providers counted and the prices of the catalog. */
  readonly counted: number;
  /** USD, where nobody counted the tokens: by our own count. */
  readonly estimated: number;
  /** Replies whose cost nobody knows. */
  readonly unknown: number;
  /** Attempts that may have been billed although no reply arrived. */
  readonly maybeBilled: number;
}

export const NOTHING_SPENT: Spending = { billed: 0, counted: 0, estimated: 0, unknown: 0, maybeBilled: 0 };

/** What is known of a sum, in USD. */
export function knownUsd({ billed, counted, estimated }: Spending): number {
  return billed + counted + estimated;
}

/** How many amounts a sum leaves out: a reply that was lost on the way may have been billed like another. */
export function unknownIn({ unknown, maybeBilled }: Pick<Spending, 'unknown' | 'maybeBilled'>): number {
  return unknown + maybeBilled;
}

export function spendingOf(entries: readonly LedgerEntry[]): Spending {
  return entries.reduce((sum, entry) => addSpending(sum, ofEntry(entry)), NOTHING_SPENT);
}

export function addSpending(a: Spending, b: Spending): Spending {
  return {
    billed: a.billed + b.billed,
    counted: a.counted + b.counted,
    estimated: a.estimated + b.estimated,
    unknown: a.unknown + b.unknown,
    maybeBilled: a.maybeBilled + b.maybeBilled,
  };
}

function ofEntry(entry: LedgerEntry): Spending {
  const { cost = 0, cost_from: from = 'provider' } = entry;
  return {
    billed: from === 'provider' ? cost : 0,
    counted: from === 'tokens' ? cost : 0,
    estimated: from === 'estimate' ? cost : 0,
    unknown: isReply(entry) && entry.cost === undefined ? 1 : 0,
    maybeBilled: entry.maybe_billed === true ? 1 : 0,
  };
}
