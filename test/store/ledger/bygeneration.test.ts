// The calls for each generation, whatever came of them: how many, what they cost together, when the last one was answered.
import { beforeEach, describe, expect, it } from 'vitest';
import { CallsByGeneration } from '../../../src/store/ledger/bygeneration.ts';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { ledgerLine } from '../../support/ledgerline.ts';

let calls: CallsByGeneration;
beforeEach(() => {
  calls = new CallsByGeneration();
});

const EARLY = '2026-11-23T10:00:00.000Z';
const LATE = '2026-11-23T11:00:00.000Z';

function unpriced(change: Partial<LedgerEntry>): LedgerEntry {
  const { cost: _cost, ...entry } = ledgerLine(change);
  return entry;
}

describe('the calls for a generation', () => {
  it('are none before there was one', () => {
    expect(calls.of('draft', 'd_1')).toEqual({ calls: 0, spent: 0, answered: null });
  });

  it('are counted and summed, those that failed too, and the last reply says when', () => {
    calls.add(unpriced({ outcome: 'server', when: EARLY }));
    expect(calls.of('draft', 'd_1')).toEqual({ calls: 1, spent: 0, answered: null });
    calls.add(ledgerLine({ cost: 0.5, when: EARLY }));
    calls.add(ledgerLine({ cost: 0.25, when: LATE }));
    calls.add(unpriced({ outcome: 'timeout', when: '2026-11-23T12:00:00.000Z' }));
    expect(calls.of('draft', 'd_1')).toEqual({ calls: 4, spent: 0.75, answered: Date.parse(LATE) });
  });

  it('cost nobody knows what once a reply has no price, and then ever after', () => {
    calls.add(unpriced({ when: EARLY }));
    calls.add(ledgerLine({ cost: 0.5, when: 'no time' }));
    expect(calls.of('draft', 'd_1')).toEqual({ calls: 2, spent: null, answered: Date.parse(EARLY) });
  });

  it('are its own: an id is one of its stage', () => {
    calls.add(ledgerLine({ gen_id: 'x', stage: 'essay' }));
    expect([
      calls.of('essay', 'x').calls,
      calls.of('draft', 'x').calls,
      calls.of('essay', 'y').calls,
    ]).toEqual([1, 0, 0]);
  });
});

describe('a reply', () => {
  it('is found by the id that the provider gave it', () => {
    calls.add(ledgerLine({ request_id: 'one', when: EARLY }));
    calls.add(ledgerLine({ request_id: 'two', when: LATE }));
    calls.add(ledgerLine({ request_id: 'failed', outcome: 'server', when: LATE }));
    calls.add(ledgerLine({ when: LATE }));
    expect(['one', 'two', 'failed', 'undefined'].map((id) => calls.answered(id))).toEqual([
      Date.parse(EARLY),
      Date.parse(LATE),
      undefined,
      undefined,
    ]);
  });
});
