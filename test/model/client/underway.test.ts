// The client over a wire that a test holds: what it means for a call that nobody was reached, that it never left, or that the server
// points elsewhere; and how an answer looks that says less, or other things, than usual. Asks no server.
import { describe, expect, test } from 'vitest';
import type { HttpRequest, Send } from '../../../src/http.ts';
import { joined } from '../../../src/generation/systemprompt.ts';
import type { OpenAiOptions } from '../../../src/model/client/openai.ts';
import type { ModelOutcome } from '../../../src/model/provider.ts';
import { NeverReached } from '../../../src/unreached.ts';
import { clientOf } from '../../support/client.ts';
import { call, never } from '../../support/dispatching.ts';

const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef';
const URL_ASKED = 'http://lab.invalid/v1';

/** What becomes of a call over a wire that does so. */
function over(send: Send, more: Partial<OpenAiOptions> = {}, prompt = 'Say.'): Promise<ModelOutcome> {
  const http = {
    send,
    ready: () => Promise.reject(new Error('not here')),
  } as unknown as OpenAiOptions['http'];
  const client = clientOf(URL_ASKED, { http, apiKey: KEY, ...more });
  return client.ask(call(prompt).request, never);
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
    expect({ status: 'none', ...outcome }).toMatchObject({ kind: 'failure', status: 'none', ...expected });
  });

  test('at a deadline before the request left it is a connection that failed, and after it a lost reply', async () => {
    const early = await over(silent(false), { timeoutMs: 50 });
    expect(early).toMatchObject({ kind: 'failure', cause: 'connection' });
    expect(early).not.toHaveProperty('lostReply');
    expect(await over(silent(true), { timeoutMs: 50 })).toMatchObject({ cause: 'timeout', lostReply: true });
  });

  test('by an error on the way after it left, its code is told, and a reply may be lost', async () => {
    const broken: Send = async (_url, { onSent } = {}) => {
      onSent?.();
      throw Object.assign(new Error('the socket closed'), { code: 'ECONNRESET' });
    };
    expect(await over(broken)).toMatchObject({
      cause: 'connection',
      message: 'the socket closed (ECONNRESET)',
      lostReply: true,
    });
  });
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
  test('has a system prompt as a message of its own before the prompt', async () => {
    const bodies: unknown[] = [];
    const send: Send = async (url, request = {}) => {
      bodies.push(JSON.parse(String(request.body)));
      return answering(completion())(url, request);
    };
    await over(send, {}, joined({ system: 'Be brief.', prompt: 'Say.' }));
    await over(send);
    expect(bodies).toMatchObject([
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Say.' },
        ],
      },
      { messages: [{ role: 'user', content: 'Say.' }] },
    ]);
  });
});

describe('an answer', () => {
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

  const events = (...data: readonly string[]): string => data.map((each) => `data: ${each}\n\n`).join('');
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
