// The methods of texts, as Python's `str` has them; those of safe text give safe text. Knows no syntax.
import { BLANK, codePointLength, lowerCase, splitLines, trim } from '../../text/python.ts';
import {
  Dict,
  Markup,
  MISSING,
  numberOf,
  sizeOf,
  textOf,
  Tuple,
  typeOf,
  used,
  type Call,
} from '../values/kinds.ts';
import { setEntry } from '../values/order.ts';
import { escaped, print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { charactersOf, countOf, iterate, listOf } from '../values/sequences.ts';
import { formatText } from './format.ts';
import { refused, table, taking } from './parameters.ts';
import { itemOf } from './reach.ts';
import { capitalized, casefolded, DIGITS, isTitled, NUMERALS, swapped, titled } from './letters.ts';

type Given = readonly unknown[];

/** Whatever an argument is that must be a text. */
export function needText(value: unknown, run: Run): string {
  const text = textOf(value);
  if (text === undefined) throw run.failed(`a text is needed, not '${typeOf(value)}'`);
  return text;
}

/** A method from text to text; what it is given is escaped where the text is safe. */
function mapping(params: string, change: (text: string, given: Given, run: Run) => string): Call {
  return taking(`self ${params}`, ([self, ...given], run) => {
    const safe = self instanceof Markup;
    const args = safe ? given.map((each) => (typeof each === 'string' ? escaped(each, run) : each)) : given;
    const made = run.text(change(run.read(needText(self, run)), args, run));
    return safe ? new Markup(made) : made;
  });
}

/** A method from text to several. */
function splitting(params: string, from: Split): Call {
  return taking(`self ${params}`, ([self, ...given], run) => {
    const parts = run.list([...from(run.read(needText(self, run)), given, run)]);
    return self instanceof Markup ? parts.map((part) => new Markup(part)) : parts;
  });
}

function parting(from: Split): Call {
  const call = splitting('sep /', from);
  return (args, named, run) => new Tuple(listOf(call(args, named, run), run));
}

function asking(ask: (text: string) => boolean): Call {
  return taking('self /', ([self], run) => ask(run.read(needText(self, run))));
}

/** Whether each character is of a kind, and there is one. */
function allOf(pattern: string): Call {
  const whole = new RegExp(`^[${pattern}]+$`, 'u');
  return asking((text) => whole.test(text));
}

interface Window {
  readonly text: string;
  /** In characters. */
  readonly start: number;
}

/** The part of a text from `start` to `end`; undefined when it starts behind the end. */
function windowOf(text: string, [start, end]: Given, run: Run): Window | undefined {
  if ((start ?? null) === null && (end ?? null) === null) return { text, start: 0 };
  const characters = charactersOf(text, run);
  const at = (value: unknown, otherwise: number): number => {
    if ((value ?? null) === null) return otherwise;
    const count = countOf(value, run);
    return count < 0 ? Math.max(0, count + characters.length) : count;
  };
  const from = at(start, 0);
  const to = at(end, characters.length);
  return from > characters.length || to < from
    ? undefined
    : { text: characters.slice(from, to).join(''), start: from };
}

function finding(find: (text: string, wanted: string) => number, strict: boolean): Call {
  return taking('self sub start? end? /', ([self, sub, ...window], run) => {
    const wanted = needText(sub, run);
    const part = windowOf(needText(self, run), window, run);
    if (part !== undefined) run.search(part.text, wanted);
    const at = part === undefined ? -1 : find(part.text, wanted);
    if (at >= 0 && part !== undefined) return BigInt(part.start + codePointLength(part.text.slice(0, at)));
    if (strict) throw run.failed('substring not found');
    return -1n;
  });
}

function matching(matches: (text: string, wanted: string) => boolean): Call {
  return taking('self wanted start? end? /', ([self, wanted, ...window], run) => {
    const part = windowOf(needText(self, run), window, run);
    const options = wanted instanceof Tuple ? wanted.items : [wanted];
    return options.some((each) => {
      const text = needText(each, run);
      return part !== undefined && matches(part.text, text);
    });
  });
}

function counted(text: string, wanted: string, run: Run): number {
  run.search(text, wanted);
  return wanted === '' ? codePointLength(text) + 1 : text.split(wanted).length - 1;
}

/** Python's `replace`; a negative count is without end. */
function replaced(text: string, [old, fresh, count]: readonly [string, string, number], run: Run): string {
  run.search(text, old);
  const pieces = old === '' ? ['', ...charactersOf(text, run), ''] : text.split(old);
  const times = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  run.made(text.length + times * fresh.length);
  return (
    pieces.slice(0, times + 1).join(fresh) +
    pieces
      .slice(times + 1)
      .map((piece) => old + piece)
      .join('')
  );
}

function stripped(text: string, chars: unknown, ends: 'both' | 'left' | 'right', run: Run): string {
  const given = (chars ?? null) === null ? undefined : new Set(charactersOf(needText(chars, run), run));
  if (given === undefined)
    return ends === 'both'
      ? trim(text)
      : ends === 'left'
        ? trim(`${text}|`).slice(0, -1)
        : trim(`|${text}`).slice(1);
  const characters = charactersOf(text, run);
  const isKept = (char: string): boolean => !given.has(char);
  const first = characters.findIndex(isKept);
  const start = ends === 'right' ? 0 : first < 0 ? characters.length : first;
  const end = ends === 'left' ? characters.length : characters.findLastIndex(isKept) + 1;
  return characters.slice(start, end).join('');
}

const BLANKS = new RegExp(`[${BLANK}]+`, 'g');

/** Words between blanks, or between a separator; at most so many cuts. */
function split(text: string, [separator, limit = -1n]: Given, run: Run): readonly string[] {
  const most = countOf(limit, run);
  const cuts = most < 0 ? Infinity : most;
  if ((separator ?? null) !== null) {
    const between = needSeparator(separator, run);
    run.search(text, between);
    const parts = text.split(between);
    return parts.length - 1 <= cuts ? parts : [...parts.slice(0, cuts), parts.slice(cuts).join(between)];
  }
  const inner = stripped(text, null, 'left', run);
  const words: string[] = [];
  let start = 0;
  for (const { index, 0: gap } of inner.matchAll(BLANKS)) {
    if (words.length >= cuts) break;
    words.push(inner.slice(start, index));
    start = index + gap.length;
  }
  return start < inner.length ? [...words, inner.slice(start)] : words;
}

/** What stands before a separator, itself, and what stands behind. */
function parted(text: string, [separator]: Given, run: Run): readonly string[] {
  const between = needSeparator(separator, run);
  run.search(text, between);
  const at = text.indexOf(between);
  return at < 0 ? [text, '', ''] : [text.slice(0, at), between, text.slice(at + between.length)];
}

function needSeparator(value: unknown, run: Run): string {
  const text = needText(value, run);
  if (text === '') throw run.failed('empty separator');
  return text;
}

type Split = typeof split;

function turned(text: string): string {
  return text.split('').reverse().join('');
}

/** The same from the right: of the text turned round. */
function fromRight(from: Split): Split {
  return (text, [separator, ...more], run) => {
    const between = textOf(separator) === undefined ? separator : turned(needText(separator, run));
    return from(turned(text), [between, ...more], run)
      .map(turned)
      .reverse();
  };
}

/** On both sides, as Python's `center` shares them out. */
function padded(text: string, [width, fill]: Given, side: 'center' | 'left' | 'right', run: Run): string {
  const wide = countOf(width, run);
  const filler = fill === undefined ? ' ' : needText(fill, run);
  if (codePointLength(filler) !== 1)
    throw run.failed('The fill character must be exactly one character long');
  const missing = wide - codePointLength(text);
  if (missing <= 0) return text;
  run.made(missing);
  const left =
    side === 'center' ? Math.floor(missing / 2) + (missing & wide & 1) : side === 'right' ? missing : 0;
  return filler.repeat(left) + text + filler.repeat(missing - left);
}

function tabsExpanded(text: string, size: number, run: Run): string {
  let column = 0;
  let made = '';
  for (const char of charactersOf(text, run)) {
    const blanks = char === '\t' && size > 0 ? size - (column % size) : 0;
    run.made(blanks);
    made += char === '\t' ? ' '.repeat(blanks) : char;
    column = char === '\n' || char === '\r' ? 0 : column + (char === '\t' ? blanks : 1);
  }
  return made;
}

function zerosFilled(text: string, width: number, run: Run): string {
  const missing = width - codePointLength(text);
  if (missing <= 0) return text;
  run.made(missing);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function translated(text: string, table: unknown, run: Run): string {
  if (text !== '' && sizeOf(used(table, run)) === undefined && textOf(table) === undefined)
    throw run.failed('translate() takes a mapping from code points');
  return charactersOf(text, run)
    .map((char) => {
      const fresh = itemOf(table, codeOf(char), run);
      if (fresh === MISSING) return char;
      const code = numberOf(fresh);
      return fresh === null
        ? ''
        : typeof code === 'bigint'
          ? String.fromCodePoint(Number(code))
          : needText(fresh, run);
    })
    .join('');
}

function codeOf(char: unknown): unknown {
  return typeof char === 'string' ? BigInt(char.codePointAt(0) ?? 0) : char;
}

/** A table for `translate`: of a dict, or of two texts of one length and what goes. */
function tableOf([from, to, gone]: Given, run: Run): Dict {
  const made = new Dict();
  if (to === undefined) {
    if (!(from instanceof Dict))
      throw run.failed('if you give only one argument to maketrans it must be a dict');
    for (const [key, value] of from.entries.values()) {
      if (typeof key === 'string' && codePointLength(key) !== 1)
        throw run.failed('string keys in translate table must be of length 1');
      setEntry(made, codeOf(key), value, run);
    }
    return made;
  }
  const [left, right] = [from, to].map((each) => charactersOf(needText(each, run), run));
  if (left?.length !== right?.length)
    throw run.failed('the first two maketrans arguments must have equal length');
  for (const [at, char] of left?.entries() ?? []) setEntry(made, codeOf(char), codeOf(right?.[at]), run);
  for (const char of gone === undefined ? [] : charactersOf(needText(gone, run), run))
    setEntry(made, codeOf(char), null, run);
  return made;
}

function joined(self: unknown, items: unknown, run: Run): string | Markup {
  const between = needText(self, run);
  const parts = [...iterate(items, run)].map((item) => {
    const part = self instanceof Markup ? escaped(item, run).text : needText(item, run);
    run.made(part.length + between.length);
    return part;
  });
  return self instanceof Markup ? new Markup(parts.join(between)) : parts.join(between);
}

const LINES = new RegExp(
  String.raw`[^\n-\r\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029])|[^]+`,
  'g',
);

export const TEXT_METHODS = table({
  encode: refused('bytes'),
  upper: mapping('/', (text) => text.toUpperCase()),
  lower: mapping('/', lowerCase),
  casefold: mapping('/', casefolded),
  capitalize: mapping('/', capitalized),
  title: mapping('/', titled),
  swapcase: mapping('/', swapped),
  strip: mapping('chars? /', (text, [chars], run) => stripped(text, chars, 'both', run)),
  lstrip: mapping('chars? /', (text, [chars], run) => stripped(text, chars, 'left', run)),
  rstrip: mapping('chars? /', (text, [chars], run) => stripped(text, chars, 'right', run)),
  center: mapping('width fill? /', (text, given, run) => padded(text, given, 'center', run)),
  ljust: mapping('width fill? /', (text, given, run) => padded(text, given, 'left', run)),
  rjust: mapping('width fill? /', (text, given, run) => padded(text, given, 'right', run)),
  zfill: mapping('width /', (text, [width], run) => zerosFilled(text, countOf(width, run), run)),
  expandtabs: mapping('tabsize?', (text, [size = 8n], run) => tabsExpanded(text, countOf(size, run), run)),
  translate: mapping('table /', (text, [table], run) => translated(text, table, run)),
  maketrans: taking('self x y? z? /', ([, ...given], run) => tableOf(given, run)),
  removeprefix: mapping('prefix /', (text, [prefix], run) =>
    text.startsWith(needText(prefix, run)) ? text.slice(needText(prefix, run).length) : text,
  ),
  removesuffix: mapping('suffix /', (text, [suffix], run) =>
    needText(suffix, run) !== '' && text.endsWith(needText(suffix, run))
      ? text.slice(0, -needText(suffix, run).length)
      : text,
  ),
  replace: mapping('old new count? /', (text, [old, fresh, count], run) =>
    replaced(text, [needText(old, run), needText(fresh, run), countOf(count ?? -1n, run)], run),
  ),
  split: splitting('sep? maxsplit?', split),
  rsplit: splitting('sep? maxsplit?', fromRight(split)),
  splitlines: splitting('keepends?', (text, [keep = false], run) =>
    countOf(keep, run) !== 0 ? (text.match(LINES) ?? []) : splitLines(text),
  ),
  partition: parting(parted),
  rpartition: parting(fromRight(parted)),
  find: finding((text, wanted) => text.indexOf(wanted), false),
  rfind: finding((text, wanted) => text.lastIndexOf(wanted), false),
  index: finding((text, wanted) => text.indexOf(wanted), true),
  rindex: finding((text, wanted) => text.lastIndexOf(wanted), true),
  count: taking('self sub start? end? /', ([self, sub, ...window], run) => {
    const wanted = needText(sub, run);
    const part = windowOf(needText(self, run), window, run);
    return BigInt(part === undefined ? 0 : counted(part.text, wanted, run));
  }),
  startswith: matching((text, wanted) => text.startsWith(wanted)),
  endswith: matching((text, wanted) => text.endsWith(wanted)),
  join: taking('self items /', ([self, items], run) => joined(self, items, run)),
  format: ([self, ...args], named, run) => formatText(self, { args, named }, run),
  format_map: taking('self mapping /', ([self, names], run) => {
    const entries = names instanceof Dict ? [...names.entries.values()] : [];
    const named = new Map(entries.map(([key, value]) => [print(key, run), value] as const));
    return formatText(self, { args: [], named }, run);
  }),
  isalpha: allOf(String.raw`\p{L}`),
  isdecimal: allOf(String.raw`\p{Nd}`),
  isdigit: allOf(String.raw`\p{Nd}${DIGITS}`),
  isnumeric: allOf(String.raw`\p{N}${NUMERALS}`),
  isalnum: allOf(String.raw`\p{L}\p{N}`),
  isspace: allOf(BLANK),
  isascii: asking((text) => /^[\0-\x7f]*$/.test(text)),
  isidentifier: asking((text) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text)),
  isprintable: asking((text) => /^(?:[^\p{C}\p{Z}]| )*$/u.test(text)),
  isupper: asking(isUpper),
  islower: asking(isLower),
  istitle: asking(isTitled),
});

export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/\p{Lowercase}|\p{Lt}/u.test(text);
}

export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/\p{Uppercase}|\p{Lt}/u.test(text);
}
