// Forest plots beside tables, on tables small enough to draw by hand.
import { describe, expect, it } from 'vitest';
import { withForest } from '../../../src/cli/words/forest.ts';
import { formatTable } from '../../../src/cli/words/tables.ts';
import { widthOf } from '../../../src/cli/words/width.ts';
import type { Table } from '../../../src/report/tables/table.ts';

function table(number: 'mean' | 'difference', ...rows: Table['rows']): Table {
  return {
    columns: [
      { name: 'name', kind: 'text' },
      ...[number, 'low', 'high'].map((name) => ({ name, kind: 'float' as const })),
      { name: 'note', kind: 'text' },
    ],
    rows,
  };
}

const drawn = (given: Table, terminal?: number): string[] =>
  withForest(given, terminal).map((each) => formatTable(each, 'table'));

describe('a forest plot', () => {
  it('draws each interval and its number to one scale, whose ends stand in the head', () => {
    const [only] = drawn(
      table('mean', ['one', 5, 1, 9, ''], ['two', 8, 7, 9, ''], ['few', 3, undefined, undefined, 'few']),
      48,
    );
    expect(only?.split('\n')).toEqual([
      'name  mean  low  high  note  1.0             9.0',
      'one    5.0  1.0   9.0        ├────────●────────┤',
      'two    8.0  7.0   9.0                      ├─●─┤',
      'few    3.0             few        ●',
      '',
    ]);
  });

  it('has a line at 0 where differences are drawn, even if all lie beside it', () => {
    const [only] = drawn(table('difference', ['one', 2, 1, 4, '']), 51);
    expect(only?.split('\n').slice(0, 2)).toEqual([
      'name  difference  low  high  note  0.0          4.0',
      'one          2.0  1.0   4.0        ┊   ├───●──────┤',
    ]);
  });

  it('stands below, beside the names alone, where there is no room beside the table', () => {
    const tables = drawn(table('mean', ['one', 5, 1, 9, '']), 40);
    expect(tables).toEqual([
      'name  mean  low  high  note\none    5.0  1.0   9.0\n',
      expect.stringMatching(/^name {2}1\.0 +9\.0\none {3}├─+●─+┤\n$/),
    ]);
  });

  it('stands beside names that are cut in the middle where whole ones leave no room', () => {
    const long = { one: 'a'.repeat(30) + '-end', two: '漢字'.repeat(20) };
    const tables = drawn(table('mean', [long.one, 5, 1, 9, ''], [long.two, 5, 1, 9, '']), 48);
    const lines = tables[1]?.trimEnd().split('\n') ?? [];
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^a{15}…a{10}-end {2}├─+●─+┤$/),
      expect.stringMatching(/^[漢字]{7}…[漢字]{7} {3}├─+●─+┤$/),
    ]);
    expect(lines.map(widthOf)).toEqual([48, 48, 48]);
  });

  it('is left out where there is no room at all, or nothing to draw', () => {
    expect(drawn(table('mean', ['one', 5, 1, 9, '']), 20)).toHaveLength(1);
    expect(drawn(table('mean'))).toEqual(['name  mean  low  high  note\n']);
    const plain: Table = { columns: [{ name: 'name', kind: 'text' }], rows: [['one']] };
    expect(drawn(plain)).toEqual(['name\none\n']);
  });

  it('is a dot in the middle where all is equal', () => {
    const [only] = drawn(table('mean', ['one', 5, 5, 5, '']), 48);
    expect(only?.split('\n')[1]).toMatch(/^one +5\.0 +5\.0 +5\.0 +●$/);
  });
});

describe('a table that is wider than the terminal', () => {
  const wide: Table = {
    columns: [
      { name: 'by', kind: 'text' },
      { name: 'place', kind: 'integer' },
      { name: 'name', kind: 'text' },
      ...['mean', 'low', 'high'].map((name) => ({ name, kind: 'float' as const })),
      { name: 'note', kind: 'text' },
    ],
    rows: [
      ['way', 1, 'a-long-name', 5, 1, 9, ''],
      ['judge', 2, 'other', 4, undefined, undefined, 'too few to say'],
    ],
  };

  it('has its names first, then the rest in lines that fit, and none that would be empty', () => {
    const [folded, plot] = drawn(wide, 28);
    expect(folded?.split('\n')).toEqual([
      'by     name',
      '  place  mean  low  high',
      '  note',
      'way    a-long-name',
      '      1   5.0  1.0   9.0',
      'judge  other',
      '      2   4.0',
      '  too few to say',
      '',
    ]);
    expect(plot).toBeUndefined();
  });

  it('is as it is where it fits to the column, and where nobody can say how wide it may be', () => {
    const [plain = ''] = drawn({ ...wide, columns: wide.columns.slice(0, 3) });
    expect(plain.split('\n')[0]).toBe('by     place  name');
    const width = Math.max(...plain.split('\n').map(widthOf));
    const narrow: Table = {
      columns: wide.columns.slice(0, 3),
      rows: wide.rows.map((row) => row.slice(0, 3)),
    };
    expect(drawn(narrow, width)[0]?.split('\n')).toHaveLength(4);
    expect(drawn(narrow, width - 1)[0]?.split('\n')).toHaveLength(7);
  });

  it('has no line wider than the terminal, at 80 and 100 columns, with two long names a row', () => {
    const name = 'chance-meeting@deepseek_r1_f > field-essay@gemini_25_flash';
    const pairs: Table = {
      columns: [
        ...['by', 'a', 'b'].map((each) => ({ name: each, kind: 'text' as const })),
        ...['difference', 'low', 'high', 'p', 'p_holm', 'family'].map((each) => ({
          name: each,
          kind: 'float' as const,
        })),
        ...['verdict', 'basis', 'over', 'clusters', 'blocks'].map((each) => ({
          name: each,
          kind: 'text' as const,
        })),
      ],
      rows: [
        [
          'way',
          name,
          `${name}2`,
          1.234,
          -0.123,
          2.345,
          0.12345,
          1,
          15,
          'not shown to differ',
          'paired',
          'combos',
          '12',
          '48',
        ],
      ],
    };
    for (const terminal of [80, 100]) {
      const tables = drawn(pairs, terminal);
      expect(tables).toHaveLength(2);
      expect(
        tables
          .join('')
          .split('\n')
          .filter((line) => widthOf(line) > terminal),
      ).toEqual([]);
      expect(tables[0]).toContain(`\n  ${name}2\n`);
    }
  });
});
