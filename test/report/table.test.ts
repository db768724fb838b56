// The CSV text of a table.
import { describe, expect, it } from 'vitest';
import { csvOf, type Table } from '../../src/report/tables/table.ts';

const TABLE: Table = {
  columns: [
    { name: '@id', kind: 'text' },
    { name: 'no, "v"', kind: 'float' },
    { name: 'n', kind: 'integer' },
  ],
  rows: [
    ['a, "b"', 8, 2],
    ['two\nlines', 1e-5, undefined],
    ['=SUM(A1)', Number.NaN, 0],
    ['', undefined, -1],
  ],
};

describe('the CSV text of a table', () => {
  it('quotes only where it must, writes floats as Python does, and leaves blank what is missing', () => {
    expect(csvOf(TABLE)).toBe(
      '@id,"no, ""v""",n\n"a, ""b""",8.0,2\n"two\nlines",1e-05,\n=SUM(A1),,0\n,,-1\n',
    );
  });

  it('makes texts harmless to spreadsheets on request, headers too, and never numbers', () => {
    const text = csvOf(TABLE, 'neutralise');
    expect(text).toContain("'@id,");
    expect(text).toContain("\n'=SUM(A1),,0\n");
    expect(text).toContain('\n,,-1\n');
  });

  it('is a header alone for a table without rows', () => {
    expect(csvOf({ ...TABLE, rows: [] })).toBe('@id,"no, ""v""",n\n');
  });
});
