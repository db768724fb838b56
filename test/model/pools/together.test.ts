// Calls of one dispatcher that bear on each other: across pools and providers, through money that others have set aside, and where
// somebody stops, aborts or is refused while others wait.
import { describe, expect, test } from 'vitest';
import type { DispatchOutcome } from '../../../src/model/call.ts';
import { Agreement } from '../../../src/model/money/agreement.ts';
import { Budget } from '../../../src/model/money/budget.ts';
import type { ModelOutcome, Provider } from '../../../src/model/provider.ts';
import { call, dispatching, failed, never, reply, settingAside } from '../../support/dispatching.ts';

const START = Date.UTC(2026, 10, 23, 12);
const MIDNIGHT = Date.UTC(2026, 10, 24);
const TWO_POOLS = [
  { name: 'main', concurrency: 1 },
  { name: 'other', concurrency: 1 },
];
const unreached = failed('connection', { message: 'no connection' });

const kinds = (outcomes: readonly DispatchOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const answering = (name: string, outcome: ModelOutcome): Provider => ({
  name,
  paid: true,
  ask: () => Promise.resolve(outcome),
});
/** What became of a call before the clock went on; undefined where it waits still. */
async function atOnce(
  { clock }: ReturnType<typeof dispatching>,
  outcome: Promise<DispatchOutcome>,
): Promise<DispatchOutcome['kind'] | undefined> {
  let kind: DispatchOutcome['kind'] | undefined;
  void outcome.then((became) => (kind = became.kind));
  await clock.advance(0);
  return kind;
}

describe('money that calls of one pool have set aside', () => {
  test.each<[what: string, settings: Parameters<typeof dispatching>[1]]>([
    ['under a cap', { budget: new Budget(0.5) }],
    ['within what was agreed', { agreement: () => agreed }],
  ])('is there for those of another as soon as it comes back, %s', async (_what, settings) => {
    const rig = dispatching(() => reply({ usage: { cost: 0.1 } }), { ...settings, pools: TWO_POOLS });
    const all = Promise.all(
      ['main', 'other'].map((pool) =>
        rig.dispatcher.submit(call(pool, { pool, ...settingAside(0.4) }), never),
      ),
    );
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['reply', 'reply']);
    expect(rig.sent.map(({ at }) => at - START)).toEqual([0, 1000]);
  });
  const agreed = new Agreement(0.5, () => Promise.resolve(undefined));

  test('is there for those of another as soon as somebody has agreed to more', async () => {
    let agree = (_more: number): void => {};
    const agreement = new Agreement(0.5, () => new Promise((resolve) => (agree = resolve)));
    const rig = dispatching(() => reply({ usage: { cost: 0.4 } }), {
      agreement: () => agreement,
      pools: TWO_POOLS,
      latencyMs: () => 5000,
    });
    const all = Promise.all(
      ['main', 'other', 'main'].map((pool, at) =>
        rig.dispatcher.submit(call(`${at}`, { pool, expectedUsd: 0.4 }), never),
      ),
    );
    await rig.clock.advance(6000);
    expect(rig.sent.map(({ name }) => name)).toEqual(['0']);
    agree(2);
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['reply', 'reply', 'reply']);
    expect(rig.sent.slice(1).map(({ at }) => at - START)).toEqual([6000, 6000]);
  });

  test('comes back to what was agreed where the cap lets a call wait', async () => {
    const asked: number[] = [];
    const agreement = new Agreement(1, ({ spent }) => Promise.resolve(void asked.push(spent)));
    const rig = dispatching(() => reply({ usage: { cost: 0.1 } }), {
      agreement: () => agreement,
      budget: new Budget(0.75),
      pool: { concurrency: 4 },
    });
    const all = Promise.all(
      ['1', '2', '3', '4'].map((name) => rig.dispatcher.submit(call(name, settingAside(0.4)), never)),
    );
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['reply', 'reply', 'reply', 'reply']);
    expect(asked).toEqual([]);
  });

  test('stays set aside of what was agreed where nobody knows what a reply cost', async () => {
    const agreement = new Agreement(1, () => Promise.resolve(undefined));
    const rig = dispatching(() => reply(), { agreement: () => agreement });
    const all = Promise.all(
      ['1', '2', '3'].map((name) => rig.dispatcher.submit(call(name, { expectedUsd: 0.4 }), never)),
    );
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['reply', 'reply', 'over_agreed']);
  });

  test('comes back whole from an attempt that nobody billed', async () => {
    const budget = new Budget(1);
    const rig = dispatching(
      (_, attempt) => (attempt === 1 ? failed('server') : reply({ usage: { cost: 0.1 } })),
      { budget },
    );
    const outcome = rig.dispatcher.submit(call('a', settingAside(0.4)), never);
    await rig.clock.runUntil(outcome);
    expect(budget.state()).toMatchObject({ spent: 0.1, presumed: 0, reserved: 0 });
  });

  test('is none for a provider that costs nothing', async () => {
    const rig = dispatching(() => reply(), {
      budget: new Budget(0),
      providers: new Map([['real', { ...answering('real', reply()), paid: false }]]),
    });
    expect(await rig.dispatcher.submit(call('free'), never)).toMatchObject({ kind: 'reply' });
  });
});

describe('calls that wait', () => {
  test('go on where it is another provider that takes no more', async () => {
    const rig = dispatching(() => reply(), {
      providers: new Map([
        ['real', answering('real', reply())],
        ['closed', answering('closed', failed('auth', { status: 401 }))],
      ]),
      pool: { requestsPerMinute: 2 },
    });
    const all = Promise.all(
      ['closed', 'real', 'real', 'closed'].map((provider, at) =>
        rig.dispatcher.submit(call(`${at}`, { provider }), never),
      ),
    );
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['failure', 'reply', 'reply', 'failure']);
  });

  test('go on where they wait for a provider that rests, and it is another that takes no more', async () => {
    let up = false;
    const rig = dispatching(() => reply(), {
      providers: new Map([
        [
          'real',
          { name: 'real', paid: true, ask: () => Promise.resolve<ModelOutcome>(up ? reply() : unreached) },
        ],
        ['closed', answering('closed', failed('auth', { status: 401 }))],
      ]),
    });
    const resting = Promise.all(['1', '2', '3', '4'].map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.advance(10_000);
    expect(rig.dispatcher.snapshot().resting).toMatchObject([{ provider: 'real', waiting: 4 }]);
    await rig.dispatcher.submit(call('closing', { provider: 'closed' }), never);
    up = true;
    await rig.clock.runUntil(resting);
    expect(kinds(await resting)).toEqual(['reply', 'reply', 'reply', 'reply']);
  });

  test('for whatever it is fail as soon as their provider is given up', async () => {
    const rig = dispatching(() => unreached, {
      latencyMs: () => 0,
      pools: [
        { name: 'main', concurrency: 1 },
        { name: 'slow', concurrency: 1, requestsPerMinute: 1 },
      ],
      providers: new Map([
        ['real', answering('real', unreached)],
        ['other', answering('other', reply())],
      ]),
    });
    await rig.dispatcher.submit(call('first', { pool: 'slow', provider: 'other' }), never);
    const all = Promise.all(
      ['main', 'main', 'main', 'slow'].map((pool, at) =>
        rig.dispatcher.submit(call(`${at}`, { pool }), never),
      ),
    );
    await rig.clock.runUntil(all);
    expect(kinds(await all)).toEqual(['failure', 'failure', 'failure', 'failure']);
    expect(rig.clock.now() - START).toBeLessThan(60_000);
  });

  test('are aborted at once, and not when it would have been their turn', async () => {
    const rig = dispatching(() => reply());
    const waiting = new AbortController();
    const first = rig.dispatcher.submit(call('first'), never);
    const second = rig.dispatcher.submit(call('second'), waiting.signal);
    waiting.abort();
    expect(await atOnce(rig, second)).toBe('aborted');
    await rig.clock.runUntil(first);
  });

  test('are none after a stop, whoever is in flight still', async () => {
    const rig = dispatching(() => reply());
    const first = rig.dispatcher.submit(call('first'), never);
    rig.dispatcher.stopStarting();
    expect(await atOnce(rig, rig.dispatcher.submit(call('second'), never))).toBe('aborted');
    await rig.clock.runUntil(first);
  });

  test('are parked until the next day by a limit of the day that names no moment', async () => {
    const rig = dispatching(() => failed('daily_limit'));
    const all = Promise.all(['1', '2'].map((name) => rig.dispatcher.submit(call(name), never)));
    await rig.clock.runUntil(all);
    expect(await all).toMatchObject([
      { kind: 'parked', until: MIDNIGHT },
      { kind: 'parked', until: MIDNIGHT },
    ]);
    expect(rig.sent).toHaveLength(1);
  });
});

test('a provider that nobody has is a bug, and is named', async () => {
  const rig = dispatching(() => reply());
  await expect(rig.dispatcher.submit(call('a', { provider: 'nobody' }), never)).rejects.toThrow(
    'no provider "nobody"',
  );
});

test('whoever watches hears of each change: a call comes, starts, and ends', async () => {
  const seen: string[] = [];
  const rig = dispatching(() => reply(), {
    onChange() {
      const { inFlight, waiting, done } = rig.dispatcher.snapshot().pools[0]!;
      const now = `${waiting} waiting, ${inFlight} in flight, ${done} done`;
      if (seen.at(-1) !== now) seen.push(now);
    },
  });
  const all = Promise.all(['1', '2'].map((name) => rig.dispatcher.submit(call(name), never)));
  await rig.clock.runUntil(all);
  expect(seen).toEqual([
    '0 waiting, 1 in flight, 0 done',
    '1 waiting, 1 in flight, 0 done',
    '0 waiting, 1 in flight, 1 done',
    '0 waiting, 0 in flight, 2 done',
  ]);
});
