// Every filter, test, operator and method with every kind of value and argument, right or wrong: a template each. What has no one right
// outcome is left out, and so is what docs/formats.md says to be refused. Knows no renderer.
import { FILTERS, TESTS } from '../../src/template/operations/operations.ts';
import { locate } from './needs.ts';
import { spawnSync } from 'node:child_process';

const VALUES = [
  "'Some <b>Text</b> &amp; more-words, here'",
  "'12 3'",
  "''",
  "'<i>'|safe",
  '5',
  '-2.5',
  '1e300*10',
  '10**20',
  'none',
  'true',
  '[3,1,2]',
  "['b','A','a']",
  "[{'a':1,'b':'x'},{'a':2,'b':'Y'}]",
  "(1,'x')",
  "{'b':1,'a':[1,2]}",
  "{'a':1}.items()",
  "{'a':1}.keys()-['b']",
  'range(3)',
  'namespace(a=1)',
  'nope',
];
const ARGUMENTS =
  "|'a'|2|-1|none|0|true|2.5|'a','b'|2,'x'|3,true|2,true,true|'2'|[1]|{'a':1}|nope|attribute='a'|reverse=true|case_sensitive=true,attribute='b'|default=7|'name',1|'upper'|'a',2,3,4|width=10|'floor'|1,'ceil'|indent=2.5|1,2|'even'|'a','equalto',1|*[1]|**{'a':1}|'a%sb'|20,true,'..'|10,false,'…',0|separator=', '|'a','b','c'|[['a',3]]|keepends=true|maxsplit=1|{97:'X'}|sep=none".split(
    '|',
  );
const OPERATORS = '+ - * / // % ** ~ == != < >= in and or'.split(' ');
const KEYS = "0|-1|'a'|1:|::-1|'0'|none|true|2.5|nope|:'a'|[1]|0:1:0".split('|');
const FORMS = [
  ...['{{ -(#) }}', '{{ +(#) }}', '{{ not (#) }}', '{{ (#)() }}', '{% for x in (#) %}{{ x }},{% endfor %}'],
  ...['{% for a, b in (#) %}{{ a }},{% endfor %}', '{% set a, b = (#) %}{{ a }}', '{{ range(#) }}'],
  ...['{{ dict(#) }}', '{{ cycler(#).next() }}', '{{ joiner(#)() }}', '{{ namespace(#) }}'],
  ...["{{ '%s|%r'|format((#), 1) }}", "{{ '{0!r:>10}{0}'.format(#) }}", "{{ '%d' % (#) }}", '{{ [#] }}'],
];
/** Loops of these are looked at where somebody asks for their items. */
const LAZY = new Set('map select reject selectattr rejectattr batch slice unique items'.split(' '));
/** `pprint` of what has no order, and chance. */
const LEFT_OUT = new Set(['random', 'pprint']);
/** Refused, or shown in another order or by an address. */
const APART = [
  /\.(?:encode|to_bytes|from_bytes|fromhex)\(/,
  /^\{\{ \(-2\.5\) \*\* \(-2\.5\)/,
  /^\{\{ \(['[{].* - \(\{'a':1\}\.items/,
  /'<i>'\|safe\)\|attr\('upper'/,
  /keys\(\)-\['b'\]\) in \(\{'a':1\}\.keys\(\)-/,
];
/** A value of each of Python's types that has methods. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  str: ["'Some Text'", "''", "'abcABC 12'", "'ΑΣ ﬁ ǆ İ ß ŉ Ⅷ² ᾳ'"],
  list: ['[3,1,2]', '[]'],
  dict: ["{'a':1,'b':2}"],
  int: ['5', '-17', '0', 'true'],
  float: ['2.5', '-0.0', '1e300'],
  tuple: ['(1,2,1)'],
  range: ['range(5)'],
};

export function templatesOfTable(): readonly string[] {
  return [...ofFilters(), ...ofTests(), ...ofOperators(), ...ofMethods()].filter(
    (template) => !APART.some((pattern) => pattern.test(template)),
  );
}

function each(of: readonly string[], make: (value: string) => readonly string[]): readonly string[] {
  return of.flatMap(make);
}

function ofFilters(): readonly string[] {
  const names = [...FILTERS.keys()].filter((name) => !LEFT_OUT.has(name));
  return each(names, (name) =>
    each(VALUES, (value) =>
      ARGUMENTS.map((args) => `{{ (${value})|${name}(${args})${LAZY.has(name) ? '|list' : ''} }}`),
    ),
  );
}

function ofTests(): readonly string[] {
  const names = [...TESTS.keys()].filter((name) => /^\w/.test(name));
  return each(names, (name) =>
    each(VALUES, (value) => ARGUMENTS.slice(0, 16).map((args) => `{{ (${value}) is ${name}(${args}) }}`)),
  );
}

function ofOperators(): readonly string[] {
  return each(VALUES, (value) => [
    ...each(OPERATORS, (operator) => VALUES.map((other) => `{{ (${value}) ${operator} (${other}) }}`)),
    ...KEYS.map((key) => `{{ (${value})[${key}] }}`),
    ...FORMS.map((form) => form.replaceAll('#', value)),
  ]);
}

/** Python says which methods there are. */
function ofMethods(): readonly string[] {
  const types = Object.keys(OWNERS);
  const program = `import json; print(json.dumps([[n for n in dir(t) if n[0] != "_"] for t in (${types.join(', ')})]))`;
  const { stdout } = spawnSync(locate('python3-jinja2'), ['-c', program], { encoding: 'utf8' });
  const names = JSON.parse(stdout) as readonly (readonly string[])[];
  return types.flatMap((type, at) =>
    each(names[at] ?? [], (name) =>
      each(OWNERS[type] ?? [], (value) =>
        ARGUMENTS.map((args) => `{% set v = ${value} %}{{ v.${name}(${args}) }}|{{ v }}`),
      ),
    ),
  );
}
