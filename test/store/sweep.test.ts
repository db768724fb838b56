// The sweep: which files of the store are not as the index remembers them, told by their stamps alone.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ABSENT, FILES, GenIndex } from '../../src/store/gens/genindex.ts';
import {
  changedPlaces,
  changesOfShare,
  sharedChanges,
  sweepAll,
  type SweepJob,
  type SweepShare,
} from '../../src/store/gens/sweep.ts';
import { FILE, INDEXED_FILES } from '../../src/store/layout.ts';
import { scratchFolder } from '../support/project.ts';
import { imitateThreads, realThreads, type Thread } from '../support/threads.ts';

const IDS = ['d1', 'd2', 'e1'];
const STAGE = Uint8Array.from([0, 0, 1]);

let gens: string;
let index: GenIndex;
let job: SweepJob;

const pathOf = (row: number, file: number): string =>
  join(gens, STAGE[row] === 0 ? 'draft' : 'essay', IDS[row] ?? '', INDEXED_FILES[file] ?? '');

/** Every file written, and remembered as it is. */
beforeEach(() => {
  gens = scratchFolder();
  index = new GenIndex(IDS.length);
  for (const row of IDS.keys())
    for (const file of INDEXED_FILES.keys()) {
      mkdirSync(join(pathOf(row, file), '..'), { recursive: true });
      writeFileSync(pathOf(row, file), `${IDS[row] ?? ''} ${file}`);
      remember(row, file);
    }
  const { sizes, mtimes, inodes } = index;
  job = { gens, ids: IDS, stage: STAGE, sizes, mtimes, inodes };
});

function remember(row: number, file: number): void {
  const { size, mtimeMs, ino } = statSync(pathOf(row, file));
  index.stamp(row, file, { size, mtimeMs, ino });
}

const all = (): number[] => changedPlaces(job, 0, IDS.length);
const place = (row: number, file: number): number => row * FILES + file;

describe('a store that is as it was', () => {
  it('has no place that changed', async () => {
    expect(all()).toEqual([]);
    expect(await sweepAll(job)).toEqual([]);
  });

  it('has none either where a file was not there and is not there', () => {
    rmSync(pathOf(1, FILE.parsed));
    index.stamp(1, FILE.parsed, undefined);
    expect(all()).toEqual([]);
  });
});

describe('a file is told from what is remembered of it', () => {
  it('by its size', () => {
    const { mtime, atime } = statSync(pathOf(0, FILE.raw));
    writeFileSync(pathOf(0, FILE.raw), 'longer than it was');
    utimesSync(pathOf(0, FILE.raw), atime, mtime);
    index.mtimes[place(0, FILE.raw)] = statSync(pathOf(0, FILE.raw)).mtimeMs;
    expect(all()).toEqual([place(0, FILE.raw)]);
  });

  it('by its modification time', () => {
    const later = new Date(statSync(pathOf(2, FILE.prompt)).mtimeMs + 5000);
    utimesSync(pathOf(2, FILE.prompt), later, later);
    expect(all()).toEqual([place(2, FILE.prompt)]);
  });

  it('by its inode, when another file of the same size and time has taken its place', () => {
    const path = pathOf(0, FILE.parsed);
    const before = statSync(path);
    writeFileSync(`${path}.new`, readFileSync(path, 'utf8').toUpperCase());
    utimesSync(`${path}.new`, before.atime, before.mtime);
    const { mtimeMs } = statSync(`${path}.new`);
    renameSync(`${path}.new`, path);
    index.mtimes[place(0, FILE.parsed)] = mtimeMs;
    expect(statSync(path)).toMatchObject({ size: before.size, mtimeMs });
    expect(all()).toEqual([place(0, FILE.parsed)]);
  });

  it('by its being gone, and by its being there', () => {
    rmSync(pathOf(0, FILE.raw));
    index.stamp(1, FILE.metadata, undefined);
    expect(all()).toEqual([place(0, FILE.raw), place(1, FILE.metadata)]);
  });

  it('in a folder of a stage that is gone altogether', () => {
    rmSync(join(gens, 'draft'), { recursive: true });
    index.stamp(0, FILE.raw, undefined);
    expect(all()).toEqual([place(0, 0), place(0, 2), place(0, 3), 4, 5, 6, 7]);
  });

  it('where an inode has more bits than the index keeps of it', () => {
    const wide = { ...job, inodes: job.inodes.map((each) => each >>> 0) };
    expect(changedPlaces(wide, 0, IDS.length)).toEqual([]);
  });
});

describe('a part of the rows', () => {
  it('is looked at from the first to before the last', () => {
    for (const row of IDS.keys()) rmSync(pathOf(row, FILE.raw));
    expect(changedPlaces(job, 1, 2)).toEqual([place(1, FILE.raw)]);
  });

  it('is what each of several takes from the counter, until nothing is left', () => {
    const ids = Array.from({ length: 2500 }, (_, row) => `d${row + 1}`);
    const many = {
      ...job,
      ids,
      stage: new Uint8Array(ids.length),
      sizes: new Uint32Array(ids.length * FILES).fill(ABSENT),
      mtimes: new Float64Array(ids.length * FILES),
      inodes: new Uint32Array(ids.length * FILES),
    };
    const next = new Int32Array(new SharedArrayBuffer(4));
    expect(sharedChanges({ ...many, next })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(sharedChanges({ ...many, next })).toEqual([]);
    next[0] = 1024;
    expect(sharedChanges({ ...many, next })).toEqual([]);
  });
});

describe('the threads of a sweep', () => {
  afterEach(realThreads);

  /** Rows of a stage whose folder is gone, each with one file that was there. */
  function goneJob(rows: number): SweepJob {
    const sizes = new Uint32Array(rows * FILES).fill(ABSENT);
    for (let row = 0; row < rows; row++) sizes[row * FILES] = 1;
    return {
      gens: join(gens, 'gone'),
      ids: Array.from({ length: rows }, (_, row) => `d${row}`),
      stage: new Uint8Array(rows),
      sizes,
      mtimes: new Float64Array(rows * FILES),
      inodes: new Uint32Array(rows * FILES),
    };
  }

  const sweeps = (thread: Thread): void => thread.say(changesOfShare(thread.data as SweepShare));

  it.each([
    [19_999, 8, 0],
    [20_000, 8, 1],
    [20_000, 1, 0],
    [60_000, 3, 2],
    [100_000, 8, 3],
  ])(
    'for %d rows and %d processors are %d, and find together what one finds',
    async (rows, processors, count) => {
      const threads = imitateThreads(sweeps, processors);
      const found = await sweepAll(goneJob(rows));
      expect(threads.map(({ file }) => basename(file))).toEqual(
        Array.from({ length: count }, () => 'sweepworker.js'),
      );
      expect(found.length).toBe(rows);
      expect(new Set(found).size).toBe(rows);
      expect(found.every((place) => place % FILES === 0)).toBe(true);
    },
  );

  it('share the rows: what one has taken no other takes', async () => {
    imitateThreads((thread) => {
      const { next } = thread.data as SweepShare;
      expect(Atomics.load(next, 0)).toBeGreaterThanOrEqual(20_000);
      thread.say([-1]);
    });
    const found = await sweepAll(goneJob(20_000));
    expect([found.length, found.at(-1)]).toEqual([20_001, -1]);
  });

  it('are an error where one dies', async () => {
    imitateThreads((thread) => thread.end(new Error('imitated')));
    await expect(sweepAll(goneJob(20_000))).rejects.toThrow('imitated');
  });

  it('are none where there is no file of theirs', async () => {
    const threads = imitateThreads(sweeps);
    realThreads();
    expect(await sweepAll(goneJob(20_000))).toHaveLength(20_000);
    expect(threads).toEqual([]);
  });
});
