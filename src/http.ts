// The door of undici: one request and its whole answer, over connections that are kept, through the proxies of the environment.
// Certificates are as Node has them. Knows no provider and no remote cache.
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';

export interface WireOptions {
  /** Milliseconds for a connection to be there. */
  readonly connectMs: number;
  /** To one server at a time. */
  readonly connections: number;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked for, in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'MKCOL';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of an answer's body that are read at most. */
  readonly most: number;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Wire {
  /** Follows no redirection. Rejects where no whole answer comes, or one that is longer than it may be. */
  readonly send: (request: WireRequest) => Promise<WireAnswer>;
  /** Gives up what is under way. */
  readonly close: () => Promise<void>;
}

export function openWire({ connectMs, connections, environment }: WireOptions): Wire {
  const options = {
    connections,
    connect: { timeout: connectMs },
    // Whoever sends says how long the whole may take.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
  };
  const [httpProxy, httpsProxy, noProxy] = ['http_proxy', 'https_proxy', 'no_proxy'].map(
    (name) => given(environment[name]) ?? given(environment[name.toUpperCase()]),
  );
  const dispatcher: Dispatcher =
    httpProxy === undefined && httpsProxy === undefined
      ? new Agent(options)
      : new EnvHttpProxyAgent({
          ...options,
          // Left out, they would be looked for in the environment of the process.
          httpProxy: httpProxy ?? '',
          httpsProxy: httpsProxy ?? httpProxy ?? '',
          noProxy: noProxy ?? '',
        });
  return {
    async send(asked) {
      try {
        return await exchange(dispatcher, asked);
      } catch (error) {
        // The server closed a kept connection just then.
        if (asked.signal.aborted || !CLOSED.has(codeOf(error))) throw error;
        return exchange(dispatcher, asked);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

async function exchange(
  dispatcher: Dispatcher,
  { method, url, headers, body, most, signal }: WireRequest,
): Promise<WireAnswer> {
  const answer = await request(url, {
    dispatcher,
    method: method as Dispatcher.HttpMethod,
    headers,
    signal,
    ...(body === undefined ? {} : { body }),
  });
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    length += part.length;
    // Leaving the loop closes the connection.
    if (length > most) throw new RangeError(`the answer is longer than ${most} bytes`);
    parts.push(part);
  }
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: Buffer.concat(parts).toString('utf8'),
  };
}
