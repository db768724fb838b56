// A remote cache on a web server, in the layout of Bazel's HTTP cache: GET, HEAD and PUT of `/ac/<64 hex>`. On WebDAV folders are made
// where the server wants them made. Knows no answer.
import type { Wire, WireAnswer, WireRequest } from '../wire.ts';
import type { WebPlace } from './place.ts';
import {
  LONGEST,
  silence,
  type Fetched,
  type Looked,
  type NamedText,
  type Put,
  type Shelf,
  type Trouble,
} from './shelf.ts';
import { defined } from '../defined.ts';
import { TOOL_VERSION } from '../version.ts';

export class WebShelf implements Shelf {
  readonly #place: WebPlace;
  readonly #wire: Wire;
  /** Of every request. */
  readonly #headers: Readonly<Record<string, string>>;
  /** Made once, by the first that finds it missing. */
  #folder: Promise<void> | undefined;

  constructor(place: WebPlace, wire: Wire) {
    this.#place = place;
    this.#wire = wire;
    const { authorization } = place;
    this.#headers = defined({
      accept: 'application/json',
      'user-agent': `daydream/${TOOL_VERSION}`,
      authorization,
    });
  }

  get(name: string, signal: AbortSignal): Promise<Fetched> {
    return heard(async () => {
      const answer = await this.#send('GET', this.#addressOf(name), signal);
      if (isGood(answer)) return { kind: 'text', text: answer.body };
      return isMissing(answer) ? { kind: 'missing' } : troubleIn(answer);
    });
  }

  has(name: string, signal: AbortSignal): Promise<Looked> {
    return heard(async () => {
      const answer = await this.#send('HEAD', this.#addressOf(name), signal);
      if (isGood(answer)) return { kind: 'there' };
      return isMissing(answer) ? { kind: 'missing' } : troubleIn(answer);
    });
  }

  put(entry: NamedText, there: 'keep' | 'replace', signal: AbortSignal): Promise<Put> {
    return heard(async () => {
      const first = await this.#write(entry, there, signal);
      // Apache and lighttpd answer 409 where the folder is missing, others 404.
      if (first.status !== 409 && first.status !== 404) return putIn(first);
      this.#folder ??= this.#makeFolder(signal);
      await this.#folder.catch(() => (this.#folder = undefined));
      return putIn(await this.#write(entry, there, signal));
    });
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #addressOf(name: string): string {
    return `${this.#place.url}/ac/${name}`;
  }

  #write({ name, text }: NamedText, there: 'keep' | 'replace', signal: AbortSignal): Promise<WireAnswer> {
    const condition = there === 'keep' ? { 'if-none-match': '*' } : {};
    const headers = { 'content-type': 'application/json', ...condition };
    return this.#send('PUT', this.#addressOf(name), signal, { headers, body: text });
  }

  /** With those above it; one that is there already is refused, which does no harm. */
  async #makeFolder(signal: AbortSignal): Promise<void> {
    const { origin, pathname } = new URL(this.#place.url);
    const { status } = await this.#send('MKCOL', `${this.#place.url}/ac/`, signal);
    if (status !== 409 && status !== 404) return;
    const parts = [...pathname.split('/').filter((part) => part !== ''), 'ac'];
    for (let depth = 1; depth <= parts.length; depth++)
      await this.#send('MKCOL', `${origin}/${parts.slice(0, depth).join('/')}/`, signal);
  }

  #send(
    method: WireRequest['method'],
    url: string,
    signal: AbortSignal,
    { headers, body }: Partial<Pick<WireRequest, 'headers' | 'body'>> = {},
  ): Promise<WireAnswer> {
    const all = headers === undefined ? this.#headers : { ...this.#headers, ...headers };
    return this.#wire.send({ method, url, headers: all, body, most: LONGEST, signal });
  }
}

function putIn(answer: WireAnswer): Put {
  if (isGood(answer)) return { kind: 'kept' };
  return answer.status === 412 ? { kind: 'there' } : troubleIn(answer);
}

/** What a question comes to, as a value also where no answer comes. */
export async function heard<T>(work: () => Promise<T>): Promise<T | Trouble> {
  try {
    return await work();
  } catch (error) {
    return silence(error);
  }
}

export function isGood(answer: WireAnswer): boolean {
  const { status } = answer;
  return status >= 200 && status < 300 && !isPage(answer);
}

/** Who is to sign in first gets a page for whatever is asked, with status 200: nothing lies there, and nothing was kept. */
function isPage({ status, headers }: WireAnswer): boolean {
  return status === 200 && String(headers['content-type']).startsWith('text/html');
}

export function isMissing({ status }: WireAnswer): boolean {
  return status === 404 || status === 410;
}

/** A status in words that begin with its number. */
export function troubleIn(answer: WireAnswer, more = ''): Trouble {
  if (isPage(answer)) return { kind: 'failed', message: 'a web page came in its place' };
  const { status, headers } = answer;
  const words =
    status >= 300 && status < 400 && headers['location'] !== undefined ? ', it says to ask elsewhere' : '';
  return {
    kind: status === 401 || status === 403 ? 'refused' : 'failed',
    message: `${status}${WORDS[status] ?? ''}${words}${more}`,
  };
}

const WORDS: Readonly<Record<number, string>> = {
  400: ' bad request',
  401: ' unauthorized',
  403: ' forbidden',
  404: ' not found',
  405: ' method not allowed',
  409: ' conflict',
  411: ' length required',
  413: ' too large',
  429: ' too many requests',
  500: ' server error',
  501: ' not implemented',
  502: ' bad gateway',
  503: ' unavailable',
  504: ' gateway timeout',
  507: ' no space left',
};
