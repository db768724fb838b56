// The door to templates: their text in, prompts out, as Jinja2 with strict undefined values makes them. Knows nothing of catalogs or
// what prompts are for.
import type { Loaded, Place, Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import { didYouMean } from '../text/nearest.ts';
import { normalizeNewlines } from '../text/python.ts';
import { GLOBALS } from './operations/globals.ts';
import { Context } from './rendering/scope.ts';
import { compileTemplateBody, type Compiled } from './rendering/statements.ts';
import { readTemplate } from './syntax/statements.ts';
import { TemplateFault, type FaultDetails } from './syntax/fault.ts';
import type { Position } from './syntax/tree.ts';
import { valueOf } from './values/host.ts';
import { Run } from './values/run.ts';

export interface CompiledTemplate {
  readonly file: string;
  readonly compiled: Compiled;
}

export type Rendering =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

const REASONS: Readonly<Record<FaultDetails['code'], string>> = {
  DD401: 'template_syntax',
  DD402: 'template_variable_undefined',
  DD403: 'template_loads_template',
  DD404: 'template_too_large',
  DD405: 'template_failed',
};
const MAX_LENGTH = 4 * 1024 * 1024;

/** Undefined, with a located problem, when the template does not parse or uses what templates may not. */
export function compileTemplate(
  text: string,
  { file }: { readonly file: string },
): Loaded<CompiledTemplate | undefined> {
  const source = normalizeNewlines(text).replace(/\n$/, '');
  if (source.length > MAX_LENGTH) {
    const message = `The template has ${source.length} characters; ${MAX_LENGTH} are allowed`;
    const fault = new TemplateFault(message, { code: 'DD404', at: undefined });
    return { value: undefined, problems: [problemOf(fault, file)] };
  }
  try {
    return { value: { file, compiled: compileTemplateBody(file, readTemplate(source)) }, problems: [] };
  } catch (error) {
    return { value: undefined, problems: [problemOf(error, file)] };
  }
}

/** Takes tens of microseconds; the compiled template is the caller's to keep. */
export function render(
  { compiled, file }: CompiledTemplate,
  variables: Readonly<Record<string, unknown>>,
): Rendering {
  try {
    const given = new Map(Object.entries(variables).map(([name, value]) => [name, valueOf(value)]));
    const run = new Run();
    compiled.code.root(new Context(new Map([...GLOBALS, ...given]), stacksOf(compiled)), run);
    return { ok: true, text: run.out };
  } catch (error) {
    return { ok: false, problem: problemOf(error, file) };
  }
}

function stacksOf({ code }: Compiled): ConstructorParameters<typeof Context>[1] {
  return [...code.blocks].map(([name, block]) => [name, [block]] as const);
}

/** What it says of a name that nobody gives it: the cure, and what programs read besides the name. */
export interface NameDetails {
  readonly cure: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The names in any branch that are not given, a problem each. */
export function unknownNames(
  { compiled, file }: CompiledTemplate,
  given: readonly string[],
  { cure, data }: NameDetails,
): readonly Problem[] {
  const { free, asked } = compiled.findings;
  return [...free]
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .filter(({ name }) => !asked.has(name) && !given.includes(name) && !GLOBALS.has(name))
    .map(({ name, at, known }) =>
      problem('DD402', `'${name}' is undefined${didYouMean(name, [...known, ...given])}`, {
        reason: REASONS.DD402,
        place: placeOf(file, at),
        cure,
        data: { name, ...data },
      }),
    );
}

function problemOf(error: unknown, file: string): Problem {
  const tooDeep = { code: 'DD404', at: undefined } as const;
  const fault =
    error instanceof RangeError ? new TemplateFault('The template is nested too deeply', tooDeep) : error;
  if (!(fault instanceof TemplateFault)) throw error;
  const { code, at, cure } = fault.details;
  const details = { reason: REASONS[code], place: placeOf(file, at) };
  return problem(code, fault.message, cure === undefined ? details : { ...details, cure });
}

function placeOf(file: string, at: Position | undefined): Place {
  return at === undefined ? { file } : { file, line: at.line, column: at.column };
}
