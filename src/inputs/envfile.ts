// A `.env` file as names and values. Knows none of the names.
import { readFileSync } from 'node:fs';

/** Stands among the names of a file with a mark of a merge; no variable is called so. */
export const UNDECIDED = '<<<<<<<';

const UTF16 = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
] as const;

/** A name, and its value in one of three quotes or bare; what is no such line says nothing, and hides none. */
const ENTRY = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\r\n#]*))/gm;

/** As editors save it, byte-order mark and all; nothing where there is no such file, or one that can not be read. */
export function readEnvFile(file: string): Readonly<Record<string, string | undefined>> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return {};
  }
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
  return { ...valuesIn(text), ...(/<{7}|>{7}/.test(text) && { [UNDECIDED]: '' }) };
}

/**
 * Not by `parseEnv` of Node: that of Node 20 reads nothing behind a line without `=`, and takes a remark for a name. What every command
 * reads at its start is no package either, for the file that it would be.
 */
function valuesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(text.matchAll(ENTRY), ([, name = '', escaped, single, back, bare = '']) => [
      name,
      escaped?.replaceAll(String.raw`\n`, '\n') ?? single ?? back ?? bare.trim(),
    ]),
  );
}

/** Without a mark at the beginning, every other byte of names in two bytes a letter is 0. */
function encodingOf(bytes: Buffer): string {
  const marked = UTF16.find(([first, second]) => bytes[0] === first && bytes[1] === second);
  if (marked !== undefined) return marked[2];
  if (bytes.length < 2 || (bytes[0] === 0) === (bytes[1] === 0)) return 'utf-8';
  return bytes[1] === 0 ? 'utf-16le' : 'utf-16be';
}
