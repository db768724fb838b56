// The filters on lists and mappings: what runs over items, sorts, picks or groups them. Knows no syntax.
import {
  Dict,
  isEmpty,
  isTrue,
  Lazy,
  Markup,
  Range,
  textOf,
  Thing,
  Tuple,
  typeOf,
  Undefined,
  used,
  View,
  type Call,
  type Items,
} from '../values/kinds.ts';
import { calculate, modulo } from '../values/arithmetic.ts';
import { compare, equal, keyOf, sortedBy } from '../values/order.ts';
import { escaped, isSafe, print, softText } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { countOf, charactersOf, isIterable, iterate, listOf, wholeOf } from '../values/sequences.ts';
import { lowerCase } from '../../text/python.ts';
import { memberByPath } from '../methods/members.ts';
import { taking } from '../methods/parameters.ts';

/** Calls a filter or a test by its name. */
export type ByName = (
  name: unknown,
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  run: Run,
) => unknown;

/** A filter whose items come one by one. Nothing is looked at before the first is asked for. */
function lazily<Given extends readonly unknown[]>(
  make: (...given: Given) => Items,
): (...given: Given) => Lazy {
  return (...given) => {
    let items: Items | undefined;
    return new Lazy({ next: () => (items ??= make(...given)).next() });
  };
}

function folded(caseSensitive: unknown, run: Run): (value: unknown) => unknown {
  if (isTrue(caseSensitive ?? false, run)) return (value) => value;
  return (value) => {
    const text = textOf(value);
    return text === undefined ? value : lowerCase(text);
  };
}

/** Backwards, what is equal stays as it stood. */
function inOrder<T>(items: readonly T[], keyFor: (item: T) => unknown, reverse: unknown, run: Run): T[] {
  return countOf(reverse === undefined ? false : reverse, run) !== 0
    ? sortedBy(items.toReversed(), keyFor, run).reverse()
    : sortedBy(items, keyFor, run);
}

function extreme(sign: 1 | -1): Call {
  return taking('value case_sensitive? attribute?', ([value, caseSensitive, attribute], run) => {
    const items = iterate(value, run);
    const fold = folded(caseSensitive, run);
    const keyFor = (item: unknown): unknown => fold(memberByPath(item, attribute, run));
    let best: { readonly item: unknown; readonly key: unknown } | undefined;
    for (const item of items) {
      const key = keyFor(item);
      if (best === undefined || compare(key, best.key, run) * sign > 0) best = { item, key };
    }
    return best === undefined ? new Undefined('No aggregated item, sequence was empty.', run.at) : best.item;
  });
}

/** Where text is escaped, all of it is once any of it is safe. */
function joined([value, given = '', attribute = null]: readonly unknown[], run: Run): unknown {
  const between = run.autoescape ? given : print(given, run);
  const items = [...iterate(value, run)].map((item) => memberByPath(item, attribute, run));
  const safe = run.autoescape && (between instanceof Markup || (!isSafe(between) && items.some(isSafe)));
  const soft = between instanceof Markup ? items.map((item) => softText(item, run)) : items;
  const text = (part: unknown): string => (safe ? escaped(part, run).text : print(part, run));
  const separator = text(between);
  const parts = soft.map((item) => {
    const part = text(item);
    run.made(part.length + separator.length);
    return part;
  });
  const made = parts.join(separator);
  return safe ? new Markup(made) : made;
}

function last([value]: readonly unknown[], run: Run): unknown {
  if (isEmpty(value)) return noItem('last', run);
  const text = textOf(used(value, run));
  const reversible =
    text !== undefined ||
    Array.isArray(value) ||
    ([Tuple, Dict, View, Range].some((kind) => value instanceof kind) && typeOf(value) !== 'set');
  if (!reversible) throw run.failed(`'${typeOf(value)}' object is not reversible`);
  if (value instanceof Range)
    return value.length === 0n ? noItem('last', run) : value.start + (value.length - 1n) * value.step;
  const items = text === undefined ? listOf(value, run) : charactersOf(text, run);
  if (items.length === 0) return noItem('last', run);
  return value instanceof Markup ? new Markup(print(items.at(-1), run)) : items.at(-1);
}

function noItem(which: 'first' | 'last', run: Run): Undefined {
  return new Undefined(`No ${which} item, sequence was empty.`, run.at);
}

function* batched([value, linecount, fill = null]: readonly unknown[], run: Run): Generator<unknown, void> {
  let batch: unknown[] = [];
  for (const item of iterate(value, run)) {
    if (equal(BigInt(batch.length), linecount, run)) {
      yield batch;
      batch = [];
    }
    run.made(8);
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== null) {
    const missing = Number(wholeOf(linecount, run)) - batch.length;
    run.made(Math.max(0, missing) * 8);
    for (let added = 0; added < missing; added += 1) batch.push(fill);
  }
  yield batch;
}

function* sliced([value, slices, fill = null]: readonly unknown[], run: Run): Generator<unknown, void> {
  const items = listOf(value, run);
  const count = wholeOf(used(slices, run), run);
  if (count === 0n) throw run.failed('integer division or modulo by zero');
  const [size, extra] = [BigInt(items.length) / count, modulo(BigInt(items.length), count)];
  let start = 0;
  for (let at = 0n; at < count; at += 1n) {
    const end = start + Number(size) + (at < extra ? 1 : 0);
    const part = run.list(items.slice(start, end));
    if (fill !== null && at >= extra) part.push(fill);
    yield part;
    start = end;
  }
}

function grouped([value, attribute, otherwise = null, caseSensitive]: readonly unknown[], run: Run): unknown {
  const fold = folded(caseSensitive, run);
  const raw = (item: unknown): unknown => memberByPath(item, attribute, run, otherwise);
  const keyFor = (item: unknown): unknown => fold(raw(item));
  const groups: { readonly key: unknown; readonly items: unknown[] }[] = [];
  for (const item of sortedBy(listOf(value, run), keyFor, run)) {
    const key = keyFor(item);
    const group = groups.at(-1);
    if (group !== undefined && equal(key, group.key, run)) group.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map(({ items }) => new Tuple([raw(items[0]), items], ['grouper', 'list']));
}

/** `map`: by an attribute, or through a filter. */
export function mapping(filter: ByName): Call {
  return lazily(function* ([value, name, ...rest], named, run) {
    if (value === undefined) throw run.failed('map needs a value');
    if (!isTrue(value, run)) return;
    if (name === undefined && !named.has('attribute')) throw run.failed('map requires a filter argument');
    const stray = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (name === undefined && stray !== undefined) throw run.failed(`Unexpected keyword argument '${stray}'`);
    for (const item of iterate(value, run))
      yield name === undefined
        ? memberByPath(item, named.get('attribute'), run, named.get('default') ?? null)
        : filter(name, [item, ...rest], named, run);
  });
}

export interface Selecting {
  readonly byAttribute: boolean;
  /** Whether what passes the test stays, or goes. */
  readonly keep: boolean;
}

/** `select`, `reject`, `selectattr` and `rejectattr`. */
export function selecting(test: ByName, { byAttribute, keep }: Selecting): Call {
  return lazily(function* ([value, ...rest], named, run) {
    if (value === undefined) throw run.failed('needs a value');
    if (!isTrue(value, run)) return;
    if (byAttribute && rest.length === 0) throw run.failed('Missing parameter for attribute name');
    const [path, [name, ...more]] = byAttribute ? [rest[0], rest.slice(1)] : [null, rest];
    for (const item of iterate(value, run)) {
      const part = memberByPath(item, path, run);
      const passes = isTrue(name === undefined ? part : test(name, [part, ...more], named, run), run);
      if (passes === keep) yield item;
    }
  });
}

export const LIST_FILTERS: Readonly<Record<string, Call>> = {
  batch: taking('value linecount fill_with?', lazily(batched)),
  dictsort: taking('value case_sensitive? by? reverse?', ([value, strict, by = 'key', reverse], run) => {
    if (by !== 'key' && by !== 'value') throw run.failed('You can only sort by either "key" or "value"');
    if (!(used(value, run) instanceof Dict)) throw run.failed('dictsort takes a mapping');
    const fold = folded(strict, run);
    const entries = value instanceof Dict ? [...value.entries.values()] : [];
    const keyFor = (entry: readonly unknown[]): unknown => fold(entry[by === 'key' ? 0 : 1]);
    return inOrder(entries, keyFor, reverse, run).map((entry) => new Tuple(entry));
  }),
  first: taking('seq', ([value], run) => {
    const first = iterate(value, run).next();
    return first.done === true ? noItem('first', run) : first.value;
  }),
  groupby: taking('value attribute default? case_sensitive?', grouped),
  items: taking(
    'value',
    lazily(function* ([value], run) {
      if (value instanceof Undefined) return;
      if (!(value instanceof Dict)) throw run.failed('Can only get item pairs from a mapping.');
      yield* iterate(new View(value, 'items'), run);
    }),
  ),
  join: taking('value d? attribute?', joined),
  last: taking('seq', last),
  list: taking('value', ([value], run) => listOf(value, run)),
  max: extreme(1),
  min: extreme(-1),
  reverse: taking('value', ([value], run) => {
    const text = textOf(used(value, run));
    if (text !== undefined) {
      const turned = charactersOf(text, run).reverse().join('');
      return value instanceof Markup ? new Markup(turned) : turned;
    }
    if (!isIterable(value, run)) throw run.failed('argument must be iterable');
    const items = listOf(value, run).reverse();
    const isOrdered = !(value instanceof Lazy || value instanceof Thing) && typeOf(value) !== 'set';
    return isOrdered ? new Lazy(items.values()) : items;
  }),
  slice: taking('value slices fill_with?', lazily(sliced)),
  sort: taking('value reverse? case_sensitive? attribute?', ([value, reverse, strict, attribute], run) => {
    const fold = folded(strict, run);
    const paths = textOf(attribute)?.split(',') ?? [attribute];
    const keyFor = (item: unknown): unknown => paths.map((path) => fold(memberByPath(item, path, run)));
    return inOrder(listOf(value, run), keyFor, reverse, run);
  }),
  sum: taking('iterable attribute? start?', ([value, attribute = null, start = 0n], run) => {
    const items = iterate(value, run);
    if (textOf(start) !== undefined) throw run.failed("sum() can't sum strings [use ''.join(seq) instead]");
    let sum = start;
    for (const item of items) sum = calculate('+', sum, memberByPath(item, attribute, run), run);
    return sum;
  }),
  unique: taking(
    'value case_sensitive? attribute?',
    lazily(function* ([value, caseSensitive, attribute], run) {
      const fold = folded(caseSensitive, run);
      const seen = new Set<unknown>();
      for (const item of iterate(value, run)) {
        const key = keyOf(fold(memberByPath(item, attribute, run)), run);
        if (seen.has(key)) continue;
        seen.add(key);
        yield item;
      }
    }),
  ),
};
