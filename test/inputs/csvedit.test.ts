// Setting single cells of a CSV text: what is asked for changes, and no other byte does.
import { array, assert, constantFrom, nat, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/inputs/csv/csv.ts';
import { csvLine } from '../../src/inputs/csv/csvline.ts';
import { withCells } from '../../src/inputs/csv/edit.ts';

const cells = (entries: Record<string, Record<string, string>>): Parameters<typeof withCells>[1] => ({
  key: 'id',
  cells: new Map(Object.entries(entries)),
});

describe('setting cells', () => {
  test('leaves quotes, blanks, line ends, blank lines and the byte-order mark as they are', () => {
    const text = '\uFEFF id , price,"note, long"\r\n a,1 ,"say ""x"", then"\r\n\r\nb, 2,plain\r\n';
    expect(withCells(text, cells({ a: { price: '3' }, b: { price: '4.5' } }))).toBe(
      '\uFEFF id ,3,"note, long"\r\n a,3,"say ""x"", then"\r\n\r\nb,4.5,plain\r\n'.replace(
        'id ,3',
        'id , price',
      ),
    );
  });

  test('adds columns at the end, and fills up rows that are shorter', () => {
    expect(withCells('id,name\na,"A, first"\nb\nc,C', cells({ a: { p: '1', q: '2' }, b: { q: '5' } }))).toBe(
      'id,name,p,q\na,"A, first",1,2\nb,,,5\nc,C,,',
    );
  });

  test('fills a cell that a short row lacks, and leaves other short rows short', () => {
    expect(withCells('id,p\na\nb\n', cells({ a: { p: '1' } }))).toBe('id,p\na,1\nb\n');
  });

  test('quotes what needs it, and gives up on what it can not read', () => {
    expect(withCells('id,p\na,x\n', cells({ a: { p: 'x, "y"' } }))).toBe('id,p\na,"x, ""y"""\n');
    expect(withCells('id,p\na,x,too long\n', cells({ a: { p: '1' } }))).toBeUndefined();
    expect(withCells('id,p\na,"never closed\n', cells({ a: { p: '1' } }))).toBeUndefined();
    expect(withCells('', cells({ a: { p: '1' } }))).toBeUndefined();
  });

  test('of any table: the wanted cells change, the others are read as before', () => {
    const cell = string({ unit: constantFrom('a', ' ', ',', '"', '\n', 'é', '1'), maxLength: 6 });
    const table = array(tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    assert(
      property(table, nat(4), cell, (rows, place, value) => {
        const text = ['id,x,y,z', ...rows.map((row, index) => csvLine([`r${index}`, ...row]))].join('\n');
        const id = `r${place % rows.length}`;
        const edited = withCells(text, cells({ [id]: { y: value } })) ?? '';
        const [before, after] = [parseCsv(text, 'a').value.rows, parseCsv(edited, 'b').value.rows];
        expect(after.map((row) => ({ ...row.cells }))).toEqual(
          before.map((row) => ({ ...row.cells, ...(row.cells['id'] === id ? { y: value.trim() } : {}) })),
        );
      }),
    );
  });
});
