// What a run tells other processes of how it goes on, and whom they believe.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cutOff, Telling } from '../../../src/engine/build/telling.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { layoutOf } from '../../../src/store/layout.ts';
import {
  readUnderway,
  underwayFile,
  writeUnderway,
  type Underway,
} from '../../../src/store/runs/underway.ts';
import { scratchFolder } from '../../support/project.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const HOLDER = { pid: 7, host: 'here', command: 'daydream build', since: new Date(NOON).toISOString() };

function generation(kind: 'adopted' | 'failed'): RunEvent {
  const failure = { step: 'generate', kind: 'refused', reason: 'no', message: 'no' } as const;
  const outcome = kind === 'adopted' ? { kind } : ({ kind, failure, steps: [] } as const);
  return { type: 'generation', genId: 'd_1', stage: 'draft', outcome };
}

test('a run tells what is done, in flight and waiting, and how long it takes; nobody else is believed, and at its end nothing is left', () => {
  const layout = layoutOf(scratchFolder());
  mkdirSync(layout.state, { recursive: true });
  let now = NOON;
  const pool = { inFlight: 3, waiting: 12, limit: 4, done: 0, replies: 0, rate: 0 };
  const telling = new Telling({
    layout,
    clock: { now: () => now, ticks: () => now, sleep: () => Promise.resolve() },
    pid: 7,
    calls: () => ({
      pools: [
        { ...pool, name: 'paid' },
        { ...pool, name: 'free', inFlight: 1, waiting: 0 },
      ],
      resting: [],
      spent: 0,
      unpriced: 0,
    }),
  });
  telling.listen({ type: 'run_started', attempted: 20 });
  for (const kind of ['adopted', 'adopted', 'failed', 'adopted'] as const) telling.listen(generation(kind));
  expect(readUnderway(layout, HOLDER)).toBeUndefined();
  now += 8000;
  telling.tell();
  expect(readUnderway(layout, HOLDER)).toMatchObject({
    attempted: 20,
    done: 4,
    failed: 1,
    inFlight: 4,
    waiting: 12,
    leftMs: 32_000,
    pools: [
      { name: 'paid', inFlight: 3, limit: 4 },
      { name: 'free', inFlight: 1 },
    ],
  });
  expect(readUnderway(layout, undefined)).toBeUndefined();
  expect(readUnderway(layout, { ...HOLDER, pid: 8 })).toBeUndefined();
  expect(readUnderway(layout, { ...HOLDER, since: new Date(NOON + 1).toISOString() })).toBeUndefined();
  telling.close();
  expect(existsSync(underwayFile(layout))).toBe(false);
  writeFileSync(underwayFile(layout), '{"version":1,');
  expect(readUnderway(layout, HOLDER)).toBeUndefined();
});

test('what a run told last that died is said once, where calls were in flight', () => {
  const layout = layoutOf(scratchFolder());
  const left: Underway = {
    version: 1,
    pid: 7,
    started: '2026-11-23T12:00:00.000Z',
    at: '2026-11-23T12:00:09.000Z',
    attempted: 9,
    done: 1,
    failed: 0,
    inFlight: 1,
    waiting: 3,
    pools: [],
    resting: [],
  };
  expect(cutOff(layout)).toBeUndefined();
  writeUnderway(layout, left);
  expect(cutOff(layout)).toMatchObject({
    code: 'DD622',
    severity: 'warning',
    message:
      'the run that began at 2026-11-23T12:00:00.000Z (pid 7) was killed: about 1 call was in flight at 2026-11-23T12:00:09.000Z',
    data: { inFlight: 1 },
  });
  expect(cutOff(layout)).toBeUndefined();
  writeUnderway(layout, { ...left, inFlight: 0 });
  expect(cutOff(layout)).toBeUndefined();
  writeFileSync(underwayFile(layout), '{"version":1,');
  expect(cutOff(layout)).toBeUndefined();
});
