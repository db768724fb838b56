// Tables for people and programs: what each format makes of the same rows.
import { describe, expect, it } from 'vitest';
import { formatTable, tableRecords } from '../../../src/cli/words/tables.ts';
import type { Table } from '../../../src/report/tables/table.ts';

const TABLE: Table = {
  columns: [
    { name: 'gen_id', kind: 'text' },
    { name: 'count', kind: 'integer' },
    { name: 'mean', kind: 'float' },
  ],
  rows: [
    ['d_1', 12, 8],
    ['two\nlines | _here_ \u001B[31m\u202E', undefined, Number.NaN],
  ],
};

describe('a table', () => {
  it('is aligned for people: numbers to the right, a cell on one line, nothing that a terminal acts upon', () => {
    expect(formatTable(TABLE, 'table').split('\n')).toEqual([
      'gen_id               count  mean',
      'd_1                     12   8.0',
      'two lines | _here_',
      '',
    ]);
  });

  it('is aligned by what a terminal shows: wide characters, marks and joined pictures', () => {
    const rows = [
      ['思考', 1],
      ['e\u0301te\u0301', 2],
      ['👩‍💻 ok', 3],
      ['❤\ufe0f', 4],
      ['plain', 5],
    ];
    const columns = [
      { name: 'name', kind: 'text' },
      { name: 'n', kind: 'integer' },
    ] as const;
    expect(formatTable({ columns, rows }, 'table').split('\n')).toEqual([
      'name   n',
      '思考   1',
      'e\u0301te\u0301    2',
      '👩‍💻 ok  3',
      '❤\ufe0f     4',
      'plain  5',
      '',
    ]);
  });

  it('is CSV with the bytes as they are', () => {
    expect(formatTable(TABLE, 'csv')).toBe(
      'gen_id,count,mean\nd_1,12,8.0\n"two\nlines | _here_ \u001B[31m\u202E",,\n',
    );
  });

  it('is Markdown in which a cell can be neither another cell nor markup', () => {
    expect(formatTable(TABLE, 'md').split('\n')).toEqual([
      '| gen_id | count | mean |',
      '| --- | ---: | ---: |',
      '| d_1 | 12 | 8.0 |',
      String.raw`| two lines \| \_here\_  |  |  |`,
      '',
    ]);
  });

  it('is records, with null for a blank', () => {
    expect(tableRecords(TABLE)[0]).toEqual({ gen_id: 'd_1', count: 12, mean: 8 });
    expect(tableRecords(TABLE)[1]).toMatchObject({ count: null, mean: null });
    expect(JSON.parse(formatTable(TABLE, 'json'))).toEqual(tableRecords(TABLE));
  });

  it('without rows is its header', () => {
    expect(formatTable({ ...TABLE, rows: [] }, 'table')).toBe('gen_id  count  mean\n');
  });
});
