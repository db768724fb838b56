// The local server: loopback only, every request through the gate, documents and deeds by name. Knows what is asked only by those names.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { asQuestions } from '../../api/request.ts';
import { asProblems, problem, ProblemError, type Problem } from '../../problem.ts';
import type { Asset, Assets } from './assets.ts';
import { cookieName, refusalOf, same, type Kind, type Keys, type Refusal } from './gate.ts';

export type Query = ReadonlyMap<string, readonly string[]>;

/** What the server gives, by the last word of its address: `/api/matrix` is `matrix`. */
export interface Routes {
  /** Gives a document for `{"version":1,"type":name}`. */
  readonly documents: Readonly<Record<string, (query: Query) => unknown>>;
  /** Does something, and gives what came of it. */
  readonly deeds: Readonly<Record<string, (body: unknown) => unknown>>;
  /** Holds the stream of events. */
  readonly events: (response: ServerResponse) => void;
}

export interface Listening {
  /** With the token in its fragment. */
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Of every answer. No header of CORS is among them. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

const LONGEST_BODY = 64 * 1024;
/** Bytes from which an answer is compressed. */
const WORTH_ZIPPING = 8 * 1024;

/** The page is given at once, documents when the routes are there. Throws a ProblemError where the port can not be had. */
export async function listen(port: number, assets: Assets, routes: Promise<Routes>): Promise<Listening> {
  const keys = {
    token: randomBytes(32).toString('base64url'),
    session: randomBytes(32).toString('base64url'),
  };
  let own: Keys = { ...keys, port: 0 };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    void answer({ request, response, keys: own, assets, routes });
  });
  own = { ...keys, port: await bound(server, port) };
  return {
    url: `http://127.0.0.1:${own.port}/#t=${keys.token}`,
    port: own.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bound(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const what = `port ${port} can not be listened on: ${error.code ?? error.message}`;
      reject(new ProblemError([problem('DD167', what, { data: { port }, reason: error.code ?? 'unknown' })]));
    });
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly keys: Keys;
  readonly assets: Assets;
  readonly routes: Promise<Routes>;
}

/** The page itself and its session need none. */
const NO_ROUTES: Routes = { documents: {}, deeds: {}, events: () => {} };

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, keys, assets } = exchange;
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const name = /^\/api\/([a-z-]+)$/.exec(path)?.[1];
  try {
    const routes = name === undefined || name === 'session' ? NO_ROUTES : await exchange.routes;
    const kind = kindOf(name, request.method, routes);
    const refusal = refusalOf(request, kind, keys);
    if (refusal !== undefined) return refuse(exchange, refusal);
    if (kind === 'part') return sendAsset(exchange, assets.get(path));
    if (kind === 'session') return await openSession(exchange);
    if (name === 'events') return routes.events(response);
    const given =
      kind === 'deed'
        ? await own(routes.deeds, name)?.(await bodyOf(request))
        : await (own(routes.documents, name)?.(queryOf(query)) ?? undefined);
    if (given === undefined) return refuse(exchange, { status: 404, message: 'there is no such document' });
    send(exchange, 200, { version: 1, type: name, ...Object(given) });
  } catch (error) {
    sendProblems(exchange, asProblems(error));
  }
}

/** What a route of that name would be; unknown names of `/api/` need the cookie too. */
function kindOf(name: string | undefined, method: string | undefined, { deeds, documents }: Routes): Kind {
  if (name === undefined) return 'part';
  if (name === 'session') return 'session';
  if (own(deeds, name) !== undefined && own(documents, name) === undefined) return 'deed';
  return method === 'POST' && own(deeds, name) !== undefined ? 'deed' : 'document';
}

function own<T>(record: Readonly<Record<string, T>>, name: string | undefined): T | undefined {
  return name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** What stands behind the question mark. */
export function queryOf(text: string): Query {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) query.set(name, [...(query.get(name) ?? []), value]);
  return query;
}

async function openSession(exchange: Exchange): Promise<void> {
  const { request, response, keys } = exchange;
  const body = await bodyOf(request);
  const token = body !== null && typeof body === 'object' && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string' || !same(token, keys.token))
    return refuse(exchange, { status: 401, message: 'this is not the address that `daydream ui` printed' });
  response.setHeader(
    'set-cookie',
    `${cookieName(keys.port)}=${keys.session}; HttpOnly; SameSite=Strict; Path=/`,
  );
  send(exchange, 200, { version: 1, type: 'session' });
}

class TooLong extends Error {}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new TooLong('the body is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ProblemError([problem('DD168', 'the body is no JSON')]);
  }
}

function refuse({ response }: Exchange, { status, message }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${message}\n`);
}

function sendProblems(exchange: Exchange, error: unknown): void {
  if (error instanceof TooLong) return refuse(exchange, { status: 413, message: error.message });
  const problems: readonly Problem[] =
    error instanceof ProblemError
      ? error.problems
      : [problem('DD199', error instanceof Error ? error.message : String(error))];
  send(exchange, 422, { version: 1, type: 'problems', problems: asQuestions(problems) });
}

function send({ request, response }: Exchange, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  if (text.length < WORTH_ZIPPING || !takesGzip(request)) return void response.end(text);
  response.setHeader('content-encoding', 'gzip');
  gzip(text, { level: 1 }, (_error, zipped) => response.end(zipped));
}

function sendAsset(exchange: Exchange, asset: Asset | undefined): void {
  const { request, response } = exchange;
  if (asset === undefined) return refuse(exchange, { status: 404, message: 'there is no such page' });
  response.setHeader('content-type', asset.type);
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('etag', asset.etag);
  if (request.headers['if-none-match'] === asset.etag) return void response.writeHead(304).end();
  if (!takesGzip(request)) return void response.end(asset.bytes);
  response.setHeader('content-encoding', 'gzip');
  response.end(asset.zipped());
}

function takesGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
}
