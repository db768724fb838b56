// What is read of a body with status 200: text, thoughts, tools, ending, tokens and price, whoever sent it.
import { describe, expect, it } from 'vitest';
import { paidOf, readBody, readCompletion } from '../../../src/model/client/completion.ts';
import { endingOf } from '../../../src/model/client/ending.ts';
import { callsTool, contentOf, thoughtsOf } from '../../../src/model/client/message.ts';
import { usageOf } from '../../../src/model/client/usage.ts';
import type { ModelOutcome } from '../../../src/model/provider.ts';

const reading = (headers: Readonly<Record<string, string>> = {}, maxTokens = 100) => ({
  maxTokens,
  headers: new Headers(headers),
  now: 0,
});

function bodyOf(message: object, finish: unknown = 'stop', more: object = {}): unknown {
  return { choices: [{ index: 0, message, finish_reason: finish }], ...more };
}

const read = (body: unknown, headers = {}, maxTokens = 100): ModelOutcome =>
  readCompletion(body, reading(headers, maxTokens));

describe('a body that is no reply', () => {
  it.each([
    ['an empty body', ''],
    ['an empty body', '  \n'],
    ['no whole JSON, it starts: {"choices', '{"choices'],
    [`no whole JSON, it starts: ${'x'.repeat(80)}`, `  ${'x'.repeat(90)}`],
  ])('is %s, and may have been billed', (words, text) => {
    expect(readBody(text, reading())).toEqual({
      kind: 'failure',
      cause: 'bad_reply',
      message: `the reply is ${words}`,
      status: 200,
      lostReply: true,
    });
  });

  it('is a web page, which nobody was billed for', () => {
    expect(readBody(' <html>', reading())).toEqual({
      kind: 'failure',
      cause: 'bad_reply',
      message: 'a web page came instead of a reply: <html>',
    });
  });

  it.each([{}, { choices: [] }, { choices: {} }, { choices: [], usage: { completion_tokens: 0, cost: 0 } }])(
    'holds no choice: %o',
    (body) => {
      expect(readBody(JSON.stringify(body), reading())).toEqual({
        kind: 'failure',
        cause: 'bad_reply',
        message: 'the reply holds no choice',
        status: 200,
      });
    },
  );

  it.each([{ completion_tokens: 1 }, { cost: 0.1 }])(
    'holds no choice and was billed (%o): it is an empty reply, and not asked for again',
    (usage) => {
      expect(read({ usage })).toMatchObject({ kind: 'reply', text: '', refusal: 'empty' });
    },
  );
});

describe('an error with status 200', () => {
  const error = { code: 500, message: 'away' };

  it('is a failure, of the whole or of the choice', () => {
    expect(read({ error })).toEqual({ kind: 'failure', cause: 'server', message: 'away', status: 500 });
    expect(read({ error: { code: 'nobody' } })).toMatchObject({ message: 'an error with status 200' });
    expect(read({ choices: [{ error }] })).toEqual({
      kind: 'failure',
      cause: 'server',
      message: 'away',
      status: 500,
    });
  });

  it('is none where it says that all went well', () => {
    const well = { code: 200, message: 'success' };
    expect(read({ ...(bodyOf({ content: 'x' }) as object), error: well })).toMatchObject({ kind: 'reply' });
    expect(read({ choices: [{ message: { content: 'x' }, error: null }] })).toMatchObject({ kind: 'reply' });
  });

  it('beside the beginning of a reply may have been billed', () => {
    expect(read({ error, ...(bodyOf({ content: 'Half' }) as object) })).toMatchObject({ lostReply: true });
    expect(read({ error, ...(bodyOf({ content: '' }) as object) })).not.toHaveProperty('lostReply');
  });

  it('beside what was billed says what', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 3, cost: 0.5 };
    const outcome = read({ error, usage });
    expect(outcome).toMatchObject({ usage: { promptTokens: 5, completionTokens: 3, cost: 0.5 } });
    expect(outcome).not.toHaveProperty('lostReply');
    expect(paidOf({ usage })).toEqual({ usage: { promptTokens: 5, completionTokens: 3, cost: 0.5 } });
    expect(paidOf({})).toEqual({ lostReply: true });
  });
});

describe('a reply', () => {
  it('is all that is said of it', () => {
    expect(
      read(
        bodyOf({ content: ' One\r\ntwo \n' }, 'stop', {
          id: 'gen-1',
          provider: 'Upstream',
          model: 'lab/w1',
          usage: { prompt_tokens: 7, completion_tokens: 5, cost: 0.25 },
        }),
        { 'x-ratelimit-remaining': '3', 'x-request-id': 'q' },
      ),
    ).toEqual({
      kind: 'reply',
      text: 'One\ntwo',
      finishReason: 'stop',
      truncated: false,
      usage: { promptTokens: 7, completionTokens: 5, cost: 0.25 },
      requestId: 'gen-1',
      answeredBy: 'Upstream',
      limits: { remainingRequests: 3 },
    });
  });

  it('has the name of the request and of the model where nothing better is said', () => {
    expect(
      read(bodyOf({ content: 'x' }, 'stop', { model: 'lab/w1' }), { 'x-request-id': 'q' }),
    ).toMatchObject({
      requestId: 'q',
      answeredBy: 'lab/w1',
    });
  });

  it('is the first of several, by their numbers, and by their order where there are none', () => {
    const choice = (index: number | undefined, content: string): object => ({ index, message: { content } });
    expect(read({ choices: [choice(1, 'one'), choice(0, 'zero')] })).toMatchObject({ text: 'zero' });
    expect(read({ choices: [choice(undefined, 'first'), choice(undefined, 'second')] })).toMatchObject({
      text: 'first',
    });
  });

  it('may stand in the place of a message', () => {
    expect(read({ choices: [{ text: 'said' }] })).toMatchObject({ text: 'said' });
    expect(read({ choices: [{ text: 'no', message: { content: 'said' } }] })).toMatchObject({ text: 'said' });
  });

  it('ends with the provider’s word, or with the one behind it', () => {
    expect(
      read({ choices: [{ message: { content: 'x' }, native_finish_reason: 'MAX_TOKENS' }] }),
    ).toMatchObject({
      finishReason: 'MAX_TOKENS',
      truncated: true,
    });
    expect(
      read({
        choices: [{ message: { content: 'x' }, finish_reason: 'stop', native_finish_reason: 'length' }],
      }),
    ).toMatchObject({ finishReason: 'stop', truncated: false });
    expect(read(bodyOf({ content: 'x' }, undefined))).not.toHaveProperty('unknownEnding');
    expect(read(bodyOf({ content: 'x' }, 'nobody_knows'))).toMatchObject({ unknownEnding: true });
  });

  it.each([
    [99, 0, false],
    [100, 0, true],
    [101, 0, true],
    [150, 50, true],
    [150, 51, false],
  ])('of %d tokens, %d of them thoughts, is cut off at a hundred: %s', (completion, reasoning, truncated) => {
    const usage = {
      completion_tokens: completion,
      completion_tokens_details: { reasoning_tokens: reasoning },
    };
    expect(read(bodyOf({ content: 'x' }, 'stop', { usage }))).toMatchObject({ truncated });
  });

  it('that breaks off in the middle is a failure, with what was billed', () => {
    expect(read(bodyOf({ content: 'Half' }, 'error'))).toEqual({
      kind: 'failure',
      cause: 'server',
      message: 'the provider gave up in the middle of its reply',
      lostReply: true,
    });
  });
});

describe('a reply that is no answer', () => {
  it.each<[refusal: string | undefined, message: object, finish?: string, usage?: object]>([
    ['content_filter', { content: 'x' }, 'content_filter'],
    ['content_filter', { content: 'x', refusal: 'I can not' }, 'stop'],
    ['content_filter', { content: '', refusal: 'I can not', tool_calls: [{}] }, 'tool_calls'],
    ['tool_call', { content: 'x' }, 'tool_calls'],
    ['tool_call', { content: '', tool_calls: [{}] }, 'stop'],
    [undefined, { content: 'x', tool_calls: [{}] }, 'stop'],
    [undefined, { content: 'x' }, 'stop'],
    ['empty', { content: ' \n' }, 'stop'],
    ['empty', { content: '' }, 'stop', { completion_tokens_details: { reasoning_tokens: 0 } }],
    ['only_thoughts', { content: '' }, 'stop', { completion_tokens_details: { reasoning_tokens: 1 } }],
    ['only_thoughts', { content: '', reasoning: 'First' }, 'stop'],
    ['only_thoughts', { content: '', reasoning_details: [{ type: 'encrypted' }] }, 'stop'],
  ])('is %s', (refusal, message, finish, usage) => {
    const outcome = read(bodyOf(message, finish, { usage }));
    expect('refusal' in outcome ? outcome.refusal : undefined).toBe(refusal);
  });

  it('has its thoughts where it has nothing else, and there are any', () => {
    expect(read(bodyOf({ content: '', reasoning: 'First' }))).toMatchObject({ thoughts: 'First' });
    expect(read(bodyOf({ content: '', reasoning_details: [{}] }))).not.toHaveProperty('thoughts');
    expect(read(bodyOf({ content: 'x', reasoning: 'First' }))).not.toHaveProperty('thoughts');
    expect(read(bodyOf({ content: '', reasoning: 'First', refusal: 'no' }))).not.toHaveProperty('thoughts');
  });
});

describe('text', () => {
  it.each<[text: string, content: unknown]>([
    ['said', 'said'],
    ['', undefined],
    ['', null],
    ['said', { text: 'said' }],
    ['one two', [{ type: 'text', text: 'one ' }, { text: 'two' }]],
    [
      'two',
      [
        { type: 'thinking', text: 'one' },
        { type: 'reasoning', text: 'x' },
        { type: 'text', text: 'two' },
      ],
    ],
    ['', [{ type: 'image' }]],
  ])('is "%s"', (text, content) => {
    expect(contentOf(content)).toBe(text);
  });
});

describe('thoughts', () => {
  it.each<[thoughts: string | undefined, message: object]>([
    [undefined, { content: 'x' }],
    ['a', { reasoning_content: 'a', reasoning: 'b', thinking: 'c' }],
    ['b', { reasoning: 'b', thinking: 'c' }],
    ['c', { thinking: 'c' }],
    [
      'ab',
      {
        content: [
          { type: 'thinking', thinking: 'a' },
          { type: 'text', text: 'x' },
          { type: 'thinking', text: 'b' },
        ],
      },
    ],
    [
      'ab',
      {
        content: [
          {
            type: 'thinking',
            thinking: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
    ],
    [undefined, { content: [{ type: 'text', text: 'x' }] }],
    ['ab', { reasoning_details: [{ text: 'a' }, { summary: 'b' }, { type: 'encrypted' }] }],
    ['', { reasoning_details: [{ type: 'encrypted' }] }],
    [undefined, { reasoning_details: [] }],
    [undefined, { reasoning_details: { text: 'a' } }],
  ])('are "%s"', (thoughts, message) => {
    expect(thoughtsOf(message)).toBe(thoughts);
  });
});

describe('a tool', () => {
  it.each<[called: boolean, message: object]>([
    [true, { tool_calls: [{}] }],
    [false, { tool_calls: [] }],
    [false, { tool_calls: { length: 1 } }],
    [true, { function_call: { name: 'f' } }],
    [false, { function_call: null }],
    [false, { function_call: 'f' }],
    [false, {}],
  ])('is called: %s', (called, message) => {
    expect(callsTool(message)).toBe(called);
  });
});

describe('an ending', () => {
  it.each([
    ['whole', 'stop eos end_turn STOP Complete FinishReason.STOP done'],
    ['cut', 'length MAX_TOKENS max-tokens maxTokens model_length pause_turn canceled'],
    ['filtered', 'content_filter SAFETY refusal spii guardrail_intervened'],
    ['tool_call', 'tool_calls function_call tool_use MALFORMED_FUNCTION_CALL'],
    ['broken', 'error abort network_error'],
  ] as const)('is %s in any spelling: %s', (ending, words) => {
    for (const word of words.split(' ')) expect(endingOf(word)).toEqual({ ending, unknown: false });
    expect(endingOf(` ${words.split(' ')[0]!} `)).toEqual({ ending, unknown: false });
  });

  it.each([
    ['tool_call', 'tools_wanted function_needed tool_limit'],
    [
      'filtered',
      'filters unsafety_safety moderated blocks prohibited refuses guardrails policy policies sensitives toxicity violation harmful',
    ],
    [
      'cut',
      'maximum overlength limits tokens truncated incompletely insufficient budget timeout time_out contexts',
    ],
    ['broken', 'errors failing aborting'],
    ['whole', 'nobody_knows'],
  ] as const)('is guessed to be %s: %s', (ending, words) => {
    for (const word of words.split(' ')) expect(endingOf(word)).toEqual({ ending, unknown: true });
  });

  it('without a word is that of a whole reply', () => {
    expect(endingOf(undefined)).toEqual({ ending: 'whole', unknown: false });
  });
});

describe('usage', () => {
  it('is counts and a price, as far as they are said, and none below nothing', () => {
    expect(usageOf(undefined)).toEqual({});
    expect(
      usageOf({
        prompt_tokens: 1,
        completion_tokens: 2,
        completion_tokens_details: { reasoning_tokens: 3 },
        cost: 4,
      }),
    ).toEqual({ promptTokens: 1, completionTokens: 2, reasoningTokens: 3, cost: 4 });
    expect(usageOf({ prompt_tokens: -1, completion_tokens: 2, cost: -1 })).toEqual({ completionTokens: 2 });
  });

  it.each<[cost: number | undefined, usage: object]>([
    [0.25, { cost: 0.25, estimated_cost: 9, cost_in_usd_ticks: 9e10 }],
    [0.5, { cost: { total_cost: 0.5 }, estimated_cost: 9 }],
    [0.75, { estimated_cost: 0.75, cost_in_usd_ticks: 9e10 }],
    [2, { cost_in_usd_ticks: 2e10 }],
    [0.5, { cost: 0.25, cost_details: { upstream_inference_cost: 0.25 }, is_byok: true }],
    [0.25, { cost: 0.25, cost_details: { upstream_inference_cost: 0.25 } }],
    [0.75, { cost: 0.25, cost_details: { upstream_inference_cost: 0.5 } }],
    [0.25, { cost: 0.25, cost_details: { upstream_inference_cost: 0.5 }, is_byok: false }],
    [0.5, { cost: 0.5, cost_details: { upstream_inference_cost: 0.25 } }],
    [
      0.3,
      {
        cost: 0.3,
        cost_details: { upstream_inference_prompt_cost: 0.1, upstream_inference_completions_cost: 0.2 },
      },
    ],
    [0.75, { cost: { input_tokens_cost: 0.25, output_tokens_cost: 0.5 } }],
    [0.75, { cost: { input_tokens_cost: 0.25, request_cost: '0.5', currency: 'USD', note_cost: null } }],
    [undefined, { cost: { currency: 'USD' } }],
    [undefined, { cost: [0.5] }],
    [0.5, { cost_details: { upstream_inference_cost: 0.5 } }],
    [0.5, { cost_details: { upstream_inference_prompt_cost: 0.5 } }],
    [
      0.75,
      { cost_details: { upstream_inference_prompt_cost: 0.5, upstream_inference_completions_cost: 0.25 } },
    ],
    [1, { cost_details: { upstream_inference_cost: 1, upstream_inference_prompt_cost: 0.5 } }],
    [undefined, { cost_details: {} }],
  ])('costs %s', (cost, usage) => {
    expect(usageOf(usage).cost).toBe(cost);
  });
});
