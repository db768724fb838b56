// Side by side with Debian's Jinja2: all cases by hand, 20,000 templates that a grammar makes, and every filter, test, operator and method
// with every kind of argument. Texts are the same to the letter, and errors are of the same kind. DAYDREAM_SOAK=1 takes ten times as many.
import { describe, expect, it } from 'vitest';
import { differences, type JinjaCase } from '../support/jinja2.ts';
import { CASES, LOADING } from '../support/jinjacases.ts';
import { templatesBy } from '../support/jinjagrammar.ts';
import { templatesOfTable } from '../support/jinjatable.ts';
import { needing } from '../support/needs.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const SEED = 14;
const BATCH = 4_000;
const SEEDS = Array.from({ length: SOAK ? 50 : 5 }, (_, at) => SEED + at);

const within = (tag: string, { template, ...rest }: JinjaCase): JinjaCase => ({
  template: `{% ${tag} %}${template}{% endautoescape %}`,
  ...rest,
});

describe('side by side with Jinja2', needing('python3-jinja2'), () => {
  it.each(SEEDS)(
    `${BATCH} templates by the grammar, seed %i`,
    (seed) => expect(differences(templatesBy(seed, BATCH))).toEqual([]),
    900_000,
  );

  it('every filter, test, operator and method, with all that it can be given', () => {
    const all = templatesOfTable().filter((_, at) => SOAK || at % 10 === 0);
    expect(differences(all.map((template) => ({ template, variables: {} })))).toEqual([]);
  }, 900_000);

  it('all cases by hand', () => {
    expect(differences(CASES)).toEqual([]);
  });

  it.each(['autoescape true', 'autoescape n'])('all of them in {%% %s %%}', (tag) => {
    const cases = [...CASES, ...LOADING].filter(({ template }) => !template.includes('extends'));
    expect(differences(cases.map((each) => within(tag, each)))).toEqual([]);
  });
});
