// The values inside a template and what Python does with them: truth, equality, order, printing, members. Only plain data is
// ever looked into, and only its own properties, so that a template cannot reach the program. Knows nothing of templates' syntax.
import { codePointLength, compareCodePoints, formatFloat, reprText } from '../text/python.ts';
import { TemplateFault } from './fault.ts';
import type { Position } from './syntaxtree.ts';

export type Mapping = Readonly<Record<string, unknown>>;

/** What a name or an attribute without a value is: it may be asked whether it is defined, and nothing else. */
export interface Undefined {
  readonly undefined: string;
}

/** What one rendering may still use. */
export interface Run {
  steps: number;
  /** UTF-16 units of text that may still be made. */
  room: number;
  out: string;
  at: Position;
}

const undefinedValues = new WeakSet<object>();

/** The message says what is undefined, as Jinja2 words it. */
export function undefinedOf(message: string): Undefined {
  const value = { undefined: message };
  undefinedValues.add(value);
  return value;
}

export function isUndefined(value: unknown): value is Undefined {
  return typeof value === 'object' && value !== null && undefinedValues.has(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isMapping(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null || isList(value) || isUndefined(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

export function failed(run: Run, message: string): TemplateFault {
  return new TemplateFault(message, { code: 'DD405', at: run.at });
}

/** A value that is used, as opposed to asked after. */
export function present(value: unknown, run: Run): unknown {
  if (isUndefined(value)) throw new TemplateFault(value.undefined, { code: 'DD402', at: run.at });
  return value;
}

/** Counts work, so that no template runs for ever. */
export function spend(run: Run, steps: number): void {
  run.steps -= steps;
  if (run.steps < 0)
    throw new TemplateFault('The template does too much work', { code: 'DD404', at: run.at });
}

/** Counts made text, so that no template fills the memory; also as work. */
export function spendText(run: Run, length: number): void {
  run.room -= length;
  if (run.room < 0)
    throw new TemplateFault('The template makes too much text', { code: 'DD404', at: run.at });
  spend(run, 1 + (length >> 6));
}

/** The worst that a search for one text in another can cost. */
export function spendSearch(run: Run, text: string, wanted: string): void {
  spend(run, 1 + Math.ceil((text.length * wanted.length) / 256));
}

export function typeName(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'a truth value';
  if (typeof value === 'number') return 'a number';
  return isList(value) ? 'a list' : isMapping(value) ? 'a mapping' : 'something unknown';
}

export function isTrue(value: unknown): boolean {
  if (isList(value)) return value.length > 0;
  if (isMapping(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function lengthOf(value: unknown, run: Run): number {
  if (isList(value)) return value.length;
  if (typeof value === 'string') {
    spend(run, 1 + (value.length >> 6));
    return codePointLength(value);
  }
  if (isMapping(value)) return Object.keys(value).length;
  throw failed(run, `${typeName(value)} has no length`);
}

/** What a loop runs over: items, characters, or keys. */
export function itemsOf(value: unknown, run: Run): readonly unknown[] {
  if (isList(value)) return value;
  if (typeof value === 'string') {
    spend(run, value.length);
    return [...value];
  }
  if (isMapping(value)) return Object.keys(value);
  throw failed(run, `${typeName(value)} cannot be looped over`);
}

export function memberOf(target: unknown, key: unknown, run: Run): unknown {
  if ((isList(target) || typeof target === 'string') && typeof key === 'number') {
    const items = itemsOf(target, run);
    const index = key < 0 ? key + items.length : key;
    return Number.isInteger(index) && index >= 0 && index < items.length
      ? known(items[index], run)
      : undefinedOf(`${isList(target) ? 'list' : 'str'} object has no element ${key}`);
  }
  if (isMapping(target) && typeof key === 'string' && Object.hasOwn(target, key))
    return known(target[key], run);
  const owner = isMapping(target) ? 'dict object' : typeName(target);
  return undefinedOf(
    `'${owner}' has no attribute ${typeof key === 'string' ? `'${key}'` : String(typeof key === 'number' ? key : typeName(key))}`,
  );
}

/** Lets plain data through and nothing else: no functions, no dates, no maps. */
function known(value: unknown, run: Run): unknown {
  if (value === undefined) return undefinedOf('the value is undefined');
  const plain =
    value === null ||
    ['string', 'number', 'boolean'].includes(typeof value) ||
    isList(value) ||
    isMapping(value);
  if (plain || isUndefined(value)) return value;
  throw failed(run, 'a value is neither text, number, truth value, list nor mapping');
}

/** Python's `str`. */
export function print(value: unknown, run: Run): string {
  return typeof value === 'string' ? value : repr(value, run);
}

/** Python's `repr`. Whole numbers print as integers, as a template cannot tell them from floats. */
function repr(value: unknown, run: Run): string {
  spend(run, 1);
  present(value, run);
  if (typeof value === 'string') {
    spendText(run, value.length);
    return reprText(value);
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : formatFloat(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (isList(value)) return bounded(`[${value.map((item) => repr(known(item, run), run)).join(', ')}]`, run);
  if (!isMapping(value)) throw failed(run, `${typeName(value)} cannot be printed`);
  const entries = Object.entries(value).map(
    ([key, item]) => `${reprText(key)}: ${repr(known(item, run), run)}`,
  );
  return bounded(`{${entries.join(', ')}}`, run);
}

export function bounded(text: string, run: Run): string {
  spendText(run, text.length);
  return text;
}

/** Python's `==`: True is 1, lists and mappings by content. */
export function equal(a: unknown, b: unknown, run: Run): boolean {
  spend(run, 1);
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, at) => equal(item, b[at], run));
  if (isMapping(a) && isMapping(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key], run))
    );
  }
  if (typeof a === 'string' && typeof b === 'string') spend(run, Math.min(a.length, b.length) >> 6);
  return plainNumber(a) === plainNumber(b);
}

/** Python's order: below 0, 0 or above. */
export function compare(a: unknown, b: unknown, run: Run): number {
  const [left, right] = [plainNumber(a), plainNumber(b)];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof a !== 'string' || typeof b !== 'string')
    throw failed(run, `${typeName(a)} and ${typeName(b)} have no order`);
  spend(run, Math.min(a.length, b.length) >> 6);
  return compareCodePoints(a, b);
}

export function contains(container: unknown, item: unknown, run: Run): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw failed(run, `${typeName(item)} cannot be in text`);
    spendSearch(run, container, item);
    return container.includes(item);
  }
  if (isList(container)) return container.some((each) => equal(each, item, run));
  if (isMapping(container)) return typeof item === 'string' && Object.hasOwn(container, item);
  throw failed(run, `nothing can be in ${typeName(container)}`);
}

/** Truth values count as 1 and 0; everything else stays what it is. */
export function plainNumber(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
