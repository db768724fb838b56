// Sums over the call ledger: what was tried, what it cost, and what nobody knows.
import { describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import {
  DailyAttempts,
  ledgerTotal,
  ledgerTotals,
  spentIn,
  sumsOf,
} from '../../../src/store/ledger/totals.ts';
import type { LedgerKey } from '../../../src/store/ledger/totals.ts';
import { ledgerLine as line } from '../../support/ledgerline.ts';

describe('totals', () => {
  const unpaid = ({ cost: _cost, ...rest }: LedgerEntry): LedgerEntry => rest;
  const entries = [
    line({ cohort: 'b' }),
    line({ cohort: 'a', stage: 'essay', when: '2026-11-24T00:00:00.000Z', outcome: 'truncated' }),
    unpaid(line({ outcome: 'server' })),
    unpaid(line({ outcome: 'timeout', maybe_billed: true })),
    unpaid(line({ model: 'maker/two', pool: 'free' })),
  ];

  test('count attempts, replies, tokens and money, and what nobody knows', () => {
    expect(ledgerTotal(entries)).toMatchObject({
      attempts: 5,
      replies: 3,
      cost: 1,
      unpriced: 1,
      maybeBilled: 1,
    });
  });

  const uncounted = ({ prompt_tokens: _p, completion_tokens: _c, ...rest }: LedgerEntry): LedgerEntry => rest;
  const paid = [
    line({ cost: 1, prompt_tokens: 5, completion_tokens: 7 }),
    line({ cost: 2, cost_from: 'tokens', prompt_tokens: 10, completion_tokens: 20 }),
    uncounted(line({ cost: 4, cost_from: 'estimate' })),
    uncounted(unpaid(line({ outcome: 'timeout', maybe_billed: true }))),
    uncounted(unpaid(line())),
  ];
  const sum = {
    attempts: 5,
    replies: 4,
    promptTokens: 15,
    completionTokens: 27,
    cost: 7,
    billed: 1,
    counted: 2,
    estimated: 4,
    unpriced: 1,
    maybeBilled: 1,
  };

  test('add up what differs in more than what they go by', () => {
    const twice = [...paid, ...paid.map((each) => ({ ...each, stage: 'essay', shard: '1/2' }) as const)];
    const double = Object.fromEntries(Object.entries(sum).map(([name, value]) => [name, 2 * value]));
    expect(ledgerTotal(twice)).toEqual({ key: '', ...double });
    expect(ledgerTotals(twice, 'model')).toEqual([{ key: 'maker/one', ...double }]);
    expect(ledgerTotals(twice, 'shard', 'stage')).toEqual([
      { key: '\ndraft', ...sum },
      { key: '1/2\nessay', ...sum },
    ]);
  });

  test('of a call that was made twice are twice as much, whatever it cost', () => {
    for (const call of paid) {
      const once = Object.entries(ledgerTotal([call]));
      const twice = once.map(([name, value]) => [name, typeof value === 'number' ? 2 * value : value]);
      expect(ledgerTotal([call, call])).toEqual(Object.fromEntries(twice));
    }
  });

  test('leave out what was before the time since which they are asked for', () => {
    const at = (when: string): LedgerEntry => line({ when });
    const [before, then, after] = [
      at('2026-11-23T09:59:59.999Z'),
      at('2026-11-23T10:00:00.000Z'),
      at('2026-11-24T00:00:00.000Z'),
    ];
    expect(sumsOf([before, then, after], then.when).total.attempts).toBe(2);
    expect(sumsOf([before, then, after]).total.attempts).toBe(3);
  });

  test('add up each kind of money and of tokens, and are nothing where nothing was tried', () => {
    expect(ledgerTotal(paid)).toEqual({ key: '', ...sum });
    expect(spentIn(ledgerTotal(paid))).toEqual({
      billed: 1,
      counted: 2,
      estimated: 4,
      unknown: 1,
      maybeBilled: 1,
    });
    expect(ledgerTotals([], 'model')).toEqual([]);
    expect(new Set(Object.values(ledgerTotal([])))).toEqual(new Set(['', 0]));
  });

  test('go by template and shard too, where the lines name them', () => {
    const lines = [line({ template: 't', shard: '1/2' }), line({ template: 't' }), line({ shard: '2/2' })];
    const keys = (by: LedgerKey): unknown[] =>
      ledgerTotals(lines, by).map(({ key, attempts }) => [key, attempts]);
    expect(keys('template')).toEqual([
      ['', 1],
      ['t', 2],
    ]);
    const alike = [line({ cohort: 'a', shard: '1/2' }), line({ cohort: 'a1/2' })];
    expect(ledgerTotals(alike, 'cohort').map(({ key }) => key)).toEqual(['a', 'a1/2']);
    expect(keys('shard')).toEqual([
      ['', 1],
      ['1/2', 1],
      ['2/2', 1],
    ]);
  });

  test('go by model, stage, day and cohort, in order', () => {
    const keys = (...by: readonly LedgerKey[]): unknown[] =>
      ledgerTotals(entries, ...by).map(({ key, attempts }) => [...key.split('\n'), attempts]);
    expect(keys('model')).toEqual([
      ['maker/one', 4],
      ['maker/two', 1],
    ]);
    expect(keys('stage')).toEqual([
      ['draft', 4],
      ['essay', 1],
    ]);
    expect(keys('day')).toEqual([
      ['2026-11-23', 4],
      ['2026-11-24', 1],
    ]);
    expect(keys('cohort')).toEqual([
      ['', 3],
      ['a', 1],
      ['b', 1],
    ]);
    expect(keys('model', 'stage')).toEqual([
      ['maker/one', 'draft', 3],
      ['maker/one', 'essay', 1],
      ['maker/two', 'draft', 1],
    ]);
  });

  test('attempts of a day by pool, failed ones too', () => {
    const attempts = new DailyAttempts();
    for (const entry of entries) attempts.add(entry);
    expect([...attempts.on('2026-11-23')]).toEqual([
      ['paid', 3],
      ['free', 1],
    ]);
    expect([...attempts.on('2026-11-24')]).toEqual([['paid', 1]]);
    expect([...attempts.on('2026-11-25')]).toEqual([]);
  });
});
