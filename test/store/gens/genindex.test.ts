// What is remembered of every generation: it says what was put into it, also in another order of rows and after a save; what changed too
// shortly before is looked at again.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Failure, Trace } from '../../../src/generation/trace.ts';
import { FAILURE_KINDS } from '../../../src/generation/trace.ts';
import { STEPS } from '../../../src/generation/stage.ts';
import {
  ABSENT,
  beginIndex,
  FILES,
  FLAGS,
  GenIndex,
  loadIndex,
  loadIndexMeanwhile,
  UNKNOWN,
} from '../../../src/store/gens/genindex.ts';
import { FILE } from '../../../src/store/layout.ts';
import { scratchFolder } from '../../support/project.ts';

const ZEROS = '0'.repeat(16);
const digest = (number: number): string => number.toString(16).padStart(8, '0').padEnd(16, 'a');

function failure(more: Partial<Failure> = {}): Failure {
  return { step: 'parse', kind: 'refused', reason: 'r', message: 'm', parts: digest(9), at: '', ...more };
}

const TRACE: Trace = {
  version: 1,
  render: { parts: { template: 't', parent: digest(1) }, output: digest(2) },
  generate: { parts: { model: 'm', prompt: digest(3) }, output: digest(4) },
  parse: { parts: { parser: 'p', raw: digest(5) }, output: digest(6) },
};

let index: GenIndex;
beforeEach(() => {
  index = new GenIndex(3);
});

describe('a set of parts', () => {
  it('has one number, whatever the order of its names', () => {
    const number = index.number({ a: '1', b: '2' });
    expect(number).toBe(1);
    expect(index.number({ b: '2', a: '1' })).toBe(number);
    expect(index.number({ a: '1' })).toBe(2);
    expect(index.number({ a: '1', b: '2' })).toBe(number);
    expect(index.parts(number)).toEqual({ a: '1', b: '2' });
    expect([...index.sets()]).toEqual([{ a: '1', b: '2' }, { a: '1' }]);
  });

  it('is empty behind no number, and behind one that was never given', () => {
    expect([index.parts(0), index.parts(7)]).toEqual([{}, {}]);
  });
});

describe('a file', () => {
  it('is not there until it has a stamp, and not any more without one', () => {
    expect([index.has(1, FILE.raw), index.sizeOf('rawFile', 1), index.isEmpty(1, FILE.raw)]).toEqual([
      false,
      undefined,
      false,
    ]);
    index.stamp(1, FILE.raw, { size: 5, mtimeMs: 7, ino: 8 });
    expect([index.has(1, FILE.raw), index.sizeOf('rawFile', 1), index.isEmpty(1, FILE.raw)]).toEqual([
      true,
      5,
      false,
    ]);
    const place = FILES + FILE.raw;
    expect([index.mtimes[place], index.inodes[place]]).toEqual([7, 8]);
    expect([0, 2].map((row) => index.has(row, FILE.raw))).toEqual([false, false]);
    expect([FILE.prompt, FILE.parsed].map((file) => index.has(1, file))).toEqual([false, false]);
    index.stamp(1, FILE.raw, undefined);
    expect([index.has(1, FILE.raw), index.mtimes[place], index.inodes[place]]).toEqual([false, 0, 0]);
  });

  it('may be empty, and may be larger than a column holds, but is there', () => {
    index.stamp(0, FILE.prompt, { size: 0, mtimeMs: 1, ino: 1 });
    index.stamp(0, FILE.parsed, { size: ABSENT, mtimeMs: 1, ino: 1 });
    expect([index.isEmpty(0, FILE.prompt), index.sizeOf('promptFile', 0)]).toEqual([true, 0]);
    expect(index.has(0, FILE.parsed)).toBe(true);
  });

  it('is empty in its own row and place alone', () => {
    index.stamp(1, FILE.parsed, { size: 0, mtimeMs: 1, ino: 1 });
    const places = [0, 1, 2].flatMap((row) => [0, 1, 2, 3].map((file) => [row, file] as const));
    expect(places.filter(([row, file]) => index.isEmpty(row, file))).toEqual([[1, FILE.parsed]]);
  });

  it('has its digest in the column of its name; metadata has none', () => {
    for (const file of [FILE.prompt, FILE.raw, FILE.parsed, FILE.metadata])
      index.setFileDigest(1, file, digest(file + 1));
    expect([index.get('promptFile', 1), index.get('rawFile', 1), index.get('parsedFile', 1)]).toEqual([
      digest(1),
      digest(2),
      digest(3),
    ]);
    expect([index.get('rawFile', 0), index.get('rawFile', 2)]).toEqual([ZEROS, ZEROS]);
    index.setFileDigest(1, FILE.raw, undefined);
    expect(index.get('rawFile', 1)).toBe(ZEROS);
  });

  it('is the same as another where both halves of their digests are', () => {
    const other = new GenIndex(1);
    const [one, left, right] = ['0123456789abcdef', '0123456889abcdef', '0123456789abcdee'];
    index.set('rawFile', 0, one);
    index.set('rawOut', 0, one);
    index.set('rawOut', 1, left);
    index.set('rawOut', 2, right);
    other.set('rawIn', 0, one);
    expect([0, 1, 2].map((row) => index.same('rawFile', 0, 'rawOut', row))).toEqual([true, false, false]);
    expect(index.same('rawFile', 0, 'rawOut')).toBe(true);
    expect(index.same('rawFile', 1, 'rawOut')).toBe(false);
    expect(index.same('rawFile', 0, 'rawIn', 0, other)).toBe(true);
    expect(index.get('rawFile', 0)).toBe(one);
  });
});

describe('two digests', () => {
  it('are the same in their rows and columns alone', () => {
    // Halves that others have too, so that each must be looked at in its own place.
    const values = [
      ['11111111', '22222222'],
      ['33333333', '22222222'],
      ['11111111', '44444444'],
    ].map((halves) => halves.join(''));
    for (const [row, value] of values.entries()) {
      index.set('rawFile', row, value);
      index.set('rawOut', (row + 1) % 3, value);
    }
    for (const row of [0, 1, 2])
      for (const other of [0, 1, 2])
        expect(index.same('rawFile', row, 'rawOut', other), `${row} ${other}`).toBe((row + 1) % 3 === other);
  });
});

describe('a trace', () => {
  it('is its sets of parts, and what came in and went out as digests beside them', () => {
    index.setTrace(1, TRACE, FLAGS.metadata);
    expect(STEPS.map((step) => index.parts(index.keys[step][1] ?? 0))).toEqual([
      { template: 't' },
      { model: 'm' },
      { parser: 'p' },
    ]);
    const columns = ['parent', 'promptOut', 'promptIn', 'rawOut', 'rawIn', 'parsedOut'] as const;
    expect(columns.map((column) => index.get(column, 1))).toEqual([1, 2, 3, 4, 5, 6].map(digest));
    expect([index.get('failureParts', 1), index.failureAt(1)]).toEqual([ZEROS, undefined]);
    expect(index.flags[1]).toBe(FLAGS.metadata | FLAGS.traced);
  });

  it('of some of the steps says nothing of the others', () => {
    index.setTrace(1, { version: 1 }, 0);
    expect(STEPS.map((step) => index.keys[step][1])).toEqual([0, 0, 0]);
    expect([index.get('parent', 1), index.get('parsedOut', 1), index.flags[1]]).toEqual([
      ZEROS,
      ZEROS,
      FLAGS.traced,
    ]);
  });

  it('that is not there leaves the row as if it had never been built', () => {
    index.setTrace(1, { ...TRACE, failure: failure() }, FLAGS.metadata);
    index.setTrace(1, undefined, FLAGS.metadata | FLAGS.newer);
    expect(STEPS.map((step) => index.keys[step][1])).toEqual([0, 0, 0]);
    expect([index.get('rawOut', 1), index.get('failureParts', 1), index.failureAt(1)]).toEqual([
      ZEROS,
      ZEROS,
      undefined,
    ]);
    expect(index.flags[1]).toBe(FLAGS.metadata | FLAGS.newer);
  });

  it('says whether the reply was cut off, and whether a failure was accepted', () => {
    const { generate } = TRACE;
    index.setTrace(0, { ...TRACE, generate: { parts: {}, output: '', ...generate, cutOff: true } }, 0);
    index.setTrace(1, { ...TRACE, failure: failure({ accepted: { reason: 'r', at: '' } }) }, 0);
    index.setTrace(2, { ...TRACE, failure: failure() }, 0);
    expect([...index.flags]).toEqual([
      FLAGS.traced | FLAGS.cutOff,
      FLAGS.traced | FLAGS.accepted,
      FLAGS.traced,
    ]);
  });

  it('keeps every kind of failure of every step', () => {
    for (const kind of FAILURE_KINDS)
      for (const step of STEPS) {
        index.setTrace(1, { version: 1, failure: failure({ kind, step }) }, 0);
        expect(index.failureAt(1)).toEqual({ kind, step });
      }
    expect(index.get('failureParts', 1)).toBe(digest(9));
    expect(index.failureAt(0)).toBeUndefined();
    index.failure[0] = 255;
    expect(index.failureAt(0)).toBeUndefined();
  });
});

describe('a row of another index', () => {
  it('is taken over whole, its sets under the numbers that they have here', () => {
    const from = new GenIndex(2);
    from.number({ other: 'set' });
    from.setTrace(1, { ...TRACE, failure: failure() }, FLAGS.metadata);
    for (let file = 0; file < FILES; file++)
      from.stamp(1, file, { size: file, mtimeMs: 10 + file, ino: 20 + file });
    from.setFileDigest(1, FILE.parsed, digest(7));
    index.number({ one: 'more' });
    index.number({ and: 'another' });
    index.adoptRows(Int32Array.of(-1, 2), from);
    index.adoptRows(Int32Array.of(-1, 0), from);
    for (const row of [0, 2]) {
      for (const step of STEPS)
        expect(index.parts(index.keys[step][row] ?? 0)).toEqual(from.parts(from.keys[step][1] ?? 0));
      expect([index.get('parent', row), index.get('parsedFile', row)]).toEqual([digest(1), digest(7)]);
      expect([index.failureAt(row), index.flags[row]]).toEqual([
        { kind: 'refused', step: 'parse' },
        FLAGS.metadata | FLAGS.traced,
      ]);
      const files = [0, 1, 2, 3].map((file) => row * FILES + file);
      expect(files.map((place) => [index.sizes[place], index.mtimes[place], index.inodes[place]])).toEqual(
        [0, 1, 2, 3].map((file) => [file, 10 + file, 20 + file]),
      );
    }
    expect([...index.sets()]).toHaveLength(5);
    expect([index.has(1, FILE.raw), index.flags[1]]).toEqual([false, 0]);
  });

  it('that was never built stays so', () => {
    index.setTrace(0, TRACE, FLAGS.metadata);
    index.adoptRows(Int32Array.of(0), new GenIndex(1));
    expect([STEPS.map((step) => index.keys[step][0]), index.flags[0], index.has(0, FILE.prompt)]).toEqual([
      [0, 0, 0],
      0,
      false,
    ]);
  });
});

describe('a file that changed a moment ago', () => {
  const NOW = 1_700_000_050_123;
  const stampedAt = (mtimeMs: number): boolean => {
    index.stamp(1, FILE.raw, { size: 1, mtimeMs, ino: 1 });
    const forgotten = index.forgetRacy(NOW);
    const isForgotten = index.mtimes[FILES + FILE.raw] === UNKNOWN;
    expect(forgotten).toBe(isForgotten ? 1 : 0);
    // What is forgotten is counted once.
    expect(index.forgetRacy(NOW)).toBe(0);
    return isForgotten;
  };

  it.each([
    ['within a tick of the clock', NOW - 20, true],
    ['after now', NOW + 5, true],
    ['a tick and more ago', NOW - 21, false],
    ['within two seconds, where times are whole seconds', 1_700_000_049_000, true],
    ['longer ago than that', 1_700_000_048_000, false],
  ])('is looked at again, as one that changed %s', (_, mtimeMs, again) => {
    expect(stampedAt(mtimeMs)).toBe(again);
  });

  it('is none where there is no file', () => {
    expect(index.forgetRacy(NOW)).toBe(0);
    expect([...index.mtimes]).toEqual(Array.from({ length: 3 * FILES }, () => 0));
  });
});

describe('an index on disk', () => {
  it('comes back as it was, with the key that it was saved under', () => {
    const path = join(scratchFolder(), 'index.bin');
    index.setTrace(1, { ...TRACE, failure: failure() }, FLAGS.metadata);
    index.stamp(2, FILE.prompt, { size: 4, mtimeMs: 5, ino: 6 });
    expect(index.changed).toBe(true);
    index.save(path, 'key');
    expect(index.changed).toBe(false);
    const found = loadIndex(path);
    expect(found?.structureKey).toBe('key');
    expect(found?.index.size).toBe(3);
    expect(found?.index.changed).toBe(false);
    expect(found?.index.contents()).toEqual(index.contents());
    expect(found?.index.number({ template: 't' })).toBe(index.keys.render[1]);
    found?.index.set('rawIn', 0, digest(1));
    expect(found?.index.changed).toBe(true);
    truncateSync(path, 40);
    expect(loadIndex(path)).toBeUndefined();
  });

  it('comes back the same while something else is done, begun before or not', async () => {
    const [one, other] = ['one.bin', 'other.bin'].map((name) => join(scratchFolder(), name)) as [
      string,
      string,
    ];
    index.set('rawIn', 1, digest(1));
    index.save(one, 'one');
    index.set('rawIn', 1, digest(2));
    index.save(other, 'other');
    const load = async (path: string): Promise<readonly unknown[]> => {
      const found = await loadIndexMeanwhile(path);
      return [found?.structureKey, found?.index.size, found?.index.get('rawIn', 1)];
    };
    expect(await load(one)).toEqual(['one', 3, digest(1)]);
    beginIndex(one);
    expect(await load(one)).toEqual(['one', 3, digest(1)]);
    beginIndex(one);
    expect(await load(other)).toEqual(['other', 3, digest(2)]);
    // What was begun is as the file was then, and is taken once.
    beginIndex(one);
    await new Promise((go) => setImmediate(go));
    index.set('rawIn', 1, digest(3));
    await load(one);
    index.save(one, 'anew');
    expect(await load(one)).toEqual(['anew', 3, digest(3)]);
    expect(await load(`${one}-gone`)).toEqual([undefined, undefined, undefined]);
  });

  it('is worth writing while it is new', () => {
    expect([index.changed, new GenIndex(0).changed]).toEqual([true, true]);
    expect(new GenIndex(3, index.contents()).changed).toBe(false);
  });

  it('is worth writing once a stamp or a digest is another', () => {
    index.save(join(scratchFolder(), 'index.bin'), 'key');
    index.stamp(0, FILE.raw, undefined);
    expect(index.changed).toBe(true);
  });
});
