// A remote cache in a bucket of S3 or of a server that speaks like it. Each request is signed here and sent once: whoever asks decides
// what follows. Knows no answer.
import { hash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Wire, WireAnswer } from '../wire.ts';
import { defined } from '../defined.ts';
import { TOOL_VERSION } from '../version.ts';
import type { BucketPlace } from './place.ts';
import { LONGEST, type Fetched, type Looked, type NamedText, type Put, type Shelf } from './shelf.ts';
import { heard, isGood, isMissing, troubleIn } from './webshelf.ts';

export class BucketShelf implements Shelf {
  readonly #place: BucketPlace;
  readonly #wire: Wire;
  readonly #sign: Signing;
  /** False once the server has said that it knows no `If-None-Match` on a PUT: then what is written last stays. */
  #conditional = true;

  /** `now`: milliseconds since the epoch, which signatures hold. */
  constructor(place: BucketPlace, wire: Wire, now: () => number) {
    this.#place = place;
    this.#wire = wire;
    this.#sign = signingFor(place, now);
  }

  get(name: string, signal: AbortSignal): Promise<Fetched> {
    return heard(async () => {
      const answer = await this.#send('GET', name, signal);
      if (isGood(answer)) return { kind: 'text', text: answer.body };
      if (isMissing(answer) && codeIn(answer) !== ' NoSuchBucket') return { kind: 'missing' };
      return refusalOf(answer);
    });
  }

  has(name: string, signal: AbortSignal): Promise<Looked> {
    return heard(async () => {
      const answer = await this.#send('HEAD', name, signal);
      if (isGood(answer)) return { kind: 'there' };
      return isMissing(answer) ? { kind: 'missing' } : refusalOf(answer);
    });
  }

  put(entry: NamedText, there: 'keep' | 'replace', signal: AbortSignal): Promise<Put> {
    return heard(async () => {
      const careful = there === 'keep' && this.#conditional;
      const answer = await this.#write(entry, careful, signal);
      if (isGood(answer)) return { kind: 'kept' };
      // 409: somebody else is just writing it.
      if (answer.status === 412 || answer.status === 409) return { kind: 'there' };
      if (!careful || (answer.status !== 400 && answer.status !== 501))
        return troubleIn(answer, codeIn(answer));
      const plain = await this.#write(entry, false, signal);
      if (!isGood(plain)) return troubleIn(plain, codeIn(plain));
      this.#conditional = false;
      return { kind: 'kept' };
    });
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #write({ name, text }: NamedText, careful: boolean, signal: AbortSignal): Promise<WireAnswer> {
    const headers = { 'content-type': 'application/json', ...(careful ? { 'if-none-match': '*' } : {}) };
    return this.#send('PUT', name, signal, { headers, body: text });
  }

  async #send(
    method: 'GET' | 'HEAD' | 'PUT',
    name: string,
    signal: AbortSignal,
    { headers, body }: Partial<Pick<Unsigned, 'headers' | 'body'>> = {},
  ): Promise<WireAnswer> {
    const { url, prefix } = this.#place;
    const unsigned = defined({
      method,
      url: `${url}/${`${prefix}ac/${name}`.split('/').map(encoded).join('/')}`,
      headers: { 'user-agent': `daydream/${TOOL_VERSION}`, ...headers },
      body,
    });
    return this.#wire.send({ ...unsigned, headers: await this.#sign(unsigned), most: LONGEST, signal });
  }
}

/** Who may read but not list a bucket is told 403 for what is not there, and so is who may not read at all. */
function refusalOf(answer: WireAnswer): Exclude<Fetched, { readonly kind: 'text' }> {
  const code = codeIn(answer);
  const trouble = troubleIn(answer, code);
  const hidden = answer.status === 403 && (code === '' || code === ' AccessDenied');
  return hidden ? { kind: 'hidden', message: trouble.message } : trouble;
}

/** The word that S3 puts beside a status; an answer to HEAD has none. */
function codeIn({ body }: WireAnswer): string {
  const code = /<Code>(\w{1,60})<\/Code>/.exec(body)?.[1];
  return code === undefined ? '' : ` ${code}`;
}

/** As the signature wants it, which leaves fewer characters alone than a URL does. */
function encoded(part: string): string {
  return encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

interface Unsigned {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Signing = (request: Unsigned) => Promise<Readonly<Record<string, string>>>;

/** Headers with the signature among them; as they are where there is no key. */
function signingFor({ keys, region }: BucketPlace, now: () => number): Signing {
  if (keys === undefined) return async ({ headers }) => headers;
  // The day's key is derived once.
  const cache = new Map<string, ArrayBuffer>();
  return async ({ method, url, headers, body }) => {
    const signer = new AwsV4Signer({
      method,
      url,
      headers: { ...headers, 'x-amz-content-sha256': hash('sha256', body ?? '') },
      accessKeyId: keys.id,
      secretAccessKey: keys.secret,
      ...(keys.session === undefined ? {} : { sessionToken: keys.session }),
      service: 's3',
      region,
      cache,
      datetime: new Date(now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    });
    return Object.fromEntries((await signer.sign()).headers);
  };
}
