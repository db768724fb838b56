// The kinds of values inside a template. None, truth values and texts are JavaScript's; a whole number is a bigint, a float a number,
// a list an array; the others are classes here. Nothing of the host is among them, so none can be reached. Knows no operation.
import type { Position } from '../syntax/tree.ts';
import type { Run } from './run.ts';

/** Names and items without a value, where null is Python's None. */
export const MISSING = Symbol('missing');

export type Items = Iterator<unknown, unknown>;

/** What can be called, with its arguments in order and by name. */
export type Call = (args: readonly unknown[], named: ReadonlyMap<string, unknown>, run: Run) => unknown;

/** What a name or an attribute without a value is: it may be asked whether it is defined, and nothing else. */
export class Undefined {
  readonly message: string;
  /** Where it came from, which is what is to be mended. */
  readonly at: Position;
  /** What an `if` without `else` comes to: it may be printed, looped over and asked whether it is true as well, and is nothing. */
  readonly empty: boolean;

  constructor(message: string, at: Position, empty = false) {
    this.message = message;
    this.at = at;
    this.empty = empty;
  }
}

/** Text that is safe as HTML. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class Tuple {
  readonly items: readonly unknown[];
  /** The names of the items of a named tuple. */
  readonly names: readonly string[];

  constructor(items: readonly unknown[], names: readonly string[] = []) {
    this.items = items;
    this.names = names;
  }
}

/** Keys that Python holds for equal are one entry; the first key and its place stay. */
export class Dict {
  readonly entries = new Map<unknown, readonly [unknown, unknown]>();

  static of(entries: Iterable<readonly [string, unknown]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.entries.set(key, [key, value]);
    return dict;
  }

  keys(): unknown[] {
    return [...this.entries.values()].map(([key]) => key);
  }

  values(): unknown[] {
    return [...this.entries.values()].map(([, value]) => value);
  }
}

export class Range {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): bigint {
    const { start, stop, step } = this;
    const span = step > 0n ? stop - start + step - 1n : stop - start + step + 1n;
    const count = span / step;
    return count > 0n ? count : 0n;
  }
}

/** `keys()`, `values()` or `items()` of a dict, which follow it; or a set, which is the keys of a dict that nobody else has. */
export class View {
  readonly dict: Dict;
  readonly part: 'keys' | 'values' | 'items' | 'set';

  constructor(dict: Dict, part: View['part']) {
    this.dict = dict;
    this.part = part;
  }

  list(): unknown[] {
    const { dict, part } = this;
    if (part === 'keys' || part === 'set') return dict.keys();
    return part === 'values' ? dict.values() : [...dict.entries.values()].map((entry) => new Tuple(entry));
  }
}

/** Items that are made when they are asked for, and once. */
export class Lazy {
  readonly items: Items;

  constructor(items: Items) {
    this.items = items;
  }
}

/** `[start:stop:step]`, None where a part is left out. */
export class Slice {
  readonly start: unknown;
  readonly stop: unknown;
  readonly step: unknown;

  constructor(start: unknown, stop: unknown, step: unknown) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** `namespace(…)`: the one thing whose members a template may set. */
export class Namespace {
  readonly members = new Map<string, unknown>();
}

export interface Parts {
  /** Python's name for its type. */
  readonly type: string;
  /** MISSING when it has none of the name. */
  readonly attribute?: (name: string, run: Run) => unknown;
  readonly call?: Call;
  readonly items?: () => Items;
  readonly length?: () => bigint;
  /** As Python's `repr` shows it; without one, it would show an address in memory. */
  readonly shown?: (run: Run) => string;
  /** As it is printed, where that is something else. */
  readonly printed?: string;
}

/** Macros, functions, methods, loops, modules and the like. */
export class Thing {
  readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }
}

/** A text, safe or not; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Markup ? value.text : undefined;
}

/** A list's or a tuple's items. */
export function itemsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Tuple ? value.items : undefined;
}

/** Truth values count as 1 and 0. */
export function numberOf(value: unknown): bigint | number | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** Python's name for the type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    default:
      return Array.isArray(value) ? 'list' : classOf(value);
  }
}

function classOf(value: unknown): string {
  if (value instanceof Thing) return value.parts.type;
  if (value instanceof Tuple) return value.names.length > 0 ? 'jinja2.filters._GroupTuple' : 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof Markup) return 'markupsafe.Markup';
  if (value instanceof Range) return 'range';
  if (value instanceof View) return value.part === 'set' ? 'set' : `dict_${value.part}`;
  if (value instanceof Lazy) return 'generator';
  if (value instanceof Slice) return 'slice';
  return value instanceof Namespace ? 'jinja2.utils.Namespace' : 'jinja2.runtime.StrictUndefined';
}

/** A value that is used, as opposed to asked after. */
export function used(value: unknown, run: Run): unknown {
  if (value instanceof Undefined) throw run.undefinedUsed(value);
  return value;
}

export function isEmpty(value: unknown): boolean {
  return value instanceof Undefined && value.empty;
}

export function isTrue(value: unknown, run: Run): boolean {
  if (isEmpty(value)) return false;
  used(value, run);
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return false;
  if (typeof value !== 'object') return true;
  const size = sizeOf(value);
  return size === undefined || size > 0n;
}

/** Undefined for what has no length. */
export function sizeOf(value: unknown): bigint | undefined {
  const items = itemsIn(value);
  if (items !== undefined) return BigInt(items.length);
  if (value instanceof Markup) return BigInt(value.text.length);
  if (value instanceof Dict) return BigInt(value.entries.size);
  if (value instanceof Range) return value.length;
  if (value instanceof View) return BigInt(value.dict.entries.size);
  return value instanceof Thing ? value.parts.length?.() : undefined;
}
