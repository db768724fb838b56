// Has the figures of a data root reckoned before anybody asks: in a process of its own, which is given up at once where somebody wants the
// machine. Knows no figure.
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../project/options.ts';

/** What that process is told: which project. */
export type FiguresWanted = Pick<LoadOptions, 'root' | 'dataRoot' | 'provider'>;

/** Beside the bundle; not there where a program runs from its source: then nothing is reckoned ahead. */
const PROGRAM = fileURLToPath(new URL('../figuresprocess.js', import.meta.url));

export class FiguresAhead {
  readonly #wanted: FiguresWanted;
  readonly #program: string;
  #process: ChildProcess | undefined;

  constructor({ root, dataRoot, provider }: FiguresWanted, program = PROGRAM) {
    this.#wanted = { root, dataRoot, provider };
    this.#program = program;
  }

  /** Resolves when they are kept, or can not be, or were given up. Nothing that goes wrong is anybody's failure. */
  begin(): Promise<void> {
    if (this.#process !== undefined || !existsSync(this.#program)) return Promise.resolve();
    return new Promise((resolve) => {
      const child = fork(this.#program, [], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      this.#process = child;
      const over = (): void => {
        if (this.#process === child) this.#process = undefined;
        resolve();
      };
      child.once('error', over);
      child.once('exit', over);
      child.send(this.#wanted, () => {});
    });
  }

  /** At once. */
  giveUp(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }
}
