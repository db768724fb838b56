// Which server a base URL means: a provider is its server, whatever a config calls it. Asks nobody and knows no config.

import { urlOf } from '../text/url.ts';

/**
 * Scheme, host, port and path, as one spelling: `https://api.example.org/v1`. Neither users nor keys, nor a query that may hold one,
 * are part of it. A text that is no URL is its own name.
 */
export function serverOf(baseURL: string): string {
  const url = urlOf(baseURL);
  return url === undefined ? baseURL : `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

/** The address of what a server has below its base URL, such as `/models`; a query of the base URL goes with every request. */
export function addressUnder(baseURL: string, path: string): string {
  const [base = '', ...query] = baseURL.split('?');
  const own = query.length === 0 ? '' : `${path.includes('?') ? '&' : '?'}${query.join('?')}`;
  return `${base.replace(/\/+$/, '')}${path}${own}`;
}

/** Where a server says to ask instead, as a base URL: without the path of what was asked. */
export function movedWords(
  location: string | null | undefined,
  from: string | undefined,
  path: string,
): string {
  const href =
    location === null || location === undefined ? 'elsewhere' : (urlOf(location, from)?.href ?? location);
  const to = href.replace(/[?#].*$/, '').replace(/\/$/, '');
  const [asked = ''] = path.split('?');
  return `the server says to ask ${to.endsWith(asked) ? to.slice(0, to.length - asked.length) : to} instead`;
}

/** Whether a trace names a server; those of earlier versions name a label of the config. */
export function isServer(provider: string): boolean {
  return provider.includes('://');
}
