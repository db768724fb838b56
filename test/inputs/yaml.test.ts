// YAML as PyYAML reads it, with places; what would exhaust memory or the stack is refused.
import { describe, expect, it } from 'vitest';
import { parseJson, type Tree } from '../../src/inputs/yaml/tree.ts';
import { parseYaml } from '../../src/inputs/yaml/yaml.ts';

function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar')
    return typeof tree.value === 'object' && tree.value !== null ? `<${tree.value.text}>` : tree.value;
  return tree.kind === 'list'
    ? tree.items.map(plain)
    : tree.entries.map(({ key, value }) => [key, plain(value)]);
}

const read = (text: string): unknown => plain(parseYaml(text, 'f.yaml').value);
const found = (text: string): unknown =>
  parseYaml(text, 'f.yaml').problems.map((each) => [each.code, each.place?.line, each.place?.column]);

describe('scalars', () => {
  it.each([
    ['[yes, No, ON, off, TRUE, y, n, yEs]', [true, false, true, false, true, 'y', 'n', 'yEs']],
    [
      '[010, 08, 0x1F, 0b11, 1_000, 190:20:30, 0o17, -5, +7, 0, -0]',
      [8, '08', 31, 3, 1000, 685230, '0o17', -5, 7, 0, 0],
    ],
    [
      '[1e3, 1.0e3, 1.0e+3, .5, 1., 1:30.5, .inf, -.INF, .nan]',
      ['1e3', '1.0e3', '<1000.0>', 0.5, '<1.0>', 90.5, '<inf>', '<-inf>', '<nan>'],
    ],
    ['[~, null, NULL, None, nULL, ]', [null, null, null, 'None', 'nULL']],
    [
      '[2025-01-02, 2025-1-2, 2001-12-14t21:59:43.10-05:00, 2001-12-14 21:59:43Z]',
      ['<2025-01-02>', '2025-1-2', '<2001-12-14 21:59:43.100000-05:00>', '<2001-12-14 21:59:43+00:00>'],
    ],
    ['[99999999999999999999, 9007199254740991]', ['<99999999999999999999>', 9007199254740991]],
    [`['1', "yes", !!str 1, '']`, ['1', 'yes', '1', '']],
    ['|\n  a\n  b\n', 'a\nb\n'],
  ])('%s', (text, wanted) => {
    expect(parseYaml(text, 'f.yaml').problems).toEqual([]);
    expect(read(text)).toEqual(wanted);
  });
});

describe('anchors and merges', () => {
  it('merged keys come first, a mapping’s own keys win', () => {
    expect(read('b: &B {x: 1, z: 3}\nc:\n  y: 2\n  <<: *B\n  x: 9\n')).toEqual([
      [
        'b',
        [
          ['x', 1],
          ['z', 3],
        ],
      ],
      [
        'c',
        [
          ['x', 9],
          ['z', 3],
          ['y', 2],
        ],
      ],
    ]);
  });

  it('of several merged mappings the first wins', () => {
    expect(read('- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n')).toEqual([
      [['x', 1]],
      [
        ['x', 2],
        ['y', 2],
      ],
      [
        ['x', 1],
        ['y', 2],
      ],
    ]);
  });

  it('an alias stands where it is written', () => {
    const { value } = parseYaml('- &a x\n- *a\n', 'f.yaml');
    expect(value.kind === 'list' && value.items[1]?.place).toMatchObject({ line: 2, column: 3 });
  });
});

describe('what is wrong', () => {
  it.each([
    ['a repeated key', 'a: 1\nb: 2\na: 3\n', ['DD218', 3, 1]],
    ['a key repeated in another form', '1: a\nyes: b\n', ['DD218', 2, 1]],
    ['a repeated key in a nested mapping', 'x: {a: 1, a: 2}\n', ['DD218', 1, 11]],
    ['a tab as indentation', 'a:\n\tb: 1', ['DD217', 2, 1]],
    ['an open list', 'a: [x\n', ['DD217', 2, 1]],
    ['an unknown alias', 'a: *x', ['DD217', 1, 4]],
    ['an alias to itself', 'a: &x [*x]', ['DD217', 1, 8]],
    ['a day that is none', 'a: 2025-02-30', ['DD217', 1, 4]],
    ['an unknown tag', 'a: !python/object x', ['DD217', 1, 20 - 1]],
    ['two documents', 'a: 1\n---\nb: 2', ['DD217', 2, 1]],
    ['a list as a key', '? [a]\n: b', ['DD217', 1, 3]],
    ['a merge of a scalar', 'a:\n  <<: 1', ['DD217', 2, 7]],
  ])('%s', (_what, text, wanted) => {
    expect(found(text)).toEqual([wanted]);
  });

  it.each(['[', '{a: ', '- ', '? '])('20,000 times %j', (opening) => {
    expect(found(opening.repeat(20_000))).toEqual([['DD219', undefined, undefined]]);
  });

  it('aliases that stand for billions of values', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
    const lines = names.map(
      (name, at) =>
        `${name}: &${name} [${Array.from({ length: 10 }, () => (at === 0 ? '1' : `*${names[at - 1]}`)).join(', ')}]`,
    );
    expect(parseYaml(lines.join('\n'), 'f.yaml').problems).toMatchObject([{ code: 'DD219' }]);
  });
});

describe('JSON', () => {
  it('has the line of a mistake', () => {
    expect(parseJson('{\n  "a": 1,\n  oops\n}', 'f.json').problems).toMatchObject([
      { code: 'DD220', place: { line: 3, column: 3 } },
    ]);
    expect(parseJson('{\n  "a": [1,', 'f.json').problems).toMatchObject([
      { code: 'DD220', place: { line: 2 } },
    ]);
  });

  it('is refused when it nests too deeply', () => {
    expect(parseJson('['.repeat(100_000) + ']'.repeat(100_000), 'f.json').problems).toMatchObject([
      { code: 'DD219' },
    ]);
  });
});
