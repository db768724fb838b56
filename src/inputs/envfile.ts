// A `.env` file as names and values. Knows none of the names.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

const UTF16 = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
] as const;

/** As editors save it, byte-order mark and all; nothing where there is no such file, or one that can not be read. */
export function readEnvFile(file: string): Readonly<Record<string, string | undefined>> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return {};
  }
  return parseEnv(new TextDecoder(encodingOf(bytes)).decode(bytes));
}

/** Without a mark at the beginning, every other byte of names in two bytes a letter is 0. */
function encodingOf(bytes: Buffer): string {
  const marked = UTF16.find(([first, second]) => bytes[0] === first && bytes[1] === second);
  if (marked !== undefined) return marked[2];
  if (bytes.length < 2 || (bytes[0] === 0) === (bytes[1] === 0)) return 'utf-8';
  return bytes[1] === 0 ? 'utf-16le' : 'utf-16be';
}
