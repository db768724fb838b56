// Packs: many small texts in one file that is only ever added to, so that one flush of the disk makes many of them safe. A line a text:
// its name, a blank, the text. Knows nothing of what the texts say.
//
//     data/.daydream/responses/packs/0001-Qm3xT9aB.jsonl
import { closeSync, fdatasync, fsync, ftruncateSync, openSync, statSync, write, type Stats } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openToRead } from '../inputs/disk/onlyfiles.ts';
import { flushFolder, isMissing, makeFolders, namesIfPresent, readBytes } from './writing/atomic.ts';

/** Where a text lies. */
interface Place {
  readonly file: string;
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** How far a pack was looked through, and how long it was then. */
interface Seen {
  readonly through: number;
  readonly size: number;
}

/** What a folder's packs hold: each looked through once, and again where it grew. */
export class Packs {
  readonly #folder: string;
  readonly #places = new Map<string, Place>();
  /** By name, in the order in which they were begun. */
  #seen = new Map<string, Seen>();
  #latest: readonly string[] = [];
  /** Written in this process just now. */
  readonly #own = new Set<string>();
  #stamp: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(name: string): boolean {
    return this.#placeOf(name) !== undefined;
  }

  /** Undefined for what is in no pack, or not any more. */
  read(name: string): string | undefined {
    const place = this.#placeOf(name);
    if (place === undefined) return undefined;
    const bytes = Buffer.alloc(place.length);
    try {
      const file = openToRead(join(this.#folder, place.file));
      try {
        return readBytes(file, bytes, place.offset) === place.length ? bytes.toString('utf8') : undefined;
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** As `has`, by what was seen so far: for who holds the lock, and has looked since. */
  hasSeen(name: string): boolean {
    return this.#places.has(name);
  }

  /** The path of the pack in which a text lies. */
  fileOf(name: string): string | undefined {
    const place = this.#placeOf(name);
    return place === undefined ? undefined : join(this.#folder, place.file);
  }

  /** In no order. */
  names(): readonly string[] {
    this.#look();
    return [...this.#places.keys()];
  }

  #placeOf(name: string): Place | undefined {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#look();
    return this.#places.get(name);
  }

  /** Said by who writes a pack in this process, which need not be looked through then: what was added to it, and is safe. */
  note(file: string, places: Iterable<readonly [name: string, place: Omit<Place, 'file'>]>): void {
    this.#own.add(file);
    for (const [name, place] of places) this.#places.set(name, { file, ...place });
  }

  /** Said by who wrote it, as long as it then was. */
  ended(file: string, size: number): void {
    this.#own.delete(file);
    this.#seen.set(file, { through: size, size });
  }

  /** Finds packs that are new or gone, and what was added to the latest, the only one to which anything may be added. */
  #look(): void {
    const stats = statIfPresent(this.#folder);
    // Of two changes within one tick of the clock the size may tell, as in a file system in memory.
    const stamp = stats && [stats.mtimeMs, stats.ino, stats.size].join();
    const names = stamp === this.#stamp ? this.#latest : this.#list();
    this.#stamp = stamp;
    for (const name of names) if (!this.#own.has(name)) this.#lookThrough(name);
  }

  /** The packs that are there. */
  #list(): readonly string[] {
    const names = packsIn(this.#folder);
    const gone = [...this.#seen.keys()].some((name) => !names.includes(name));
    if (gone) this.#places.clear();
    if (gone) this.#own.clear();
    this.#seen = new Map(names.map((name) => [name, (gone ? undefined : this.#seen.get(name)) ?? UNSEEN]));
    this.#latest = names.slice(-1);
    return names;
  }

  #lookThrough(name: string): void {
    const seen = this.#seen.get(name) ?? UNSEEN;
    const size = statIfPresent(join(this.#folder, name))?.size ?? 0;
    if (size === seen.size) return;
    if (size < seen.through) return this.#forget();
    let { through } = seen;
    const file = openToRead(join(this.#folder, name));
    try {
      for (let most = PIECE; through < size;) {
        const piece = Buffer.alloc(Math.min(most, size - through));
        const length = readBytes(file, piece, through);
        const whole = this.#noteLines(name, through, piece.subarray(0, length));
        through += whole;
        // The end: what has no line end there was cut off.
        if (length < most) break;
        // No whole line: the piece is shorter than its first one.
        most = whole === 0 ? most * 2 : PIECE;
      }
    } finally {
      closeSync(file);
    }
    this.#seen.set(name, { through, size });
  }

  /** A pack lost what it had: all is looked through again. */
  #forget(): void {
    this.#places.clear();
    this.#seen.clear();
    this.#own.clear();
    for (const name of this.#list()) this.#lookThrough(name);
  }

  /** How many bytes of these are whole lines. What is none, as a crash may leave it, is passed over. */
  #noteLines(file: string, offset: number, bytes: Buffer): number {
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      const blank = bytes.subarray(start, Math.min(end, start + LONGEST_NAME)).indexOf(BLANK);
      // Without a blank it ends before it begins, and is empty.
      const name = bytes.toString('latin1', start, start + blank);
      const at = start + blank + 1;
      if (NAME.test(name)) this.#places.set(name, { file, offset: offset + at, length: end - at });
      start = end + 1;
    }
    return start;
  }
}

const UNSEEN: Seen = { through: 0, size: 0 };

function statIfPresent(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Names of packs, in the order in which they were begun. */
function packsIn(folder: string): readonly string[] {
  return namesIfPresent(folder)
    .filter((name) => PACK.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(pack: string): number {
  return Number.parseInt(pack, 10);
}

const PACK = /^\d{4,}-[\w-]+\.jsonl$/;
const NAME = /^[\w-]+$/;
const LONGEST_NAME = 200;
const LINE_END = 10;
const BLANK = 32;
/** Bytes that are looked through at a time. */
const PIECE = 4 * 1024 * 1024;

/** Milliseconds in which texts gather between two flushes. */
const GATHERING = 15;
/** Texts that are written at a time. */
const AT_ONCE = 200;

interface Waiting {
  readonly name: string;
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A pack of this writer's own, begun with its first text. What comes while the disk is waited for goes together. */
export class PackWriter {
  readonly #folder: string;
  readonly #packs: Packs;
  #name = '';
  #file: number | undefined;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** Bytes that are safe. */
  #length = 0;
  #broken: { readonly error: unknown } | undefined;
  #closing = false;

  /** `packs` hears of what is safe. */
  constructor(folder: string, packs: Packs) {
    this.#folder = folder;
    this.#packs = packs;
  }

  /** Resolves once the text, which has one line, is safe on the disk; rejects where it may not be, and then ever after. */
  add(name: string, text: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ name, line: `${name} ${text}\n`, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing is on its way. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#flushing;
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#packs.ended(this.#name, this.#length);
  }

  async #flush(): Promise<void> {
    // What comes in this turn of the event loop goes along.
    await turn();
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, AT_ONCE);
      try {
        if (this.#broken !== undefined) throw this.#broken.error;
        const begin = this.#length;
        await this.#write(Buffer.from(together.map(({ line }) => line).join('')));
        this.#packs.note(this.#name, placesOf(together, begin));
        for (const { resolve } of together) resolve();
      } catch (error) {
        this.#broken ??= { error };
        for (const { reject } of together) reject(error);
      }
      // Where some came meanwhile more are on their way: to flush the disk for each few takes longer than to bring them.
      if (this.#waiting.length > 0 && !this.#closing) await pause(GATHERING);
    }
    this.#flushing = undefined;
  }

  async #write(lines: Buffer): Promise<void> {
    const begun = this.#file;
    const file = begun ?? (this.#file = await this.#begin());
    try {
      await writeAll(file, lines);
      if (begun === undefined) {
        await promisify(fsync)(file);
        await flushFolder(this.#folder);
      } else await promisify(fdatasync)(file);
      this.#length += lines.length;
    } catch (error) {
      takeBack(file, this.#length);
      throw error;
    }
  }

  /** The folders that this makes are safe when it resolves. */
  async #begin(): Promise<number> {
    for (const folder of makeFolders(this.#folder)) await flushFolder(folder);
    const number = numberOf(packsIn(this.#folder).at(-1) ?? '0') + 1;
    // Packs of other data roots may be copied into this one.
    this.#name = `${String(number).padStart(4, '0')}-${randomBytes(6).toString('base64url')}.jsonl`;
    return openSync(join(this.#folder, this.#name), 'wx');
  }
}

/** Where the texts of lines lie of which the first begins there. */
function placesOf(lines: readonly Waiting[], begin: number): (readonly [string, Omit<Place, 'file'>])[] {
  let end = begin;
  return lines.map(({ name, line }) => {
    const offset = end + name.length + 1;
    end += Buffer.byteLength(line);
    return [name, { offset, length: end - 1 - offset }];
  });
}

/** In the thread pool. A disk that is full may take less than it is given. */
async function writeAll(file: number, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await writeSome(file, bytes.subarray(written));
}

/** How many bytes it took. */
function writeSome(file: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

/** What may not be safe is not to be taken for it. */
function takeBack(file: number, length: number): void {
  try {
    ftruncateSync(file, length);
  } catch {
    // Half a line is passed over, and what is whole was asked for by somebody all the same.
  }
}
