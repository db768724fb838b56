// Asks for long answers: in a process of its own where there is much to look at, here where there is little. One that was given holds
// until something has changed. Knows no answer.
import { fork, type ChildProcess } from 'node:child_process';
import type { Project } from '../../api/project.ts';
import { problem, ProblemError } from '../../problem.ts';
import { Kept } from '../documents/kept.ts';
import type { LongReply } from './asideprocess.ts';
import type { LongName, LongQuestion } from './longanswers.ts';

/** How another process works for this one. */
export interface Elsewhere {
  /** Of `asideprocess.ts`, absolute. */
  readonly program: string;
  /** How it opens the same project. */
  readonly opening: LongQuestion['opening'];
}

export interface AsideOptions {
  readonly project: Project;
  /** Without it everything is worked out here. */
  readonly elsewhere: Elsewhere | undefined;
  /** How many generations there are now. */
  readonly size: () => number;
  /** What answers are kept for: the same word, the same answer. */
  readonly moment: () => string;
  /** Told how far an answer is. */
  readonly listen: (progress: AsideProgress) => void;
}

export interface AsideProgress {
  readonly name: LongName;
  readonly done: number;
  readonly total: number;
}

/** Generations from which starting a process costs nothing beside the answer. */
const MUCH = 5000;

export class Aside {
  readonly #options: AsideOptions;
  readonly #processes = new Set<ChildProcess>();
  readonly #kept: Kept;
  readonly #underway = new Map<LongName, Promise<object>>();

  constructor(options: AsideOptions) {
    this.#options = options;
    this.#kept = new Kept(options.moment);
  }

  /** Of this moment. */
  kept(name: LongName, cohort: string | undefined): Promise<object> {
    return this.#kept.of(`${name} ${cohort ?? ''}`, () => this.#workOut(name, cohort));
  }

  /** What a page asks for when it shows the judges, where another process works it out, which keeps it for whoever asks later, too. */
  async ahead(): Promise<void> {
    if (this.#elsewhere !== undefined) await this.kept('statistics', undefined);
  }

  get #elsewhere(): Elsewhere | undefined {
    return this.#options.size() >= MUCH ? this.#options.elsewhere : undefined;
  }

  /** Worked out now; who asks meanwhile waits for the same. */
  fresh(name: LongName): Promise<object> {
    const underway = this.#underway.get(name);
    if (underway !== undefined) return underway;
    const answer = this.#workOut(name, undefined).finally(() => this.#underway.delete(name));
    this.#underway.set(name, answer);
    return answer;
  }

  async #workOut(name: LongName, cohort: string | undefined): Promise<object> {
    const { project, listen } = this.#options;
    const elsewhere = this.#elsewhere;
    if (elsewhere !== undefined)
      return this.#askAt(elsewhere.program, { name, cohort, opening: elsewhere.opening });
    const { LONG_ANSWERS } = await import('./longanswers.ts');
    return LONG_ANSWERS[name](project, cohort, (done, total) => listen({ name, done, total }));
  }

  close(): void {
    for (const each of this.#processes) each.kill('SIGKILL');
  }

  #askAt(program: string, question: LongQuestion): Promise<object> {
    return new Promise((resolve, reject) => {
      const child = fork(program, [], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      this.#processes.add(child);
      const fail = (how: string): void =>
        reject(new ProblemError([problem('DD199', `the process that works it out ${how}`)]));
      child.once('error', ({ message }) => fail(`can not be started: ${message}`));
      child.once('exit', (code, signal) => {
        this.#processes.delete(child);
        fail(`ended with ${signal ?? String(code)}`);
      });
      child.on('message', (reply: LongReply) => {
        if ('answer' in reply) resolve(reply.answer);
        else if ('problems' in reply) reject(new ProblemError(reply.problems));
        else this.#options.listen({ name: question.name, ...reply });
      });
      child.send(question);
    });
  }
}
