// The caches' file format: whatever happens to a file, it is read as it was written or not at all.
import fs, { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readColumns, readColumnsMeanwhile, writeColumns, type Column } from '../../src/store/columns.ts';
import { giveLittle, openBelow, realFs, replaceInFs } from '../support/disk.ts';
import { scratchFolder } from '../support/project.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'small.bin');
});

afterEach(realFs);

const VERSION = 3;
const HEADER = { key: 'k', words: ['schön', ''] };
const COLUMNS = new Map<string, Column>([
  ['flags', Uint8Array.of(1, 2, 3)],
  ['sizes', Uint32Array.of(7, 0xffffffff)],
  ['parents', Int32Array.of(-1, 0, 1)],
  ['times', Float64Array.of(1.5, -0, Number.NaN)],
  ['none', new Uint32Array()],
]);

function write(): Buffer {
  writeColumns(path, VERSION, HEADER, COLUMNS);
  return readFileSync(path);
}

function replaceInPromises(open: typeof fs.promises.open): void {
  Object.assign(fs.promises, { open });
  syncBuiltinESMExports();
}

describe('a file of columns', () => {
  it('is read as it was written, however long its header is, and is not left open', async () => {
    for (let letters = 0; letters < 8; letters++) {
      const header = { ...HEADER, key: 'k'.repeat(letters) };
      writeColumns(path, VERSION, header, COLUMNS);
      for (const file of [readColumns(path, VERSION), await readColumnsMeanwhile(path, VERSION)]) {
        expect(file?.header).toEqual(header);
        expect([...(file?.columns ?? [])]).toEqual([...COLUMNS]);
      }
    }
    expect(openBelow(folder)).toEqual([]);
  });

  it('is read whole from a disk that gives little at a time', () => {
    write();
    giveLittle(7);
    expect([...(readColumns(path, VERSION)?.columns ?? [])]).toEqual([...COLUMNS]);
  });

  it('is not read when it becomes shorter on the way', async () => {
    const longer = write().length + 8;
    const { fstatSync } = fs as { readonly fstatSync: (file: number) => fs.Stats };
    const before = ((file: number) =>
      Object.assign(fstatSync(file), { size: longer })) as typeof fs.fstatSync;
    replaceInFs({ fstatSync: before });
    expect(readColumns(path, VERSION)).toBeUndefined();

    const { open } = fs.promises;
    const openBefore = async (name: fs.PathLike): Promise<fs.promises.FileHandle> => {
      const file = await open(name);
      const stats = await file.stat();
      return Object.assign(file, { stat: async () => Object.assign(stats, { size: longer }) });
    };
    replaceInPromises(openBefore);
    expect(await readColumnsMeanwhile(path, VERSION).finally(() => replaceInPromises(open))).toBeUndefined();
    expect(openBelow(folder)).toEqual([]);
  });

  it('makes its own folder, and none in the place of one that is gone', () => {
    path = join(folder, 'state', 'small.bin');
    write();
    expect(readColumns(path, VERSION)?.header).toEqual(HEADER);
    rmSync(folder, { recursive: true });
    writeColumns(path, VERSION, HEADER, COLUMNS);
    expect(existsSync(folder)).toBe(false);
  });

  it('is not read when it ends early, at whatever byte', () => {
    const whole = write();
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(readColumns(path, VERSION), `${length} of ${whole.length} bytes`).toBeUndefined();
    }
  });

  it('is not read when one bit of it is wrong, wherever', () => {
    const whole = write();
    for (let place = 0; place < whole.length * 8; place++) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(place >> 3) ^ (1 << (place & 7)), place >> 3);
      writeFileSync(path, damaged);
      expect(readColumns(path, VERSION), `bit ${place}`).toBeUndefined();
    }
  });

  it('is not read when anything is added, overwritten or moved', () => {
    const whole = write();
    const spliced = fc.tuple(fc.nat(whole.length), fc.nat(64), fc.uint8Array({ maxLength: 64 }));
    fc.assert(
      fc.property(spliced, ([at, removed, added]) => {
        const damaged = Buffer.concat([whole.subarray(0, at), added, whole.subarray(at + removed)]);
        fc.pre(!damaged.equals(whole));
        writeFileSync(path, damaged);
        expect(readColumns(path, VERSION)).toBeUndefined();
      }),
      { numRuns: process.env['DAYDREAM_SOAK'] === undefined ? 300 : 20_000 },
    );
  });

  it('is read the same while something else is done, in pieces, or not at all', async () => {
    const column = Uint32Array.from({ length: 2 ** 20 }, (_, place) => place * 7);
    writeColumns(path, VERSION, HEADER, new Map([['many', column]]));
    const read = await readColumnsMeanwhile(path, VERSION);
    const many = read?.columns.get('many') as Uint32Array<ArrayBuffer>;
    expect(read?.header).toEqual(HEADER);
    expect(Buffer.from(many.slice().buffer).equals(Buffer.from(column.buffer))).toBe(true);
    const whole = readFileSync(path);
    for (const bytes of [
      whole.subarray(0, -1),
      whole.subarray(0, 2 ** 21),
      whole.subarray(0, 10),
      Buffer.alloc(0),
      Buffer.concat([whole, Buffer.of(0)]),
    ]) {
      writeFileSync(path, bytes);
      expect(await readColumnsMeanwhile(path, VERSION), `${bytes.length} bytes`).toBeUndefined();
    }
    for (const place of [0, 12, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(place) ^ 1, place);
      writeFileSync(path, damaged);
      expect(await readColumnsMeanwhile(path, VERSION), `byte ${place}`).toBeUndefined();
    }
    expect(await readColumnsMeanwhile(join(folder, 'absent.bin'), VERSION)).toBeUndefined();
    expect(await readColumnsMeanwhile(folder, VERSION)).toBeUndefined();
  });

  it('is not read by another version, nor when it is none of ours', () => {
    write();
    for (const version of [0, VERSION - 1, VERSION + 1, 0xffffffff])
      expect(readColumns(path, version)).toBeUndefined();
    for (const other of ['', '{"version": 3}', 'NIDD'.repeat(40), '\0'.repeat(4096)]) {
      writeFileSync(path, other);
      expect(readColumns(path, VERSION)).toBeUndefined();
    }
  });

  it('is not there when a folder has its name, or its folder is a file', () => {
    mkdirSync(join(folder, 'taken.bin'));
    expect(readColumns(join(folder, 'taken.bin'), VERSION)).toBeUndefined();
    writeFileSync(join(folder, 'file'), '');
    expect(readColumns(join(folder, 'file', 'small.bin'), VERSION)).toBeUndefined();
    expect(readColumns(join(folder, 'absent.bin'), VERSION)).toBeUndefined();
  });
});
