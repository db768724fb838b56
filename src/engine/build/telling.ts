// Tells other processes how a run goes on: from its events and what waits at the pools to a small file, once a second and no oftener, so
// that a run of less than that writes nothing; and what one that died had told last. Changes nothing of the run.
import { defined } from '../../defined.ts';
import type { Clock } from '../../model/clock.ts';
import type { DispatcherSnapshot } from '../../model/pools/dispatcher.ts';
import { paceOf, RECENT_MS } from '../../model/pools/pace.ts';
import { SlidingWindow } from '../../model/pools/window.ts';
import { warning, type Problem } from '../../problem.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Layout } from '../../store/layout.ts';
import { isAway } from '../../store/writing/lodging.ts';
import { removeUnderway, takeLeftBehind, writeUnderway, type Underway } from '../../store/runs/underway.ts';
import { plural } from '../../text/amounts.ts';

/** Milliseconds between two tellings. */
const PAUSE = 1000;

/** That a run died with calls in flight, as it told a second before at most; said once, to who holds the lock and runs nothing yet. */
export function cutOff(layout: Layout): Problem | undefined {
  const left = takeLeftBehind(layout);
  if (left === undefined || !(left.inFlight > 0)) return undefined;
  const { pid, started, at, inFlight } = left;
  return warning(
    'DD622',
    `the run that began at ${started} (pid ${pid}) was killed: about ${plural(inFlight, 'call')} ${inFlight === 1 ? 'was' : 'were'} in flight at ${at}`,
    { data: { pid, started, at, inFlight } },
  );
}

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
  readonly #begun: number;
  readonly #timer: NodeJS.Timeout;
  /** Generations of the last minute. */
  readonly #recent = new SlidingWindow(RECENT_MS);
  #attempted = 0;
  #done = 0;
  #failed = 0;

  constructor(options: TellingOptions) {
    this.#options = options;
    this.#started = options.clock.now();
    this.#begun = options.clock.ticks();
    this.#timer = setInterval(() => this.tell(), PAUSE);
    this.#timer.unref();
  }

  listen(event: RunEvent): void {
    if (event.type === 'run_started') this.#attempted = event.attempted;
    if (event.type !== 'generation') return;
    this.#done++;
    this.#recent.add(this.#options.clock.ticks(), 1);
    if (event.outcome.kind === 'failed') this.#failed++;
  }

  tell(): void {
    const { layout, clock } = this.#options;
    if (isAway(layout)) return;
    writeUnderway(layout, this.#underway(clock));
  }

  close(): void {
    clearInterval(this.#timer);
    // Another run that died may have left one.
    removeUnderway(this.#options.layout);
  }

  #underway(clock: Clock): Underway {
    const { pid, calls } = this.#options;
    const { pools = [], resting = [] } = calls() ?? {};
    const sum = (of: 'inFlight' | 'waiting'): number => pools.reduce((all, pool) => all + pool[of], 0);
    const underway: Underway = {
      version: 1,
      pid,
      started: new Date(this.#started).toISOString(),
      at: new Date(clock.now()).toISOString(),
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
    const { leftMs } = paceOf({
      recent: this.#recent.total(clock.ticks()),
      elapsedMs: clock.ticks() - this.#begun,
      left: Math.max(0, this.#attempted - this.#done),
    });
    return leftMs === undefined || resting.length > 0
      ? underway
      : { ...underway, leftMs: Math.round(leftMs) };
  }
}
