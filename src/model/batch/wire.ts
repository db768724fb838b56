// One provider's batch interface over HTTP: JSON and texts, each request once, and whether it can have been taken on. Knows no shape.
import { NeverReached, type Send } from '../../http.ts';
import { field, textField } from '../fields.ts';

export interface WireOptions {
  readonly send: Send;
  /** Such as `https://openrouter.ai/api/v1`. */
  readonly baseURL: string;
  /** Empty for a server that wants none. */
  readonly apiKey: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for a request and its whole answer. */
  readonly timeoutMs: number;
}

/** `unsure`: the provider may have done what was asked, although no answer says so. */
export class WireError extends Error {
  readonly unsure: boolean;
  readonly status: number | undefined;

  constructor(message: string, details: { readonly unsure: boolean; readonly status?: number }) {
    super(message);
    this.name = 'WireError';
    this.unsure = details.unsure;
    this.status = details.status;
  }
}

export interface Wire {
  get(path: string): Promise<unknown>;
  /** The body as it is; a JSON text where no type is given. */
  post(path: string, body: string, type?: string): Promise<unknown>;
  text(path: string): Promise<string>;
}

export function openWire({ send, baseURL, apiKey, headers, timeoutMs }: WireOptions): Wire {
  const base = baseURL.replace(/\/+$/, '');
  const own = { ...headers, ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }) };
  const ask = async (path: string, posted?: { body: string; type: string }): Promise<string> => {
    const signal = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await send(`${base}${path}`, {
        signal,
        headers: posted === undefined ? own : { ...own, 'content-type': posted.type },
        ...(posted === undefined ? {} : { method: 'POST' as const, body: posted.body }),
      });
      text = await response.text();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new WireError(redacted(message, apiKey), { unsure: !(error instanceof NeverReached) });
    }
    if (response.ok) return text;
    // What a gateway says while it loses an answer tells nothing of the server behind it.
    throw new WireError(redacted(`status ${response.status}: ${wordsOf(text)}`, apiKey), {
      unsure: response.status >= 500,
      status: response.status,
    });
  };
  return {
    get: (path) => json(ask(path)),
    post: (path, body, type = 'application/json') => json(ask(path, { body, type })),
    text: (path) => ask(path),
  };
}

async function json(text: Promise<string>): Promise<unknown> {
  const whole = await text;
  try {
    return JSON.parse(whole);
  } catch {
    throw new WireError(`no JSON came: ${whole.slice(0, 80)}`, { unsure: true });
  }
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
