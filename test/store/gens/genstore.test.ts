// The folders of generations: what is read of them, what is written and in which order, and what an index remembers of it then.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { digest } from '../../../src/digest.ts';
import type { Trace } from '../../../src/generation/trace.ts';
import { FILES, FLAGS, GenIndex } from '../../../src/store/gens/genindex.ts';
import {
  digestOfText,
  listGenerations,
  parseMetadata,
  readArtifact,
  readMetadata,
  refreshFile,
  removeArtifact,
  setMetadata,
  writeGeneration,
  type Store,
  type Written,
} from '../../../src/store/gens/genstore.ts';
import {
  artifactPath,
  FILE,
  genFolder,
  INDEXED_FILES,
  layoutOf,
  type Layout,
} from '../../../src/store/layout.ts';
import { penHere, type Pen } from '../../../src/store/writing/pen.ts';
import { openBelow } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';

const ROW = 1;
const TARGET = { stage: 'draft', genId: 'd_1', row: ROW } as const;
const TRACE: Trace = { version: 1, render: { parts: { template: 'aa' }, output: digest('prompt') } };

let layout: Layout;
let index: GenIndex;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  index = new GenIndex(3);
});

function write(name: string, content: string, genId = 'd_1'): string {
  const path = join(genFolder(layout, 'draft', genId), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const stampAt = (file: number): object => {
  const place = ROW * FILES + file;
  return { size: index.sizes[place], mtimeMs: index.mtimes[place], ino: index.inodes[place] };
};

const stampOf = (path: string): object => {
  const { size, mtimeMs, ino } = statSync(path);
  return { size, mtimeMs, ino: ino >>> 0 };
};

describe('metadata', () => {
  it('are an object, or damaged, or not there, as those that a power cut has emptied', () => {
    const texts = ['{"a":"ä"}', '{}', '[]', 'null', '7', '{', '', undefined];
    const read = [{ a: 'ä' }, {}, 'damaged', 'damaged', 'damaged', 'damaged', undefined, undefined];
    expect(texts.map((text) => parseMetadata(text))).toEqual(read);
    expect(texts.map((text) => parseMetadata(text === undefined ? text : Buffer.from(text)))).toEqual(read);
  });

  it('are read of a generation, those of an artifact too', () => {
    write('metadata.json', '{"a":1}');
    write('raw_metadata.json', '{"b":2}');
    expect(readMetadata(layout, 'draft', 'd_1')).toEqual({ a: 1 });
    expect(readMetadata(layout, 'draft', 'd_1', 'raw_metadata.json')).toEqual({ b: 2 });
    expect(readMetadata(layout, 'draft', 'd_2')).toBeUndefined();
    expect(readMetadata(layout, 'essay', 'd_1')).toBeUndefined();
  });

  it('set the row of an index as they are', () => {
    const flagsAfter = (
      metadata: Parameters<typeof setMetadata>[2],
      trace: Parameters<typeof setMetadata>[3],
    ): number => {
      index.setTrace(ROW, TRACE, FLAGS.metadata);
      setMetadata(index, ROW, metadata, trace);
      return index.flags[ROW] ?? 0;
    };
    expect(flagsAfter(undefined, undefined)).toBe(0);
    expect(index.keys.render[ROW]).toBe(0);
    expect(flagsAfter('damaged', undefined)).toBe(FLAGS.metadata | FLAGS.damaged);
    expect(flagsAfter({}, 'newer')).toBe(FLAGS.metadata | FLAGS.newer);
    expect(index.keys.render[ROW]).toBe(0);
    expect(flagsAfter({}, undefined)).toBe(FLAGS.metadata);
    expect(flagsAfter({}, TRACE)).toBe(FLAGS.metadata | FLAGS.traced);
    expect(index.parts(index.keys.render[ROW] ?? 0)).toEqual({ template: 'aa' });
  });
});

describe('texts', () => {
  it('are read with every line end as LF, and named as they are read', () => {
    write('raw.txt', 'a\r\nb\rc');
    expect(readArtifact(layout, 'draft', 'd_1', 'raw')).toBe('a\nb\nc');
    expect(readArtifact(layout, 'draft', 'd_1', 'parsed')).toBeUndefined();
    expect(digestOfText('a\r\nb\rc')).toBe(digest('a\nb\nc'));
    expect(digestOfText('a\nb')).toBe(digest('a\nb'));
  });
});

describe('a file that is looked at again', () => {
  it('has its stamp and its digest in the index', () => {
    const path = write('raw.txt', 'wört\r\nzwei\r');
    refreshFile(index, ROW, FILE.raw, path);
    expect(stampAt(FILE.raw)).toEqual(stampOf(path));
    expect(index.get('rawFile', ROW)).toBe(digest('wört\nzwei\n'));
    writeFileSync(path, Uint8Array.of(0xff, 10));
    refreshFile(index, ROW, FILE.raw, path);
    expect(index.get('rawFile', ROW)).toBe(digest(Uint8Array.of(0xff, 10)));
  });

  it('is not there any more, also where its folder is none', () => {
    for (const path of [artifactPath(layout, 'draft', 'd_1', 'raw'), join(write('note', ''), 'raw.txt')]) {
      index.stamp(ROW, FILE.raw, { size: 1, mtimeMs: 1, ino: 1 });
      index.setFileDigest(ROW, FILE.raw, digest('x'));
      refreshFile(index, ROW, FILE.raw, path);
      expect([index.has(ROW, FILE.raw), index.get('rawFile', ROW)]).toEqual([false, '0'.repeat(16)]);
    }
  });

  it('sets the trace of the row where it is the metadata', () => {
    const path = write('metadata.json', JSON.stringify({ trace: TRACE }));
    refreshFile(index, ROW, FILE.metadata, path);
    expect([index.flags[ROW], index.get('promptOut', ROW)]).toEqual([
      FLAGS.metadata | FLAGS.traced,
      digest('prompt'),
    ]);
    expect(stampAt(FILE.metadata)).toEqual(stampOf(path));
    writeFileSync(path, '{');
    refreshFile(index, ROW, FILE.metadata, path);
    expect([index.flags[ROW], index.get('promptOut', ROW)]).toEqual([
      FLAGS.metadata | FLAGS.damaged,
      '0'.repeat(16),
    ]);
    refreshFile(index, ROW, FILE.metadata, `${path}-gone`);
    expect([index.flags[ROW], index.has(ROW, FILE.metadata)]).toEqual([0, false]);
  });

  it('is an error that names it where it can not be read', () => {
    const path = join(write('raw.txt/inner', ''), '..');
    expect(() => refreshFile(index, ROW, FILE.raw, path)).toThrow(
      expect.objectContaining({ code: 'EISDIR', path }),
    );
    expect(openBelow(layout.dataRoot)).toEqual([]);
    symlinkSync('circle', join(layout.dataRoot, 'circle'));
    expect(() => refreshFile(index, ROW, FILE.raw, join(layout.dataRoot, 'circle'))).toThrow(/ELOOP/);
  });
});

describe('the generations of a stage', () => {
  it('are its folders in order, and nothing else that lies there', () => {
    expect(listGenerations(layout, 'draft')).toEqual([]);
    for (const genId of ['d_2', 'd_1', 'd_10', '.d_3.tmp']) write('raw.txt', '', genId);
    writeFileSync(join(layout.gens, 'draft', 'notes.txt'), '');
    expect(listGenerations(layout, 'draft')).toEqual(['d_1', 'd_10', 'd_2']);
    expect(listGenerations(layout, 'essay')).toEqual([]);
  });
});

describe('a generation that is written', () => {
  const orders: Parameters<Pen['write']>[0][] = [];
  let store: Store;
  beforeEach(() => {
    orders.length = 0;
    const pen = penHere(layout);
    const heard: Pen = { ...pen, write: (order) => (orders.push(order), pen.write(order)) };
    store = { layout, index, pen: heard };
  });

  const ALL: Written = {
    artifacts: { prompt: 'p', raw: 'r\r\n', parsed: '' },
    rawMetadata: { cost: 1 },
    parsedMetadata: { success: true },
    metadata: { template_id: 't' },
    trace: TRACE,
  };

  it('has its texts first, and last the metadata that vouch for them', async () => {
    await writeGeneration(store, TARGET, ALL);
    expect(orders.map(({ files }) => files.map(([name]) => name))).toEqual([
      ['prompt.txt', 'raw.txt', 'parsed.txt', 'raw_metadata.json', 'parsed_metadata.json', 'metadata.json'],
    ]);
    expect(readFileSync(artifactPath(layout, 'draft', 'd_1', 'raw'), 'utf8')).toBe('r\r\n');
    expect(readMetadata(layout, 'draft', 'd_1')).toEqual({ template_id: 't', trace: TRACE });
    expect(readMetadata(layout, 'draft', 'd_1', 'raw_metadata.json')).toEqual({ cost: 1 });
    expect(readMetadata(layout, 'draft', 'd_1', 'parsed_metadata.json')).toEqual({ success: true });
  });

  it('is in the index as if it had been read there', async () => {
    await writeGeneration(store, TARGET, ALL);
    const read = new GenIndex(3);
    for (const [file, name] of INDEXED_FILES.entries())
      refreshFile(read, ROW, file, join(genFolder(layout, 'draft', 'd_1'), name));
    expect(index.contents()).toEqual(read.contents());
    expect(index.get('rawFile', ROW)).toBe(digest('r\n'));
  });

  it('is written in part, and the rest stays', async () => {
    await writeGeneration(store, TARGET, ALL);
    const before = stampAt(FILE.prompt);
    await writeGeneration(store, TARGET, {
      artifacts: { raw: 'other' },
      metadata: {},
      trace: { version: 1 },
    });
    expect(orders[1]?.files.map(([name]) => name)).toEqual(['raw.txt', 'metadata.json']);
    expect([stampAt(FILE.prompt), index.get('promptFile', ROW)]).toEqual([before, digest('p')]);
    expect([index.get('rawFile', ROW), index.get('promptOut', ROW)]).toEqual([
      digest('other'),
      '0'.repeat(16),
    ]);
    expect(readdirSync(genFolder(layout, 'draft', 'd_1'))).toHaveLength(6);
  });

  it('appears whole where nothing of it was there', async () => {
    const freshAfter = async (before: () => void): Promise<boolean | undefined> => {
      index = new GenIndex(3);
      before();
      await writeGeneration({ ...store, index }, TARGET, ALL);
      return orders.at(-1)?.fresh;
    };
    expect(await freshAfter(() => {})).toBe(true);
    expect(await freshAfter(() => index.stamp(ROW, FILE.parsed, { size: 1, mtimeMs: 1, ino: 1 }))).toBe(
      false,
    );
    expect(await freshAfter(() => index.setTrace(ROW, undefined, FLAGS.metadata))).toBe(false);
    expect(await freshAfter(() => index.stamp(0, FILE.raw, { size: 1, mtimeMs: 1, ino: 1 }))).toBe(true);
  });
});

describe('an artifact that is removed', () => {
  it('is gone from the disk and from the index, and so it stays', () => {
    const path = write('parsed.txt', 'p');
    write('raw.txt', 'r');
    for (const file of [FILE.raw, FILE.parsed])
      refreshFile(index, ROW, file, join(dirname(path), INDEXED_FILES[file]));
    removeArtifact(layout, index, TARGET, 'parsed');
    removeArtifact(layout, index, TARGET, 'parsed');
    expect([existsSync(path), index.has(ROW, FILE.parsed), index.get('parsedFile', ROW)]).toEqual([
      false,
      false,
      '0'.repeat(16),
    ]);
    expect([index.has(ROW, FILE.raw), index.get('rawFile', ROW)]).toEqual([true, digest('r')]);
  });
});
