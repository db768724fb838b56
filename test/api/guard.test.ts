// A data root under a build: away for a moment, gone, replaced, or in other hands.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guardRoot, type Guard } from '../../src/api/building/guard.ts';
import { untilThere } from '../../src/engine/build/ground.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { holdRoot } from '../../src/store/lock.ts';
import { scratchFolder } from '../support/project.ts';

const CLAIM = { command: 'daydream build', since: '2026-01-01T00:00:00.000Z' };

function guarded(): {
  readonly root: string;
  readonly lock: string;
  readonly guard: Guard;
  readonly stops: number[];
  readonly asked: () => boolean;
} {
  const root = `${scratchFolder()}/data`;
  mkdirSync(root);
  const layout = layoutOf(root);
  const guard = guardRoot(layout, holdRoot(layout, CLAIM).check);
  const stops: number[] = [];
  const stopping = guard.over({ asked: () => false, abort: new AbortController().signal, listen: () => {} });
  stopping.listen((count) => stops.push(count));
  return { root, lock: layout.lock, guard, stops, asked: stopping.asked };
}

describe('a data root under a build', () => {
  it('that is moved away is waited for, and nothing is made in its place', async () => {
    const { root, guard, stops, asked } = guarded();
    renameSync(root, `${root}-away`);
    expect([guard.holds(), asked(), guard.trouble()?.reason]).toEqual([false, true, 'data_root_gone']);
    const waiting = untilThere(root);
    expect(existsSync(root)).toBe(false);
    renameSync(`${root}-away`, root);
    await waiting;
    expect([guard.holds(), asked(), guard.trouble(), stops]).toEqual([true, false, undefined, []]);
    guard.close();
  });

  it('that another folder took the place of is lost for good', () => {
    const { root, guard, stops, asked } = guarded();
    renameSync(root, `${root}-away`);
    mkdirSync(root);
    expect([guard.holds(), asked(), guard.trouble()?.code, stops]).toEqual([false, true, 'DD586', [1]]);
    expect(existsSync(layoutOf(root).state)).toBe(false);
    guard.close();
  });

  it('takes its lock again when the state folder was removed, and is lost to who was quicker', () => {
    const { root, lock, guard, stops } = guarded();
    rmSync(layoutOf(root).state, { recursive: true });
    expect(guard.holds()).toBe(true);
    const own = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number };
    expect(own.pid).toBe(process.pid);
    writeFileSync(lock, JSON.stringify({ ...own, since: '2026-01-02T00:00:00.000Z' }));
    expect([guard.holds(), guard.trouble()?.code, stops]).toEqual([false, 'DD586', [1]]);
    guard.close();
  });
});
