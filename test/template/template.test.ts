// Templates against golden renderings of Jinja2, what they are refused, and that a hostile one neither escapes nor hangs.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Problem } from '../../src/problem.ts';
import type { CompiledTemplate } from '../../src/template/template.ts';
import { checkTemplate, STAGE_VARIABLES } from '../../src/generation/prompt.ts';
import type { Loadable } from '../../src/template/library.ts';
import { compileTemplate, render } from '../../src/template/template.ts';
import { RENDERER } from '../../src/generation/renderer.ts';
import { STAGES } from '../../src/generation/stage.ts';
import { cases } from '../support/golden.ts';

interface RenderingCase {
  readonly id: string;
  readonly template: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly expect: {
    readonly text: string;
    readonly error?: { readonly type: string; readonly message: string };
  };
}

const CONCEPTS = [
  { name: 'Tide Pool', content: 'Small sea pools.' },
  { name: 'Gear Train', content: 'Wheels that turn wheels.' },
];

function outcome(template: string, variables: Readonly<Record<string, unknown>> = {}): string | Problem {
  const { value, problems } = compileTemplate(template, { file: 'a.txt' });
  if (value === undefined) return problems[0] ?? 'no value and no problem';
  const result = render(value, variables);
  return result.ok ? result.text : result.problem;
}

function compiled(template: string): CompiledTemplate {
  const { value, problems } = compileTemplate(template, { file: 'a.txt' });
  if (value === undefined) throw new Error(problems[0]?.message);
  return value;
}

const at = (line: number, column: number): unknown => ({ file: 'a.txt', line, column });

describe('golden renderings', () => {
  const golden = cases<RenderingCase>('rendering.json');

  test.each(golden.filter((each) => each.expect.error === undefined))('$id', (each) => {
    expect(outcome(each.template, each.context)).toBe(each.expect.text);
  });

  test.each(golden.filter((each) => each.expect.error?.type === 'UndefinedError'))(
    '$id is undefined',
    (each) => {
      expect(outcome(each.template, each.context)).toMatchObject({
        code: 'DD402',
        message: each.expect.error?.message,
      });
    },
  );

  test.each(golden.filter((each) => each.expect.error?.type === 'TemplateSyntaxError'))(
    '$id does not parse',
    (each) => {
      expect(outcome(each.template, each.context)).toMatchObject({ code: 'DD401', place: { file: 'a.txt' } });
    },
  );
});

describe('expressions', () => {
  it.each([
    ['{{ 10 * 7 // 2 }} {{ 2 + 3 * 4 - 5 + 6 }} {{ 7 - 2 - 1 }} {{ 7 % 4 * 3 }}', '35 15 4 9'],
    ['{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 }} {{ +3 }}', '-4 2 -2 8 3'],
    ['{{ "a" ~ 1 ~ none }} {{ "-" * 3 }} {{ [1] + ["b"] }}', "a1None --- [1, 'b']"],
    [
      '{{ 1 < 2 < 3 }} {{ 1 == true }} {{ "a" in "cat" }} {{ 5 not in [1] }} {{ [1, [2]] == [1, [2]] }}',
      'True True True True True',
    ],
    ['{{ [] or "e" }} {{ 1 and 2 }} {{ not {} }} {{ "" or 0 }}', 'e 2 True 0'],
    [
      '{{ {"a": [1, "b"], "c": none} }} {{ {"a": 1}.a }} {{ {"a": 1}["a"] }}',
      "{'a': [1, 'b'], 'c': None} 1 1",
    ],
    [
      '{{ c|map(attribute="name")|join(", ")|upper }} {{ c|map("length")|list }}',
      'TIDE POOL, GEAR TRAIN [2, 2]',
    ],
    ['{{ c|first is mapping }} {{ (c|last).name|lower }} {{ "ab"|reverse }}', 'True gear train ba'],
    ['{{ "aXbX"|replace("X", "-") }} {{ "ab"|replace("", "-") }} {{ " x "|trim }}', 'a-b- -a-b- x'],
    ['{{ "3.7"|int + 1 }} {{ "x"|int(9) }} {{ "eLM"|capitalize }} {{ 5|string|length }}', '4 9 Elm 1'],
    ['{{ ""|default("x") }} {{ ""|default("x", true) }} {{ ""|d("y", boolean=true) }}', ' x y'],
    ['{{ 7 is odd and 7 is not even }} {{ 9 is divisibleby(3) }} {{ none is none }}', 'True True True'],
    [
      '{{ "\ud83d\ude00b"|length }} {{ "\ud83d\ude00b"[1] }} {{ c.1.name }} {{ c[-1]["name"] }}',
      '2 b Gear Train Gear Train',
    ],
  ])('%s', (template, text) => {
    expect(outcome(template, { c: CONCEPTS })).toBe(text);
  });
});

describe('tags', () => {
  it.each([
    ['{% set n = 0 %}{% for i in [1, 2] %}{% set n = n + i %}{{ n }}{% endfor %}{{ n }}', '120'],
    ['{% for k, v in [["a", 1], ["b", 2]] %}{{ k }}={{ v }};{% endfor %}', 'a=1;b=2;'],
    ['{% for k in {"a": 1} %}{{ k }}{% endfor %}{% for c in "xy" %}{{ c }}-{% endfor %}', 'ax-y-'],
    ['{% for i in range(3) %}{{ loop.revindex }}{{ loop.previtem|d("") }}{% endfor %}', '32011'],
    [
      '{% for i in range(9, 1, -3) if i != 6 %}{{ i }}/{{ loop.length }} {% else %}none{% endfor %}',
      '9/2 3/2 ',
    ],
    [
      '{% set z %}hi {{ 7 }}{% endset %}{{ z|upper }}{% filter upper %}ab{{ z }}{% endfilter %}',
      'HI 7ABHI 7',
    ],
    ['{% if 0 %}a{% elif [] %}b{% elif "x" %}c{% else %}d{% endif %}', 'c'],
    ['{%+ if 1 +%} x {%- endif -%}  y', ' xy'],
    ['a\n{#- comment #} -#}\n b', 'a -#}\n b'],
    ['{% raw -%}  {{ a }}  {%- endraw %} b{%raw%}{% raw %}{%endraw%}', '{{ a }} b{% raw %}'],
    ['{{ "}}" }}{{ {"a": {"b": 1}} }}{{ \'%}\' ~ "\\"" }}', `}}{'a': {'b': 1}}%}"`],
  ])('%s', (template, text) => {
    expect(outcome(template)).toBe(text);
  });
});

describe('a template that does not parse', () => {
  it.each([
    ['a\n b {% endfo %}', 2, 4, 'There is no tag {% endfo %} (did you mean "endfor"?)'],
    [
      '{% if a %}\n{% for b in c %}\n{% endif %}',
      3,
      1,
      '{% endif %} does not belong here: the open block is {% for %} of line 2',
    ],
    ['x\n{% if a %}y', 2, 1, '{% if %} has no {% endif %}'],
    ['{% else %}', 1, 1, '{% else %} does not belong here: no block is open'],
    ['{{ a|uper }}', 1, 6, 'There is no filter "uper" (did you mean "upper"?)'],
    ['{{ a is defned }}', 1, 9, 'There is no test "defned" (did you mean "defined" or "undefined"?)'],
    ['{{ (a }}', 1, 7, '"}" closes no bracket of its kind'],
    ['{{ "a }}', 1, 4, 'The string that begins here is never closed'],
    ['x {{ a', 1, 3, 'The tag that begins here is never closed by }}'],
    ['a\n{{ 1 2 }}', 2, 6, 'The template does not parse: expected }}, found a number'],
    ['{{ }}', 1, 4, 'The template does not parse: an expression is missing before }}'],
    ['{% raw %}x', 1, 1, '{% raw %} has no {% endraw %}'],
    ['{# x', 1, 1, 'The comment that begins here is never closed by #}'],
    ['{{ a === b }}', 1, 8, 'The template does not parse: unexpected "="'],
    ['{% switch a %}{% endswitch %}', 1, 1, 'There is no tag {% switch %} (did you mean "with"?)'],
    ['{% do a %}', 1, 1, "{% do %} is a tag of one of Jinja2's extensions, and none of them is on"],
    ['{{ r/a/ }}', 1, 9, 'The template does not parse: unexpected }}'],
    ['{% for loop in [] %}{% endfor %}', 1, 1, 'Nothing can be assigned to "loop" in a loop'],
    ['{% macro m(a=1, b) %}{% endmacro %}', 1, 18, '"b" needs a default, as what stands before it has one'],
    ['{% block a %}{% endblock %}\n{% block a %}{% endblock %}', 2, 1, 'block "a" is defined twice'],
    [
      "{{ '\\x4' }}",
      1,
      4,
      '"\\x4" is no character: \\x takes two hexadecimal digits, \\u four and \\U eight',
    ],
  ])('says where: %s', (template, line, column, message) => {
    expect(outcome(template)).toMatchObject({
      code: 'DD401',
      message,
      place: at(line, column),
      cure: expect.any(String),
    });
  });

  it('says where in which file', () => {
    const load = (name: string): Loadable => ({ file: `parts/${name}`, text: 'x\n{{ nope }}' });
    const { value } = compileTemplate('{% include "b" %}', { file: 'a.txt', shelf: { load } });
    expect(value === undefined ? undefined : render(value, {})).toMatchObject({
      problem: { code: 'DD402', place: { file: 'parts/b', line: 2, column: 4 } },
    });
  });

  it.each([
    ["'a' ~ x ~ '/' ~ 'b.txt'", 'a*/b.txt'],
    ["'a' if x else ['b', 'c' ~ 1]", 'a b c1'],
    ["'a' + x", 'a*'],
    ['x + y', '*'],
    ["['a'] + ['b']", 'a b'],
    ["x or 'a'", '* a'],
    ["'a%02d.txt' % x", 'a*.txt'],
    ["'a{}.txt'.format(x)", 'a*.txt'],
    ["'a{{}}'.format(x)", '*'],
    ["'a' ~ ('b' if x)", 'ab a'],
    ["['a'] ~ 'b'", '*b'],
    ['known', 'k l'],
    ['each', 'a b'],
    ['of_list', 'c d'],
    ['part', '*'],
    ['perhaps', '*'],
    ['pair', '*'],
    ["'p/' ~ known ~ '.txt'", 'p/k.txt p/l.txt'],
  ])('knows what may be loaded: %s', (name, patterns) => {
    const text = `{% set known = 'k' %}{% set known = 'l' %}{% set list = ['c', 'd'] %}{% set pair, _ = 'ab' %}
{% if x %}{% set perhaps = 'p' %}{% endif %}{% for each in ('a', 'b') %}{% for of_list in list %}{% for part in x %}
{% include ${name} %}{% endfor %}{% endfor %}{% endfor %}`;
    const found = compileTemplate(text, { file: 'a' }).value?.compiled.loads ?? [];
    expect(found.map((each) => each.join('*')).join(' ')).toBe(patterns);
  });

  it('does not trust a list that may have grown', () => {
    const text = "{% set a = ['x'] %}{{ a.append('y') }}{% for b in a %}{% include b %}{% endfor %}";
    expect(compileTemplate(text, { file: 'a' }).value?.compiled.loads).toEqual([['', '']]);
  });

  it('does not load itself for ever', () => {
    const text = '{% include "a" %}';
    const { value } = compileTemplate(text, {
      file: 'a',
      shelf: { load: () => ({ file: 'a', text }) },
    });
    expect(value === undefined ? undefined : render(value, {})).toMatchObject({ problem: { code: 'DD404' } });
  });
});

describe('an undefined value', () => {
  it.each([
    ['{{ a }}', 4],
    ['{% if a %}{% endif %}', 7],
    ['{% if not a %}{% endif %}', 11],
    ['{% for b in a %}{% endfor %}', 13],
    ['{{ a|upper }}', 4],
    ['{{ a.b }}', 4],
    ['{{ a.b|default("x") }}', 4],
    ['{{ "x" ~ a }}', 10],
    ['{{ a == 1 }}', 4],
    ['{{ a or "x" }}', 4],
    ['{{ null }}', 4],
  ])('cannot be used: %s', (template, column) => {
    expect(outcome(template)).toMatchObject({ code: 'DD402', place: at(1, column) });
  });

  it('may be asked after, given a default, or handed on', () => {
    expect(outcome('{{ a is defined }} {{ a is undefined }} {{ a|default("x") }} {{ a|d }}')).toBe(
      'False True x ',
    );
    expect(outcome('{{ "x"|default(a) }}{{ "x" if false }}{{ [a] }}')).toBe('x[Undefined]');
    expect(outcome('{% set b = a %}{{ b is defined }} {{ (c.x)|default("y") }}', { c: {} })).toBe('False y');
  });
});

describe('an operation that does not fit its values', () => {
  it.each([
    '{{ 1 / 0 }}',
    '{{ 1 + "a" }}',
    '{{ 1 < "a" }}',
    '{{ 1|length }}',
    '{{ -"a" }}',
    '{{ "a"|upper(1) }}',
    '{{ 2 ** 20000 }}',
    '{{ lipsum() }}',
    '{{ [1]|random }}',
    '{{ "a".upper }}',
    '{{ [1]|map }}',
    '{{ 1 in 1 }}',
    '{% for a, b in [1] %}{% endfor %}',
    '{% for a in 7 %}{% endfor %}',
    '{{ range("a") }}',
    '{{ range(1, 5, 0) }}',
    '{{ f }}',
    '{{ d.f }}',
  ])('says so at its place: %s', (template) => {
    expect(outcome(`\n${template}`, { f: () => 1, d: { f: () => 1 } })).toMatchObject({
      code: 'DD405',
      place: { line: 2 },
    });
  });
});

describe('a hostile template', () => {
  const own = { name: 'x' };
  /** Leaves a template a fiftieth of its work: a search is counted by what it may cost, and this one ends at once. */
  const TIRED = '{% if "b" * 40_000 in "a" * 31_500 %}{% endif %}';

  it.each([
    '{{ range.constructor }}',
    '{{ c.constructor }}',
    '{{ ""["constructor"] }}',
    '{{ c.__proto__ }}',
    '{{ c|map(attribute="__proto__")|join }}',
    '{{ c.toString }}',
    '{{ "".__class__ }}',
    '{{ c|attr("__class__") }}',
    '{% set n = namespace() %}{{ n.__proto__ }}',
    '{{ cycler("a").constructor }}',
    '{{ "a".upper.__self__ }}',
    '{% macro m() %}{% endmacro %}{{ m.constructor }}',
    '{{ c.constructor("return 1")() }}',
    '{{ range.constructor("return 1")() }}',
    '{{ self.constructor }}',
    '{{ c["has" ~ "OwnProperty"] }}',
    '{{ constructor }}',
    '{{ process }}',
    '{{ __proto__ }}',
    '{{ globalThis }}',
    '{{ loop }}',
    '{{ "".length }}',
    '{{ [1].length }}',
  ])('cannot reach the host: %s', (template) => {
    expect(outcome(template, { c: own })).toMatchObject({ code: 'DD402' });
  });

  it.each([
    ['{{ a is "x\\")||process.exit(\\"" }}', 'DD401'],
    ["{{ '{0.constructor}'.format(c) }}", 'DD405'],
    ["{{ '{0.__class__.__mro__}'.format('') }}", 'DD405'],
  ])('cannot call the host: %s', (template, code) => {
    expect(outcome(template, { c: own })).toMatchObject({ code });
  });

  it('sets names of its own, whatever they are called elsewhere', () => {
    expect(outcome('{% set __proto__ = {"a": 1} %}{{ __proto__ }}{{ a is defined }}')).toBe("{'a': 1}False");
    expect(outcome('{% set x = {"__proto__": {"a": 1}} %}{{ x }}{{ x.a is defined }}')).toBe(
      "{'__proto__': {'a': 1}}False",
    );
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it.each([
    ['loops in loops', `${TIRED}{% for i in range(300) %}{% for j in range(300) %}{% endfor %}{% endfor %}`],
    ['a range without end', '{{ range(10 ** 9)|list }}'],
    ['a loop without end', '{% set l = [1] %}{% for i in l %}{{ l.append(i) }}{% endfor %}'],
    ['a macro without end', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    ['a loop that calls itself', '{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}'],
    ['a list in itself', '{% set l = [] %}{% if l.append(l) %}{% endif %}{{ l }}'],
    [
      'a list compared with itself',
      '{% set l = [] %}{% set m = [l] %}{% if l.append(m) %}{% endif %}{{ l == m }}',
    ],
    ['a large power', '{{ 9 ** 9999999 }}'],
    [
      'a large product',
      '{% set ns = namespace(n=9 ** 9) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}',
    ],
    ['a wide field', "{{ '{:999999999}'.format(1) }}"],
    ['many digits', "{{ '%.99999f' % 1.5 }}"],
    ['much padding', "{{ 'a'|center(10 ** 9) }}{{ 'a'.ljust(10 ** 9) }}"],
    ['a wide indent', "{{ 'a'|indent(10 ** 9) }}"],
    ['many slices', `${TIRED}{{ [1]|slice(10 ** 8)|list }}`],
    ['ranges in a loop', `${TIRED}{% for i in range(9) %}{% set a = range(9999)|list %}{% endfor %}`],
    ['doubled text', `{% set a = "0123456789" %}${'{% set a = a ~ a %}'.repeat(60)}`],
    ['doubled lists', `${TIRED}{% set a = [1] %}${'{% set a = [a, a] %}'.repeat(60)}{{ a }}`],
    [
      'doubled lists compared',
      `${TIRED}{% set a = [1] %}{% set b = [1] %}${'{% set a = [a, a] %}{% set b = [b, b] %}'.repeat(60)}{{ a == b }}`,
    ],
    ['repeated text', '{{ "x" * 10 ** 9 }}'],
    ['much output', '{% set s = "x" * 10 ** 6 %}{% for i in range(1000) %}{{ s }}{% endfor %}'],
    [
      'captured output',
      `{% set s = "x" * 10 ** 6 %}{% set t %}{% for i in range(1000) %}{{ s }}{% endfor %}{% endset %}`,
    ],
    ['replacing', '{{ ("a" * 10 ** 6)|replace("a", "b" * 10 ** 6) }}'],
    ['slow searches', '{% set a = "a" * 10 ** 6 %}{{ ("b" ~ "a" * 5 * 10 ** 5) in a }}'],
    ['joining', '{{ range(99999)|join("x" * 10 ** 6) }}'],
    ...[
      's is upper',
      's|wordcount',
      's % ()',
      's.splitlines()',
      's|float',
      's.istitle()',
      's.format()',
      's.strip("b")',
    ].map((look) => [
      `${look} again and again`,
      `{% set s = "a" * 10 ** 6 %}{% for i in range(10 ** 5) %}{% set t = ${look} %}{% endfor %}`,
    ]),
    ['deep blocks', `${'{% if 1 %}'.repeat(20_000)}${'{% endif %}'.repeat(20_000)}`],
    ['many tags', '{{1}}'.repeat(100_001)],
    ['a very long template', 'x'.repeat(5_000_000)],
  ])('is stopped: %s', (_name, template) => {
    expect(outcome(template)).toMatchObject({ code: 'DD404', place: { file: 'a.txt' } });
  });

  it('has a fiftieth of its work left after most of it, and not nothing', () => {
    expect(
      outcome(`${TIRED}{% for i in range(100) %}{% for j in range(100) %}{% endfor %}{% endfor %}`),
    ).toBe('');
  });

  it.each([
    `{{ ${'('.repeat(4900)}1${')'.repeat(4900)} }}`,
    `{{ ${'-'.repeat(4900)}1 }}`,
    `{{ 1${'+1'.repeat(4900)} }}`,
    `{{ a${'.a'.repeat(4900)} }}`,
    `{{ 1${'|upper'.repeat(1600)} }}`,
    `{{ ${'not '.repeat(2400)}1 }}`,
  ])('may nest as deeply as the stack allows', (template) => {
    const result = outcome(template);
    expect(typeof result === 'string' ? 'rendered' : result.code).toMatch(/^(rendered|DD402|DD404)$/);
  });

  it.each(['{', '{{', '{%', '{#', '{% raw', '{{ "', "{{ '", '{{ [', '}}', '{%-', '\\'])(
    'of four megabytes of %j is read quickly',
    (unit) => {
      const result = outcome(unit.repeat(Math.floor(4_000_000 / unit.length)));
      expect(typeof result === 'string' ? 'rendered' : result.code).toMatch(
        unit === '}}' || unit === '\\' ? 'rendered' : /^DD40[14]$/,
      );
    },
  );

  it('full of blanks before a tag that strips them is read quickly', () => {
    const blanks = ' '.repeat(1_000_000);
    expect(outcome(`${blanks}x${blanks}{%- if 1 -%}${blanks}{% endif %}y`)).toBe(`${blanks}xy`);
  });
});

const pieces = fc.constantFrom(
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-',
    '"',
    "'",
    '(',
    ')',
    '[',
    ']',
    '.',
    '|',
    '~',
    ' ',
    '\n',
    '\\',
    'x',
    'c',
    '0',
    '1',
    ',',
    ':',
    '=',
  ],
  ...[
    '{% for c in concepts %}',
    '{% endfor %}',
    '{% if ',
    '{% endif %}',
    '{% set x = ',
    '{% raw %}',
    '{% endraw %}',
    '{{ c.name }}',
    ' is ',
    'not ',
  ],
  ...['upper', 'default', 'loop', 'range(3)', 'none', 'constructor', '\ud83d\ude00', '\r\n'],
);

describe('any template at all', () => {
  it('renders or is refused at its place, and never throws', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const result = outcome(parts.join(''), { concepts: CONCEPTS, x: 'x', c: { name: 'C' } });
        expect(typeof result === 'string' || (result.cure !== '' && result.place?.file === 'a.txt')).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves text without tags as it is, but for line ends and the last line feed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const text = raw.replaceAll('{', '').replaceAll('\r', '');
        expect(outcome(`${text}\n`)).toBe(text);
      }),
    );
  });

  it('gets values into the text untouched', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (response) => {
        expect(outcome('<{{ response }}>\n', { response })).toBe(`<${response}>`);
      }),
    );
  });
});

describe('the check of a template', () => {
  it('passes what uses the variables of its stage', () => {
    const draft =
      '{% for c in concepts %}{{ c.name }}: {{ c.content }}{% if not loop.last %}, {% endif %}{% endfor %}{{ concepts[4].name }}';
    expect(checkTemplate(compiled(draft), 'draft')).toEqual([]);
    expect(checkTemplate(compiled('{{ draft_block }}{{ links_block }}'), 'essay')).toEqual([]);
    expect(checkTemplate(compiled('{{ response }}'), 'evaluation')).toEqual([]);
  });

  it('finds every unknown name, also where a rendering would not come', () => {
    const template =
      '{% if false %}\n {{ respons }}{% endif %}{% for a in [] %}{{ b }}{{ a }}{{ loop.index }}{% endfor %}{{ a }}';
    const problems = checkTemplate(compiled(template), 'evaluation');
    expect(problems.map(({ code, message, place }) => [code, message, place])).toEqual([
      ['DD402', `'respons' is undefined (did you mean "response"?)`, at(2, 5)],
      ['DD402', `'b' is undefined (did you mean "a"?)`, expect.objectContaining({ line: 2 })],
      ['DD402', `'a' is undefined`, expect.objectContaining({ line: 2 })],
    ]);
    expect(problems[0]?.cure).toBe('Templates of stage evaluation are given response, and nothing else.');
  });

  it('knows what the template sets, and what it asks after', () => {
    expect(
      checkTemplate(compiled('{% set a = response %}{{ a }}{% set b %}x{% endset %}{{ b }}'), 'evaluation'),
    ).toEqual([]);
    expect(
      checkTemplate(compiled('{% if x is defined %}{{ x }}{% endif %}{{ y|default("") }}'), 'evaluation'),
    ).toEqual([]);
  });

  it('takes the variables of another stage for unknown', () => {
    for (const stage of STAGES) {
      const others = STAGES.filter((other) => other !== stage).flatMap((other) => STAGE_VARIABLES[other]);
      const template = others.map((name) => `{{ ${name} }}`).join('');
      expect(checkTemplate(compiled(template), stage).map(({ data }) => data?.['name'])).toEqual(others);
    }
  });

  it('tries a rendering, which shows unknown attributes and misfits', () => {
    expect(
      checkTemplate(compiled('{% for c in concepts %}{{ c.title }}{% endfor %}'), 'draft'),
    ).toMatchObject([{ code: 'DD402', message: "'dict object' has no attribute 'title'", place: at(1, 28) }]);
    expect(checkTemplate(compiled('{{ response + 1 }}'), 'evaluation')).toMatchObject([{ code: 'DD405' }]);
  });
});

describe('the fingerprint of the renderer', () => {
  it('is as it stands in the traces of data roots: prompts that rendered before render the same', () => {
    expect(RENDERER).toBe('nunjucks@3.2.4+jinja.1');
  });
});
