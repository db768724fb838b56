// What the `openai` package does wrong, one test a fault: why src/model/client/ has retries, time-outs, bodies, errors and streams of its own. A
// test here that fails says that a part of ours can go.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAI } from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';

const closing: (() => Promise<unknown>)[] = [];
const close = async (): Promise<void> => {
  for (const each of closing.splice(0)) await each();
};
afterEach(async () => {
  vi.useRealTimers();
  await close();
});

/** Of the event loop, whatever the clock says. */
const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));

/** A client of a server that gives each request, from the first on, its answer. */
async function clientOf(
  answer: (response: ServerResponse, request: number) => void,
  maxRetries = 0,
): Promise<{ readonly client: OpenAI; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((message, response) => {
    message.resume();
    answer(response, asked++);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(() => {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    return closed;
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { client: new OpenAI({ apiKey: 'x', baseURL, maxRetries, logLevel: 'off' }), asked: () => asked };
}

const question = { model: 'm', messages: [{ role: 'user' as const, content: 'x' }] };
const events = (response: ServerResponse, ...data: readonly string[]): ServerResponse => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const each of data) response.write(`data: ${each}\n\n`);
  return response;
};
const PIECE = JSON.stringify({ choices: [{ index: 0, delta: { content: 'One' }, finish_reason: null }] });

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

describe('its retries', () => {
  it('hear no abort while they wait', async () => {
    let answered = (): void => {};
    const first = new Promise<void>((done) => (answered = done));
    const { client } = await clientOf((response) => {
      response.writeHead(429, { 'retry-after-ms': '1500' }).end('{}', answered);
    }, 1);
    const controller = new AbortController();
    let ended = false;
    const call = client.chat.completions
      .create(question, { signal: controller.signal })
      .catch(() => undefined)
      .then(() => (ended = true));
    await first;
    await new Promise((turn) => setTimeout(turn, 200));
    controller.abort();
    await new Promise((turn) => setTimeout(turn, 100));
    expect(ended).toBe(false);
    await call;
  });
});

it('its time-out does not hold for a body that stalls', async () => {
  const { client } = await clientOf((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":');
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const response = await client.chat.completions.create(question, { timeout: 50_000 }).asResponse();
  const ended = vi.fn<() => void>();
  const body = response.text().then(ended, ended);
  await vi.advanceTimersByTimeAsync(600_000);
  for (let more = 0; more < 20; more++) await turn();
  expect(ended).not.toHaveBeenCalled();
  await close();
  await body;
});

it('its addresses have the path behind a query of the base URL, which no server takes', () => {
  const client = new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:9/v1?version=1' });
  expect(client.buildURL('/chat/completions', {})).toBe(
    `http://127.0.0.1:9/v1?${new URLSearchParams({ version: '1/chat/completions' }).toString()}`,
  );
});

describe('its bodies', () => {
  it.each([
    ['an error with status 200', 'application/json', '{"error":{"message":"upstream died","code":502}}'],
    ['a web page', 'text/html', '<!doctype html><title>Sign in</title>'],
  ])('%s is a reply to it', async (_what, type, body) => {
    const { client } = await clientOf((response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    await expect(client.chat.completions.create(question)).resolves.toBeDefined();
  });
});

describe('its errors', () => {
  it('keep of a body what stands under "error", and nothing of one that says it elsewhere', async () => {
    const said = { detail: [{ loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }] };
    const { client } = await clientOf((response) => {
      response.writeHead(422, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
    const error: unknown = await client.chat.completions.create(question).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 422, error: undefined, message: '422 status code (no body)' });
  });

  it('forget what failed on the way where its words are of time, a host that can not be reached, say', async () => {
    const failing = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('connect timed out'), { code: 'UND_ERR_CONNECT_TIMEOUT' }),
    });
    const fetch = (): Promise<Response> => Promise.reject(failing);
    const client = new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:9', maxRetries: 0, fetch });
    const error: unknown = await client.chat.completions.create(question).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect(error).toMatchObject({ message: 'Request timed out.' });
    expect(error).not.toHaveProperty('cause');
  });
});

describe('its streams', () => {
  it.each([
    ['one that ended with [DONE]', [PIECE, '[DONE]']],
    ['one that ended without it, in the middle of the reply', [PIECE]],
  ])('%s: nothing tells it from the other', async (_what, data) => {
    const { client } = await clientOf((response) => void events(response, ...data).end());
    expect(await textOf(await client.chat.completions.create({ ...question, stream: true }))).toBe('One');
  });

  it('one that was aborted ends as a whole one does', async () => {
    const { client } = await clientOf((response) => void events(response, PIECE));
    const controller = new AbortController();
    const stream = await client.chat.completions.create(
      { ...question, stream: true },
      { signal: controller.signal },
    );
    let text = '';
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? '';
      controller.abort();
    }
    expect(text).toBe('One');
  });

  it('a whole body, from a server that does not stream, is an empty one', async () => {
    const body = { choices: [{ index: 0, message: { content: 'One' }, finish_reason: 'stop' }] };
    const { client } = await clientOf((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    expect(await textOf(await client.chat.completions.create({ ...question, stream: true }))).toBe('');
  });
});
