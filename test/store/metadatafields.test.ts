// What is remembered of metadata: it is as the file says, and gone as soon as the file is another one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { GenIndex } from '../../src/store/gens/genindex.ts';
import { MetadataFields } from '../../src/store/gens/metadatafields.ts';
import { FILE } from '../../src/store/layout.ts';
import { scratchFolder } from '../support/project.ts';

const ROWS = 1200;
const NOW = 1_800_000_000_000;
const NAMES = ['template_id', 'replicate', 'combo_id'];

let folder = '';
let path = '';
let index: GenIndex;
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'fields.bin');
  index = indexAt(NOW - 60_000);
});

function indexAt(mtimeMs: number): GenIndex {
  const made = new GenIndex(ROWS);
  for (let row = 0; row < ROWS; row++)
    made.stamp(row, FILE.metadata, { size: 100 + row, mtimeMs, ino: row + 1 });
  return made;
}

function opened(options: Partial<ConstructorParameters<typeof MetadataFields>[1]> = {}): MetadataFields {
  return new MetadataFields(index, { path, structureKey: 'k', names: NAMES, now: NOW, ...options });
}

/** Half have a replicate, and one has what no metadata should have. */
function said(row: number): Record<string, unknown> {
  return {
    template_id: `t-${row % 7} "ü"`,
    ...(row % 2 === 0 ? { replicate: row } : {}),
    ...(row === 3 ? { combo_id: ['no', { text: null }] } : {}),
  };
}

function learned(): void {
  const fields = opened();
  for (let row = 0; row < ROWS; row++) fields.learn(row, { ...said(row), trace: { version: 1 } });
  fields.save();
}

/** By all names; those of none are left out. */
function read(fields: MetadataFields, row: number): Record<string, unknown> | undefined {
  const found = fields.of(row);
  if (found === undefined) return undefined;
  const known = NAMES.map((name) => [name, found[name]] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function all(fields: MetadataFields): unknown[] {
  return Array.from({ length: ROWS }, (_, row) => read(fields, row));
}

describe('fields of metadata', () => {
  it('come back as they were said, without the others', () => {
    learned();
    expect(all(opened())).toEqual(Array.from({ length: ROWS }, (_, row) => said(row)));
  });

  it.each([
    ['size', { size: 1, mtimeMs: NOW - 60_000, ino: 6 }],
    ['time', { size: 105, mtimeMs: NOW - 50_000, ino: 6 }],
    ['inode', { size: 105, mtimeMs: NOW - 60_000, ino: 9 }],
    ['absence', undefined],
  ])('are forgotten with the file that said them: another %s', (_, stamp) => {
    learned();
    index.stamp(5, FILE.metadata, stamp);
    const fields = opened();
    expect([4, 5, 6].map((row) => read(fields, row))).toEqual([said(4), undefined, said(6)]);
  });

  it('are forgotten where the rows, or the names, are others, and where the file is damaged', () => {
    learned();
    expect(opened({ structureKey: 'other' }).of(1)).toBeUndefined();
    expect(opened({ names: ['template_id', 'replicate', 'model_id'] }).of(1)).toBeUndefined();
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(path, bytes);
    expect(opened().of(1)).toBeUndefined();
  });

  it('are not learned of a file so young that it may change without a further stamp', () => {
    index = indexAt(NOW - 1000);
    learned();
    expect([existsSync(path), opened().of(1)]).toEqual([false, undefined]);
  });

  it('are not written for a few, and where nothing can be written that is no error', () => {
    const fields = opened();
    fields.learn(1, said(1));
    fields.save();
    expect([existsSync(path), read(fields, 1)]).toEqual([false, said(1)]);
    path = join(folder, 'gone', 'deeper', 'fields.bin');
    writeFileSync(join(folder, 'gone'), '');
    expect(learned).not.toThrow();
  });
});
