// The methods of lists, tuples, ranges, dicts and numbers, as Python has them. Knows no syntax.
import { hexadecimal, ratioOf } from '../values/decimals.ts';
import {
  Dict,
  itemsIn,
  numberOf,
  Range,
  Thing,
  Tuple,
  typeOf,
  used,
  View,
  type Call,
} from '../values/kinds.ts';
import { equal, getEntry, HOLDS, indexIn, keyOf, setEntry, sortedBy } from '../values/order.ts';
import type { Run } from '../values/run.ts';
import { countOf, iterate, listOf, wholeOf } from '../values/sequences.ts';
import { repr } from '../values/printing.ts';
import { callWith, refused, table, taking } from './parameters.ts';

type Given = readonly unknown[];

function list(params: string, apply: (items: unknown[], given: Given, run: Run) => unknown): Call {
  return taking(`self ${params}`, ([self, ...given], run) => {
    if (!Array.isArray(self)) throw run.failed(`a list is needed, not '${typeOf(self)}'`);
    run.work(1 + (self.length >> 6));
    return apply(self, given, run) ?? null;
  });
}

function dict(params: string, apply: (entries: Dict, given: Given, run: Run) => unknown): Call {
  return taking(`self ${params}`, ([self, ...given], run) => {
    if (!(self instanceof Dict)) throw run.failed(`a dict is needed, not '${typeOf(self)}'`);
    return apply(self, given, run) ?? null;
  });
}

function positionIn(items: Given, wanted: unknown, [start, stop]: Given, run: Run): bigint {
  const bound = (value: unknown, otherwise: number): number => {
    const at = value === undefined ? otherwise : countOf(value, run);
    return at < 0 ? Math.max(0, at + items.length) : at;
  };
  const to = Math.min(items.length, bound(stop, items.length));
  for (let at = bound(start, 0); at < to; at += 1) if (equal(items[at], wanted, run)) return BigInt(at);
  throw run.failed(`${repr(wanted, run)} is not in list`);
}

function added(items: unknown[], fresh: Iterable<unknown>, run: Run): void {
  for (const item of fresh) {
    run.made(8);
    items.push(item);
  }
}

function sortInPlace(items: unknown[], [key, reverse = false]: Given, run: Run): void {
  const call = key instanceof Thing ? key.parts.call : undefined;
  if (call === undefined && (key ?? null) !== null)
    throw run.failed(`'${typeOf(key)}' object is not callable`);
  const before = countOf(reverse, run) !== 0 ? items.toReversed() : items;
  const sorted = sortedBy(before, (item) => (call === undefined ? item : callWith(call, [item], run)), run);
  items.splice(0, items.length, ...(before === items ? sorted : sorted.reverse()));
}

const index = taking('self value start? stop? /', ([self, value, ...window], run) =>
  positionIn(itemsIn(self) ?? [], value, window, run),
);
const count = taking('self value /', ([self, value], run) =>
  BigInt((itemsIn(self) ?? []).filter((item) => equal(item, value, run)).length),
);

const SEQUENCE = { index, count };

export const TUPLE_METHODS = table(SEQUENCE);

export const LIST_METHODS = table({
  ...SEQUENCE,
  append: list('item /', (items, [item], run) => added(items, [item], run)),
  extend: list('more /', (items, [more], run) =>
    added(items, more === items ? [...items] : iterate(more, run), run),
  ),
  insert: list('at item /', (items, [at, item], run) => {
    run.made(8);
    items.splice(countOf(at, run), 0, item);
  }),
  pop: list('at? /', (items, [at = -1n], run) => {
    const number = countOf(at, run);
    const place = number < 0 ? number + items.length : number;
    if (place < 0 || place >= items.length) throw run.failed('pop from empty list, or index out of range');
    return items.splice(place, 1)[0];
  }),
  remove: list(
    'item /',
    (items, [item], run) => void items.splice(Number(positionIn(items, item, [], run)), 1),
  ),
  clear: list('/', (items) => void items.splice(0)),
  copy: list('/', (items, _given, run) => run.list([...items])),
  reverse: list('/', (items) => void items.reverse()),
  sort: list('* key? reverse?', sortInPlace),
});

/** What `dict(…)` and `update(…)` take: a mapping or pairs, and names. */
export function fill(dict: Dict, source: unknown, named: ReadonlyMap<string, unknown>, run: Run): void {
  if (source instanceof Dict)
    for (const [key, value] of [...source.entries.values()]) setEntry(dict, key, value, run);
  else if (source !== undefined)
    for (const pair of iterate(source, run)) {
      const [key, value, ...more] = listOf(pair, run);
      if (value === undefined || more.length > 0)
        throw run.failed('dictionary update sequence elements have length 2');
      setEntry(dict, key, value, run);
    }
  for (const [key, value] of named) setEntry(dict, key, value, run);
}

export const DICT_METHODS = table({
  keys: dict('/', (entries) => new View(entries, 'keys')),
  values: dict('/', (entries) => new View(entries, 'values')),
  items: dict('/', (entries) => new View(entries, 'items')),
  get: dict('key otherwise? /', (entries, [key, otherwise], run) => {
    const entry = getEntry(entries, key, run);
    return entry === undefined ? otherwise : entry[1];
  }),
  setdefault: dict('key value? /', (entries, [key, value = null], run) => {
    if (getEntry(entries, key, run) === undefined) setEntry(entries, key, value, run);
    return getEntry(entries, key, run)?.[1];
  }),
  pop: dict('key otherwise? /', (entries, [key, otherwise], run) => {
    const entry = getEntry(entries, key, run);
    if (entry === undefined && otherwise === undefined)
      throw run.failed(`there is no ${repr(key, run)} to pop`);
    entries.entries.delete(keyOf(key, run));
    return entry === undefined ? otherwise : entry[1];
  }),
  popitem: dict('/', (entries, _given, run) => {
    const last = [...entries.entries].at(-1);
    if (last === undefined) throw run.failed('popitem(): dictionary is empty');
    entries.entries.delete(last[0]);
    return new Tuple(last[1]);
  }),
  clear: dict('/', (entries) => entries.entries.clear()),
  copy: dict('/', (entries, _given, run) => {
    const copy = new Dict();
    fill(copy, entries, new Map(), run);
    return copy;
  }),
  update: ([self, source, ...more], named, run) => {
    if (!(self instanceof Dict) || more.length > 0) throw run.failed('update expected at most 1 argument');
    fill(self, source, named, run);
    return null;
  },
  fromkeys: taking('self keys value? /', ([, keys, value = null], run) => {
    const made = new Dict();
    for (const key of iterate(keys, run)) setEntry(made, key, value, run);
    return made;
  }),
});

export const VIEW_METHODS = table({
  isdisjoint: taking('self other /', ([self, other], run) =>
    [...iterate(other, run)].every((item) => {
      // Unlike `in`, this looks for no frozen set in the place of a set.
      if (self instanceof View && self.part === 'set') keyOf(item, run);
      return !HOLDS.in(item, self, run);
    }),
  ),
});

function whole(apply: (whole: bigint) => unknown): Call {
  return taking('self /', ([self], run) => apply(wholeOf(self, run)));
}

const binaryOf = (value: bigint): string => (value < 0n ? -value : value).toString(2);

export const WHOLE_METHODS = table({
  to_bytes: refused('bytes'),
  from_bytes: refused('a number of bytes'),
  as_integer_ratio: whole((value) => new Tuple([value, 1n])),
  bit_count: whole((value) => BigInt(binaryOf(value).replaceAll('0', '').length)),
  bit_length: whole((value) => (value === 0n ? 0n : BigInt(binaryOf(value).length))),
  conjugate: whole((value) => value),
});

function float(apply: (value: number, run: Run) => unknown): Call {
  return taking('self /', ([self], run) => apply(Number(self), run));
}

export const FLOAT_METHODS = table({
  fromhex: refused('a number of hexadecimal digits'),
  as_integer_ratio: float((value, run) => {
    if (!Number.isFinite(value)) throw run.failed('cannot convert Infinity or NaN to integer ratio');
    return new Tuple(ratioOf(value));
  }),
  conjugate: float((value) => value),
  hex: float(hexadecimal),
  is_integer: float(Number.isInteger),
});

function placeInRange(range: unknown, value: unknown, run: Run): bigint | undefined {
  const number = numberOf(used(value, run));
  return range instanceof Range && number !== undefined && Number.isInteger(Number(number))
    ? indexIn(range, BigInt(number))
    : undefined;
}

export const RANGE_METHODS = table({
  count: taking('self value /', ([self, value], run) =>
    placeInRange(self, value, run) === undefined ? 0n : 1n,
  ),
  index: taking('self value /', ([self, value], run) => {
    const at = placeInRange(self, value, run);
    if (at === undefined) throw run.failed(`${repr(value, run)} is not in range`);
    return at;
  }),
});
