// `{% for %}`: its rounds, its `loop`, and loops that call themselves. Knows no other statement.
import { syntaxFault } from '../syntax/fault.ts';
import { namesOf, statementsIn, type ForStatement } from '../syntax/tree.ts';
import { isTrue, Lazy, MISSING, Thing, Tuple, Undefined, type Items } from '../values/kinds.ts';
import { equal } from '../values/order.ts';
import { captureText } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { iterate, lengthOf } from '../values/sequences.ts';
import { taking } from '../methods/parameters.ts';
import { functionOf } from '../operations/globals.ts';
import { compileStore } from './assignments.ts';
import { compile, escapes, innerFrame, type Execute, type Frame } from './expressions.ts';
import { usesName } from './macros.ts';
import { enter, type Scope } from './scope.ts';

type Rounds = (items: unknown, depth: bigint, scope: Scope, run: Run) => void;

export function compileLoop(node: ForStatement, frame: Frame): Execute {
  const source = compile(node.source, frame);
  const rounds = compileRounds(node, frame);
  return (scope, run) => {
    const items = source(scope, run);
    rounds(items, 0n, scope, run);
  };
}

function compileRounds(node: ForStatement, frame: Frame): Rounds {
  refuseLoopName(node);
  const usesLoop =
    node.recursive ||
    usesName(node.body, 'loop') ||
    [...statementsIn([node])].some((each) => each.kind === 'block' && each.scoped);
  const inner = innerFrame(frame);
  const loopSlot = usesLoop ? inner.symbols.give('loop') : undefined;
  inner.symbols.giveTarget(node.target);
  inner.symbols.body(node.body);
  const store = compileStore(node.target, inner);
  const body = frame.compileBody(node.body, inner);
  const otherwise = compileElse(node, frame);
  const filtered = compileTest(node, frame);
  const rounds: Rounds = (source, depth, scope, run) => {
    const items = filtered === undefined ? source : filtered(source, scope, run);
    run.at = node.at;
    const recurse = node.recursive
      ? (more: unknown): unknown =>
          run.deeper(() => captureText(() => rounds(more, depth + 1n, scope, run), escapes(frame, run), run))
      : undefined;
    const loop = new Loop({ source: items, depth, recurse, run });
    const thing = loopSlot === undefined ? undefined : thingOf(loop);
    let none = true;
    for (let next = loop.next(); next.done !== true; next = loop.next()) {
      none = false;
      const made = enter(inner, scope);
      if (loopSlot !== undefined) made.slots[loopSlot] = thing;
      run.at = node.at;
      store(made, next.value, run);
      body(made, run);
      run.at = node.at;
    }
    if (none) otherwise(scope, run);
  };
  return rounds;
}

function refuseLoopName(node: ForStatement): void {
  for (const statement of statementsIn([node]))
    if ('target' in statement && namesOf(statement.target).includes('loop'))
      throw syntaxFault('Nothing can be assigned to "loop" in a loop', statement.at);
}

function compileElse(node: ForStatement, frame: Frame): Execute {
  const inner = innerFrame(frame);
  inner.symbols.body(node.otherwise);
  const body = frame.compileBody(node.otherwise, inner);
  return (scope, run) => body(enter(inner, scope), run);
}

function compileTest(
  node: ForStatement,
  frame: Frame,
): ((items: unknown, scope: Scope, run: Run) => Lazy) | undefined {
  if (node.test === undefined) return undefined;
  const inner = innerFrame(frame);
  inner.symbols.giveTarget(node.target);
  inner.symbols.expression(node.test);
  const test = compile(node.test, inner);
  const store = compileStore(node.target, inner);
  function* passing(items: Items & Iterable<unknown>, scope: Scope, run: Run): Generator<unknown, void> {
    for (const item of items) {
      const made = enter(inner, scope);
      store(made, item, run);
      if (isTrue(test(made, run), run)) yield item;
    }
  }
  return (items, scope, run) => {
    run.at = node.at;
    return new Lazy(passing(iterate(items, run), scope, run));
  };
}

interface LoopDetails {
  readonly source: unknown;
  readonly depth: bigint;
  readonly recurse: ((items: unknown) => unknown) | undefined;
  readonly run: Run;
}

/** The rounds of a loop; how many there are is counted when it is asked for. */
class Loop {
  index0 = -1n;
  before: unknown = MISSING;
  current: unknown = MISSING;
  changedFrom: readonly unknown[] | undefined;
  readonly details: LoopDetails;
  private items: Items;
  private after: unknown = MISSING;
  private counted: bigint | undefined;

  constructor(details: LoopDetails) {
    this.details = details;
    this.items = iterate(details.source, details.run);
  }

  next(): IteratorResult<unknown, unknown> {
    const next = this.peek();
    this.after = MISSING;
    if (next === MISSING) return { done: true, value: undefined };
    this.index0 += 1n;
    this.before = this.current;
    this.current = next;
    return { done: false, value: next };
  }

  /** The item of the next round. */
  peek(): unknown {
    if (this.after !== MISSING) return this.after;
    const next = this.items.next();
    this.after = next.done === true ? MISSING : next.value;
    return this.after;
  }

  get length(): bigint {
    if (this.counted !== undefined) return this.counted;
    const { source, run } = this.details;
    if (source instanceof Lazy || source instanceof Thing) {
      const rest = [...{ [Symbol.iterator]: () => this.items }];
      this.items = rest.values();
      this.counted = BigInt(rest.length) + this.index0 + 1n + (this.after === MISSING ? 0n : 1n);
    } else this.counted = lengthOf(source, run);
    return this.counted;
  }
}

const MEMBERS = new Map<string, (loop: Loop, run: Run) => unknown>(
  Object.entries({
    index: (loop) => loop.index0 + 1n,
    index0: (loop) => loop.index0,
    revindex: (loop) => loop.length - loop.index0,
    revindex0: (loop) => loop.length - loop.index0 - 1n,
    first: (loop) => loop.index0 === 0n,
    last: (loop) => loop.peek() === MISSING,
    length: (loop) => loop.length,
    depth: (loop) => loop.details.depth + 1n,
    depth0: (loop) => loop.details.depth,
    previtem: (loop, run) =>
      loop.index0 === 0n ? new Undefined('there is no previous item', run.at) : loop.before,
    nextitem: (loop, run) =>
      loop.peek() === MISSING ? new Undefined('there is no next item', run.at) : loop.peek(),
    cycle: (loop) =>
      functionOf('method', (args, named, run) => {
        if (args.length === 0 || named.size > 0) throw run.failed('no items for cycling given');
        return args[Number(loop.index0 % BigInt(args.length))];
      }),
    changed: (loop) =>
      functionOf('method', (args, named, run) => {
        if (named.size > 0) throw run.failed('changed() takes no keywords');
        const before = loop.changedFrom;
        const isSame = (arg: unknown, at: number): boolean =>
          Object.is(arg, before?.[at]) || equal(arg, before?.[at], run);
        if (before !== undefined && before.length === args.length && args.every(isSame)) return false;
        loop.changedFrom = args;
        return true;
      }),
  } satisfies Record<string, (loop: Loop, run: Run) => unknown>),
);

function thingOf(loop: Loop): Thing {
  const { recurse } = loop.details;
  const thing: Thing = new Thing({
    type: 'jinja2.runtime.LoopContext',
    attribute(name, run) {
      const member = MEMBERS.get(name);
      return member === undefined ? MISSING : member(loop, run);
    },
    items: () => itemsOf(loop, thing),
    length: () => loop.length,
    shown: () => `<LoopContext ${loop.index0 + 1n}/${loop.length}>`,
    call: taking('iterable', ([items], run) => {
      if (recurse === undefined)
        throw run.failed("The loop must have the 'recursive' marker to be called recursively.");
      return recurse(items);
    }),
  });
  return thing;
}

/** The rounds that are left, each with the loop itself. */
function* itemsOf(loop: Loop, thing: Thing): Generator<unknown, void> {
  for (let next = loop.next(); next.done !== true; next = loop.next()) yield new Tuple([next.value, thing]);
}
