// What live progress and plain lines say of a run, from events and snapshots that a test writes.
import { describe, expect, test } from 'vitest';
import { liveLines, plainLine, viewOf } from '../../../src/cli/words/progress.ts';
import type { PoolSnapshot } from '../../../src/model/pools/pool.ts';

const NOW = Date.UTC(2026, 10, 23, 12);

function pool(change: Partial<PoolSnapshot>): PoolSnapshot {
  return { name: 'paid', inFlight: 5, waiting: 0, limit: 5, done: 12, replies: 10, rate: 30, ...change };
}

type Seen = Parameters<typeof viewOf>[0];
type Resting = NonNullable<Seen['calls']>['resting'];

function view(pools: readonly PoolSnapshot[], change: Partial<Seen['course']> = {}, resting: Resting = []) {
  return viewOf({
    course: {
      done: { draft: 4, essay: 2, evaluation: 0 },
      failed: 1,
      lastFailures: ['d_1: maker/one: the\nreply \u001B[31mis empty'],
      recent: [NOW - 70_000, NOW - 30_000, NOW - 20_000, NOW - 10_000, NOW],
      ...change,
    },
    planned: { draft: 8, essay: 8, evaluation: 0 },
    started: NOW - 120_000,
    now: NOW,
    calls: {
      pools,
      resting,
      spent: 0.5,
      unpriced: 0,
      budget: { cap: 2, spent: 0.5, presumed: 0.1, reserved: 0.2 },
    },
  });
}

describe('a view of a run', () => {
  test('counts by stage, and tells what is left at the pace of the last minute', () => {
    const { leftMs, rate, stages } = view([]);
    expect(rate).toBe(4);
    expect(leftMs).toBe((10 / 4) * 60_000);
    expect(stages[0]).toEqual({ stage: 'draft', done: 4, planned: 8 });
    expect(view([], { recent: [NOW] }).leftMs).toBeUndefined();
  });

  test('is a line for the stages, one for each pool, one for the money, and the last failures as text', () => {
    const paused = pool({ waiting: 3, waitingOn: 'pause', pausedUntil: NOW + 40_000 });
    const parked = pool({ name: 'free', inFlight: 0, waiting: 2, parkedUntil: NOW + 43_200_000 });
    expect(liveLines(view([paused, parked]), NOW)).toEqual([
      'draft 4/8  essay 2/8  1 failed  2 min, 4 a minute, about 3 min left',
      '  paid: 5 of 5 in flight, 3 waiting because the provider wants a rest, 40 s more, 10 answered, 30 a minute',
      '  free: 0 of 5 in flight, 2 waiting for the next day, in 12 h, 10 answered, 30 a minute',
      '  $0.5000 spent of $2.00, up to $0.3000 more in flight',
      '  failed: d_1: maker/one: the reply is empty',
    ]);
  });

  test('says for each limit what is waited for', () => {
    const waits = (['concurrency', 'requests_per_minute', 'tokens_per_minute', 'budget'] as const).map(
      (waitingOn) => liveLines(view([pool({ waiting: 1, waitingOn })]), NOW)[1],
    );
    expect(waits.map((line) => /1 waiting ([^,]*)/.exec(line ?? '')?.[1])).toEqual([
      'for a place',
      'for the requests of the next minute',
      'for the tokens of the next minute',
      'for the money that is in flight',
    ]);
  });

  test('says of a provider that can not be reached what waits for it, until when, and no time that would be left', () => {
    const rest = {
      provider: 'lab',
      reason: 'no connection to lab.example',
      until: NOW + 10_000,
      waiting: 40,
    };
    expect(liveLines(view([pool({})], {}, [rest]), NOW)).toEqual([
      'draft 4/8  essay 2/8  1 failed  2 min',
      '  paid: 5 of 5 in flight, 10 answered, 30 a minute',
      '  lab: 40 waiting, no connection to lab.example; next try in 10 s',
      '  $0.5000 spent of $2.00, up to $0.3000 more in flight',
      '  failed: d_1: maker/one: the reply is empty',
    ]);
    expect(plainLine(view([pool({})], {}, [rest]))).toContain('in flight, lab rests  2 min');
  });

  test('is one plain line elsewhere', () => {
    expect(plainLine(view([pool({})]))).toBe(
      'draft 4/8  essay 2/8  1 failed, 5 in flight, $0.5000 spent of $2.00, up to $0.3000 more in flight  2 min, 4 a minute, about 3 min left',
    );
  });
});
