// Reads the call ledger on from where it was left, a piece at a time, and folds its entries instead of keeping them. Knows no sum.
import { closeSync, fstatSync } from 'node:fs';
import { openToRead } from '../../inputs/disk/onlyfiles.ts';
import { isMissing, readBytes } from '../writing/atomic.ts';
import { parseLines, type LedgerEntry } from './ledger.ts';

/** Takes each entry once, in their order. */
export interface LedgerFold {
  add(entry: LedgerEntry): void;
}

/** Bytes of one piece: few enough that reading them holds nothing else up. */
const PIECE = 262_144;

interface Progress<Fold> {
  /** Of the file that was read: another one by the same name has another. */
  readonly identity: string;
  readonly fold: Fold;
  readonly position: number;
  readonly lines: number;
  /** Numbers of the lines that were passed over. */
  readonly damaged: readonly number[];
}

export class LedgerReader<Fold extends LedgerFold> {
  readonly #path: string;
  readonly #begin: () => Fold;
  #progress: Progress<Fold>;

  constructor(path: string, begin: () => Fold) {
    this.#path = path;
    this.#begin = begin;
    this.#progress = this.#fromStart('');
  }

  /** What came of the entries so far. Another value once the file was replaced or cut: it is read from its start then. */
  get fold(): Fold {
    return this.#progress.fold;
  }

  /** Numbers of the lines that are no entries. */
  get damaged(): readonly number[] {
    return this.#progress.damaged;
  }

  /** Bytes read so far. They end with a line feed: what follows the last one may be half a line. */
  get position(): number {
    return this.#progress.position;
  }

  /**
   * Reads the next whole lines, about so many bytes of them; false when there is none. Damaged ones are passed over. Throws a
   * ProblemError where a newer daydream wrote one; nothing of that piece is taken then.
   */
  readOn(bytes = PIECE): boolean {
    const file = openIfPresent(this.#path);
    if (file === undefined) {
      this.#progress = this.#fromStart('');
      return false;
    }
    try {
      return this.#readFrom(file, bytes);
    } finally {
      closeSync(file);
    }
  }

  /** Reads all that is left, in one go. */
  readToEnd(): Fold {
    let more = true;
    while (more) more = this.readOn();
    return this.fold;
  }

  #fromStart(identity: string): Progress<Fold> {
    return { identity, fold: this.#begin(), position: 0, lines: 0, damaged: [] };
  }

  #readFrom(file: number, bytes: number): boolean {
    const { ino, birthtimeMs, size } = fstatSync(file);
    // File systems give the inode of a file that was removed to the next one.
    const identity = `${ino} ${birthtimeMs}`;
    const same = this.#progress.identity === identity && this.#progress.position <= size;
    const { fold, position, lines, damaged } = same ? this.#progress : this.#fromStart(identity);
    const read = wholeLines(file, position, bytes);
    const texts = read.toString('utf8').split('\n');
    const parsed = parseLines(texts, { file: this.#path, line: lines + 1 });
    for (const entry of parsed.entries) fold.add(entry);
    this.#progress = {
      identity,
      fold,
      position: position + read.length,
      lines: lines + texts.length - 1,
      damaged: parsed.damaged.length === 0 ? damaged : [...damaged, ...parsed.damaged],
    };
    return read.length > 0;
  }
}

/** About so many bytes, or one line that is longer; empty where no line feed follows. */
function wholeLines(file: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  const read = buffer.subarray(0, readBytes(file, buffer, position));
  const lines = read.subarray(0, read.lastIndexOf(10) + 1);
  return lines.length > 0 || read.length < bytes ? lines : wholeLines(file, position, bytes * 2);
}

function openIfPresent(path: string): number | undefined {
  try {
    return openToRead(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
