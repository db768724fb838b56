// A file written piece by piece that takes its name when it is whole: until then whatever had the name keeps it. Knows nothing of what
// is written.
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { discard, openForWriting, temporaryOf, writeBytes } from './atomic.ts';

export interface GrowingFile {
  readonly write: (bytes: Uint8Array) => void;
  /** Gives the file its name. */
  readonly finish: () => void;
  /** Leaves no trace of it. */
  readonly giveUp: () => void;
}

/** What is there and is no plain file, such as a pipe, is written to as it stands. */
export function growFile(path: string): GrowingFile {
  const direct = isSomethingElse(path);
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

function isSomethingElse(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile();
}
