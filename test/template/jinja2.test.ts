// Templates side by side with Debian's Jinja2: every filter, test and statement. Texts are held to the letter and errors by their
// kind. 20,000 templates by a grammar are in test/long.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { FILTERS, TESTS } from '../../src/template/operations/operations.ts';
import { TAGS } from '../../src/template/syntax/statements.ts';
import { differences, renderedByUs, type JinjaCase } from '../support/jinja2.ts';
import { templatesBy } from '../support/jinjagrammar.ts';
import { needing } from '../support/needs.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/jinja2');
const readFixture = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));

const CONCEPTS = [
  { name: 'Tides', content: 'Water that comes and goes.' },
  { name: 'Markets', content: 'Prices that come and go.' },
];
/** What the templates below load. */
const OTHERS = {
  part: 'part {{ n }}{% set inner = 1 %}',
  wants: '[{{ q }}]',
  asks: '[{{ q is defined }}{{ loop is defined }}]',
  macros: '{% macro m(x) %}<{{ x }}{{ n is defined }}>{% endmacro %}{% set v = 5 %}{% set _w = 6 %}text',
  base: 'A{% block a %}base a {{ n }}{% endblock %}B{% block b %}{{ self.a() }}{% endblock %}C{% block c required %}{% endblock %}',
  middle: "{% extends 'base' %}{% block a %}middle({{ super() }}){% endblock %}{% block c %}c{% endblock %}",
  loops: '{% for i in [1, 2] %}{% block item scoped %}{{ i }}{% endblock %}{% endfor %}',
  counts: '{% set ns = namespace(n=0) %}{% macro next() %}{% set ns.n = ns.n + 1 %}{{ ns.n }}{% endmacro %}',
  broken: '{% if %}',
  nested: "{% include 'part' %}{% include 'nope' ignore missing %}",
};
const LOADING = [
  "{% include 'part' %}",
  "{% include 'part' %}{{ inner is defined }}",
  "{% include 'nope' %}",
  "{% include 'nope' ignore missing %}x",
  "{% include ['nope', 'part'] %}",
  "{% include ['nope', 'none'] %}",
  "{% include ['nope', 'none'] ignore missing %}y",
  "{% include 'part' if n else 'nope' %}",
  "{% include 'wants' %}",
  "{% set q = 3 %}{% include 'wants' %}",
  "{% for q in [1, 2] %}{% include 'wants' %}{% endfor %}",
  "{% for q in [1] %}{% include 'asks' %}{{ loop.index }}{% endfor %}",
  "{% with q = 1 %}{% include 'asks' without context %}{% include 'asks' with context %}{% endwith %}",
  "{% include 'part' without context %}",
  "{% include 'nested' %}",
  "{% import 'macros' as k %}{{ k.m(1) }}{{ k.v }}{{ k }}{{ k._w is defined }}{{ k.zz is defined }}",
  "{% import 'macros' as k with context %}{{ k.m(1) }}",
  "{% import 'macros' as k %}{{ k.zz }}",
  "{% from 'macros' import m, v as w %}{{ m(2) }}{{ w }}",
  "{% from 'macros' import m with context %}{{ m(2) }}",
  "{% from 'macros' import zz %}{{ zz is defined }}",
  "{% from 'macros' import zz %}{{ zz }}",
  "{% from 'macros' import _w %}",
  "{% import 'nope' as k %}",
  "{% import 'counts' as a %}{% import 'counts' as b %}{{ a.next() }}{{ b.next() }}",
  "{% extends 'base' %}{% block a %}mine{% endblock %}{% block c %}c{% endblock %}ignored {{ 1/0 }}",
  "{% extends 'base' %}",
  "{% extends 'middle' %}{% block a %}top({{ super() }}, {{ super.super() }}){% endblock %}",
  "before {% extends 'middle' %} after",
  "{% extends 'middle' %}{% set n = 9 %}",
  "{% if n %}{% extends 'middle' %}{% endif %}rest",
  "{% if not n %}{% extends 'middle' %}{% endif %}rest",
  "{% extends 'middle' %}{% extends 'base' %}",
  "{% for i in [1] %}{% extends 'base' %}{% endfor %}",
  "{% extends 'loops' %}{% block item %}<{{ super() }}{{ i }}>{% endblock %}",
  "{% extends 'nope' %}",
  "{% include 'pa' ~ 'rt' %}{% include 'pa' + 'rt' %}{% include 'PART'|lower %}{% include 'p%st' % 'ar' %}",
  "{% for p in ['part', 'asks'] %}{% include p %}{% endfor %}",
  "{% set all = ['nope', 'part'] %}{% include all %}{% for p in all|reverse %}{% include p ignore missing %}{% endfor %}",
  "{% set all = ['nope'] %}{{ all.append('part') or '' }}{% include all %}{% for p in all %}{% include p ignore missing %}{% endfor %}",
  "{% for p in 'part', 'broken' %}{% include p %}{% endfor %}",
  "{% include 'bro' ~ 'ken' %}",
  "{% include 'no' ~ n ignore missing %}{% include 'no' ~ n %}",
  '{% include n %}',
  '{% include n ignore missing %}',
  '{% include 5 ignore missing %}',
  '{% include nope %}',
  '{% include nope ignore missing %}',
  "{% include [nope, 'part'] %}",
  '{% include [nope] %}',
  "{% include [['part'], 'part'] %}",
  "{% include [1, none, 'part'] %}",
  '{% include none %}',
  '{% include none ignore missing %}x',
  "{% include '' %}",
  '{% include [] %}',
  '{% include [] ignore missing %}x',
  "{% include {} ignore missing %}{% include {'part': 1} %}",
  "{% include ['nope', 'part']|map('lower') %}",
  "{% include 'part' if not n %}",
  "{% include 'part' if n %}",
  "{% include ('part' if not n) ignore missing %}",
  "{% include 'part'|safe %}{% include ('pa' ~ 'rt')|upper|lower without context %}",
  "{% include 'no' ~ 'pe' if n else 'part' %}",
  "{% include 'nest' ~ 'ed' %}",
  "{% include 'm' ~ 'acros' %}{% include 'want' ~ 's' %}",
  "{% set q = 1 %}{% include 'want' ~ 's' %}{% include 'want' ~ 's' without context %}",
  "{% import 'mac' ~ 'ros' as k %}{{ k.m(1) }}{{ k }}",
  "{% set w = 'macros' %}{% from w import m, v %}{{ m(v) }}",
  "{% from 'mac' ~ n import m %}",
  '{% import n as k %}',
  '{% import none as k %}',
  "{% import ['macros'] as k %}",
  "{% import ('macros',) as k %}",
  '{% import nope as k %}',
  "{% extends 'mid' ~ 'dle' %}{% block a %}top({{ super() }}){% endblock %}",
  "{% set b = 'base' if n == 4 else 'middle' %}{% extends b %}{% block b %}{{ b }}{% endblock %}",
  '{% extends n %}',
  '{% extends nope %}',
  "{% extends ['base'] %}",
  "{% extends 'bro' ~ 'ken' %}{{ 1/0 }}",
  "{% macro part(p) %}{% include p %}{% endmacro %}{{ part('part') }}{{ part('asks') }}{{ part('as' ~ 'k') }}",
  "{% with p = 'part' %}{% include p %}{% endwith %}{% set p %}part{% endset %}{% include p %}",
  "{% if n == 4 %}{% set p = 'part' %}{% endif %}{% include p %}",
  "{% for a, b in [('pa', 'rt')] %}{% include a ~ b %}{% endfor %}{% include concepts[0].name ignore missing %}",
  "{% include '{}rt'.format('pa') %}{% include 'pa%s'|format('rt') %}{% include '{{{}}}'.format('x') %}",
  "{% for i in [1] %}{% include 'no' ~ i ignore missing %}{% include ['p' ~ i, 'part'] %}{% endfor %}",
  "{% extends 'middle' %}{% macro m() %}M{% endmacro %}{% block b %}{{ m() }}{% endblock %}",
  "{% extends 'middle' %}{% block b %}{% include 'part' %}{% endblock %}",
  "{% autoescape true %}{% include 'part' %}{{ '<' }}{% endautoescape %}",
];
const VARIABLES = { concepts: CONCEPTS, response: 'Some text.\nIts <b>second</b> line. 🌊 é', n: 5, f: 2.5 };
const CASES: readonly JinjaCase[] = (readFixture('templates.json') as readonly string[]).map((template) => ({
  template,
  variables: VARIABLES,
}));

describe('side by side with Jinja2', needing('python3-jinja2'), () => {
  it('every filter, test and statement', () => {
    expect(differences(CASES)).toEqual([]);
  });

  it('templates that load others', () => {
    const cases = LOADING.map((template) => ({ template, variables: VARIABLES, templates: OTHERS }));
    expect(differences(cases)).toEqual([]);
  });

  it('templates by the grammar', () => {
    expect(differences(templatesBy(1, 300))).toEqual([]);
  });
});

describe('the cases', () => {
  const all = [...CASES.map(({ template }) => template), ...LOADING].join('\n');

  test.each([...FILTERS.keys()])('have the filter %s', (name) => {
    expect(all).toMatch(new RegExp(`\\|\\s*${name}\\b|map\\('${name}'`));
  });

  test.each([...TESTS.keys()].filter((name) => /\w/.test(name)))('have the test %s', (name) => {
    expect(all).toMatch(new RegExp(`is (?:not )?${name}\\b|'${name}'`));
  });

  test.each(TAGS)('have the tag %s', (name) => {
    expect(all).toMatch(new RegExp(`\\{%[-+]?\\s*${name}\\b`));
  });
});

interface RecordedCase {
  readonly id: string;
  readonly template: string;
  readonly expect?: string;
  readonly error?: string;
}

const RECORDED = readFixture('cases.json') as { readonly cases: readonly RecordedCase[] };
const KINDS: Readonly<Record<string, string>> = {
  TemplateSyntaxError: 'syntax',
  UndefinedError: 'undefined',
  TypeError: 'failed',
};

describe('renderings of Jinja2 3.1.6', () => {
  test.each(RECORDED.cases.filter(({ id }) => id !== 'include'))(
    '$id',
    ({ template, expect: text, error }) => {
      const ours = renderedByUs({ template, variables: { concepts: CONCEPTS } });
      expect(ours).toMatchObject(text === undefined ? { error: KINDS[error ?? ''] } : { text });
    },
  );
});
