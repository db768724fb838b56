// `{% macro %}` and `{% call %}`: what they are called with, and what they give back. Knows no other statement.
import { syntaxFault } from '../syntax/fault.ts';
import {
  bodyOf,
  mentions,
  namesOf,
  type Body,
  type CallStatement,
  type MacroStatement,
  type Statement,
} from '../syntax/tree.ts';
import { Dict, MISSING, Thing, Tuple, Undefined } from '../values/kinds.ts';
import { captureText } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { compile, innerFrame, type Frame } from './expressions.ts';
import { enter, type Scope } from './scope.ts';

/** Whether a body uses a name that it has not given a value before. */
export function usesName(body: Body, name: string): boolean {
  return lookFor(body, name) === 'used';
}

type Found = 'used' | 'stored' | undefined;

function lookFor(body: Body, name: string): Found {
  for (const statement of body) {
    if (statement.kind === 'block') continue;
    const stores = storedBy(statement).includes(name);
    if (stores && statement.kind !== 'callblock') return 'stored';
    if (mentions(statement, name)) return 'used';
    if (stores) return 'stored';
    const found = lookFor(bodyOf(statement), name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What other templates give names to is nothing that Jinja2 takes notice of here. */
function storedBy(node: Statement): readonly string[] {
  if ('target' in node) return namesOf(node.target);
  if ('signature' in node) return node.signature.params.map(([param]) => param);
  return node.kind === 'with' ? node.targets.flatMap(namesOf) : [];
}

const SPECIAL = ['caller', 'kwargs', 'varargs'] as const;

interface Macro {
  readonly name: string | undefined;
  readonly params: readonly string[];
  /** The slots of what the body uses besides its parameters. */
  readonly special: Readonly<Record<(typeof SPECIAL)[number], number | undefined>>;
}

/** The macro that a name is given to, or without a name the `caller` of a call. */
export function compileMacro(node: MacroStatement | CallStatement, frame: Frame): (scope: Scope) => Thing {
  const { signature, body, at } = node;
  const name = node.kind === 'macro' ? node.name : undefined;
  const inner: Frame = { ...innerFrame(frame), extending: false };
  const { symbols } = inner;
  const params = signature.params.map(([param]) => param);
  const slots = params.map((param) => symbols.give(param));
  const special = Object.fromEntries(
    SPECIAL.map((each) => [
      each,
      usesName(body, each) && !params.includes(each) ? symbols.give(each) : undefined,
    ]),
  ) as Macro['special'];
  if (
    usesName(body, 'caller') &&
    params.includes('caller') &&
    signature.params.find(([param]) => param === 'caller')?.[1] === undefined
  )
    throw syntaxFault('The special "caller" argument must be omitted or be given a default', at);
  for (const [, value] of signature.params) if (value !== undefined) symbols.expression(value);
  symbols.body(body);
  const defaults = signature.params.map(([, value]) =>
    value === undefined ? undefined : compile(value, inner),
  );
  const execute = frame.compileBody(body, inner);
  const macro: Macro = { name, params, special };
  const takesCaller = special.caller !== undefined || (params.includes('caller') && usesName(body, 'caller'));
  return (outer) =>
    new Thing({
      type: 'jinja2.runtime.Macro',
      shown: () => `<Macro ${name === undefined ? 'anonymous' : `'${name}'`}>`,
      attribute: (member) => memberOf(member, macro, takesCaller),
      call(args, named, run) {
        const scope = enter(inner, outer);
        const rest = takeArguments(macro, args, named, run);
        for (const [index, slot] of slots.entries()) scope.slots[slot] = rest.values[index];
        for (const each of SPECIAL) if (special[each] !== undefined) scope.slots[special[each]] = rest[each];
        const fill = (): void => {
          for (const [index, slot] of slots.entries())
            if (scope.slots[slot] === MISSING)
              scope.slots[slot] =
                defaults[index]?.(scope, run) ??
                (defaults[index] === undefined
                  ? new Undefined(`parameter '${params[index] ?? ''}' was not provided`, run.at)
                  : null);
          execute(scope, run);
        };
        const { context } = outer.activation;
        return captureText(() => run.escapingAs(context.escaping, fill), run.autoescape, run);
      },
    });
}

interface Taken {
  readonly values: readonly unknown[];
  readonly caller: unknown;
  readonly kwargs: Dict;
  readonly varargs: Tuple;
}

function takeArguments(
  { name, params, special }: Macro,
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  run: Run,
): Taken {
  const left = new Map(named);
  const taken = (param: string): unknown => {
    const value = left.has(param) ? left.get(param) : MISSING;
    left.delete(param);
    return value;
  };
  const values = params.map((param, at) => (at < args.length ? args[at] : taken(param)));
  const given = special.caller === undefined ? MISSING : taken('caller');
  const caller = given === MISSING || given === null ? new Undefined('No caller defined', run.at) : given;
  const shown = name === undefined ? 'None' : `'${name}'`;
  const [stray] = left.keys();
  if (special.kwargs === undefined && stray !== undefined)
    throw run.failed(`macro ${shown} takes no keyword argument '${stray}'`);
  if (special.varargs === undefined && args.length > params.length)
    throw run.failed(`macro ${shown} takes not more than ${params.length} argument(s)`);
  return { values, caller, kwargs: Dict.of(left), varargs: new Tuple(args.slice(params.length)) };
}

function memberOf(member: string, { name, params, special }: Macro, caller: boolean): unknown {
  const members: Readonly<Record<string, unknown>> = {
    name: name ?? null,
    arguments: new Tuple(params),
    catch_kwargs: special.kwargs !== undefined,
    catch_varargs: special.varargs !== undefined,
    caller,
    explicit_caller: params.includes('caller'),
  };
  return Object.hasOwn(members, member) ? members[member] : MISSING;
}
