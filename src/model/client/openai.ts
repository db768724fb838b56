// The OpenAI-compatible client, the only door to the `openai` package: one attempt a call. Knows no retries, no pools and no environment.
import type OpenAI from 'openai';
import { readBody, readCompletion } from './completion.ts';
import type { Reading } from './completion.ts';
import { readStream } from './eventstream.ts';
import { failure, readError, redactor, withoutKey } from './failure.ts';
import { textField } from '../fields.ts';
import type { CallFailure, ModelOutcome, ModelRequest, Provider } from '../provider.ts';
import { NeverConnected, transport } from './transport.ts';

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
  /** Milliseconds for a whole call, body included. */
  readonly timeoutMs: number;
  /** Milliseconds without a byte after which a streamed reply counts as stalled. */
  readonly idleTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createOpenAiProvider(options: OpenAiOptions): Provider {
  let connection: Promise<Connection> | undefined;
  return {
    name: options.name,
    paid: true,
    async ask(request, signal) {
      if (signal.aborted) return failure('aborted', 'the call was given up before it was sent');
      connection ??= connect(options);
      const connected = await connection;
      const alarm = createAlarm(options, signal);
      try {
        return redacted(await exchange(connected, { options, request, alarm }), options.apiKey);
      } catch (error) {
        return redacted(alarm.rang() ?? thrown(error, connected, options.now()), options.apiKey);
      } finally {
        alarm.stop();
      }
    },
  };
}

interface Connection {
  readonly client: OpenAI;
  readonly ApiError: typeof OpenAI.APIError;
}

/** The package takes a while to load, so only the first call loads it. Its retries, logs and organisation headers are off. */
async function connect({ apiKey, baseURL, headers, timeoutMs }: OpenAiOptions): Promise<Connection> {
  const { OpenAI, APIError } = await import('openai');
  const client = new OpenAI({
    apiKey: apiKey === '' ? 'none' : apiKey,
    baseURL,
    maxRetries: 0,
    timeout: timeoutMs + 5000,
    organization: null,
    project: null,
    adminAPIKey: null,
    logLevel: 'off',
    fetch: transport,
    defaultHeaders: { ...headers },
  });
  return { client, ApiError: APIError };
}

interface Exchange {
  readonly options: OpenAiOptions;
  readonly request: ModelRequest;
  readonly alarm: Alarm;
}

/** Takes the bare response, since the package would take a web page or an error with status 200 for a reply. */
async function exchange(
  { client }: Connection,
  { options, request, alarm }: Exchange,
): Promise<ModelOutcome> {
  const body = bodyOf(request, options.stream) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
  const response = await client.chat.completions.create(body, { signal: alarm.signal }).asResponse();
  const reading: Reading = { maxTokens: request.maxTokens, headers: response.headers, now: options.now() };
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('text/event-stream') || response.body === null) {
    return readBody(await response.text(), reading);
  }
  const streamed = await readStream(alarm.watching(response.body));
  if (streamed.whole) return readCompletion(streamed.body, reading);
  return failure('bad_reply', 'the stream ended in the middle of the reply', {
    status: 200,
    lostReply: true,
  });
}

function bodyOf(request: ModelRequest, stream: boolean): Readonly<Record<string, unknown>> {
  const limit = Object.hasOwn(request.sampling, 'max_completion_tokens')
    ? {}
    : { max_tokens: request.maxTokens };
  return {
    ...request.sampling,
    model: request.model,
    messages: [{ role: 'user', content: request.prompt }],
    temperature: request.temperature,
    ...limit,
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  };
}

/** What the package threw: an error answer, or a connection that failed before or within the body. */
function thrown(error: unknown, { ApiError }: Connection, now: number): ModelOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError && typeof error.status === 'number') {
    const headers = error.headers as Headers | undefined;
    return readError({ status: error.status, headers, error: error.error, message, now });
  }
  if (error instanceof SyntaxError) return failure('bad_reply', message, { status: 200, lostReply: true });
  // The package wraps what the transport threw.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = textField(cause, 'code');
  const coded = code === undefined ? '' : ` (${code})`;
  if (cause instanceof NeverConnected)
    return failure(cause.untrusted ? 'certificate' : 'connection', `${cause.message}${coded}`);
  return failure('connection', `${message}${coded}`, { lostReply: true });
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

/** One call's own abort: by the caller, by the deadline over the whole body, or by a stream that has gone quiet. */
interface Alarm {
  readonly signal: AbortSignal;
  rang(): CallFailure | undefined;
  /** The same chunks, each of which shows that the stream is alive. */
  watching(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  stop(): void;
}

/**
 * Both times are run in two legs. When this process was too busy to read, the first leg ends late, and what has arrived
 * meanwhile is read before the second one does: our own delay is never taken for the provider's silence.
 */
function createAlarm({ stream, timeoutMs, idleTimeoutMs }: OpenAiOptions, outer: AbortSignal): Alarm {
  const controller = new AbortController();
  let reason: CallFailure | undefined;
  const ring = (cause: 'timeout' | 'aborted', message: string): void => {
    reason ??= failure(cause, message, { lostReply: true });
    controller.abort();
  };
  const late = (): void => ring('timeout', `no whole reply within ${String(timeoutMs)} ms`);
  const silent = (): void => ring('timeout', `the stream was silent for ${String(idleTimeoutMs)} ms`);
  const abort = (): void => ring('aborted', 'the call was given up');
  const deadline = inTwoLegs(timeoutMs, late);
  const quiet = stream ? inTwoLegs(idleTimeoutMs, silent) : undefined;
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    rang: () => reason,
    async *watching(chunks) {
      for await (const chunk of chunks) {
        quiet?.restart();
        yield chunk;
      }
    },
    stop() {
      deadline.stop();
      quiet?.stop();
      outer.removeEventListener('abort', abort);
    },
  };
}

function inTwoLegs(ms: number, then: () => void): { restart(): void; stop(): void } {
  let legs = 0;
  const timer = setInterval(() => {
    legs += 1;
    if (legs === 2) then();
  }, ms / 2);
  return {
    restart() {
      legs = 0;
      timer.refresh();
    },
    stop: () => clearInterval(timer),
  };
}
