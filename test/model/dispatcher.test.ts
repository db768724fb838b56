// Calls on their way to an answer, under a simulated clock: order, limits, retries, pauses, parking, ends.
import { describe, expect, test } from 'vitest';
import { Agreement } from '../../src/model/money/agreement.ts';
import { Budget } from '../../src/model/money/budget.ts';
import type { DispatchOutcome } from '../../src/model/call.ts';
import type { HealthChange } from '../../src/model/pools/health.ts';
import type { Provider } from '../../src/model/provider.ts';
import { call, dispatching, failed, never, reply, settingAside } from '../support/dispatching.ts';
import type { Dispatching } from '../support/dispatching.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 12);
const MIDNIGHT = Date.UTC(2026, 10, 24);

async function run(
  rig: Dispatching,
  names: readonly string[],
  change: Parameters<typeof call>[1] = {},
): Promise<DispatchOutcome[]> {
  const all = Promise.all(names.map((name) => rig.dispatcher.submit(call(name, change), never)));
  await rig.clock.runUntil(all);
  return all;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
const kinds = (outcomes: readonly DispatchOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const seconds = (rig: Dispatching): number[] => rig.sent.map(({ at }) => (at - START) / 1000);

describe('order', () => {
  test('a pool never has more in flight than its concurrency', async () => {
    const rig = dispatching(() => reply(), { pool: { concurrency: 5 } });
    expect(kinds(await run(rig, numbered(23)))).toEqual(numbered(23).map(() => 'reply'));
    expect(rig.most()).toBe(5);
    expect(rig.clock.now() - START).toBe(5000);
  });

  test('the better priority goes first, and equals in order of arrival', async () => {
    const rig = dispatching(() => reply());
    const submitted = ['first', 'late 1', 'late 2', 'early 1', 'early 2'].map((name) =>
      rig.dispatcher.submit(call(name, { priority: name.startsWith('early') ? 0 : 1 }), never),
    );
    await rig.clock.runUntil(Promise.all(submitted));
    expect(rig.sent.map(({ name }) => name)).toEqual(['first', 'early 1', 'early 2', 'late 1', 'late 2']);
  });

  test('a waiting pool holds up no other', async () => {
    const rig = dispatching(() => reply(), {
      pools: [
        { name: 'free', concurrency: 1, requestsPerMinute: 1 },
        { name: 'main', concurrency: 5 },
      ],
    });
    const free = numbered(3).map((name) =>
      rig.dispatcher.submit(call(`free ${name}`, { pool: 'free' }), never),
    );
    const paid = Promise.all(numbered(5).map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.runUntil(paid);
    expect(rig.clock.now() - START).toBe(1000);
    expect(rig.dispatcher.snapshot().pools[0]).toMatchObject({
      name: 'free',
      waiting: 2,
      waitingOn: 'requests_per_minute',
    });
    await rig.clock.runUntil(Promise.all(free));
  });
});

describe('limits', () => {
  test('requests a minute hold to the request in every minute, failed attempts counted', async () => {
    const rig = dispatching(
      (name, attempt) => (Number(name) % 3 === 0 && attempt === 1 ? failed('server') : reply()),
      {
        pool: { concurrency: 10, requestsPerMinute: 20 },
      },
    );
    expect(kinds(await run(rig, numbered(90)))).toEqual(numbered(90).map(() => 'reply'));
    expect(rig.sent).toHaveLength(120);
    for (const { at } of rig.sent) {
      expect(rig.sent.filter((each) => each.at >= at && each.at < at + MINUTE).length).toBeLessThanOrEqual(
        20,
      );
    }
    expect(rig.clock.now() - START).toBeLessThan(6 * MINUTE);
  });

  test('tokens a minute are set aside as expected and corrected as used', async () => {
    const used = { promptTokens: 20, completionTokens: 30 };
    const rig = dispatching(() => reply({ usage: used }), { pool: { concurrency: 1, tokensPerMinute: 250 } });
    await run(rig, numbered(8));
    // 101 are expected of each and 50 used: after three, 150 + 101 would pass the limit.
    expect(seconds(rig).filter((at) => at < 60)).toEqual([0, 1, 2]);
    for (const { at } of rig.sent) {
      expect(
        rig.sent.filter((each) => each.at >= at && each.at < at + MINUTE).length * 50,
      ).toBeLessThanOrEqual(250);
    }
  });

  test('a call with more tokens than a minute allows goes alone, rather than never', async () => {
    const rig = dispatching(() => reply(), { pool: { concurrency: 5, tokensPerMinute: 50 } });
    expect(kinds(await run(rig, numbered(3)))).toEqual(['reply', 'reply', 'reply']);
    expect(rig.most()).toBe(1);
  });

  test('a day holds to the request, earlier runs counted; the rest is parked until midnight UTC', async () => {
    const rig = dispatching(() => reply(), {
      pool: { concurrency: 3, requestsPerDay: 50, startedToday: 42 },
    });
    const outcomes = await run(rig, numbered(20));
    expect(rig.sent).toHaveLength(8);
    expect(outcomes.filter(({ kind }) => kind === 'reply')).toHaveLength(8);
    expect(outcomes.at(-1)).toEqual({ kind: 'parked', pool: 'main', until: MIDNIGHT, attempts: [] });
    expect(await rig.dispatcher.submit(call('later'), never)).toMatchObject({ kind: 'parked' });
  });

  test('what reached nobody counts neither for the day nor on the ledger, and is tried as often as ever', async () => {
    const rig = dispatching(
      (_name, attempt) => (attempt < 6 ? failed('connection', { unsent: true }) : reply()),
      { pool: { concurrency: 1, requestsPerDay: 2 } },
    );
    expect(kinds(await run(rig, ['a']))).toEqual(['reply']);
    expect(rig.sent).toHaveLength(6);
    expect(rig.lines.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([['reply', 6]]);
    expect(kinds(await run(rig, ['b']))).toEqual(['reply']);
    expect(kinds(await run(rig, ['c']))).toEqual(['parked']);
  });

  test('a new day starts the count again', async () => {
    const rig = dispatching(() => reply(), { pool: { concurrency: 1, requestsPerDay: 2 } });
    expect(kinds(await run(rig, numbered(3)))).toEqual(['reply', 'reply', 'parked']);
    await rig.clock.advance(MIDNIGHT - rig.clock.now());
    expect(kinds(await run(rig, numbered(3)))).toEqual(['reply', 'reply', 'parked']);
  });
});

describe('failures', () => {
  test('backoff grows, and a call in backoff holds no place', async () => {
    const rig = dispatching((name, attempt) => (name === 'ill' && attempt < 4 ? failed('server') : reply()));
    const [ill] = await run(rig, ['ill', 'b', 'c', 'd']);
    expect(ill).toMatchObject({ kind: 'reply' });
    expect(ill?.attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'server'],
      [2, 'server'],
      [3, 'server'],
      [4, 'reply'],
    ]);
    // Half of 2, 4 and 8 seconds after attempts of one second each; the first time, the place was c's until then.
    expect(rig.sent.filter(({ name }) => name === 'ill').map(({ at }) => (at - START) / 1000)).toEqual([
      0, 3, 6, 11,
    ]);
    expect(rig.sent[1]?.name).toBe('b');
  });

  test('a failure that stays is told with its cause after its last attempt', async () => {
    const rig = dispatching(() => failed('server', { status: 500 }));
    const [outcome] = await run(rig, ['a']);
    expect(outcome).toMatchObject({ kind: 'failure', failure: { cause: 'server', status: 500 } });
    expect(outcome?.attempts).toHaveLength(6);
    expect(rig.lines).toEqual(outcome?.attempts);
  });

  test('what would fail again is sent once', async () => {
    for (const cause of ['bad_request', 'not_found', 'payment', 'auth'] as const) {
      const rig = dispatching(() => failed(cause));
      expect(await run(rig, ['a'])).toMatchObject([{ kind: 'failure', failure: { cause } }]);
      expect(rig.sent).toHaveLength(1);
    }
  });

  test('a Retry-After pauses its whole pool, and the refused call goes first then', async () => {
    const rig = dispatching((name, attempt) =>
      name === '1' && attempt === 1 ? failed('rate_limit', { retryAfterMs: 30_000 }) : reply(),
    );
    await run(rig, numbered(3));
    expect(rig.sent.map(({ name, at }) => [name, (at - START) / 1000])).toEqual([
      ['0', 0],
      ['1', 1],
      ['1', 32],
      ['2', 33],
    ]);
  });

  test('a daily limit parks its pool: calls in flight end, the rest is handed back with the reset', async () => {
    const until = START + 1000 + 7_200_000;
    const rig = dispatching(
      (name) => (name === '0' ? failed('daily_limit', { retryAfterMs: 7_200_000 }) : reply()),
      { pool: { concurrency: 2 } },
    );
    const outcomes = await run(rig, numbered(5));
    expect(kinds(outcomes)).toEqual(['parked', 'reply', 'parked', 'parked', 'parked']);
    expect(outcomes[0]).toMatchObject({ until, attempts: [{ outcome: 'daily_limit' }] });
    expect(rig.sent).toHaveLength(2);
    await rig.clock.advance(7_200_001);
    expect(kinds(await run(rig, ['5']))).toEqual(['reply']);
  });

  test('a wait of hours parks, whatever the status', async () => {
    const rig = dispatching(() => failed('server', { status: 503, retryAfterMs: 3_600_001 }));
    expect(await run(rig, ['a', 'b'])).toMatchObject([{ kind: 'parked' }, { kind: 'parked' }]);
    expect(rig.sent).toHaveLength(1);
  });

  test('a refused key ends every waiting call of its provider without sending it', async () => {
    const rig = dispatching(() => failed('auth', { status: 401 }), {
      pool: { concurrency: 2, requestsPerMinute: 2 },
    });
    const outcomes = await run(rig, numbered(50));
    expect(new Set(outcomes.map((each) => each.kind === 'failure' && each.failure.cause))).toEqual(
      new Set(['auth']),
    );
    expect(rig.sent).toHaveLength(2);
    expect(rig.clock.now() - START).toBe(1000);
  });

  test('a provider that throws is a bug, and its place is free again', async () => {
    const broken: Provider = { name: 'real', paid: true, ask: () => Promise.reject(new Error('broken')) };
    const rig = dispatching(() => reply(), { providers: new Map([['real', broken]]) });
    await expect(rig.dispatcher.submit(call('a'), never)).rejects.toThrow('broken');
    await expect(rig.dispatcher.submit(call('b'), never)).rejects.toThrow('broken');
    await expect(rig.dispatcher.submit(call('c', { pool: 'none' }), never)).rejects.toThrow('no pool "none"');
  });
});

describe('the end', () => {
  test('stopping lets what is in flight finish, and nothing else start', async () => {
    const rig = dispatching((name) => (name === '1' ? failed('server') : reply()), {
      pool: { concurrency: 2 },
    });
    const all = Promise.all(numbered(6).map((name) => rig.dispatcher.submit(call(name), never)));
    rig.dispatcher.stopStarting();
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['reply', 'aborted', 'aborted', 'aborted', 'aborted', 'aborted']);
    expect(rig.sent).toHaveLength(2);
    expect(await rig.dispatcher.submit(call('late'), never)).toEqual({ kind: 'aborted', attempts: [] });
    expect(rig.clock.sleepers).toBe(0);
  });

  test('stopping ends a call in its backoff at once', async () => {
    const rig = dispatching(() => failed('server'));
    const outcome = rig.dispatcher.submit(call('a'), never);
    await rig.clock.advance(1500);
    rig.dispatcher.stopStarting();
    expect(await outcome).toMatchObject({ kind: 'aborted', attempts: [{ outcome: 'server' }] });
  });

  test('an abort takes a call out wherever it is, and lets the others go on', async () => {
    const rig = dispatching(() => reply());
    const [flying, waiting] = [new AbortController(), new AbortController()];
    const all = Promise.all([
      rig.dispatcher.submit(call('flying'), flying.signal),
      rig.dispatcher.submit(call('waiting'), waiting.signal),
      rig.dispatcher.submit(call('other'), never),
    ]);
    waiting.abort();
    await rig.clock.advance(500);
    flying.abort();
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['aborted', 'aborted', 'reply']);
    expect(rig.lines.map(({ outcome, maybe_billed }) => [outcome, maybe_billed])).toEqual([
      ['aborted', true],
      ['reply', undefined],
    ]);
    expect(rig.dispatcher.snapshot().pools[0]).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('a ledger that cannot be written stops the work but loses no reply', async () => {
    const full = {
      record: () => {
        throw new Error('ENOSPC');
      },
    };
    const rig = dispatching(() => reply(), { ledger: full });
    expect(kinds(await run(rig, numbered(4)))).toEqual(['reply', 'aborted', 'aborted', 'aborted']);
    expect(rig.dispatcher.snapshot().ledgerFailure).toBe('ENOSPC');
  });
});

describe('money', () => {
  const price = { input: 0, output: 10_000 };

  test('the ledger has a line for each attempt, with what it cost and how that is known', async () => {
    const replies = [
      reply({ usage: { cost: 0.25 } }),
      reply({ usage: { promptTokens: 5, completionTokens: 7 } }),
      reply(),
    ];
    const rig = dispatching((name) => replies[Number(name)] ?? reply());
    const outcomes = [
      await run(rig, ['0'], { price, cohort: 'c', template: 't' }),
      await run(rig, ['1'], { price }),
      await run(rig, ['2'], { price }),
      await run(rig, ['3']),
    ];
    expect(kinds(outcomes.flat())).toEqual(['reply', 'reply', 'reply', 'reply']);
    expect(rig.lines.map(({ cost, cost_from }) => [cost, cost_from])).toEqual([
      [0.25, 'provider'],
      [0.07, 'tokens'],
      [0.01, 'estimate'],
      [undefined, undefined],
    ]);
    expect(rig.lines[0]).toEqual({
      when: '2026-11-23T12:00:01.000Z',
      stage: 'draft',
      gen_id: 'd_0',
      cohort: 'c',
      template: 't',
      model: 'maker/one',
      provider: 'real',
      pool: 'main',
      attempt: 1,
      outcome: 'reply',
      prompt_estimate: 1,
      cost: 0.25,
      cost_from: 'provider',
      duration_ms: 1000,
    });
    expect(rig.dispatcher.snapshot().spent).toBeCloseTo(0.33);
  });

  test('a call waits for the money that others have set aside, and is over the budget only when none can come back', async () => {
    const budget = new Budget(1.05);
    const rig = dispatching(() => reply({ usage: { cost: 0.4 } }), { budget, pool: { concurrency: 10 } });
    const outcomes = await run(rig, numbered(4), settingAside(0.5));
    expect(kinds(outcomes)).toEqual(['reply', 'reply', 'over_budget', 'over_budget']);
    expect(seconds(rig)).toEqual([0, 0]);
    expect(budget.state()).toEqual({ cap: 1.05, spent: 0.8, presumed: 0, reserved: 0 });
    const other = { ...call('cheap').request, model: 'maker/cheap' };
    expect(kinds(await run(rig, ['cheap'], { ...settingAside(0.2), request: other }))).toEqual(['reply']);
  });

  test('a reply that was lost counts in full against the cap', async () => {
    const budget = new Budget(1);
    const rig = dispatching(
      (_, attempt) =>
        attempt === 1 ? failed('timeout', { lostReply: true }) : reply({ usage: { cost: 0.1 } }),
      { budget },
    );
    expect(kinds(await run(rig, ['a'], settingAside(0.4)))).toEqual(['reply']);
    expect(budget.state()).toMatchObject({ spent: 0.1, presumed: 0.4 });
  });

  test('a failure that was billed counts as what it cost, and as unknown where no price says what its tokens cost', async () => {
    const budget = new Budget(2);
    const used = { promptTokens: 0, completionTokens: 10 };
    const billed = [{ cost: 0.2 }, used];
    const rig = dispatching(
      (_, attempt) =>
        attempt <= 2
          ? failed('server', { usage: billed[attempt - 1] ?? {} })
          : reply({ usage: { cost: 0.1 } }),
      { budget },
    );
    await run(rig, ['a'], { price });
    expect(rig.lines.map(({ outcome, cost, cost_from }) => [outcome, cost, cost_from])).toEqual([
      ['server', 0.2, 'provider'],
      ['server', 0.1, 'tokens'],
      ['reply', 0.1, 'provider'],
    ]);
    expect(budget.state().spent).toBeCloseTo(0.4);
    expect(rig.dispatcher.snapshot().spent).toBeCloseTo(0.4);
    const unpriced = dispatching((_, attempt) =>
      attempt === 1 ? failed('server', { usage: used }) : reply({ usage: { cost: 0.1 } }),
    );
    await run(unpriced, ['b']);
    expect(unpriced.lines[0]).toMatchObject({ outcome: 'server', completion_tokens: 10, maybe_billed: true });
    expect(unpriced.dispatcher.snapshot()).toMatchObject({ spent: 0.1, unpriced: 1 });
  });

  test('what is expected to pass what was agreed to waits for a yes, once for all, and goes on within it', async () => {
    const asked: number[] = [];
    const agreement = new Agreement(1, ({ spent }) => Promise.resolve(asked.push(spent) > 1 ? undefined : 2));
    const rig = dispatching(() => reply({ usage: { cost: 0.5 } }), {
      agreement: () => agreement,
      pool: { concurrency: 3 },
    });
    const outcomes = await run(rig, numbered(8), { expectedUsd: 0.4 });
    // Two at a time are expected to stay within 1; a yes lets the sum be 2, and the second question is a no.
    expect(asked).toEqual([1, 2]);
    expect(kinds(outcomes)).toEqual([
      ...['reply', 'reply', 'reply', 'reply'],
      ...['over_agreed', 'over_agreed', 'over_agreed', 'over_agreed'],
    ]);
    expect(rig.sent).toHaveLength(4);
    expect(kinds(await run(rig, ['free'], { expectedUsd: 0 }))).toEqual(['reply']);
  });

  test('without a price a capped call is never sent', async () => {
    const rig = dispatching(() => reply(), { budget: new Budget(1000) });
    expect(kinds(await run(rig, ['a']))).toEqual(['over_budget']);
    expect(rig.sent).toHaveLength(0);
  });
});

describe('a provider that can not be reached', () => {
  const refused = failed('connection', { message: 'no connection to lab' });

  function changes(): {
    readonly told: string[];
    readonly onHealth: (name: string, change: HealthChange) => void;
  } {
    const told: string[] = [];
    return {
      told,
      onHealth(name, change) {
        const until = 'until' in change ? ` ${(change.until - START) / 1000}` : '';
        told.push(`${name} ${change.state}${until}`);
      },
    };
  }

  test('rests after three refused in a row, and one call at a time tries again, ever later, until it is given up', async () => {
    const { told, onHealth } = changes();
    const rig = dispatching(() => refused, { onHealth, latencyMs: () => 0, pool: { concurrency: 1 } });
    const outcomes = await run(rig, numbered(49));
    expect(told).toEqual(['real resting 5', 'real resting 15', 'real resting 35', 'real given_up 95']);
    expect(seconds(rig)).toEqual([0, 0, 0, 5, 15, 35]);
    expect(outcomes.every((each) => each.kind === 'failure' && each.failure === refused)).toBe(true);
    expect(rig.clock.now() - START).toBe(35_000);
    // Whoever comes later tries once more.
    expect(kinds(await run(rig, ['soon']))).toEqual(['failure']);
    expect(rig.sent).toHaveLength(6);
    await rig.clock.runUntil(rig.clock.sleep(60_000, never));
    await run(rig, ['later', 'later too']);
    expect(rig.sent).toHaveLength(7);
    expect(told.at(-1)).toBe('real given_up 155');
  });

  test('answers again: everything that waited for it goes on', async () => {
    const { told, onHealth } = changes();
    let dead = true;
    const rig = dispatching(() => (dead ? refused : reply()), { onHealth, pool: { concurrency: 5 } });
    const all = Promise.all(numbered(20).map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.runUntil(rig.clock.sleep(5500, never));
    expect(rig.dispatcher.snapshot().resting).toEqual([
      { provider: 'real', reason: 'no connection to lab', until: START + 6000, waiting: 20 },
    ]);
    dead = false;
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(numbered(20).map(() => 'reply'));
    expect(told).toEqual(['real resting 6', 'real answering']);
    expect(rig.dispatcher.snapshot().resting).toEqual([]);
  });

  test('holds up no other provider of its pool', async () => {
    const other: Provider = { name: 'other', paid: true, ask: () => Promise.resolve(reply()) };
    const dead: Provider = { name: 'real', paid: true, ask: () => Promise.resolve(refused) };
    const rig = dispatching(() => reply(), {
      providers: new Map([
        ['real', dead],
        ['other', other],
      ]),
    });
    void Promise.all(numbered(9).map((name) => rig.dispatcher.submit(call(name), never)));
    const healthy = Promise.all(
      numbered(9).map((name) => rig.dispatcher.submit(call(name, { provider: 'other' }), never)),
    );
    await rig.clock.runUntil(healthy);
    expect(rig.clock.now()).toBe(START);
  });

  test('is waited for by nobody who has stopped', async () => {
    const rig = dispatching(() => refused, { pool: { concurrency: 3 } });
    const all = Promise.all(numbered(9).map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.runUntil(rig.clock.sleep(2000, never));
    rig.dispatcher.stopStarting();
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(numbered(9).map(() => 'aborted'));
    expect(rig.clock.now() - START).toBe(2000);
  });

  test('is not one whose replies break off, or that answers in between', async () => {
    const { told, onHealth } = changes();
    const lost = failed('connection', { lostReply: true });
    const rig = dispatching((_, attempt) => (attempt < 5 ? lost : reply()), { onHealth });
    await run(rig, numbered(4));
    const mixed = dispatching((_, attempt) => (attempt % 3 === 0 ? reply() : refused), { onHealth });
    await run(mixed, ['a']);
    expect(told).toEqual([]);
  });
});
