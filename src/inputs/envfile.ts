// A `.env` file as names and values, and what is wrong with it. Knows none of the names.
import { accessSync, constants, statSync } from 'node:fs';
import { warning, type Problem } from '../problem.ts';
import { conflictInFile } from './disk/diskreader.ts';
import { bytesIn } from './disk/onlyfiles.ts';

/** Stand among the names of a file with a mark of a merge, and of one that is there and can not be read; no variable is called so. */
export const UNDECIDED = '<<<<<<<';
const UNREAD = '?';

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
    bytes = bytesIn(file);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : { [UNREAD]: '' };
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

const A_FOLDER = 'is a folder';

/** Why nothing that stands there is in force; undefined where it is, and where nothing is there. Opens no file. */
export function whyUnread(file: string): string | undefined {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isDirectory()) return A_FOLDER;
    if (!stat.isFile()) return 'is a pipe or a device, and no file';
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return `can not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

/** What is wrong with a file, whose names and values are among these. */
export function envProblems(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Problem[] {
  const unread = Object.hasOwn(environment, UNREAD) ? whyUnread(file) : undefined;
  // A folder of that name is somebody's virtual environment, as often as not.
  if (unread !== undefined && unread !== A_FOLDER)
    return [warning('DD104', `${file} ${unread}: nothing of it is in force`, { place: { file } })];
  // Only where the names tell of a mark is the file read again, for the line.
  const conflict = Object.hasOwn(environment, UNDECIDED) ? conflictInFile(file) : undefined;
  return conflict === undefined ? [] : [conflict];
}

/** Without a mark at the beginning, every other byte of names in two bytes a letter is 0. */
function encodingOf(bytes: Buffer): string {
  const marked = UTF16.find(([first, second]) => bytes[0] === first && bytes[1] === second);
  if (marked !== undefined) return marked[2];
  if (bytes.length < 2 || (bytes[0] === 0) === (bytes[1] === 0)) return 'utf-8';
  return bytes[1] === 0 ? 'utf-16le' : 'utf-16be';
}
