// A remote cache in a folder that a team shares: a network drive, a mounted bucket. A process of its own touches it, since a drive that
// hangs would take the threads with it that keep what was paid for. Knows no answer.
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Said, Told } from './folderclerk.ts';
import { runErrand, type Brought, type Errand } from './folderwork.ts';
import type { FolderPlace } from './place.ts';
import type { Fetched, Looked, Put, Shelf, Trouble } from './shelf.ts';

const CLERK = fileURLToPath(new URL('../folderclerk.js', import.meta.url));
/** Of the clerk: so many files are waited for at a time. */
const THREADS = '64';

export function folderShelf({ path }: FolderPlace): Shelf {
  const { run, close } = existsSync(CLERK) ? openClerk(path) : { run: atOnce(path), close: () => {} };
  return {
    get: (name, signal) => run({ what: 'get', name }, signal) as Promise<Fetched>,
    has: (name, signal) => run({ what: 'has', name }, signal) as Promise<Looked>,
    put: (entry, there, signal) => run({ what: 'put', ...entry, there }, signal) as Promise<Put>,
    close: async () => close(),
  };
}

type RunErrand = (errand: Errand, signal: AbortSignal) => Promise<Brought>;

/** In this process: where the program is run from its source. */
function atOnce(folder: string): RunErrand {
  return (errand) => runErrand(folder, errand);
}

const GIVEN_UP: Trouble = { kind: 'silent', message: 'given up' };

function openClerk(folder: string): { readonly run: RunErrand; readonly close: () => void } {
  const waiting = new Map<number, (brought: Brought) => void>();
  let clerk: ChildProcess | undefined;
  let told = 0;
  const gone = (who: ChildProcess, message: string): void => {
    if (clerk !== who) return;
    clerk = undefined;
    for (const answer of waiting.values()) answer({ kind: 'silent', message });
  };
  const start = (): ChildProcess => {
    const begun = fork(CLERK, [], {
      env: { UV_THREADPOOL_SIZE: THREADS },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    begun.on('message', ({ number, brought }: Said) => waiting.get(number)?.(brought));
    begun.on('error', ({ message }) => gone(begun, message));
    begun.on('exit', () => gone(begun, 'the process that reads the folder ended'));
    begun.unref();
    begun.channel?.unref();
    return begun;
  };
  return {
    run: (errand, signal) =>
      new Promise<Brought>((resolve) => {
        if (signal.aborted) return resolve(GIVEN_UP);
        const number = ++told;
        clerk ??= start();
        const who = clerk;
        // While somebody waits, the program does not end.
        if (waiting.size === 0) who.channel?.ref();
        const done = (brought: Brought): void => {
          if (!waiting.delete(number)) return;
          signal.removeEventListener('abort', giveUp);
          if (waiting.size === 0) who.channel?.unref();
          resolve(brought);
        };
        const giveUp = (): void => done(GIVEN_UP);
        waiting.set(number, done);
        signal.addEventListener('abort', giveUp, { once: true });
        who.send({ number, folder, errand } satisfies Told, (error) => {
          if (error !== null) done({ kind: 'silent', message: error.message });
        });
      }),
    close() {
      clerk?.kill('SIGKILL');
    },
  };
}
