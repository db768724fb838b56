// The trash: what was removed lies in the places that it came from until it is put back or emptied, and a crash in the middle loses
// nothing.
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import {
  bytesBelow,
  emptyBatch,
  listTrash,
  moveToTrash,
  restoreItem,
  type Batch,
} from '../../src/store/trash.ts';
import { scratchFolder } from '../support/project.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});

const path = (item: string): string => join(layout.dataRoot, item);

function write(item: string, text = item): void {
  mkdirSync(dirname(path(item)), { recursive: true });
  writeFileSync(path(item), text);
}

const batch = (name: string, ...items: readonly string[]): Batch => ({
  name,
  at: '2026-11-23T00:00:00.000Z',
  command: 'daydream gc',
  items,
});

const ITEMS = ['gens/draft/d_1', 'notes.txt'];

/** A folder and a file in a batch of their own. */
function removed(name = 'b1'): Batch {
  write('gens/draft/d_1/raw.txt');
  write('notes.txt');
  const made = batch(name, ...ITEMS);
  moveToTrash(layout, made);
  return made;
}

describe('what is removed', () => {
  it('is in the trash, under the command that removed it, and nowhere else', () => {
    const made = removed();
    expect(ITEMS.map((item) => existsSync(path(item)))).toEqual([false, false]);
    expect(listTrash(layout)).toEqual([made]);
    expect(readFileSync(join(layout.trash, 'b1', 'files', 'gens/draft/d_1/raw.txt'), 'utf8')).toBe(
      'gens/draft/d_1/raw.txt',
    );
  });

  it('may be gone already, which is no error', () => {
    write('notes.txt');
    moveToTrash(layout, batch('b1', 'gone', 'notes.txt'));
    expect(listTrash(layout)).toEqual([batch('b1', 'notes.txt')]);
  });

  it('that can not be moved is an error, and what was moved before is on record', () => {
    write('notes.txt');
    write('other.txt');
    mkdirSync(join(layout.trash, 'b1', 'files', 'other.txt', 'inner'), { recursive: true });
    expect(() => moveToTrash(layout, batch('b1', 'notes.txt', 'other.txt'))).toThrow(/EISDIR/);
    expect(listTrash(layout)[0]?.items).toContain('notes.txt');
    expect(existsSync(path('other.txt'))).toBe(true);
  });
});

describe('the trash', () => {
  it('is empty where nothing was removed', () => {
    expect(listTrash(layout)).toEqual([]);
  });

  it('lists its batches, the newest first, and files beside them are none', () => {
    for (const name of ['b1', 'b3', 'b2']) removed(name);
    writeFileSync(join(layout.trash, 'b4'), '');
    expect(listTrash(layout).map(({ name }) => name)).toEqual(['b3', 'b2', 'b1']);
  });

  it.each([undefined, '', '{', 'null', '{"items":"notes.txt"}', '{"items":["notes.txt",1]}'])(
    'keeps a batch whose record can not be read (%j), and knows nothing in it',
    (text) => {
      mkdirSync(join(layout.trash, 'b1', 'files'), { recursive: true });
      writeFileSync(join(layout.trash, 'b1', 'files', 'notes.txt'), '');
      if (text !== undefined) writeFileSync(join(layout.trash, 'b1', 'batch.json'), text);
      expect(listTrash(layout)).toEqual([{ name: 'b1', at: '', command: '', items: [] }]);
    },
  );

  it('names nothing that is not there any more, or that lies outside the data root', () => {
    removed();
    const outside = `../../../../../${layout.dataRoot.split('/').at(-1) ?? ''}-outside`;
    const record = { items: ['gone', 'notes.txt', '', outside] };
    write(join('.daydream/trash/b1/files', outside));
    writeFileSync(join(layout.trash, 'b1', 'batch.json'), JSON.stringify(record));
    expect(existsSync(join(layout.trash, 'b1', 'files', outside))).toBe(true);
    expect(listTrash(layout)).toEqual([{ name: 'b1', at: '', command: '', items: ['notes.txt'] }]);
  });
});

describe('an item', () => {
  it('is put back where it was, also into a folder that is gone', () => {
    removed();
    expect(restoreItem(layout, 'b1', 'gens/draft/d_1')).toBe('restored');
    expect(readFileSync(path('gens/draft/d_1/raw.txt'), 'utf8')).toBe('gens/draft/d_1/raw.txt');
    expect(listTrash(layout)).toEqual([batch('b1', 'notes.txt')]);
  });

  it('is the last of its batch, which goes with it', () => {
    removed();
    for (const item of ITEMS) restoreItem(layout, 'b1', item);
    expect(existsSync(join(layout.trash, 'b1'))).toBe(false);
  });

  it('takes the place of nothing', () => {
    removed();
    write('notes.txt', 'newer');
    expect(restoreItem(layout, 'b1', 'notes.txt')).toBe('occupied');
    expect(readFileSync(path('notes.txt'), 'utf8')).toBe('newer');
    expect(listTrash(layout)[0]?.items).toEqual(ITEMS);
  });
});

describe('a batch', () => {
  it('that is emptied is gone for good, and the others stay', () => {
    removed('b1');
    removed('b2');
    emptyBatch(layout, 'b1');
    expect(listTrash(layout).map(({ name }) => name)).toEqual(['b2']);
    emptyBatch(layout, 'b1');
    expect(ITEMS.map((item) => existsSync(path(item)))).toEqual([false, false]);
  });
});

describe('how much lies there', () => {
  it('is counted in bytes through all folders, without what a link leads to', () => {
    write('one.txt', '12345');
    write('folder/two.txt', '123');
    write('folder/deep/er/three.txt', 'ä');
    symlinkSync(path('one.txt'), path('folder/link'));
    symlinkSync(path('folder'), path('folder/circle'));
    expect(bytesBelow(path('one.txt'))).toBe(5);
    expect(bytesBelow(path('folder'))).toBe(5);
    expect(bytesBelow(path('gone'))).toBeUndefined();
    mkdirSync(path('empty'));
    expect(bytesBelow(path('empty'))).toBe(0);
    renameSync(path('one.txt'), path('folder/deep/one.txt'));
    expect(bytesBelow(path('folder'))).toBe(10);
  });
});
