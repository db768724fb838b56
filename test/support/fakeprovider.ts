// An OpenAI-compatible server over real HTTP, with faults that tests script. It counts what it billed; it knows nothing of the client.
//
//   const server = await startFakeProvider({ answer: (request) => `You said: ${request.prompt}` });
//   … point a client at server.url …                       // http://127.0.0.1:PORT/v1
//   server.requests[0]?.body; server.billed; server.billedUsd; server.most   // what it saw, and most calls at once
//   await server.close();
//
// Faults: `fault: (request) => faults.status(500)` decides by request (`index` counts from 0, `attempt` counts the
// requests with the same prompt from 1). `seededFaults({ seed, rate, of })` draws them at random, the same for each seed.
// Gates: with `gated: true` each call is held until the test lets it go: `await server.arrived(3); server.release();`.
// Billing: a call is billed when its whole reply was handed to the socket; a call that the client left is not.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  /** From 0, in order of arrival. */
  readonly index: number;
  /** From 1: how often this prompt has come. */
  readonly attempt: number;
  readonly model: string;
  readonly prompt: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
  /** `waiting`, then `billed`, `left` (by the client) or the fault's kind. */
  outcome: string;
}

export interface FakeReply {
  readonly content: string | null;
  readonly finishReason?: string | null;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  /** Further fields of the message, `refusal` for one. */
  readonly message?: Readonly<Record<string, unknown>>;
}

export type Fault =
  /** Any status with any body: an object is sent as JSON. */
  | { readonly kind: 'status'; readonly status: number; readonly body: unknown; readonly headers: Headers }
  /** The connection dies without an answer, or within the body. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'within' }
  /** Nothing more comes: before the headers, after them, or in the middle of the body. */
  | { readonly kind: 'stall'; readonly when: 'before' | 'headers' | 'within' }
  /** Half of the reply, properly ended: broken JSON, or a stream without a finish reason. */
  | { readonly kind: 'half' }
  /** A stream that breaks off with an error event. Only for clients that stream. */
  | { readonly kind: 'stream_error'; readonly error: unknown }
  | { readonly kind: 'reply'; readonly reply: FakeReply };

type Headers = Readonly<Record<string, string>>;

export interface FakeOptions {
  readonly answer?: (request: FakeRequest) => string;
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  readonly latencyMs?: number;
  /** USD of a reply, sent as `usage.cost`; nothing is sent where it is left out. */
  readonly cost?: (request: FakeRequest) => number;
  readonly gated?: boolean;
  /** Headers of every reply. */
  readonly headers?: Headers;
  /** What `GET /v1/models` lists. */
  readonly models?: readonly unknown[];
}

export interface FakeProvider {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  readonly billed: number;
  readonly billedUsd: number;
  /** The most calls that were open at the same time. */
  readonly most: number;
  /** Resolves when so many calls have come, from the start on. */
  arrived(count: number): Promise<void>;
  /** Lets so many held calls go, the oldest first; all of them without a number. */
  release(count?: number): void;
  /** Lets all go, and holds none from now on. */
  open(): void;
  close(): Promise<void>;
}

export const faults = {
  status: (
    status: number,
    body: unknown = { error: { message: `status ${String(status)}`, code: status } },
    headers: Headers = {},
  ): Fault => ({ kind: 'status', status, body, headers }),
  retryAfter: (status: number, retryAfter: string): Fault =>
    faults.status(status, undefined, { 'retry-after': retryAfter }),
  html: (status = 200): Fault =>
    faults.status(status, '<!doctype html><title>Bad gateway</title>', { 'content-type': 'text/html' }),
  error200: (error: unknown): Fault => faults.status(200, { error }),
  /** As OpenRouter says that an upstream provider wants a rest. */
  upstream429: (seconds: number): Fault =>
    faults.status(429, {
      error: {
        message: 'Provider returned error',
        code: 429,
        metadata: {
          provider_name: 'Chutes',
          raw: 'temporarily rate-limited upstream',
          retry_after_seconds: seconds,
          headers: { 'Retry-After': String(seconds) },
        },
      },
    }),
  /** As OpenRouter says that the day's free calls are used up. `resetAt`: milliseconds since the epoch. */
  daily429: (resetAt: number): Fault =>
    faults.status(429, {
      error: {
        message:
          'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
        code: 429,
        metadata: {
          headers: {
            'X-RateLimit-Limit': '50',
            'X-RateLimit-Remaining': '0',
            'X-RateLimit-Reset': String(resetAt),
          },
        },
      },
    }),
  reset: (when: 'before' | 'within' = 'before'): Fault => ({ kind: 'reset', when }),
  stall: (when: 'before' | 'headers' | 'within' = 'within'): Fault => ({ kind: 'stall', when }),
  half: (): Fault => ({ kind: 'half' }),
  streamError: (error: unknown): Fault => ({ kind: 'stream_error', error }),
  reply: (reply: FakeReply): Fault => ({ kind: 'reply', reply }),
};

/** Faults for a share of the requests, the same for the same seed. */
export function seededFaults(draw: {
  readonly seed: number;
  readonly rate: number;
  readonly of: readonly Fault[];
}): () => Fault | undefined {
  const random = seededRandom(draw.seed);
  return () => (random() < draw.rate ? draw.of[Math.floor(random() * draw.of.length)] : undefined);
}

export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function startFakeProvider(options: FakeOptions = {}): Promise<FakeProvider> {
  const requests: FakeRequest[] = [];
  const seen = new Map<string, number>();
  const held: (() => void)[] = [];
  let gated = options.gated === true;
  const watchers: { readonly count: number; readonly met: () => void }[] = [];
  const tally = { billed: 0, usd: 0, open: 0, most: 0 };

  const record = (
    body: Readonly<Record<string, unknown>>,
    headers: IncomingMessage['headers'],
  ): FakeRequest => {
    const prompt = promptOf(body);
    const attempt = (seen.get(prompt) ?? 0) + 1;
    seen.set(prompt, attempt);
    const request: FakeRequest = {
      index: requests.length,
      attempt,
      model: String(body['model']),
      prompt,
      body,
      headers,
      outcome: 'waiting',
    };
    requests.push(request);
    for (const watcher of watchers) if (requests.length >= watcher.count) watcher.met();
    return request;
  };

  const complete = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = record(await bodyOf(message), message.headers);
    tally.open += 1;
    tally.most = Math.max(tally.most, tally.open);
    response.on('close', () => {
      tally.open -= 1;
      if (request.outcome === 'waiting') request.outcome = 'left';
    });
    if (gated) await new Promise<void>((go) => void held.push(go));
    if (options.latencyMs !== undefined) await new Promise((go) => setTimeout(go, options.latencyMs));
    if (response.destroyed) return;
    const fault = options.fault?.(request);
    if (fault !== undefined && fault.kind !== 'reply') {
      request.outcome = fault.kind;
      misbehave({ response, request, fault, text: (options.answer ?? defaultAnswer)(request) });
      return;
    }
    const usd = options.cost?.(request);
    const reply = fault?.reply ?? { content: (options.answer ?? defaultAnswer)(request) };
    request.outcome = 'billed';
    tally.billed += 1;
    tally.usd += usd ?? 0;
    sendReply(response, { request, reply, usd, headers: options.headers ?? {} });
  };

  const server = createServer((message, response) => {
    if (message.url?.endsWith('/models') === true)
      return void sendJson(response, 200, { data: options.models ?? [] });
    complete(message, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/v1`,
    requests,
    get billed() {
      return tally.billed;
    },
    get billedUsd() {
      return tally.usd;
    },
    get most() {
      return tally.most;
    },
    arrived: (count) =>
      new Promise((met) => {
        if (requests.length >= count) met();
        else watchers.push({ count, met });
      }),
    release(count = held.length) {
      for (const go of held.splice(0, count)) go();
    },
    open() {
      gated = false;
      for (const go of held.splice(0)) go();
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const defaultAnswer = (request: FakeRequest): string =>
  `Line one of ${request.model}.\nLine two.\nSCORE: 7.0`;

async function bodyOf(message: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
}

function promptOf(body: Readonly<Record<string, unknown>>): string {
  const messages = body['messages'] as readonly { readonly content: string }[] | undefined;
  return messages?.at(-1)?.content ?? '';
}

interface Sending {
  readonly request: FakeRequest;
  readonly reply: FakeReply;
  readonly usd: number | undefined;
  readonly headers: Headers;
}

function sendReply(response: ServerResponse, sending: Sending): void {
  const { request, headers } = sending;
  if (request.body['stream'] !== true) return sendJson(response, 200, whole(sending), headers);
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  for (const event of events(sending)) response.write(event);
  response.end('data: [DONE]\n\n');
}

function usageOf({ request, reply, usd }: Sending): unknown {
  if (reply.usage !== undefined) return reply.usage;
  const tokens = (text: string): number => Math.ceil(text.length / 4);
  const used = { prompt_tokens: tokens(request.prompt), completion_tokens: tokens(reply.content ?? '') };
  return usd === undefined ? used : { ...used, cost: usd };
}

function whole(sending: Sending): Readonly<Record<string, unknown>> {
  const { request, reply } = sending;
  const message = { role: 'assistant', content: reply.content, ...reply.message };
  const finish = reply.finishReason === undefined ? 'stop' : reply.finishReason;
  return {
    id: `gen-${String(request.index)}`,
    object: 'chat.completion',
    model: request.model,
    provider: 'FakeCloud',
    choices: [{ index: 0, message, finish_reason: finish }],
    usage: usageOf(sending),
  };
}

function events(sending: Sending): string[] {
  const { request, reply } = sending;
  const chunk = (delta: unknown, rest: Readonly<Record<string, unknown>>): string => {
    const choices = [{ index: 0, delta, finish_reason: rest['finish_reason'] ?? null }];
    const usage = rest['usage'] === undefined ? {} : { usage: rest['usage'] };
    return `data: ${JSON.stringify({ id: `gen-${String(request.index)}`, model: request.model, provider: 'FakeCloud', choices, ...usage })}\n\n`;
  };
  const words = (reply.content ?? '').match(/\S+\s*|\s+/g) ?? [];
  const finish = reply.finishReason === undefined ? 'stop' : reply.finishReason;
  return [
    ': FAKE PROCESSING\n\n',
    chunk({ role: 'assistant', content: '', ...reply.message }, {}),
    ...words.map((word) => chunk({ content: word }, {})),
    ...(finish === null ? [] : [chunk({}, { finish_reason: finish })]),
    chunk({}, { usage: usageOf(sending) }),
  ];
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

interface Misbehaviour {
  readonly response: ServerResponse;
  readonly request: FakeRequest;
  readonly fault: Exclude<Fault, { kind: 'reply' }>;
  readonly text: string;
}

function misbehave({ response, request, fault, text }: Misbehaviour): void {
  const sending = { request, reply: { content: text }, usd: undefined, headers: {} };
  const streams = request.body['stream'] === true;
  const type = { 'content-type': streams ? 'text/event-stream' : 'application/json' };
  const full = streams ? events(sending).join('') : JSON.stringify(whole(sending));
  const half = full.slice(0, full.length / 2);
  switch (fault.kind) {
    case 'status':
      return sendJson(response, fault.status, fault.body, fault.headers);
    case 'reset':
      if (fault.when === 'before') return void response.destroy();
      response.writeHead(200, { ...type, 'content-length': String(Buffer.byteLength(full)) });
      return void response.write(half, () => response.destroy());
    case 'stall':
      if (fault.when === 'before') return;
      response.writeHead(200, type);
      response.flushHeaders();
      if (fault.when === 'within') response.write(half);
      return;
    case 'half':
      response.writeHead(200, type);
      return void response.end(half);
    case 'stream_error':
      response.writeHead(200, type);
      response.write(half.slice(0, half.lastIndexOf('\n\n') + 2));
      return void response.end(
        `data: ${JSON.stringify({ error: fault.error, choices: [{ delta: {}, finish_reason: 'error' }] })}\n\n`,
      );
    default:
      fault satisfies never;
  }
}
