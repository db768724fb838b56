// A model that is called free and billed all the same, under a cap: what is in flight before its first bill is known, and after.
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/model/money/budget.ts';
import type { Call } from '../../../src/model/call.ts';
import type { ModelOutcome } from '../../../src/model/provider.ts';
import { call, dispatching, failed, never, reply } from '../../support/dispatching.ts';

const FREE = { input: 0, output: 0 };
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const billed = (cost: number) => (): ModelOutcome => reply({ usage: { cost } });

/** All at once, at concurrency 8; how many were answered, and what was spent. */
async function ran(
  answer: Parameters<typeof dispatching>[0],
  cap: number | undefined,
  changed: (name: string) => Partial<Call> = () => ({}),
) {
  const budget = cap === undefined ? undefined : new Budget(cap);
  const rig = dispatching(answer, { ...(budget && { budget }), pool: { concurrency: 8 } });
  const all = Promise.all(
    NAMES.map((name) => rig.dispatcher.submit(call(name, { price: FREE, ...changed(name) }), never)),
  );
  await rig.clock.runUntil(all);
  const answered = (await all).filter(({ kind }) => kind === 'reply').length;
  const start = Math.min(...rig.sent.map(({ at }) => at));
  return {
    answered,
    spent: budget?.state().spent ?? 0,
    most: rig.most(),
    at: rig.sent.map(({ at }) => (at - start) / 1000),
  };
}

describe('the first call of a model that is called free', () => {
  test('is sent alone under a cap, and where its bill passes the cap it is the only one', async () => {
    expect(await ran(billed(0.004), 0.0035)).toEqual({ answered: 1, spent: 0.004, most: 1, at: [0] });
  });

  test('says what the others set aside: no more are sent than fit', async () => {
    const { answered, spent, at } = await ran(billed(0.004), 0.0125);
    expect({ answered, spent: spent.toFixed(3), at }).toEqual({ answered: 3, spent: '0.012', at: [0, 1, 1] });
  });

  test('lets all others go where it was free indeed, told or not', async () => {
    for (const usage of [{ cost: 0 }, {}, { promptTokens: 3, completionTokens: 5 }])
      expect(await ran(() => reply({ usage }), 0.001)).toMatchObject({
        answered: 8,
        spent: 0,
        at: [0, 1, 1, 1, 1, 1, 1, 1],
      });
  });

  test('tells nothing where it failed: one call is sent again until one is answered', async () => {
    const found = await ran(
      (name, attempt) => (name < 'c' && attempt === 1 ? failed('server') : billed(0.004)()),
      0.0035,
    );
    expect(found).toMatchObject({ answered: 1, spent: 0.004, most: 1 });
  });

  test('is one of each model and stage, and those of others do not wait for it', async () => {
    const models = await ran(billed(0), 1, (name) => {
      const { request } = call(name);
      return { request: { ...request, model: name < 'e' ? 'maker/one:free' : 'maker/two:free' } };
    });
    expect(models.at).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    const stages = await ran(billed(0), 1, (name) => {
      const { request } = call(name);
      return { request: { ...request, stage: name < 'e' ? 'draft' : 'essay' } };
    });
    expect(stages.at).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test('need not go alone where such replies were seen before, or where nothing is capped', async () => {
    expect((await ran(billed(0), 1, () => ({ expectedUsd: 0 }))).most).toBe(8);
    expect((await ran(billed(0), undefined)).most).toBe(8);
  });

  test('holds up nobody that is aborted while it waits', async () => {
    const rig = dispatching(billed(0), { budget: new Budget(1), pool: { concurrency: 8 } });
    const stopped = new AbortController();
    const first = rig.dispatcher.submit(call('a', { price: FREE }), never);
    const second = rig.dispatcher.submit(call('b', { price: FREE }), stopped.signal);
    await rig.clock.advance(0);
    stopped.abort();
    expect((await second).kind).toBe('aborted');
    await rig.clock.runUntil(first);
    expect(rig.sent.map(({ name }) => name)).toEqual(['a']);
  });
});

test('what a model is billed beyond its prices is set aside for its further calls in the same run', async () => {
  const tiny = { input: 0.001, output: 0.001 };
  const found = await ran(billed(0.4), 1, () => ({ price: tiny, expectedUsd: 1e-7 }));
  // All eight fit by their prices, and were under way when the first bill came.
  expect(found.answered).toBe(8);
  const rig = dispatching(billed(0.4), { budget: new Budget(1), pool: { concurrency: 1 } });
  const all = Promise.all(
    NAMES.map((name) => rig.dispatcher.submit(call(name, { price: tiny, expectedUsd: 1e-7 }), never)),
  );
  await rig.clock.runUntil(all);
  expect((await all).filter(({ kind }) => kind === 'reply')).toHaveLength(2);
});
