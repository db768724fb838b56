// A file written piece by piece that takes its name when it is whole: until then whatever had the name keeps it. Knows nothing of what
// is written.
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { discard, openForWriting, temporaryOf, writeBytes } from './atomic.ts';

export interface GrowingFile {
  readonly write: (bytes: Uint8Array) => void;
  /** Gives the file its name. */
  readonly finish: () => void;
  /** Leaves no trace of it. */
  readonly giveUp: () => void;
}

/** What `takesAsItComes` is written to as it stands. */
export function growFile(path: string): GrowingFile {
  const own = outletOf(path);
  if (own !== undefined) return { write: (bytes) => writeSlowly(own, bytes), finish() {}, giveUp() {} };
  const direct = takesAsItComes(path);
  const temporary = direct ? path : temporaryOf(path);
  const file = direct ? openSync(path, 'w') : openForWriting(temporary);
  return {
    write: (bytes) => writeBytes(file, bytes),
    finish() {
      closeSync(file);
      if (!direct) renameSync(temporary, path);
    },
    giveUp() {
      closeSync(file);
      if (!direct) discard(temporary);
    },
  };
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** An outlet may be one that does not wait for its reader: then this does. */
function writeSlowly(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(PAUSE, 0, 0, 5);
    }
  }
}

/** Whether it is a pipe, a device or an outlet of this process, which a rename would take away from whoever has it open. */
export function takesAsItComes(path: string): boolean {
  if (outletOf(path) !== undefined) return true;
  try {
    return !statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Standard output and standard error by the names that they have as files. To open these anew would write over a file that is added to,
 * and a socket can not be opened.
 */
function outletOf(path: string): number | undefined {
  const number = /^\/(?:dev|proc\/self)\/fd\/([12])$/.exec(path)?.[1];
  if (number !== undefined) return Number(number);
  return path === '/dev/stdout' ? 1 : path === '/dev/stderr' ? 2 : undefined;
}
