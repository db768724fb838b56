// What calls cost, told apart by how that is known.
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { addSpending, knownUsd, NOTHING_SPENT, spendingOf } from '../../../src/store/ledger/spending.ts';
import { ledgerLine } from '../../support/ledgerline.ts';

function unpriced(change: Partial<LedgerEntry>): LedgerEntry {
  const { cost: _cost, ...entry } = ledgerLine(change);
  return entry;
}

describe('what calls cost', () => {
  it('is as the provider said where the line does not say how it is known', () => {
    expect(spendingOf([ledgerLine({ cost: 0.5 })])).toEqual({ ...NOTHING_SPENT, billed: 0.5 });
    expect(spendingOf([])).toEqual({ billed: 0, counted: 0, estimated: 0, unknown: 0, maybeBilled: 0 });
  });

  it('is summed apart for each way to know it, and for those in which nobody does', () => {
    const entries = [
      ledgerLine({ cost: 1, cost_from: 'provider' }),
      ledgerLine({ cost: 2, cost_from: 'tokens' }),
      ledgerLine({ cost: 4, cost_from: 'tokens' }),
      ledgerLine({ cost: 8, cost_from: 'estimate' }),
      unpriced({ outcome: 'truncated' }),
      unpriced({ outcome: 'content_filter' }),
      unpriced({ outcome: 'server' }),
      unpriced({ outcome: 'timeout', maybe_billed: true }),
    ];
    const spent = { billed: 1, counted: 6, estimated: 8, unknown: 2, maybeBilled: 1 };
    expect(spendingOf(entries)).toEqual(spent);
    expect(knownUsd(spent)).toBe(15);
    expect(
      addSpending(spent, { billed: 10, counted: 20, estimated: 40, unknown: 5, maybeBilled: 7 }),
    ).toEqual({ billed: 11, counted: 26, estimated: 48, unknown: 7, maybeBilled: 8 });
  });
});
