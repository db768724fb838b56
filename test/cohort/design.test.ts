// Specs to design rows: golden cases, what is refused and where, and that no spec makes the compiler throw.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDesign, type Design, type DesignOptions } from '../../src/cohort/design/design.ts';
import { formatDesign } from '../../src/cohort/design/format.ts';
import { isTuple, type Level } from '../../src/cohort/spec/level.ts';
import { loadSpec } from '../../src/cohort/spec/load.ts';
import { hasErrors, type Loaded } from '../../src/problem.ts';
import { cases } from '../support/golden.ts';
import { memoryReader } from '../support/memoryreader.ts';

interface GoldenCase {
  readonly id: string;
  readonly note?: string;
  readonly files: Record<string, string>;
  readonly entry: string;
  readonly seed: string | number | null;
  readonly expect: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
    readonly error?: { readonly type: string; readonly ctx?: Record<string, unknown> };
  };
}

const ROOT = '/project';

function compile(
  files: Record<string, string>,
  entry = 'config.yaml',
  options: DesignOptions = {},
): Loaded<Design> {
  const spec = loadSpec(memoryReader(files, ROOT), { specFile: `${ROOT}/${entry}`, projectRoot: ROOT });
  if (hasErrors(spec.problems)) return { value: { columns: [], rows: [] }, problems: spec.problems };
  const design = compileDesign(spec.value, options);
  return { value: design.value, problems: [...spec.problems, ...design.problems] };
}

/** A level as the golden files write it. */
function golden(level: Level): unknown {
  if (isTuple(level)) return level.map(golden);
  if (typeof level !== 'object' || level === null) return level;
  return level.kind === 'date' ? { $python: 'date', iso: level.text } : Number(level.text);
}

const groups = ['axes', 'includes', 'pairs', 'rules_misc', 'subsets', 'ties', 'tuples', 'yaml_scalars'];

const specs = groups.flatMap((group) => cases<GoldenCase>(`spec_dsl/${group}.json`));
const refused = specs.filter((each) => each.expect.error !== undefined);

describe('golden specs', () => {
  it.each(specs.filter((each) => each.expect.error === undefined))('$id $note', (each) => {
    const { value, problems } = compile(each.files, each.entry, { seed: each.seed ?? undefined });
    expect(problems.filter((found) => found.severity === 'error')).toEqual([]);
    expect(value.columns).toEqual(each.expect.columns);
    expect(value.rows.map((row) => row.map(golden))).toEqual(each.expect.rows);
  });

  it.each(refused.filter((each) => each.expect.error?.type === 'SpecDslError'))('$id $note', (each) => {
    const { problems } = compile(each.files, each.entry);
    const { kind, ...data } = each.expect.error?.ctx ?? {};
    expect({ ...problems[0]?.data, kind: problems[0]?.reason }).toMatchObject({ kind, ...data });
  });

  it.each(refused.filter((each) => each.expect.error?.type !== 'SpecDslError'))(
    '$id $note, in any way',
    (each) => {
      expect(hasErrors(compile(each.files, each.entry).problems)).toBe(true);
    },
  );
});

const order = (...names: string[]): string => `output: {field_order: [${names.join(', ')}]}\n`;

describe('what is refused', () => {
  it.each([
    ['a repeated key', 'axes:\n  a: [x]\n  a: [y]\n', 'DD218', 3],
    [
      'a pair of a pair',
      'axes: {a: [1], b: [1], c: [1]}\nrules:\n  pairs:\n    ab: {left: a, right: b, allowed: [[1, 1]]}\n    abc: {left: ab, right: c, allowed: [[[1, 1], 1]]}\n',
      'DD311',
      5,
    ],
    [
      'a tuple of a pair',
      'axes: {a: [1], b: [1]}\nrules:\n  pairs:\n    ab: {left: a, right: b, allowed: [[1, 1]]}\n  tuples:\n    t: {axes: [ab, c], items: [[1, 1]]}\n',
      'DD311',
      6,
    ],
    [
      'a pair on a name that is tied away',
      'axes: {a: [x], b: [x], c: [y]}\nrules:\n  ties:\n    a: [a, b]\n  pairs:\n    bc: {left: b, right: c, allowed: [[x, y]]}\n',
      'DD311',
      1,
    ],
    [
      'a pair named like its own axis',
      'axes: {a: [x], b: [x]}\nrules:\n  pairs:\n    a: {left: a, right: b, allowed: [[x, x]]}\n',
      'DD311',
      4,
    ],
    ['a list as a level', 'axes:\n  a:\n    - [x, y]\n', 'DD312', 3],
    ['a mapping as a level', 'axes:\n  a:\n    - {x: y}\n', 'DD312', 3],
    ['an include that climbs out', "axes:\n  a: '@file:../../etc/passwd'\n", 'DD305', 2],
    ['an include with an absolute path', "axes:\n  a: '@file:/etc/hosts.txt'\n", 'DD305', 2],
    ['a missing include', "axes:\n  a: '@file:none.csv'\n", 'DD306', 2],
    ['a section that is not known', 'axes: {a: [x]}\nrules:\n  tupels: {}\n', 'DD307', 3],
  ])('%s, with its line', (_what, text, code, line) => {
    const { problems } = compile({ 'config.yaml': text + order() });
    expect(problems.map((each) => [each.code, each.place?.line])).toContainEqual([code, line]);
  });

  it('all that is wrong with a spec is told at once', () => {
    const text =
      "axes:\n  a: x\n  b: '@file:none.csv'\n  c: [[1]]\nrules:\n  ties: {t: [1]}\n  pairs: {p: []}\noutput: []\n";
    const { problems } = compile({ 'config.yaml': text });
    expect(problems.map((each) => each.reason)).toEqual([
      'axis_wrong_type',
      'include_missing',
      'level_not_scalar',
      'tie_axes_invalid',
      'pair_not_mapping',
      'output_not_mapping',
    ]);
  });

  it('an unknown axis brings the name that was meant', () => {
    const { problems } = compile({
      'config.yaml': `axes: {draft_template: [x]}\nrules: {subsets: {draft_templat: [x]}}\n${order()}`,
    });
    expect(problems[0]?.message).toContain('did you mean "draft_template"?');
  });

  it('a design beyond the limit, before a row of it is made', () => {
    const levels = Array.from({ length: 1000 }, (_, at) => at).join(', ');
    const axes = Array.from({ length: 8 }, (_, at) => `  a${at}: [${levels}]`).join('\n');
    const { problems } = compile({ 'config.yaml': `axes:\n${axes}\n  small: [1, 2]\n${order()}` });
    expect(problems[0]).toMatchObject({ code: 'DD313', data: { rows: 2e24, largest: 5_000_000 } });
    expect(problems[0]?.message).toContain('a0 (1,000)');
  });

  it('a seed that is no whole number', () => {
    expect(
      compile({ 'config.yaml': `axes: {a: [x]}\n${order('a')}` }, 'config.yaml', { seed: '1.5' }).problems[0]
        ?.code,
    ).toBe('DD314');
  });
});

describe('a rule named like an unrelated axis', () => {
  it('warns that the column of that axis is gone', () => {
    const text = `axes: {r: ['1', '2']}\nrules:\n  tuples:\n    r: {axes: [x, y], items: [[1, 2]]}\n${order('x', 'y')}`;
    const { value, problems } = compile({ 'config.yaml': text });
    expect(value.columns).toEqual(['x', 'y']);
    expect(problems).toMatchObject([{ severity: 'warning', code: 'DD311', data: { axis: 'r' } }]);
  });
});

describe('large designs', () => {
  it('100,000 included rows come through in seconds', () => {
    const rows = Array.from({ length: 100_000 }, (_, at) => `row-${at},"name, ${at}"`).join('\n');
    const text = `rules:\n  tuples:\n    t: {axes: [a, b], items: '@file:items.csv'}\n${order('b')}`;
    const { value } = compile({ 'config.yaml': text, 'items.csv': `a,b\n${rows}\n` });
    expect(value.rows).toHaveLength(100_000);
    expect(value.rows[99_999]).toEqual(['name, 99999', 'row-99999']);
  });
});

describe('formats', () => {
  const text = `axes:\n  a: [é, 'x,y', true, ~, 2.0, 2025-01-02, 99999999999999999999]\n  b: '@file:b.csv'\n${order('a', 'b')}`;
  const { value } = compile({ 'config.yaml': text, 'b.csv': 'l,r\np,q\n' });

  it('CSV has Python’s texts and CRLF', () => {
    expect(formatDesign(value, 'csv').split('\r\n')).toEqual([
      'a,b',
      `é,"('p', 'q')"`,
      `"x,y","('p', 'q')"`,
      `True,"('p', 'q')"`,
      `,"('p', 'q')"`,
      `2.0,"('p', 'q')"`,
      `2025-01-02,"('p', 'q')"`,
      `99999999999999999999,"('p', 'q')"`,
      '',
    ]);
  });

  it('JSON lines are ASCII, numbers exact', () => {
    const lines = formatDesign(value, 'jsonl').split('\n');
    expect(lines[0]).toBe(String.raw`{"a": "\u00e9", "b": ["p", "q"]}`);
    expect(lines[4]).toBe('{"a": 2.0, "b": ["p", "q"]}');
    expect(lines[6]).toBe('{"a": 99999999999999999999, "b": ["p", "q"]}');
  });

  it('JSON is an array that parses', () => {
    const rows = JSON.parse(formatDesign(value, 'json')) as { a: unknown; b: unknown }[];
    expect(rows.map((row) => row.a)).toEqual([
      'é',
      'x,y',
      true,
      null,
      2,
      '2025-01-02',
      '99999999999999999999',
    ]);
  });
});

describe('any spec at all', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'p', 't');
  const level = fc.oneof(
    fc.constantFrom('x', 'y', '1'),
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
    fc.constant(null),
  );
  const wild = fc.jsonValue({ maxDepth: 2 });
  const rules = fc.record(
    {
      subsets: fc.oneof(fc.dictionary(name, fc.array(level)), wild),
      ties: fc.oneof(fc.dictionary(name, fc.array(name)), wild),
      pairs: fc.oneof(
        fc.dictionary(
          name,
          fc.record({
            left: name,
            right: name,
            allowed: fc.array(fc.tuple(level, level)),
            balance: fc.constantFrom('', 'both', 'left'),
          }),
        ),
        wild,
      ),
      tuples: fc.oneof(
        fc.dictionary(name, fc.record({ axes: fc.array(name), items: fc.array(fc.array(level)) })),
        wild,
      ),
    },
    { requiredKeys: [] },
  );
  const specs = fc.record(
    {
      axes: fc.oneof(fc.dictionary(name, fc.array(level, { maxLength: 4 })), wild),
      rules: fc.oneof(rules, wild),
      output: fc.oneof(fc.record({ field_order: fc.array(name) }), wild),
    },
    { requiredKeys: [] },
  );

  it('compiles or is refused with codes and cures, and never throws', () => {
    fc.assert(
      fc.property(specs, fc.integer(), (spec, seed) => {
        const { value, problems } = compile({ 'config.json': JSON.stringify(spec) }, 'config.json', {
          seed,
          largest: 10_000,
        });
        expect(problems.every((each) => each.cure.length > 0 && each.message.length > 0)).toBe(true);
        expect(hasErrors(problems) && value.rows.length > 0).toBe(false);
        expect(value.rows.every((row) => row.length === value.columns.length)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a text that is no YAML is refused, not thrown', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'a',
            ':',
            ' ',
            '\n',
            '-',
            '[',
            ']',
            '{',
            '}',
            '&',
            '*',
            '!',
            '"',
            "'",
            '#',
            '|',
            '<',
            '1',
            '\t',
            '?',
            ',',
          ),
        }),
        (text) => {
          expect(() => compile({ 'config.yaml': text })).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a shuffle keeps the rows, and one seed gives one order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.bigInt({ min: 0n, max: 1n << 80n }), (size, seed) => {
        const files = {
          'config.yaml': `axes: {a: [${Array.from({ length: size }, (_, at) => at).join(', ')}]}\n${order('a')}`,
        };
        const first = compile(files, 'config.yaml', { seed }).value.rows.map(([at]) => Number(at));
        expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, at) => at));
        expect(
          compile(files, 'config.yaml', { seed: String(-seed) }).value.rows.map(([at]) => Number(at)),
        ).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });
});
