// A disk that fails at each step of writing a pack: dead in the middle, without power, full, broken, or short of breath. What was said to
// be kept is kept, nothing torn is taken for an answer, and whoever writes next ends with all of it.
import fs, { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/problem.ts';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import { Packs } from '../../src/store/packs.ts';
import {
  findAnswer,
  listAddresses,
  listResponses,
  openPack,
  readResponse,
  responsePath,
} from '../../src/store/responses.ts';
import { addressFor, answerTo } from '../support/answers.ts';
import { scratchFolder } from '../support/project.ts';

type Fault = 'dead' | 'EIO' | 'ENOSPC' | 'short';

const disk = {
  fault: undefined as Fault | undefined,
  /** The step that fails, and whether all that follow it do. */
  at: 0,
  lasting: false,
  /** Only what lies in packs fails. */
  packsOnly: false,
  steps: 0,
  dead: false,
  die: (): void => {},
  paths: new Map<number, string>(),
  /** Bytes that a flush made safe, and folders whose names are safe, by path. */
  safe: new Map<string, number>(),
  begin(fault: Fault | undefined, at = 0, { lasting = false, packsOnly = false } = {}): void {
    Object.assign(disk, { fault, at, lasting, packsOnly, steps: 0, dead: false });
    disk.paths.clear();
    disk.safe.clear();
  },
};

const real = { ...fs };
/** In place of what writes. It stands in the module of Node itself, since files that ran before may have loaded all that imports it. */
const faulty = ((): object => {
  const refusal = (path: string): Error | undefined => {
    if (disk.dead) return new Error('the program is dead');
    if (disk.fault === undefined || disk.fault === 'short' || !path.startsWith(layout.dataRoot))
      return undefined;
    if (disk.packsOnly && !path.includes('/packs')) return undefined;
    disk.steps++;
    if (disk.lasting ? disk.steps < disk.at : disk.steps !== disk.at) return undefined;
    if (disk.fault === 'dead') disk.dead = true;
    return Object.assign(new Error(`${disk.fault}: imitated`), { code: disk.fault });
  };
  const check = (path: string): void => {
    const error = refusal(path);
    if (disk.dead) disk.die();
    if (error !== undefined) throw error;
  };
  /** Whoever is dead hears nothing any more. */
  const answer = (path: string, done: (error: Error) => void, half = (): void => {}): boolean => {
    const wasDead = disk.dead;
    const error = refusal(path);
    if (error === undefined) return true;
    if (!wasDead) half();
    if (disk.dead) disk.die();
    else setImmediate(done, error);
    return false;
  };
  const pathOf = (file: number): string => disk.paths.get(file) ?? '';
  const flush =
    (how: typeof real.fsync) =>
    (file: number, done: (error: Error | null) => void): void => {
      const path = pathOf(file);
      if (!answer(path, done)) return;
      const { size } = real.fstatSync(file);
      how(file, (error) => {
        disk.safe.set(path, size);
        if (!disk.dead) done(error);
      });
    };
  return {
    openSync: (path: string, flags: string): number => {
      if (flags !== 'r') check(path);
      const file = real.openSync(path, flags);
      disk.paths.set(file, path);
      return file;
    },
    mkdirSync: (path: string, options: object) => {
      if (!real.existsSync(path)) check(path);
      return real.mkdirSync(path, options);
    },
    renameSync: (from: string, to: string): void => {
      check(to);
      real.renameSync(from, to);
    },
    ftruncateSync: (file: number, length: number): void => {
      check(pathOf(file));
      real.ftruncateSync(file, length);
    },
    writeSync: (file: number, bytes: Buffer, offset = 0): number => {
      check(pathOf(file));
      return real.writeSync(file, bytes, offset);
    },
    write: (file: number, bytes: Buffer, done: (error: Error | null, written: number) => void): void => {
      const some = disk.fault === 'short' ? bytes.subarray(0, 100) : bytes;
      const half = (): void => void real.writeSync(file, bytes.subarray(0, bytes.length / 2));
      if (answer(pathOf(file), done as (error: Error) => void, half))
        real.write(file, some, (error, written) => (disk.dead ? undefined : done(error, written)));
    },
    fsync: flush(real.fsync),
    fdatasync: flush(real.fdatasync),
  };
})();

function replaceIn(functions: object): void {
  Object.assign(fs, functions);
  syncBuiltinESMExports();
}

beforeAll(() => replaceIn(faulty));
afterAll(() =>
  replaceIn(Object.fromEntries(Object.keys(faulty).map((name) => [name, real[name as keyof typeof fs]]))),
);

const MANY = Array.from({ length: 12 }, (_, number) => number);
const WAVE = 4;

let layout: Layout;
let death: Promise<void>;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});
afterEach(() => disk.begin(undefined));

/** Keeps them in three waves: the numbers of those that were said to be kept, and what the others were told. */
async function keepAll(
  numbers: readonly number[],
): Promise<{ readonly kept: readonly number[]; readonly refused: readonly unknown[] }> {
  const pack = openPack(layout);
  const kept: number[] = [];
  const refused: unknown[] = [];
  death = new Promise((resolve) => (disk.die = resolve));
  const keeping = numbers.map(async (number) => {
    for (let wait = 2 * Math.floor(number / WAVE); wait > 0; wait--)
      await new Promise((go) => setImmediate(go));
    await pack.keep(addressFor(number), answerTo(number)).then(
      () => kept.push(number),
      (error: unknown) => refused.push(error),
    );
  });
  await Promise.race([Promise.all(keeping).then(() => pack.close()), death]);
  return { kept: [...kept], refused };
}

/** The data root as somebody finds it who was not there before. */
function moveAway(): void {
  disk.begin(undefined);
  const elsewhere = layoutOf(scratchFolder());
  if (!existsSync(layout.responses)) return;
  rmSync(elsewhere.responses, { recursive: true, force: true });
  renameSync(layout.dataRoot, `${elsewhere.dataRoot}-moved`);
  layout = layoutOf(`${elsewhere.dataRoot}-moved`);
}

/** These at least are there, whole; whatever else is there is whole too; and who brings the rest has all of them. */
async function expectSound(kept: readonly number[]): Promise<void> {
  moveAway();
  for (const number of kept)
    expect(findAnswer(layout, addressFor(number))?.response).toEqual(answerTo(number));
  for (const name of listResponses(layout)) expect(readResponse(layout, name)).toHaveProperty('text');
  await keepAll(MANY.filter((number) => findAnswer(layout, addressFor(number)) === undefined));
  for (const number of MANY)
    expect(findAnswer(layout, addressFor(number))?.response).toEqual(answerTo(number));
  expect(listAddresses(layout)).toHaveLength(MANY.length);
}

/** How many steps it takes where nothing fails. */
async function stepsOfAll(packsOnly = false): Promise<number> {
  disk.begin('EIO', -1, { packsOnly });
  await keepAll(MANY);
  const { steps } = disk;
  layout = layoutOf(scratchFolder());
  return steps;
}

describe('a disk', () => {
  it('that takes little at a time holds all', async () => {
    disk.begin('short');
    const { kept } = await keepAll(MANY);
    expect(kept).toHaveLength(MANY.length);
    await expectSound(kept);
  });

  it('that refuses once, at any step, holds all', async () => {
    const most = await stepsOfAll();
    expect(most).toBeGreaterThan(8);
    for (let at = 1; at <= most; at++) {
      layout = layoutOf(scratchFolder());
      disk.begin('EIO', at);
      const { kept } = await keepAll(MANY);
      expect(kept).toHaveLength(MANY.length);
      // What went into a pack and may not be safe there was taken back before it became a file.
      const packed = new Packs(join(layout.responses, 'packs')).names();
      expect(packed.filter((name) => existsSync(responsePath(layout, name)))).toEqual([]);
      await expectSound(kept);
    }
  });

  it('that takes no pack any more, from any step on, holds the rest as files', async () => {
    const most = await stepsOfAll(true);
    for (let at = 1; at <= most; at++) {
      layout = layoutOf(scratchFolder());
      disk.begin('ENOSPC', at, { lasting: true, packsOnly: true });
      const { kept } = await keepAll(MANY);
      expect(kept).toHaveLength(MANY.length);
      await expectSound(kept);
    }
  });

  it('that takes nothing any more is said to, and each answer that it did not take is put elsewhere', async () => {
    const most = await stepsOfAll();
    for (let at = 1; at <= most; at += 2) {
      layout = layoutOf(scratchFolder());
      disk.begin('ENOSPC', at, { lasting: true });
      const { kept, refused } = await keepAll(MANY);
      expect(kept.length + refused.length).toBe(MANY.length);
      disk.begin(undefined);
      for (const error of refused) {
        const { data } = (error instanceof ProblemError ? error.problems[0] : undefined) ?? {};
        const aside = String((data as { readonly aside?: unknown } | undefined)?.aside);
        expect(readFileSync(aside, 'utf8')).toContain('Answer ');
        rmSync(aside);
      }
      await expectSound(kept);
    }
  });
});

describe('a program that dies', () => {
  it('at any step has kept what it said, and left nothing torn', async () => {
    const most = await stepsOfAll();
    for (let at = 1; at <= most; at++) {
      layout = layoutOf(scratchFolder());
      disk.begin('dead', at);
      const { kept } = await keepAll(MANY);
      expect(disk.dead).toBe(true);
      await expectSound(kept);
    }
  });

  it('at any step, of a power cut that takes what no flush made safe, has kept what it said', async () => {
    const most = await stepsOfAll();
    for (let at = 1; at <= most; at++) {
      layout = layoutOf(scratchFolder());
      disk.begin('dead', at);
      const { kept } = await keepAll(MANY);
      expect(disk.dead).toBe(true);
      disk.dead = false;
      disk.fault = undefined;
      for (const path of new Set(disk.paths.values())) {
        if (!path.endsWith('.jsonl') || !existsSync(path)) continue;
        const folder = path.slice(0, path.lastIndexOf('/'));
        const [safe, { size }] = [disk.safe.get(path) ?? 0, statSync(path)];
        if (!disk.safe.has(folder)) rmSync(path);
        else truncateSync(path, at % 2 === 0 ? safe : Math.floor((safe + size) / 2));
      }
      await expectSound(kept);
    }
  });
});
