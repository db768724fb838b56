// Tells other processes how a run goes on: from its events and what waits at the pools to a small file, once a second and no oftener, so
// that a run of less than that writes nothing. Changes nothing of the run.
import { defined } from '../../defined.ts';
import type { Clock } from '../../model/clock.ts';
import type { DispatcherSnapshot } from '../../model/pools/dispatcher.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Layout } from '../../store/layout.ts';
import { removeUnderway, writeUnderway, type Underway } from '../../store/runs/underway.ts';

/** Milliseconds between two tellings. */
const PAUSE = 1000;
/** The pace is that of so many milliseconds. */
const WINDOW = 60_000;
/** Of fewer generations nobody can tell a pace. */
const ENOUGH = 3;

export interface TellingOptions {
  readonly layout: Layout;
  readonly clock: Clock;
  readonly pid: number;
  /** What waits and what is in flight; undefined while nobody is asked. */
  readonly calls: () => DispatcherSnapshot | undefined;
}

export class Telling {
  readonly #options: TellingOptions;
  readonly #started: number;
  readonly #timer: NodeJS.Timeout;
  /** Within the window: when it was looked, and how many were done then; the oldest first. */
  readonly #looks: { readonly at: number; readonly done: number }[] = [];
  #attempted = 0;
  #done = 0;
  #failed = 0;

  constructor(options: TellingOptions) {
    this.#options = options;
    this.#started = options.clock.now();
    this.#looks.push({ at: this.#started, done: 0 });
    this.#timer = setInterval(() => this.tell(), PAUSE);
    this.#timer.unref();
  }

  listen(event: RunEvent): void {
    if (event.type === 'run_started') this.#attempted = event.attempted;
    if (event.type !== 'generation') return;
    this.#done++;
    if (event.outcome.kind === 'failed') this.#failed++;
  }

  tell(): void {
    const { layout, clock } = this.#options;
    writeUnderway(layout, this.#underway(clock.now()));
  }

  close(): void {
    clearInterval(this.#timer);
    // Another run that died may have left one.
    removeUnderway(this.#options.layout);
  }

  #underway(now: number): Underway {
    const { pid, calls } = this.#options;
    const { pools = [], resting = [] } = calls() ?? {};
    const sum = (of: 'inFlight' | 'waiting'): number => pools.reduce((all, pool) => all + pool[of], 0);
    const underway: Underway = {
      version: 1,
      pid,
      started: new Date(this.#started).toISOString(),
      at: new Date(now).toISOString(),
      attempted: Math.max(this.#attempted, this.#done),
      done: this.#done,
      failed: this.#failed,
      inFlight: sum('inFlight'),
      waiting: sum('waiting'),
      pools: pools.map(({ name, inFlight, waiting, limit, pausedUntil }) =>
        defined({ name, inFlight, waiting, limit, pausedUntil }),
      ),
      resting: resting.map(({ provider, reason, until }) => ({ provider, reason, until })),
    };
    const leftMs = resting.length > 0 ? undefined : this.#left(now);
    return leftMs === undefined ? underway : { ...underway, leftMs };
  }

  /** At the pace of the last minute. */
  #left(now: number): number | undefined {
    const looks = this.#looks;
    looks.push({ at: now, done: this.#done });
    while (looks.length > 2 && now - (looks[0]?.at ?? now) > WINDOW) looks.shift();
    const [first] = looks;
    if (first === undefined || now <= first.at) return undefined;
    const done = this.#done - first.done;
    if (done < ENOUGH) return undefined;
    return Math.round((Math.max(0, this.#attempted - this.#done) * (now - first.at)) / done);
  }
}
