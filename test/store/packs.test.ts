// Many texts in one file: found again by name, whatever a crash or a power cut left at its end, and by whoever looked before they came.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import { Packs, PackWriter } from '../../src/store/packs.ts';
import {
  addressOf,
  entryOf,
  findAnswer,
  keepEntry,
  listAddresses,
  listResponses,
  openPack,
  packWith,
  readResponse,
  responsePath,
} from '../../src/store/responses.ts';
import { addressFor, answerTo } from '../support/answers.ts';
import { giveLittle, openBelow, realFs } from '../support/disk.ts';
import { scratchFolder } from '../support/project.ts';

afterEach(realFs);

let folder: string;
beforeEach(() => {
  folder = join(scratchFolder(), 'packs');
});

const packFiles = (): readonly string[] => readdirSync(folder).map((name) => join(folder, name));

async function write(texts: Readonly<Record<string, string>>): Promise<string> {
  const writer = new PackWriter(folder, new Packs(folder));
  await Promise.all(Object.entries(texts).map(([name, text]) => writer.add(name, text)));
  await writer.close();
  return packFiles().at(-1) ?? '';
}

describe('a pack', () => {
  it('gives each text back by its name, to who looked before it came too', async () => {
    const early = new Packs(folder);
    expect(early.read('a')).toBeUndefined();
    const own = new Packs(folder);
    expect(own.has('a')).toBe(false);
    const writer = new PackWriter(folder, own);
    await writer.add('a', '{"one":"ä"}');
    for (const packs of [early, own]) expect(packs.read('a')).toBe('{"one":"ä"}');
    await Promise.all([writer.add('b', 'two'), writer.add('c', '')]);
    for (const packs of [early, own, new Packs(folder)]) {
      expect(packs.read('b')).toBe('two');
      expect(packs.read('c')).toBe('');
      expect(packs.read('d')).toBeUndefined();
      expect([...packs.names()].sort()).toEqual(['a', 'b', 'c']);
    }
    await writer.close();
    expect(packFiles()).toHaveLength(1);
  });

  it('is a new one for each writer, and all are read', async () => {
    const packs = new Packs(folder);
    for (const name of ['a', 'b', 'c']) await write({ [name]: `text of ${name}` });
    expect(packFiles()).toHaveLength(3);
    expect(packs.read('b')).toBe('text of b');
    rmSync(packs.fileOf('b') ?? '');
    expect(new Packs(folder).names()).toHaveLength(2);
    mkdirSync(join(folder, 'else'));
    expect(packs.read('b')).toBeUndefined();
    expect(packs.read('c')).toBe('text of c');
  });

  it('holds texts that are longer than what is read at a time', async () => {
    const long = 'x'.repeat(5_000_000);
    await write({ b: long, a: 'short', c: long, d: 'end' });
    const packs = new Packs(folder);
    expect(packs.read('b')).toBe(long);
    expect(packs.read('c')).toBe(long);
    expect(packs.read('d')).toBe('end');
  });

  it('is read whole from a disk that gives little at a time', async () => {
    await write({ a: 'first', b: 'x'.repeat(100), c: 'third' });
    giveLittle(7);
    const packs = new Packs(folder);
    for (const text of ['a first', `b ${'x'.repeat(100)}`, 'c third'])
      expect(packs.read(text.slice(0, 1))).toBe(text.slice(2));
  });

  it('cut off anywhere gives what is whole, and nothing else', async () => {
    const texts = { a: 'first', b: 'second', c: 'third' };
    const file = await write(texts);
    const bytes = readFileSync(file);
    for (let length = bytes.length; length >= 0; length--) {
      truncateSync(file, length);
      const packs = new Packs(folder);
      const whole = bytes.subarray(0, length).toString().split('\n').slice(0, -1);
      expect(packs.names()).toEqual(whole.map((line) => line.slice(0, 1)));
      for (const line of whole) expect(packs.read(line.slice(0, 1))).toBe(line.slice(2));
    }
  });

  it('with a torn end, zeros or nonsense in it gives the rest', async () => {
    const file = await write({ a: 'first' });
    appendFileSync(
      file,
      `\0\0\0\n\n ../../x y\n../../x y\nx/../../y z\nnoblank\n${'n'.repeat(300)} z\nb second\nc thi`,
    );
    const packs = new Packs(folder);
    expect(packs.names()).toEqual(['a', 'b']);
    expect(packs.read('b')).toBe('second');
    expect(packs.read('c')).toBeUndefined();
    appendFileSync(file, 'rd\n');
    expect(packs.read('c')).toBe('third');
  });

  it('holds hundreds that came at once, and says where each lies', async () => {
    const packs = new Packs(folder);
    const writer = new PackWriter(folder, packs);
    const textOf = (number: number): string => `"${'ü€😀'.repeat(number)}"`;
    const numbers = Array.from({ length: 450 }, (_, number) => number);
    await Promise.all(numbers.map((number) => writer.add(`n${number}`, textOf(number))));
    for (const each of [packs, new Packs(folder)])
      expect(numbers.map((number) => each.read(`n${number}`))).toEqual(numbers.map(textOf));
    await writer.close();
    expect(packs.hasSeen('n449')).toBe(true);
    expect(packs.hasSeen('n450')).toBe(false);
  });

  it('that can not be written is given up, and says so to all', async () => {
    mkdirSync(join(folder, '..'), { recursive: true });
    writeFileSync(folder, 'in the way');
    const writer = new PackWriter(folder, new Packs(folder));
    const came = await Promise.allSettled([writer.add('a', 'x'), writer.add('b', 'y')]);
    expect(came.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    rmSync(folder);
    await expect(writer.add('c', 'z')).rejects.toMatchObject({ code: 'EEXIST' });
    await writer.close();
    expect(new Packs(folder).names()).toEqual([]);
  });
});

describe('packs that change while somebody looks', () => {
  afterEach(() => {
    const open = openBelow(folder);
    if (open.length > 0) throw new Error(`still open: ${open.join(', ')}`);
  });

  /** A pack by hand. */
  function leave(file: string, text: string): string {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  }

  const sorted = (packs: Packs): readonly string[] => [...packs.names()].sort();

  it('are forgotten where they are gone, and the others are not', async () => {
    const packs = new Packs(folder);
    const writer = new PackWriter(folder, packs);
    await writer.add('own', 'mine');
    const gone = leave('0002-b.jsonl', 'b second\n');
    leave('0003-c.jsonl', 'c third\n');
    expect(sorted(packs)).toEqual(['b', 'c', 'own']);
    rmSync(gone);
    expect(sorted(packs)).toEqual(['c', 'own']);
    expect([packs.has('b'), packs.read('c'), packs.read('own')]).toEqual([false, 'third', 'mine']);
    await writer.close();
  });

  it('are forgotten where the last of them is gone', () => {
    const only = leave('0001-a.jsonl', 'a first\n');
    const packs = new Packs(folder);
    expect(sorted(packs)).toEqual(['a']);
    rmSync(only);
    expect([sorted(packs), packs.has('a')]).toEqual([[], false]);
  });

  it('are forgotten where they go within the tick of the clock in which they were looked at', () => {
    const only = leave('0001-a.jsonl', 'a first\n');
    utimesSync(folder, 1, 1);
    const packs = new Packs(folder);
    expect(sorted(packs)).toEqual(['a']);
    rmSync(only);
    utimesSync(folder, 1, 1);
    expect(sorted(packs)).toEqual([]);
  });

  it('are looked through anew where they lost what they had', () => {
    const file = leave('0001-a.jsonl', 'a first\nb second\n');
    const packs = new Packs(folder);
    expect(sorted(packs)).toEqual(['a', 'b']);
    truncateSync(file, 'a first\n'.length);
    expect(sorted(packs)).toEqual(['a']);
    appendFileSync(file, 'c third\n');
    expect([sorted(packs), packs.read('c')]).toEqual([['a', 'c'], 'third']);
  });

  it('are looked at again where they were written here and others add to them', async () => {
    const packs = new Packs(folder);
    const writer = new PackWriter(folder, packs);
    await writer.add('a', 'first');
    await writer.close();
    appendFileSync(packFiles()[0] ?? '', 'b second\n');
    expect([packs.read('a'), packs.read('b')]).toEqual(['first', 'second']);
  });

  it('may begin with nothing, and be named as none is', async () => {
    leave('0001-a.jsonl', '\na first\n');
    for (const name of [
      'notes.txt',
      '123-b.jsonl',
      'x0002-c.jsonl',
      '0003-d.jsonl.tmp',
      '0004.jsonl',
      '0005-é.jsonl',
    ])
      leave(name, `of-${name.charCodeAt(0)} text\n`);
    expect(new Packs(folder).names()).toEqual(['a']);
  });

  it('go by their numbers, however many there are', async () => {
    for (const early of ['0001-x.jsonl', '9999-z.jsonl']) leave(early, '');
    leave('10000-a.jsonl', 'a first\n');
    const packs = new Packs(folder);
    expect(packs.read('a')).toBe('first');
    await write({ b: 'second' });
    expect(readdirSync(folder).filter((name) => name.startsWith('10001-'))).toHaveLength(1);
    appendFileSync(packFiles().find((name) => name.includes('/10001-')) ?? '', 'c third\n');
    expect(packs.read('c')).toBe('third');
  });

  it('have no file for what is in none, and are none below a file', () => {
    const file = leave('0001-a.jsonl', 'a first\n');
    const packs = new Packs(folder);
    expect([packs.fileOf('a'), packs.fileOf('b'), packs.has('b')]).toEqual([file, undefined, false]);
    expect(new Packs(join(file, 'packs')).names()).toEqual([]);
    expect(new Packs(join(folder, 'gone')).names()).toEqual([]);
  });

  it('are an error where they can not be read', () => {
    const file = leave('0001-a.jsonl', 'a first\n');
    const packs = new Packs(folder);
    expect(packs.has('a')).toBe(true);
    truncateSync(file, 4);
    expect(packs.read('a')).toBeUndefined();
    rmSync(file);
    mkdirSync(file);
    expect(() => packs.read('a')).toThrow(/EISDIR/);
    symlinkSync('circle', join(folder, 'circle'));
    expect(() => new Packs(join(folder, 'circle')).names()).toThrow(/ELOOP/);
  });
});

describe('responses in a pack', () => {
  let layout: Layout;
  beforeEach(() => {
    layout = layoutOf(scratchFolder());
  });

  const brought = async (...numbers: readonly number[]): Promise<readonly string[]> => {
    const pack = openPack(layout);
    const names = await Promise.all(numbers.map((each) => pack.keep(addressFor(each), answerTo(each))));
    await pack.close();
    return names;
  };

  it('are found, read and listed like those that have files of their own', async () => {
    const own = await keepEntry(layout, entryOf(answerTo(1)));
    const names = [own, ...(await brought(2, 3))].sort();
    expect(listResponses(layout)).toEqual(names);
    expect(listAddresses(layout)).toEqual([1, 2, 3].map(addressFor).sort());
    expect(findAnswer(layout, addressFor(2))?.response).toEqual(answerTo(2));
    expect(readResponse(layout, `${addressFor(4)}-1`)).toBeUndefined();
    expect(packWith(layout, own)).toBeUndefined();
    expect(packWith(layout, `${addressFor(2)}-1`)).toMatch(/packs\/0001-[\w-]{8}\.jsonl$/);
  });

  it('are numbered with the others of their question, in order of arrival', async () => {
    const { asked } = answerTo(1);
    const address = addressOf(asked);
    expect(await keepEntry(layout, entryOf({ ...answerTo(1), kind: 'truncated' }))).toBe(`${address}-1`);
    expect(await brought(1)).toEqual([`${address}-2`]);
    expect(await keepEntry(layout, entryOf(answerTo(1, 'newer')))).toBe(`${address}-3`);
    expect(findAnswer(layout, address)?.response.text).toBe('newer');
    const pack = openPack(layout);
    const next = addressFor(2);
    const twice = await Promise.all([answerTo(2), answerTo(2, 'other')].map((each) => pack.keep(next, each)));
    await pack.close();
    expect(twice).toEqual([1, 2].map((number) => `${next}-${number}`));
  });

  it('are numbered after what is known to be there, where nothing else is looked at', async () => {
    const [address, other] = [1, 2].map(addressFor) as [string, string];
    await keepEntry(layout, entryOf({ ...answerTo(1), kind: 'truncated' }));
    await brought(1);
    const pack = openPack(layout, new Set(listAddresses(layout)));
    expect(await pack.keep(address, answerTo(1))).toBe(`${address}-3`);
    expect(await pack.keep(other, answerTo(2))).toBe(`${other}-1`);
    expect(await pack.keep(other, answerTo(2))).toBe(`${other}-2`);
    await pack.close();
  });

  it('are numbered after those that another process packed, and leave no file open', async () => {
    const packsFolder = join(layout.responses, 'packs');
    const other = new PackWriter(packsFolder, new Packs(packsFolder));
    await other.add(`${addressFor(1)}-1`, JSON.stringify(answerTo(1)));
    await other.close();
    expect(await brought(1)).toEqual([`${addressFor(1)}-2`]);
    expect(openBelow(layout.dataRoot)).toEqual([]);
  });

  it('are damaged alone, and those of a newer daydream are refused', async () => {
    const [first = '', second = ''] = await brought(1, 2);
    const file = packWith(layout, first) ?? '';
    const [one = '', ...rest] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [one.replace('{', '['), ...rest].join('\n'));
    expect(readResponse(layout, first)).toBe('damaged');
    expect(readResponse(layout, second)).toEqual(answerTo(2));
    expect(await keepEntry(layout, entryOf(answerTo(1)))).toBe(`${addressFor(1)}-2`);
    writeFileSync(file, [one, ...rest].join('\n').replaceAll('"version":1', '"version":9'));
    expect(() => findAnswer(layout, addressFor(2))).toThrow(/newer daydream/);
  });

  it('become files where no pack can be written', async () => {
    mkdirSync(layout.responses, { recursive: true });
    writeFileSync(join(layout.responses, 'packs'), 'in the way');
    const [name = ''] = await brought(1);
    expect(readFileSync(responsePath(layout, name), 'utf8')).toContain('Answer 1.');
  });
});
