// What OpenAI-compatible servers really send, and what the client makes of it: over real HTTP, asked for in a stream and without.
import { afterEach, describe, expect, test } from 'vitest';
import { usageOf } from '../../src/model/client/usage.ts';
import type { ModelOutcome, ModelRequest } from '../../src/model/provider.ts';
import { clientOf } from '../support/client.ts';
import { never } from '../support/dispatching.ts';
import {
  CASES,
  ENDINGS,
  json,
  piece,
  startServer,
  stream as streamed,
  TEXT,
  whole,
  type Answer,
  type Server,
} from '../support/providerreplies.ts';

let server: Server;
afterEach(() => server.close());

const REQUEST: ModelRequest = {
  prompt: 'Say something.',
  model: 'm',
  temperature: 0.7,
  maxTokens: 4000,
  sampling: {},
  stage: 'draft',
  replicate: 1,
};

async function outcomeOf(answer: Answer, stream: boolean): Promise<ModelOutcome> {
  server = await startServer(answer);
  return clientOf(server.url, { stream }).ask(REQUEST, never);
}

describe.each([{ stream: false }, { stream: true }])('with stream: $stream', ({ stream }) => {
  const cases = Object.entries(CASES).filter(([, { asked = 1 }]) => stream || asked === 1);

  test.each(cases)('%s', async (_what, { answer, right, asked = 1 }) => {
    const outcome = await outcomeOf(answer, stream);
    const missing = {
      setting: undefined,
      thoughts: undefined,
      refusal: undefined,
      lostReply: undefined,
      usage: undefined,
    };
    expect({ ...missing, ...outcome }).toMatchObject(right);
    expect(server.bodies).toHaveLength(asked);
  });

  const ends = Object.entries(ENDINGS).flatMap(([what, words]) =>
    words.split(' ').map((word) => ({ what, word })),
  );
  test.each(ends)('a reply that ends with $word is $what', async ({ what, word }) => {
    const outcome = await outcomeOf(
      (_body, response) =>
        stream
          ? streamed(response, [piece({ content: 'Half a sentence' }), piece({}, word)])
          : json(response, whole({ content: 'Half a sentence' }, word)),
      stream,
    );
    const refusal = { filtered: 'content_filter', tool: 'tool_call' }[what];
    expect({ refusal: undefined, ...outcome }).toMatchObject({
      kind: 'reply',
      text: 'Half a sentence',
      truncated: what === 'cut',
      refusal,
      finishReason: word,
    });
    expect(server.bodies).toHaveLength(1);
  });

  test('a word that nobody knows is a whole reply, and said to be unknown', async () => {
    const outcome = await outcomeOf(
      (_body, response) => json(response, whole({ content: TEXT }, 'gong')),
      stream,
    );
    expect(outcome).toMatchObject({ text: TEXT, truncated: false, unknownEnding: true });
    expect(outcome).not.toHaveProperty('refusal');
  });

  test.each(['error', 'abort', 'network_error'])(
    'a reply that ends with %s failed on the way',
    async (word) => {
      const outcome = await outcomeOf(
        (_body, response) => json(response, whole({ content: 'x' }, word)),
        stream,
      );
      expect(outcome).toMatchObject({ kind: 'failure', cause: 'server' });
    },
  );
});

test('that a server knows no stream_options is found out once', async () => {
  server = await startServer(CASES['no stream_options known']?.answer ?? (() => {}));
  const client = clientOf(server.url, { stream: true });
  for (let turn = 0; turn < 3; turn++) await client.ask(REQUEST, never);
  expect(server.bodies.map(({ stream_options: options }) => options !== undefined)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('usage need not be asked for in streams', async () => {
  server = await startServer((_body, response) => streamed(response, [piece({ content: TEXT }, 'stop')]));
  await clientOf(server.url, { stream: true, streamUsage: false }).ask(REQUEST, never);
  expect(server.bodies).toMatchObject([{ stream: true }]);
  expect(server.bodies[0]).not.toHaveProperty('stream_options');
});

test.each<[string, object, object]>([
  [
    'as Anthropic and OpenAI’s responses',
    { input_tokens: 9, output_tokens: 5 },
    { promptTokens: 9, completionTokens: 5 },
  ],
  ['none, of a prompt that has some', { prompt_tokens: 0, completion_tokens: 0 }, {}],
  ['of the reply alone', { prompt_tokens: 0, completion_tokens: 5 }, { completionTokens: 5 }],
  [
    'of a reply that says nothing',
    { prompt_tokens: 9, completion_tokens: 0 },
    { promptTokens: 9, completionTokens: 0 },
  ],
])('tokens are counted %s', (_what, usage, counts) => {
  expect(usageOf(usage)).toEqual(counts);
});

describe('what a reply cost', () => {
  test.each<[string, object, number | undefined]>([
    ['a number', { cost: 0.5 }, 0.5],
    ['nothing', { cost: 0 }, 0],
    ['not said', {}, undefined],
    ['less than nothing, which is not believed', { cost: -1 }, undefined],
    ['a fee and the upstream price', { cost: 0.95, cost_details: { upstream_inference_cost: 19 } }, 19.95],
    [
      'a fee and the upstream price, with a key of one’s own',
      { cost: 0.1, is_byok: true, cost_details: { upstream_inference_cost: 0.1 } },
      0.2,
    ],
    [
      'the upstream price within the cost',
      { cost: 0.1, is_byok: false, cost_details: { upstream_inference_cost: 0.09 } },
      0.1,
    ],
    ['the very same price twice', { cost: 0.1, cost_details: { upstream_inference_cost: 0.1 } }, 0.1],
    ['the upstream price alone', { cost_details: { upstream_inference_cost: 0.02 } }, 0.02],
    [
      'an upstream price in parts',
      {
        cost: 0,
        cost_details: { upstream_inference_prompt_cost: 0.25, upstream_inference_completions_cost: 0.5 },
      },
      0.75,
    ],
    [
      'a fee of OpenRouter’s alone, with a key of one’s own',
      { cost: 0, is_byok: true, cost_details: { upstream_inference_cost: null } },
      undefined,
    ],
    ['no upstream price', { cost: 0.1, cost_details: { upstream_inference_cost: null } }, 0.1],
    [
      'parts and their sum',
      { cost: { input_tokens_cost: 0.1, output_tokens_cost: 0.2, total_cost: 0.3 } },
      0.3,
    ],
    ['ticks', { cost_in_usd_ticks: 37_500_000 }, 0.00375],
    ['an estimate of the provider', { estimated_cost: 0.001 }, 0.001],
  ])('%s', async (_what, usage, cost) => {
    const outcome = await outcomeOf(
      (_body, response) => json(response, whole({ content: TEXT }, 'stop', { usage })),
      false,
    );
    const found = outcome.kind === 'reply' ? outcome.usage.cost : 'failed';
    expect(found === undefined || typeof found === 'string' ? found : Number(found.toFixed(9))).toBe(cost);
  });
});

test.each([
  ['what a gateway says in a header', '0.0009885', {}, 0.0009885],
  ['the body’s word before that of a header', '0.5', { cost: 0.25 }, 0.25],
  ['no price, where a gateway has none', '0.0', {}, undefined],
  ['no price, where a header is no number', 'None', {}, undefined],
])('a reply cost %s', async (_what, header, usage, cost) => {
  const outcome = await outcomeOf((_body, response) => {
    const headers = { 'x-litellm-response-cost': header };
    json(response, whole({ content: TEXT }, 'stop', { usage: { prompt_tokens: 9, ...usage } }), 200, headers);
  }, false);
  expect(outcome.kind === 'reply' ? outcome.usage.cost : 'failed').toBe(cost);
});

describe('how long a provider asks to wait', () => {
  const NOW = Date.UTC(2026, 10, 23, 12);
  test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['milliseconds', { 'retry-after-ms': '50' }, 50],
    ['milliseconds before seconds', { 'retry-after-ms': '50', 'retry-after': '1' }, 50],
    ['seconds', { 'retry-after': '7' }, 7000],
    ['parts of a second', { 'retry-after': '0.25' }, 250],
    ['a date', { 'retry-after': 'Mon, 23 Nov 2026 12:00:09 GMT' }, 9000],
    ['a moment in seconds', { 'retry-after': String(NOW / 1000 + 2) }, 2000],
    ['a moment in milliseconds', { 'retry-after': String(NOW + 2500) }, 2500],
    ['a moment in the milliseconds’ place', { 'retry-after-ms': String(NOW + 2500) }, 2500],
    ['a moment that is over', { 'retry-after': String(NOW / 1000 - 60) }, undefined],
    ['a span with its unit', { 'retry-after': '1m30s' }, 90_000],
    ['a hundred years', { 'retry-after': '99999999' }, undefined],
    ['nothing', { 'retry-after': '' }, undefined],
    ['a word', { 'retry-after': 'soon' }, undefined],
  ])('%s', async (_what, headers, wait) => {
    server = await startServer((_body, response) =>
      json(response, { error: { message: 'slow' } }, 429, headers),
    );
    const outcome = await clientOf(server.url, { now: () => NOW }).ask(REQUEST, never);
    expect({ retryAfterMs: undefined, ...outcome }).toMatchObject({
      cause: 'rate_limit',
      retryAfterMs: wait,
    });
  });
});

describe('what can not be sent', () => {
  test.each([
    ['a key with a zero width space', { apiKey: 'sk-\u200Bkey' }],
    ['a header with a line end', { headers: { 'x-title': 'a\nb' } }],
    ['an address without a scheme', { baseURL: '127.0.0.1:1/v1' }],
    ['another one', { baseURL: 'localhost:1/v1' }],
  ])('%s reaches nobody and is not billed', async (_what, options) => {
    server = await startServer((_body, response) => json(response, whole({ content: TEXT })));
    const outcome = await clientOf(server.url, options).ask(REQUEST, never);
    expect(outcome).toMatchObject({ kind: 'failure', cause: 'unsendable' });
    expect(outcome).not.toHaveProperty('lostReply');
    expect(server.bodies).toEqual([]);
  });
});
