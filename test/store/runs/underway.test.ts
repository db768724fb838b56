// How the run that is on goes: told by who holds the lock and believed of nobody else, and never a reason for a run to fail.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import type { Holder } from '../../../src/store/lock.ts';
import {
  readUnderway,
  removeUnderway,
  underwayFile,
  writeUnderway,
  type Underway,
} from '../../../src/store/runs/underway.ts';
import { scratchFolder } from '../../support/project.ts';

const UNDERWAY: Underway = {
  version: 1,
  pid: 7,
  started: '2026-11-23T10:00:01.000Z',
  at: '2026-11-23T10:00:02.000Z',
  attempted: 10,
  done: 3,
  failed: 1,
  inFlight: 2,
  waiting: 4,
  pools: [{ name: 'paid', inFlight: 2, waiting: 4, limit: 8 }],
  resting: [],
};
const HOLDER: Holder = {
  pid: 7,
  host: 'here',
  command: 'daydream build',
  since: '2026-11-23T10:00:00.000Z',
};

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});

describe('the run that is on', () => {
  it('is as its holder said last, and gone once it is removed', () => {
    expect(readUnderway(layout, HOLDER)).toBeUndefined();
    expect(underwayFile(layout)).toBe(join(layout.state, 'underway.json'));
    writeUnderway(layout, { ...UNDERWAY, done: 2 });
    writeUnderway(layout, UNDERWAY);
    expect(readUnderway(layout, HOLDER)).toEqual(UNDERWAY);
    removeUnderway(layout);
    expect([readUnderway(layout, HOLDER), existsSync(underwayFile(layout))]).toEqual([undefined, false]);
    removeUnderway(layout);
  });

  it('began when its holder came, or later', () => {
    writeUnderway(layout, { ...UNDERWAY, started: HOLDER.since });
    expect(readUnderway(layout, HOLDER)).toBeDefined();
  });

  it.each([
    ['nobody holds the lock', {}, undefined],
    ['another process holds it', {}, { ...HOLDER, pid: 8 }],
    ['the same number was another process before', { started: '2026-11-23T09:59:59.000Z' }, HOLDER],
    ['another version wrote it', { version: 2 as unknown as 1 }, HOLDER],
  ])('is not known where %s', (_, change, holder) => {
    writeUnderway(layout, { ...UNDERWAY, ...change });
    expect(readUnderway(layout, holder)).toBeUndefined();
  });

  it.each(['', '{', 'null', '7'])('is not known by a file that says %j', (text) => {
    mkdirSync(dirname(underwayFile(layout)), { recursive: true });
    writeFileSync(underwayFile(layout), text);
    expect(readUnderway(layout, HOLDER)).toBeUndefined();
  });

  it('goes on where it can not be told', () => {
    mkdirSync(underwayFile(layout), { recursive: true });
    expect(() => writeUnderway(layout, UNDERWAY)).not.toThrow();
    expect(() => removeUnderway(layout)).not.toThrow();
    expect(readUnderway(layout, HOLDER)).toBeUndefined();
  });
});
