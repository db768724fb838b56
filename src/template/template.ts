// The door to templates: their text in, prompts out, as Jinja2 with strict undefined values makes them. Knows nothing of catalogs or
// what prompts are for.
import type { Loaded, Place, Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import { didYouMean } from '../text/nearest.ts';
import { normalizeNewlines } from '../text/python.ts';
import { GLOBALS } from './operations/globals.ts';
import { Context, stacksOf } from './rendering/scope.ts';
import { compileTemplateBody, type Compiled } from './rendering/statements.ts';
import { readTemplate } from './syntax/statements.ts';
import { TemplateFault, type FaultDetails } from './syntax/fault.ts';
import type { Position } from './syntax/tree.ts';
import { valueOf } from './values/host.ts';
import type { Thing } from './values/kinds.ts';
import { Run } from './values/run.ts';

/** A template that another loads: its path, and its text; undefined where there is none. */
export interface Loadable {
  readonly file: string;
  readonly text: string | undefined;
  /** Why its file can not be read, though it is there. */
  readonly problems?: readonly Problem[];
}

/** Finds what `{% include 'name' %}` and the like name; undefined for a name that leads out of where templates lie. */
export type LoadTemplate = (name: string) => Loadable | undefined;

export interface Origin {
  readonly file: string;
  /** Without it no other templates are there. */
  readonly load?: LoadTemplate;
}

export interface CompiledTemplate {
  readonly file: string;
  readonly compiled: Compiled;
  /** The templates that it loads, and those in turn, by name. */
  readonly others: ReadonlyMap<string, Compiled>;
  /** What was asked for on the way, by name, whether it is there or not. */
  readonly loaded: ReadonlyMap<string, Loadable>;
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
  DD491: 'template_not_found',
};
const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_LOADED = 1_000;

/** Undefined, with a located problem, when the template or one that it loads does not parse or uses what templates may not. */
export function compileTemplate(text: string, { file, load }: Origin): Loaded<CompiledTemplate | undefined> {
  try {
    const compiled = compileOne(file, text);
    const others = new Map<string, Compiled>();
    const loaded = new Map<string, Loadable>();
    const ahead = [...compiled.findings.loads];
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      const found = loaded.has(name) ? undefined : load?.(name);
      if (found === undefined) continue;
      loaded.set(name, found);
      if (found.problems?.[0] !== undefined) return { value: undefined, problems: found.problems };
      if (found.text === undefined) continue;
      if (loaded.size > MAX_LOADED) throw tooLarge(`More than ${MAX_LOADED} templates are loaded`);
      const other = compileOne(name, found.text, found.file);
      others.set(name, other);
      ahead.push(...other.findings.loads);
    }
    return { value: { file, compiled, others, loaded }, problems: [] };
  } catch (error) {
    return { value: undefined, problems: [problemOf(error, file)] };
  }
}

function compileOne(name: string, text: string, file?: string): Compiled {
  const source = normalizeNewlines(text).replace(/\n$/, '');
  if (source.length > MAX_LENGTH)
    throw tooLarge(`The template has ${source.length} characters; ${MAX_LENGTH} are allowed`);
  return compileTemplateBody(name, readTemplate(source, file));
}

function tooLarge(message: string): TemplateFault {
  return new TemplateFault(message, { code: 'DD404', at: undefined });
}

/** Takes tens of microseconds; the compiled template is the caller's to keep. */
export function render(
  { compiled, others, file }: CompiledTemplate,
  variables: Readonly<Record<string, unknown>>,
): Rendering {
  try {
    const given = Object.entries(variables).map(([name, value]) => [name, valueOf(value)] as const);
    const run = new Run();
    const codes = new Map([...others].map(([name, { code }]) => [name, code]));
    const library = { codes, globals: GLOBALS, modules: new Map<string, Thing>() };
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

/** The names in any branch that are not given, a problem each; what one of several templates sets is known to all. */
export function unknownNames(
  { compiled, others, file }: CompiledTemplate,
  given: readonly string[],
  { cure, data }: NameDetails,
): readonly Problem[] {
  const all = [compiled, ...others.values()].map(({ findings }) => findings);
  const set = new Set(others.size === 0 ? [] : all.flatMap(({ stored }) => [...stored]));
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
  const { code, at, cure } = fault.details;
  const details = { reason: REASONS[code], place: placeOf(file, at) };
  return problem(code, fault.message, cure === undefined ? details : { ...details, cure });
}

function placeOf(file: string, at: Position | undefined): Place {
  return at === undefined ? { file } : { file: at.file ?? file, line: at.line, column: at.column };
}
