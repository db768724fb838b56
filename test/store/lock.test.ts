// The data root's lock: one holder at a time, whatever is left lying in its place.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHolder, takeLock, type Holder } from '../../src/store/lock.ts';

const CLAIM = { command: 'daydream build', since: '2026-11-23T00:00:00.000Z' };
let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'daydream-lock-'));
  path = join(folder, 'state', 'lock.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leave(text: string, file = path): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A pid that no process has: that of one that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

const holder = (change: Partial<Holder>): string =>
  `${JSON.stringify({ pid: process.pid, host: hostname(), ...CLAIM, ...change })}\n`;

describe('the lock', () => {
  it('is held until it is released, and leaves nothing behind', () => {
    const first = takeLock(path, CLAIM);
    expect(first.kind).toBe('held');
    expect(lockHolder(path)).toMatchObject({ ...CLAIM, pid: process.pid, host: hostname() });
    expect(takeLock(path, { ...CLAIM, since: 'later' })).toMatchObject({
      kind: 'busy',
      where: 'here',
      holder: { pid: process.pid, ...CLAIM },
    });
    if (first.kind === 'held') first.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(lockHolder(path)).toBeUndefined();
  });

  it('of a process that has ended is taken over', async () => {
    leave(holder({ pid: await deadPid() }));
    expect(lockHolder(path)).toBeUndefined();
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('of an earlier process with the same pid is taken over', () => {
    leave(holder({ started: '1' }));
    expect(takeLock(path, CLAIM).kind).toBe('held');
  });

  it('of another host is left alone, whatever its pid', async () => {
    leave(holder({ host: 'elsewhere', pid: await deadPid() }));
    expect(takeLock(path, CLAIM)).toMatchObject({
      kind: 'busy',
      where: 'elsewhere',
      holder: { host: 'elsewhere' },
    });
    expect(lockHolder(path)).toMatchObject({ host: 'elsewhere' });
  });

  it.each(['', '{', 'null', '[]', '{"pid":"1"}', '\0\0\0\0', 'a note'])(
    'that is torn or foreign (%j) is taken over',
    (text) => {
      leave(text);
      expect(takeLock(path, CLAIM).kind).toBe('held');
    },
  );

  it('is taken over although somebody died while taking it over', async () => {
    const dead = holder({ pid: await deadPid() });
    leave(dead);
    leave(dead, `${path}.taking`);
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it('is left to who is just taking it over', async () => {
    leave(holder({ pid: await deadPid() }));
    leave(holder({ pid: process.ppid }), `${path}.taking`);
    expect(takeLock(path, CLAIM)).toMatchObject({ kind: 'busy', holder: { pid: process.ppid } });
  });

  it('is not released by who does not hold it any more', () => {
    const first = takeLock(path, CLAIM);
    leave(holder({ pid: process.ppid }));
    if (first.kind === 'held') first.release();
    expect(readFileSync(path, 'utf8')).toContain(String(process.ppid));
  });

  it('releases without a word when the data root is gone', () => {
    const first = takeLock(path, CLAIM);
    rmSync(folder, { recursive: true });
    expect(() => first.kind === 'held' && first.release()).not.toThrow();
  });
});
