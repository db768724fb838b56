// Templates rendered side by side: by Debian's Jinja2, in one process of Python for many, and by ours. Knows no test.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compileTemplate, render } from '../../src/template/template.ts';
import { locate } from './needs.ts';

export interface JinjaCase {
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Others that it may load, by name. */
  readonly templates?: Readonly<Record<string, string>>;
}

/** Texts are compared to the letter, errors by their kind. */
export type Outcome =
  | { readonly text: string }
  | { readonly error: 'syntax' | 'undefined' | 'failed' | 'missing' | 'refused'; readonly said?: string }
  /** No outcome that another rendering would have again: an address in memory, or no end in time. */
  | { readonly skipped: string };

/** In the order of the cases. Needs python3-jinja2. */
function renderedByJinja2(cases: readonly JinjaCase[]): readonly Outcome[] {
  const { stdout, stderr, status } = spawnSync(
    locate('python3-jinja2'),
    [join(import.meta.dirname, 'reference.py')],
    {
      input: cases.map((each) => `${JSON.stringify(each)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    },
  );
  if (status !== 0) throw new Error(`Jinja2 did not render: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
}

const ERRORS = {
  DD401: 'syntax',
  DD402: 'undefined',
  DD404: 'refused',
  DD405: 'failed',
  DD491: 'missing',
} as const;

export function renderedByUs({ template, variables, templates = {} }: JinjaCase): Outcome {
  const { value, problems } = compileTemplate(template, {
    file: 'a.txt',
    shelf: {
      load: (name) => ({ file: name, text: Object.hasOwn(templates, name) ? templates[name] : undefined }),
      names: () => Object.keys(templates),
    },
  });
  const result = value === undefined ? undefined : render(value, variables);
  if (result?.ok === true) return { text: result.text };
  const problem = result?.problem ?? problems[0];
  const error = ERRORS[problem?.code as keyof typeof ERRORS];
  return { error, said: `${problem?.message} (${problem?.place?.line}:${problem?.place?.column})` };
}

interface Difference {
  readonly template: string;
  readonly jinja2: Outcome;
  readonly ours: Outcome;
}

/** What is not the same; where Jinja2 had no outcome of its own, ours only has to end. */
export function differences(cases: readonly JinjaCase[]): readonly Difference[] {
  const theirs = renderedByJinja2(cases);
  return cases.flatMap((each, at) => {
    const jinja2 = theirs[at] ?? { skipped: 'nothing' };
    const ours = renderedByUs(each);
    return same(jinja2, ours) ? [] : [{ template: each.template, jinja2, ours }];
  });
}

function same(jinja2: Outcome, ours: Outcome): boolean {
  if ('skipped' in jinja2) return true;
  if ('text' in jinja2) return 'text' in ours && ours.text === jinja2.text;
  // What Python has no memory for is refused before it is tried.
  return (
    'error' in ours &&
    (ours.error === jinja2.error || (ours.error === 'refused' && jinja2.error === 'failed'))
  );
}
