// The client against a server over real HTTP: what each answer, fault and silence is taken for.
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenAiOptions } from '../../src/model/client/openai.ts';
import type { ModelOutcome, ModelRequest } from '../../src/model/provider.ts';
import { clientOf } from '../support/client.ts';
import { faults, startFakeProvider } from '../support/fakeprovider.ts';
import type { FakeOptions, FakeProvider, Fault } from '../support/fakeprovider.ts';

const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef';
const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const never = new AbortController().signal;

let server: FakeProvider | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const request: ModelRequest = {
  prompt: 'Say something — “quoted”.',
  model: 'maker/model-1',
  temperature: 0.7,
  maxTokens: 200,
  sampling: { top_p: 0.9, reasoning: { effort: 'low' } },
  stage: 'draft',
  replicate: 1,
};

interface Setting extends FakeOptions {
  readonly client?: Partial<OpenAiOptions>;
  readonly signal?: AbortSignal;
}

async function ask({ client, signal = never, ...options }: Setting): Promise<ModelOutcome> {
  server = await startFakeProvider(options);
  return clientOf(server.url, { name: 'openrouter', apiKey: KEY, now: () => NOW, ...client }).ask(
    request,
    signal,
  );
}

const withFault = (fault: Fault, client: Partial<OpenAiOptions> = {}): Promise<ModelOutcome> =>
  ask({ fault: () => fault, client });

describe.each([{ stream: false }, { stream: true }])('with stream: $stream', ({ stream }) => {
  const client = { stream };

  test('sends one user message with the settings, and nothing of stage or replicate', async () => {
    await ask({ client: { stream, headers: { 'X-Title': 'daydream' } } });
    const sent = server?.requests[0];
    expect(sent?.body).toEqual({
      model: 'maker/model-1',
      messages: [{ role: 'user', content: 'Say something — “quoted”.' }],
      temperature: 0.7,
      max_tokens: 200,
      top_p: 0.9,
      reasoning: { effort: 'low' },
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    });
    expect(sent?.headers['authorization']).toBe(`Bearer ${KEY}`);
    expect(sent?.headers['x-title']).toBe('daydream');
  });

  test('reads text, usage, cost, who answered and what is left of the limits', async () => {
    const headers = {
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '7',
      'x-ratelimit-reset-requests': '1m2s',
    };
    const outcome = await ask({ client, cost: () => 0.0125, answer: () => 'one two three', headers });
    expect(outcome).toEqual({
      kind: 'reply',
      text: 'one two three',
      finishReason: 'stop',
      truncated: false,
      usage: { promptTokens: 7, completionTokens: 4, cost: 0.0125 },
      requestId: 'gen-0',
      answeredBy: 'FakeCloud',
      limits: { limitRequests: 100, remainingRequests: 7, resetMs: 62_000 },
    });
  });

  test('trims as Python does and turns CRLF into LF, but keeps a lone CR and inner blanks', async () => {
    const content = '\u0085\r\n  one\r\n\r\n two\rthree \uFEFF\u001C\n';
    expect(await withFault(faults.reply({ content }), client)).toMatchObject({
      text: 'one\n\n two\rthree \uFEFF',
    });
  });

  test.each([
    ['length', {}, true],
    ['LENGTH', {}, true],
    ['stop', { completion_tokens: 200 }, true],
    ['stop', { completion_tokens: 199 }, false],
  ])('finish reason %s with usage %j: truncated is %s', async (finishReason, usage, truncated) => {
    const outcome = await withFault(faults.reply({ content: 'a', finishReason, usage }), client);
    expect(outcome).toMatchObject({ kind: 'reply', truncated });
  });

  test.each([
    ['no content', { content: null }, 'empty'],
    ['blank content', { content: ' \n ' }, 'empty'],
    ['a content filter', { content: 'half of', finishReason: 'content_filter' }, 'content_filter'],
    ['a refusal', { content: null, message: { refusal: 'I cannot.' } }, 'content_filter'],
  ])('%s is a reply that is no answer', async (_name, reply, refusal) => {
    expect(await withFault(faults.reply(reply), client)).toMatchObject({ kind: 'reply', refusal });
  });

  test.each<[string, Fault, object]>([
    ['408', faults.status(408), { cause: 'timeout', status: 408 }],
    ['409', faults.status(409), { cause: 'server', status: 409 }],
    ['425', faults.status(425), { cause: 'server', status: 425 }],
    ['500', faults.status(500), { cause: 'server', status: 500 }],
    ['503 with Retry-After in seconds', faults.retryAfter(503, '7'), { cause: 'server', retryAfterMs: 7000 }],
    [
      '429 with Retry-After as a date',
      faults.retryAfter(429, 'Mon, 23 Nov 2026 12:01:05 GMT'),
      { cause: 'rate_limit', retryAfterMs: 65_000 },
    ],
    [
      '429 with a Retry-After of the past',
      faults.retryAfter(429, 'Mon, 23 Nov 2026 11:00:00 GMT'),
      { cause: 'rate_limit', retryAfterMs: undefined },
    ],
    [
      '429 with a Retry-After that is nonsense',
      faults.retryAfter(429, '-5'),
      { cause: 'rate_limit', retryAfterMs: undefined },
    ],
    ['429 with the wait in the body', faults.upstream429(12), { cause: 'rate_limit', retryAfterMs: 12_000 }],
    ['429 of the day', faults.daily429(NOW + 43_200_000), { cause: 'daily_limit', retryAfterMs: 43_200_000 }],
    [
      '429 of the minute that mentions the day',
      faults.status(429, { error: { message: 'free-models-per-min; 50 a day are free', code: 429 } }),
      { cause: 'rate_limit' },
    ],
    [
      '429 with a wait of hours',
      faults.retryAfter(429, '7200'),
      { cause: 'daily_limit', retryAfterMs: 7_200_000 },
    ],
    [
      '429 without credit',
      faults.status(429, { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } }),
      { cause: 'payment' },
    ],
    ['402', faults.status(402), { cause: 'payment', status: 402 }],
    ['401', faults.status(401), { cause: 'auth', status: 401 }],
    ['403', faults.status(403), { cause: 'auth', status: 403 }],
    [
      '400',
      faults.status(400, { error: { message: 'too long' } }),
      { cause: 'bad_request', status: 400, message: 'too long' },
    ],
    ['404', faults.status(404), { cause: 'not_found', status: 404 }],
    [
      '308',
      faults.status(308, '', { location: 'https://elsewhere.invalid/v1' }),
      { cause: 'moved', message: 'the server says to ask https://elsewhere.invalid/v1 instead' },
    ],
    ['422', faults.status(422), { cause: 'bad_request', status: 422 }],
    ['a web page with status 502', faults.html(502), { cause: 'server', status: 502 }],
    ['a web page with status 200', faults.html(), { cause: 'bad_reply', lostReply: undefined }],
    [
      'an error with status 200',
      faults.error200({ message: 'upstream died', code: 502 }),
      { cause: 'server', status: 502, message: 'upstream died' },
    ],
    ['an error with status 200 and no code', faults.error200({ message: 'hm' }), { cause: 'bad_reply' }],
    [
      'a rate limit with status 200',
      faults.error200({ message: 'slow down', code: 429, metadata: { retry_after_seconds: 3 } }),
      { cause: 'rate_limit', retryAfterMs: 3000 },
    ],
    [
      'a word for an error',
      faults.error200({ message: 'busy', type: 'overloaded_error' }),
      { cause: 'server', status: 503 },
    ],
    ['no choices', faults.status(200, { id: 'x' }), { cause: 'bad_reply' }],
    ['an empty body', faults.status(200, ''), { cause: 'bad_reply', lostReply: true }],
    ['finish reason error', faults.reply({ content: 'a', finishReason: 'error' }), { cause: 'server' }],
    ['half a reply', faults.half(), { cause: 'bad_reply', lostReply: true }],
    ['a reset before the answer', faults.reset(), { cause: 'connection', lostReply: true }],
    ['a reset within the body', faults.reset('within'), { cause: 'connection', lostReply: true }],
  ])('%s', async (_name, fault, expected) => {
    const outcome = await withFault(fault, client);
    expect({ retryAfterMs: undefined, lostReply: undefined, ...outcome }).toMatchObject({
      kind: 'failure',
      ...expected,
    });
    expect(server?.requests).toHaveLength(1);
  });

  test.each(['before', 'headers', 'within'] as const)(
    'a stall %s the body ends at the deadline',
    async (when) => {
      const outcome = await withFault(faults.stall(when), { stream, timeoutMs: 150 });
      expect(outcome).toMatchObject({ kind: 'failure', cause: 'timeout', lostReply: true });
    },
  );

  test('an abort ends a call within its body at once', async () => {
    const controller = new AbortController();
    const asked = ask({ client, fault: () => faults.stall('within'), signal: controller.signal });
    await expect.poll(() => server?.requests.length).toBe(1);
    controller.abort();
    expect(await asked).toMatchObject({ kind: 'failure', cause: 'aborted', lostReply: true });
  });

  test('a call that is given up before it is sent reaches nobody', async () => {
    expect(await ask({ client, signal: AbortSignal.abort() })).toMatchObject({ cause: 'aborted' });
    expect(server?.requests).toHaveLength(0);
  });

  test('moderation of the prompt is a refusal that cost nothing', async () => {
    const error = { message: 'flagged', code: 403, metadata: { reasons: ['violence'], flagged_input: '…' } };
    const outcome = await withFault(faults.status(403, { error }), client);
    expect(outcome).toMatchObject({ kind: 'reply', refusal: 'content_filter', text: '', usage: { cost: 0 } });
  });

  test('the key is in no message, whatever the server says', async () => {
    const outcome = await withFault(
      faults.status(401, { error: { message: `Incorrect key ${KEY}, sent as Bearer ${KEY}` } }),
      client,
    );
    expect(JSON.stringify(outcome)).not.toContain(KEY);
    expect(outcome).toMatchObject({ message: 'Incorrect key [key], sent as Bearer [key]' });
  });
});

test('a reply that repeats the key comes without it, and is otherwise as it was', async () => {
  const outcome = await ask({
    answer: ({ headers }) => `You sent "${String(headers.authorization)}"; Bearer tokens are …`,
  });
  expect(outcome).toMatchObject({ text: 'You sent "Bearer [key]"; Bearer tokens are …' });
});

test('calls that the server holds are answered when it lets them go, and in no other order', async () => {
  server = await startFakeProvider({ gated: true });
  const provider = clientOf(server.url);
  const ended: string[] = [];
  const asked = ['a', 'b', 'c'].map(async (prompt, index) => {
    if (index > 0) await server?.arrived(index);
    await provider.ask({ ...request, prompt }, never);
    ended.push(prompt);
  });
  await server.arrived(3);
  expect([ended, server.billed]).toEqual([[], 0]);
  server.release(1);
  await asked[0];
  expect([ended, server.billed]).toEqual([['a'], 1]);
  server.release();
  await Promise.all(asked);
  expect(server.requests.map(({ outcome }) => outcome)).toEqual(['billed', 'billed', 'billed']);
});

test('a silent stream ends by its idle time-out, long before the deadline', async () => {
  const outcome = await withFault(faults.stall('within'), {
    stream: true,
    idleTimeoutMs: 120,
    timeoutMs: 60_000,
  });
  expect(outcome).toMatchObject({
    cause: 'timeout',
    message: 'the stream was silent for 120 ms',
    lostReply: true,
  });
});

test('an error event in the middle of a stream is a failure, not a shorter reply', async () => {
  const outcome = await withFault(faults.streamError({ code: 429, message: 'upstream is busy' }), {
    stream: true,
  });
  expect(outcome).toMatchObject({ kind: 'failure', cause: 'rate_limit', message: 'upstream is busy' });
});

test('nobody at home: a connection failure that cannot have been billed', async () => {
  const gone = await startFakeProvider();
  await gone.close();
  const outcome = await ask({ client: { baseURL: gone.url } });
  expect(outcome).toMatchObject({ kind: 'failure', cause: 'connection' });
  expect(outcome).not.toHaveProperty('lostReply');
});

test('max_completion_tokens among the settings takes the place of max_tokens', async () => {
  server = await startFakeProvider();
  await clientOf(server.url).ask({ ...request, sampling: { max_completion_tokens: 99 } }, never);
  expect(server.requests[0]?.body).toMatchObject({ max_completion_tokens: 99 });
  expect(server.requests[0]?.body).not.toHaveProperty('max_tokens');
});
