// What the ledger and tokens say of money to come: bills that pass the prices, distributions, prompts that were cut, what was agreed to.
import { describe, expect, it } from 'vitest';
import { Agreement } from '../../../src/model/money/agreement.ts';
import { Bills } from '../../../src/model/money/bills.ts';
import { Budget, unpriced } from '../../../src/model/money/budget.ts';
import { cutPrompt } from '../../../src/model/money/cutprompt.ts';
import { Distribution, distributionOf } from '../../../src/model/money/distribution.ts';
import { CallHistory } from '../../../src/model/money/history.ts';
import { isFree, priceOf, priceOfAsk } from '../../../src/model/money/prices.ts';
import { estimateTokens, tokensOfBytes } from '../../../src/model/money/tokens.ts';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';

const line = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  when: '2026-11-23T12:00:00.000Z',
  stage: 'draft',
  gen_id: 'd_1',
  model: 'm',
  provider: 'p',
  pool: 'main',
  attempt: 1,
  outcome: 'reply',
  duration_ms: 1000,
  ...change,
});

describe('bills', () => {
  /** A dollar a token. */
  const price = { input: 1_000_000, output: 1_000_000 };
  const billed = (cost: number, more: Partial<LedgerEntry> = {}): LedgerEntry =>
    line({ cost, cost_from: 'provider', prompt_tokens: 6, completion_tokens: 4, ...more });
  const beyond = (...entries: readonly LedgerEntry[]): number | undefined => {
    const bills = new Bills();
    for (const entry of entries) bills.add(entry);
    return bills.beyond('m', 'draft', price);
  };

  it('tell what a reply is billed where that is more than its price says, by a fifth', () => {
    expect(beyond(billed(13), billed(15))).toBe(14);
    expect(beyond(billed(12), billed(12))).toBeUndefined();
    expect(beyond(billed(13), billed(11.5))).toBe(12.25);
    expect(beyond()).toBeUndefined();
  });

  it('are of the provider alone, for single calls, by model and stage', () => {
    for (const other of [
      { cost_from: 'tokens' },
      { cost_from: 'estimate' },
      { cost: undefined },
      { batch: 'b' },
      { model: 'n' },
      { stage: 'essay' },
    ] as readonly Partial<LedgerEntry>[])
      expect(beyond(billed(99, other))).toBeUndefined();
  });

  it('are a price of their own where there is none', () => {
    const bills = new Bills();
    expect(bills.beyond('m', 'draft', undefined)).toBeUndefined();
    bills.add(billed(3));
    bills.add(billed(0));
    expect(bills.beyond('m', 'draft', undefined)).toBe(1.5);
    expect(bills.beyond('m', 'essay', undefined)).toBeUndefined();
  });

  it('without tokens are all beyond the price', () => {
    const { prompt_tokens: _p, completion_tokens: _c, ...bare } = billed(1);
    expect(beyond(bare)).toBe(1);
  });

  it('are those of the last twenty replies', () => {
    const twenty = (cost: number): readonly LedgerEntry[] => Array.from({ length: 20 }, () => billed(cost));
    expect(beyond(billed(1000), ...twenty(10))).toBeUndefined();
    expect(beyond(...twenty(10), billed(1000))).toBe((19 * 10 + 1000) / 20);
  });
});

describe('a distribution', () => {
  it('tells the smallest value that a share of all does not pass', () => {
    const seen = new Distribution();
    expect([seen.quantile(0.5), seen.size]).toEqual([0, 0]);
    for (const value of [30, 10, 20, 40]) seen.add(value);
    expect([0, 0.25, 0.26, 0.5, 0.75, 0.9, 1].map((share) => seen.quantile(share))).toEqual([
      10, 10, 20, 20, 30, 40, 40,
    ]);
    seen.add(5);
    expect([seen.quantile(0), seen.size]).toEqual([5, 5]);
  });

  it('is one for each key', () => {
    const all = new Map<string, Distribution>();
    distributionOf(all, 'a').add(1);
    distributionOf(all, 'a').add(2);
    expect([distributionOf(all, 'a').size, distributionOf(all, 'b').size]).toEqual([2, 0]);
  });
});

describe('history', () => {
  it('corrects the count of tokens by what was recorded, where both were', () => {
    const history = new CallHistory();
    history.add(line({ prompt_tokens: 30, prompt_estimate: 10 }));
    history.add(line({ prompt_tokens: 10, prompt_estimate: 10 }));
    history.add(line({ prompt_tokens: 500 }));
    history.add(line({ prompt_estimate: 500 }));
    history.add(line({ prompt_tokens: 500, prompt_estimate: 0 }));
    history.add(line({ outcome: 'server', prompt_tokens: 500, prompt_estimate: 1 }));
    expect(history.factor('m')).toBe(2);
  });

  it('corrects nothing where nothing was counted', () => {
    const history = new CallHistory();
    history.add(line({ prompt_tokens: 0, prompt_estimate: 10 }));
    expect(history.factor('m')).toBe(1);
  });

  it('knows replies of no template, by stage and model', () => {
    const history = new CallHistory();
    history.add(line({ completion_tokens: 7 }));
    expect(history.ofTemplate('', 'm', 'draft')?.quantile(1)).toBe(7);
    expect(history.ofStage('m', 'draft')?.quantile(1)).toBe(7);
    expect([history.ofTemplate('', 'm', 'essay'), history.ofStage('m', 'essay')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(history.durationMs('n')).toBeUndefined();
  });

  it('takes no call for one of less than no time', () => {
    const history = new CallHistory();
    history.add(line({ duration_ms: -3_600_000 }));
    expect(history.durationMs('m')).toBe(0);
  });

  it('keeps the bills of what was answered', () => {
    const history = new CallHistory();
    history.add(line({ cost: 1, cost_from: 'provider' }));
    history.add(line({ outcome: 'server', cost: 9, cost_from: 'provider' }));
    expect(history.bills.beyond('m', 'draft', { input: 0, output: 0 })).toBe(1);
  });
});

describe('tokens', () => {
  it('are counted by scripts, each by its own measure, and rounded up', () => {
    expect(estimateTokens('abcde')).toBe(2);
    expect(estimateTokens('ab\u024f\u0250')).toBe(2);
    expect(estimateTokens('\u0250\u2e7f\u2e7f')).toBe(2);
    expect(estimateTokens('\u2e80\u2e80')).toBe(2);
    expect(estimateTokens('aaaaяя思')).toBe(3);
    expect(estimateTokens('aaaaяя思', 2)).toBe(6);
    expect(tokensOfBytes(6)).toBe(1.5);
  });
});

describe('a prompt that was cut', () => {
  const latin = 'a'.repeat(4000);
  const other = '思'.repeat(1000);
  const cut = (prompt: string, promptTokens: number | undefined) =>
    cutPrompt({ usage: promptTokens === undefined ? {} : { promptTokens } }, prompt);

  it('is one of which the server counted less than half of what we do', () => {
    expect(cut(latin, 499)).toEqual({ estimate: 1000, counted: 499 });
    expect(cut(latin, 500)).toBeUndefined();
  });

  it('is, of other scripts, one of which it counted less than a fourth', () => {
    expect(cut(other, 249)).toEqual({ estimate: 1000, counted: 249 });
    expect(cut(other, 250)).toBeUndefined();
  });

  it('is none where nobody counted, nor where it is short', () => {
    expect([cut(latin, undefined), cut(latin, 0), cut('a'.repeat(3996), 1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('prices', () => {
  it('of what is free are nothing, and half a price is none', () => {
    expect([isFree('m:free'), isFree('m:free:x'), isFree('free')]).toEqual([true, false, false]);
    expect(priceOf('m', { output: 2 })).toBeUndefined();
    expect(priceOf('m:free', { input: 1, output: 2 })).toEqual({ input: 1, output: 2 });
    expect(priceOfAsk({ model: 'm', inputPrice: 1, outputPrice: 2 })).toEqual({ input: 1, output: 2 });
    expect(priceOfAsk({ model: 'm', inputPrice: 1 })).toBeUndefined();
  });
});

describe('a cap', () => {
  it('has room for exactly what is left, rounding aside', () => {
    const budget = new Budget(0.3);
    expect([budget.reserve(0.1), budget.reserve(0.2)]).toEqual(['reserved', 'reserved']);
    expect(budget.reserve(0.000_001)).toBe('full');
    budget.settle(0.1, 0.1);
    budget.settle(0.2, 'unknown');
    expect(budget.state()).toEqual({ cap: 0.3, spent: 0.1, presumed: 0.2, reserved: 0 });
    expect(budget.reserve(0.000_001)).toBe('over');
  });

  it('is full while what is in flight may leave room, and over where it can not', () => {
    const budget = new Budget(1);
    budget.reserve(0.75);
    expect([budget.reserve(0.5), budget.reserve(1), budget.reserve(1.5)]).toEqual(['full', 'full', 'over']);
    budget.settle(0.75, 0.25);
    expect([budget.state().reserved, budget.reserve(1), budget.reserve(0.75)]).toEqual([
      0,
      'over',
      'reserved',
    ]);
  });

  it('counts what may have been billed as gone', () => {
    const budget = new Budget(1);
    budget.reserve(0.5);
    budget.reserve(0.25);
    budget.settle(0.5, 'unknown');
    expect([budget.reserve(0.5), budget.reserve(0.75)]).toEqual(['full', 'over']);
  });

  it('frees what was set aside call by call', () => {
    const budget = new Budget(1);
    budget.reserve(0.5);
    budget.reserve(0.25);
    budget.settle(0.5, 0);
    expect(budget.state().reserved).toBe(0.25);
  });

  it('can be raised, and not lowered', () => {
    const budget = new Budget(1);
    budget.raise(2);
    budget.raise(0.5);
    expect(budget.state().cap).toBe(2);
  });

  it('can not hold with a model that has no price: each is named', () => {
    const place = { file: 'llm_models.csv', line: 2 };
    expect(
      unpriced([
        { id: 'a', model: 'maker/a', priced: true },
        { id: 'b', model: 'maker/b', priced: false, place },
      ]),
    ).toMatchObject([
      {
        code: 'DD602',
        message: 'model "b" (maker/b) has no price, so --max-cost cannot hold',
        place,
        data: { id: 'b', model: 'maker/b' },
      },
    ]);
  });
});

describe('what was agreed to', () => {
  it('has room for what is expected, and what is expected to cost nothing is never asked about', async () => {
    const agreement = new Agreement(1, async () => undefined);
    expect([agreement.reserve(1), agreement.reserve(0.5), agreement.reserve(0)]).toEqual([
      'reserved',
      'full',
      'reserved',
    ]);
    agreement.settle(1, 2);
    expect(agreement.reserve(0.5)).toBe('over');
    await agreement.more(0.5);
    expect([agreement.reserve(0.1), agreement.more(0.1), agreement.agreed()]).toEqual(['over', undefined, 1]);
  });

  it('stays over once the answer was no, though a smaller call would fit; what costs nothing goes on', async () => {
    const agreement = new Agreement(1, async () => undefined);
    agreement.reserve(0.5);
    await agreement.more(2);
    expect([agreement.reserve(0.25), agreement.reserve(0)]).toEqual(['over', 'reserved']);
  });

  it('grows by a yes, at least by the call that waits; all wait for one answer', async () => {
    const asked: unknown[] = [];
    let say: (usd: number) => void = () => {};
    const agreement = new Agreement(1, (state) => {
      asked.push(state);
      return new Promise((resolve) => (say = resolve));
    });
    agreement.reserve(0.75);
    const first = agreement.more(2);
    expect(agreement.more(3)).toBe(first);
    expect(agreement.reserve(0.1)).toBe('full');
    say(1.5);
    await first;
    expect(asked).toEqual([{ cap: 1, spent: 0, presumed: 0, reserved: 0.75 }]);
    expect(agreement.agreed()).toBe(2.75);
    expect(agreement.reserve(2)).toBe('reserved');
    const second = agreement.more(1);
    say(10);
    await second;
    expect(agreement.agreed()).toBe(10);
  });

  it('counts what was spent, and what may have been, when it grows', async () => {
    const agreement = new Agreement(1, async () => 0);
    agreement.reserve(0.25);
    agreement.settle(0.25, 0.5);
    agreement.reserve(0.25);
    agreement.settle(0.25, 'unknown');
    agreement.reserve(0.125);
    await agreement.more(4);
    expect(agreement.agreed()).toBe(4.875);
  });
});
