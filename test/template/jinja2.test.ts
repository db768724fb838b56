// Templates side by side with Debian's Jinja2: texts are held to the letter and errors by their kind. All of the cases, which know every
// filter, test and statement, and 20,000 templates by a grammar are in test/long.
import { describe, expect, it, test } from 'vitest';
import { FILTERS, TESTS } from '../../src/template/operations/operations.ts';
import { TAGS } from '../../src/template/syntax/statements.ts';
import { differences, renderedByUs } from '../support/jinja2.ts';
import { CASES, CONCEPTS, LOADING, readFixture } from '../support/jinjacases.ts';
import { templatesBy } from '../support/jinjagrammar.ts';
import { needing } from '../support/needs.ts';

describe('side by side with Jinja2', needing('python3-jinja2'), () => {
  it('a third of the cases', () => {
    expect(differences(CASES.filter((_, at) => at % 3 === 0))).toEqual([]);
  });

  it('templates that load others', () => {
    expect(differences(LOADING)).toEqual([]);
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
