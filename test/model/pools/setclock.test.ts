// Somebody sets the clock while calls are on their way: what waits goes on when its wait has passed, and no span is less than nothing.
import { describe, expect, it } from 'vitest';
import type { ModelOutcome } from '../../../src/model/provider.ts';
import { call, dispatching, failed, never, reply } from '../../support/dispatching.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

/** When each was sent, in seconds that passed, where the clock is set `by` so much while the answer to the first call is on its way. */
async function sentAt(
  by: number,
  answer: (name: string, attempt: number) => ModelOutcome,
  settings: Parameters<typeof dispatching>[1] = {},
  count = 3,
) {
  const rig = dispatching((name, attempt) => {
    if (name === '0' && attempt === 1) rig.clock.set(by);
    return answer(name, attempt);
  }, settings);
  const begun = rig.clock.ticks();
  const ticks: number[] = [];
  const all = Promise.all(
    names(count).map((name) =>
      rig.dispatcher.submit(
        call(name, { onSent: () => void ticks.push((rig.clock.ticks() - begun) / 1000) }),
        never,
      ),
    ),
  );
  await rig.clock.runUntil(all);
  return { rig, begun, ticks, kinds: (await all).map(({ kind }) => kind) };
}

describe.each([
  ['back by an hour', -HOUR],
  ['back by a year', -YEAR],
  ['forth by an hour', HOUR],
  ['forth by years', 40 * YEAR],
])('a clock that is set %s', (_what, by) => {
  it('changes no duration', async () => {
    const { rig } = await sentAt(by, () => reply());
    expect(rig.lines.map(({ duration_ms }) => duration_ms)).toEqual([1000, 1000, 1000]);
  });

  it('changes no pause that a provider asks for', async () => {
    const slow = failed('rate_limit', { retryAfterMs: 30_000 });
    const { ticks, kinds } = await sentAt(by, (name, attempt) =>
      name === '0' && attempt === 1 ? slow : reply(),
    );
    expect([ticks, kinds]).toEqual([
      [0, 31, 32, 33],
      ['reply', 'reply', 'reply'],
    ]);
  });

  it('changes nothing of how many calls a minute are sent', async () => {
    const { ticks } = await sentAt(by, () => reply(), { pool: { concurrency: 3, requestsPerMinute: 2 } });
    expect(ticks).toEqual([0, 0, 60.25]);
  });

  it('changes no rest of a provider that can not be reached, whose end is told by the clock as it is', async () => {
    const told: number[] = [];
    const { rig, begun, ticks } = await sentAt(
      by,
      (_name, attempt) => (attempt === 1 ? failed('connection') : reply()),
      {
        pool: { concurrency: 3 },
        onHealth: (_provider, change) => {
          if (change.state === 'resting') told.push(change.until);
        },
      },
    );
    // What is left of it, and what has passed by now.
    expect(told.map((until) => until - rig.clock.now() + rig.clock.ticks() - begun)).toEqual([6000]);
    expect(ticks.at(3)).toBe(6);
  });

  it('parks a pool no longer than was said', async () => {
    const slow = failed('rate_limit', { retryAfterMs: HOUR });
    const { rig, kinds } = await sentAt(0, () => slow, {}, 2);
    expect(kinds).toEqual(['parked', 'parked']);
    rig.clock.set(by);
    await rig.clock.advance(HOUR);
    const again = rig.dispatcher.submit(call('later'), never);
    await rig.clock.runUntil(again);
    expect(rig.sent.map(({ name }) => name)).toEqual(['0', 'later']);
  });
});

it('a pool that is done for the day goes on with the next one, though the machine slept until then', async () => {
  const rig = dispatching(() => reply(), { pool: { requestsPerDay: 1 } });
  const first = Promise.all(names(2).map((name) => rig.dispatcher.submit(call(name), never)));
  await rig.clock.runUntil(first);
  expect((await first).map(({ kind }) => kind)).toEqual(['reply', 'parked']);
  rig.clock.set(24 * HOUR);
  const next = rig.dispatcher.submit(call('next'), never);
  await rig.clock.runUntil(next);
  expect((await next).kind).toBe('reply');
});
