// What a pool is built of: the automatic limit, the sliding minute, the queue; and the automatic limit at work.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterRateLimit, afterReply, afterTrouble, startAuto } from '../../src/model/pools/concurrency.ts';
import type { AutoLimit } from '../../src/model/pools/concurrency.ts';
import { nextUtcDay } from '../../src/model/pools/pool.ts';
import { WaitList } from '../../src/model/pools/waitlist.ts';
import { SlidingWindow } from '../../src/model/pools/window.ts';
import { call, dispatching, failed, never, reply } from '../support/dispatching.ts';

const plenty = { remainingRequests: 90, limitRequests: 100 };
const scarce = { remainingRequests: 9, limitRequests: 100 };

function replies(
  auto: AutoLimit,
  count: number,
  seen: { now?: number; limits?: typeof plenty; saturated?: boolean } = {},
): AutoLimit {
  let state = auto;
  for (let each = 0; each < count; each += 1) {
    state = afterReply(state, { now: seen.now ?? 0, saturated: seen.saturated ?? true, limits: seen.limits });
  }
  return state;
}

describe('the automatic limit', () => {
  test('doubles each clean round until the first refusal, and never passes a hundred', () => {
    expect(replies(startAuto(), 7).limit).toBe(8);
    expect(replies(startAuto(), 8).limit).toBe(16);
    expect(replies(startAuto(), 8 + 16, { limits: plenty }).limit).toBe(32);
    expect(replies(startAuto(), 10_000).limit).toBe(100);
  });

  test('grows only when it was really used', () => {
    expect(replies(startAuto(), 500, { saturated: false }).limit).toBe(8);
  });

  test('falls by a fifth once an episode, rests for fifteen seconds or the Retry-After, then grows by a twentieth', () => {
    const high = replies(startAuto(), 8 + 16 + 32 + 64);
    const cut = afterRateLimit(high, 1000, 0);
    expect(cut.limit).toBe(80);
    expect(afterRateLimit(cut, 2000, 0).limit).toBe(80);
    expect(afterRateLimit(afterRateLimit(high, 1000, 60_000), 50_000, 0).limit).toBe(80);
    expect(replies(cut, 500, { now: 15_999 }).limit).toBe(80);
    expect(replies(cut, 80, { now: 16_000 }).limit).toBe(84);
    expect(afterRateLimit(cut, 16_000, 0).limit).toBe(64);
  });

  test('falls before the limit, when little of it is left', () => {
    const high = replies(startAuto(), 8 + 16 + 32);
    const cut = replies(high, 5, { limits: scarce, now: 1000 });
    expect(cut.limit).toBe(51);
    expect(replies(cut, 1, { limits: scarce, now: 16_001 }).limit).toBe(40);
  });

  test('is left alone by a provider that says how much is left, or how much there is, alone', () => {
    const high = replies(startAuto(), 8 + 16 + 32);
    for (const limits of [
      { remainingRequests: 0 },
      { limitRequests: 100 },
      { remainingRequests: 10, limitRequests: 100 },
    ])
      expect(afterReply(high, { now: 0, saturated: true, limits }).limit).toBe(high.limit);
  });

  test('rests for the longer of two waits of one episode', () => {
    const cut = afterRateLimit(replies(startAuto(), 8 + 16 + 32), 1000, 60_000);
    expect(afterRateLimit(cut, 2000, 0).calmUntil).toBe(61_000);
    expect(afterRateLimit(cut, 50_000, 20_000).calmUntil).toBe(70_000);
  });

  test('trouble on the other side stops growth but shrinks nothing, and the limit never falls below one', () => {
    const nearly = replies(startAuto(), 7);
    expect(replies(afterTrouble(nearly), 7).limit).toBe(8);
    let low = startAuto();
    for (let episode = 0; episode < 30; episode += 1) low = afterRateLimit(low, episode * 100_000, 0);
    expect(low.limit).toBe(1);
    expect(replies(low, 1, { now: 10_000_000 }).limit).toBe(2);
  });

  test('at work: finds what a provider bears and stays near it', async () => {
    const BEARS = 30;
    let refused = 0;
    let late = 0;
    const rig = dispatching(
      (name) => {
        const { inFlight } = rig.dispatcher.snapshot().pools[0] ?? { inFlight: 0 };
        if (inFlight <= BEARS) return reply();
        refused += 1;
        if (Number(name) > 2000) late += 1;
        return failed('rate_limit', { retryAfterMs: 1000 });
      },
      { pool: { concurrency: 'auto' } },
    );
    const all = Promise.all(
      Array.from({ length: 4000 }, (_, index) => rig.dispatcher.submit(call(String(index)), never)),
    );
    await rig.clock.runUntil(all);
    expect((await all).filter(({ kind }) => kind === 'reply')).toHaveLength(4000);
    expect(refused).toBeGreaterThan(0);
    expect(late).toBeLessThan(200);
    expect(rig.most()).toBeLessThanOrEqual(64);
    // At the best possible pace: 4000 / 30 seconds.
    expect(rig.clock.now() - Date.UTC(2026, 10, 23, 12)).toBeLessThan(1.6 * (4000 / BEARS) * 1000);
  });
});

describe('a pool that finds its own limit', () => {
  const limitOf = (rig: ReturnType<typeof dispatching>): number | undefined =>
    rig.dispatcher.snapshot().pools[0]?.limit;

  test('takes refusals that name no wait for one episode, too', async () => {
    const rig = dispatching((_, attempt) => (attempt === 1 ? failed('rate_limit') : reply()), {
      pool: { concurrency: 'auto' },
    });
    const all = Promise.all(['1', '2', '3'].map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.advance(1500);
    expect(limitOf(rig)).toBe(6);
    await rig.clock.runUntil(all);
    expect(limitOf(rig)).toBe(6);
  });
});

describe('the sliding window', () => {
  test('says when more fits, exactly', () => {
    const event = fc.record({
      wait: fc.integer({ min: 0, max: 40 }),
      weight: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 80, size: 'max' }),
        fc.integer({ min: 5, max: 12 }),
        (events, limit) => {
          const window = new SlidingWindow(100);
          const placed: { at: number; weight: number }[] = [];
          const within = (now: number): number =>
            placed
              .filter(({ at }) => at > now - 100 && at <= now)
              .reduce((sum, { weight }) => sum + weight, 0);
          let now = 0;
          for (const { wait, weight } of events) {
            now += wait;
            expect(window.total(now)).toBe(within(now));
            const free = window.freeAt(now, weight, limit);
            expect(within(free) + weight).toBeLessThanOrEqual(limit);
            expect(free === now || within(free - 1) + weight > limit).toBe(true);
            now = free;
            window.add(now, weight);
            placed.push({ at: now, weight });
          }
        },
      ),
    );
  });

  test('counts rightly after it has let go of thousands', () => {
    const window = new SlidingWindow(100);
    const events = Array.from({ length: 5000 }, (_, at) => {
      const event = window.add(at, 2);
      expect(window.total(at)).toBe(2 * Math.min(at + 1, 100));
      return event;
    });
    expect(window.freeAt(4999, 2, 200)).toBe(5000);
    expect(window.freeAt(4999, 20, 200)).toBe(5009);
    window.correct(events[4899]!, 50);
    expect(window.total(4999)).toBe(200);
    window.correct(events[4900]!, 50);
    expect(window.total(4999)).toBe(248);
    expect(window.total(5000)).toBe(198);
  });

  test('corrects a weight while it is inside, and not after', () => {
    const window = new SlidingWindow(100);
    const event = window.add(0, 50);
    window.correct(event, 20);
    expect(window.total(50)).toBe(20);
    expect(window.total(100)).toBe(0);
    window.correct(event, 30);
    expect(window.total(100)).toBe(0);
  });
});

test('the queue gives what sorting gives, whatever is taken out on the way', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'take', 'remove'),
    priority: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const list = new WaitList<{ priority: number; arrival: number }>();
      let naive: { priority: number; arrival: number }[] = [];
      const same: boolean[] = [];
      const sort = (): void => void naive.sort((a, b) => a.priority - b.priority || a.arrival - b.arrival);
      for (const [arrival, { kind, priority }] of steps.entries()) {
        const item = { priority, arrival };
        const removed = naive[arrival % Math.max(1, naive.length)];
        if (kind === 'add') {
          list.add(item);
          naive.push(item);
          sort();
        } else if (kind === 'take') same.push(list.take() === naive.shift());
        else if (removed !== undefined) {
          list.remove(removed);
          naive = naive.filter((each) => each !== removed);
        }
        expect(list.size).toBe(naive.length);
        expect(list.first()).toBe(naive[0]);
      }
      expect(same).not.toContain(false);
      expect(list.drain()).toEqual(naive);
      expect(list.size).toBe(0);
    }),
  );
});

test('the next day begins at midnight UTC', () => {
  expect(nextUtcDay(Date.UTC(2026, 10, 23, 23, 59, 59, 999))).toBe(Date.UTC(2026, 10, 24));
  expect(nextUtcDay(Date.UTC(2026, 10, 24))).toBe(Date.UTC(2026, 10, 25));
});
