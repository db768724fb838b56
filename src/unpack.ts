// Bodies of HTTP that come compressed, undone as they come. Knows no request.
import { PassThrough, type Transform } from 'node:stream';
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

/** A proxy may unpack a body and leave what the header says: then the first byte is not the one that all such bodies begin with. */
function gunzip(first: Uint8Array): Transform {
  return (first[0] ?? 0x1f) === 0x1f ? createGunzip() : new PassThrough();
}

/** undici's own is experimental, and says so on the terminal of whoever uses it. */
const UNPACKERS: Readonly<Record<string, (first: Uint8Array) => Transform>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  br: () => createBrotliDecompress(),
  // With the header that the standard wants, or without it, as some servers send it.
  deflate: (first: Uint8Array) => (((first[0] ?? 8) & 0x0f) === 8 ? createInflate() : createInflateRaw()),
};

export function isKnown(encoding: string): boolean {
  return Object.hasOwn(UNPACKERS, encoding);
}

/** Undoes the compressions, in this order, on the way to where the body goes. */
export function unpacker(encodings: readonly string[], into: Taker, fail: (error: Error) => void): Taker {
  return encodings.reduceRight<Taker>((next, name) => {
    let stream: Transform | undefined;
    const opened = (first: Uint8Array): Transform => {
      stream ??= (UNPACKERS[name]?.(first) ?? new PassThrough())
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
