// The cap on money, alone and under load: not once passed, whatever calls cost and however many are in flight. 1,000 builds under load are
// in test/long.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget, unpriced } from '../../src/model/money/budget.ts';
import { cappedRun } from '../support/cappedrun.ts';

describe('a budget', () => {
  test('sets aside, settles, and tells full from over', () => {
    const budget = new Budget(1);
    expect(budget.reserve(0.6)).toBe('reserved');
    expect(budget.reserve(0.6)).toBe('full');
    expect(budget.reserve(1.1)).toBe('over');
    budget.settle(0.6, 0.1);
    expect(budget.reserve(0.9)).toBe('reserved');
    budget.settle(0.9, 'unknown');
    expect(budget.state()).toEqual({ cap: 1, spent: 0.1, presumed: 0.9, reserved: 0 });
    expect(budget.reserve(0.01)).toBe('over');
    expect(budget.reserve(0)).toBe('reserved');
  });

  test('a cap of exactly the price is enough, rounding or not', () => {
    const budget = new Budget(0.3);
    for (const usd of [0.1, 0.1, 0.1]) {
      expect(budget.reserve(usd)).toBe('reserved');
      budget.settle(usd, usd);
    }
    expect(budget.reserve(0.000001)).toBe('over');
  });

  test('never lets spent and reserved pass the cap, in any order of calls', () => {
    const step = fc.record({
      usd: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      settle: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.array(step, { maxLength: 60, size: 'max' }),
        (cap, steps) => {
          const budget = new Budget(cap);
          const open: number[] = [];
          for (const { usd, share, settle } of steps) {
            const reserved = settle ? open.shift() : undefined;
            if (reserved !== undefined) budget.settle(reserved, share < 0.1 ? 'unknown' : reserved * share);
            else if (budget.reserve(usd) === 'reserved') open.push(usd);
            const state = budget.state();
            expect(state.spent + state.presumed + state.reserved).toBeLessThanOrEqual(cap + 1e-6);
          }
        },
      ),
    );
  });

  test('names each paid model whose price nobody knows', () => {
    const place = { file: '/p/llm_models.csv', line: 3 };
    const problems = unpriced([
      { id: 'a', model: 'maker/a', priced: true },
      { id: 'b', model: 'maker/b', priced: false, place },
    ]);
    expect(problems).toMatchObject([{ code: 'DD602', place, data: { id: 'b' } }]);
  });
});

test('a cap holds under concurrency 64 with random costs: not once passed in 150 runs', async () => {
  let stopped = 0;
  let most = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const run = await cappedRun(seed);
    expect(run.reserved).toBe(0);
    expect(run.billed, `seed ${String(seed)}`).toBeLessThanOrEqual(run.cap);
    if (run.over > 0) stopped += 1;
    most = Math.max(most, run.most);
  }
  expect(stopped).toBeGreaterThan(75);
  expect(most).toBeGreaterThan(20);
});
