// What a resting watch learns from the call ledger: piece by piece, no byte twice, and nothing more once there is work to do. And how
// it looks through the store.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { learnerOf } from '../../src/engine/money/price.ts';
import { refreshAll, type Session } from '../../src/engine/project/session.ts';
import { Housekeeping } from '../../src/watch/housekeeping.ts';
import { makeKite } from '../support/kite.ts';
import { ledgerLine } from '../support/ledgerline.ts';
import { open } from '../support/watching.ts';

const LINES = 5000;

let session: Session;
let ledger = '';
beforeEach(async () => {
  session = await open(makeKite().root);
  ledger = session.loaded.layout.ledger;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const line = JSON.stringify(ledgerLine());
  mkdirSync(dirname(ledger), { recursive: true });
  writeFileSync(ledger, `${line}\n`.repeat(LINES));
});
afterEach(() => {
  vi.useRealTimers();
});

function housekeeping(
  onFound = (_files: number): void => {},
  isThere = (): boolean => true,
): {
  readonly house: Housekeeping;
  readonly learner: ReturnType<typeof learnerOf>;
} {
  const learner = learnerOf(ledger);
  const house = new Housekeeping({
    learner,
    now: Date.now,
    ticks: () => performance.now(),
    round: 60_000,
    onFound,
    isThere,
    onError(error) {
      throw error;
    },
  });
  return { house, learner };
}

/** Turns of the event loop, in which no timer comes due. */
async function turnsUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

it('reads in pieces while it rests, stops as soon as it is needed, and goes on from there', async () => {
  const { house, learner } = housekeeping();
  house.rest(session);
  await vi.advanceTimersByTimeAsync(2000);
  await turnsUntil(() => learner.position > 0);
  await house.busy();
  const stopped = learner.position;
  expect(stopped).toBeLessThan(statSync(ledger).size);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(learner.position).toBe(stopped);
  const before = learner.fold;
  const { attempts } = await house.learned();
  expect(attempts).toBe(before.attempts);
  expect(attempts.on('2026-11-23')).toEqual(new Map([['paid', LINES]]));
});

it('has read everything by the time of the next plan, which reads what was added since', async () => {
  const { house, learner } = housekeeping();
  house.rest(session);
  await vi.advanceTimersByTimeAsync(2000);
  await turnsUntil(() => learner.position === statSync(ledger).size);
  await house.busy();
  appendFileSync(ledger, `${JSON.stringify(ledgerLine({ model: 'maker/new', duration_ms: 7 }))}\n`);
  expect((await house.learned()).history.durationMs('maker/new')).toBe(7);
});

it('rests once, however often it is told to', async () => {
  const { house, learner } = housekeeping();
  house.rest(session);
  await vi.advanceTimersByTimeAsync(2000);
  house.rest(session);
  await turnsUntil(() => learner.position === statSync(ledger).size);
  await setImmediate();
  expect(vi.getTimerCount()).toBe(1);
  await house.busy();
  expect(vi.getTimerCount()).toBe(0);
});

it('rests anew when it is told to after a hand edit was found', async () => {
  const found: number[] = [];
  const { house } = housekeeping((files) => void found.push(files));
  for (const text of ['by hand', 'by hand once more']) {
    const before = found.length;
    house.rest(session);
    await vi.advanceTimersByTimeAsync(2000);
    const [id = ''] = session.loaded.graph.ids;
    const folder = join(session.loaded.layout.gens, 'draft', id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'raw.txt'), text);
    while (found.length === before) {
      await vi.advanceTimersByTimeAsync(250);
      await setImmediate();
    }
    // Nothing more is looked for until there is rest again.
    writeFileSync(join(folder, 'raw.txt'), `${text}, and once more`);
    for (let turn = 0; turn < 300; turn++) {
      await vi.advanceTimersByTimeAsync(250);
      await setImmediate();
    }
    expect(found).toHaveLength(before + 1);
  }
  expect(found).toEqual([1, 1]);
});

it('takes nothing for removed while the data root is away', async () => {
  const { dataRoot, gens } = session.loaded.layout;
  const [id = ''] = session.loaded.graph.ids;
  mkdirSync(join(gens, 'draft', id), { recursive: true });
  const reply = join(gens, 'draft', id, 'raw.txt');
  writeFileSync(reply, 'a reply');
  utimesSync(reply, 1, 1);
  await refreshAll(session);
  const found: number[] = [];
  const looks: boolean[] = [];
  const { house } = housekeeping(
    (files) => void found.push(files),
    () => {
      looks.push(existsSync(dataRoot));
      return looks.at(-1) === true;
    },
  );
  renameSync(dataRoot, `${dataRoot}-away`);
  house.rest(session);
  await vi.advanceTimersByTimeAsync(2000);
  while (looks.length < 20) {
    await vi.advanceTimersByTimeAsync(250);
    await setImmediate();
  }
  renameSync(`${dataRoot}-away`, dataRoot);
  await house.busy();
  expect(await refreshAll(session)).toBe(0);
  expect(found).toEqual([]);
});

describe('figures', () => {
  const began = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const gaveUp = vi.fn<() => void>();
  beforeEach(() => {
    began.mockClear();
    gaveUp.mockClear();
  });
  const resting = (worth: number): Housekeeping => {
    const house = new Housekeeping({
      learner: learnerOf(ledger),
      now: Date.now,
      ticks: () => performance.now(),
      round: 60_000,
      onFound: () => {},
      onError(error) {
        throw error;
      },
      figures: { begin: began, giveUp: gaveUp },
      quiet: 1000,
      worth,
    });
    house.rest(session);
    return house;
  };
  /** What is read and looked at between two timers has its turns. */
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 250) {
      await vi.advanceTimersByTimeAsync(250);
      for (let turn = 0; turn < 20; turn++) await setImmediate();
    }
  };

  it('are reckoned once in a rest, when it has lasted, and given up as soon as there is something to do', async () => {
    const house = resting(0);
    await pass(2500);
    expect(began).not.toHaveBeenCalled();
    await pass(20_000);
    expect(began).toHaveBeenCalledTimes(1);
    expect(gaveUp).not.toHaveBeenCalled();
    house.giveWay();
    expect(gaveUp).toHaveBeenCalledTimes(1);
    await house.busy();
    expect(gaveUp).toHaveBeenCalledTimes(2);
    house.rest(session);
    await pass(20_000);
    expect(began).toHaveBeenCalledTimes(2);
    await house.busy();
  });

  it('are left to whoever asks where there is little', async () => {
    const house = resting(session.loaded.graph.size + 1);
    await pass(20_000);
    expect(began).not.toHaveBeenCalled();
    await house.busy();
  });
});
