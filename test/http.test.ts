// HTTP as callers have it, over real sockets: what comes back, what is undone, by which way it goes, and what is known of a failure.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openHttp, UnknownEncoding, type HttpRequest } from '../src/http.ts';
import { NeverReached } from '../src/unreached.ts';

const opened: (Server | TcpServer)[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) {
    const closed = new Promise((done) => server.close(done));
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  }
});

/** Its address, such as `127.0.0.1:40000`. */
async function listening(server: Server | TcpServer): Promise<string> {
  opened.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serving = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> =>
  listening(createServer(answer));

const { send, fetchWhole } = openHttp({ environment: {} });

describe('a body', () => {
  const TEXT = 'A line of text, again and again. '.repeat(50);
  const bytes = Buffer.from(TEXT);

  it.each([
    ['as it is', undefined, bytes],
    ['identity', 'identity', bytes],
    ['gzip', 'gzip', gzipSync(bytes)],
    ['x-gzip', 'X-Gzip', gzipSync(bytes)],
    ['br', 'br', brotliCompressSync(bytes)],
    ['deflate', 'deflate', deflateSync(bytes)],
    ['deflate without its header', 'deflate', deflateRawSync(bytes)],
    ['twice', 'deflate, gzip', gzipSync(deflateSync(bytes))],
    ['plain, said to be gzip', 'gzip', bytes],
    ['nothing, said to be gzip', 'gzip', Buffer.alloc(0)],
  ])('%s is read', async (_what, encoding, body) => {
    const host = await serving((_request, response) => {
      response.writeHead(200, encoding === undefined ? {} : { 'content-encoding': encoding });
      response.end(body);
    });
    const response = await send(`http://${host}/`);
    expect(await response.text()).toBe(body.length === 0 ? '' : TEXT);
    const whole = await fetchWhole(`http://${host}/`);
    expect(whole.body.toString()).toBe(body.length === 0 ? '' : TEXT);
    expect([whole.status, whole.headers['content-encoding']]).toEqual([200, encoding]);
  });

  it('is asked for without compression', async () => {
    const host = await serving(({ headers }, response) => void response.end(headers['accept-encoding']));
    expect(await (await send(`http://${host}/`)).text()).toBe('identity');
  });

  it('in a compression that nobody knows is an error, not a text', async () => {
    const host = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'snappy' });
      response.end('sNaPpY');
    });
    await expect(send(`http://${host}/`)).rejects.toThrow(UnknownEncoding);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['breaks off', (response) => void response.write('half', () => response.destroy()), /closed|terminated/],
    ['is longer than it may be', (response) => void response.end('x'.repeat(11)), /longer than any answer/],
    [
      'is no gzip',
      (response) => void response.setHeader('content-encoding', 'gzip').end('\x1ftext'),
      /header/,
    ],
  ])('that is wanted whole and %s is an error', async (_what, answer, words) => {
    const host = await serving((_request, response) => answer(response));
    await expect(fetchWhole(`http://${host}/`, { longest: 10 })).rejects.toThrow(words);
  });

  it('that is wanted whole has the status that it came with, where it has no bytes too', async () => {
    const host = await serving((_request, response) => void response.writeHead(404).end());
    expect(await fetchWhole(`http://${host}/`, { method: 'HEAD' })).toMatchObject({
      status: 404,
      body: Buffer.alloc(0),
    });
  });

  it('that is no gzip although it says so throws where it is read', async () => {
    const host = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('\x1f no gzip at all');
    });
    const response = await send(`http://${host}/`);
    await expect(response.text()).rejects.toThrow('incorrect header check');
  });

  it('that breaks off throws where it is read', async () => {
    const host = await serving((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const response = await send(`http://${host}/`);
    await expect(response.text()).rejects.toThrow('closed');
  });

  it('of ten megabytes comes whole, however slowly it is read', async () => {
    const body = Buffer.alloc(10_000_000, 'abcdefghij');
    const host = await serving((_request, response) => void response.end(body));
    const response = await send(`http://${host}/`);
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      await new Promise((turn) => setImmediate(turn));
    }
    expect(length).toBe(body.length);
  });
});

describe('a response', () => {
  it('has its status, its headers and no body where there is none', async () => {
    const host = await serving((_request, response) => {
      response.writeHead(204, { 'X-One': 'a', 'set-cookie': ['b=1', 'c=2'] });
      response.end();
    });
    const { status, headers, body } = await send(`http://${host}/`);
    expect([status, headers.get('x-one'), headers.get('set-cookie'), body]).toEqual([
      204,
      'a',
      'b=1, c=2',
      null,
    ]);
  });

  it('is the last one where others announce it', async () => {
    const host = await serving((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.end('there');
    });
    expect(await (await send(`http://${host}/`)).text()).toBe('there');
  });

  it('that points elsewhere is given back: nobody goes there', async () => {
    let asked = 0;
    const host = await serving((_request, response) => {
      asked++;
      response.writeHead(307, { location: '/elsewhere' });
      response.end();
    });
    const response = await send(`http://${host}/`, { method: 'POST', body: 'secret' });
    expect([response.status, response.headers.get('location'), asked]).toEqual([307, '/elsewhere', 1]);
  });
});

describe('what reached nobody', () => {
  const failing = async (url: string, sending: HttpRequest = {}, environment = {}): Promise<unknown> => {
    let sent = false;
    const request = { ...sending, onSent: () => (sent = true) };
    const error: unknown = await openHttp({ environment })
      .send(url, request)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(NeverReached);
    return { sent, ...(error as NeverReached), message: (error as NeverReached).message };
  };
  const nobody = async (): Promise<string> => {
    const server = createTcpServer();
    const host = await listening(server);
    opened.pop();
    await new Promise((closed) => server.close(closed));
    return host;
  };

  it('an address at which nobody listens', async () => {
    const host = await nobody();
    expect(await failing(`http://${host}/`)).toMatchObject({
      sent: false,
      why: 'no_connection',
      code: 'ECONNREFUSED',
      message: `no connection to ${host}`,
    });
  });

  it('an address that speaks no TLS', async () => {
    const host = await listening(createTcpServer((socket) => socket.destroy()));
    expect(await failing(`https://${host}/`)).toMatchObject({ sent: false, why: 'no_connection' });
  });

  it('a header that HTTP can not carry', async () => {
    const host = await serving((_request, response) => void response.end());
    expect(await failing(`http://${host}/`, { headers: { authorization: 'Bearer a\nb' } })).toMatchObject({
      sent: false,
      why: 'unsendable',
    });
  });

  it('a request that was given up first', async () => {
    const host = await serving((_request, response) => void response.end());
    expect(await failing(`http://${host}/`, { signal: AbortSignal.abort() })).toMatchObject({
      sent: false,
      why: 'given_up',
    });
  });

  it.each([
    ['a proxy that is not there', 'http', 'no_connection'],
    ['a proxy that is not there, for TLS', 'https', 'no_connection'],
  ])('%s', async (_what, scheme, why) => {
    const proxy = await nobody();
    const environment = { [`${scheme}_proxy`]: `http://${proxy}` };
    expect(await failing(`${scheme}://api.invalid/v1`, {}, environment)).toMatchObject({
      sent: false,
      why,
      code: 'ECONNREFUSED',
      message: `no connection to the proxy ${proxy}`,
    });
  });

  it('a proxy that hangs up on a tunnel', async () => {
    const proxy = await listening(createTcpServer((socket) => socket.destroy()));
    expect(await failing('https://api.invalid/v1', {}, { HTTPS_PROXY: proxy })).toMatchObject({
      sent: false,
      why: 'no_connection',
    });
  });

  it.each([403, 407, 502])('a proxy that answers %i', async (status) => {
    const refusing = createServer((_request, response) => void response.writeHead(status).end('no'));
    refusing.on('connect', (_request, socket) => void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
    const proxy = await listening(refusing);
    expect(await failing('https://api.invalid/v1', {}, { HTTPS_PROXY: proxy })).toMatchObject({
      sent: false,
      why: 'proxy',
      status,
    });
  });

  it('a proxy that wants to know who asks', async () => {
    const proxy = await serving((_request, response) => void response.writeHead(407).end('who are you?'));
    const error = await failing(
      'http://api.invalid/v1',
      { body: 'x', method: 'POST' },
      { HTTP_PROXY: proxy },
    );
    expect(error).toMatchObject({ why: 'proxy', status: 407 });
  });

  it.each<[number, Record<string, string>, boolean]>([
    [401, { server: 'tinyproxy/1.11.1', 'www-authenticate': 'Basic realm="Tinyproxy"' }, true],
    [403, { 'x-squid-error': 'ERR_ACCESS_DENIED 0' }, true],
    [403, { 'proxy-authenticate': 'Basic' }, true],
    [401, { server: 'uvicorn' }, false],
    [401, { server: 'litellm-proxy', via: '1.1 vm (tinyproxy/1.11.1)' }, false],
    [500, { server: 'tinyproxy/1.11.1' }, false],
  ])('a refusal with %i and %j is the proxy’s own: %s', async (status, headers, own) => {
    const proxy = await serving((_request, response) => void response.writeHead(status, headers).end('no'));
    const request = { body: 'x', method: 'POST' } as const;
    const { send } = openHttp({ environment: { HTTP_PROXY: proxy } });
    const said = await send('http://api.invalid/v1', request).then(
      (response) => ({ status: response.status }),
      ({ why, status: of }: NeverReached) => ({ why, status: of }),
    );
    expect(said).toEqual(own ? { why: 'proxy', status } : { status });
    // Without a proxy, whoever answers is the server.
    const direct = openHttp({ environment: {} });
    expect((await direct.send(`http://${proxy}/v1`, request)).status).toBe(status);
    await direct.close();
  });

  it.each(['http://[', 'http://a b', 'http://u:%zz@h'])('a proxy at %s', async (value) => {
    const error = await failing('http://api.invalid/v1', {}, { HTTP_PROXY: value });
    expect(error).toMatchObject({ sent: false, why: 'proxy' });
    expect(JSON.stringify(error)).not.toContain('zz');
  });
});

describe('a request that was sent', () => {
  it('and given up ends at once, and is not said to have reached nobody', async () => {
    const controller = new AbortController();
    const host = await serving(() => controller.abort());
    const error: unknown = await send(`http://${host}/`, { signal: controller.signal }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ why: 'given_up' });
  });

  it('whose connection dies is not said to have reached nobody', async () => {
    let sent = 0;
    const host = await serving((_request, response) => void response.destroy());
    const error: unknown = await send(`http://${host}/`, { onSent: () => sent++ }).catch((e: unknown) => e);
    expect(error).not.toBeInstanceOf(NeverReached);
    expect(sent).toBe(1);
  });

  it.each(['GET', 'HEAD'] as const)(
    '%s leaves its connection to those that come after it',
    async (method) => {
      const ports = new Set<number | undefined>();
      const host = await serving(({ socket }, response) => {
        ports.add(socket.remotePort);
        response.end('x');
      });
      for (let turn = 0; turn < 5; turn++) await fetchWhole(`http://${host}/`, { method });
      for (let turn = 0; turn < 5; turn++) await (await send(`http://${host}/`, { method })).text();
      // undici takes a second one while the first has just ended its answer.
      expect(ports.size).toBeLessThan(3);
    },
  );
});

describe('the way through proxies', () => {
  /** A proxy for plain requests and for tunnels, all of which end at one server. */
  async function setUp(): Promise<{
    readonly proxy: string;
    readonly seen: string[];
    readonly host: string;
  }> {
    const host = await serving((_request, response) => void response.end('the provider'));
    const seen: string[] = [];
    const proxy = createServer((message, response) => {
      seen.push(`${message.url} ${message.headers['proxy-authorization'] ?? ''}`.trim());
      const on = request(`http://${host}/`, (answer) => void answer.pipe(response));
      message.pipe(on);
    });
    proxy.on('connect', (message, socket) => {
      seen.push(`tunnel ${message.url}`);
      const onward = connect(Number(host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    return { proxy: await listening(proxy), seen, host };
  }

  const asked = async (environment: Readonly<Record<string, string>>, url: string): Promise<string> =>
    (await openHttp({ environment }).send(url)).text();

  it.each([
    ['HTTP_PROXY', (proxy: string) => ({ HTTP_PROXY: `http://${proxy}` }), ''],
    ['http_proxy', (proxy: string) => ({ http_proxy: `http://${proxy}/` }), ''],
    ['an address without a scheme', (proxy: string) => ({ HTTP_PROXY: proxy }), ''],
    [
      'the small spelling before the large',
      (proxy: string) => ({ HTTP_PROXY: 'http://no', http_proxy: proxy }),
      '',
    ],
    [
      'a name and a password',
      (proxy: string) => ({ HTTP_PROXY: `http://me:p%40ss@${proxy}` }),
      ` Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    ],
    ['a name alone', (proxy: string) => ({ HTTP_PROXY: `http://me@${proxy}` }), ' Basic bWU6'],
  ])('%s: a request without TLS is handed over as it is', async (_what, environment, authorization) => {
    const { proxy, seen } = await setUp();
    expect(await asked(environment(proxy), 'http://api.invalid:8080/v1/models?x=1')).toBe('the provider');
    expect(seen).toEqual([`http://api.invalid:8080/v1/models?x=1${authorization}`]);
  });

  it('HTTPS_PROXY is asked for a tunnel', async () => {
    const { proxy, seen } = await setUp();
    await expect(asked({ HTTPS_PROXY: proxy }, 'https://api.invalid/v1')).rejects.toThrow('no connection');
    expect(seen).toContain('tunnel api.invalid:443');
  });

  it.each([
    ['HTTPS_PROXY', 'http'],
    ['HTTP_PROXY', 'https'],
  ])('%s says nothing about %s', async (variable, scheme) => {
    const { proxy, seen, host } = await setUp();
    await asked({ [variable]: proxy }, `${scheme}://${host}/`).catch(() => undefined);
    expect(seen).toEqual([]);
  });

  it.each(['127.0.0.1', '*', 'example.org, 127.0.0.1', 'example.org 127.0.0.1', '.0.0.1'])(
    'NO_PROXY %s goes round it',
    async (no) => {
      const { proxy, seen, host } = await setUp();
      for (const name of ['NO_PROXY', 'no_proxy'])
        expect(await asked({ HTTP_PROXY: proxy, [name]: no }, `http://${host}/`)).toBe('the provider');
      expect(seen).toEqual([]);
    },
  );

  it.each(['', 'example.org', '127.0.0.1:1', '27.0.0.1'])('NO_PROXY "%s" does not', async (no) => {
    const { proxy, seen, host } = await setUp();
    expect(await asked({ HTTP_PROXY: proxy, NO_PROXY: no }, `http://${host}/`)).toBe('the provider');
    expect(seen).toHaveLength(1);
  });

  it('an empty variable names no proxy', async () => {
    const { host } = await setUp();
    expect(await asked({ HTTP_PROXY: '', http_proxy: ' ' }, `http://${host}/`)).toBe('the provider');
  });

  it('keeps a connection to the proxy for what comes after', async () => {
    const { proxy } = await setUp();
    const { send: through } = openHttp({ environment: { HTTP_PROXY: proxy } });
    const server = opened.find(
      (each) => (each.address() as AddressInfo).port === Number(proxy.split(':')[1]),
    );
    let connections = 0;
    server?.on('connection', () => connections++);
    for (let turn = 0; turn < 5; turn++) await (await through('http://api.invalid/')).text();
    expect(connections).toBeLessThan(3);
  });
});
