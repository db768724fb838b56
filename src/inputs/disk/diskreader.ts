// Reads input files from the real disk, one system call after another. Knows nothing of what they mean, and remembers nothing.
import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { basename, dirname, join, relative, isAbsolute, resolve, sep } from 'node:path';
import { problem, ProblemError, type Loaded, type Problem } from '../../problem.ts';
import { compareCodePoints } from '../../text/python.ts';
import { bytesIn } from './onlyfiles.ts';
import type { InputReader } from './reader.ts';

/** Drops a byte-order mark. */
const decoder = new TextDecoder('utf-8', { fatal: true });
const faithful = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `onRead` hears every path that is asked for, whether or not it exists. */
export function diskReader(onRead: (path: string) => void = () => {}): InputReader {
  return {
    text(path) {
      onRead(path);
      return readText(path);
    },
    files(folder, extension) {
      onRead(folder);
      return namesIn(folder, (entry) => entry.name.endsWith(extension) && isOf(folder, entry, 'file'));
    },
    folders(folder) {
      onRead(folder);
      return namesIn(folder, (entry) => isOf(folder, entry, 'folder'));
    },
  };
}

/** Whether a path, with every link followed, lies in the folder or is it. What does not exist yet lies where its name says. */
export function insideFolder(folder: string, path: string): boolean {
  const inner = relative(realPath(resolve(folder)), realPath(resolve(folder, path)));
  return inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

function readText(path: string): Loaded<string | undefined> {
  const { value: bytes, problems } = bytesOf(path);
  if (bytes === undefined) return { value: undefined, problems };
  const text = decodeText(bytes, path);
  const conflict = text.value === undefined ? undefined : conflictIn(text.value, path);
  return conflict === undefined ? text : { value: undefined, problems: [conflict] };
}

/** A merge that is left to be decided in a text. */
export function conflictIn(text: string, path: string): Problem | undefined {
  const line = lineOfConflict(text);
  return line === undefined ? undefined : conflicted(path, line);
}

/** The same of a file that is read by somebody else; undefined where it can not be read as text. */
export function conflictInFile(path: string): Problem | undefined {
  const { value: bytes } = bytesOf(path);
  const text = bytes === undefined ? undefined : decodeText(bytes, path).value;
  return text === undefined ? undefined : conflictIn(text, path);
}

/** What a model wrote, as it stands there: a byte-order mark, or what looks like a merge, is a part of it. Undefined where no file is. */
export function readReply(path: string): Loaded<string | undefined> {
  const { value: bytes, problems } = bytesOf(path);
  return bytes === undefined ? { value: undefined, problems } : decodeReply(bytes, path);
}

function bytesOf(path: string): Loaded<Uint8Array | undefined> {
  try {
    return { value: bytesIn(path), problems: [] };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { value: undefined, problems: [] };
    return { value: undefined, problems: [unreadable(path, code)] };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** The marks of a merge: lines of seven of a kind, or more where the repository says so; the first and the last have a name. */
const MARK = /^(?:([<>])\1{6,} .*|={7,})$/gm;
/** What git alone writes behind its first and its last mark. */
const OF_GIT = /^(?:<{7} (?:HEAD|ours|Updated upstream)|>{7} (?:theirs|Stashed changes|[0-9a-f]{7,40}\b.*))$/;

/**
 * Where a merge was left to be decided: the line of its first mark, from 1. Two marks in their order are a merge, whichever tool wrote
 * them and whether or not a hand has taken out the third; a mark alone is where it says what only git says.
 */
function lineOfConflict(text: string): number | undefined {
  if (!text.includes('<<<<<<<') && !text.includes('>>>>>>>')) return undefined;
  let before: RegExpMatchArray | undefined;
  for (const mark of text.matchAll(MARK)) {
    if (before !== undefined && follows(before[0], mark[0])) return lineAt(text, before.index ?? 0);
    if (OF_GIT.test(mark[0])) return lineAt(text, mark.index ?? 0);
    before = mark;
  }
  return undefined;
}

/** `<` comes before `=`, and `=` before `>`, here as there; as many of them. */
function follows(before: string, mark: string): boolean {
  return before.charAt(0) < mark.charAt(0) && signsIn(before) === signsIn(mark);
}

function signsIn(mark: string): number {
  return /^(.)\1*/.exec(mark)?.[0].length ?? 0;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split(/\r\n|\r|\n/).length;
}

function conflicted(path: string, line: number): Problem {
  return problem(
    'DD284',
    `${path} holds the marks of a merge that nobody has decided yet, from line ${line} on.`,
    {
      place: { file: path, line },
      reason: 'merge_conflict',
    },
  );
}

/** The same of bytes that come from elsewhere than a file; `path` names where from. */
export function decodeReply(bytes: Uint8Array, path: string): Loaded<string | undefined> {
  return decodeText(bytes, path, faithful);
}

/** UTF-8, without its byte-order mark where nothing else is said. Bytes that are none are a problem, never a replacement character. */
export function decodeText(bytes: Uint8Array, path: string, by = decoder): Loaded<string | undefined> {
  try {
    return { value: by.decode(bytes), problems: [] };
  } catch {
    const line = lineOfInvalidByte(bytes);
    const found = problem(
      'DD202',
      `${path} is not UTF-8 text: line ${line} holds bytes that mean nothing in it.`,
      {
        place: { file: path, line },
        reason: 'invalid_utf8',
      },
    );
    return { value: undefined, problems: [found] };
  }
}

function lineOfInvalidByte(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (let at = 0; at <= bytes.length; at += 1) {
    if (at < bytes.length && bytes[at] !== 0x0a) continue;
    try {
      decoder.decode(bytes.subarray(start, at));
    } catch {
      return line;
    }
    line += 1;
    start = at + 1;
  }
  return line;
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ENXIO: 'it is a pipe, a socket or a device, and no file',
  EACCES: 'permission is denied',
  ELOOP: 'it is a link that leads back to itself',
};

function unreadable(path: string, code: string): Problem {
  return problem('DD201', `${path} cannot be read: ${WHY_NOT[code] ?? code}.`, {
    place: { file: path },
    reason: 'io_error',
    data: { code },
  });
}

/** A folder that may not be read is not an empty one: a name could stand in for a text, or a cohort vanish, without a word. */
function namesIn(folder: string, wanted: (entry: Dirent) => boolean): readonly string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new ProblemError([unreadable(folder, code)]);
  }
  return entries
    .filter(wanted)
    .map((entry) => entry.name)
    .sort(compareCodePoints);
}

/** Undefined where there is nothing, and where a link leads back to itself. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === 'ELOOP') return undefined;
    throw error;
  }
}

/** Undefined too where it may not be looked at, which whoever reads it is told. */
export function statIfAllowed(path: string): Stats | undefined {
  try {
    return statOf(path);
  } catch (error) {
    if (codeOf(error) === 'EACCES') return undefined;
    throw error;
  }
}

/** Whether there is a file, through links; a folder or a pipe of that name is none. */
export function isFileAt(path: string): boolean {
  return statOf(path)?.isFile() === true;
}

/** A file with other bytes has another one, and so has none. */
export function stampAt(path: string): string {
  const stat = statOf(path);
  return stat === undefined ? '-' : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

/** A link counts as what it leads to; one that leads nowhere is neither. What is no folder is there to be read, or to be refused. */
function isOf(folder: string, entry: Dirent, kind: 'file' | 'folder'): boolean {
  const found = entry.isSymbolicLink() ? statOf(join(folder, entry.name)) : entry;
  return found !== undefined && found.isDirectory() === (kind === 'folder');
}
