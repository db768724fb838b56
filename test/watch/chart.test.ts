// The state chart of a watch, way by way; and that nothing leads out of stopping.
import { describe, expect, it } from 'vitest';
import {
  isLost,
  onCancel,
  onChanging,
  onFinished,
  onLooked,
  onPause,
  onPlanned,
  onReady,
  onSettled,
  onStop,
  onWish,
  type LookOutcome,
  type PlanOutcome,
  type WatchState,
} from '../../src/watch/chart.ts';

const STATES: Readonly<Record<WatchState['kind'], WatchState>> = {
  starting: { kind: 'starting' },
  watching: { kind: 'watching' },
  settling: { kind: 'settling', over: 'asking' },
  planning: { kind: 'planning', over: 'comparing', again: false },
  asking: { kind: 'asking' },
  sampling: { kind: 'sampling', after: 'watching', winding: false },
  comparing: { kind: 'comparing' },
  building: { kind: 'building', after: 'watching', winding: false },
  superseding: { kind: 'superseding', run: 'building', again: false, ended: false },
  paused: { kind: 'paused', changed: false },
  broken: { kind: 'broken' },
  stopping: { kind: 'stopping' },
};

function ways(step: (state: WatchState) => WatchState): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(STATES).flatMap(([name, state]) => {
      const next = step(state);
      return next === state ? [] : [[name, next.kind === name ? `${name}, again` : next.kind]];
    }),
  );
}

describe('from every state', () => {
  it('changes begin to settle where nothing runs', () => {
    expect(ways(onChanging)).toEqual({
      watching: 'settling',
      asking: 'settling',
      comparing: 'settling',
      broken: 'settling',
    });
  });

  it('settled changes are planned, noted, or looked at under a run', () => {
    expect(ways(onSettled)).toEqual({
      watching: 'planning',
      settling: 'planning',
      planning: 'planning, again',
      asking: 'planning',
      sampling: 'superseding',
      comparing: 'planning',
      building: 'superseding',
      superseding: 'superseding, again',
      paused: 'paused, again',
      broken: 'planning',
    });
  });

  it('a wish is planned at once, or after the run that is on', () => {
    expect(ways(onWish)).toEqual({
      ...ways(onSettled),
      sampling: 'sampling, again',
      building: 'building, again',
      paused: 'planning',
    });
  });

  it('a pause stops what it can', () => {
    expect(ways(onPause)).toEqual({
      watching: 'paused',
      settling: 'paused',
      planning: 'paused',
      asking: 'paused',
      sampling: 'sampling, again',
      comparing: 'paused',
      building: 'building, again',
      superseding: 'building',
      paused: 'watching',
      broken: 'paused',
    });
  });

  it('a cancel ends runs and questions only', () => {
    expect(ways(onCancel)).toEqual({
      asking: 'watching',
      sampling: 'sampling, again',
      comparing: 'watching',
      building: 'building, again',
    });
  });

  it('nothing leads out of stopping, and a stop leads there', () => {
    expect(onStop()).toEqual(STATES.stopping);
    const steps = [
      onChanging,
      onSettled,
      onWish,
      onFinished,
      onPause,
      onCancel,
      (state: WatchState) => onPlanned(state, 'build'),
      (state: WatchState) => onLooked(state, 'changed'),
    ];
    for (const step of steps) expect(step(STATES.stopping)).toBe(STATES.stopping);
  });

  it('outcomes of planning count in planning only, and those of looking in superseding only', () => {
    expect(Object.keys(ways((state) => onPlanned(state, 'build')))).toEqual(['planning']);
    expect(Object.keys(ways((state) => onLooked(state, 'changed')))).toEqual(['superseding']);
  });
});

describe('what came of planning', () => {
  const after = (outcome: PlanOutcome, again = false): string =>
    onPlanned({ kind: 'planning', over: 'comparing', again }, outcome).kind;

  it('starts with planning', () => {
    expect(onReady()).toEqual({ kind: 'planning', over: 'watching', again: false });
  });

  it('decides where to go', () => {
    expect({
      same: after('same'),
      clean: after('clean'),
      told: after('told'),
      dear: after('dear'),
      sample: after('sample'),
      build: after('build'),
      unreadable: after('unreadable'),
    }).toEqual({
      same: 'comparing',
      clean: 'watching',
      told: 'watching',
      dear: 'asking',
      sample: 'sampling',
      build: 'building',
      unreadable: 'broken',
    });
  });

  it('is planned again when inputs changed meanwhile', () => {
    expect(onPlanned({ kind: 'planning', over: 'watching', again: true }, 'build')).toEqual(onReady());
    expect(onPlanned({ kind: 'planning', over: 'watching', again: true }, 'unreadable')).toEqual({
      kind: 'planning',
      over: 'broken',
      again: false,
    });
  });
});

describe('under a run', () => {
  const looked = (
    outcome: LookOutcome,
    more: Partial<Extract<WatchState, { kind: 'superseding' }>> = {},
  ): WatchState =>
    onLooked({ kind: 'superseding', run: 'sampling', again: false, ended: false, ...more }, outcome);

  it('a look that finds nothing lets the run go on', () => {
    expect(looked('same')).toEqual(STATES.sampling);
    expect(looked('same', { again: true })).toEqual({
      kind: 'superseding',
      run: 'sampling',
      again: false,
      ended: false,
    });
  });

  it('broken inputs are what follows the run', () => {
    expect(looked('unreadable')).toEqual({ kind: 'sampling', after: 'broken', winding: false });
    expect(onFinished(looked('unreadable'))).toEqual(STATES.broken);
    expect(looked('unreadable', { ended: true })).toEqual(STATES.broken);
  });

  it('other inputs are planned', () => {
    expect(looked('changed')).toEqual(onReady());
    expect(looked('changed', { ended: true })).toEqual(onReady());
  });

  it('a run that ended during the look comes to its own end', () => {
    expect(onFinished(STATES.superseding)).toEqual({ ...STATES.superseding, ended: true });
    expect(looked('same', { ended: true })).toEqual(STATES.comparing);
    expect(looked('same', { ended: true, again: true })).toEqual(onReady());
  });

  it('a run ends in what was asked for meanwhile', () => {
    expect(onFinished(STATES.building)).toEqual(STATES.watching);
    expect(onFinished(STATES.sampling)).toEqual(STATES.comparing);
    expect(onFinished(onWish(STATES.building))).toEqual(onReady());
    expect(onFinished(onPause(STATES.building))).toEqual({ kind: 'paused', changed: true });
    expect(onFinished(onCancel(STATES.building))).toEqual(STATES.watching);
    expect(onFinished(onCancel(STATES.sampling))).toEqual(STATES.watching);
    expect(onFinished(onSettled(onCancel(STATES.building)))).toEqual(onReady());
    expect(onFinished(onCancel(onWish(STATES.building)))).toEqual(onReady());
    expect(onFinished(onSettled(onPause(STATES.building)))).toEqual({ kind: 'paused', changed: true });
  });

  it('going on after a pause plans what changed', () => {
    expect(onPause(onSettled(STATES.paused))).toEqual(onReady());
    expect(onPause(STATES.paused)).toEqual(STATES.watching);
  });
});

it('a run that is planned and does not begin is lost, be it planned once more or paused', () => {
  const planning = (again: boolean): WatchState => ({ kind: 'planning', over: 'watching', again });
  const lost = (state: WatchState) =>
    (['build', 'sample', 'clean', 'dear'] as const).filter((outcome) => isLost(state, outcome));
  expect(lost(planning(true))).toEqual(['build', 'sample']);
  expect(lost(planning(false))).toEqual([]);
  expect(lost(onPause(planning(false)))).toEqual(['build', 'sample']);
});
