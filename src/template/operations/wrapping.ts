// Texts broken into lines: `wordwrap` as Python's textwrap does it, `pprint` as its pprint does. Knows no syntax.
import { codePointLength, compareCodePoints, isBlank, splitLines } from '../../text/python.ts';
import { Dict, numberOf, Tuple, typeOf } from '../values/kinds.ts';
import { compare, sortedBy } from '../values/order.ts';
import { print, repr } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { charactersOf, countOf } from '../values/sequences.ts';

const WORD = String.raw`[\p{L}\p{N}_]`;
const LETTER = String.raw`[\p{L}\p{Nl}\p{No}_]`;
const SPACE = String.raw`[\t\n\v\f\r ]`;
const BEFORE_DASH = String.raw`(?<=[\p{L}\p{N}_!"'&.,?])`;
/** Blanks, dashes between words, and words, which may end behind a hyphen. */
const HYPHENATED = new RegExp(
  `${SPACE}+|${BEFORE_DASH}-{2,}(?=${WORD})|[^\\t\\n\\v\\f\\r ]+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${LETTER}-))(?=${LETTER}-?${LETTER})|(?=${SPACE}|$)|${BEFORE_DASH}(?=-{2,}${WORD}))`,
  'gu',
);
const SIMPLE = new RegExp(`${SPACE}+|[^\\t\\n\\v\\f\\r ]+`, 'gu');

export interface Wrapping {
  /** A number that need not be whole, but where a word is broken. */
  readonly width: unknown;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

/** An empty line stays one. */
export function wordwrapped(text: string, wrapping: Wrapping, run: Run): readonly string[] {
  return splitLines(text).flatMap((line) => {
    const lines = wrapLine(line, wrapping, run);
    return lines.length === 0 ? [''] : lines;
  });
}

function wrapLine(text: string, wrapping: Wrapping, run: Run): readonly string[] {
  const { width, breakOnHyphens } = wrapping;
  if (compare(width, 0n, run) <= 0) throw run.failed(`invalid width ${print(width, run)} (must be > 0)`);
  run.made(text.length * 4);
  const chunks = [...(text.match(breakOnHyphens ? HYPHENATED : SIMPLE) ?? [])].reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && isGap(chunks.at(-1))) chunks.pop();
    const line = lineOf(chunks, wrapping, run);
    if (line.length > 1 || line[0] !== undefined) lines.push(line.join(''));
  }
  return lines;
}

const isGap = (chunk: string | undefined): boolean => chunk !== undefined && isBlank(chunk);

function lineOf(
  chunks: string[],
  { width, breakLongWords, breakOnHyphens }: Wrapping,
  run: Run,
): readonly string[] {
  const line: string[] = [];
  let length = 0;
  const room = Number(numberOf(width));
  for (let next = chunks.at(-1); next !== undefined; next = chunks.at(-1)) {
    if (isLonger(next, room - length)) break;
    line.push(next);
    chunks.pop();
    length += codePointLength(next);
  }
  const long = chunks.at(-1);
  if (long !== undefined && isLonger(long, room)) {
    if (breakLongWords) {
      const left = room < 1 ? 1 : countOf(width, run) - length;
      const characters = charactersOf(long.slice(0, 2 * left + 2), run);
      const hyphen =
        breakOnHyphens && characters.length > left ? characters.slice(0, left).lastIndexOf('-') : -1;
      const end = hyphen > 0 && characters.slice(0, hyphen).some((char) => char !== '-') ? hyphen + 1 : left;
      const head = characters.slice(0, end).join('');
      line.push(head);
      chunks[chunks.length - 1] = long.slice(head.length);
    } else if (line.length === 0) line.push(chunks.pop() ?? '');
  }
  if (isGap(line.at(-1))) line.pop();
  return line;
}

/** Whether a text has more characters; of a long one only a part is looked at. */
function isLonger(text: string, count: number): boolean {
  if (text.length <= count) return false;
  return text.length > 2 * Math.max(0, count) || codePointLength(text) > count;
}

const PRETTY_WIDTH = 80;

interface Layout {
  readonly indent: number;
  readonly allowance: number;
  readonly level: number;
}

/** Python's `pformat`. */
export function pretty(value: unknown, run: Run): string {
  return run.text(laidOut(value, { indent: 0, allowance: 0, level: 0 }, run));
}

function laidOut(value: unknown, layout: Layout, run: Run): string {
  const { indent, allowance, level } = layout;
  const flat = repr(ordered(value, run), run);
  if (codePointLength(flat) <= PRETTY_WIDTH - indent - allowance) return flat;
  const inner = { indent: indent + 1, allowance: allowance + 1, level: level + 1 };
  const items = (list: readonly unknown[]): string => itemsLaidOut(list, inner, run);
  if (value instanceof Dict) return `{${entriesLaidOut(value, inner, run)}}`;
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (value instanceof Tuple && value.names.length === 0)
    return value.items.length === 1
      ? `(${itemsLaidOut(value.items, { ...inner, allowance: allowance + 2 }, run)},)`
      : `(${items(value.items)})`;
  return typeof value === 'string' ? textLaidOut(value, { indent, allowance, level: level + 1 }, run) : flat;
}

/** With the keys of dicts in order. */
function ordered(value: unknown, run: Run): unknown {
  run.work();
  if (Array.isArray(value)) return value.map((item) => ordered(item, run));
  if (value instanceof Tuple) return new Tuple(value.items.map((item) => ordered(item, run)));
  if (!(value instanceof Dict)) return value;
  const made = new Dict();
  for (const [id, [key, item]] of sortedEntries(value, run)) made.entries.set(id, [key, ordered(item, run)]);
  return made;
}

function sortedEntries(dict: Dict, run: Run): readonly (readonly [unknown, readonly [unknown, unknown]])[] {
  const entries = [...dict.entries];
  const kinds = new Set(entries.map(([, [key]]) => (numberOf(key) === undefined ? typeOf(key) : 'number')));
  if (kinds.size <= 1) return sortedBy(entries, ([, [key]]) => (key === null ? 0n : key), run);
  return entries.sort(([, [a]], [, [b]]) => {
    const comparable = (numberOf(a) !== undefined && numberOf(b) !== undefined) || typeOf(a) === typeOf(b);
    return comparable ? compare(a, b, run) : compareCodePoints(typeOf(a), typeOf(b));
  });
}

function itemsLaidOut(items: readonly unknown[], layout: Layout, run: Run): string {
  const last = items.length - 1;
  const parts = items.map((item, at) =>
    laidOut(item, { ...layout, allowance: at === last ? layout.allowance : 1 }, run),
  );
  return parts.join(`,\n${' '.repeat(layout.indent)}`);
}

function entriesLaidOut(dict: Dict, layout: Layout, run: Run): string {
  const entries = sortedEntries(dict, run);
  const parts = entries.map(([, [key, value]], at) => {
    const shown = repr(ordered(key, run), run);
    const allowance = at === entries.length - 1 ? layout.allowance : 1;
    return `${shown}: ${laidOut(value, { ...layout, indent: layout.indent + codePointLength(shown) + 2, allowance }, run)}`;
  });
  return parts.join(`,\n${' '.repeat(layout.indent)}`);
}

function textLaidOut(text: string, { indent: outer, allowance: rest, level }: Layout, run: Run): string {
  const top = level === 1;
  const indent = top ? outer + 1 : outer;
  const allowance = top ? rest + 1 : rest;
  const width = PRETTY_WIDTH - indent;
  const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const chunks = lines.flatMap((line, at) => {
    const lastLine = at === lines.length - 1;
    const whole = repr(line, run);
    if (codePointLength(whole) <= width - (lastLine ? allowance : 0)) return [whole];
    const made: string[] = [];
    let current = '';
    const parts = line.match(/\S+\s*|\s+/g) ?? [];
    for (const [part, said] of parts.entries()) {
      const most = width - (lastLine && part === parts.length - 1 ? allowance : 0);
      if (codePointLength(repr(current + said, run)) <= most) current += said;
      else {
        if (current !== '') made.push(repr(current, run));
        current = said;
      }
    }
    return current === '' ? made : [...made, repr(current, run)];
  });
  const all = chunks.join(`\n${' '.repeat(indent)}`);
  return top && chunks.length > 1 ? `(${all})` : chunks.length === 1 ? repr(text, run) : all;
}
