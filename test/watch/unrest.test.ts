// Whether more changes are to be expected: what a burst of files is, and what is a person's work; git's locks.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitLocks, gitWorks, Unrest } from '../../src/watch/inputs/unrest.ts';
import { scratchFolder } from '../support/project.ts';

/** How long it must be quiet after each of these batches, each of which is over 80 ms after it began. */
function quiets(...batches: readonly (readonly [began: number, ...paths: string[]])[]): readonly number[] {
  const unrest = new Unrest(80);
  return batches.map(([began, ...paths]) => {
    unrest.changing(began);
    unrest.settled(paths, { began, now: began + 80 });
    return unrest.left(began);
  });
}

describe('changes', () => {
  it('one by one are waited for no longer', () => {
    expect(quiets([0, 'a'], [3000, 'b'], [6000, 'c', 'd'])).toEqual([0, 0, 0]);
  });

  it('of the same file, again and again, are somebody at work', () => {
    expect(quiets([0, 'a', 'b'], [500, 'a'], [900, 'a'], [1300, 'a'])).toEqual([0, 0, 0, 0]);
  });

  it('of other files that follow closely are waited for, longer each time but two seconds at most', () => {
    expect(quiets([0, 'a'], [600, 'b'], [1200, 'c'], [1800, 'd'])).toEqual([0, 640, 2000, 2000]);
  });

  it('are as before once it was quiet', () => {
    expect(quiets([0, 'a'], [600, 'b'], [5000, 'c'], [5600, 'd'])).toEqual([0, 640, 0, 640]);
  });

  it('count from the last one, also within a batch', () => {
    const unrest = new Unrest(80);
    unrest.settled(['a'], { began: 0, now: 80 });
    unrest.settled(['b'], { began: 200, now: 280 });
    unrest.changing(400);
    expect([unrest.left(400), unrest.left(1000), unrest.left(1040), unrest.left(9000)]).toEqual([
      640, 40, 0, 0,
    ]);
  });
});

describe('git', () => {
  it('is at work while its lock is there, unless a crash left it', () => {
    const root = scratchFolder();
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'data/1_raw'), { recursive: true });
    const locks = gitLocks([join(root, 'data/1_raw'), join(root, 'templates')]);
    expect(locks).toEqual([join(root, '.git/index.lock')]);
    expect(gitWorks(locks, Date.now())).toBe(false);
    writeFileSync(join(root, '.git/index.lock'), '');
    expect(gitWorks(locks, Date.now())).toBe(true);
    const long = Date.now() / 1000 - 61;
    utimesSync(join(root, '.git/index.lock'), long, long);
    expect(gitWorks(locks, Date.now())).toBe(false);
  });

  it('locks a worktree elsewhere', () => {
    const root = scratchFolder();
    writeFileSync(join(root, '.git'), 'gitdir: ../main/.git/worktrees/one\n');
    expect(gitLocks([root])).toEqual([join(root, '../main/.git/worktrees/one/index.lock')]);
  });
});
