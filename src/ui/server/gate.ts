// Who may ask what of the local server: the contract that keeps it closed to every other page, program and machine. Pure: looks at a
// request's head and says no, or nothing. Knows no document.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Head {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, as they came. */
  readonly rawHeaders: readonly string[];
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415;
  readonly message: string;
}

/** What is asked for: the page itself and its parts, which hold no data; a document; or that something be done. */
export type Kind = 'part' | 'document' | 'session' | 'deed';

export interface Keys {
  readonly port: number;
  /** Of the address's fragment. */
  readonly token: string;
  /** Of the cookie. */
  readonly session: string;
}

/** Cookies know no ports, so the name holds it: two servers of one machine do not take each other's. */
export function cookieName(port: number): string {
  return `daydream-${port}`;
}

/** Undefined where the request may go on. */
export function refusalOf(head: Head, kind: Kind, keys: Keys): Refusal | undefined {
  return (
    strangeTarget(head) ??
    wrongMethod(head, kind) ??
    wrongHost(head, keys) ??
    (kind === 'part' ? undefined : fromElsewhere(head)) ??
    (kind === 'session' || kind === 'deed' ? unfitForChange(head) : undefined) ??
    (kind === 'document' || kind === 'deed' ? withoutCookie(head, keys) : undefined)
  );
}

/** Only `/name?query`: no other host's address, no path that climbs, nothing that is spelt twice. */
function strangeTarget({ url = '' }: Head): Refusal | undefined {
  const [path = ''] = url.split('?');
  if (/^\/[a-z0-9./-]*$/i.test(path) && !path.includes('//') && !path.split('/').includes('..'))
    return undefined;
  return { status: 400, message: 'there is no such address' };
}

function wrongMethod({ method }: Head, kind: Kind): Refusal | undefined {
  const wanted = kind === 'session' || kind === 'deed' ? 'POST' : 'GET';
  return method === wanted ? undefined : { status: 405, message: `only ${wanted}` };
}

/** A name that somebody else's DNS points here is not ours. */
function wrongHost({ headers, rawHeaders }: Head, { port }: Keys): Refusal | undefined {
  const given = rawHeaders.filter((name, place) => place % 2 === 0 && name.toLowerCase() === 'host');
  if (given.length === 1 && hostsOf(port).includes(headers.host ?? '')) return undefined;
  return { status: 403, message: 'this server answers to its own name only' };
}

function hostsOf(port: number): readonly string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
}

/** Another port of this machine is the same site to a cookie, but another origin to us. */
function fromElsewhere({ headers }: Head): Refusal | undefined {
  const site = headers['sec-fetch-site'];
  const strange = site !== undefined && site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (!strange && (origin === undefined || origin === `http://${headers.host ?? ''}`)) return undefined;
  return { status: 403, message: 'another page may not ask' };
}

/** What a foreign form or a plain-text request can not bring without being asked first. */
function unfitForChange({ headers }: Head): Refusal | undefined {
  if (headers.origin !== `http://${headers.host ?? ''}`)
    return { status: 403, message: 'only our own page may change something' };
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    return { status: 415, message: 'only application/json' };
  if (headers['x-daydream'] === '1') return undefined;
  return { status: 403, message: 'the header x-daydream is missing' };
}

function withoutCookie({ headers }: Head, { port, session }: Keys): Refusal | undefined {
  const name = cookieName(port);
  const given = (headers.cookie ?? '')
    .split(';')
    .map((each) => each.trim().split('='))
    .filter(([each]) => each === name)
    .map(([, value = '']) => value);
  if (given.some((value) => same(value, session))) return undefined;
  return { status: 401, message: 'open the address that `daydream ui` printed' };
}

/** In a time that does not depend on where they differ. */
export function same(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
