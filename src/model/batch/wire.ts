// One provider's batch interface over HTTP: JSON and texts, each request once, and whether it can have been taken on. Knows no shape.
import { defined } from '../../defined.ts';
import type { HttpRequest, Send } from '../../http.ts';
import { NeverReached } from '../../unreached.ts';
import { errorIn, readError } from '../client/failure.ts';
import { field, textField } from '../fields.ts';
import { addressUnder, movedWords } from '../server.ts';

export interface WireOptions {
  readonly send: Send;
  /** Such as `https://openrouter.ai/api/v1`. */
  readonly baseURL: string;
  /** Empty for a server that wants none. */
  readonly apiKey: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for a request and its whole answer. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `unsure`: the provider may have done what was asked, although no answer says so. */
export class WireError extends Error {
  readonly unsure: boolean;
  readonly limit: Limit | undefined;

  constructor(message: string, { unsure, limit }: { readonly unsure: boolean; readonly limit?: Limit }) {
    super(message);
    this.name = 'WireError';
    this.unsure = unsure;
    this.limit = limit;
  }
}

/** Nothing is wrong with what was asked: there is no room for it now. */
export interface Limit {
  /** Milliseconds since the epoch, where the provider says so. */
  readonly until?: number;
}

export interface Wire {
  get(path: string): Promise<unknown>;
  /** The body as it is; a JSON text where no type is given. */
  post(path: string, body: string, type?: string): Promise<unknown>;
  remove(path: string): Promise<void>;
  /** The lines of a text, blank ones left out, as they come: results may be longer than a text can be. */
  lines(path: string): AsyncIterable<string>;
}

/** Bytes of a file of results: 50,000 answers of some 300 KB. */
const LONGEST = 16 * 2 ** 30;

export function openWire({ send, baseURL, apiKey, headers: given, timeoutMs, now }: WireOptions): Wire {
  const own = { ...given, ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }) };
  const answered = async (path: string, request: HttpRequest): Promise<Response> => {
    const address = addressUnder(baseURL, path);
    const response = await send(address, request);
    if (response.ok) return response;
    const { status, headers } = response;
    // A key is not carried to wherever a server points.
    if (status < 400)
      throw new WireError(movedWords(headers.get('location'), address, path), { unsure: false });
    const text = await response.text();
    // What a gateway says while it loses an answer tells nothing of the server behind it.
    throw new WireError(redacted(`status ${status}: ${wordsOf(text)}`, apiKey), {
      unsure: status >= 500 || status === 408,
      ...defined({ limit: limitIn(response, text, now()) }),
    });
  };
  const ask = async (path: string, more: HttpRequest = {}): Promise<string> => {
    const watch = watched(timeoutMs);
    try {
      return await (await answered(path, { headers: own, ...watch.request, ...more })).text();
    } catch (error) {
      throw watch.errorOf(error, apiKey);
    } finally {
      watch.end();
    }
  };
  return {
    get: (path) => json(ask(path)),
    post: (path, body, type = 'application/json') =>
      json(ask(path, { method: 'POST', headers: { ...own, 'content-type': type }, body })),
    async remove(path) {
      await ask(path, { method: 'DELETE' });
    },
    async *lines(path) {
      const watch = watched(timeoutMs);
      try {
        const { body } = await answered(path, { ...watch.request, headers: own, longest: LONGEST });
        for await (const line of linesOf(body ?? [])) {
          yield line;
          watch.goOn();
        }
      } catch (error) {
        throw watch.errorOf(error, apiKey);
      } finally {
        watch.end();
      }
    },
  };
}

interface Watched {
  readonly request: HttpRequest;
  /** Its time begins again. */
  readonly goOn: () => void;
  readonly end: () => void;
  readonly errorOf: (error: unknown, apiKey: string) => WireError;
}

/** A request that is given up when its time is over, and that knows whether it was on its way. */
function watched(timeoutMs: number): Watched {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  let sent = false;
  return {
    request: { signal: controller.signal, onSent: () => void (sent = true) },
    goOn: () => void timer.refresh(),
    end: () => clearTimeout(timer),
    errorOf(error, apiKey) {
      if (error instanceof WireError) return error;
      const late = controller.signal.aborted;
      const message = error instanceof Error ? error.message : String(error);
      // What was given up while it was under way may have arrived.
      const unsure = late ? sent : !(error instanceof NeverReached);
      return new WireError(late ? `no answer within ${timeoutMs / 1000} s` : redacted(message, apiKey), {
        unsure,
      });
    },
  };
}

/** Blank lines are left out; the last one counts without its end. */
async function* linesOf(chunks: AsyncIterable<Uint8Array> | readonly []): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  for await (const chunk of chunks) {
    const [rest = '', ...lines] = decoder.decode(chunk, { stream: true }).split('\n').reverse();
    if (lines.length === 0) {
      pending.push(rest);
      continue;
    }
    const [first = '', ...more] = lines.reverse();
    for (const line of [pending.join('') + first, ...more]) if (line.trim() !== '') yield line;
    pending = [rest];
  }
  const last = pending.join('');
  if (last.trim() !== '') yield last;
}

async function json(text: Promise<string>): Promise<unknown> {
  const whole = await text;
  try {
    return JSON.parse(whole);
  } catch {
    throw new WireError(`no JSON came: ${whole.slice(0, 80)}`, { unsure: true });
  }
}

/** A status 429 may also say that the money is gone, which waiting does not mend. */
function limitIn({ status, headers }: Response, text: string, now: number): Limit | undefined {
  const read = readError({ status, headers, error: errorIn(text), message: text, now });
  if (read.kind !== 'failure' || (read.cause !== 'rate_limit' && read.cause !== 'daily_limit'))
    return undefined;
  return read.retryAfterMs === undefined ? {} : { until: now + read.retryAfterMs };
}

function wordsOf(text: string): string {
  try {
    const error = field(JSON.parse(text), 'error');
    return textField(error, 'message') ?? (typeof error === 'string' ? error : text.slice(0, 300));
  } catch {
    return text.slice(0, 300);
  }
}

function redacted(text: string, key: string): string {
  return key === '' ? text : text.replaceAll(key, '…');
}
