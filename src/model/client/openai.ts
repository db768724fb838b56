// The OpenAI-compatible client, the only door to the `openai` package: one attempt a call. Knows no retries, no pools and no environment.
//
// The package makes the request (address, key, headers, body) and reads error answers. The rest it could do is done here, since
// test/model/openaipackage.test.ts shows what it does wrong; each place says so in a line.
import { mostTokens } from '../../graph/asking.ts';
import type OpenAI from 'openai';
import { UnknownEncoding, type Http } from '../../http.ts';
import { NeverReached, codeOf } from '../../unreached.ts';
import { apart } from '../../generation/systemprompt.ts';
import type { FailureCause, ModelOutcome, ModelRequest, Provider } from '../provider.ts';
import { defined } from '../../defined.ts';
import { addressUnder, movedWords } from '../server.ts';
import { createAlarm, type Alarm } from './alarm.ts';
import { paidOf, readBody, readCompletion } from './completion.ts';
import type { Reading } from './completion.ts';
import { readStream, type Streamed } from './eventstream.ts';
import { errorIn, failure, readError, redactor, withoutKey } from './failure.ts';

export interface OpenAiOptions {
  /** What fingerprints and metadata call this provider. */
  readonly name: string;
  /** Such as `https://openrouter.ai/api/v1`. */
  readonly baseURL: string;
  /** Empty for a server that wants none. */
  readonly apiKey: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ask for the reply as a stream, so that a stall is noticed. A server that sends a whole body all the same is understood. */
  readonly stream: boolean;
  /** Ask for usage in streams, without which nobody knows what a reply cost. */
  readonly streamUsage: boolean;
  /** What it refuses is said, and not asked again without. */
  readonly asIs?: boolean | undefined;
  /** Milliseconds for a whole call, body included. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte after which a streamed reply counts as stalled. */
  readonly idleTimeoutMs: number;
  readonly http: Http;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createOpenAiProvider(options: OpenAiOptions): Provider {
  let connection: Promise<Connection> | undefined;
  // Found out once, and remembered: whether usage may be asked for in a stream.
  let { streamUsage } = options;
  return {
    name: options.name,
    paid: true,
    async ask(request, signal) {
      if (signal.aborted)
        return failure('aborted', 'the call was given up before it was sent', { unsent: true });
      connection ??= connect(options);
      const connected = await connection;
      const ask = (): Promise<ModelOutcome> =>
        attempt(connected, { options: { ...options, streamUsage }, request, signal });
      let outcome = await ask();
      if (
        streamUsage &&
        options.asIs !== true &&
        outcome.kind === 'failure' &&
        outcome.setting === 'stream_options'
      ) {
        // A request that was refused was not billed.
        streamUsage = false;
        outcome = await ask();
      }
      return redacted(outcome, options.apiKey);
    },
  };
}

interface Connection {
  readonly client: OpenAI;
  readonly ApiError: typeof OpenAI.APIError;
}

/** Milliseconds: what a timer can hold. */
const LONGEST = 2 ** 31 - 1;

/** The package takes a while to load, so only the first call loads it. Its logs and organisation headers are off. */
async function connect({ apiKey, baseURL, headers, http }: OpenAiOptions): Promise<Connection> {
  const [{ OpenAI, APIError }] = await Promise.all([import('openai'), http.ready().catch(() => {})]);
  const client = new OpenAI({
    apiKey: apiKey === '' ? 'none' : apiKey,
    baseURL,
    // Its retries sleep as long as the server says, whatever that is, and hear no abort in their sleep.
    maxRetries: 0,
    // Its time-out ends with the headers: a body that stalls is waited for without end.
    timeout: LONGEST,
    organization: null,
    project: null,
    adminAPIKey: null,
    logLevel: 'off',
    defaultHeaders: { ...headers },
    fetch: (url, init) => carried(http, String(url), init as Handed),
  });
  return { client, ApiError: APIError };
}

interface Attempt {
  readonly options: OpenAiOptions;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

async function attempt(connected: Connection, { options, request, signal }: Attempt): Promise<ModelOutcome> {
  const { timeoutMs, idleTimeoutMs, stream } = options;
  const alarm = createAlarm({ callMs: timeoutMs, idleMs: stream ? idleTimeoutMs : undefined }, signal);
  // Its errors: of one on the way whose words are of time it keeps nothing.
  const wire: Wire = { asked: false, sent: false };
  try {
    return await exchange(connected.client, { options, request, alarm, wire });
  } catch (error) {
    const rang = alarm.rang();
    if (rang !== undefined) return wire.sent ? rang : neverSent(rang);
    if (!wire.asked)
      return failure('unsendable', error instanceof Error ? error.message : String(error), { unsent: true });
    const outcome = thrown(wire, error, { connected, request, now: options.now() });
    return wire.sent ? outcome : neverSent(outcome);
  } finally {
    alarm.stop();
  }
}

/** What became of one call on its way. */
interface Wire {
  /** Whether the package came as far as asking for the request to be sent. */
  asked: boolean;
  sent: boolean;
  url?: string;
  error?: unknown;
  /** The body of an error answer. */
  said?: string;
}

/** What the package hands on to `fetch` as it is. A client of its own for each call would take a third of the package's time for it. */
interface Carrying extends Pick<RequestInit, 'redirect'> {
  readonly wire: Wire;
}

/** What it hands to `fetch` for a request of ours, whose body is an object: its text. */
interface Handed extends RequestInit, Carrying {
  readonly body: string;
  readonly signal: AbortSignal;
}

/** What the package takes for `fetch`. */
async function carried({ send }: Http, url: string, handed: Handed): Promise<Response> {
  const { headers, body, signal, wire } = handed;
  wire.asked = true;
  wire.url = url;
  try {
    const response = await send(url, {
      method: 'POST',
      headers: new Headers(headers),
      body,
      signal,
      onSent: () => (wire.sent = true),
    });
    if (response.ok) return response;
    // Its errors: of a body it keeps what stands under `error`, and servers put it elsewhere.
    const { status, headers: answered } = response;
    // What its status and headers say holds though its body breaks off.
    wire.said = await response.text().catch(() => '');
    return new Response(status === 304 ? null : wire.said, { status, headers: answered });
  } catch (error) {
    wire.error = error;
    throw error;
  }
}

interface Exchange {
  readonly options: OpenAiOptions;
  readonly request: ModelRequest;
  readonly alarm: Alarm;
  readonly wire: Wire;
}

async function exchange(client: OpenAI, { options, request, alarm, wire }: Exchange): Promise<ModelOutcome> {
  const body = bodyOf(request, options);
  const fetchOptions: Carrying = { wire };
  // Its addresses: a query of the base URL would come before the path.
  const url = addressUnder(options.baseURL, '/chat/completions');
  const response = await client.post(url, { body, signal: alarm.signal, fetchOptions }).asResponse();
  const reading: Reading = {
    maxTokens: mostTokens(request),
    headers: response.headers,
    settings: settingsOf(request),
    now: options.now(),
  };
  const type = response.headers.get('content-type') ?? '';
  // Its bodies: a web page, or an error with status 200, is a reply to it.
  if (!type.includes('text/event-stream') || response.body === null) {
    const text = await response.text();
    if (!EVENTS.test(text)) return readBody(text, reading);
    return ofStream(await readStream([Buffer.from(text)]), reading);
  }
  // Its streams: one that broke off, and one that was aborted, end as one does that is whole.
  return ofStream(await readStream(alarm.watching(response.body)), reading);
}

/** How a stream begins, whatever its headers call it. */
const EVENTS = /^\s*(?:data|event|id|retry)?:/;

function ofStream({ body, whole, other }: Streamed, reading: Reading): ModelOutcome {
  if (whole) return readCompletion(body, reading);
  if (other !== undefined) return readBody(other, reading);
  return failure('bad_reply', 'the stream ended in the middle of the reply', {
    status: 200,
    ...paidOf(body),
  });
}

/** A call's body, as it is sent. */
export function bodyOf(
  request: ModelRequest,
  { stream, streamUsage }: Pick<OpenAiOptions, 'stream' | 'streamUsage'>,
): Readonly<Record<string, unknown>> {
  const limit = Object.hasOwn(request.sampling, 'max_completion_tokens')
    ? {}
    : { [request.tokensField ?? 'max_tokens']: request.maxTokens };
  return {
    ...request.transport,
    ...request.sampling,
    model: request.model,
    messages: messagesOf(request.prompt),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...limit,
    stream,
    ...(stream && streamUsage ? { stream_options: { include_usage: true } } : {}),
  };
}

/** What the config had sent along, by name. */
function settingsOf({ sampling, transport = {} }: ModelRequest): readonly string[] {
  return [...Object.keys(sampling), ...Object.keys(transport)];
}

/** A system prompt goes before the prompt as a message of its own. */
function messagesOf(text: string): readonly { readonly role: string; readonly content: string }[] {
  const { system, prompt } = apart(text);
  const before = system === undefined ? [] : [{ role: 'system', content: system }];
  return [...before, { role: 'user', content: prompt }];
}

interface Throwing {
  readonly connected: Connection;
  readonly request: ModelRequest;
  readonly now: number;
}

/** What was thrown: an error answer, or a connection that failed before or within the body. */
function thrown(
  wire: Wire,
  given: unknown,
  { connected: { ApiError }, request, now }: Throwing,
): ModelOutcome {
  const error = wire.error ?? given;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError && typeof error.status === 'number') {
    const headers = error.headers as Headers | undefined;
    if (error.status < 400) return moved(error.status, headers?.get('location'), wire.url);
    const said = { status: error.status, headers, error: errorIn(wire.said ?? ''), message };
    return readError({ ...said, settings: settingsOf(request), now });
  }
  if (error instanceof SyntaxError) return failure('bad_reply', message, { status: 200, lostReply: true });
  if (error instanceof UnknownEncoding)
    return failure('unreadable', message, { status: 200, lostReply: true });
  if (error instanceof NeverReached) return unreached(error);
  const code = error instanceof Error ? codeOf(error) : undefined;
  const coded = code === undefined ? '' : ` (${code})`;
  return failure('connection', `${message}${coded}`, { lostReply: true });
}

/** A key is not carried to wherever a server points: whoever set the address is to set the other one. */
function moved(status: number, location: string | null | undefined, from: string | undefined): ModelOutcome {
  return failure('moved', movedWords(location, from, '/chat/completions'), { status });
}

function unreached({ why, message, code, status }: NeverReached): ModelOutcome {
  const coded = code === undefined ? '' : ` (${code})`;
  return failure(CAUSE_OF[why](status), `${message}${coded}`, defined({ status, unsent: true as const }));
}

const CAUSE_OF: Readonly<Record<NeverReached['why'], (status?: number) => FailureCause>> = {
  no_connection: () => 'connection',
  untrusted: () => 'certificate',
  // A proxy that can not reach the provider just now may do so later.
  proxy: (status = 0) => (status >= 500 ? 'connection' : 'proxy'),
  unsendable: () => 'unsendable',
  given_up: () => 'aborted',
};

/** Nothing left this machine: nobody can have billed it, whatever ended it. */
function neverSent(outcome: ModelOutcome): ModelOutcome {
  if (outcome.kind === 'reply') return outcome;
  const { lostReply: _none, ...rest } = outcome;
  const cause = rest.cause === 'timeout' ? 'connection' : rest.cause;
  return { ...rest, cause, unsent: true };
}

/** No text leaves with the key in it, not even a reply that repeats it. */
function redacted(outcome: ModelOutcome, apiKey: string): ModelOutcome {
  const redact = redactor(apiKey);
  const id = outcome.requestId === undefined ? {} : { requestId: redact(outcome.requestId) };
  if (outcome.kind === 'failure') return { ...outcome, ...id, message: redact(outcome.message) };
  const { text, finishReason, answeredBy } = outcome;
  return {
    ...outcome,
    ...id,
    text: withoutKey(text, apiKey),
    ...(finishReason === undefined ? {} : { finishReason: redact(finishReason) }),
    ...(answeredBy === undefined ? {} : { answeredBy: redact(answeredBy) }),
  };
}
