// Failed calls as problems: a code of its own for each cause, the provider's words, the place; and what a stream is put together from.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODES } from '../../src/errors.ts';
import {
  codeOfCause,
  problemOfCut,
  problemOfEnding,
  problemOfFailure,
  problemOfLedger,
} from '../../src/model/diagnosis.ts';
import { readStream } from '../../src/model/client/eventstream.ts';
import { redactor } from '../../src/model/client/failure.ts';
import { RETRY_TABLE } from '../../src/model/pools/retry.ts';
import { failed, reply } from '../support/dispatching.ts';

const place = { genId: 'd_1' };

describe('a problem', () => {
  test('of each cause has its own code, and says what the provider said', () => {
    const causes = [...new Set(RETRY_TABLE.map(({ cause }) => cause))];
    const problems = causes.map((cause) =>
      problemOfFailure(failed(cause, { message: 'its words', status: 418 }), 'maker/one', place),
    );
    expect(new Set(problems.map(({ code }) => code)).size).toBe(causes.length);
    for (const [index, problem] of problems.entries()) {
      expect(problem).toMatchObject({
        reason: causes[index],
        message: 'maker/one: its words (status 418)',
        place,
        cure: CODES[problem.code].cure,
        data: { model: 'maker/one', status: 418 },
      });
      expect(codeOfCause(problem.reason ?? '')).toBe(problem.code);
    }
    for (const word of ['reply', 'constructor']) expect(codeOfCause(word)).toBeUndefined();
  });

  test('tells no status where there was none', () => {
    const problem = problemOfFailure(failed('connection', { message: 'its words' }), 'maker/one', place);
    expect([problem.message, problem.data]).toEqual(['maker/one: its words', { model: 'maker/one' }]);
  });

  test('of a prompt that was cut says how much of it was read', () => {
    expect(problemOfCut({ model: 'maker/one', estimate: 9000, counted: 4096 })).toMatchObject({
      code: 'DD684',
      severity: 'warning',
      message: 'maker/one counted 4096 tokens of a prompt that has about 9000',
      data: { model: 'maker/one', prompt_tokens: 4096, prompt_estimate: 9000 },
    });
  });

  test.each([
    [{}, 'the end of a whole reply'],
    [{ truncated: true }, 'a reply that was cut off'],
    [{ refusal: 'content_filter' }, 'a refusal'],
    [{ refusal: 'tool_call' }, 'a call of a tool'],
  ] as const)('of a word that nobody knows says what it was taken for: %j', (change, taken) => {
    const problem = problemOfEnding(reply({ finishReason: 'gong', ...change }), 'maker/one');
    expect(problem).toMatchObject({
      code: 'DD683',
      severity: 'warning',
      data: { model: 'maker/one', finish_reason: 'gong' },
    });
    expect(problem.message).toBe(
      `maker/one ended a reply with "gong", which nobody knows: taken for ${taken}`,
    );
  });

  test('of the ledger names its file', () => {
    expect(problemOfLedger('/d/calls.jsonl', 'ENOSPC')).toMatchObject({
      code: 'DD619',
      message: 'the call ledger cannot be written: ENOSPC',
      place: { file: '/d/calls.jsonl' },
    });
  });
});

test('keys and what looks like one are taken out of a text; short placeholders are left', () => {
  const redact = redactor('sk-or-v1-0123456789abcdef');
  expect(redact('key sk-or-v1-0123456789abcdef, sk-another-0123456789, Bearer abc.def')).toBe(
    'key [key], [key], Bearer [key]',
  );
  expect(redactor('ollama')('ollama is not running')).toBe('ollama is not running');
  expect(redactor('')('nothing to hide')).toBe('nothing to hide');
});

describe('a stream', () => {
  const events = [
    ': PROCESSING\n\n',
    'data: {"id":"g","choices":[{"delta":{"role":"assistant","content":""}}]}\r\n\r\n',
    'event: message\ndata: {"choices":[{"delta":{"content":"“Zwei” 🌙 "}}]}\n\n',
    'data:{"choices":[{"delta":{"content":"drei"},\ndata: "finish_reason":null}]}\n\n',
    'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
    'data: {"choices":[],"usage":{"completion_tokens":4,"cost":0.5}}\n\ndata: [DONE]\n\n',
  ];
  const bytes = Buffer.from(events.join(''), 'utf8');
  const body = {
    id: 'g',
    usage: { completion_tokens: 4, cost: 0.5 },
    choices: [{ message: { content: '“Zwei” 🌙 drei', refusal: undefined }, finish_reason: 'stop' }],
  };

  async function* chunks(
    cuts: readonly number[],
    until = bytes.length,
    broken = false,
  ): AsyncGenerator<Uint8Array> {
    const places = [0, ...cuts.filter((cut) => cut < until).sort((a, b) => a - b), until];
    for (const [index, from] of places.slice(0, -1).entries()) yield bytes.subarray(from, places[index + 1]);
    if (broken) throw new Error('terminated');
  }

  test('is the same wherever the network cuts it', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        expect(await readStream(chunks(places))).toEqual({ body, whole: true });
      }),
    );
  });

  test('that ends early is whole only from its finish reason on, and one that breaks throws only before it', async () => {
    const finished = bytes.indexOf('"finish_reason":"stop"}]}\n\n') + '"finish_reason":"stop"}]}\n\n'.length;
    for (let until = 0; until <= bytes.length; until += 1) {
      const ended = await readStream(chunks([], until));
      // At its end the last event may do without the blank line behind it.
      expect(ended.whole).toBe(until >= finished - '\n\n'.length);
      const broken = await readStream(chunks([], until, true)).then(
        ({ whole }) => whole,
        () => false,
      );
      expect(broken).toBe(until >= finished);
    }
  });
});
