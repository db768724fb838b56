// What it means that a request reached nobody who could have billed it: why, and of whom that is said. Sends nothing.

/**
 * - `no_connection`: nobody answers there
 * - `untrusted`: somebody does, whose certificate nobody vouches for
 * - `proxy`: the proxy on the way refuses; `status` is what it answered
 * - `unsendable`: the address, a header or the body can not be sent
 * - `given_up`: the signal came first
 */
export type Unreached = 'no_connection' | 'untrusted' | 'proxy' | 'unsendable' | 'given_up';

/** The request reached nobody who could have answered, so nobody can have billed it. */
export class NeverReached extends Error {
  readonly why: Unreached;
  /** The system's word, such as `ECONNREFUSED`. */
  readonly code: string | undefined;
  readonly status: number | undefined;

  constructor(
    why: Unreached,
    message: string,
    details: { readonly code?: string | undefined; readonly status?: number } = {},
  ) {
    super(message);
    this.name = 'NeverReached';
    this.why = why;
    this.code = details.code;
    this.status = details.status;
  }
}

/** What OpenSSL and Node call a certificate that does not hold. */
const UNTRUSTED =
  /CERT|CRL|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH|^HOSTNAME_MISMATCH$|^UNABLE_TO_(VERIFY|GET_ISSUER|DECODE)/;
/** What undici calls what the system has a name for. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_SOCKET: 'ECONNRESET',
};
const PROXY_ANSWER = /^Proxy (?:response|Authentication Required) \((\d+)\)/;
/** Said after the request was handed to the proxy, which let it go no further. */
export const PROXY_WANTS_NAME = /^Proxy Authentication Required/;

export function refusedByProxy({ host }: URL, status: number): NeverReached {
  return new NeverReached('proxy', `the proxy does not let through to ${host}`, { status });
}

/**
 * Whether a refusal is a proxy's own, and no server's that lies behind it: it asks for a name as proxies do, or gives its own name and
 * no sign that it passed the answer on. tinyproxy answers a wrong password with 401, as a provider answers a wrong key.
 */
export function isOfProxy(
  status: number,
  fields: Readonly<Record<string, string | readonly string[] | undefined>>,
): boolean {
  if (status !== 401 && status !== 403) return status === 407;
  if (fields['proxy-authenticate'] !== undefined || fields['x-squid-error'] !== undefined) return true;
  const named = [fields['server'], fields['www-authenticate']].flat().join(' ');
  return fields['via'] === undefined && /proxy|squid|privoxy/i.test(named);
}

/** The error as what it means: nobody answered, or would let the request through. */
export function neverReached(target: URL, error: Error): NeverReached {
  if (error instanceof NeverReached) return error;
  const { host } = target;
  const cause = error.cause instanceof Error && codeOf(error.cause) !== undefined ? error.cause : error;
  const own = codeOf(cause);
  const answered = Number(PROXY_ANSWER.exec(error.message)?.[1]);
  if (answered > 0) return refusedByProxy(target, answered);
  if (own === 'UND_ERR_INVALID_ARG') return new NeverReached('unsendable', cause.message);
  if (own !== undefined && UNTRUSTED.test(own))
    return new NeverReached('untrusted', `the certificate of ${host} can not be trusted`, { code: own });
  const peer = peerOf(cause);
  const whom = peer === undefined || isOf(target, peer) ? host : `the proxy ${peer}`;
  return new NeverReached('no_connection', `no connection to ${whom}`, { code: own });
}

/** With whom there was to be a connection, as the system says it: an address and a port, or a name that it did not find. */
export function peerOf(error: Error): string | undefined {
  const { peer } = error as { readonly peer?: string };
  if (peer !== undefined) return peer;
  // Where a name has several addresses, each has an error of its own.
  const [own = error] = error instanceof AggregateError ? (error.errors as readonly Error[]) : [];
  const { hostname, address, port } = own as { hostname?: string; address?: string; port?: number };
  return port === undefined ? hostname : `${address}:${port}`;
}

/** A name's address may be any: its port says whether it was the server's, and not the proxy's. */
function isOf({ hostname, port, protocol }: URL, peer: string): boolean {
  return peer === hostname || peer.endsWith(`:${port || (protocol === 'https:' ? 443 : 80)}`);
}

/** The system's word for an error, such as `ECONNRESET`. */
export function codeOf(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : (SYSTEM_CODES[code] ?? code);
}
