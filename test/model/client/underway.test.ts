// The client over a wire that a test holds: what it means for a call that nobody was reached, that it never left, or that the server
// points elsewhere; and how an answer looks that says less, or other things, than usual. Asks no server.
import { getEventListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { UnknownEncoding, type HttpRequest, type Send } from '../../../src/http.ts';
import { joined } from '../../../src/generation/systemprompt.ts';
import { bodyOf, type OpenAiOptions } from '../../../src/model/client/openai.ts';
import type { ModelOutcome, ModelRequest } from '../../../src/model/provider.ts';
import { NeverReached } from '../../../src/unreached.ts';
import { clientOf } from '../../support/client.ts';
import { call, never } from '../../support/dispatching.ts';

const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef';
const URL_ASKED = 'http://lab.invalid/v1';

function httpOver(send: Send): OpenAiOptions['http'] {
  return { send, ready: () => Promise.reject(new Error('not here')) } as unknown as OpenAiOptions['http'];
}

/** What becomes of a call over a wire that does so. */
function over(
  send: Send,
  more: Partial<OpenAiOptions> = {},
  prompt = 'Say.',
  change: Partial<ModelRequest> = {},
): Promise<ModelOutcome> {
  const client = clientOf(URL_ASKED, { http: httpOver(send), apiKey: KEY, ...more });
  return client.ask({ ...call(prompt).request, ...change }, never);
}

const answering =
  (body: string | null, init: ResponseInit = {}): Send =>
  async (_url, { onSent } = {}) => {
    onSent?.();
    return new Response(body, init);
  };

/** Waits until it is told to end. */
const silent =
  (sent: boolean): Send =>
  (_url, { signal, onSent }: HttpRequest = {}) => {
    if (sent) onSent?.();
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('ended'))));
  };

const events = (...data: readonly string[]): string => data.map((each) => `data: ${each}\n\n`).join('');

/** Was sent, and came to this. */
const answeringThen =
  (error: Error): Send =>
  async (_url, { onSent } = {}) => {
    onSent?.();
    throw error;
  };

const completion = (more: object = {}, choice: object = {}): string =>
  JSON.stringify({
    id: 'r1',
    choices: [{ message: { content: 'Said.' }, finish_reason: 'stop', ...choice }],
    ...more,
  });

describe('nobody was reached', () => {
  test.each<[ConstructorParameters<typeof NeverReached>, object]>([
    [
      ['no_connection', 'no connection to lab', { code: 'ECONNREFUSED' }],
      { cause: 'connection', message: 'no connection to lab (ECONNREFUSED)' },
    ],
    [['untrusted', 'not trusted'], { cause: 'certificate', message: 'not trusted' }],
    [['proxy', 'not let through', { status: 407 }], { cause: 'proxy', status: 407 }],
    [['proxy', 'not let through', { status: 500 }], { cause: 'connection', status: 500 }],
    [['proxy', 'not let through'], { cause: 'proxy' }],
    [['unsendable', 'no such header'], { cause: 'unsendable' }],
    [['given_up', 'the signal came first'], { cause: 'aborted' }],
  ])('%j is a failure that nobody billed', async (why, expected) => {
    const outcome = await over(() => Promise.reject(new NeverReached(...why)));
    expect(outcome).not.toHaveProperty('lostReply');
    expect({ status: 'none', ...outcome }).toMatchObject({
      kind: 'failure',
      status: 'none',
      unsent: true,
      ...expected,
    });
  });

  test('at a deadline before the request left it is a connection that failed, and after it a lost reply', async () => {
    const early = await over(silent(false), { timeoutMs: 50 });
    expect(early).toMatchObject({ kind: 'failure', cause: 'connection', unsent: true });
    expect(early).not.toHaveProperty('lostReply');
    const late = await over(silent(true), { timeoutMs: 50 });
    expect(late).toMatchObject({ cause: 'timeout', lostReply: true });
    expect(late).not.toHaveProperty('unsent');
  });

  test('by an error on the way after it left, its code is told where it has one, and a reply may be lost', async () => {
    expect(await over(answeringThen(new Error('it broke')))).toEqual({
      kind: 'failure',
      cause: 'connection',
      message: 'it broke',
      lostReply: true,
    });
    const broken = Object.assign(new Error('the socket closed'), { code: 'ECONNRESET' });
    expect(await over(answeringThen(broken))).toMatchObject({
      cause: 'connection',
      message: 'the socket closed (ECONNRESET)',
      lostReply: true,
    });
  });
});

describe('a call that is over', () => {
  test('listens no more to what could have given it up', async () => {
    const { signal } = new AbortController();
    const client = clientOf(URL_ASKED, { http: httpOver(answering(completion())) });
    await client.ask(call('Say.').request, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('before it began says so', async () => {
    const asked = clientOf(URL_ASKED).ask(call('Say.').request, AbortSignal.abort());
    expect(await asked).toEqual({
      kind: 'failure',
      cause: 'aborted',
      message: 'the call was given up before it was sent',
      unsent: true,
    });
  });

  test('since it can not be sent says why, in the words of what was wrong alone', async () => {
    const outcome = await over(answering(completion()), { headers: { 'x-title': 'a\nb' } });
    expect(outcome).toMatchObject({ cause: 'unsendable', unsent: true });
    expect(outcome.kind === 'failure' && outcome.message).toMatch(/^(?!\w*Error)\w.*invalid/);
  });

  test('unstreamed is not silent while it waits for its one answer', async () => {
    const late: Send = async (url, asking) => {
      await setTimeout(60, undefined, { signal: asking?.signal });
      return answering(completion())(url, asking);
    };
    expect(await over(late, { idleTimeoutMs: 20 })).toMatchObject({ kind: 'reply' });
  });
});

test('a stream that goes on is not silent, however long it takes', async () => {
  const piece = (content: string): string => events(JSON.stringify({ choices: [{ delta: { content } }] }));
  const slow: Send = async (_url, { onSent, signal } = {}) => {
    onSent?.();
    const body = async function* (): AsyncGenerator<Uint8Array> {
      for (const letter of [...'slowly']) {
        await setTimeout(50, undefined, { signal });
        yield Buffer.from(piece(letter));
      }
      yield Buffer.from(events('[DONE]'));
    };
    return new Response(ReadableStream.from(body()), { headers: { 'content-type': 'text/event-stream' } });
  };
  const outcome = await over(slow, { stream: true, idleTimeoutMs: 150 });
  expect(outcome).toMatchObject({ kind: 'reply', text: 'slowly' });
});

describe('a server that points elsewhere', () => {
  test.each([
    ['https://new.invalid/v2/chat/completions', 'https://new.invalid/v2'],
    ['https://new.invalid/v2/chat/completions/', 'https://new.invalid/v2'],
    ['/v3/chat/completions', 'http://lab.invalid/v3'],
    ['https://new.invalid/chat/completions/x', 'https://new.invalid/chat/completions/x'],
    ['http://[', 'http://['],
    [undefined, 'elsewhere'],
  ])('to %s is one that moved, and where to is said as it stands in a config', async (location, to) => {
    const headers = location === undefined ? {} : { location };
    expect(await over(answering('', { status: 308, headers }))).toMatchObject({
      cause: 'moved',
      status: 308,
      message: `the server says to ask ${to} instead`,
    });
  });
});

describe('what is sent', () => {
  interface Sent {
    readonly url: string;
    readonly headers: Headers;
    readonly body: Readonly<Record<string, unknown>>;
  }

  /** All that was sent, over a wire whose answers are these in turn. */
  const recorded = (...answers: readonly Send[]): { readonly send: Send; readonly sent: readonly Sent[] } => {
    const sent: Sent[] = [];
    const send: Send = (url, request = {}) => {
      const body = JSON.parse(String(request.body)) as Sent['body'];
      sent.push({ url: String(url), headers: new Headers(request.headers), body });
      const answer = answers[Math.min(sent.length, answers.length) - 1] ?? answering(completion());
      return answer(url, request);
    };
    return { send, sent };
  };

  test('has a system prompt as a message of its own before the prompt', async () => {
    const { send, sent } = recorded();
    await over(send, {}, joined({ system: 'Be brief.', prompt: 'Say.' }));
    await over(send);
    expect(sent.map(({ body }) => body['messages'])).toEqual([
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Say.' },
      ],
      [{ role: 'user', content: 'Say.' }],
    ]);
  });

  test('goes below the base URL with its query, and with a key that stands for none where there is none', async () => {
    const { send, sent } = recorded();
    await over(send, { baseURL: `${URL_ASKED}/?version=1` });
    await over(send, { apiKey: '' });
    expect(sent.map(({ url }) => url)).toEqual([
      `${URL_ASKED}/chat/completions?version=1`,
      `${URL_ASKED}/chat/completions`,
    ]);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([`Bearer ${KEY}`, 'Bearer none']);
  });

  const { request } = call('Say.');
  test.each<[what: string, change: Partial<ModelRequest>, body: object]>([
    [
      'the limit under its other name',
      { tokensField: 'max_completion_tokens' },
      { max_completion_tokens: 100 },
    ],
    [
      'the limit that is among the settings, and no other',
      { sampling: { max_completion_tokens: 9 } },
      { max_completion_tokens: 9 },
    ],
    [
      'settings that decide no text',
      { transport: { service_tier: 'flex' } },
      { service_tier: 'flex', max_tokens: 100 },
    ],
    [
      'what decides the text before those, and its own before all',
      { transport: { a: 1, b: 1, model: 'x' }, sampling: { a: 2, stream: true } },
      { a: 2, b: 1, max_tokens: 100 },
    ],
  ])('has %s', (_what, change, more) => {
    expect(bodyOf({ ...request, ...change }, { stream: false, streamUsage: true })).toEqual({
      model: 'maker/one',
      messages: [{ role: 'user', content: 'Say.' }],
      temperature: 0.7,
      stream: false,
      ...more,
    });
  });

  test('has no temperature where there is none, and asks for usage in streams alone, where that may be asked for', () => {
    const { temperature: _none, ...without } = request;
    expect(bodyOf(without, { stream: false, streamUsage: true })).not.toHaveProperty('temperature');
    const asked = [true, false].flatMap((stream) =>
      [true, false].map((streamUsage) => bodyOf(request, { stream, streamUsage })['stream_options']),
    );
    expect(asked).toEqual([{ include_usage: true }, undefined, undefined, undefined]);
  });

  const refusal = (setting: string): Send =>
    answering(JSON.stringify({ error: { message: `unsupported: ${setting}`, param: setting } }), {
      status: 400,
    });

  test('is sent again without stream_options where those are refused, unless it is to stand as it is', async () => {
    const streamed = { stream: true };
    const again = recorded(refusal('stream_options'), answering(completion()));
    expect(await over(again.send, streamed)).toMatchObject({ kind: 'reply' });
    expect(again.sent.map(({ body }) => 'stream_options' in body)).toEqual([true, false]);
    for (const [setting, more] of [
      ['stream_options', { ...streamed, asIs: true }],
      ['stream_options', { ...streamed, streamUsage: false }],
      ['temperature', streamed],
    ] as const) {
      const once = recorded(refusal(setting));
      expect(await over(once.send, more)).toMatchObject({ cause: 'bad_request', setting });
      expect(once.sent).toHaveLength(1);
    }
  });
});

test('a provider is called what the config calls it, and is paid', () => {
  expect(clientOf(URL_ASKED, { name: 'lab' })).toMatchObject({ name: 'lab', paid: true });
});

describe('an answer', () => {
  test('that refuses a setting names it, also such as nobody knows, in whichever place that was said', async () => {
    const error = JSON.stringify({ error: { code: 400, message: 'unknown: odd_one' } });
    for (const status of [200, 400])
      for (const place of ['sampling', 'transport']) {
        const outcome = await over(answering(error, { status }), {}, 'Say.', { [place]: { odd_one: 1 } });
        expect(outcome).toMatchObject({ cause: 'bad_request', setting: 'odd_one' });
      }
  });

  test('that is cut off at the limit among the settings is one that was cut off', async () => {
    const body = completion({ usage: { completion_tokens: 9 } });
    const cut = { sampling: { max_completion_tokens: 9 } };
    expect(await over(answering(body), {}, 'Say.', cut)).toMatchObject({ truncated: true });
    expect(await over(answering(body))).toMatchObject({ truncated: false });
  });

  test('that refuses and breaks off in its words is a refusal, which nobody bills', async () => {
    const broken = new ReadableStream({ start: (body) => body.error(new Error('terminated')) });
    const refusal = new Response(broken, { status: 429, headers: { 'retry-after': '7' } });
    const outcome = await over(async (_url, { onSent } = {}) => {
      onSent?.();
      return refusal;
    });
    expect(outcome).toMatchObject({
      cause: 'rate_limit',
      status: 429,
      retryAfterMs: 7000,
      message: '429 status code (no body)',
    });
    expect(outcome).not.toHaveProperty('lostReply');
  });

  test('that refuses in a text has that for its words', async () => {
    expect(await over(answering('No room today', { status: 503 }))).toMatchObject({
      cause: 'server',
      message: '503 No room today',
    });
  });

  test('that refuses and never ends its words is given up at the deadline', async () => {
    let hold: ReadableStreamDefaultController | undefined;
    const send: Send = async (_url, { onSent, signal } = {}) => {
      onSent?.();
      signal?.addEventListener('abort', () => hold?.error(new Error('ended')));
      return new Response(new ReadableStream({ start: (body) => void (hold = body) }), { status: 500 });
    };
    expect(await over(send, { timeoutMs: 50 })).toMatchObject({ cause: 'timeout' });
  });

  test('says until when a limit holds, by the clock that is given', async () => {
    const NOW = Date.UTC(2026, 10, 23, 12);
    const headers = { 'x-ratelimit-remaining-requests': '7', 'x-ratelimit-reset': String(NOW + 60_000) };
    const outcome = await over(answering(completion(), { headers }), { now: () => NOW });
    expect(outcome).toMatchObject({ limits: { remainingRequests: 7, resetMs: 60_000 } });
  });

  test('that nothing has changed is none to a question', async () => {
    expect(await over(answering(null, { status: 304 }))).toMatchObject({ cause: 'moved', status: 304 });
  });

  test('with nothing in it may have been billed, whatever it is called', async () => {
    for (const headers of [{}, { 'content-type': 'text/event-stream' }])
      expect(await over(answering(null, { headers }))).toMatchObject({
        cause: 'bad_reply',
        message: 'the reply is an empty body',
        lostReply: true,
      });
  });

  test('that is compressed in a way that nobody can undo was made and can not be read', async () => {
    expect(await over(answeringThen(new UnknownEncoding('zstd')))).toEqual({
      kind: 'failure',
      cause: 'unreadable',
      message: 'the body is compressed as zstd, although nobody asked for that',
      status: 200,
      lostReply: true,
    });
  });

  test('in a stream that holds no JSON is none, and may have been billed', async () => {
    const headers = { 'content-type': 'text/event-stream' };
    expect(await over(answering('data: {oops}\n\n', { headers }))).toMatchObject({
      cause: 'bad_reply',
      status: 200,
      lostReply: true,
    });
  });

  test('whose stream breaks off after the usage costs what that says', async () => {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
    const said = { choices: [{ delta: { content: 'Sa' } }], usage: { completion_tokens: 2, cost: 0.5 } };
    const outcome = await over(answering(events(JSON.stringify(said)), { headers }));
    expect(outcome).toMatchObject({
      cause: 'bad_reply',
      status: 200,
      usage: { completionTokens: 2, cost: 0.5 },
    });
    expect(outcome).not.toHaveProperty('lostReply');
  });

  test('that speaks of data and is no stream is read as it stands', async () => {
    expect(await over(answering('see the data: none\n\n'))).toMatchObject({
      message: 'the reply is no whole JSON, it starts: see the data: none',
    });
  });

  test('has no key in it, wherever the server repeats it', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = completion({ id: `of ${KEY}`, provider: `P ${KEY}` }, { finish_reason: `stop ${KEY}` });
    const outcome = await over(answering(body, { headers }));
    expect(outcome).toMatchObject({ kind: 'reply', requestId: 'of [key]', answeredBy: 'P [key]' });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });

  test('says nothing of what the server does not say', async () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'Said.' } }] });
    const outcome = await over(answering(body));
    expect(outcome).toMatchObject({ kind: 'reply', text: 'Said.' });
    for (const name of ['requestId', 'answeredBy', 'finishReason']) expect(outcome).not.toHaveProperty(name);
  });

  const piece = JSON.stringify({ choices: [{ delta: { content: 'Said.' }, finish_reason: 'stop' }] });
  test.each([
    ['with blank lines first', `\n\n${events(piece, '[DONE]')}`],
    ['with a comment first', `: waiting\n\n${events(piece, '[DONE]')}`],
    ['with a name first', `event: message\n${events(piece, '[DONE]')}`],
  ])('that is a stream is read as one, whatever its headers call it: %s', async (_how, body) => {
    const headers = { 'content-type': 'text/plain' };
    expect(await over(answering(body, { headers }))).toMatchObject({ kind: 'reply', text: 'Said.' });
  });

  test.each([undefined, 'text/event-stream'])(
    'that is called a stream and breaks off is none, and one that is no stream is read whole (%s)',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect(await over(answering(completion(), { headers }))).toMatchObject({
        kind: 'reply',
        text: 'Said.',
      });
      const half = JSON.stringify({ choices: [{ delta: { content: 'Sa' } }] });
      expect(await over(answering(events(half), { headers }))).toMatchObject({
        kind: 'failure',
        cause: 'bad_reply',
        message: 'the stream ended in the middle of the reply',
      });
    },
  );
});
