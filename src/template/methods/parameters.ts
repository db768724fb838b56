// How the functions of templates take their arguments: by place or by name, as Python's do. Knows no function.
import { MISSING, Thing, type Call } from '../values/kinds.ts';
import type { Run } from '../values/run.ts';

/** Arguments come in the order of the parameters, undefined where the template gives none. */
export type Apply = (given: readonly unknown[], run: Run) => unknown;

/**
 * `'value width? first?'`: names with blanks between, those with a question mark may be left out. With `/` at the end they are given
 * by place alone; those behind a `*`, by name alone.
 */
export function taking(params: string, apply: Apply): Call {
  const byPlace = params.endsWith('/');
  const listed = params.split(' ').filter((word) => word !== '' && word !== '/');
  const words = listed.filter((word) => word !== '*');
  const most = listed.includes('*') ? listed.indexOf('*') : words.length;
  const names = words.map((word) => word.replace('?', ''));
  const needed = words.filter((word) => !word.endsWith('?')).length;
  return (args, named, run) => {
    if (args.length > most)
      throw run.failed(`${run.doing} takes ${most} arguments at most, not ${args.length}`);
    const given: unknown[] = [...args];
    for (const [name, value] of named) {
      const at = byPlace ? -1 : names.indexOf(name);
      if (at < 0 || at < args.length) throw run.failed(`${run.doing} takes no such argument: "${name}"`);
      given[at] = value;
    }
    for (let at = 0; at < needed; at += 1)
      if (given[at] === undefined) throw run.failed(`${run.doing} needs "${names[at] ?? ''}"`);
    return apply(given, run);
  };
}

const NONE: ReadonlyMap<string, unknown> = new Map();

export function callWith(call: Call, args: readonly unknown[], run: Run): unknown {
  return call(args, NONE, run);
}

/** A method of a value, as a value; MISSING where there is none. */
export function bound(methods: ReadonlyMap<string, Call> | undefined, self: unknown, name: string): unknown {
  const method = methods?.get(name);
  if (method === undefined) return MISSING;
  return new Thing({
    type: 'builtin_function_or_method',
    call: (args, named, run) => method([self, ...args], named, run),
  });
}

/** A method that Python has and templates have not, for what it makes. */
export function refused(made: string): Call {
  return (_args, _named, run) => {
    throw run.failed(`this is refused: it makes ${made}, which no prompt has a use for`);
  };
}

/** Functions by their names. */
export function table(functions: Readonly<Record<string, Call>>): ReadonlyMap<string, Call> {
  return new Map(Object.entries(functions));
}
