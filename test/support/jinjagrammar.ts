// Templates made by a grammar, the same for the same seed: mostly such as render, some that fail in one of the ways there are.
// What it leaves out has no one right outcome: addresses in memory, chance, the last digit of roots. Knows no renderer.
import type { JinjaCase } from './jinja2.ts';

type Kind = 'int' | 'float' | 'text' | 'list' | 'mapping' | 'truth' | 'any';

/** Numbers from 0 up to, but not with, 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const VARIABLES = {
  n: 7,
  f: 2.5,
  s: 'The sea, it <b>moves</b>.\nTwice a day 🌊',
  l: [3, 1, 2],
  m: { b: 1, a: 'x', c: [1, 2] },
  t: true,
  z: null,
  concepts: [
    { name: 'Tides', content: 'Water that comes and goes.', rank: 2 },
    { name: 'markets', content: 'Prices that come and go.', rank: 1 },
    { name: 'Éclair', content: "It's “sweet”", rank: 2 },
  ],
};

const NAMES: Readonly<Record<Exclude<Kind, 'any'>, readonly string[]>> = {
  int: ['n', 'l[0]', 'l[-1]', 'm.b', 'concepts[0].rank', 'l|length', 's|wordcount'],
  float: ['f', 'n / 2', 'f * 2'],
  text: ['s', 'm.a', 'concepts[0].name', 'concepts[1]["content"]', 'concepts[2].content'],
  list: ['l', 'm.c', 'concepts', '[]', '[1, "a", none]', '("x", "y")', 'range(4)', 's.split()'],
  mapping: ['m', 'concepts[1]', '{}', '{"k": 1, 2: "v"}'],
  truth: ['t', 'true', 'false', 'none', 'n is odd', 'q is defined', 's is string'],
};
const TEXTS = [
  '',
  'a',
  'ab c',
  ' x ',
  'Hello World',
  'é🌊',
  "it's",
  '<b>&',
  'line\\nbreak',
  '%s-%s',
  '42',
  '3.14',
  'X_y-z',
  'ß',
  'one two  three',
];
const TEXT_FILTERS = [
  'upper',
  'lower',
  'title',
  'capitalize',
  'trim',
  'reverse',
  'e',
  'striptags',
  'urlencode',
  'string',
  'indent',
  'indent(2, true)',
  "indent('> ', blank=true)",
  'center(12)',
  'truncate(6)',
  'truncate(5, true)',
  "truncate(4, false, '…', 0)",
  "replace('a', 'X')",
  "replace('', '-', 2)",
  'wordwrap(6)',
  'wordwrap(4, false)',
  'forceescape',
  'safe',
  'urlize',
  "trim('ax')",
  "default('d')",
  "d('d', true)",
  'tojson',
  'pprint',
  "format('p', 1)",
  "join('.')",
  'escape',
];
const LIST_FILTERS = [
  'sort',
  'sort(reverse=true)',
  'unique|list',
  'reverse|list',
  'list',
  "map('string')|list",
  'batch(2)|list',
  "batch(2, 'f')|list",
  'slice(2)|list',
  'slice(2, 0)|list',
  "select('defined')|list",
  "reject('none')|list",
  "select('number')|list",
  "map('default', 0)|list",
  'select|list',
  "rejectattr('x', 'defined')|list",
];
const CONCEPT_FILTERS = [
  "map(attribute='name')|list",
  "sort(attribute='rank')|map(attribute='name')|list",
  "groupby('rank')|map('first')|list",
  "selectattr('rank', 'gt', 1)|list|length",
  "sum(attribute='rank')",
  "max(attribute='rank')",
  "min(attribute='name')",
  "join(', ', attribute='name')",
  "map(attribute='zz', default='-')|join",
  "unique(attribute='rank')|list|length",
  "sort(attribute='rank,name', reverse=true)|map(attribute='content')|list",
];
const TEXT_METHODS = [
  'upper()',
  'lower()',
  'title()',
  'swapcase()',
  'capitalize()',
  'strip()',
  'split()[0]',
  "split(' ')",
  "rsplit(' ', 1)",
  'splitlines()',
  "partition(' ')",
  "replace('a', 'bb')",
  "center(9, '*')",
  "ljust(5, '.')",
  'zfill(6)',
  "find('a')",
  "rfind('a')",
  "count('a')",
  "startswith('a')",
  "endswith('c')",
  'isalpha()',
  'isupper()',
  'istitle()',
  'isspace()',
  "removeprefix('a')",
  "join(['1', '2'])",
  "format(1, k='v')",
  'expandtabs(3)',
  'casefold()',
  "index('a')",
  "strip('ab')",
];
const FORMATS = [
  '%d',
  '%5d',
  '%-5d|',
  '%05d',
  '%+d',
  '%x',
  '%o',
  '%s',
  '%r',
  '%5.2f',
  '%.0f',
  '%e',
  '%g',
  '%G',
  '%5s|',
  '%c',
  '%.3d',
  '%%',
  '%i %%',
];
const SPECS = [
  '',
  '5',
  '<5',
  '^7',
  '*>6',
  '+',
  '05',
  ',',
  '.2f',
  '.3',
  'e',
  'g',
  '%',
  'x',
  '#x',
  'b',
  'd',
  '08.3f',
  '_',
  'n',
  's',
  '10',
  '.0f',
  'c',
];
const TESTS = [
  'defined',
  'undefined',
  'none',
  'odd',
  'even',
  'string',
  'number',
  'integer',
  'float',
  'boolean',
  'mapping',
  'sequence',
  'iterable',
  'callable',
  'upper',
  'lower',
  'true',
  'false',
  'escaped',
  'divisibleby 3',
  'eq 7',
  'ne 7',
  'gt 2',
  'le 3',
  'in [1, 2, 3]',
  "in 'abc'",
  'sameas none',
  'filter',
  'test',
];
const STRAY = [
  'q',
  'm.zz',
  'l[9]',
  'n.x',
  '1/0',
  "'a' + 1",
  'q.x',
  '5()',
  'l.zz()',
  's[1:2:0]',
  'q|default(3)',
  'z.x',
  '1 < "a"',
  '[1, "a"]|sort',
  '"abc".index("z")',
];
const BROKEN = [
  '{{',
  '{% if %}',
  '{% endif %}',
  '{{ 1 + }}',
  '{% for x %}{% endfor %}',
  '{{ a b }}',
  "{{ 'x }}",
  '{% set %}',
  '{% else %}',
  '{{ (1 }}',
  '{% nope %}',
  '{# x',
  '{{ 1|nope }}',
];

/** `count` templates. */
export function templatesBy(seed: number, count: number): readonly JinjaCase[] {
  const random = randomFrom(seed);
  const grammar = new Grammar(random);
  return Array.from({ length: count }, () => ({ template: grammar.template(), variables: VARIABLES }));
}

class Grammar {
  private readonly random: () => number;
  private names: string[] = [];
  private made = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  template(): string {
    this.names = [];
    this.made = 0;
    const parts = Array.from({ length: this.chance(0.25) ? 2 : 1 }, () =>
      this.statement(this.pick([0, 1, 1, 2])),
    );
    if (this.chance(0.02)) parts.push(this.pick(BROKEN));
    return parts.join(this.pick(['', ' ', '\n', ' - ']));
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private pick<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }

  private fresh(): string {
    this.made += 1;
    return this.pick(['v', 'w', `x${this.made}`, 'n', 's']);
  }

  private tag(inner: string): string {
    const [left, right] = [this.pick(['', '', '', '-', '+']), this.pick(['', '', '', '-', '+'])];
    return `{%${left} ${inner} ${right}%}`;
  }

  private print(depth: number): string {
    const right = this.pick(['', '', '', '-']);
    return `{{${this.pick(['', '', '-'])} ${this.expression(this.kind(), depth)} ${right}}}`;
  }

  private kind(): Kind {
    return this.pick(['int', 'float', 'text', 'text', 'list', 'mapping', 'truth', 'any'] as const);
  }

  private body(depth: number): string {
    return Array.from({ length: 1 + this.below(2) }, () => this.statement(depth - 1)).join(
      this.pick(['', ' ', '\n  ']),
    );
  }

  private statement(depth: number): string {
    if (depth <= 0) return this.chance(0.7) ? this.print(2) : this.pick(['text', ' ', 'a\n', '- item']);
    const name = this.fresh();
    const use = (): string => {
      this.names.push(name);
      return this.body(depth);
    };
    switch (this.below(16)) {
      case 0:
        return `${this.tag(`if ${this.expression('truth', 2)}`)}${this.body(depth)}${this.tag('endif')}`;
      case 1:
        return `${this.tag(`if ${this.expression('any', 1)}`)}${this.body(depth)}${this.tag(`elif ${this.expression('truth', 1)}`)}${this.body(depth)}${this.tag('else')}${this.body(depth)}${this.tag('endif')}`;
      case 2:
      case 3:
        return `${this.tag(`for ${name} in ${this.expression('list', 1)}${this.chance(0.2) ? ` if ${name} is defined` : ''}`)}${use()}${this.loop()}${this.chance(0.2) ? `${this.tag('else')}none` : ''}${this.tag('endfor')}`;
      case 4:
        return `${this.tag(`for k, ${name} in ${this.expression('mapping', 0)}.items()`)}{{ k }}=${use()}${this.tag('endfor')}`;
      case 5:
        return `${this.tag(`set ${name} = ${this.expression(this.kind(), 2)}`)}${use()}`;
      case 6:
        return `${this.tag(`set ${name}${this.chance(0.3) ? ' | upper' : ''}`)}${this.body(depth)}${this.tag('endset')}${use()}`;
      case 7:
        return `${this.tag(`with ${name} = ${this.expression(this.kind(), 1)}`)}${use()}${this.tag('endwith')}`;
      case 8:
        return `${this.tag(`filter ${this.pick(TEXT_FILTERS)}`)}${this.body(depth)}${this.tag('endfilter')}`;
      case 9: {
        const macro = `mac${(this.made += 1)}`;
        const call = this.chance(0.5)
          ? `{{ ${macro}(${this.expression('any', 1)}) }}`
          : `${this.tag(`call ${macro}(${this.expression('any', 0)}, 2)`)}inner {{ n }}${this.tag('endcall')}`;
        const caller = this.chance(0.6) ? '[{{ caller() if caller is defined else "-" }}]' : '';
        return `${this.tag(`macro ${macro}(${name}, other=${this.expression('any', 0)})`)}${use()}${caller}${this.tag('endmacro')}${call}`;
      }
      case 10:
        return `${this.tag(`set ns = namespace(c=${this.expression('int', 0)})`)}${this.tag(`for i in ${this.expression('list', 0)}`)}${this.tag('set ns.c = ns.c + 1')}${this.tag('endfor')}{{ ns.c }}`;
      case 11:
        return `{# ${this.pick(TEXTS)} #}${this.print(2)}`;
      case 12:
        return `${this.tag(`set a, b = ${this.pick(['(1, 2)', '"xy"', 'l[:2]', '[n, s]', '1'])}`)}{{ a }}{{ b }}`;
      default:
        return this.print(3);
    }
  }

  private loop(): string {
    if (this.chance(0.5)) return '';
    const member = this.pick([
      'index',
      'index0',
      'revindex',
      'first',
      'last',
      'length',
      'depth',
      'previtem|default("-")',
      'nextitem|default("-")',
      "cycle('a', 'b')",
      'changed(n)',
    ]);
    return `{{ loop.${member} }}`;
  }

  private expression(wanted: Kind, depth: number): string {
    if (this.chance(0.006)) return this.pick(STRAY);
    const kind =
      wanted === 'any' ? this.pick(['int', 'float', 'text', 'list', 'mapping', 'truth'] as const) : wanted;
    if (this.names.length > 0 && this.chance(0.15)) return this.pick(this.names);
    if (depth <= 0) return this.chance(0.5) ? this.pick(NAMES[kind]) : this.literal(kind);
    const part = (inner: Kind): string => this.expression(inner, depth - 1);
    if (this.chance(0.06)) return `(${part(kind)} if ${part('truth')} else ${part('any')})`;
    if (this.chance(0.04)) return `(${part(kind)} ${this.pick(['and', 'or'])} ${part('any')})`;
    switch (kind) {
      case 'int':
        return this.pick([
          () => `${part('int')} ${this.pick(['+', '-', '*', '//', '%'])} ${part('int')}`,
          () =>
            `(${part('int')} ${this.pick(['+', '-', '*'])} ${part('int')}) ${this.pick(['//', '%', '*', '+'])} ${this.pick(['2', '3', '-4', '7'])}`,
          () => `${part('list')}|${this.pick(['length', 'sum', 'first', 'last', 'max', 'min'])}`,
          () => `${part('text')}|${this.pick(['length', 'wordcount', 'int', 'int(5)', 'int(0, 16)'])}`,
          () => `-${this.pick(NAMES.int)}|abs`,
          () => `${part('float')}|${this.pick(['int', 'round|int', 'round(1)'])}`,
          () => `${this.pick(['2', '3', '10', 'n'])} ** ${this.below(40)}`,
        ])();
      case 'float':
        return this.pick([
          () => `${part('float')} ${this.pick(['+', '-', '*', '/', '//', '%'])} ${part('int')}`,
          () => `${part('int')} / ${part('int')}`,
          () => `${part('float')}|round(${this.pick(['', '1', '2', '-1', "1, 'floor'", "0, 'ceil'"])})`,
          () => `${part('text')}|float`,
          () => `(${part('int')})|float`,
        ])();
      case 'text':
        return this.pick([
          () => `${part('text')}|${this.pick(TEXT_FILTERS)}`,
          () => `(${part('text')})|${this.pick(TEXT_FILTERS)}`,
          () => `${part('text')} ~ ${part('any')}`,
          () => `(${part('text')} + ${part('text')})`,
          () => `(${part('text')}).${this.pick(TEXT_METHODS)}`,
          () => `(${part('any')})|string`,
          () => `"${this.pick(FORMATS)}"|format(${part(this.pick(['int', 'float', 'text']))})`,
          () => `"${this.pick(FORMATS)} ${this.pick(FORMATS)}" % (${part('int')}, ${part('any')})`,
          () => `"{:${this.pick(SPECS)}}".format(${part(this.pick(['int', 'float', 'text', 'truth']))})`,
          () => `(${part('text')})[${this.slice()}]`,
          () => `(${part('text')}) * ${this.below(4)}`,
          () => `(${part('any')})|tojson${this.chance(0.3) ? '(2)' : ''}`,
          () => `(${part('list')})|join(${this.pick(['', "', '", "'-'"])})`,
          () => `(${part('any')})|pprint`,
          () => `(${part('int')})|filesizeformat${this.chance(0.3) ? '(true)' : ''}`,
          () => `(${part('mapping')})|${this.pick(['xmlattr', 'urlencode'])}`,
        ])();
      case 'list':
        return this.pick([
          () => `(${part('list')})|${this.pick(LIST_FILTERS)}`,
          () => `concepts|${this.pick(CONCEPT_FILTERS)}`,
          () => `[${part('any')}, ${part('any')}]`,
          () => `(${part('any')}, ${part('any')})`,
          () => `(${part('list')})[${this.slice()}]`,
          () => `(${part('list')} + ${part('list')})`,
          () =>
            `(${part('mapping')})|${this.pick(['dictsort', "dictsort(by='value')", 'items|list', 'list'])}`,
          () => `(${part('mapping')}).${this.pick(['keys()', 'values()', 'items()'])}|list`,
          () => `(${part('text')})|list`,
          () =>
            `range(${this.below(6)}, ${this.below(9)}${this.chance(0.3) ? `, ${this.pick(['2', '-1', '3'])}` : ''})`,
        ])();
      case 'mapping':
        return this.pick([
          () =>
            `{"p": ${part('any')}, ${this.pick(['"q"', '1', '1.0', 'none', '(1, 2)', 'true'])}: ${part('any')}}`,
          () => `dict(a=${part('any')})`,
          () => `dict(${part('mapping')}, z=${part('any')})`,
          () => this.pick(NAMES.mapping),
        ])();
      case 'truth':
        return this.pick([
          () => `${part('any')} ${this.pick(['==', '!='])} ${part('any')}`,
          () => `${part('int')} ${this.pick(['<', '<=', '>', '>='])} ${part('float')}`,
          () => `${part('text')} ${this.pick(['<', '>=', 'in', 'not in'])} ${part('text')}`,
          () => `${part('any')} ${this.pick(['in', 'not in'])} ${part('list')}`,
          () => `${part('int')} < ${part('int')} ${this.pick(['<', '>=', '=='])} ${part('int')}`,
          () => `(${part('any')}) is ${this.chance(0.2) ? 'not ' : ''}${this.pick(TESTS)}`,
          () => `not ${part('any')}`,
        ])();
    }
  }

  private literal(kind: Exclude<Kind, 'any'>): string {
    switch (kind) {
      case 'int':
        return this.pick([
          '0',
          '1',
          '2',
          '5',
          '42',
          '-3',
          '1_000',
          '0x1F',
          '9007199254740993',
          '123456789012345678901',
        ]);
      case 'float':
        return this.pick(['0.0', '1.0', '2.5', '-0.5', '1e16', '1e-5', '0.1', '123.456', '1e22', '2.675']);
      case 'text':
        return this.chance(0.5)
          ? JSON.stringify(this.pick(TEXTS)).replaceAll('\\\\n', '\\n')
          : `'${this.pick(TEXTS).replaceAll("'", "\\'")}'`;
      default:
        return this.pick(NAMES[kind]);
    }
  }

  private slice(): string {
    const bound = (): string => this.pick(['', '0', '1', '2', '-1', '-2', '5']);
    return `${bound()}:${bound()}${this.chance(0.3) ? `:${this.pick(['', '1', '2', '-1'])}` : ''}`;
  }
}
