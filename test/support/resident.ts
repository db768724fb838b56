// Many commands in one process that stays, each with its own words, folder and environment: see `resident.mjs`.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { BINARY, environmentIn, type Ended } from './program.ts';

export interface Resident {
  /** Rejects when the process dies over it, or when it is not done within the seconds that are given. */
  readonly run: (
    words: readonly string[],
    cwd: string,
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ended>;
  readonly close: () => Promise<void>;
}

export interface ResidentOptions {
  readonly execArgv?: readonly string[];
  readonly seconds?: number;
}

export function startResident({ execArgv = [], seconds = 120 }: ResidentOptions = {}): Resident {
  const child = fork(join(import.meta.dirname, 'resident.mjs'), [BINARY], {
    execArgv: [...execArgv],
    // No command may find a terminal where the tests run on one.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const gone = new Promise<string>((done) =>
    child.on('exit', (code, signal) => done(`${code ?? signal ?? ''}`)),
  );
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void (lastWords += text));
  let turn = 0;
  return {
    run: (words, cwd, env) =>
      new Promise((done, fail) => {
        turn++;
        const mine = turn;
        const line = words.join(' ');
        const timer = setTimeout(
          () => fail(new Error(`${line}: not done after ${seconds} s`)),
          seconds * 1000,
        );
        void gone.then((how) => fail(new Error(`${line}: the process died of it (${how}) ${lastWords}`)));
        // What a command says that was given up long ago is no answer to this one.
        const hear = (message: unknown): void => {
          const { turn: theirs, ...ended } = message as Ended & { readonly turn: number };
          if (theirs !== mine) return;
          clearTimeout(timer);
          child.off('message', hear);
          done(ended);
        };
        child.on('message', hear);
        child.send({ turn: mine, words, cwd, env: environmentIn(cwd, env) });
      }),
    async close() {
      // The commands that ran in it listen for the signals that ask.
      child.kill('SIGKILL');
      await gone;
    },
  };
}
