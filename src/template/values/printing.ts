// Python's `str` and `repr`, and HTML's escapes. Knows no syntax.
import { formatFloat, reprText } from '../../text/python.ts';
import { iterate } from './sequences.ts';
import {
  Dict,
  isEmpty,
  Lazy,
  Markup,
  Namespace,
  Range,
  Slice,
  Thing,
  Tuple,
  typeOf,
  Undefined,
  used,
  View,
} from './kinds.ts';
import type { Run } from './run.ts';

/** Python refuses to print longer whole numbers. */
const MAX_DIGITS = 4300;

/** Python's `str`. */
export function print(value: unknown, run: Run): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Thing && value.parts.printed !== undefined) return value.parts.printed;
  return isEmpty(value) ? '' : repr(used(value, run), run);
}

/** A text that stays safe as HTML, or the `str` of anything else. */
export function softText(value: unknown, run: Run): string | Markup {
  return value instanceof Markup ? value : print(value, run);
}

/** What is written while `inner` runs. */
export function captureText(inner: () => void, safe: boolean, run: Run): string | Markup {
  const text = run.captured(inner);
  return safe ? new Markup(text) : text;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '>': '&gt;',
  '<': '&lt;',
  "'": '&#39;',
  '"': '&#34;',
};

export function escapeText(text: string, run: Run): string {
  return run.text(text.replace(/[&<>'"]/g, (char) => ENTITIES[char] ?? char));
}

/** Text that is safe as HTML, or what prints some. */
export function isSafe(value: unknown): boolean {
  return value instanceof Markup || (value instanceof Thing && value.parts.printed !== undefined);
}

export function escaped(value: unknown, run: Run): Markup {
  if (value instanceof Markup) return value;
  const text = print(value, run);
  return new Markup(isSafe(value) ? text : escapeText(text, run));
}

export function repr(value: unknown, run: Run): string {
  run.work();
  if (value === null) return 'None';
  switch (typeof value) {
    case 'string':
      run.made(value.length);
      return reprText(run.read(value));
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return run.text(digitsOf(value, run));
    case 'number':
      return formatFloat(value);
    default:
      return run.text(run.deeper(() => reprOfObject(value, run)));
  }
}

function digitsOf(value: bigint, run: Run): string {
  const digits = String(value);
  if (digits.length - (value < 0n ? 1 : 0) > MAX_DIGITS)
    throw run.failed(`a whole number of more than ${MAX_DIGITS} digits cannot be printed`);
  return digits;
}

function reprOfObject(value: unknown, run: Run): string {
  const listed = (items: Iterable<unknown>): string =>
    Array.from(items, (item) => repr(item, run)).join(', ');
  if (Array.isArray(value)) return `[${listed(value)}]`;
  if (value instanceof Tuple) return `(${listed(value.items)}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof Dict) return entriesOf(value, run);
  if (value instanceof Markup) return `Markup(${reprText(value.text)})`;
  if (value instanceof View && value.part === 'set')
    return value.list().length === 0 ? 'set()' : `{${listed(value.list())}}`;
  if (value instanceof View) return `dict_${value.part}([${listed(value.list())}])`;
  if (value instanceof Range)
    return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`;
  if (value instanceof Slice) return `slice(${listed([value.start, value.stop, value.step])})`;
  if (value instanceof Namespace) return `<Namespace ${entriesOf(Dict.of(value.members), run)}>`;
  // Python would show an address in memory, another one each time.
  if (value instanceof Lazy) return `[${listed({ [Symbol.iterator]: () => iterate(value, run) })}]`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Thing && value.parts.shown !== undefined) return value.parts.shown(run);
  throw run.failed(`a ${typeOf(value)} cannot be printed: it would be an address in memory`);
}

function entriesOf(dict: Dict, run: Run): string {
  const entries = [...dict.entries.values()].map(([key, value]) => `${repr(key, run)}: ${repr(value, run)}`);
  return `{${entries.join(', ')}}`;
}
