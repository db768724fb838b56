// A watch for programs: opened with the lock held, heard as events, told what to do by calls. Knows no terminal and no key.
import { problemsOfBroken, type BrokenCohort } from '../cohort/cohort.ts';
import { environmentOf } from '../config.ts';
import { defined } from '../defined.ts';
import type { TeamEnd } from '../engine/build/team.ts';
import { FiguresAhead } from '../engine/figures/ahead.ts';
import { locate } from '../engine/project/load.ts';
import type { LoadOptions } from '../engine/project/options.ts';
import { openSession } from '../engine/project/session.ts';
import type { PlanPrice } from '../engine/money/price.ts';
import type { StateCounts } from '../engine/plan/plan.ts';
import type { Clock } from '../model/clock.ts';
import type { Problem } from '../problem.ts';
import { cutOff } from '../engine/build/telling.ts';
import { holdRoot } from '../store/lock.ts';
import type { WatchEvent } from '../watch/events.ts';
import { WatchSession } from '../watch/session.ts';
import { agreedTo, budgetOf, consentWanted } from './building/consent.ts';
import { diagnose, type Diagnosis } from './building/failures.ts';
import { countsOf, type PlanCounts } from './plan.ts';
import {
  asOptions,
  mergesOf,
  requestOf,
  sourcesOf,
  wordsOf,
  type PlanOptions,
  type WatchOptions,
} from './request.ts';
import { Stream } from './stream.ts';

/** For whom a watch is kept. */
export interface Watcher {
  readonly loading: LoadOptions;
  readonly clock: Clock;
  readonly random: () => number;
  /** For the lock and the record: a command line, or the name of a program. */
  readonly command: string;
  readonly listen: (event: WatchEvent) => void;
}

export interface OpenWatch {
  readonly session: WatchSession;
  readonly warnings: readonly Problem[];
  /** Lets go of the lock; call it when the session has run. */
  readonly release: () => void;
}

/** Takes the lock and opens the inputs; throws a ProblemError where that can not be. */
export async function openWatch(options: WatchOptions, watcher: Watcher): Promise<OpenWatch> {
  const { clock, command } = watcher;
  const loading = { onBroken: () => {}, ...watcher.loading, merges: mergesOf(options) };
  const located = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const { release, check } = holdRoot(located.layout, { command, since, role: 'watch' });
  try {
    const session = await openSession({ ...loading, ...located, verify: options.verify === true });
    const watching = new WatchSession({
      session,
      // `.env` may have changed.
      load: () => ({ ...loading, environment: environmentOf(loading.root) }),
      request: requestOf(options),
      mode: options.mode ?? 'build',
      sample: options.sample,
      concurrency: options.concurrency,
      ...sourcesOf(options),
      budget: budgetOf(options, { session }),
      consent: (plan, price) => (consentWanted(options, plan, price) === undefined ? 'given' : 'wanted'),
      agreedTo: (plan, price) => agreedTo(options, plan, price),
      clock,
      random: watcher.random,
      commandLine: command,
      check,
      figures: new FiguresAhead(loading),
      listen: watcher.listen,
    });
    const { warnings, broken } = session.loaded;
    return {
      session: watching,
      warnings: [cutOff(located.layout) ?? [], warnings, problemsOfBroken(broken)].flat(),
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** What a watch says: its own events, with plans and results cut down to what a program can use. */
export type WatchNews =
  | Exclude<WatchEvent, { readonly type: 'planned' | 'built' }>
  | ({
      readonly type: 'plan';
      readonly price: PlanPrice;
      /** Milliseconds from settled inputs to this event. */
      readonly ms: number;
      /** Who wants it, where that is not the watch itself. */
      readonly wishedBy: string | null;
    } & PlanCounts)
  | {
      readonly type: 'build_finished';
      readonly counts: StateCounts;
      /** By state: what is made from them, is not selected itself and is not current either. */
      readonly below: Readonly<Record<string, number>>;
      readonly reports: number;
      readonly failures: readonly Diagnosis[];
      /** Cohorts that can not be used, of which nothing was done; absent where there are none. */
      readonly broken?: readonly BrokenCohort[];
      /** What the team's remote cache did, and what is not there so far. */
      readonly remote?: TeamEnd;
    };

export function newsOf(event: WatchEvent): WatchNews {
  switch (event.type) {
    case 'planned': {
      const { plan, price, ms, wishedBy } = event;
      return { type: 'plan', ...countsOf(plan), price, ms, wishedBy: wishedBy ?? null };
    }
    case 'built': {
      const { counts, below, reports, summary, remote, broken } = event.result;
      const failures = (summary?.failures ?? []).map(diagnose);
      return {
        type: 'build_finished',
        counts,
        below,
        reports: reports.length,
        failures,
        ...defined({ remote, broken }),
      };
    }
    default:
      return event;
  }
}

/** A running watch. It holds the data root's lock until it has ended. */
export class Watch implements AsyncIterable<WatchNews> {
  /** Resolves when the watch was stopped and what was in flight has ended; rejects when it could not go on. */
  readonly ended: Promise<void>;
  /** Of the inputs as they were opened. */
  readonly warnings: readonly Problem[];
  readonly #options: WatchOptions;
  readonly #session: WatchSession;
  readonly #stream: Stream<WatchNews>;

  private constructor(
    options: WatchOptions,
    { session, warnings, release }: OpenWatch,
    stream: Stream<WatchNews>,
  ) {
    this.#options = options;
    this.#session = session;
    this.#stream = stream;
    this.warnings = warnings;
    this.ended = session
      .run()
      .catch((error: unknown) => {
        throw asOptions(error);
      })
      .finally(release);
    this.ended.then(
      () => stream.end(),
      // Whoever only iterates hears of it there.
      (error: unknown) => stream.fail(error),
    );
  }

  static async open(options: WatchOptions, watcher: Omit<Watcher, 'listen'>): Promise<Watch> {
    const stream = new Stream<WatchNews>();
    const listen = (event: WatchEvent): void => stream.say(newsOf(event));
    const watch = new Watch(options, await openWatch(options, { ...watcher, listen }), stream);
    options.signal?.addEventListener('abort', () => watch.#session.abort(), { once: true });
    if (options.signal?.aborted === true) watch.#session.abort();
    return watch;
  }

  [Symbol.asyncIterator](): AsyncGenerator<WatchNews, void, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }

  get state(): WatchSession['state'] {
    return this.#session.state;
  }

  /** Builds now: what is asked about, the rest of a sample, or whatever is stale. A yes to its price. */
  build(): void {
    this.#session.build();
  }

  /** Generates again what the selectors select, when what is under way has ended. */
  force(select: string | readonly string[]): void {
    this.#wish({ force: wordsOf(select) });
  }

  /** Asks again after every failure. */
  retry(): void {
    this.#wish({ retry: 'all' });
  }

  /** Pauses, or goes on. */
  pause(): void {
    this.#session.pause();
  }

  /** Starts nothing more, or drops the question; a second time, gives up what is in flight. */
  cancel(): void {
    this.#session.cancel();
  }

  /** Ends the watch; what is in flight comes to its end first. Resolves when it has. */
  stop(): Promise<void> {
    this.#session.stop();
    return this.ended;
  }

  /** Within what the watch keeps current. */
  #wish(more: PlanOptions): void {
    this.#session.wish({
      request: requestOf({ ...this.#options, ...more }),
      approved: false,
      by: 'the program',
    });
  }
}
