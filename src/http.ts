// HTTP for all that asks over the network, through undici's pool of connections and the proxies of the environment. No time-outs but
// the caller's, no redirects, no retries. Knows no provider, no reply and no cache.
import type { Dispatcher, Pool } from 'undici';
import { defined } from './defined.ts';
import { urlOf } from './text/url.ts';
import { encodingsOf, isKnown, unpacker, type Taker } from './unpack.ts';
import {
  NeverReached,
  PROXY_WANTS_NAME,
  codeOf,
  isOfProxy,
  neverReached,
  peerOf,
  refusedByProxy,
} from './unreached.ts';

export interface HttpRequest {
  /** GET without it. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'MKCOL';
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal;
  /** Bytes of the answer's body, unpacked, beyond which it is given up: 256 MB. More is for whoever reads it as it comes. */
  readonly longest?: number;
  /** Hears that the request is on its way: what fails before has reached nobody. */
  readonly onSent?: () => void;
}

/**
 * Resolves once status and headers are there; the body follows, unpacked where it was compressed. Rejects with NeverReached where
 * nobody can have taken the request, else with the system's error; a body that breaks off throws where it is read.
 */
export type Send = (url: string | URL, request?: HttpRequest) => Promise<Response>;

/** The body is compressed in a way that this Node can not undo. */
export class UnknownEncoding extends Error {
  constructor(name: string) {
    super(`the body is compressed as ${name}, although nobody asked for that`);
    this.name = 'UnknownEncoding';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface HttpOptions {
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked for, in either case. */
  readonly environment: Environment;
  /** Milliseconds after which a connection that is not there is given up: ten seconds. */
  readonly connectMs?: number;
  /** To one server at a time: as many as are wanted. */
  readonly connections?: number;
}

const CONNECT_MS = 10_000;
/** Bytes that may lie unread before the sender is held up. */
const UNREAD_BYTES = 1_048_576;
/** Bytes of a body, unpacked: no answer is so long, and what is longer wants to fill the memory. */
const LONGEST_BODY = 268_435_456;

/** An answer that was read to its end. Names of headers are in lower case. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Fields;
  readonly body: Buffer;
}

export interface Http {
  readonly send: Send;
  /** As `send`, for small things: resolves when the whole body is there, and rejects where it breaks off. */
  readonly fetchWhole: (url: string | URL, request?: HttpRequest) => Promise<WholeAnswer>;
  /** Resolves once undici is loaded, which no deadline of a request should count. Rejects as `send` does. */
  ready(): Promise<unknown>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

interface Way {
  readonly by: Dispatcher;
  /** An answer may be a proxy's own. */
  readonly mayBeProxy: boolean;
}

/** Loads undici when it is needed. Idle connections keep no program alive. */
export function openHttp(options: HttpOptions): Http {
  let ways: ReturnType<typeof openWays> | undefined;
  const isProxied = given(options.environment, 'http_proxy') !== undefined;
  const ready = (): ReturnType<typeof openWays> => (ways ??= openWays(options));
  const asked =
    <T>(how: (way: Way, target: URL, request: HttpRequest) => Promise<T>) =>
    async (url: string | URL, request: HttpRequest = {}): Promise<T> => {
      const target = targetOf(url);
      const { secure, plain } = await ready();
      // Inside TLS nobody answers but the server.
      return target.protocol === 'https:'
        ? how({ by: secure, mayBeProxy: false }, target, request)
        : how({ by: plain, mayBeProxy: isProxied }, target, request);
    };
  return {
    ready,
    send: asked(exchange),
    fetchWhole: asked(exchangeWhole),
    async close() {
      const opened = await ways?.catch(() => undefined);
      await Promise.all([opened?.secure.destroy(), opened?.plain.destroy()]);
    },
  };
}

function targetOf(url: string | URL): URL {
  const target = urlOf(url);
  if (target === undefined) throw new NeverReached('unsendable', `${String(url)} is no address`);
  if (/^https?:$/.test(target.protocol)) return target;
  throw new NeverReached('unsendable', `${String(url)} begins neither with http:// nor with https://`);
}

/** Who is asked for addresses with TLS, and for those without. */
async function openWays({
  environment,
  connectMs = CONNECT_MS,
  connections,
}: HttpOptions): Promise<{ readonly secure: Dispatcher; readonly plain: Dispatcher }> {
  const { Agent, EnvHttpProxyAgent, Pool } = await import('undici');
  const options = {
    connect: { timeout: connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    ...defined({ connections }),
  };
  const direct = new Agent(options);
  const noProxy = given(environment, 'no_proxy') ?? '';
  const by = (variable: string): Dispatcher => {
    const proxy = given(environment, variable);
    if (proxy === undefined) return direct;
    const { uri, token } = proxyOf(variable.toUpperCase(), proxy);
    // Requests without TLS are handed to the proxy as they are: many allow a tunnel to port 443 alone.
    return new EnvHttpProxyAgent({
      ...options,
      ...defined({ token }),
      httpProxy: uri,
      httpsProxy: uri,
      noProxy,
      proxyTunnel: false,
      clientFactory: (origin, more) => askedOnce(new Pool(origin, more)),
    });
  };
  return { secure: by('https_proxy'), plain: by('http_proxy') };
}

/**
 * A proxy that hangs up on a tunnel is taken by undici for a connection that was idle, and asked again without end: unless the error
 * has another name.
 */
function askedOnce(proxy: Pool): Pool {
  const connect: (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
    proxy.connect.bind(proxy);
  return Object.assign(proxy, {
    connect: (options: Dispatcher.ConnectOptions) =>
      connect(options).catch((error: Error) => {
        throw Object.assign(new Error(error.message), { code: codeOf(error), peer: peerOf(error) });
      }),
  });
}

/** The small spelling first, as everywhere; an empty value is none. */
function given(environment: Environment, name: string): string | undefined {
  const value = (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();
  return value === '' ? undefined : value;
}

/** A proxy's address and what it wants to see of whoever asks. Never tells the value, which may hold a password. */
function proxyOf(variable: string, value: string): { readonly uri: string; readonly token?: string } {
  try {
    const url = new URL(value.includes('://') ? value : `http://${value}`);
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    url.username = '';
    url.password = '';
    return user === ':'
      ? { uri: url.href }
      : { uri: url.href, token: `Basic ${Buffer.from(user).toString('base64')}` };
  } catch {
    throw new NeverReached('proxy', `${variable} is no address of a proxy, such as http://127.0.0.1:3128`);
  }
}

/** Resolves when the status is there; the body comes as a stream. */
function exchange(way: Way, target: URL, request: HttpRequest): Promise<Response> {
  return new Promise((resolve, reject) => {
    dispatch(way, target, request, (line) => {
      const incoming = bodyThatComes(line);
      return {
        begin(status, fields) {
          const stream = BODILESS.has(status) ? null : incoming.stream;
          resolve(new Response(stream, { status, headers: headersOf(fields) }));
        },
        body: incoming,
        fail(told, error) {
          reject(told);
          incoming.fail(error);
        },
      };
    });
  });
}

/** Resolves when all is there: a tenth of the work of a stream that is read to its end. */
function exchangeWhole(way: Way, target: URL, request: HttpRequest): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    dispatch(way, target, request, () => {
      const parts: Uint8Array[] = [];
      let [status, headers]: [number, Fields] = [0, {}];
      return {
        begin(came, fields) {
          [status, headers] = [came, fields];
        },
        body: {
          take: (chunk) => void parts.push(chunk),
          end: () => resolve({ status, headers, body: Buffer.concat(parts) }),
        },
        fail: reject,
      };
    });
  });
}

/** What hears of an exchange. */
interface Hearer {
  begin(status: number, fields: Fields): void;
  /** Unpacked. */
  readonly body: Taker;
  /** At any time, and once: the error as whoever asked is to hear it, and as it came. */
  fail(told: Error, error: Error): void;
}

/** A request under way; undefined before it is sent. */
type Line = () => Dispatcher.DispatchController | undefined;

function dispatch(
  { by, mayBeProxy }: Way,
  target: URL,
  request: HttpRequest,
  hearing: (line: Line) => Hearer,
): void {
  const { signal, longest = LONGEST_BODY, onSent } = request;
  let control: Dispatcher.DispatchController | undefined;
  let sent = false;
  let length = 0;
  const hearer = hearing(() => control);
  const fail = (error: Error): void => {
    signal?.removeEventListener('abort', giveUp);
    hearer.fail(sent && !PROXY_WANTS_NAME.test(error.message) ? error : neverReached(target, error), error);
  };
  const stop = (error: Error): void => {
    control?.abort(error);
    fail(error);
  };
  const giveUp = (): void => stop(new NeverReached('given_up', 'the request was given up'));
  const whole: Taker = {
    take(chunk) {
      length += chunk.length;
      if (length > longest) stop(new Error('the body is longer than any answer'));
      else hearer.body.take(chunk);
    },
    end() {
      signal?.removeEventListener('abort', giveUp);
      hearer.body.end();
    },
  };
  let into = whole;
  if (signal?.aborted === true) return giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  by.dispatch(optionsOf(target, request), {
    onRequestStart(controller) {
      control = controller;
      if (signal?.aborted === true) return controller.abort(new Error('given up'));
      sent = true;
      onSent?.();
    },
    onResponseStart(_controller, status, fields) {
      if (status < 200) return;
      if (mayBeProxy && isOfProxy(status, fields)) return stop(refusedByProxy(target, status));
      const encodings = encodingsOf(fields['content-encoding']);
      const unknown = encodings.find((name) => !isKnown(name));
      if (unknown !== undefined) return stop(new UnknownEncoding(unknown));
      into = unpacker(encodings, whole, stop);
      hearer.begin(status, fields);
    },
    onResponseData: (_controller, chunk) => into.take(chunk),
    onResponseEnd: () => into.end(),
    onResponseError: (_controller, error) => fail(error),
  });
}

function optionsOf(target: URL, { method = 'GET', headers, body }: HttpRequest): Dispatcher.DispatchOptions {
  return {
    origin: target.origin,
    path: `${target.pathname}${target.search}`,
    method: method as Dispatcher.HttpMethod,
    headers: { 'accept-encoding': 'identity', ...Object.fromEntries(entriesOf(headers)) },
    body: body ?? null,
    headersTimeout: 0,
    bodyTimeout: 0,
    // undici would close the connection after a HEAD, for servers that answer one with a body.
    ...(method === 'HEAD' ? { reset: false } : {}),
  };
}

interface Incoming extends Taker {
  readonly stream: ReadableStream<Uint8Array>;
  fail(error: Error): void;
}

/** A body as a stream that holds its sender up while nobody reads. */
function bodyThatComes(line: Line): Incoming {
  let reader: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => void (reader = controller),
      pull: () => line()?.resume(),
      cancel() {
        reader = undefined;
        line()?.abort(new Error('nobody reads on'));
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BYTES }),
  );
  return {
    stream,
    take(chunk) {
      reader?.enqueue(chunk);
      if ((reader?.desiredSize ?? 1) <= 0) line()?.pause();
    },
    end: () => reader?.close(),
    fail(error) {
      try {
        reader?.error(error);
      } catch {
        // It was read to its end, or left.
      }
    },
  };
}

/** Statuses whose responses have no body. */
const BODILESS = new Set([204, 205, 304]);

function entriesOf(headers: HttpRequest['headers']): Iterable<[string, string]> {
  return headers instanceof Headers ? headers : Object.entries(headers ?? {});
}

type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

function headersOf(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields))
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) headers.append(name, each);
  return headers;
}
