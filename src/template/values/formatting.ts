// Python's `text % values`, and what `str.format` shares with it: a number by its presentation type, its sign, its room. Knows no other
// format's syntax.
import { codePointEscape, codePointLength, formatFloat, parseFloatText } from '../../text/python.ts';
import { exponential, fixed, general } from './decimals.ts';
import { Dict, Markup, numberOf, Range, textOf, Tuple, typeOf, Undefined, used } from './kinds.ts';
import { floatOf, wholeOfText } from './numbers.ts';
import { getEntry } from './order.ts';
import { escaped, escapeText, print, repr } from './printing.ts';
import type { Run } from './run.ts';
import { charactersOf, countOf } from './sequences.ts';

const CONVERSION = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([^]?)/gu;

interface Given {
  readonly next: () => unknown;
  readonly named: (key: string) => unknown;
}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Values are escaped where the text is safe as HTML. */
export function formatPercent(format: unknown, values: unknown, run: Run): string | Markup {
  const text = textOf(format) ?? '';
  const safe = format instanceof Markup;
  const items = values instanceof Tuple ? values.items : [values];
  const mapping = values instanceof Dict ? values : undefined;
  let taken = 0;
  let named = false;
  const given: Given = {
    next() {
      if (named || taken >= items.length) throw run.failed('not enough arguments for format string');
      taken += 1;
      return items[taken - 1];
    },
    named(key) {
      named = true;
      if (values instanceof Undefined) throw run.undefinedUsed(values);
      if (mapping === undefined) throw run.failed('format requires a mapping');
      const entry = getEntry(mapping, key, run);
      if (entry === undefined) throw run.failed(`there is no '${key}' in the mapping`);
      return entry[1];
    },
  };
  const made = run
    .read(text)
    .replace(
      CONVERSION,
      (all: string, ...[key, flags = '', width = '', precision, type = '']: (string | undefined)[]) => {
        const size = (said: string): number =>
          said === '*' ? countOf(safe ? undefined : given.next(), run) : Number(said);
        const value = key === undefined ? undefined : given.named(key);
        const wide = size(width);
        const conversion: Conversion = {
          flags: wide < 0 ? `${flags}-` : flags,
          width: checkWidth(Math.abs(wide), run),
          precision: precision === undefined ? undefined : checkPrecision(Math.max(0, size(precision)), run),
          type,
        };
        if (all === '%%') return '%';
        if (type === '') throw run.failed('incomplete format');
        return run.text(converted(key === undefined ? given.next() : value, conversion, { safe, run }));
      },
    );
  const listed =
    values instanceof Tuple ||
    !(
      mapping !== undefined ||
      Array.isArray(values) ||
      values instanceof Range ||
      values instanceof Undefined
    );
  if (listed && !named && taken < items.length)
    throw run.failed('not all arguments converted during string formatting');
  return safe ? new Markup(made) : made;
}

interface Converting {
  readonly safe: boolean;
  readonly run: Run;
}

function converted(value: unknown, conversion: Conversion, { safe, run }: Converting): string {
  const { flags, precision, type } = conversion;
  const wanted = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const words = roomOf(conversion, false);
  const digitsIn = (sign: string, digits: string): string =>
    aligned(sign, digits.padStart(precision ?? 0, '0'), roomOf(conversion, true));
  if ('sra'.includes(type)) {
    const shown = type === 's' ? (safe ? escaped(value, run).text : print(value, run)) : repr(value, run);
    const soft = safe && type !== 's' ? escapeText(shown, run) : shown;
    return aligned('', cutTo(precision, type === 'a' ? asciiOf(soft) : soft, run), words);
  }
  // Where text is safe, what is put into it is wrapped in what has no such numbers.
  if (safe && 'coxX'.includes(type)) throw run.failed(`%${type} format: an integer is required`);
  if (type === 'c') return aligned('', character(value, run), words);
  if ('diu'.includes(type)) {
    const number = numberFor(value, type, safe, run);
    if (!Number.isFinite(Number(number)) && typeof number === 'number')
      throw run.failed(`cannot convert ${formatFloat(number)} to a whole number`);
    const whole = BigInt(typeof number === 'number' ? Math.trunc(number) : number);
    return digitsIn(signOf(whole, wanted), wholeDigits(whole, 'd')[1]);
  }
  if ('oxX'.includes(type)) {
    const whole = numberOf(value);
    if (typeof whole !== 'bigint')
      throw run.failed(`%${type} format: an integer is required, not ${typeOf(value)}`);
    const [prefix, digits] = wholeDigits(whole, type);
    return digitsIn(signOf(whole, wanted) + (flags.includes('#') ? prefix : ''), digits);
  }
  if (!'eEfFgG'.includes(type)) throw run.failed(`unsupported format character '${type}'`);
  const number = floatOf(numberFor(value, type, safe, run), run);
  const digits = floatDigits(number, type, precision, flags.includes('#'));
  return aligned(signOf(number, wanted), digits, roomOf(conversion, true));
}

/** A directive's flags in the words of a format specification. */
function roomOf({ flags, width }: Conversion, isNumber: boolean): Room {
  if (flags.includes('-')) return { fill: ' ', align: '<', width };
  return isNumber && flags.includes('0')
    ? { fill: '0', align: '=', width }
    : { fill: ' ', align: '>', width };
}

/** Where text is safe, what is put into it may be a text that says a number. */
function numberFor(value: unknown, type: string, safe: boolean, run: Run): bigint | number {
  const whole = 'diu'.includes(type);
  const text = safe ? textOf(value) : undefined;
  const number = text === undefined ? numberOf(value) : whole ? wholeOfText(text, 10) : parseFloatText(text);
  if (number !== undefined) return number;
  const wanted = whole ? `%${type} format: a real number is required` : 'must be real number';
  throw run.failed(`${wanted}, not ${typeOf(used(value, run))}`);
}

function character(value: unknown, run: Run): string {
  const text = textOf(value);
  if (text !== undefined && codePointLength(text) === 1) return text;
  const code = numberOf(value);
  if (typeof code === 'bigint' && code >= 0n && code <= 0x10ffffn) return String.fromCodePoint(Number(code));
  throw run.failed('%c requires int or char');
}

/** Python's `ascii`, of what `repr` says. */
export function asciiOf(shown: string): string {
  return shown.replace(/[^\0-\x7f]/gu, codePointEscape);
}

/** More digits than any float has. */
const MAX_PRECISION = 2000;

export function checkWidth(width: number, run: Run): number {
  run.made(width);
  return width;
}

export function checkPrecision(precision: number, run: Run): number {
  if (precision > MAX_PRECISION) throw run.tooMuch('The template asks for too many digits');
  run.work(precision);
  return precision;
}

/** The digits of a float without its sign; `type` is one of `eEfFgG%`, or nothing for Python's own. */
export function floatDigits(
  value: number,
  type: string,
  precision: number | undefined,
  alternate = false,
): string {
  const size = Math.abs(value);
  const finite = Number.isFinite(value) ? finiteDigits(size, type, precision, alternate) : undefined;
  const digits = (alternate ? finite?.replace(/^(\d+)(?![.\d])/, '$1.') : finite) ?? formatFloat(size);
  return 'EFG'.includes(type) && type !== '' ? digits.toUpperCase() : digits;
}

function finiteDigits(size: number, type: string, precision: number | undefined, alternate: boolean): string {
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(size, precision ?? 6);
    case 'e':
      return exponential(size, precision ?? 6);
    case 'g':
    case 'n':
      return general(size, precision ?? 6, { zeros: alternate, point: false });
    default:
      return precision === undefined
        ? formatFloat(size)
        : general(size, precision, { zeros: alternate, point: true });
  }
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

/** The digits of a whole number without its sign, and what marks its base. */
export function wholeDigits(value: bigint, type: string): readonly [prefix: string, digits: string] {
  const digits = (value < 0n ? -value : value).toString(RADIX[type] ?? 10);
  return [RADIX[type] === undefined ? '' : `0${type}`, type === 'X' ? digits.toUpperCase() : digits];
}

/** The sign in front of a number; `wanted` is `+` or a blank for positive ones. */
export function signOf(value: bigint | number, wanted: string): string {
  return value < 0 || Object.is(value, -0) ? '-' : wanted === '-' ? '' : wanted;
}

/** Where a text stands in what is wider. */
export interface Room {
  readonly fill: string;
  /** `<`, `>`, `^`, or `=` for between the sign and the digits. */
  readonly align: string;
  readonly width: number;
}

export function aligned(sign: string, text: string, { fill, align, width }: Room): string {
  const missing = Math.max(0, width - codePointLength(sign + text));
  const left = align === '<' ? 0 : align === '^' ? Math.floor(missing / 2) : missing;
  const [before, after] = [fill.repeat(left), fill.repeat(missing - left)];
  return align === '=' ? sign + before + text : before + sign + text + after;
}

export function cutTo(precision: number | undefined, text: string, run: Run): string {
  return precision === undefined ? text : charactersOf(text, run).slice(0, precision).join('');
}
