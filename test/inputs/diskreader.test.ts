// The real disk: encodings, missing and unreadable files, listings, and what lies inside a folder.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskReader, insideFolder } from '../../src/inputs/disk/diskreader.ts';

const root = mkdtempSync(join(tmpdir(), 'reader-'));
const at = (path: string): string => join(root, path);
afterAll(() => rmSync(root, { recursive: true, force: true }));

mkdirSync(at('in/sub'), { recursive: true });
mkdirSync(at('out'));
writeFileSync(at('in/b.txt'), '\uFEFFb\r\n');
writeFileSync(at('in/a.txt'), 'a');
writeFileSync(at('in/A.txt'), 'A');
writeFileSync(at('in/c.csv'), 'c');
writeFileSync(at('out/secret.txt'), 's');
writeFileSync(at('in/latin.txt'), Buffer.from('one\ntwo \xe9\nthree', 'latin1'));
symlinkSync(at('out'), at('in/link'));
symlinkSync(at('in/a.txt'), at('in/z.txt'));
symlinkSync('/dev/null', at('in/device'));
symlinkSync(at('nowhere'), at('in/dangling.txt'));

describe('texts', () => {
  const reader = diskReader();

  it('lose their byte-order mark and nothing else', () => {
    expect(reader.text(at('in/b.txt'))).toEqual({ value: 'b\r\n', problems: [] });
  });

  it('that are not there are undefined, without a problem', () => {
    expect(reader.text(at('in/none.txt'))).toEqual({ value: undefined, problems: [] });
    expect(reader.text(at('in/a.txt/none.txt'))).toEqual({ value: undefined, problems: [] });
  });

  it('that are not UTF-8 are a problem with a line', () => {
    expect(reader.text(at('in/latin.txt'))).toMatchObject({
      value: undefined,
      problems: [{ code: 'DD202', place: { line: 2 } }],
    });
  });

  it('that are folders are a problem', () => {
    expect(reader.text(at('in'))).toMatchObject({
      value: undefined,
      problems: [{ code: 'DD201', data: { code: 'EISDIR' } }],
    });
  });

  it('that are neither files nor folders are a problem', () => {
    expect(reader.files(at('in'), 'device')).toEqual(['device']);
    expect(reader.text(at('in/device'))).toMatchObject({
      value: undefined,
      problems: [{ code: 'DD201', data: { code: 'ENXIO' } }],
    });
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read are a problem', () => {
    chmodSync(at('in/c.csv'), 0o000);
    expect(reader.text(at('in/c.csv')).problems).toMatchObject([{ code: 'DD201', data: { code: 'EACCES' } }]);
    chmodSync(at('in/c.csv'), 0o644);
  });
});

describe('listings', () => {
  it('hold plain files and links to them, in code point order', () => {
    expect(diskReader().files(at('in'), '.txt')).toEqual(['A.txt', 'a.txt', 'b.txt', 'latin.txt', 'z.txt']);
    expect(diskReader().folders(at('in'))).toEqual(['link', 'sub']);
  });

  it('of a folder that is not there are empty', () => {
    expect(diskReader().files(at('none'), '.txt')).toEqual([]);
    expect(diskReader().folders(at('none'))).toEqual([]);
  });
});

it('every path that is asked for is heard, found or not', () => {
  const heard: string[] = [];
  const reader = diskReader((path) => heard.push(path));
  reader.text('/none');
  reader.files('/nowhere', '.txt');
  expect(heard).toEqual(['/none', '/nowhere']);
});

describe('inside a folder', () => {
  it.each([
    ['in/a.txt', true],
    ['in', true],
    ['in/none/later.txt', true],
    ['in/..a', true],
    ['in/../out/secret.txt', false],
    ['out', false],
    ['in/link/secret.txt', false],
    ['in/link/none.txt', false],
  ])('%s: %s', (path, inside) => {
    expect(insideFolder(at('in'), at(path))).toBe(inside);
  });

  it('a folder that only begins with the same name is outside', () => {
    expect(insideFolder(at('in'), `${at('in')}side`)).toBe(false);
  });
});
