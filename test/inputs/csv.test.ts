// CSV rows with their lines, whatever the line ends; and that what is written is read back.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv, parseCsvRecords } from '../../src/inputs/csv/csv.ts';
import { csvLine } from '../../src/inputs/csv/csvline.ts';

describe('rows', () => {
  it.each(['\n', '\r\n', '\r'])('know the line that they begin on, with ends %j', (end) => {
    const text = ['a,b', '1,"x', 'y"', '', '2,z', '3'].join(end);
    const { value, problems } = parseCsv(text, 'f.csv');
    expect(problems).toEqual([]);
    expect(value.rows.map(({ line, cells }) => [line, cells['a'], cells['b']])).toEqual([
      [2, '1', `x${end}y`],
      [5, '2', 'z'],
      [6, '3', ''],
    ]);
  });

  it('skip blank lines and rows of blank cells', () => {
    expect(parseCsv('a,b\n\n  \n,\n1,2\n', 'f').value.rows.map((row) => row.line)).toEqual([5]);
  });

  it('keep a quote in the middle of a cell', () => {
    expect(parseCsv('a\n6" tall\n', 'f').value.rows[0]?.cells['a']).toBe('6" tall');
  });

  it('take a column called __proto__ as any other', () => {
    expect(parseCsv('__proto__\nx\n', 'f').value.rows[0]?.cells['__proto__']).toBe('x');
  });

  it('100,000 of them are read', () => {
    const text = `a,b,c\n${Array.from({ length: 100_000 }, (_, at) => `${at},"x, ${at}",y\n`).join('')}`;
    expect(parseCsv(text, 'f').value.rows.at(-1)).toMatchObject({ line: 100_001, cells: { b: 'x, 99999' } });
  });
});

describe('what is wrong', () => {
  it.each([
    ['id;model;input_price\na;b;0,1\nc;d;0,2,3\n', 'semicolons'],
    ['"id";"model"\n"a";"b"\n', 'semicolons'],
    [
      'sep=;\nid;model\na;b\n',
      'begins with the line sep=;, which only spreadsheets read, and has semicolons',
    ],
    ['sep=,\nid,model\na,b\n', 'begins with the line sep=,, which only spreadsheets read.'],
    ['id\tmodel\na\tb\n', 'tabs'],
  ])('other marks between the cells than commas, and nothing else is said: %j', (text, said) => {
    const { value, problems } = parseCsv(text, 'f');
    expect(problems).toMatchObject([
      { code: 'DD208', reason: 'csv_separator', place: { file: 'f', line: 1 } },
    ]);
    expect(problems[0]?.message).toContain(said);
    expect(value.rows).toEqual([]);
  });

  it('a file without a header', () => {
    expect(parseCsv('\n\n', 'f').problems).toMatchObject([{ code: 'DD206', reason: 'csv_no_header' }]);
  });

  it('every long row is told, and the others are read', () => {
    const { value, problems } = parseCsv('a\n1,2\n3\n4,\n', 'f');
    expect(problems.map((each) => [each.code, each.place?.line])).toEqual([
      ['DD205', 2],
      ['DD205', 4],
    ]);
    expect(value.rows.map((row) => row.cells['a'])).toEqual(['3']);
  });

  it('an open quote is told by the line where its row begins', () => {
    expect(parseCsv('a\nx\n"y\n\n\nz', 'f').problems).toMatchObject([{ code: 'DD204', place: { line: 3 } }]);
  });
});

describe('any cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const text = rows.map((cells) => `${csvLine(cells)}\n`).join('');
        expect(parseCsvRecords(text, 'f').value.map((record) => record.cells)).toEqual(rows);
      }),
    );
  });

  it('any text is read or refused, never thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '\uFEFF') }), (text) => {
        expect(() => parseCsv(text, 'f')).not.toThrow();
      }),
    );
  });
});
