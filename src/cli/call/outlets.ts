// Standard output and standard error, as long as they can be written: a disk that is full and a reader that has gone are remembered,
// and end no command. Knows no command and no words.
import { fstatSync, writeSync } from 'node:fs';

export interface Outlet {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  write(text: string): void;
}

/** Why an outlet could not be written, by the system's code, such as `ENOSPC` or `EPIPE`. */
export interface Loss {
  readonly outlet: 'standard output' | 'standard error';
  readonly code: string;
  readonly message: string;
}

export interface Outlets {
  readonly out: Outlet;
  readonly err: Outlet;
  /** Hears the first loss of standard output, also one that was before. */
  readonly onLoss: (listener: (loss: Loss) => void) => void;
  /** The exit code for a command that ended with this one: what was to be read and is not there is never a success. */
  readonly exitCode: (code: number) => number;
}

interface Source {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What shells give for a program that wrote to a reader who had gone: 128 and the signal's number. */
const READER_GONE = 141;
const UNANSWERED = 2;

function outletsOf({ stdout, stderr }: Source): Outlets {
  const losses = new Map<Loss['outlet'], Loss>();
  const listeners: ((loss: Loss) => void)[] = [];
  const lose = (outlet: Loss['outlet'], error: unknown): void => {
    if (losses.has(outlet)) return;
    const { code = 'EIO', message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
    const loss = { outlet, code, message };
    losses.set(outlet, loss);
    if (outlet === 'standard output') for (const listener of listeners) listener(loss);
  };
  const outlet = (name: Loss['outlet'], stream: NodeJS.WriteStream, fd: number): Outlet => {
    stream.on('error', (error) => lose(name, error));
    const direct = isPlainFile(fd);
    return {
      isTTY: stream.isTTY,
      get columns() {
        return stream.isTTY ? stream.columns : undefined;
      },
      write(text) {
        if (losses.has(name)) return;
        if (!direct)
          return void stream.write(text, (error) => {
            if (error !== null && error !== undefined) lose(name, error);
          });
        try {
          writeWhole(fd, text);
        } catch (error) {
          lose(name, error);
        }
      },
    };
  };
  return {
    out: outlet('standard output', stdout, 1),
    err: outlet('standard error', stderr, 2),
    onLoss(listener) {
      listeners.push(listener);
      const before = losses.get('standard output');
      if (before !== undefined) listener(before);
    },
    exitCode(code) {
      const lost = losses.get('standard output');
      if (lost !== undefined) return lost.code === 'EPIPE' ? READER_GONE : UNANSWERED;
      // A terminal that was closed takes nothing away from what was done; a log that is not whole does.
      return losses.get('standard error')?.code === 'ENOSPC' && code === 0 ? UNANSWERED : code;
    },
  };
}

function isPlainFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** A disk that is nearly full takes a part of what it is given, without a word: only the next write is refused. */
function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}

let opened: Outlets | undefined;

/** Those of this process. */
export function openOutlets(): Outlets {
  return (opened ??= outletsOf(process));
}
