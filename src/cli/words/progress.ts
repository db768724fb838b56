// What a run is doing, while it does it: rewritten lines on a terminal, a plain line now and then elsewhere, events for programs.
// Listens and asks for snapshots; changes nothing.
import type { PlanCounts } from '../../api/plan.ts';
import type { Answerer } from '../../engine/build/answerer.ts';
import { STAGES, type Stage } from '../../generation/stage.ts';
import type { Clock } from '../../model/clock.ts';
import type { DispatcherSnapshot } from '../../model/pools/dispatcher.ts';
import { paceOf, RECENT_MS } from '../../model/pools/pace.ts';
import type { PoolSnapshot } from '../../model/pools/pool.ts';
import type { RunEvent } from '../../run/events.ts';
import type { Console } from '../console.ts';
import { span, usd, usdOf } from '../../text/amounts.ts';
import { displayText } from '../../text/display.ts';

export interface ProgressOptions {
  readonly console: Console;
  readonly clock: Clock;
  /** How many generations a run is to look at. */
  readonly planned: Readonly<Record<Stage, number>>;
}

export interface Progress {
  readonly listen: (event: RunEvent) => void;
  /** From then on pools and money are shown. */
  readonly attach: (answerer: Pick<Answerer, 'dispatcher'>) => void;
  readonly stop: () => void;
  /** Shows nothing while somebody is asked; the result goes on. */
  readonly hold: () => () => void;
}

/** How many generations of each stage a plan is going to look at. */
export function plannedIn({ stages }: Pick<PlanCounts, 'stages'>): ProgressOptions['planned'] {
  const planned: Record<Stage, number> = { draft: 0, essay: 0, evaluation: 0 };
  for (const { stage, states } of stages)
    planned[stage] = Object.values(states).reduce((sum, count) => sum + count, 0);
  return planned;
}

/** Milliseconds between two looks: a terminal is rewritten, a log is not flooded. */
const LIVE_MS = 150;
const PLAIN_MS = 5000;
const LAST_FAILURES = 3;

/** What has come out so far; a fold over events. */
interface Course {
  readonly done: Record<Stage, number>;
  failed: number;
  readonly lastFailures: string[];
  /** When generations of the last minute were done. */
  readonly recent: number[];
}

export function startProgress({ console, clock, planned }: ProgressOptions): Progress {
  const course: Course = {
    done: { draft: 0, essay: 0, evaluation: 0 },
    failed: 0,
    lastFailures: [],
    recent: [],
  };
  const started = clock.ticks();
  let answerer: Pick<Answerer, 'dispatcher'> | undefined;
  let shown = false;
  let held = false;
  const look = (): void => {
    if (held) return;
    const view = viewOf({
      course,
      planned,
      started,
      now: clock.ticks(),
      calls: answerer?.dispatcher?.snapshot(),
    });
    shown = true;
    if (console.json) console.printJson({ version: 1, type: 'progress', ...view }, 'line');
    else if (console.live) console.status(liveLines(view, clock.now()));
    else console.note(plainLine(view));
  };
  const timer = setInterval(look, console.live ? LIVE_MS : PLAIN_MS);
  timer.unref();
  return {
    listen: (event) => note(course, event, clock.ticks()),
    attach: (opened) => {
      answerer = opened;
    },
    hold() {
      held = true;
      if (shown) console.status([]);
      return () => {
        held = false;
      };
    },
    stop() {
      clearInterval(timer);
      if (shown) console.status([]);
    },
  };
}

function note(course: Course, event: RunEvent, now: number): void {
  if (event.type !== 'generation') return;
  const { genId, stage, outcome } = event;
  if (outcome.kind === 'left') return;
  course.done[stage]++;
  course.recent.push(now);
  if (outcome.kind !== 'failed') return;
  course.failed++;
  course.lastFailures.push(`${genId}: ${outcome.failure.message}`);
  if (course.lastFailures.length > LAST_FAILURES) course.lastFailures.shift();
}

export interface ProgressView {
  readonly stages: readonly { readonly stage: Stage; readonly done: number; readonly planned: number }[];
  readonly failed: number;
  readonly elapsedMs: number;
  /** At the pace of the last minute; absent while nobody can tell. */
  readonly leftMs?: number;
  /** Generations a minute. */
  readonly rate: number;
  readonly pools: readonly PoolSnapshot[];
  /** Providers that can not be reached, with what waits for them. */
  readonly resting: DispatcherSnapshot['resting'];
  /** USD. */
  readonly spent: number;
  /** As the dispatcher's. */
  readonly unpriced: number;
  readonly budget?: { readonly cap: number; readonly reserved: number };
  readonly lastFailures: readonly string[];
}

interface Seen {
  readonly course: Course;
  readonly planned: Readonly<Record<Stage, number>>;
  readonly started: number;
  readonly now: number;
  readonly calls: DispatcherSnapshot | undefined;
}

export function viewOf({ course, planned, started, now, calls }: Seen): ProgressView {
  const { recent, done } = course;
  const first = recent.findIndex((each) => each > now - RECENT_MS);
  recent.splice(0, first < 0 ? recent.length : first);
  const elapsedMs = now - started;
  const left = STAGES.reduce((sum, stage) => sum + Math.max(0, planned[stage] - done[stage]), 0);
  const { rate, leftMs } = paceOf({ recent: recent.length, elapsedMs, left });
  const budget = calls?.budget;
  const resting = calls?.resting ?? [];
  return {
    stages: STAGES.map((stage) => ({ stage, done: done[stage], planned: planned[stage] })),
    failed: course.failed,
    elapsedMs,
    // Nobody can tell how long what waits for a provider that rests will take.
    ...(leftMs === undefined || resting.length > 0 ? {} : { leftMs }),
    rate,
    pools: calls?.pools ?? [],
    resting,
    spent: calls?.spent ?? 0,
    unpriced: calls?.unpriced ?? 0,
    ...(budget === undefined
      ? {}
      : { budget: { cap: budget.cap, reserved: budget.reserved + budget.presumed } }),
    lastFailures: [...course.lastFailures],
  };
}

export function liveLines(view: ProgressView, now: number): readonly string[] {
  const { pools, lastFailures } = view;
  return [
    `${stagesText(view)}${timeText(view)}`,
    ...pools.map((pool) => `  ${poolText(pool, now)}`),
    ...view.resting.map((each) => `  ${restText(each, now)}`),
    ...(pools.length === 0 ? [] : [`  ${moneyText(view)}`]),
    ...lastFailures.map((each) => `  failed: ${displayText(each).replaceAll(/\s+/g, ' ')}`),
  ];
}

function restText(
  { provider, reason, until, waiting }: ProgressView['resting'][number],
  now: number,
): string {
  return `${displayText(provider)}: ${waiting} waiting, ${displayText(reason)}; next try in ${span(Math.max(0, until - now))}`;
}

export function plainLine(view: ProgressView): string {
  const inFlight = view.pools.reduce((sum, pool) => sum + pool.inFlight, 0);
  const calls = view.pools.length === 0 ? '' : `, ${inFlight} in flight, ${moneyText(view)}`;
  const rests = view.resting.map(({ provider }) => `, ${displayText(provider)} rests`).join('');
  return `${stagesText(view)}${calls}${rests}${timeText(view)}`;
}

function stagesText({ stages, failed }: ProgressView): string {
  const texts = stages
    .filter(({ planned, done }) => planned > 0 || done > 0)
    .map(({ stage, done, planned }) => `${stage} ${done}/${Math.max(planned, done)}`);
  return `${texts.join('  ')}${failed === 0 ? '' : `  ${failed} failed`}`;
}

function timeText({ elapsedMs, leftMs, rate }: ProgressView): string {
  const left = leftMs === undefined ? '' : `, ${Math.round(rate)} a minute, about ${span(leftMs)} left`;
  return `  ${span(elapsedMs)}${left}`;
}

function moneyText({ spent, unpriced, budget }: ProgressView): string {
  const sum = usdOf(spent, unpriced);
  if (budget === undefined) return sum === 'unknown' ? 'spent: unknown' : `${sum} spent`;
  return `${sum} spent of ${usd(budget.cap)}, up to ${usd(budget.reserved)} more in flight`;
}

/** What is in flight, what waits, and for what. */
function poolText(pool: PoolSnapshot, now: number): string {
  const { name, inFlight, limit, waiting, replies, rate } = pool;
  const waits = waiting === 0 ? '' : `, ${waiting} waiting${waitText(pool, now)}`;
  return `${name}: ${inFlight} of ${limit} in flight${waits}, ${replies} answered, ${rate} a minute`;
}

function waitText({ waitingOn, pausedUntil, parkedUntil }: PoolSnapshot, now: number): string {
  if (parkedUntil !== undefined) return ` for the next day, in ${span(Math.max(0, parkedUntil - now))}`;
  switch (waitingOn) {
    case undefined:
      return '';
    case 'pause':
      return pausedUntil === undefined
        ? ''
        : ` because the provider wants a rest, ${span(Math.max(0, pausedUntil - now))} more`;
    case 'concurrency':
      return ' for a place';
    case 'requests_per_minute':
      return ' for the requests of the next minute';
    case 'tokens_per_minute':
      return ' for the tokens of the next minute';
    case 'budget':
      return ' for the money that is in flight';
    default:
      return waitingOn satisfies never;
  }
}
