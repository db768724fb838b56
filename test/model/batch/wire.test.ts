// A batch interface over real HTTP: what is sent with each request, how answers are read, and when something may have been taken on.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Send } from '../../../src/http.ts';
import { openWire, WireError, type Wire, type WireOptions } from '../../../src/model/batch/wire.ts';
import { NeverReached } from '../../../src/unreached.ts';
import { send } from '../../support/client.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let url: string;
let seen: Seen[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let close: () => void;

beforeEach(async () => {
  seen = [];
  answer = (response) => void response.end('{"x":1}');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(response, request);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(() => close());

const KEY = 'secret-key';

function wire(more: Partial<WireOptions> = {}): Wire {
  return openWire({
    send,
    baseURL: url,
    apiKey: KEY,
    headers: { 'x-title': 'mine' },
    timeoutMs: 5000,
    now: () => 1_000_000,
    ...more,
  });
}

const failed = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

async function linesOf(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('a request', () => {
  it('carries the key and the headers of the config, and goes below the base URL', async () => {
    expect(await wire().get('/batches?limit=1')).toEqual({ x: 1 });
    expect(seen).toMatchObject([
      {
        method: 'GET',
        url: '/v1/batches?limit=1',
        headers: { authorization: `Bearer ${KEY}`, 'x-title': 'mine' },
        body: '',
      },
    ]);
  });

  it('has no key where a server wants none', async () => {
    await wire({ apiKey: '' }).get('/x');
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('that posts says what it posts: JSON, unless told otherwise', async () => {
    await wire().post('/x', '{"a":1}');
    await wire().post('/y', 'form', 'multipart/form-data');
    expect(seen).toMatchObject([
      {
        method: 'POST',
        body: '{"a":1}',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      },
      { method: 'POST', body: 'form', headers: { 'content-type': 'multipart/form-data' } },
    ]);
  });
});

it('what is removed is asked for once, with the key, and whatever is answered', async () => {
  answer = (response) => void response.end('gone');
  await wire().remove('/files/f%2F1');
  expect(seen).toMatchObject([
    { method: 'DELETE', url: '/v1/files/f%2F1', headers: { authorization: `Bearer ${KEY}` } },
  ]);
});

describe('an answer that is no JSON', () => {
  it('is told by how it begins, and nobody knows what was done', async () => {
    answer = (response) => void response.end(`<html>${'x'.repeat(100)}`);
    const error = await failed(wire().post('/x', '{}'));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({
      name: 'WireError',
      unsure: true,
      message: `no JSON came: <html>${'x'.repeat(74)}`,
    });
  });
});

describe('a status that is an error', () => {
  it.each<[words: string, body: string]>([
    ['no such model', '{"error":{"message":"no such model"}}'],
    ['no such model', '{"error":"no such model"}'],
    ['{"detail":1}', '{"detail":1}'],
    ['{"error":{"code":1}}', '{"error":{"code":1}}'],
    ['away', 'away'],
    ['y'.repeat(300), 'y'.repeat(301)],
    [`{"a":"${'y'.repeat(294)}`, `{"a":"${'y'.repeat(400)}"}`],
  ])('is told with the words %s', async (words, body) => {
    answer = (response) => void response.writeHead(400).end(body);
    expect(await failed(wire().get('/x'))).toMatchObject({ message: `status 400: ${words}` });
  });

  it.each([
    [400, false],
    [404, false],
    [408, true],
    [429, false],
    [499, false],
    [500, true],
    [502, true],
  ])('%d: may have been taken on: %s', async (status, unsure) => {
    answer = (response) => void response.writeHead(status).end('{}');
    const error = await failed(wire().post('/x', '{}'));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ unsure, message: expect.stringContaining(`status ${status}`) as string });
  });

  it.each([
    [{ location: 'https://other.example/v2/x?after=1' }, 'https://other.example/v2'],
    [{ location: 'https://other.example/sign-in' }, 'https://other.example/sign-in'],
    [{}, 'elsewhere'],
  ])('is where to ask instead, and nothing is asked there: %j', async (headers, to) => {
    answer = (response) => void response.writeHead(307, headers).end();
    expect(await failed(wire().post('/x?limit=1', '{}'))).toMatchObject({
      message: `the server says to ask ${to} instead`,
      unsure: false,
    });
  });

  it.each<[limit: object | undefined, status: number, headers: Record<string, string>, code: string]>([
    [{}, 429, {}, 'rate_limit_exceeded'],
    [{ until: 1_030_000 }, 429, { 'retry-after': '30' }, 'rate_limit_exceeded'],
    [{ until: 1_000_000 + 7_200_000 }, 429, { 'retry-after': '7200' }, ''],
    [undefined, 429, { 'retry-after': '30' }, 'insufficient_quota'],
    [undefined, 400, { 'retry-after': '30' }, ''],
    [undefined, 503, { 'retry-after': '30' }, ''],
  ])(
    'is a limit where waiting mends it: %j at %d with %j and the code %s',
    async (limit, status, headers, code) => {
      answer = (response) =>
        void response
          .writeHead(status, { ...headers, date: '' })
          .end(JSON.stringify({ error: { code, message: 'no' } }));
      const error = await failed(wire().post('/x', '{}'));
      expect(error).toBeInstanceOf(WireError);
      expect((error as WireError).limit).toEqual(limit);
    },
  );

  it('does not tell the key, however often it stands there', async () => {
    answer = (response) => void response.writeHead(401).end(`bad ${KEY} and ${KEY}`);
    expect(await failed(wire().get('/x'))).toMatchObject({ message: 'status 401: bad … and …' });
  });

  it('is told as it is where there is no key', async () => {
    answer = (response) => void response.writeHead(401).end('no');
    expect(await failed(wire({ apiKey: '' }).get('/x'))).toMatchObject({ message: 'status 401: no' });
  });

  it('ends lines too', async () => {
    answer = (response) => void response.writeHead(404).end('{}');
    expect(await failed(linesOf(wire().lines('/x')))).toMatchObject({
      message: 'status 404: {}',
      unsure: false,
    });
  });
});

describe('a connection', () => {
  it('that breaks under way leaves nobody sure', async () => {
    answer = (response) => void response.socket?.destroy();
    const error = await failed(wire().post('/x', '{}'));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ unsure: true });
    expect((error as WireError).limit).toBe(undefined);
  });

  it('that never came is sure to have taken nothing on', async () => {
    close();
    expect(await failed(wire().post('/x', '{}'))).toMatchObject({ unsure: false });
  });

  it('whose error holds the key does not tell it', async () => {
    const told: Send = () => Promise.reject(new Error(`reset by ${KEY}`));
    expect(await failed(wire({ send: told }).get('/x'))).toMatchObject({
      message: 'reset by …',
      unsure: true,
    });
  });
});

describe('a time that is over', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  /** Sends, or does not, and answers nothing until it is given up. */
  const silent =
    (sends: boolean): Send =>
    (_url, { signal, onSent } = {}) => {
      if (sends) onSent?.();
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new NeverReached('given_up', 'given up')));
      });
    };

  it.each([
    ['leaves nobody sure once the request was on its way', true],
    ['is sure that nothing came where it was not', false],
  ])('%s', async (_what, sends) => {
    const failing = failed(wire({ send: silent(sends), timeoutMs: 500 }).post('/x', '{}'));
    await vi.advanceTimersByTimeAsync(500);
    expect(await failing).toMatchObject({ message: 'no answer within 0.5 s', unsure: sends });
  });

  it('begins again with each line, and ends lines that do not go on', async () => {
    let more: (line: string) => void = () => {};
    const answering: Send = async (_url, { signal } = {}) =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            more = (line) => controller.enqueue(Buffer.from(line));
            signal?.addEventListener('abort', () => controller.error(new Error('given up')));
          },
        }),
      );
    const lines = wire({ send: answering, timeoutMs: 500 }).lines('/x')[Symbol.asyncIterator]();
    for (const line of ['0', '1', '2']) {
      const next = lines.next();
      await vi.advanceTimersByTimeAsync(400);
      more(`${line}\n`);
      expect((await next).value).toBe(line);
    }
    const failing = failed(lines.next());
    await vi.advanceTimersByTimeAsync(500);
    expect(await failing).toMatchObject({ message: 'no answer within 0.5 s' });
  });

  it('is no more once the answer came', async () => {
    const answering: Send = async () => new Response('{}');
    await wire({ send: answering }).get('/x');
    expect(vi.getTimerCount()).toBe(0);
    await linesOf(wire({ send: answering }).lines('/x'));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('lines', () => {
  /** What comes of these chunks, which are sent one by one. */
  async function of(...chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(Buffer.from(chunk as string));
        controller.close();
      },
    });
    return linesOf(wire({ send: () => Promise.resolve(new Response(body)) }).lines('/x'));
  }

  it('come as they are, without blank ones, and the last one without its end', async () => {
    expect(await of('a\n\n  \nb\nc')).toEqual(['a', 'b', 'c']);
    expect(await of('a\nb\n')).toEqual(['a', 'b']);
    expect(await of('a\n  ')).toEqual(['a']);
  });

  it('may be cut anywhere', async () => {
    expect(await of('a', 'b', 'c\nd', 'e\n', 'f\ng\nh', 'i')).toEqual(['abc', 'de', 'f', 'g', 'hi']);
  });

  it('may be cut within a letter', async () => {
    const [start, end] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
    expect(await of('a', start, Buffer.concat([end, Buffer.from('b\n')]))).toEqual(['aüb']);
  });

  it('are none where there is no body', async () => {
    const nothing: Send = () => Promise.resolve(new Response(null));
    expect(await linesOf(wire({ send: nothing }).lines('/x'))).toEqual([]);
  });

  it('carry the key as other requests do', async () => {
    await linesOf(wire().lines('/x'));
    expect(seen).toMatchObject([
      { method: 'GET', headers: { authorization: `Bearer ${KEY}`, 'x-title': 'mine' } },
    ]);
  });
});
