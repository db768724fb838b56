// The door to templates: their text in, prompts out, as Jinja2 with strict undefined values makes them. Knows nothing of catalogs or
// what prompts are for.
import type { Loaded, Place, Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import { didYouMean } from '../text/nearest.ts';
import { codesOf, compileOne, gathered, type Gathered, type Shelf } from './library.ts';
import { GLOBALS } from './operations/globals.ts';
import { Context, stacksOf } from './rendering/scope.ts';
import type { Compiled } from './rendering/statements.ts';
import { TemplateFault, type FaultDetails } from './syntax/fault.ts';
import type { Position } from './syntax/tree.ts';
import { valueOf } from './values/host.ts';
import type { Thing } from './values/kinds.ts';
import { Run } from './values/run.ts';

export interface Origin {
  readonly file: string;
  /** Without it no other templates are there. */
  readonly shelf?: Shelf;
}

export interface CompiledTemplate extends Gathered {
  readonly file: string;
  readonly compiled: Compiled;
}

export type Rendering =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

const REASONS: Readonly<Record<FaultDetails['code'], string>> = {
  DD401: 'template_syntax',
  DD402: 'template_variable_undefined',
  DD404: 'template_too_large',
  DD405: 'template_failed',
  DD491: 'template_not_found',
};

/** Undefined, with a located problem, when the template or one that it surely loads does not parse or uses what templates may not. */
export function compileTemplate(text: string, { file, shelf }: Origin): Loaded<CompiledTemplate | undefined> {
  try {
    const compiled = compileOne(file, text);
    const { value, problems } = gathered(compiled, shelf);
    return { value: value === undefined ? undefined : { file, compiled, ...value }, problems };
  } catch (error) {
    return { value: undefined, problems: [problemOf(error, file)] };
  }
}

/** Takes tens of microseconds; the compiled template is the caller's to keep. */
export function render(template: CompiledTemplate, variables: Readonly<Record<string, unknown>>): Rendering {
  const { compiled, file } = template;
  try {
    const given = Object.entries(variables).map(([name, value]) => [name, valueOf(value)] as const);
    const run = new Run();
    const library = { codes: codesOf(template), globals: GLOBALS, modules: new Map<string, Thing>() };
    compiled.code.root(new Context(library, new Map([...GLOBALS, ...given]), stacksOf(compiled.code)), run);
    return { ok: true, text: run.out };
  } catch (error) {
    return { ok: false, problem: problemOf(error, file) };
  }
}

/** What it says of a name that nobody gives it: the cure, and what programs read besides the name. */
export interface NameDetails {
  readonly cure: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What of several templates each may be told by another. */
function storedIn(templates: readonly (Compiled | TemplateFault)[]): readonly string[] {
  if (templates.length === 1) return [];
  return templates.flatMap((each) => (each instanceof TemplateFault ? [] : [...each.findings.stored]));
}

/** The names in any branch that are not given, a problem each; what one of several templates sets is known to all. */
export function unknownNames(
  { compiled, others, possible, file }: CompiledTemplate,
  given: readonly string[],
  { cure, data }: NameDetails,
): readonly Problem[] {
  const all = [compiled, ...others.values()].map(({ findings }) => findings);
  const set = new Set(storedIn([compiled, ...others.values(), ...possible.values()]));
  const isKnown = (name: string): boolean => given.includes(name) || GLOBALS.has(name) || set.has(name);
  return all.flatMap(({ free, asked }) =>
    free
      .filter(({ name }) => !asked.has(name) && !isKnown(name))
      .toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
      .map(({ name, at, known }) =>
        problem('DD402', `'${name}' is undefined${didYouMean(name, [...known, ...given])}`, {
          reason: REASONS.DD402,
          place: placeOf(file, at),
          cure,
          data: { name, ...data },
        }),
      ),
  );
}

function problemOf(error: unknown, file: string): Problem {
  const tooDeep = { code: 'DD404', at: undefined } as const;
  const fault =
    error instanceof RangeError ? new TemplateFault('The template is nested too deeply', tooDeep) : error;
  if (!(fault instanceof TemplateFault)) throw error;
  const { code, at, cure, names } = fault.details;
  const data = names === undefined ? {} : { data: { names } };
  const details = { reason: REASONS[code], place: placeOf(file, at), ...data };
  return problem(code, fault.message, cure === undefined ? details : { ...details, cure });
}

function placeOf(file: string, at: Position | undefined): Place {
  return at === undefined ? { file } : { file: at.file ?? file, line: at.line, column: at.column };
}
