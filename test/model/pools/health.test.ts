// A provider that can not be reached: when it rests, who tries it again and when, when it is given up, and who wakes what waits for it.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelOutcome } from '../../../src/model/provider.ts';
import { AbortWatch } from '../../../src/model/pools/abortwatch.ts';
import { Health } from '../../../src/model/pools/health.ts';
import { paceOf } from '../../../src/model/pools/pace.ts';
import { Sickbay } from '../../../src/model/pools/sickbay.ts';
import { failed, reply } from '../../support/dispatching.ts';
import { simulatedClock, type SimulatedClock } from '../../support/simulatedclock.ts';

const REFUSED = failed('connection', { message: 'refused' });

/** Refused so often at that moment; the last change. */
function refuse(health: Health, times: number, now: number): ReturnType<Health['seen']> {
  let change: ReturnType<Health['seen']>;
  for (let time = 0; time < times; time++) change = health.seen(REFUSED, now);
  return change;
}

/** One call tries, and is refused. */
function tryAgain(health: Health, now: number): ReturnType<Health['seen']> {
  health.sent();
  return health.seen(REFUSED, now);
}

describe('a provider', () => {
  let health: Health;
  beforeEach(() => void (health = new Health()));

  it('rests with the third refused in a row, for five seconds', () => {
    expect(refuse(health, 2, 1000)).toBeUndefined();
    expect([health.admits(1000), health.resting(1000)]).toEqual(['now', undefined]);
    expect(refuse(health, 1, 1000)).toEqual({ state: 'resting', reason: 'refused', until: 6000 });
    expect(health.admits(5999)).toBe('later');
    expect(health.resting(5999)).toEqual({ reason: 'refused', until: 6000 });
    expect([health.admits(6000), health.resting(6000)]).toEqual(['now', undefined]);
  });

  it.each<[what: string, sign: ModelOutcome]>([
    ['an answer', reply()],
    ['a failure that it answered with', failed('server')],
    ['a reply that broke off', failed('connection', { lostReply: true })],
  ])('does not rest where %s came in between', (_what, sign) => {
    refuse(health, 2, 0);
    expect(health.seen(sign, 0)).toBeUndefined();
    expect(refuse(health, 2, 0)).toBeUndefined();
    expect(health.admits(0)).toBe('now');
  });

  it('rests no longer once a call that was in flight is answered', () => {
    refuse(health, 3, 0);
    expect(health.seen(reply(), 1000)).toEqual({ state: 'answering' });
    expect([health.admits(1000), health.resting(1000)]).toEqual(['now', undefined]);
  });

  it('rests with no sign from a call that was given up', () => {
    refuse(health, 2, 0);
    expect(health.seen(failed('aborted'), 0)).toBeUndefined();
    expect(refuse(health, 1, 0)).toMatchObject({ state: 'resting' });
  });

  it('is tried by one call after its rest, while others wait for that', () => {
    refuse(health, 3, 0);
    health.sent();
    expect([health.admits(5000), health.admits(99_999)]).toEqual(['later', 'later']);
    expect(health.seen(failed('aborted'), 5000)).toBeUndefined();
    expect(health.admits(5000)).toBe('now');
  });

  it('is not tried by a call that was sent before it rested', () => {
    health.sent();
    refuse(health, 3, 0);
    expect(health.admits(5000)).toBe('now');
  });

  it('does not rest longer for calls that were in flight when the rest began', () => {
    refuse(health, 3, 0);
    expect(refuse(health, 5, 1000)).toBeUndefined();
    expect(health.resting(1000)).toMatchObject({ until: 5000 });
  });

  it('rests twice as long each time, is given up for a minute, and is tried again', () => {
    refuse(health, 3, 0);
    expect(tryAgain(health, 5000)).toMatchObject({ state: 'resting', until: 15_000 });
    expect(tryAgain(health, 15_000)).toMatchObject({ state: 'resting', until: 35_000 });
    expect(health.admits(34_999)).toBe('later');
    expect(tryAgain(health, 35_000)).toEqual({ state: 'given_up', reason: 'refused', until: 95_000 });
    expect([health.admits(94_999), health.admits(95_000)]).toEqual(['never', 'now']);
    expect(tryAgain(health, 95_000)).toMatchObject({ state: 'given_up', until: 155_000 });
  });

  it('answers again: that is told once, and everything begins anew', () => {
    refuse(health, 3, 0);
    tryAgain(health, 5000);
    health.sent();
    expect(health.seen(reply(), 15_000)).toEqual({ state: 'answering' });
    expect(health.seen(reply(), 15_000)).toBeUndefined();
    expect([health.admits(15_000), health.resting(15_000)]).toEqual(['now', undefined]);
    expect(refuse(health, 3, 20_000)).toMatchObject({ state: 'resting', until: 25_000 });
    expect(health.admits(25_000)).toBe('now');
  });
});

describe('what waits for a provider', () => {
  let clock: SimulatedClock;
  let woken: string[];
  let bay: Sickbay<string>;
  beforeEach(() => {
    clock = simulatedClock(0);
    woken = [];
    bay = new Sickbay(clock, (item) => void woken.push(item));
  });

  const ill = (provider = 'p'): void => {
    for (let time = 0; time < 3; time++) bay.seen(provider, REFUSED);
  };

  it('is told, and woken when the rest is over', async () => {
    ill();
    for (const item of ['a', 'b']) bay.rest('p', item);
    expect(bay.admits('p')).toBe('later');
    expect(bay.resting()).toEqual([{ provider: 'p', reason: 'refused', until: 5000, waiting: 2 }]);
    expect(clock.sleepers).toBe(1);
    await clock.advance(4999);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual(['a', 'b']);
    expect([bay.resting(), clock.sleepers]).toEqual([[], 0]);
  });

  it('waits for its own provider alone', async () => {
    ill('p');
    bay.rest('p', 'a');
    bay.rest('q', 'b');
    expect([bay.admits('q'), clock.sleepers]).toEqual(['now', 1]);
    bay.seen('q', reply());
    expect(woken).toEqual(['b']);
  });

  it('is not woken when it has left, and nobody waits for the clock then', async () => {
    ill();
    for (const item of ['a', 'b']) bay.rest('p', item);
    bay.leave('p', 'a');
    expect(clock.sleepers).toBe(1);
    bay.leave('p', 'c');
    bay.leave('p', 'b');
    expect(clock.sleepers).toBe(0);
    await clock.advance(5000);
    expect(woken).toEqual([]);
    bay.rest('p', 'd');
    expect(bay.resting()).toEqual([]);
  });

  it('is woken by an answer before the rest is over', () => {
    ill();
    bay.rest('p', 'a');
    expect(bay.seen('p', reply())).toEqual({ state: 'answering' });
    expect([woken, clock.sleepers]).toEqual([['a'], 0]);
  });

  it('waits on while the one that tries is refused, for the next rest', async () => {
    ill();
    bay.rest('p', 'a');
    await clock.advance(5000);
    bay.sent('p');
    bay.rest('p', 'b');
    expect([bay.admits('p'), clock.sleepers]).toEqual(['later', 0]);
    expect(bay.seen('p', REFUSED)).toMatchObject({ state: 'resting', until: 15_000 });
    expect(clock.sleepers).toBe(1);
    await clock.advance(10_000);
    expect(woken).toEqual(['a', 'b']);
  });

  it('fails with what the provider failed with last, once that is given up', async () => {
    expect(bay.givenUp('p')).toBeUndefined();
    ill();
    for (const ms of [5000, 10_000, 20_000]) {
      expect(bay.givenUp('p')).toBeUndefined();
      await clock.advance(ms);
      bay.sent('p');
      bay.seen('p', { ...REFUSED, message: `after ${ms}` });
    }
    expect(bay.givenUp('p')).toMatchObject({ cause: 'connection', message: 'after 20000' });
    expect(bay.resting()).toMatchObject([{ until: 95_000, waiting: 0 }]);
    await clock.advance(60_000);
    expect(bay.givenUp('p')).toBeUndefined();
  });
});

describe('an abort', () => {
  it('is told to every call that shares its signal, and to no other', () => {
    const told: string[] = [];
    const watch = new AbortWatch<string>((item) => void told.push(item));
    const [one, two] = [new AbortController(), new AbortController()];
    for (const item of ['a', 'b', 'c']) watch.add(one.signal, item);
    watch.add(two.signal, 'd');
    watch.remove(one.signal, 'b');
    watch.remove(new AbortController().signal, 'a');
    one.abort();
    expect(told).toEqual(['a', 'c']);
  });

  it('is told to all, though each takes itself out when it hears', () => {
    const told: string[] = [];
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: () => controller.abort(),
    }))(new AbortController());
    const watch = new AbortWatch<string>((item) => {
      told.push(item);
      for (const each of ['a', 'b']) watch.remove(signal, each);
    });
    for (const item of ['a', 'b']) watch.add(signal, item);
    abort();
    expect(told).toEqual(['a', 'b']);
  });
});

describe('a pace', () => {
  it('is what was done of late by the minute, and what is left at that', () => {
    expect(paceOf({ recent: 30, elapsedMs: 600_000, left: 60 })).toEqual({ rate: 30, leftMs: 120_000 });
    expect(paceOf({ recent: 30, elapsedMs: 30_000, left: 60 })).toEqual({ rate: 60, leftMs: 60_000 });
    expect(paceOf({ recent: 3, elapsedMs: 0, left: 0 })).toEqual({ rate: 180_000, leftMs: 0 });
  });

  it('says nothing of what is left after fewer than three', () => {
    expect(paceOf({ recent: 2, elapsedMs: 60_000, left: 5 })).toEqual({ rate: 2, leftMs: undefined });
    expect(paceOf({ recent: 3, elapsedMs: 60_000, left: 6 })).toEqual({ rate: 3, leftMs: 120_000 });
  });
});
