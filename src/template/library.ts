// Which templates one is made with: those that it loads by names that are written out, and those that it may load. Renders nothing.
import type { Loaded, Problem } from '../problem.ts';
import { normalizeNewlines } from '../text/python.ts';
import { isFit, type Pattern } from './rendering/reachable.ts';
import type { Code } from './rendering/scope.ts';
import { compileTemplateBody, type Compiled } from './rendering/statements.ts';
import { TemplateFault } from './syntax/fault.ts';
import { readTemplate } from './syntax/statements.ts';

/** A template that another loads: its path, and its text; undefined where there is none. */
export interface Loadable {
  readonly file: string;
  readonly text: string | undefined;
  /** Why its file can not be read, though it is there. */
  readonly problems?: readonly Problem[];
}

/** Where other templates are. What is found twice may be the same value, and is then compiled once. */
export interface Shelf {
  /** Finds what `{% include 'name' %}` and the like name; undefined for a name that leads out of where templates lie. */
  readonly load: (name: string) => Loadable | undefined;
  /** All names that begin like this, and perhaps others. */
  readonly names?: (beginning: string) => readonly string[];
}

export interface Gathered {
  /** The templates that one loads by names that are written out, and those in turn, by name. */
  readonly others: ReadonlyMap<string, Compiled>;
  /** Those that it may load by names that are worked out while it renders; what is wrong with one shows when it is loaded. */
  readonly possible: ReadonlyMap<string, Compiled | TemplateFault>;
  /** What was asked for on the way, by name, whether it is there or not. */
  readonly loaded: ReadonlyMap<string, Loadable>;
  /** Every name that is written out. */
  readonly written: ReadonlySet<string>;
}

const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_LOADED = 1_000;

/** Throws a TemplateFault for what does not parse. */
export function compileOne(name: string, text: string, file?: string): Compiled {
  const source = normalizeNewlines(text).replace(/\n$/, '');
  if (source.length > MAX_LENGTH)
    throw tooLarge(`The template has ${source.length} characters; ${MAX_LENGTH} are allowed`);
  return compileTemplateBody(name, readTemplate(source, file));
}

/** Undefined where one that is surely loaded can not be read. Throws a TemplateFault where it can not be used. */
export function gathered(compiled: Compiled, shelf: Shelf | undefined): Loaded<Gathered | undefined> {
  const others = new Map<string, Compiled>();
  const loaded = new Map<string, Loadable>();
  const written = new Set<string>();
  const open: Pattern[] = [];
  const ahead = [...compiled.loads];
  for (let pattern = ahead.pop(); pattern !== undefined; pattern = ahead.pop()) {
    const [name = '', ...rest] = pattern;
    if (rest.length > 0) open.push(pattern);
    else {
      written.add(name);
      const found = load(name, shelf, loaded);
      if (found?.problems?.[0] !== undefined) return { value: undefined, problems: found.problems };
      const other = found === undefined ? undefined : compileLoaded(name, found);
      if (other instanceof TemplateFault) throw other;
      if (other === undefined) continue;
      others.set(name, other);
      ahead.push(...other.loads);
    }
  }
  return { value: { others, possible: possibleOf(open, shelf, loaded), loaded, written }, problems: [] };
}

/** All that the patterns fit, and what may be loaded by those in turn. */
function possibleOf(
  ahead: Pattern[],
  shelf: Shelf | undefined,
  loaded: Map<string, Loadable>,
): Gathered['possible'] {
  const possible = new Map<string, Compiled | TemplateFault>();
  const gone = new Set<string>();
  for (let pattern = ahead.pop(); pattern !== undefined; pattern = ahead.pop()) {
    if (gone.has(JSON.stringify(pattern))) continue;
    gone.add(JSON.stringify(pattern));
    for (const name of namesThatFit(pattern, shelf)) {
      const found = load(name, shelf, loaded);
      const other = found === undefined ? undefined : compileLoaded(name, found);
      if (other === undefined) continue;
      possible.set(name, other);
      if (!(other instanceof TemplateFault)) ahead.push(...other.loads);
    }
  }
  return possible;
}

function namesThatFit(pattern: Pattern, shelf: Shelf | undefined): readonly string[] {
  const [beginning = '', ...rest] = pattern;
  if (rest.length === 0) return [beginning];
  return (shelf?.names?.(beginning) ?? []).filter((name) => isFit(name, pattern));
}

/** Undefined for what was loaded before as well. */
function load(name: string, shelf: Shelf | undefined, loaded: Map<string, Loadable>): Loadable | undefined {
  const found = loaded.has(name) ? undefined : shelf?.load(name);
  if (found === undefined) return undefined;
  loaded.set(name, found);
  if (loaded.size > MAX_LOADED) throw tooLarge(`More than ${MAX_LOADED} templates are, or may be, loaded`);
  return found;
}

const compiledOnce = new WeakMap<Loadable, Compiled | TemplateFault>();

/** Undefined where there is no text. */
function compileLoaded(name: string, found: Loadable): Compiled | TemplateFault | undefined {
  const known = compiledOnce.get(found);
  if (known !== undefined) return known;
  const made = compiledOrFault(name, found);
  if (made !== undefined) compiledOnce.set(found, made);
  return made;
}

function compiledOrFault(
  name: string,
  { text, file, problems }: Loadable,
): Compiled | TemplateFault | undefined {
  const at = { file, line: 1, column: 1 };
  if (problems?.[0] !== undefined) return new TemplateFault(problems[0].message, { code: 'DD405', at });
  try {
    return text === undefined ? undefined : compileOne(name, text, file);
  } catch (error) {
    if (error instanceof TemplateFault) return error;
    if (error instanceof RangeError)
      return new TemplateFault('The template is nested too deeply', { code: 'DD404', at });
    throw error;
  }
}

function tooLarge(message: string): TemplateFault {
  return new TemplateFault(message, { code: 'DD404', at: undefined });
}

/** By name; one that can not be used says so when it is run. */
export function codesOf({ others, possible }: Gathered): ReadonlyMap<string, Code> {
  const all = [...possible, ...others].map(([name, made]) => [name, codeOf(name, made)] as const);
  return new Map(all);
}

function codeOf(name: string, made: Compiled | TemplateFault): Code {
  if (!(made instanceof TemplateFault)) return made.code;
  const root = (): never => {
    throw made;
  };
  return { name, root, blocks: new Map() };
}
