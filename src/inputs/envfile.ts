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
  const wide = UTF16.find(([first, second]) => bytes[0] === first && bytes[1] === second);
  return parseEnv(new TextDecoder(wide?.[2] ?? 'utf-8').decode(bytes));
}
