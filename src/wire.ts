// One request and its whole answer, as a text: for small things that are fetched and put. Knows no remote cache.
import { openHttp, type HttpOptions, type HttpRequest, type WholeAnswer } from './http.ts';

export interface WireRequest {
  readonly method: NonNullable<HttpRequest['method']>;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Bytes of an answer's body that are read at most. */
  readonly most: number;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: WholeAnswer['headers'];
  readonly body: string;
}

export interface Wire {
  /** Follows no redirection. Rejects where no whole answer comes, or one that is longer than it may be. */
  readonly send: (request: WireRequest) => Promise<WireAnswer>;
  /** Gives up what is under way. */
  readonly close: () => Promise<void>;
}

export function openWire(options: HttpOptions): Wire {
  const { fetchWhole, close } = openHttp(options);
  const exchange = async ({ url, most, ...request }: WireRequest): Promise<WireAnswer> => {
    const { status, headers, body } = await fetchWhole(url, { ...request, longest: most });
    return { status, headers, body: body.toString('utf8') };
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
