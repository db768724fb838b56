// A build as a program holds it: its events, its report, and the two ways to stop it. Knows no step of it.
import type { Builder } from './build.ts';
import type { Stopping } from './guard.ts';
import type { BuildEvent, BuildReport } from './events.ts';
import { asOptions, type BuildOptions } from '../request.ts';
import { Stream } from '../stream.ts';

/** A build under way. Iterate over it for its events, await `report` for what came of it, or both. */
export class Build implements AsyncIterable<BuildEvent> {
  /** Rejects with a ProblemError where the build could not begin; what failed on the way is in the report. */
  readonly report: Promise<BuildReport>;
  readonly #stream: Stream<BuildEvent>;
  readonly #halt: Halt;

  private constructor(report: Promise<BuildReport>, stream: Stream<BuildEvent>, halt: Halt) {
    this.report = report;
    this.#stream = stream;
    this.#halt = halt;
    report.then(
      () => stream.end(),
      // Whoever only iterates hears of it there.
      (error: unknown) => stream.fail(error),
    );
  }

  static begin(options: BuildOptions, builder: Omit<Builder, 'stopping' | 'hear'>): Build {
    const stream = new Stream<BuildEvent>();
    const halt = new Halt();
    const { signal } = options;
    const abort = (): void => halt.giveUp();
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const hear = (event: BuildEvent): void => stream.say(event);
    // A program that only reads does not load what builds.
    const report = import('./build.ts')
      .then(({ build }) => build(options, { ...builder, stopping: halt, hear }))
      .catch((error: unknown) => {
        throw asOptions(error);
      })
      .finally(() => signal?.removeEventListener('abort', abort));
    return new Build(report, stream, halt);
  }

  /** Each iterator hears what is said from its first step on; leaving the loop leaves the build running. */
  [Symbol.asyncIterator](): AsyncGenerator<BuildEvent, void, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }

  /** Starts nothing more; what is in flight is paid for and finishes. Resolves as `report` does. */
  stop(): Promise<BuildReport> {
    this.#halt.ask();
    return this.report;
  }
}

/** Stopping by a program: `ask` is the first Ctrl-C, `giveUp` the second. */
class Halt implements Stopping {
  readonly #controller = new AbortController();
  readonly #listeners: ((count: number) => void)[] = [];
  #count = 0;

  readonly abort = this.#controller.signal;
  readonly asked = (): boolean => this.#count > 0;

  readonly listen = (listener: (count: number) => void): void => {
    this.#listeners.push(listener);
    if (this.#count > 0) listener(this.#count);
  };

  ask(): void {
    this.#count++;
    for (const listener of this.#listeners) listener(this.#count);
  }

  giveUp(): void {
    this.ask();
    this.#controller.abort();
  }
}
