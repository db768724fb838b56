// Python's `==`, `<` and `in`, and what it holds for one key of a dict. Knows no syntax.
import { compareCodePoints } from '../../text/python.ts';
import { iterate } from './sequences.ts';
import {
  Dict,
  isEmpty,
  itemsIn,
  Markup,
  numberOf,
  Range,
  textOf,
  Tuple,
  typeOf,
  Undefined,
  used,
  View,
} from './kinds.ts';
import type { Run } from './run.ts';

export function equal(a: unknown, b: unknown, run: Run): boolean {
  run.work();
  if (isEmpty(a) && isEmpty(b)) return true;
  for (const value of [a, b]) if (!isEmpty(value)) used(value, run);
  const [left, right] = [numberOf(a), numberOf(b)];
  // A whole number and a float are compared as what they stand for.
  // oxlint-disable-next-line eqeqeq
  if (left !== undefined && right !== undefined) return left == right;
  const [text, other] = [textOf(a), textOf(b)];
  if (text !== undefined && other !== undefined) {
    run.work(Math.min(text.length, other.length) >> 6);
    return text === other;
  }
  if (Array.isArray(a) && Array.isArray(b)) return sameItems(a, b, run);
  if (a instanceof Tuple && b instanceof Tuple) return sameItems(a.items, b.items, run);
  if (a instanceof Dict && b instanceof Dict) return sameEntries(a, b, run);
  if (a instanceof Range && b instanceof Range) return rangeKey(a) === rangeKey(b);
  if (isSetLike(a) && isSetLike(b)) return compareSets(a, b, run) === 0;
  return a === b;
}

/** In lists, what is the very same is taken for equal without a look. */
function same(a: unknown, b: unknown, run: Run): boolean {
  return Object.is(a, b) || equal(a, b, run);
}

function sameItems(a: readonly unknown[], b: readonly unknown[], run: Run): boolean {
  return a.length === b.length && run.deeper(() => a.every((item, at) => same(item, b[at], run)));
}

function sameEntries(a: Dict, b: Dict, run: Run): boolean {
  if (a.entries.size !== b.entries.size) return false;
  return run.deeper(() =>
    [...a.entries].every(([key, [, value]]) => {
      const other = b.entries.get(key);
      return other !== undefined && same(value, other[1], run);
    }),
  );
}

/** What Python compares as sets. */
function isSetLike(value: unknown): value is View {
  return value instanceof View && value.part !== 'values';
}

/** Below 0 where the first lies in the second and is smaller. */
function compareSets(a: View, b: View, run: Run): number {
  const inside = (inner: View, outer: View): boolean =>
    inner.list().every((item) => contains(outer, item, run));
  if (inside(a, b)) return a.dict.entries.size - b.dict.entries.size;
  return inside(b, a) ? 1 : Number.NaN;
}

/** Python's `-` of views and sets; undefined where it has none. */
export function difference(a: unknown, b: unknown, run: Run): View | undefined {
  const isView = [a, b].some((each) => isSetLike(each) && each.part !== 'set');
  if (!isView && !(isSetLike(a) && isSetLike(b))) return undefined;
  const left = new Dict();
  for (const item of iterate(a, run)) setEntry(left, item, null, run);
  for (const item of iterate(b, run)) left.entries.delete(keyOf(item, run));
  return new View(left, 'set');
}

function rangeKey(range: Range): string {
  const { length, start, step } = range;
  return length === 0n ? '0' : length === 1n ? `1 ${start}` : `${length} ${start} ${step}`;
}

/** Below 0, 0 or above; NaN where neither comes first. */
export function compare(a: unknown, b: unknown, run: Run): number {
  run.work();
  used(a, run);
  used(b, run);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined)
    return left < right ? -1 : left > right ? 1 : left <= right ? 0 : Number.NaN;
  const [text, other] = [textOf(a), textOf(b)];
  if (text !== undefined && other !== undefined) {
    run.work(Math.min(text.length, other.length) >> 6);
    return compareCodePoints(text, other);
  }
  if (isSetLike(a) && isSetLike(b)) return compareSets(a, b, run);
  const [items, others] = [itemsIn(a), itemsIn(b)];
  if (items === undefined || others === undefined || Array.isArray(a) !== Array.isArray(b))
    throw run.failed(`'${typeOf(a)}' and '${typeOf(b)}' have no order`);
  for (let at = 0; at < Math.min(items.length, others.length); at += 1)
    if (!same(items[at], others[at], run)) return run.deeper(() => compare(items[at], others[at], run));
  return items.length - others.length;
}

/** In order, as they stood where neither comes first. */
export function sortedBy<T>(items: readonly T[], keyFor: (item: T) => unknown, run: Run): T[] {
  const keyed = run.list(items.map((item) => ({ item, key: keyFor(item) })));
  return keyed.sort((a, b) => compare(a.key, b.key, run) || 0).map(({ item }) => item);
}

function contains(container: unknown, item: unknown, run: Run): boolean {
  if (isEmpty(container)) return false;
  used(container, run);
  const text = textOf(container);
  if (text !== undefined) {
    const wanted = textOf(item);
    if (wanted === undefined) throw run.failed(`a text has no '${typeOf(item)}' in it`);
    run.search(text, wanted);
    return text.includes(wanted);
  }
  if (container instanceof Dict) return container.entries.has(keyOf(item, run));
  // Python looks for the frozen one, which no set here can hold.
  if (container instanceof View && container.part === 'set' && item instanceof View && item.part === 'set')
    return false;
  if (container instanceof View && (container.part === 'keys' || container.part === 'set'))
    return container.dict.entries.has(keyOf(item, run));
  if (container instanceof View && container.part === 'items') {
    const [key, value] = item instanceof Tuple && item.items.length === 2 ? item.items : [];
    const entry = key === undefined ? undefined : getEntry(container.dict, key, run);
    return entry !== undefined && same(value, entry[1], run);
  }
  const number = container instanceof Range ? numberOf(item) : undefined;
  if (container instanceof Range && typeof number === 'bigint')
    return indexIn(container, number) !== undefined;
  for (const each of iterate(container, run)) if (same(each, item, run)) return true;
  return false;
}

/** Where in a range a number is; undefined where it is not. */
export function indexIn({ start, step, length }: Range, number: bigint): bigint | undefined {
  const index = (number - start) / step;
  return (number - start) % step === 0n && index >= 0n && index < length ? index : undefined;
}

/** What equal keys share and unequal ones do not. Fails for what can be no key. */
export function keyOf(value: unknown, run: Run): unknown {
  if (isEmpty(value)) return Undefined;
  used(value, run);
  const number = numberOf(value);
  if (number !== undefined) return Number.isInteger(number) ? BigInt(number) : number;
  if (value instanceof Markup) return value.text;
  if (value instanceof Tuple) return `\u0000(${value.items.map((item) => keyInTuple(item, run)).join(',')})`;
  if (Array.isArray(value) || value instanceof Dict || (value instanceof View && value.part !== 'values'))
    throw run.failed(`unhashable type: '${typeOf(value)}'`);
  return value instanceof Range ? `\u0000${rangeKey(value)}` : value;
}

function keyInTuple(item: unknown, run: Run): string {
  const key = keyOf(item, run);
  run.work();
  return typeof key === 'string' && !key.startsWith('\u0000')
    ? JSON.stringify(key)
    : `${typeof key} ${String(key)}`;
}

export function getEntry(dict: Dict, key: unknown, run: Run): readonly [unknown, unknown] | undefined {
  return dict.entries.get(keyOf(key, run));
}

export function setEntry(dict: Dict, key: unknown, value: unknown, run: Run): void {
  const id = keyOf(key, run);
  run.made(64);
  dict.entries.set(id, [dict.entries.get(id)?.[0] ?? key, value]);
}

/** Which comparisons hold. */
export const HOLDS = {
  '==': equal,
  '!=': (a, b, run) => !equal(a, b, run),
  '<': (a, b, run) => compare(a, b, run) < 0,
  '<=': (a, b, run) => compare(a, b, run) <= 0,
  '>': (a, b, run) => compare(a, b, run) > 0,
  '>=': (a, b, run) => compare(a, b, run) >= 0,
  in: (a, b, run) => contains(b, a, run),
  'not in': (a, b, run) => !contains(b, a, run),
} satisfies Readonly<Record<string, (a: unknown, b: unknown, run: Run) => boolean>>;
