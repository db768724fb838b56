// The data root's lock: one holder at a time, whatever is left lying in its place, and whatever another process does meanwhile.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/problem.ts';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import {
  holdRoot,
  inodeOf,
  lockHolder,
  lockOwner,
  lockRoot,
  takeLock,
  unlock,
  type Holder,
} from '../../src/store/lock.ts';
import { realFs, replaceInFs } from '../support/disk.ts';
import { copyFolder } from '../support/project.ts';

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
const DEAD = spawnSync(process.execPath, ['--version']).pid;

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

  it('of a process that has ended is taken over', () => {
    leave(holder({ pid: DEAD }));
    expect(lockHolder(path)).toBeUndefined();
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('of an earlier process with the same pid is taken over', () => {
    leave(holder({ started: '1' }));
    expect(takeLock(path, CLAIM).kind).toBe('held');
  });

  it('of another host is left alone, whatever its pid', () => {
    leave(holder({ host: 'elsewhere', pid: DEAD }));
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

  it('is taken over although somebody died while taking it over', () => {
    const dead = holder({ pid: DEAD });
    leave(dead);
    leave(dead, `${path}.taking`);
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it('is left to who is just taking it over', () => {
    leave(holder({ pid: DEAD }));
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

  it('says who holds it, and in which role', () => {
    const taken = takeLock(path, { ...CLAIM, role: 'watch' });
    expect(lockHolder(path)).toMatchObject({ ...CLAIM, role: 'watch', pid: process.pid });
    expect(lockOwner(path)).toEqual(lockHolder(path));
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
    expect(takeLock(path, CLAIM).kind).toBe('busy');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
    if (taken.kind === 'held') taken.release();
    expect(lockOwner(path)).toBeUndefined();
  });

  it('names its owner also once that one has ended', () => {
    leave(holder({ pid: DEAD }));
    expect(lockOwner(path)).toMatchObject({ ...CLAIM, pid: DEAD });
    for (const text of ['{', '{"pid":1}', '{"host":"h"}', '{"pid":"1","host":"h"}', '{"pid":1,"host":2}']) {
      leave(text);
      expect([lockOwner(path), lockHolder(path)]).toEqual(['unreadable', undefined]);
    }
  });

  it('of a process that runs is held, whether or not it says when it began', () => {
    leave(holder({ pid: process.ppid }));
    expect(takeLock(path, CLAIM)).toMatchObject({ kind: 'busy', where: 'here' });
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is not of a process that began at another time', async () => {
    takeLock(path, CLAIM);
    const own = readFileSync(path, 'utf8');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      await once(child, 'spawn');
      const { pid: _pid, ...rest } = JSON.parse(own) as Holder;
      expect(rest.started).toMatch(/^\d+$/);
      leave(JSON.stringify({ ...rest, pid: child.pid }));
      expect(lockHolder(path)).toBeUndefined();
      const { started: _started, ...claim } = rest;
      leave(JSON.stringify({ ...claim, pid: child.pid }));
      expect(lockHolder(path)).toMatchObject({ pid: child.pid });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    leave(own);
    expect(lockHolder(path)).toMatchObject({ pid: process.pid });
  });

  it('is released where only the folder can not go, since something else is in it', () => {
    const taken = takeLock(path, CLAIM);
    leave('mine', join(dirname(path), 'other'));
    if (taken.kind === 'held') taken.release();
    expect(readdirSync(dirname(path))).toEqual(['other']);
  });

  it.each([{ since: 'later' }, { host: 'elsewhere' }, { pid: process.ppid }])(
    'is not released as that of another (%j)',
    (change) => {
      const taken = takeLock(path, CLAIM);
      leave(holder(change));
      if (taken.kind === 'held') taken.release();
      expect(readFileSync(path, 'utf8')).toBe(holder(change));
    },
  );

  it('can not be taken where a folder or a file is in its way', () => {
    mkdirSync(path, { recursive: true });
    expect(() => takeLock(path, CLAIM)).toThrow(/EISDIR/);
    expect(() => lockHolder(path)).toThrow(/EISDIR/);
    writeFileSync(join(folder, 'file'), '');
    expect(() => takeLock(join(folder, 'file', 'lock.json'), CLAIM)).toThrow(/EEXIST/);
    expect(() => takeLock(join(folder, 'file', 'deeper', 'lock.json'), CLAIM)).toThrow(/ENOTDIR/);
  });

  it('can not be taken where nothing can be written beside it', () => {
    mkdirSync(join(dirname(path), `.lock.json.${process.pid}.tmp`, 'inner'), { recursive: true });
    expect(() => takeLock(path, CLAIM)).toThrow(/EISDIR/);
    expect(existsSync(path)).toBe(false);
  });
});

describe('a lock that is held', () => {
  const taken = (): Extract<ReturnType<typeof takeLock>, { kind: 'held' }> => {
    const result = takeLock(path, CLAIM);
    if (result.kind !== 'held') throw new Error('busy');
    return result;
  };

  it('is still held, also after its file was removed, which is there again then', () => {
    const { still } = taken();
    expect(still()).toBe('held');
    rmSync(path);
    expect(still()).toBe('held');
    expect(lockHolder(path)).toMatchObject(CLAIM);
    rmSync(dirname(path), { recursive: true });
    expect([still(), existsSync(path)]).toEqual(['held', true]);
  });

  it('is away with its folder, and held again when that is back', () => {
    const { still } = taken();
    rmSync(folder, { recursive: true });
    expect([still(), existsSync(folder)]).toEqual(['away', false]);
    mkdirSync(folder);
    expect(still()).toBe('held');
  });

  it('is lost to who took it meanwhile', () => {
    const { still } = taken();
    leave(holder({ pid: process.ppid }));
    expect(still()).toBe('lost');
  });
});

describe('the lock of a data root', () => {
  let layout: Layout;
  beforeEach(() => {
    layout = layoutOf(join(folder, 'data'));
    mkdirSync(layout.dataRoot);
  });

  const problemOf = (what: () => unknown): object => {
    try {
      what();
    } catch (error) {
      if (error instanceof ProblemError) return error.problems[0] ?? {};
      throw error;
    }
    throw new Error('nothing was wrong');
  };

  it('is taken until it is let go', () => {
    const release = lockRoot(layout, CLAIM);
    expect(lockHolder(layout.lock)).toMatchObject(CLAIM);
    release();
    expect(readdirSync(layout.dataRoot)).toEqual([]);
  });

  it('is not taken where there is no data root, and makes none', () => {
    layout = layoutOf(join(folder, 'new'));
    expect(problemOf(() => lockRoot(layout, CLAIM))).toMatchObject({
      code: 'DD114',
      place: { file: layout.dataRoot },
    });
    expect(existsSync(layout.dataRoot)).toBe(false);
  });

  it('that somebody holds names the holder, here or elsewhere', () => {
    leave(holder({ pid: process.ppid }), layout.lock);
    expect(problemOf(() => lockRoot(layout, CLAIM))).toMatchObject({
      code: 'DD501',
      message: `\`daydream build\` (pid ${process.ppid} on ${hostname()}, since ${CLAIM.since}) holds ${layout.dataRoot}`,
      data: { pid: process.ppid, command: 'daydream build' },
      place: { file: layout.lock },
    });
    leave(holder({ host: 'elsewhere' }), layout.lock);
    expect(problemOf(() => lockRoot(layout, CLAIM))).toMatchObject({
      code: 'DD502',
      data: { host: 'elsewhere' },
      cure: expect.stringContaining('`daydream doctor --unlock elsewhere`') as string,
    });
  });

  it('of another host goes for who names that host, and is not given up for one who is at it already', () => {
    const text = holder({ host: 'elsewhere' });
    leave(text, layout.lock);
    expect(problemOf(() => unlock(layout, 'nowhere', CLAIM))).toMatchObject({ code: 'DD102' });
    leave(holder({ pid: process.ppid }), `${layout.lock}.taking`);
    expect(problemOf(() => unlock(layout, 'elsewhere', CLAIM))).toMatchObject({ code: 'DD501' });
    expect(readFileSync(layout.lock, 'utf8')).toBe(text);
    rmSync(`${layout.lock}.taking`);
    expect(unlock(layout, 'elsewhere', CLAIM)).toMatchObject({ host: 'elsewhere' });
    expect(existsSync(layout.lock)).toBe(false);
    expect(unlock(layout, 'elsewhere', CLAIM)).toBeUndefined();
  });

  it('of this host stays, held or not', () => {
    for (const [pid, code] of [
      [process.ppid, 'DD501'],
      [DEAD, 'DD102'],
    ] as const) {
      leave(holder({ pid }), layout.lock);
      expect(problemOf(() => unlock(layout, hostname(), CLAIM))).toMatchObject({ code });
      expect(existsSync(layout.lock)).toBe(true);
    }
  });

  it('says whether the data root is there, and is with it when it is back', () => {
    const { check } = holdRoot(layout, CLAIM);
    expect(check()).toBe('there');
    fs.renameSync(layout.dataRoot, join(folder, 'moved'));
    expect(check()).toBe('away');
    fs.renameSync(join(folder, 'moved'), layout.dataRoot);
    expect(check()).toBe('there');
  });

  it('is an error once it is somebody else’s', () => {
    const { check } = holdRoot(layout, CLAIM);
    leave(holder({ pid: process.ppid }), layout.lock);
    expect(problemOf(check)).toMatchObject({
      code: 'DD586',
      message: `${layout.dataRoot} was taken over by another build or watch`,
      place: { file: layout.lock },
    });
  });

  it('stays in the folder that a link led to, and is an error once that leads elsewhere', () => {
    const link = layoutOf(join(folder, 'link'));
    symlinkSync(layout.dataRoot, link.dataRoot);
    const { check, release } = holdRoot(link, CLAIM);
    expect([check(), lockHolder(layout.lock)]).toMatchObject(['there', CLAIM]);
    rmSync(link.dataRoot);
    mkdirSync(join(folder, 'other'));
    symlinkSync(join(folder, 'other'), link.dataRoot);
    expect(problemOf(check)).toMatchObject({
      code: 'DD586',
      message: `${link.dataRoot} leads to another folder now`,
    });
    release();
    expect(existsSync(layout.lock)).toBe(false);
  });

  it('has a folder that is told from another by its inode', () => {
    expect(inodeOf(layout.dataRoot)).toBe(statSync(layout.dataRoot).ino);
    expect(inodeOf(join(folder, 'gone'))).toBeUndefined();
  });
});

describe('the lock of a folder that is copied or moved while its holder lives', () => {
  const lockIn = (root: string): string => layoutOf(root).lock;
  const mine = (root: string): string => readFileSync(lockIn(root), 'utf8');
  let [root, other] = ['', ''];
  let release = (): void => {};
  beforeEach(() => {
    [root, other] = [join(folder, 'data'), join(folder, 'other')];
    mkdirSync(root);
    release = lockRoot(layoutOf(root), CLAIM);
  });

  it('is nobody’s in the copy, and is held where it was', () => {
    copyFolder(root, other);
    expect(mine(other)).toBe(mine(root));
    expect(lockHolder(lockIn(other))).toBeUndefined();
    lockRoot(layoutOf(other), { ...CLAIM, since: 'later' })();
    expect(lockHolder(lockIn(root))).toMatchObject(CLAIM);
    release();
  });

  it('is held in the folder that was moved, whose old name is told', () => {
    renameSync(root, other);
    expect(() => lockRoot(layoutOf(other), { ...CLAIM, since: 'later' })).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            code: 'DD501',
            message: expect.stringContaining(`holds ${other}, which was ${root} then`),
          }),
        ],
      }),
    );
    renameSync(other, root);
    release();
    expect(existsSync(lockIn(root))).toBe(false);
  });

  it('is held in a copy that took the folder’s place, and no more in the one that was moved', () => {
    renameSync(root, other);
    copyFolder(other, root);
    expect(takeLock(lockIn(root), { ...CLAIM, since: 'later' })).toMatchObject({ kind: 'busy' });
    lockRoot(layoutOf(other), { ...CLAIM, since: 'later' })();
    release();
    expect(existsSync(lockIn(root))).toBe(false);
  });

  it('is held at its path on a disk that was mounted anew, whatever the inodes are then', () => {
    const lock = JSON.parse(mine(root)) as Holder;
    leave(JSON.stringify({ ...lock, inode: 1 }), lockIn(root));
    expect(takeLock(lockIn(root), { ...CLAIM, since: 'later' })).toMatchObject({ kind: 'busy' });
    release();
  });

  it('is taken where the copy was made while somebody took it over', () => {
    copyFolder(root, other);
    leave(mine(root), `${lockIn(other)}.taking`);
    const taken = takeLock(lockIn(other), { ...CLAIM, since: 'later' });
    expect(taken.kind).toBe('held');
    if (taken.kind === 'held') taken.release();
    release();
  });
});

describe('another process that does something at just that moment', () => {
  const { linkSync, mkdirSync: makeFolder, readFileSync: read } = fs;
  afterEach(realFs);

  /** Does this once, before the lock or its guard is linked into its place, or after. */
  function atLink(target: string, when: 'before' | 'after', act: () => void): void {
    let done = false;
    replaceInFs({
      linkSync: (from, to) => {
        const now = to === target && !done;
        if (now) done = true;
        if (now && when === 'before') act();
        linkSync(from, to);
        if (now && when === 'after') act();
      },
    });
  }

  it('may remove the folder, which is made again', () => {
    atLink(path, 'before', () => rmSync(dirname(path), { recursive: true }));
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(lockHolder(path)).toMatchObject(CLAIM);
  });

  it('may remove the folder while it is made, again and again, but not for ever', () => {
    let times = 3;
    const gone = Object.assign(new Error('ENOENT: imitated'), { code: 'ENOENT' });
    const making = (...args: Parameters<typeof makeFolder>): ReturnType<typeof makeFolder> => {
      if (times-- > 0) throw gone;
      return makeFolder(...args);
    };
    replaceInFs({ mkdirSync: making as typeof makeFolder });
    expect(takeLock(path, CLAIM).kind).toBe('held');
    times = 1000;
    expect(() => takeLock(path, CLAIM)).toThrow(gone);
    expect(times).toBe(900);
  });

  it('is not what refuses, where the file system does', () => {
    const refused = Object.assign(new Error('EPERM: imitated'), { code: 'EPERM' });
    replaceInFs({
      linkSync: () => {
        throw refused;
      },
    });
    expect(() => takeLock(path, CLAIM)).toThrow(refused);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('may be somebody else’s, who may not be signalled, and runs all the same', () => {
    leave(holder({ pid: process.ppid }));
    const { kill } = process;
    process.kill = () => {
      throw Object.assign(new Error('EPERM: imitated'), { code: 'EPERM' });
    };
    try {
      expect(lockHolder(path)).toMatchObject({ pid: process.ppid });
    } finally {
      process.kill = kill;
    }
  });

  it('may let its lock go, which is free then', () => {
    leave(holder({ pid: process.ppid }));
    let done = false;
    const reading = (...args: Parameters<typeof read>): ReturnType<typeof read> => {
      if (args[0] === path && !done) rmSync(path);
      done ||= args[0] === path;
      return read(...args);
    };
    replaceInFs({ readFileSync: reading as typeof read });
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(done).toBe(true);
  });

  it('may have taken a dead one’s lock, which is left to it', () => {
    leave(holder({ pid: DEAD }));
    atLink(`${path}.taking`, 'after', () => leave(holder({ pid: process.ppid })));
    expect(takeLock(path, CLAIM)).toMatchObject({ kind: 'busy', holder: { pid: process.ppid } });
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it('may have taken a dead one’s lock and let it go', () => {
    leave(holder({ pid: DEAD }));
    atLink(`${path}.taking`, 'after', () => rmSync(path));
    expect(takeLock(path, CLAIM).kind).toBe('held');
    expect(readdirSync(dirname(path))).toEqual(['lock.json']);
  });

  it('may be done with taking it over, and have left no guard', () => {
    leave(holder({ pid: DEAD }));
    leave(holder({ pid: DEAD }), `${path}.taking`);
    const reading = (...args: Parameters<typeof read>): ReturnType<typeof read> => {
      if (args[0] === `${path}.taking`) rmSync(`${path}.taking`, { force: true });
      return read(...args);
    };
    replaceInFs({ readFileSync: reading as typeof read });
    expect(takeLock(path, CLAIM).kind).toBe('held');
  });

  it('may have come first in clearing a dead one’s guard, and its own is left to it', () => {
    leave(holder({ pid: DEAD }));
    leave(holder({ pid: DEAD }), `${path}.taking`);
    let looks = 0;
    const reading = (...args: Parameters<typeof read>): ReturnType<typeof read> => {
      if (args[0] === `${path}.taking` && ++looks === 2)
        leave(holder({ pid: process.ppid }), `${path}.taking`);
      return read(...args);
    };
    replaceInFs({ readFileSync: reading as typeof read });
    expect(takeLock(path, CLAIM)).toMatchObject({
      kind: 'busy',
      where: 'here',
      holder: { pid: process.ppid },
    });
  });
});
