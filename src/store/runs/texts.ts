// Files by their content, for records that must hold what they hold however often it is made again. Knows nothing of what is in them.
import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, writeAtomic } from '../writing/atomic.ts';
import type { Layout } from '../layout.ts';

/** Keeps the bytes and returns their address: 64 hexadecimal digits of their SHA-256. */
export function keepText(layout: Layout, bytes: Buffer): string {
  const address = hash('sha256', bytes, 'hex');
  const path = textPath(layout, address);
  // A file that a power cut has emptied is written again.
  if (statSync(path, { throwIfNoEntry: false })?.size !== bytes.length) writeAtomic(path, bytes);
  return address;
}

/** Undefined where there is no such file, or where it does not hold what it should. */
export function keptText(layout: Layout, address: string): Buffer | undefined {
  if (!/^[0-9a-f]{64}$/.test(address)) return undefined;
  const bytes = readIfPresent(textPath(layout, address));
  return bytes !== undefined && hash('sha256', bytes, 'hex') === address ? bytes : undefined;
}

function textPath({ texts }: Layout, address: string): string {
  return join(texts, address.slice(0, 2), address);
}
