// What a loop runs over, how long it is, and which item is where. Knows no syntax.
import { codePointLength } from '../../text/python.ts';
import {
  Dict,
  isEmpty,
  itemsIn,
  Lazy,
  Markup,
  numberOf,
  Range,
  sizeOf,
  Slice,
  textOf,
  Thing,
  Tuple,
  typeOf,
  used,
  View,
  type Items,
} from './kinds.ts';
import type { Run } from './run.ts';

/** Python's `iter`: fails at once for what has no items. */
export function iterate(value: unknown, run: Run): Items & Iterable<unknown> {
  const items = iteratorOf(value, run);
  if (items === undefined) throw run.failed(`'${typeOf(value)}' object is not iterable`);
  return counted(items, run);
}

export function isIterable(value: unknown, run: Run): boolean {
  return iteratorOf(value, run) !== undefined;
}

function iteratorOf(value: unknown, run: Run): Items | undefined {
  if (isEmpty(value)) return [].values();
  used(value, run);
  if (value instanceof Lazy) return value.items;
  const text = textOf(value);
  if (text !== undefined) return text[Symbol.iterator]();
  const items = itemsIn(value);
  if (items !== undefined) return items.values();
  if (value instanceof Dict) return watched(value, () => value.keys(), run);
  if (value instanceof View) return watched(value.dict, () => value.list(), run);
  if (value instanceof Range) return numbersOf(value);
  return value instanceof Thing ? value.parts.items?.() : undefined;
}

function* counted(items: Items, run: Run): Generator<unknown, void> {
  for (let next = items.next(); next.done !== true; next = items.next()) {
    run.work();
    yield next.value;
  }
}

function* watched(dict: Dict, list: () => readonly unknown[], run: Run): Generator<unknown, void> {
  const { size } = dict.entries;
  for (const item of list()) {
    if (dict.entries.size !== size) throw run.failed('dictionary changed size during iteration');
    yield item;
  }
  if (dict.entries.size !== size) throw run.failed('dictionary changed size during iteration');
}

function* numbersOf({ start, step, length }: Range): Generator<bigint, void> {
  for (let index = 0n; index < length; index += 1n) yield start + index * step;
}

/** Python's `list`. */
export function listOf(value: unknown, run: Run): unknown[] {
  const items: unknown[] = [];
  for (const item of iterate(value, run)) {
    run.made(8);
    items.push(item);
  }
  return items;
}

/** Python's `len`. */
export function lengthOf(value: unknown, run: Run): bigint {
  if (isEmpty(value)) return 0n;
  used(value, run);
  const text = textOf(value);
  if (text !== undefined) {
    run.work(1 + (text.length >> 6));
    return BigInt(codePointLength(text));
  }
  const size = sizeOf(value);
  if (size === undefined) throw run.failed(`object of type '${typeOf(value)}' has no len()`);
  if (BigInt.asIntN(64, size) !== size) throw run.failed('Python int too large to convert to C ssize_t');
  return size;
}

/** The characters of a text, whatever they take in JavaScript. */
export function charactersOf(text: string, run: Run): string[] {
  run.made(text.length);
  return [...run.read(text)];
}

/** A whole number where Python wants one; truth values are, and what is undefined is of the wrong type like another. */
export function wholeOf(value: unknown, run: Run): bigint {
  const number = numberOf(value);
  if (typeof number !== 'bigint')
    throw run.failed(`'${typeOf(value)}' object cannot be taken for a whole number`);
  return number;
}

/** A count of anything: what is beyond is as good as without end. */
export function countOf(value: unknown, run: Run): number {
  return Number(wholeOf(value, run));
}

const UNFOUND = Symbol('unfound');

/** An item by its number, or several by a slice; UNFOUND where Python raises and Jinja2 goes on looking. */
export function itemAt(value: unknown, key: unknown, run: Run): unknown {
  const text = textOf(value);
  const items = text === undefined ? itemsIn(value) : charactersOf(text, run);
  if (key instanceof Slice) {
    if (value instanceof Range) return sliceOfRange(value, key, run);
    if (items === undefined) throw run.failed(`'${typeOf(value)}' object cannot be sliced`);
    return sliced(value, items, boundsOf(key, BigInt(items.length), run), run);
  }
  const number = numberOf(key);
  if (typeof number !== 'bigint') return UNFOUND;
  const size = value instanceof Range ? value.length : items === undefined ? undefined : BigInt(items.length);
  if (size === undefined) return UNFOUND;
  const index = number < 0n ? number + size : number;
  if (index < 0n || index >= size) return UNFOUND;
  if (value instanceof Range) return value.start + index * value.step;
  const item = items?.[Number(index)];
  return value instanceof Markup ? new Markup(String(item)) : item;
}

export function isUnfound(value: unknown): boolean {
  return value === UNFOUND;
}

/** What a slice takes of so many items. */
function boundsOf({ start, stop, step }: Slice, size: bigint, run: Run): Range {
  const by = step === null ? 1n : wholeOf(step, run);
  if (by === 0n) throw run.failed('slice step cannot be zero');
  const [low, high] = by > 0n ? [0n, size] : [-1n, size - 1n];
  const bound = (value: unknown, otherwise: bigint): bigint => {
    if (value === null) return otherwise;
    const whole = wholeOf(value, run);
    const index = whole < 0n ? whole + size : whole;
    return index < low ? low : index > high ? high : index;
  };
  return new Range(bound(start, by > 0n ? low : high), bound(stop, by > 0n ? high : low), by);
}

function sliced(value: unknown, items: readonly unknown[], taken: Range, run: Run): unknown {
  const picked = run.list(
    Array.from(
      { length: Number(taken.length) },
      (_, at) => items[Number(taken.start + BigInt(at) * taken.step)],
    ),
  );
  if (typeof value === 'string') return picked.join('');
  if (value instanceof Markup) return new Markup(picked.join(''));
  return value instanceof Tuple ? new Tuple(picked) : picked;
}

function sliceOfRange(range: Range, slice: Slice, run: Run): Range {
  const { start, stop, step } = boundsOf(slice, range.length, run);
  const at = (index: bigint): bigint => range.start + index * range.step;
  return new Range(at(start), at(stop), range.step * step);
}
