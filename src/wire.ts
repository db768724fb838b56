// One request and its whole answer, as a text: for small things that are fetched and put. Knows no remote cache.
import { openHttp, type HttpOptions, type HttpRequest } from './http.ts';

export interface WireRequest {
  readonly method: NonNullable<HttpRequest['method']>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of an answer's body that are read at most. */
  readonly most: number;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Wire {
  /** Follows no redirection. Rejects where no whole answer comes, or one that is longer than it may be. */
  readonly send: (request: WireRequest) => Promise<WireAnswer>;
  /** Gives up what is under way. */
  readonly close: () => Promise<void>;
}

export function openWire(options: HttpOptions): Wire {
  const { send, close } = openHttp(options);
  const exchange = async ({ url, most, ...request }: WireRequest): Promise<WireAnswer> => {
    const { status, headers, body } = await send(url, request);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of body ?? []) {
      length += part.length;
      // Leaving the loop closes the connection.
      if (length > most) throw new RangeError(`the answer is longer than ${most} bytes`);
      parts.push(part);
    }
    return { status, headers, body: Buffer.concat(parts).toString('utf8') };
  };
  return {
    close,
    async send(asked) {
      try {
        return await exchange(asked);
      } catch (error) {
        // The server closed a kept connection just then.
        if (asked.signal.aborted || !CLOSED.has(String((error as { code?: unknown }).code))) throw error;
        return exchange(asked);
      }
    },
  };
}

const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
