// Money before and after a call: prices, estimates, history, the provider's list, and how long it will take.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateDuration } from '../../src/model/money/duration.ts';
import type { Distribution } from '../../src/model/money/distribution.ts';
import { CallHistory } from '../../src/model/money/history.ts';
import { compareWithList, readModelList } from '../../src/model/client/modellist.ts';
import { batchPriceOfAsk, ceilingOf, costOf, estimateCall, priceOf } from '../../src/model/money/prices.ts';
import { estimateTokens } from '../../src/model/money/tokens.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import type { Send } from '../../src/http.ts';
import { send } from '../support/client.ts';
import { call, never } from '../support/dispatching.ts';
import { startFakeProvider } from '../support/fakeprovider.ts';

const price = { input: 3, output: 15 };
const texts = { prompt: 'x'.repeat(400), reply: 'y'.repeat(40) };

describe('prices', () => {
  test('the provider’s own word wins over tokens, tokens over an estimate, and without a price nothing is known', () => {
    const usage = { promptTokens: 1000, completionTokens: 2000 };
    expect(costOf({ ...usage, cost: 0.5 }, price, texts)).toEqual({ usd: 0.5, source: 'provider' });
    expect(costOf({ cost: 0 }, undefined, texts)).toEqual({ usd: 0, source: 'provider' });
    expect(costOf(usage, price, texts)).toEqual({ usd: 0.033, source: 'tokens' });
    expect(costOf({}, price, texts)).toEqual({ usd: (100 * 3 + 10 * 15) / 1e6, source: 'estimate' });
    expect(costOf(usage, undefined, texts)).toBeUndefined();
    // Half of it said is taken, and the other half counted.
    expect(costOf({ promptTokens: 1000 }, price, texts)).toEqual({
      usd: (1000 * 3 + 10 * 15) / 1e6,
      source: 'estimate',
    });
    expect(costOf({ completionTokens: 2000 }, price, texts)).toEqual({
      usd: (100 * 3 + 2000 * 15) / 1e6,
      source: 'estimate',
    });
  });

  test('half a price is none, and a model that is offered free of charge needs none', () => {
    expect(priceOf('maker/a', { input: 1, output: 2 })).toEqual({ input: 1, output: 2 });
    expect(priceOf('maker/a', { input: 1 })).toBeUndefined();
    expect(priceOf('maker/a:free', {})).toEqual({ input: 0, output: 0 });
  });

  test('a price in batches that is not known is the ordinary one', () => {
    const ordinary = { model: 'maker/a', inputPrice: 2, outputPrice: 8 };
    expect(batchPriceOfAsk(ordinary)).toEqual({ price: { input: 2, output: 8 }, known: false });
    expect(batchPriceOfAsk({ ...ordinary, batchInputPrice: 1, batchOutputPrice: 4 })).toEqual({
      price: { input: 1, output: 4 },
      known: true,
    });
    expect(batchPriceOfAsk({ model: 'maker/b', batchInputPrice: 1 })).toEqual({
      price: undefined,
      known: false,
    });
  });

  test('tokens are counted by script, and corrected by what was recorded', () => {
    expect(estimateTokens('a'.repeat(400))).toBe(100);
    expect(estimateTokens('я'.repeat(100))).toBe(50);
    expect(estimateTokens('思'.repeat(100))).toBe(100);
    expect(estimateTokens('a'.repeat(400), 1.25)).toBe(125);
    expect(estimateTokens('')).toBe(0);
  });

  test('an estimate goes from the median to the 90th percentile, to max_tokens where nothing was seen', () => {
    const million = { input: 0, output: 1_000_000 };
    expect(
      estimateCall({ promptTokens: 10, output: { median: 3, p90: 8, maxTokens: 20 }, price: million }),
    ).toEqual({ lower: 3, upper: 8, ceiling: 20 });
    expect(estimateCall({ promptTokens: 10, output: { maxTokens: 20 }, price: million })).toEqual({
      lower: 20,
      upper: 20,
      ceiling: 20,
    });
    expect(
      estimateCall({ promptTokens: 10, output: { median: 30, p90: 50, maxTokens: 20 }, price: million }),
    ).toEqual({ lower: 20, upper: 20, ceiling: 20 });
    expect(ceilingOf(call('x'.repeat(400)).request, { input: 1, output: 0 })).toBe(150 / 1e6);
    const { request } = call('');
    const long = { ...request, sampling: { max_completion_tokens: 7_000 } };
    expect(ceilingOf(long, million)).toBe(7_000);
  });
});

const line = (change: Partial<LedgerEntry>): LedgerEntry => ({
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

const historyOf = (entries: readonly LedgerEntry[]): CallHistory => {
  const history = new CallHistory();
  for (const entry of entries) history.add(entry);
  return history;
};

test('history: output by template and model, and by stage and model; the factor of the token count; the usual duration', () => {
  const tokens = [5000, 100, 900, 200, 300, 800, 400, 500, 600, 700];
  const history = historyOf([
    ...tokens.map((completion_tokens) =>
      line({ template: 't', completion_tokens, prompt_tokens: 130, prompt_estimate: 100 }),
    ),
    line({ template: 'u', completion_tokens: 7 }),
    line({ outcome: 'server', duration_ms: 90_000, completion_tokens: 1 }),
  ]);
  const spread = (lengths: Distribution | undefined): readonly (number | undefined)[] =>
    [0.5, 0.9].map((share) => lengths?.quantile(share));
  expect(spread(history.ofTemplate('t', 'm', 'draft'))).toEqual([500, 900]);
  expect(spread(history.ofTemplate('u', 'm', 'draft'))).toEqual([7, 7]);
  expect(history.ofTemplate('never seen', 'm', 'draft')).toBeUndefined();
  expect(spread(history.ofStage('m', 'draft'))).toEqual([500, 900]);
  expect(history.ofStage('m', 'draft')?.size).toBe(11);
  expect(history.ofStage('other', 'draft')).toBeUndefined();
  expect(history.ofStage('m', 'essay')).toBeUndefined();
  expect(history.factor('m')).toBeCloseTo(1.3);
  expect(history.factor('other')).toBe(1);
  expect(history.durationMs('m')).toBe(1000);
});

test('history says the same whether it is asked between entries or after the last one', () => {
  const entry = fc.record({
    model: fc.constantFrom('m', 'n'),
    template: fc.constantFrom('t', 'u'),
    completion_tokens: fc.nat(50),
    duration_ms: fc.nat(50),
  });
  const said = (history: CallHistory): unknown =>
    ['m', 'n'].map((model) => [
      history.durationMs(model),
      history.ofTemplate('t', model, 'draft')?.quantile(0.9),
    ]);
  fc.assert(
    fc.property(fc.array(entry), (changes) => {
      const asked = new CallHistory();
      const seen: LedgerEntry[] = [];
      for (const change of changes) {
        seen.push(line(change));
        asked.add(line(change));
        expect(said(asked)).toEqual(said(historyOf(seen)));
        const sorted = seen
          .filter(({ model }) => model === change.model)
          .map(({ duration_ms }) => duration_ms)
          .sort((a, b) => a - b);
        expect(asked.durationMs(change.model)).toBe(sorted[Math.ceil(sorted.length / 2) - 1]);
      }
    }),
  );
});

test('duration: the tightest limit of the slowest pool', () => {
  const pools = [
    { name: 'paid', concurrency: 5 },
    { name: 'free', concurrency: 1, requestsPerMinute: 20, requestsPerDay: 50, startedToday: 10 },
  ] as const;
  const load = { callMs: 2000, tokens: 0 };
  expect(estimateDuration(pools, [{ pool: 'paid', calls: 12, ...load }])).toEqual({
    ms: 6000,
    pools: [{ pool: 'paid', ms: 6000, bottleneck: 'concurrency', callsToday: 12 }],
  });
  expect(estimateDuration(pools, [{ pool: 'free', calls: 21, ...load }]).pools[0]).toMatchObject({
    ms: 62_000,
    bottleneck: 'requests_per_minute',
  });
  expect(estimateDuration(pools, [{ pool: 'free', calls: 41, ...load }]).pools[0]).toMatchObject({
    ms: 86_400_000,
    bottleneck: 'requests_per_day',
    callsToday: 40,
  });
  expect(estimateDuration(pools, []).ms).toBe(0);
});

test('duration: pools work side by side, by tokens too, and one that finds its own limit is taken for twenty at once', () => {
  const pools = [
    { name: 'tight', concurrency: 100, tokensPerMinute: 1000 },
    { name: 'auto', concurrency: 'auto' },
    { name: 'spent', concurrency: 1, requestsPerDay: 50, startedToday: 60 },
    { name: 'fresh', concurrency: 1, requestsPerDay: 50 },
  ] as const;
  const of = (pool: string, calls: number, tokens = 0): object =>
    estimateDuration(pools, [{ pool, calls, tokens, callMs: 2000 }]).pools[0]!;
  expect(of('tight', 10, 2001)).toMatchObject({ ms: 122_000, bottleneck: 'tokens_per_minute' });
  expect(of('tight', 10, 2000)).toMatchObject({ ms: 62_000, bottleneck: 'tokens_per_minute' });
  for (const pool of ['auto', 'nobody’s'])
    expect(of(pool, 41)).toEqual({ pool, ms: 6000, bottleneck: 'concurrency', callsToday: 41 });
  // No limit is blamed that is none.
  expect(of('nobody’s', 20)).toMatchObject({ ms: 2000, bottleneck: 'concurrency' });
  expect(of('spent', 51)).toMatchObject({ ms: 2 * 86_400_000, callsToday: 0 });
  expect(of('fresh', 151)).toMatchObject({ ms: 3 * 86_400_000, callsToday: 50 });
  expect(of('fresh', 0)).toMatchObject({ ms: 0, callsToday: 0 });
  const loads = ['auto', 'tight'].map((pool) => ({ pool, calls: 20, tokens: 2001, callMs: 2000 }));
  expect(estimateDuration(pools, loads).ms).toBe(122_000);
});

describe('the provider’s model list', () => {
  const models = [
    { id: 'maker/b', pricing: { prompt: '0.0000025', completion: '0.00001' }, context_length: 128_000 },
    { id: 'maker/b:batch', pricing: { prompt: '0.00000125', completion: '0.000005' } },
    { id: 'maker/a:free', pricing: { prompt: '0', completion: '0' }, context_length: 8192 },
    { id: 'router/auto', pricing: { prompt: '-1', completion: '-1' } },
    { nonsense: true },
  ];
  const row = (
    id: string,
    model: string,
    prices: object = {},
  ): Parameters<typeof compareWithList>[0][number] => ({
    id,
    model,
    place: { file: 'llm_models.csv', line: 2 },
    ...prices,
  });

  test('gives prices per million tokens, context lengths, and says what vanished and where', async () => {
    const server = await startFakeProvider({ models });
    const list = await readModelList({ baseURL: `${server.url}/`, apiKey: '', send, signal: never });
    await server.close();
    expect(list).toEqual({
      problems: [],
      value: [
        { id: 'maker/a:free', inputPrice: 0, outputPrice: 0, contextLength: 8192 },
        {
          id: 'maker/b',
          inputPrice: 2.5,
          outputPrice: 10,
          contextLength: 128_000,
          batchInputPrice: 1.25,
          batchOutputPrice: 5,
        },
        { id: 'maker/b:batch', inputPrice: 1.25, outputPrice: 5 },
        { id: 'router/auto' },
      ],
    });
    const rows = [
      row('b', 'maker/b', { inputPrice: 3, outputPrice: 10 }),
      row('a', 'maker/a:free', { inputPrice: 0, outputPrice: 0 }),
      row('r', 'router/auto'),
      row('gone', 'maker/gone'),
      row('c', 'maker/b', { inputPrice: 2.5, outputPrice: 10, batchInputPrice: 1.25, batchOutputPrice: 5 }),
    ];
    const { value, problems } = compareWithList(rows, list.value);
    expect(value.changes).toEqual([
      {
        id: 'b',
        model: 'maker/b',
        inputPrice: 2.5,
        outputPrice: 10,
        batchInputPrice: 1.25,
        batchOutputPrice: 5,
        before: { inputPrice: 3, outputPrice: 10 },
      },
    ]);
    expect([...value.contextLengths]).toEqual([
      ['b', 128_000],
      ['a', 8192],
      ['c', 128_000],
    ]);
    expect(problems).toMatchObject([
      { code: 'DD618', severity: 'warning', data: { id: 'gone' }, place: { line: 2 } },
    ]);
  });

  test('a list that cannot be read is a problem without the key', async () => {
    const apiKey = 'sk-secret-0123456789';
    const answers: readonly Send[] = [
      () => Promise.reject(new Error(`no route for ${apiKey}`)),
      () => Promise.resolve(new Response('no', { status: 500 })),
      () => Promise.resolve(new Response('<html>')),
      () => Promise.resolve(new Response('{"data": 5}')),
    ];
    for (const answer of answers) {
      const { problems } = await readModelList({
        baseURL: 'http://x/v1',
        apiKey,
        send: answer,
        signal: never,
      });
      expect(problems).toMatchObject([{ code: 'DD617' }]);
      expect(JSON.stringify(problems)).not.toContain(apiKey);
    }
  });
});
