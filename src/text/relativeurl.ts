// A path below a folder as a relative URL. Reads nothing.

/** No part of it can be taken for a scheme, a host, a query or a fragment. */
export function relativeUrl(path: string): string {
  return `./${path
    .split('/')
    .map((part) => encodeURIComponent(part.replaceAll(/\p{Cs}/gu, '\uFFFD')))
    .join('/')}`;
}
