// Bodies of HTTP that come compressed, undone as they come. Knows no request.
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** Where the pieces of a body go, one after the other. */
export interface Taker {
  take(chunk: Uint8Array): void;
  end(): void;
}

/** What a `content-encoding` names, in the order in which it is undone. */
export function encodingsOf(value: string | readonly string[] | undefined): readonly string[] {
  return String(value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
}

/** undici's own is experimental, and says so on the terminal of whoever uses it. */
const UNPACKERS = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // With the header that the standard wants, or without it, as some servers send it.
  deflate: (first: Uint8Array) => (((first[0] ?? 8) & 0x0f) === 8 ? createInflate() : createInflateRaw()),
} as const;

export function isKnown(encoding: string): boolean {
  return Object.hasOwn(UNPACKERS, encoding);
}

/** Undoes the compressions, in this order, on the way to where the body goes. */
export function unpacker(encodings: readonly string[], into: Taker, fail: (error: Error) => void): Taker {
  return encodings.reduceRight<Taker>((next, name) => {
    let stream: ReturnType<typeof createGunzip> | undefined;
    const opened = (first: Uint8Array): NonNullable<typeof stream> => {
      stream ??= UNPACKERS[name as keyof typeof UNPACKERS](first)
        .on('data', (chunk: Buffer) => next.take(chunk))
        .on('end', () => next.end())
        .on('error', fail);
      return stream;
    };
    return {
      take: (chunk) => void opened(chunk).write(chunk),
      end: () => void (stream === undefined ? next.end() : stream.end()),
    };
  }, into);
}
