// What an error answer means: its cause, the setting that it is about, and its words, of which none may hold a key.
import { describe, expect, it } from 'vitest';
import {
  errorIn,
  failure,
  readError,
  redactor,
  saysError,
  shortened,
  withoutKey,
} from '../../../src/model/client/failure.ts';
import type { ErrorAnswer } from '../../../src/model/client/retryafter.ts';
import type { ModelOutcome } from '../../../src/model/provider.ts';

const NOW = Date.UTC(2026, 10, 23, 12);

function read(
  error: unknown,
  status: number | undefined = 400,
  headers: Readonly<Record<string, string>> = {},
): ModelOutcome {
  const answer: ErrorAnswer = { status, headers: new Headers(headers), error, message: 'an error', now: NOW };
  return readError(answer);
}

describe('the cause', () => {
  it.each([
    [200, 'bad_reply'],
    [299, 'bad_reply'],
    [300, 'not_found'],
    [399, 'not_found'],
    [400, 'bad_request'],
    [401, 'auth'],
    [402, 'payment'],
    [403, 'auth'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'server'],
    [418, 'bad_request'],
    [425, 'server'],
    [429, 'rate_limit'],
    [498, 'server'],
    [499, 'bad_request'],
    [500, 'server'],
    [529, 'server'],
  ])('of status %s is %s', (status, cause) => {
    expect(read({}, status)).toMatchObject({ kind: 'failure', cause });
  });

  it('is nothing but a bad reply where there is no status at all', () => {
    const answer = { status: undefined, headers: undefined, error: {}, message: 'an error', now: NOW };
    expect(readError(answer)).toEqual({ kind: 'failure', cause: 'bad_reply', message: 'an error' });
  });

  it.each([
    ['rate_limit_exceeded', 429, 'rate_limit'],
    ['invalid_api_key', 401, 'auth'],
    ['authentication_error', 401, 'auth'],
    ['Unauthorized', 401, 'auth'],
    ['permission_error', 401, 'auth'],
    ['insufficient_credits_left', 402, 'payment'],
    ['payment_required', 402, 'payment'],
    ['model_not_found', 404, 'not_found'],
    ['overloaded_error', 503, 'server'],
    ['service_unavailable', 503, 'server'],
    ['server_error', 503, 'server'],
    ['internal', 503, 'server'],
    ['invalid_request_error', 400, 'bad_request'],
    ['context_length_exceeded', 400, 'bad_request'],
    ['bad_request', 400, 'bad_request'],
    ['nobody_knows', 200, 'bad_reply'],
  ])('of the word %s with status 200 is that of %d', (code, _status, cause) => {
    expect(read({ code }, 200)).toMatchObject({ cause });
    expect(read({ type: code }, 200)).toMatchObject({ cause });
  });

  it('is told by the status of HTTP before any word, and by a number inside where HTTP says that all is well', () => {
    expect(read({ code: 'rate_limit', status: 401 }, 500)).toMatchObject({ cause: 'server', status: 500 });
    expect(read({ code: 429 }, 200)).toMatchObject({ cause: 'rate_limit', status: 429 });
    expect(read({ status: 503 }, 200)).toMatchObject({ cause: 'server', status: 503 });
    expect(read({ code: 400 }, 200)).toMatchObject({ cause: 'bad_request', status: 400 });
  });

  it.each([399, 600, 1234])('is not told by %d, which is no status of an error', (code) => {
    expect(read({ code }, 200)).toMatchObject({ cause: 'bad_reply', status: 200 });
  });

  it.each([
    'insufficient_quota',
    'billing_hard_limit_reached',
    'billing_not_active',
    'insufficient_balance',
    'insufficient_credits',
  ])('is that there is no money with %s, whatever the status', (code) => {
    expect(read({ code }, 429)).toMatchObject({ cause: 'payment' });
    expect(read({ code: `x_${code}` }, 429)).toMatchObject({ cause: 'rate_limit' });
    expect(read({ code: `${code}_x` }, 429)).toMatchObject({ cause: 'rate_limit' });
  });

  it.each([
    ['50 requests per day', 'daily_limit'],
    ['free-models-per-day', 'daily_limit'],
    ['the daily quota', 'daily_limit'],
    ['your RPD is used up', 'daily_limit'],
    ['three a day', 'daily_limit'],
    ['requests per minute, and per day', 'rate_limit'],
    ['RPM, and daily', 'rate_limit'],
    ['slow down', 'rate_limit'],
    ['requests per minute', 'rate_limit'],
  ])('of too many requests with the words "%s" is %s', (message, cause) => {
    expect(read({ message }, 429)).toMatchObject({ cause });
    expect(read({ message }, 500)).toMatchObject({ cause: 'server' });
  });

  it('of too many requests is the day’s limit where an hour is to be waited', () => {
    expect(read({}, 429, { 'retry-after': '3600' })).toMatchObject({ cause: 'daily_limit' });
    expect(read({}, 429, { 'retry-after': '3599' })).toMatchObject({
      cause: 'rate_limit',
      retryAfterMs: 3_599_000,
    });
  });
});

describe('what else it tells', () => {
  it('is the name of the request, how long to wait, and what is left', () => {
    const headers = { 'x-request-id': 'q', 'retry-after': '2', 'x-ratelimit-remaining': '0' };
    expect(read({ message: 'm' }, 500, headers)).toEqual({
      kind: 'failure',
      cause: 'server',
      message: 'm',
      status: 500,
      retryAfterMs: 2000,
      requestId: 'q',
      limits: { remainingRequests: 0 },
    });
  });
});

describe('a prompt that a filter refused', () => {
  it.each(['content_filter', 'content_policy_violation', 'moderation_blocked'])(
    'is a reply that says nothing and costs nothing (%s)',
    (code) => {
      expect(read({ code, message: 'no' })).toEqual({
        kind: 'reply',
        text: '',
        finishReason: 'content_filter: no',
        truncated: false,
        usage: { promptTokens: 0, completionTokens: 0, cost: 0 },
        refusal: 'content_filter',
      });
      expect(read({ code: `no_${code}` })).toMatchObject({ kind: 'failure' });
      expect(read({ code: `${code}_off` })).toMatchObject({ kind: 'failure' });
    },
  );

  it.each(['flagged_input', 'reasons'])('is told by %s, with status 403 alone', (name) => {
    const error = { metadata: { [name]: 'x' } };
    expect(read(error, 403)).toMatchObject({ kind: 'reply', refusal: 'content_filter' });
    expect(read(error, 400)).toMatchObject({ kind: 'failure', cause: 'bad_request' });
  });

  it('is not any answer with status 403', () => {
    expect(read({ metadata: {} }, 403)).toMatchObject({ cause: 'auth' });
  });
});

describe('the setting that is not taken', () => {
  it.each<[setting: string | undefined, error: object]>([
    ['temperature', { param: 'temperature', message: 'no' }],
    [undefined, { param: 'messages', message: 'no' }],
    ['top_p', { param: 'messages', message: 'top_p is not supported' }],
    ['max_completion_tokens', { message: "Unsupported parameter: 'max_completion_tokens'" }],
    ['max_tokens', { message: 'max_tokens is not supported with this model' }],
    ['stream_options', { message: 'unknown field stream_options' }],
    ['reasoning_effort', { message: 'unrecognized: reasoning_effort' }],
    ['temperature', { message: 'this model does not support temperature' }],
    ['temperature', { message: "this model doesn’t … doesn't support temperature" }],
    ['temperature', { message: '`temperature` is deprecated for this model.' }],
    ['temperature', { message: '`temperature` may only be set to 1 when thinking is enabled.' }],
    ['temperature', { message: '`temperature` and `top_p` cannot both be specified for this model.' }],
    ['seed', { message: 'Extra inputs are not permitted: seed' }],
    ['stop', { message: 'invalid value for stop' }],
    [undefined, { message: 'temperature is too high' }],
    [undefined, { message: 'unsupported: my_temperature_scale' }],
    [undefined, { message: 'unsupported: no-stop' }],
    [undefined, { message: 'unsupported: stop-word' }],
  ])('is %s', (setting, error) => {
    const outcome = read(error);
    expect(outcome).toMatchObject({ cause: 'bad_request' });
    expect('setting' in outcome ? outcome.setting : undefined).toBe(setting);
  });

  it('is asked for with a bad request alone', () => {
    expect(read({ param: 'temperature' }, 500)).not.toHaveProperty('setting');
  });
});

describe('the words', () => {
  it.each<[words: string, error: unknown]>([
    ['no', { message: 'no' }],
    ['no', 'no'],
    ['no: because', { message: 'no', metadata: { raw: 'because' } }],
    ['because', { metadata: { raw: 'because' } }],
    ['because', { message: '', metadata: { raw: 'because' } }],
    ['no', { message: 'no', metadata: { raw: '' } }],
    ['an error', {}],
    ['an error', undefined],
    ['no', { detail: 'no' }],
    [
      'body.model: missing; all wrong',
      { detail: [{ loc: ['body', 'model'], msg: 'missing' }, { msg: 'all wrong' }, { loc: [] }] },
    ],
    ['an error', { detail: [] }],
    ['an error', { detail: [{ loc: ['x'] }] }],
    ['an error', { detail: {} }],
    ['one two three', { message: ' one\n two \t three ' }],
  ])('are "%s"', (words, error) => {
    expect(read(error)).toMatchObject({ message: words });
  });

  it('are cut after five hundred characters', () => {
    expect(shortened('x'.repeat(500))).toBe('x'.repeat(500));
    expect(shortened('x'.repeat(501))).toBe(`${'x'.repeat(500)}…`);
    expect(failure('server', `  ${'x'.repeat(501)}`, { status: 500 })).toEqual({
      kind: 'failure',
      cause: 'server',
      message: `${'x'.repeat(500)}…`,
      status: 500,
    });
  });
});

describe('a body', () => {
  it.each<[error: unknown, text: string]>([
    [{ message: 'no' }, '{"error":{"message":"no"}}'],
    [{ message: 'no' }, '[{"error":{"message":"no"}}]'],
    [{ message: 'no' }, '{"message":"no"}'],
    [undefined, 'no'],
    [undefined, '[]'],
  ])('says the error %o', (error, text) => {
    expect(errorIn(text)).toEqual(error);
  });
});

describe('whether there is an error', () => {
  it.each<unknown>([
    'no',
    1,
    true,
    401,
    { message: 'no' },
    { code: 0, message: 'away' },
    ['no'],
    { inner: { code: 500 } },
    '200 errors',
    'not ok',
  ])('%o says so', (error) => {
    expect(saysError(error)).toBe(true);
  });

  it.each<unknown>([
    undefined,
    null,
    '',
    ' ',
    0,
    200,
    false,
    {},
    [],
    { code: 200, message: 'success' },
    { code: '0', message: null, inner: { status: 'OK' } },
    ' None ',
    'no error',
    'null',
    'false',
  ])('%o does not', (error) => {
    expect(saysError(error)).toBe(false);
  });
});

describe('a key', () => {
  it('is taken out of a text wherever it stands, if it is one', () => {
    expect(withoutKey('a 123456789012 b 123456789012', '123456789012')).toBe('a [key] b [key]');
    expect(withoutKey('a 12345678901 b', '12345678901')).toBe('a 12345678901 b');
    expect(withoutKey('the server ollama', 'ollama')).toBe('the server ollama');
  });

  it('and whatever looks like one is taken out of what people may see', () => {
    const see = redactor('123456789012');
    expect(see('mine 123456789012, sk-abcdefghijkl and KEY-abc_efghij-lm, pk-0123456789ab.')).toBe(
      'mine [key], [key] and [key], [key].',
    );
    expect(see('Authorization: Bearer abc.def')).toBe('Authorization: Bearer [key]');
    expect(see('bearer   x')).toBe('Bearer [key]');
    expect(see('sk-short, desk-abcdefghijkl')).toBe('sk-short, desk-abcdefghijkl');
  });
});
