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
const VARIABLES = { concepts: CONCEPTS, response: 'Some text.\nIts <b>second</b> line. 🌊 é', n: 5, f: 2.5 };
const CASES: readonly JinjaCase[] = (readFixture('templates.json') as readonly string[]).map((template) => ({
  template,
  variables: VARIABLES,
}));

interface Loading {
  readonly variables: JinjaCase['variables'];
  /** What the cases load. */
  readonly templates: Readonly<Record<string, string>>;
  readonly cases: readonly string[];
}

const LOADING = (readFixture('loading.json') as readonly Loading[]).flatMap(({ cases, ...rest }) =>
  cases.map((template) => ({ template, ...rest })),
);
const within = (tag: string, { template, ...rest }: JinjaCase): JinjaCase => ({
  template: `{% ${tag} %}${template}{% endautoescape %}`,
  ...rest,
});

describe('side by side with Jinja2', needing('python3-jinja2'), () => {
  it('every filter, test and statement', () => {
    expect(differences(CASES)).toEqual([]);
  });

  it('templates that load others', () => {
    expect(differences(LOADING)).toEqual([]);
  });

  it.each(['autoescape true', 'autoescape n'])('all of them in {%% %s %%}', (tag) => {
    const cases = [...CASES, ...LOADING].filter(({ template }) => !template.includes('extends'));
    expect(differences(cases.map((each) => within(tag, each)))).toEqual([]);
  });

  it('templates by the grammar', () => {
    expect(differences(templatesBy(1, 300))).toEqual([]);
  });
});

describe('the cases', () => {
  const all = [...CASES, ...LOADING].map(({ template }) => template).join('\n');

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
