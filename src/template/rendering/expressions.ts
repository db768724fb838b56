// Expressions made into functions of a scope. Knows no statement.
import { didYouMean } from '../../text/nearest.ts';
import { syntaxFault } from '../syntax/fault.ts';
import {
  partsOf,
  type Arguments,
  type Body,
  type ByKind,
  type CallExpression,
  type Expression,
  type NodeOf,
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
  numberOf,
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

/** A frame of names of its own inside another; it has to be told of them. */
export function innerFrame(frame: Frame): Frame {
  return { ...frame, symbols: frame.symbols.inner(), toplevel: false, soft: false };
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

const COMPILERS: ByKind<Expression, [frame: Frame], Evaluate> = {
  constant({ value }) {
    return () => value;
  },
  name: compileName,
  tuple: ({ items }, frame) => listing(items, frame, (made) => new Tuple(made)),
  list: ({ items }, frame) => listing(items, frame, (made) => made),
  mapping: compileMapping,
  attribute: (node, frame) => applying(node, frame, (value, run) => memberByName(value, node.name, run)),
  item: ({ of, key, at }, frame) => combining([of, key], at, frame, memberByKey),
  slice({ start, stop, step }, frame) {
    const parts = [start, stop, step].map((each) => (each === undefined ? undefined : compile(each, frame)));
    return (scope, run) => {
      const [from = null, to = null, by = null] = parts.map((part) => part?.(scope, run));
      return new Slice(from, to, by);
    };
  },
  call: (node, frame) => compileCall(node, frame),
  filter: (node, frame) => compileOperation(node, frame),
  test: (node, frame) => compileOperation(node, frame),
  choice: compileChoice,
  not: (node, frame) => applying(node, frame, (value, run) => !isTrue(value, run)),
  negative: (node, frame) => applying(node, frame, (value, run) => negated(value, -1, run)),
  positive: (node, frame) => applying(node, frame, (value, run) => negated(value, 1, run)),
  arithmetic: compileArithmetic,
  and: (node, frame) => choosing(node, frame, true),
  or: (node, frame) => choosing(node, frame, false),
  joined: compileJoined,
  comparison: compileComparison,
};

export function compile(node: Expression, frame: Frame): Evaluate {
  return COMPILERS[node.kind](node as never, frame);
}

function listing(
  nodes: readonly Expression[],
  frame: Frame,
  make: (items: readonly unknown[]) => unknown,
): Evaluate {
  const items = nodes.map((node) => compile(node, frame));
  return (scope, run) => make(run.list(items.map((item) => item(scope, run))));
}

/** What is done with a value is done where the whole stands. */
function applying(
  { of, at }: { readonly of: Expression; readonly at: Position },
  frame: Frame,
  apply: (value: unknown, run: Run) => unknown,
): Evaluate {
  const part = compile(of, frame);
  return (scope, run) => {
    const value = part(scope, run);
    run.at = at;
    return apply(value, run);
  };
}

function combining(
  [left, right]: readonly [Expression, Expression],
  at: Position,
  frame: Frame,
  apply: (a: unknown, b: unknown, run: Run) => unknown,
): Evaluate {
  const [first, second] = [compile(left, frame), compile(right, frame)];
  return (scope, run) => {
    const a = first(scope, run);
    const b = second(scope, run);
    run.at = at;
    return apply(a, b, run);
  };
}

/** As Jinja2 writes a constant out before it is raised to a power that it does not know yet, a sign in front of it is that of the power. */
function compileArithmetic(
  { operator, left, right, at }: NodeOf<Expression, 'arithmetic'>,
  frame: Frame,
): Evaluate {
  const isWritten =
    operator === '**' && !frame.escapingOpen && isConstant(left, false) && !isConstant(right, false);
  return combining([left, right], at, frame, (a, b, run) => {
    const number = isWritten && typeof a !== 'boolean' ? numberOf(a) : undefined;
    return number !== undefined && (number < 0 || Object.is(number, -0))
      ? negated(calculate('**', -number, b, run), -1, run)
      : calculate(operator, a, b, run);
  });
}

/** The right one where the left is as wanted. */
function choosing(
  { left, right }: NodeOf<Expression, 'and' | 'or'>,
  frame: Frame,
  wanted: boolean,
): Evaluate {
  const [first, second] = [compile(left, frame), compile(right, frame)];
  return (scope, run) => {
    const value = first(scope, run);
    return isTrue(value, run) === wanted ? second(scope, run) : value;
  };
}

function compileName({ name, at }: NodeOf<Expression, 'name'>, { symbols }: Frame): Evaluate {
  const place = symbols.find(name);
  return (scope, run) => {
    run.at = at;
    const value = place === undefined ? MISSING : valueAt(scope, place);
    return value === MISSING ? new Undefined(`'${name}' is undefined`, at) : value;
  };
}

function compileMapping({ entries, at }: NodeOf<Expression, 'mapping'>, frame: Frame): Evaluate {
  const pairs = entries.map(([key, value]) => [compile(key, frame), compile(value, frame)] as const);
  return (scope, run) => {
    const dict = new Dict();
    for (const [key, value] of pairs) {
      const [name, item] = [key(scope, run), value(scope, run)];
      run.at = at;
      setEntry(dict, name, item, run);
    }
    return dict;
  };
}

function compileJoined(node: NodeOf<Expression, 'joined'>, frame: Frame): Evaluate {
  const items = node.items.map((item) => compile(item, frame));
  const mayBeSafe = frame.escaping && !frame.escapingOpen && !isConstant(node, false);
  return (scope, run) => {
    const values = items.map((item) => item(scope, run));
    run.at = node.at;
    const texts = values.map((value) => softText(value, run));
    if (mayBeSafe && texts.some((text) => text instanceof Markup))
      return new Markup(run.text(texts.map((text) => escaped(text, run).text).join('')));
    return run.text(texts.map((text) => print(text, run)).join(''));
  };
}

/** Each part is looked at once, and none after the first that does not hold. */
function compileComparison(node: NodeOf<Expression, 'comparison'>, frame: Frame): Evaluate {
  const first = compile(node.first, frame);
  const rest = node.rest.map(([operator, part]) => [HOLDS[operator], compile(part, frame)] as const);
  return (scope, run) => {
    let left = first(scope, run);
    for (const [holds, part] of rest) {
      const right = part(scope, run);
      run.at = node.at;
      if (!holds(left, right, run)) return false;
      left = right;
    }
    return true;
  };
}

function compileChoice({ at, ...node }: NodeOf<Expression, 'choice'>, frame: Frame): Evaluate {
  const soft = { ...frame, soft: true };
  const test = compile(node.test, soft);
  const value = compile(node.value, soft);
  const missing = 'the inline if-expression evaluated to false and no else section was defined.';
  const otherwise: Evaluate =
    node.otherwise === undefined ? () => new Undefined(missing, at, true) : compile(node.otherwise, soft);
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

/** Without anything to filter in front, what a block has made is filtered: the input. */
export function compileOperation(
  node: NodeOf<Expression, 'filter' | 'test'>,
  frame: Frame,
  input?: Evaluate,
): Evaluate {
  const { kind, name, of, args, at } = node;
  const call = operationNamed(node, frame);
  const doing = `the ${kind} "${name}"`;
  const value =
    of === undefined ? input : of.kind === 'filter' ? compileOperation(of, frame, input) : compile(of, frame);
  const given = compileArguments(args, frame);
  return (scope, run) => {
    const first = value?.(scope, run);
    const { args: rest, named } = given(scope, run);
    run.at = at;
    run.doing = doing;
    run.work();
    return call([first, ...rest], named, run);
  };
}

function operationNamed({ kind, name, at }: NodeOf<Expression, 'filter' | 'test'>, { soft }: Frame): Call {
  const table = kind === 'filter' ? FILTERS : TESTS;
  const call = table.get(name);
  if (call !== undefined) return call;
  const message = `There is no ${kind} "${name}"${didYouMean(name, table.keys())}`;
  if (!soft) throw syntaxFault(message, at, `Use one of: ${[...table.keys()].sort().join(', ')}.`);
  return (_args, _named, run) => {
    throw run.failed(message);
  };
}
