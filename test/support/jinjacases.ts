// The cases that stand in test/fixtures/jinja2: templates alone, and templates that load others. Renders none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JinjaCase } from './jinja2.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/jinja2');
export const readFixture = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));

export const CONCEPTS = [
  { name: 'Tides', content: 'Water that comes and goes.' },
  { name: 'Markets', content: 'Prices that come and go.' },
];
const VARIABLES = { concepts: CONCEPTS, response: 'Some text.\nIts <b>second</b> line. 🌊 é', n: 5, f: 2.5 };
export const CASES: readonly JinjaCase[] = (readFixture('templates.json') as readonly string[]).map(
  (template) => ({
    template,
    variables: VARIABLES,
  }),
);

interface Loading {
  readonly variables: JinjaCase['variables'];
  /** What the cases load. */
  readonly templates: Readonly<Record<string, string>>;
  readonly cases: readonly string[];
}

export const LOADING = (readFixture('loading.json') as readonly Loading[]).flatMap(({ cases, ...rest }) =>
  cases.map((template) => ({ template, ...rest })),
);
