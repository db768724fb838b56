// One pool: who may start now, what the others wait for and until when, and what it tells of itself.
import { beforeEach, describe, expect, it } from 'vitest';
import { nextUtcDay, Pool, type PoolSettings, type Turn } from '../../../src/model/pools/pool.ts';
import type { ModelOutcome } from '../../../src/model/provider.ts';
import { failed, reply } from '../../support/dispatching.ts';
import { simulatedClock, type SimulatedClock } from '../../support/simulatedclock.ts';

const START = Date.UTC(2026, 10, 23, 12);
/** A little more than a minute. */
const MINUTE = 60_250;

let clock: SimulatedClock;
let started: string[];
let parked: [name: string, until: number][];
let arrivals: number;
beforeEach(() => {
  clock = simulatedClock(START);
  started = [];
  parked = [];
  arrivals = 0;
});

const poolOf = (settings: Partial<PoolSettings> = {}): Pool =>
  new Pool({ name: 'paid', concurrency: 100, ...settings }, clock);

interface Named extends Turn {
  readonly name: string;
}

function turn(name: string, more: Partial<Pick<Turn, 'priority' | 'tokens' | 'admit'>> = {}): Named {
  return {
    name,
    priority: 0,
    arrival: arrivals++,
    tokens: 10,
    admit: () => 'start',
    start: () => void started.push(name),
    parked: (until) => void parked.push([name, until]),
    ...more,
  };
}

/** Adds turns of these names, and gives them back. */
const add = (pool: Pool, ...names: readonly string[]): readonly Named[] =>
  names.map((name) => {
    const each = turn(name);
    pool.add(each);
    return each;
  });

describe('places', () => {
  it('are as many as the pool has; a call that ends makes room for the next', () => {
    const pool = poolOf({ concurrency: 2 });
    const [a] = add(pool, 'a', 'b', 'c', 'd');
    expect(started).toEqual(['a', 'b']);
    expect(pool.snapshot()).toEqual({
      name: 'paid',
      inFlight: 2,
      waiting: 2,
      waitingOn: 'concurrency',
      limit: 2,
      done: 0,
      replies: 0,
      rate: 0,
    });
    pool.finish(a!, reply());
    expect(started).toEqual(['a', 'b', 'c']);
    expect(pool.snapshot()).toMatchObject({ inFlight: 2, waiting: 1, done: 1, replies: 1, rate: 1 });
  });

  it('are taken by the best priority first', () => {
    const pool = poolOf({ concurrency: 1 });
    const [a] = add(pool, 'a', 'b');
    pool.add(turn('urgent', { priority: -1 }));
    pool.finish(a!, reply());
    expect(started).toEqual(['a', 'urgent']);
  });

  it('are taken by no turn that was taken out', () => {
    const pool = poolOf({ concurrency: 1 });
    const [a, b] = add(pool, 'a', 'b', 'c');
    pool.remove(b!);
    expect(pool.snapshot().waiting).toBe(1);
    pool.finish(a!, reply());
    expect(started).toEqual(['a', 'c']);
  });

  it('that are left to the provider’s signs grow with replies and fall with refusals', () => {
    const pool = poolOf({ concurrency: 'auto' });
    const turns = add(pool, ...Array.from({ length: 40 }, (_, number) => String(number)));
    expect([started.length, pool.snapshot().limit]).toEqual([8, 8]);
    for (const each of turns.slice(0, 8)) pool.finish(each, reply());
    expect([started.length - 8, pool.snapshot().limit]).toEqual([16, 16]);
    pool.finish(turns[8]!, failed('rate_limit', { retryAfterMs: 20_000 }));
    expect(pool.snapshot().limit).toBe(12);
    pool.finish(turns[9]!, failed('rate_limit'));
    expect(pool.snapshot().limit).toBe(12);
  });

  it('that are left to the signs do not grow where they were not used, nor after trouble', () => {
    const pool = poolOf({ concurrency: 'auto' });
    for (let round = 0; round < 20; round++) pool.finish(add(pool, 'x')[0]!, reply());
    expect(pool.snapshot().limit).toBe(8);
    const turns = add(pool, ...Array.from({ length: 16 }, (_, number) => String(number)));
    for (const each of turns.slice(0, 7)) pool.finish(each, reply());
    pool.finish(turns[7]!, failed('server'));
    for (const each of turns.slice(8, 15)) pool.finish(each, reply());
    expect(pool.snapshot().limit).toBe(8);
  });
});

describe('requests a minute', () => {
  it('hold, and who waits starts when the first has left the minute', async () => {
    const pool = poolOf({ requestsPerMinute: 2 });
    add(pool, 'a');
    await clock.advance(1000);
    add(pool, 'b', 'c');
    expect(started).toEqual(['a', 'b']);
    expect(pool.snapshot()).toMatchObject({ waiting: 1, waitingOn: 'requests_per_minute' });
    await clock.advance(MINUTE - 1001);
    expect(started).toHaveLength(2);
    await clock.advance(1);
    expect(started).toEqual(['a', 'b', 'c']);
    expect(pool.snapshot()).not.toHaveProperty('waitingOn');
  });

  it('are waited for by nobody who was taken out', async () => {
    const pool = poolOf({ requestsPerMinute: 1 });
    const [, b] = add(pool, 'a', 'b');
    expect(clock.sleepers).toBe(1);
    pool.remove(b!);
    expect([clock.sleepers, pool.snapshot().waitingOn]).toEqual([0, undefined]);
  });

  it('are waited for once, however often the pool is looked at', () => {
    const pool = poolOf({ requestsPerMinute: 1 });
    add(pool, 'a', 'b', 'c');
    pool.pump();
    expect(clock.sleepers).toBe(1);
  });
});

describe('tokens a minute', () => {
  it('are set aside as expected, and corrected by what a reply says', () => {
    const pool = poolOf({ tokensPerMinute: 25 });
    const [a] = add(pool, 'a', 'b', 'c');
    expect(started).toEqual(['a', 'b']);
    expect(pool.snapshot().waitingOn).toBe('tokens_per_minute');
    pool.finish(a!, reply({ usage: { promptTokens: 3, completionTokens: 2 } }));
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it.each<[what: string, outcome: ModelOutcome]>([
    ['that says no tokens', reply()],
    ['that says half of them', reply({ usage: { promptTokens: 1 } })],
    ['that says the other half', reply({ usage: { completionTokens: 1 } })],
    ['that never came', failed('server')],
  ])('stay set aside for a reply %s', async (_what, outcome) => {
    const pool = poolOf({ tokensPerMinute: 25 });
    const [a] = add(pool, 'a', 'b', 'c');
    pool.finish(a!, outcome);
    expect(started).toEqual(['a', 'b']);
    await clock.advance(MINUTE);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('let a call alone that is more than a minute allows', () => {
    const pool = poolOf({ tokensPerMinute: 5 });
    add(pool, 'a');
    expect(started).toEqual(['a']);
  });
});

describe('a day', () => {
  it('holds: what is beyond it is parked until midnight, and a new day starts its count again', async () => {
    const pool = poolOf({ requestsPerDay: 3, startedToday: 1 });
    add(pool, 'a', 'b', 'c');
    const midnight = Date.UTC(2026, 10, 24);
    expect([started, parked]).toEqual([['a', 'b'], [['c', midnight]]]);
    expect(pool.snapshot()).toMatchObject({ parkedUntil: midnight, waiting: 0 });
    await clock.advance(midnight - START - 1);
    add(pool, 'd');
    expect(parked).toHaveLength(2);
    await clock.advance(1);
    add(pool, 'e', 'f', 'g', 'h');
    expect(started).toEqual(['a', 'b', 'e', 'f', 'g']);
    expect(pool.snapshot().parkedUntil).toBe(Date.UTC(2026, 10, 25));
  });

  it('of days begins at midnight, UTC', () => {
    expect([nextUtcDay(0), nextUtcDay(86_399_999), nextUtcDay(86_400_000)]).toEqual([
      86_400_000, 86_400_000, 172_800_000,
    ]);
  });
});

describe('a pause', () => {
  it('lets nothing start before its end, and a shorter one does not cut it', async () => {
    const pool = poolOf();
    pool.pause(500);
    pool.pause(100);
    add(pool, 'a');
    expect([started, pool.snapshot()]).toMatchObject([[], { waitingOn: 'pause', pausedUntil: START + 500 }]);
    await clock.advance(499);
    expect(started).toEqual([]);
    await clock.advance(1);
    expect(started).toEqual(['a']);
    expect(pool.snapshot()).not.toHaveProperty('pausedUntil');
  });

  it('that grows is waited for to its new end', async () => {
    const pool = poolOf();
    pool.pause(100);
    add(pool, 'a');
    pool.pause(200);
    expect(clock.sleepers).toBe(1);
    await clock.advance(100);
    expect(started).toEqual([]);
    await clock.advance(100);
    expect(started).toEqual(['a']);
  });
});

describe('a pool that is parked', () => {
  it('hands back what waits, with the moment; what is in flight goes on', () => {
    const pool = poolOf({ concurrency: 1 });
    const [a] = add(pool, 'a', 'b', 'c');
    pool.park(1000);
    pool.park(10);
    expect(parked).toEqual(['b', 'c'].map((name) => [name, START + 1000]));
    expect(pool.snapshot()).toMatchObject({ inFlight: 1, waiting: 0, parkedUntil: START + 1000 });
    pool.finish(a!, reply());
    expect(pool.snapshot()).toMatchObject({ inFlight: 0, done: 1 });
  });

  it('is so until the next day where nobody says how long, and takes calls again then', async () => {
    const pool = poolOf();
    pool.park();
    add(pool, 'a');
    expect(parked).toEqual([['a', Date.UTC(2026, 10, 24)]]);
    await clock.advance(Date.UTC(2026, 10, 24) - START);
    add(pool, 'b');
    expect(started).toEqual(['b']);
    expect(pool.snapshot()).not.toHaveProperty('parkedUntil');
  });
});

describe('a turn', () => {
  it('that waits for money stays first in line, and time alone does not start it', () => {
    let rich = false;
    const pool = poolOf();
    pool.add(turn('a', { admit: () => (rich ? 'start' : 'wait') }));
    add(pool, 'b');
    expect([started, pool.snapshot(), clock.sleepers]).toMatchObject([
      [],
      { waiting: 2, waitingOn: 'budget' },
      0,
    ]);
    rich = true;
    pool.pump();
    expect(started).toEqual(['a', 'b']);
  });

  it('that has seen to itself takes no place, and is not counted', () => {
    const pool = poolOf({ concurrency: 1 });
    pool.add(turn('a', { admit: () => 'drop' }));
    add(pool, 'b');
    expect([started, pool.snapshot()]).toMatchObject([['b'], { inFlight: 1, waiting: 0 }]);
  });

  it('may pump its pool while it starts', () => {
    const pool = poolOf();
    pool.add({ ...turn('a'), start: () => (started.push('a'), pool.add(turn('b'))) });
    expect(started).toEqual(['a', 'b']);
  });
});

it('the rate is what ended within the last minute', async () => {
  const pool = poolOf();
  const [a, b] = add(pool, 'a', 'b');
  pool.finish(a!, failed('server'));
  await clock.advance(59_999);
  pool.finish(b!, reply());
  expect(pool.snapshot()).toMatchObject({ done: 2, replies: 1, rate: 2 });
  await clock.advance(1);
  expect(pool.snapshot().rate).toBe(1);
});
