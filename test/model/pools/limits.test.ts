// The arithmetic of limits: the window of a minute, the queue, the automatic limit, and the table of what follows from a failure.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  afterRateLimit,
  afterReply,
  afterTrouble,
  startAuto,
  type AutoLimit,
} from '../../../src/model/pools/concurrency.ts';
import { decide, RETRY_POLICY } from '../../../src/model/pools/retry.ts';
import { WaitList } from '../../../src/model/pools/waitlist.ts';
import { SlidingWindow } from '../../../src/model/pools/window.ts';
import type { FailureCause, RateLimits } from '../../../src/model/provider.ts';
import { failed } from '../../support/dispatching.ts';

describe('a window', () => {
  it('forgets what is as old as its span', () => {
    const window = new SlidingWindow(100);
    window.add(0, 2);
    window.add(50, 3);
    expect([window.total(99), window.total(100), window.total(149), window.total(150)]).toEqual([5, 3, 3, 0]);
  });

  it('says from when on more fits', () => {
    const window = new SlidingWindow(100);
    for (const at of [0, 10, 20]) window.add(at, 2);
    expect(window.freeAt(20, 4, 10)).toBe(20);
    expect(window.freeAt(20, 5, 10)).toBe(100);
    expect(window.freeAt(20, 7, 10)).toBe(110);
    expect(window.freeAt(20, 99, 10)).toBe(120);
    expect(new SlidingWindow(100).freeAt(5, 99, 10)).toBe(5);
  });

  it('counts right however many have passed through it', () => {
    const window = new SlidingWindow(10);
    const totals = Array.from({ length: 5000 }, (_, at) => {
      const event = window.add(at, 1);
      if (at % 2 === 0) window.correct(event, 3);
      return window.total(at);
    });
    expect(new Set(totals.slice(10))).toEqual(new Set([20]));
    expect(window.freeAt(4999, 1, 20)).toBe(5000);
    expect(window.total(10_000)).toBe(0);
  });

  it('lets go of what has left it, but for as much as is still inside', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const window = new SlidingWindow(100);
    const passed = Array.from({ length: 5000 }, (_, at) => new WeakRef(window.add(at, 1)));
    // A reference keeps what it was made of until this turn is over.
    await new Promise(setImmediate);
    collect();
    expect(passed.filter((event) => event.deref() !== undefined).length).toBeLessThanOrEqual(200);
    expect(window.total(4999)).toBe(100);
  });

  it('does not count what was corrected after it had left', () => {
    const window = new SlidingWindow(10);
    const event = window.add(0, 5);
    window.add(5, 1);
    expect(window.total(10)).toBe(1);
    window.correct(event, 50);
    expect(window.total(10)).toBe(1);
  });
});

describe('a queue', () => {
  const item = (priority: number, arrival: number) => ({ priority, arrival });

  it('gives the best priority first, and equals in order of arrival', () => {
    const list = new WaitList();
    const items = [item(1, 0), item(0, 1), item(1, 2), item(0, 3), item(2, 4), item(0, 5)];
    for (const each of items) list.add(each);
    const order: unknown[] = [];
    for (let next = list.take(); next !== undefined; next = list.take()) order.push(next);
    expect(order).toEqual([1, 3, 5, 0, 2, 4].map((place) => items[place]));
    expect([list.size, list.first(), list.take()]).toEqual([0, undefined, undefined]);
  });

  it('passes over what was taken out, and can be emptied in order', () => {
    const list = new WaitList();
    const items = [item(0, 0), item(0, 1), item(3, 2), item(2, 3), item(1, 4)];
    for (const each of items) list.add(each);
    list.remove(items[0]!);
    expect([list.size, list.first()]).toEqual([4, items[1]]);
    expect(list.drain()).toEqual([1, 4, 3, 2].map((place) => items[place]));
    expect([list.size, list.first(), list.drain()]).toEqual([0, undefined, []]);
    list.add(items[2]!);
    expect(list.take()).toBe(items[2]);
  });
});

describe('the automatic limit', () => {
  const seen = (more: { now?: number; saturated?: boolean; limits?: RateLimits } = {}) => ({
    now: 0,
    saturated: true,
    limits: undefined,
    ...more,
  });
  const after = (auto: AutoLimit, replies: number, more = {}): AutoLimit =>
    Array.from({ length: replies }).reduce<AutoLimit>((each) => afterReply(each, seen(more)), auto);

  it('doubles with each round of replies that really used it', () => {
    expect([7, 8, 23, 24].map((replies) => after(startAuto(), replies).limit)).toEqual([8, 16, 16, 32]);
    expect(after(startAuto(), 100, { saturated: false })).toEqual({ ...startAuto(), clean: 0 });
    expect(after(startAuto(), 2000).limit).toBe(100);
  });

  it('falls by a fifth, and rises by a twentieth from then on, at least by one', () => {
    const cut = afterRateLimit({ ...startAuto(), limit: 50, clean: 7 }, 1000, 0);
    expect(cut).toEqual({ limit: 40, slowStart: false, clean: 0, calmUntil: 16_000 });
    expect(after(cut, 100, { now: 15_999 })).toEqual(cut);
    expect(after(cut, 40, { now: 16_000 }).limit).toBe(42);
    expect(after({ ...cut, limit: 5 }, 5, { now: 16_000 }).limit).toBe(6);
    expect(after({ ...cut, limit: 99 }, 99, { now: 16_000 }).limit).toBe(100);
  });

  it('never falls below one', () => {
    expect(afterRateLimit({ ...startAuto(), limit: 1 }, 0, 0).limit).toBe(1);
  });

  it('falls once an episode, which lasts as long as the provider asks', () => {
    const cut = afterRateLimit({ ...startAuto(), limit: 50 }, 0, 60_000);
    expect(cut.calmUntil).toBe(60_000);
    expect(afterRateLimit({ ...cut, clean: 3 }, 1000, 0)).toEqual({ ...cut, clean: 0 });
    expect(afterRateLimit(cut, 59_999, 0)).toEqual({ ...cut, calmUntil: 74_999 });
    expect(afterRateLimit(cut, 60_000, 0).limit).toBe(32);
  });

  it('falls where less than a tenth is left, and not where a tenth is', () => {
    const limits = (remainingRequests: number): RateLimits => ({ remainingRequests, limitRequests: 100 });
    expect(afterReply(startAuto(), seen({ now: 5, limits: limits(9) }))).toEqual({
      limit: 6,
      slowStart: false,
      clean: 0,
      calmUntil: 15_005,
    });
    expect(afterReply(startAuto(), seen({ limits: limits(10) })).limit).toBe(8);
  });

  it('begins its round anew after trouble', () => {
    expect(afterTrouble({ ...startAuto(), clean: 7 })).toEqual(startAuto());
  });
});

describe('what follows from a failure', () => {
  const with1 = { policy: RETRY_POLICY, random: () => 1 };

  it.each<[cause: FailureCause, kind: string, attempts: number]>([
    ['rate_limit', 'pause', 10],
    ['server', 'retry', 6],
    ['connection', 'retry', 6],
    ['timeout', 'retry', 3],
    ['bad_reply', 'retry', 4],
    ['certificate', 'close', 1],
    ['proxy', 'close', 1],
    ['moved', 'close', 1],
    ['unsendable', 'close', 1],
    ['unreadable', 'close', 1],
    ['payment', 'close', 1],
    ['auth', 'give_up', 1],
    ['bad_request', 'give_up', 1],
    ['not_found', 'give_up', 1],
    ['aborted', 'give_up', 1],
    ['budget', 'give_up', 1],
    ['offline_miss', 'give_up', 1],
    ['daily_limit', 'park', 1],
  ])('%s: %s, up to %d times', (cause, kind, attempts) => {
    expect(decide(failed(cause), Math.max(1, attempts - 1), with1).kind).toBe(kind);
    expect(decide(failed(cause), attempts, with1).kind).toBe(attempts === 1 ? kind : 'give_up');
  });

  it('is narrowed by a status, and by a wait that is named', () => {
    expect(decide(failed('auth', { status: 401 }), 1, with1)).toEqual({ kind: 'close' });
    expect(decide(failed('auth', { status: 403 }), 1, with1)).toEqual({ kind: 'give_up' });
    expect(decide(failed('server', { retryAfterMs: 5 }), 7, with1)).toEqual({
      kind: 'pause',
      waitMs: 60_000,
    });
    expect(decide(failed('server', { retryAfterMs: 5 }), 8, with1)).toEqual({ kind: 'give_up' });
    expect(decide(failed('daily_limit', { retryAfterMs: 5 }), 1, with1)).toEqual({ kind: 'park', waitMs: 5 });
  });

  it('is a pool that is done where the wait is longer than ten minutes, however often it was tried', () => {
    expect(decide(failed('timeout', { retryAfterMs: 600_001 }), 9, with1)).toEqual({
      kind: 'park',
      waitMs: 600_001,
    });
    expect(decide(failed('timeout', { retryAfterMs: 600_000 }), 1, with1)).toEqual({
      kind: 'retry',
      waitMs: 600_000,
    });
  });

  it('takes a provider at its word three times, and then waits at least as long as it would anyway', () => {
    const named = failed('rate_limit', { retryAfterMs: 10 });
    expect([1, 3, 4, 5].map((attempt) => decide(named, attempt, with1))).toEqual(
      [10, 10, 16_000, 32_000].map((waitMs) => ({ kind: 'pause', waitMs })),
    );
    expect(decide(named, 4, { ...with1, random: () => 0 })).toEqual({ kind: 'pause', waitMs: 10 });
    expect(decide(failed('rate_limit'), 1, { ...with1, random: () => 0.5 })).toEqual({
      kind: 'pause',
      waitMs: 1000,
    });
  });

  it('is a fault of ours where the table says nothing', () => {
    expect(() => decide(failed('server'), 1, { ...with1, policy: { ...RETRY_POLICY, table: [] } })).toThrow(
      'the retry table has no row for server',
    );
  });
});
