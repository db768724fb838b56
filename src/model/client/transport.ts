// Carries the client's requests over Node's own HTTP: a fraction of what `fetch` costs a call, and no time-outs but the caller's.
// Proxies and certificates are as Node has them. Knows no provider and no reply.
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { defined } from '../../defined.ts';

/** Milliseconds after which a connection that is not there is given up. */
const CONNECT_MS = 10_000;

/** Failed before there was a connection: nothing was sent, so nobody can have billed it. `code` is the system's. */
export class NeverConnected extends Error {
  readonly code: string | undefined;
  /** Somebody is there, whose certificate nobody vouches for. */
  readonly untrusted: boolean;

  constructor(host: string, code: string | undefined, untrusted = false) {
    super(untrusted ? `the certificate of ${host} can not be trusted` : `no connection to ${host}`);
    this.name = 'NeverConnected';
    this.code = code;
    this.untrusted = untrusted;
  }
}

/** Stands in for `fetch` as far as the client uses it: a text goes out; status, headers and a body to be read once come back. */
export async function transport(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const target = new URL(url instanceof Request ? url.url : url);
  const incoming = await exchanged(target, init);
  const status = incoming.statusCode ?? 0;
  const answer = {
    ok: status >= 200 && status < 300,
    status,
    statusText: incoming.statusMessage ?? '',
    headers: headersOf(incoming),
    url: target.href,
    body: incoming,
    text: () => (status >= 300 && status < 400 ? movedTo(incoming) : textOf(incoming)),
  } satisfies Partial<Record<keyof Response, unknown>>;
  return answer as unknown as Response;
}

function exchanged(target: URL, { method, headers, body, signal }: RequestInit): Promise<IncomingMessage> {
  if (typeof body !== 'string' && body !== undefined && body !== null)
    throw new TypeError('only texts are sent');
  const secure = target.protocol === 'https:';
  const options: RequestOptions = defined({
    headers: {
      ...Object.fromEntries(headers instanceof Headers ? headers : new Headers(headers)),
      'accept-encoding': 'identity',
    },
    method,
    ...(signal === undefined || signal === null ? {} : { signal }),
  });
  return new Promise((resolve, reject) => {
    const request = (secure ? requestSecure : requestPlain)(target, options, resolve);
    const late = setTimeout(() => request.destroy(new NeverConnected(target.host, 'ETIMEDOUT')), CONNECT_MS);
    let connected = false;
    let untrusted = false;
    const connect = (): void => {
      connected = true;
      clearTimeout(late);
    };
    request.once('socket', (socket: Socket) => {
      // One that was kept open from an earlier call.
      if (request.reusedSocket) return connect();
      socket.once(secure ? 'secureConnect' : 'connect', connect);
      // Heard before the request hears of it.
      socket.prependOnceListener('error', () => {
        untrusted = socket instanceof TLSSocket && Boolean(socket.authorizationError);
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      const lost = connected || error.name === 'AbortError';
      reject(lost ? error : new NeverConnected(target.host, error.code, untrusted));
    });
    request.end(body ?? undefined);
  });
}

/** Names in lower case, several values of one name in one text. */
function headersOf({ headersDistinct }: IncomingMessage): Pick<Headers, 'get' | 'entries'> {
  const headers = new Map(
    Object.entries(headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
  );
  return { get: (name) => headers.get(name.toLowerCase()) ?? null, entries: () => headers.entries() };
}

/** A key is not carried to wherever a server points: whoever set the address is to set the other one. */
async function movedTo(incoming: IncomingMessage): Promise<string> {
  incoming.resume();
  return `the server says to ask ${incoming.headers.location ?? 'elsewhere'} instead`;
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of incoming) parts.push(part as Uint8Array);
  return new TextDecoder().decode(Buffer.concat(parts));
}
