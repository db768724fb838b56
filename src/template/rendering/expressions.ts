// Expressions made into functions of a scope. Knows no statement.
import { didYouMean } from '../../text/nearest.ts';
import { syntaxFault } from '../syntax/fault.ts';
import {
  partsOf,
  type Arguments,
  type Body,
  type CallExpression,
  type Comparison,
  type Expression,
  type FilterExpression,
  type Position,
} from '../syntax/tree.ts';
import { memberByKey, memberByName } from '../methods/members.ts';
import { FILTERS, TESTS } from '../operations/operations.ts';
import { calculate, negated } from '../values/arithmetic.ts';
import {
  Dict,
  isTrue,
  Markup,
  MISSING,
  Slice,
  Thing,
  Tuple,
  typeOf,
  Undefined,
  used,
  type Call,
} from '../values/kinds.ts';
import { HOLDS, setEntry } from '../values/order.ts';
import { escaped, print, softText } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { iterate } from '../values/sequences.ts';
import { valueAt, type Scope } from './scope.ts';
import type { Symbols } from './symbols.ts';

export type Evaluate = (scope: Scope, run: Run) => unknown;
export type Execute = (scope: Scope, run: Run) => void;

/** Where an expression or a statement stands. */
export interface Frame {
  readonly symbols: Symbols;
  /** What is set here is the template's own, for others to import. */
  readonly toplevel: boolean;
  /** Run only if something holds: an unknown filter is an error when it is used. */
  readonly soft: boolean;
  /** Text here is not written once the template extends another. */
  readonly extending: boolean;
  /** Whether text is escaped here, as far as that is known before anything runs. */
  readonly escaping: boolean;
  /** It is not: constants are written as they are outside of here. */
  readonly escapingOpen: boolean;
  /** How bodies are compiled, for statements that have some. */
  readonly compileBody: (body: Body, frame: Frame) => Execute;
}

/** A frame of names of its own inside another. */
export function innerFrame(frame: Frame, symbols: Symbols): Frame {
  return { ...frame, symbols, toplevel: false, soft: false };
}

/** Jinja2 works these out before it renders; filters and tests only where it is known whether text is escaped. */
export function isConstant(node: Expression, escapingOpen: boolean): boolean {
  if (node.kind === 'name' || node.kind === 'call') return false;
  if (escapingOpen && (node.kind === 'filter' || node.kind === 'test')) return false;
  const isWhole = node.kind !== 'choice' || node.otherwise !== undefined;
  return isWhole && partsOf(node).every((part) => isConstant(part, escapingOpen));
}

/** Whether what is written here is escaped: as far as the text tells, else as the template says while it runs. */
export function escapes({ escaping, escapingOpen }: Frame, run: Run): boolean {
  return escapingOpen ? run.autoescape : escaping;
}

export function compile(node: Expression, frame: Frame): Evaluate {
  const { at } = node;
  const part = (inner: Expression): Evaluate => compile(inner, frame);
  switch (node.kind) {
    case 'constant':
      return () => node.value;
    case 'name':
      return compileName(node.name, at, frame);
    case 'tuple':
    case 'list': {
      const items = node.items.map(part);
      const isTuple = node.kind === 'tuple';
      return (scope, run) => {
        const made = run.list(items.map((item) => item(scope, run)));
        return isTuple ? new Tuple(made) : made;
      };
    }
    case 'mapping':
      return compileMapping(
        node.entries.map(([key, value]) => [part(key), part(value)]),
        at,
      );
    case 'attribute': {
      const of = part(node.of);
      return (scope, run) => memberByName(placed(of(scope, run), at, run), node.name, run);
    }
    case 'item': {
      const [of, key] = [part(node.of), part(node.key)];
      return (scope, run) => {
        const value = of(scope, run);
        const wanted = key(scope, run);
        return memberByKey(placed(value, at, run), wanted, run);
      };
    }
    case 'slice': {
      const [start, stop, step] = [node.start, node.stop, node.step].map((each) =>
        each === undefined ? () => null : part(each),
      );
      return (scope, run) => new Slice(start?.(scope, run), stop?.(scope, run), step?.(scope, run));
    }
    case 'call':
      return compileCall(node, frame);
    case 'filter':
      return compileFilter(node, frame);
    case 'test':
      return compileOperation(
        { ...node, kind: 'test', call: operationNamed('test', node.name, { at, frame }) },
        frame,
      );
    case 'choice':
      return compileChoice(node, frame);
    default:
      return compileOperator(node, frame);
  }
}

type Operator = Extract<
  Expression,
  { readonly kind: 'not' | 'negative' | 'positive' | 'arithmetic' | 'and' | 'or' | 'joined' | 'comparison' }
>;

function compileOperator(node: Operator, frame: Frame): Evaluate {
  const { at } = node;
  const part = (inner: Expression): Evaluate => compile(inner, frame);
  switch (node.kind) {
    case 'not': {
      const of = part(node.of);
      return (scope, run) => !isTrue(of(scope, run), run);
    }
    case 'negative':
    case 'positive': {
      const of = part(node.of);
      const sign = node.kind === 'negative' ? -1 : 1;
      return (scope, run) => negated(placed(of(scope, run), at, run), sign, run);
    }
    case 'arithmetic': {
      const [left, right] = [part(node.left), part(node.right)];
      return (scope, run) => {
        const [a, b] = [left(scope, run), right(scope, run)];
        return calculate(node.operator, placed(a, at, run), b, run);
      };
    }
    case 'and':
    case 'or': {
      const [left, right] = [part(node.left), part(node.right)];
      const wanted = node.kind === 'and';
      return (scope, run) => {
        const value = left(scope, run);
        return isTrue(value, run) === wanted ? right(scope, run) : value;
      };
    }
    case 'joined':
      return compileJoined(node, frame);
    case 'comparison':
      return compileComparison(
        part(node.first),
        node.rest.map(([operator, right]) => [operator, part(right)]),
        at,
      );
    default:
      return node satisfies never;
  }
}

/** What is done with the value is done here. */
function placed(value: unknown, at: Position, run: Run): unknown {
  run.at = at;
  return value;
}

function compileName(name: string, at: Position, { symbols }: Frame): Evaluate {
  const place = symbols.find(name);
  return (scope, run) => {
    run.at = at;
    const value = place === undefined ? MISSING : valueAt(scope, place);
    return value === MISSING ? new Undefined(`'${name}' is undefined`, at) : value;
  };
}

function compileMapping(entries: readonly (readonly [Evaluate, Evaluate])[], at: Position): Evaluate {
  return (scope, run) => {
    const dict = new Dict();
    for (const [key, value] of entries) {
      const [name, item] = [key(scope, run), value(scope, run)];
      run.at = at;
      setEntry(dict, name, item, run);
    }
    return dict;
  };
}

function compileJoined(node: Extract<Operator, { readonly kind: 'joined' }>, frame: Frame): Evaluate {
  const { at } = node;
  const items = node.items.map((item) => compile(item, frame));
  const mayBeSafe = frame.escaping && !frame.escapingOpen && !isConstant(node, false);
  return (scope, run) => {
    const values = items.map((item) => item(scope, run));
    run.at = at;
    const texts = values.map((value) => softText(value, run));
    if (mayBeSafe && texts.some((text) => text instanceof Markup))
      return new Markup(run.text(texts.map((text) => escaped(text, run).text).join('')));
    return run.text(texts.map((text) => print(text, run)).join(''));
  };
}

/** Each part is looked at once, and none after the first that does not hold. */
function compileComparison(
  first: Evaluate,
  rest: readonly (readonly [Comparison, Evaluate])[],
  at: Position,
): Evaluate {
  return (scope, run) => {
    let left = first(scope, run);
    for (const [operator, part] of rest) {
      const right = part(scope, run);
      run.at = at;
      if (!HOLDS[operator](left, right, run)) return false;
      left = right;
    }
    return true;
  };
}

function compileChoice(node: Extract<Expression, { readonly kind: 'choice' }>, frame: Frame): Evaluate {
  const soft = { ...frame, soft: true };
  const test = compile(node.test, soft);
  const value = compile(node.value, soft);
  const missing = 'the inline if-expression evaluated to false and no else section was defined.';
  const otherwise: Evaluate =
    node.otherwise === undefined
      ? () => new Undefined(missing, node.at, true)
      : compile(node.otherwise, soft);
  return (scope, run) => (isTrue(test(scope, run), run) ? value : otherwise)(scope, run);
}

interface Given {
  readonly args: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

function compileArguments(
  { positional, named, more, moreNamed }: Arguments,
  frame: Frame,
): (scope: Scope, run: Run) => Given {
  const values = positional.map((each) => compile(each, frame));
  const pairs = named.map(([name, value]) => [name, compile(value, frame)] as const);
  const [list, mapping] = [more, moreNamed].map((each) =>
    each === undefined ? undefined : compile(each, frame),
  );
  return (scope, run) => {
    const args = values.map((value) => value(scope, run));
    const given = new Map(pairs.map(([name, value]) => [name, value(scope, run)]));
    if (list !== undefined) args.push(...iterate(list(scope, run), run));
    const names = mapping?.(scope, run);
    if (names !== undefined && !(names instanceof Dict))
      throw run.failed(`what stands behind ** is no mapping: '${typeOf(used(names, run))}'`);
    for (const [name, value] of names?.entries.values() ?? []) {
      if (typeof name !== 'string' || given.has(name))
        throw run.failed('a keyword is no text, or is given twice');
      given.set(name, value);
    }
    return { args, named: given };
  };
}

export function compileCall(
  node: CallExpression,
  frame: Frame,
  more?: readonly [string, Evaluate],
): Evaluate {
  const of = compile(node.of, frame);
  const given = compileArguments(node.args, frame);
  return (scope, run) => {
    const callee = of(scope, run);
    const { args, named } = given(scope, run);
    const all = more === undefined ? named : new Map([...named, [more[0], more[1](scope, run)]]);
    run.at = node.at;
    const call =
      used(callee, run) instanceof Thing && callee instanceof Thing ? callee.parts.call : undefined;
    if (call === undefined) throw run.failed(`'${typeOf(callee)}' object is not callable`);
    run.doing = 'the call';
    run.work();
    return run.deeper(() => run.elsewhere(() => call(args, all, run)));
  };
}

/** Without anything to filter in front, what a block has made is filtered. */
export function compileFilter(node: FilterExpression, frame: Frame, input?: Evaluate): Evaluate {
  const { at } = node;
  const call = operationNamed('filter', node.name, { at, frame });
  if (node.of !== undefined && node.of.kind === 'filter' && input !== undefined)
    return compileOperation({ ...node, call, input: compileFilter(node.of, frame, input) }, frame);
  return compileOperation({ ...node, call, input }, frame);
}

interface Operation {
  readonly kind: 'filter' | 'test';
  readonly name: string;
  readonly of: Expression | undefined;
  readonly args: Arguments;
  readonly at: Position;
  readonly call: Call;
  readonly input?: Evaluate | undefined;
}

function compileOperation({ kind, name, of, args, at, call, input }: Operation, frame: Frame): Evaluate {
  const doing = `the ${kind} "${name}"`;
  const value = input ?? (of === undefined ? () => '' : compile(of, frame));
  const given = compileArguments(args, frame);
  return (scope, run) => {
    const first = value(scope, run);
    const { args: rest, named } = given(scope, run);
    run.at = at;
    run.doing = doing;
    run.work();
    return call([first, ...rest], named, run);
  };
}

function operationNamed(
  kind: 'filter' | 'test',
  name: string,
  { at, frame }: { readonly at: Position; readonly frame: Frame },
): Call {
  const table = kind === 'filter' ? FILTERS : TESTS;
  const call = table.get(name);
  if (call !== undefined) return call;
  const message = `There is no ${kind} "${name}"${didYouMean(name, table.keys())}`;
  if (!frame.soft) throw syntaxFault(message, at, `Use one of: ${[...table.keys()].sort().join(', ')}.`);
  return (_args, _named, run) => {
    throw run.failed(message);
  };
}
