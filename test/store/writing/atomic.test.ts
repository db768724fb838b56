// A file that is written is whole or not there at all, and nothing of an attempt stays; what is read is told apart from what is not there.
import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  discard,
  entriesIfPresent,
  flushFolder,
  isMissing,
  makeFolders,
  namesIfPresent,
  openForWriting,
  readIfPresent,
  readTextIfPresent,
  temporaryOf,
  writeAtomic,
  writeBytes,
  writeDurable,
  writeFolder,
  writeIfChanged,
} from '../../../src/store/writing/atomic.ts';
import { openBelow, realFs, replaceInFs } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'deep', 'er', 'one.txt');
});

/** No test leaves a file open. */
afterEach(() => {
  realFs();
  const open = openBelow(folder);
  if (open.length > 0) throw new Error(`still open: ${open.join(', ')}`);
});

const stampOf = (file: string): object => {
  const { size, mtimeMs, ino } = statSync(file);
  return { size, mtimeMs, ino };
};

describe.each([
  ['at once', async (file: string, content: string | Uint8Array) => void writeAtomic(file, content)],
  ['safe from a power cut', writeDurable],
])('a file written %s', (_, write) => {
  it('is there whole, with its folders, and nothing beside it', async () => {
    await write(path, 'wört');
    expect(readFileSync(path, 'utf8')).toBe('wört');
    await write(path, Uint8Array.of(0, 255));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(readdirSync(join(path, '..'))).toEqual(['one.txt']);
  });

  it('leaves nothing where it can not be written, and what was there stays', async () => {
    mkdirSync(join(path, 'inner'), { recursive: true });
    await expect((async () => write(path, 'x'))()).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(join(path, '..'))).toEqual(['one.txt']);
    writeFileSync(join(folder, 'file'), 'in the way');
    await expect((async () => write(join(folder, 'file', 'one.txt'), 'x'))()).rejects.toThrow(
      /EEXIST|ENOTDIR/,
    );
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('in the way');
  });

  it('takes the place of what a crash left of an earlier attempt', async () => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(temporaryOf(path), 'longer than what comes');
    await write(path, 'new');
    expect([readdirSync(join(path, '..')), readFileSync(path, 'utf8')]).toEqual([['one.txt'], 'new']);
  });
});

describe('a disk', () => {
  it('that takes little at a time gets all', () => {
    const { writeSync } = fs;
    const little = (file: number, bytes: Uint8Array, offset = 0): number =>
      writeSync(file, bytes, offset, Math.min(3, bytes.length - offset));
    replaceInFs({ writeSync: little as typeof writeSync });
    writeAtomic(path, 'wörter');
    expect(readFileSync(path, 'utf8')).toBe('wörter');
  });

  it('has the bytes before the name, and the name with all folders in the end', async () => {
    const { fdatasync, fsync, openSync, renameSync } = fs;
    const steps: string[] = [];
    const names = new Map<number, string>();
    const flush =
      (how: typeof fsync) =>
      (file: number, done: Parameters<typeof fsync>[1]): void => {
        steps.push(`flush ${names.get(file) ?? ''}`);
        how(file, done);
      };
    replaceInFs({
      openSync: (name, ...rest) => {
        const file = openSync(name, ...rest);
        names.set(file, basename(String(name)));
        return file;
      },
      renameSync: (from, to) => {
        steps.push(`name ${basename(String(to))}`);
        renameSync(from, to);
      },
      fsync: flush(fsync) as typeof fsync,
      fdatasync: flush(fdatasync) as typeof fdatasync,
    });
    await writeDurable(path, 'x');
    expect(steps).toEqual([
      'flush .one.txt.tmp',
      'name one.txt',
      'flush er',
      'flush deep',
      `flush ${basename(folder)}`,
    ]);
    steps.length = 0;
    await writeDurable(path, 'y');
    expect(steps).toEqual(['flush .one.txt.tmp', 'name one.txt', 'flush er']);
  });

  it('that names what is in a folder in any order is read in one', () => {
    for (const name of ['b', 'a', 'c']) writeFileSync(join(folder, name), '');
    const { readdirSync: read } = fs;
    for (const turn of [(names: unknown[]) => names, (names: unknown[]) => names.toReversed()]) {
      const reading = (...args: Parameters<typeof read>): unknown => turn(read(...args) as unknown[]);
      replaceInFs({ readdirSync: reading as typeof read });
      expect(namesIfPresent(folder)).toEqual(['a', 'b', 'c']);
    }
  });
});

describe('a file written at once', () => {
  it('is told from its other versions by its stamp', () => {
    expect(writeAtomic(path, 'wört')).toEqual({ ...stampOf(path), size: 5 });
  });

  it('is not written where nothing in it differs', () => {
    expect(writeIfChanged(path, 'one')).toBe('written');
    utimesSync(path, 1, 1);
    expect(writeIfChanged(path, 'one')).toBe('unchanged');
    expect(statSync(path).mtimeMs).toBe(1000);
    expect(writeIfChanged(path, 'two')).toBe('written');
    expect(readFileSync(path, 'utf8')).toBe('two');
  });

  it('has a name of its own until it is whole', () => {
    expect(temporaryOf('/a/b.txt')).toBe('/a/.b.txt.tmp');
  });

  it('gets its folder only where that is what is missing', () => {
    const file = openForWriting(path);
    writeBytes(file, 'x');
    fs.closeSync(file);
    expect(readFileSync(path, 'utf8')).toBe('x');
    expect(() => openForWriting(join(folder, 'deep'))).toThrow(/EISDIR/);
  });
});

describe('folders', () => {
  it('that are made are told by who got a new entry, the deepest first', () => {
    const made = join(folder, 'a', 'b', 'c');
    expect(makeFolders(made)).toEqual([join(folder, 'a', 'b'), join(folder, 'a'), folder]);
    expect(makeFolders(made)).toEqual([]);
    expect(makeFolders(join(made, 'd'))).toEqual([made]);
    expect(existsSync(join(made, 'd'))).toBe(true);
  });

  it('can be waited for until the disk has their names', async () => {
    await expect(flushFolder(folder)).resolves.toBeUndefined();
    await expect(flushFolder(join(folder, 'gone'))).rejects.toThrow(/ENOENT/);
  });
});

describe('a folder with its files', () => {
  const FILES = [
    ['one.txt', 'eins'],
    ['two.txt', 'zwö'],
  ] as const;
  let target = '';
  beforeEach(() => {
    target = join(folder, 'new', 'd_1');
  });

  it('appears whole, and its stamps come in the order of the files', () => {
    expect(writeFolder(target, FILES)).toEqual(FILES.map(([name]) => stampOf(join(target, name))));
    expect(FILES.map(([name]) => readFileSync(join(target, name), 'utf8'))).toEqual(['eins', 'zwö']);
    expect(readdirSync(join(folder, 'new'))).toEqual(['d_1']);
  });

  it('takes the place of an empty one, and of what a crash left', () => {
    mkdirSync(target, { recursive: true });
    mkdirSync(temporaryOf(target));
    writeFileSync(join(temporaryOf(target), 'old.txt'), 'of an earlier attempt');
    expect(writeFolder(target, FILES)).toHaveLength(2);
    expect(readdirSync(target)).toEqual(['one.txt', 'two.txt']);
    writeFileSync(temporaryOf(join(folder, 'new', 'd_2')), 'a file');
    expect(writeFolder(join(folder, 'new', 'd_2'), FILES)).toHaveLength(2);
  });

  it('is not written where one is there with something in it, which stays', () => {
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'mine.txt'), 'mine');
    expect(writeFolder(target, FILES)).toBeUndefined();
    expect([readdirSync(target), readdirSync(join(folder, 'new'))]).toEqual([['mine.txt'], ['d_1']]);
  });

  it('that can not be written leaves nothing', () => {
    mkdirSync(join(folder, 'new'));
    writeFileSync(target, 'in the way');
    expect(() => writeFolder(target, FILES)).toThrow(/ENOTDIR/);
    expect(() => writeFolder(join(folder, 'new', 'd_2'), [['no/such.txt', '']])).toThrow(/ENOENT/);
    expect(readdirSync(join(folder, 'new'))).toEqual(['d_1']);
  });
});

describe('what is read', () => {
  it('is nothing where it is not there, also where a folder on the way is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const none of ['gone', 'gone/deeper', 'file/inner'].map((name) => join(folder, name))) {
      expect([readIfPresent(none), readTextIfPresent(none)]).toEqual([undefined, undefined]);
      expect([entriesIfPresent(none), namesIfPresent(none)]).toEqual([[], []]);
    }
  });

  it('says where, if it is there and can not be read', () => {
    symlinkSync('circle', join(folder, 'circle'));
    expect(() => readIfPresent(folder)).toThrow(expect.objectContaining({ code: 'EISDIR', path: folder }));
    expect(() => readTextIfPresent(folder)).toThrow(/EISDIR/);
    expect(() => entriesIfPresent(join(folder, 'circle'))).toThrow(/ELOOP/);
  });

  it('is its bytes, or its text with every line end as LF', () => {
    writeFileSync(join(folder, 'one.txt'), 'a\r\nb\rc\n\r\n');
    expect(readIfPresent(join(folder, 'one.txt'))?.toString()).toBe('a\r\nb\rc\n\r\n');
    expect(readTextIfPresent(join(folder, 'one.txt'))).toBe('a\nb\nc\n\n');
    writeFileSync(join(folder, 'two.txt'), '');
    expect(readTextIfPresent(join(folder, 'two.txt'))).toBe('');
  });

  it('of a folder comes in order, with what each is', () => {
    for (const name of ['b', 'C', 'a', 'ä']) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'B'));
    expect(namesIfPresent(folder)).toEqual(['B', 'C', 'a', 'b', 'ä']);
    expect(entriesIfPresent(folder).map((each) => each.isDirectory())).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('is missing by what the disk said', () => {
    expect(['ENOENT', 'ENOTDIR', 'EACCES', undefined].map((code) => isMissing({ code }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

it('what is discarded may be there or not', () => {
  writeFileSync(join(folder, 'one.txt'), '');
  for (const name of ['one.txt', 'one.txt']) discard(join(folder, name));
  discard(folder);
  expect([existsSync(join(folder, 'one.txt')), existsSync(folder)]).toEqual([false, true]);
});

it('a disk that is full says of which file', async () => {
  const file = join(folder, 'x.txt');
  symlinkSync('/dev/full', temporaryOf(file));
  const full = { code: 'ENOSPC', path: file };
  expect(() => writeAtomic(file, 'text')).toThrow(expect.objectContaining(full));
  symlinkSync('/dev/full', temporaryOf(file));
  await expect(writeDurable(file, 'text')).rejects.toMatchObject(full);
  expect(existsSync(file)).toBe(false);
});
