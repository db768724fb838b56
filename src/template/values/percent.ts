// Python's `text % values`. Knows no other format.
import { codePointLength, formatFloat, parseFloatText } from '../../text/python.ts';
import { Dict, Markup, numberOf, Range, textOf, Tuple, typeOf, Undefined } from './kinds.ts';
import { checkPrecision, checkWidth, floatDigits, signOf, wholeDigits } from './numberformat.ts';
import { floatOf, wholeOfText } from './numbers.ts';
import { getEntry } from './order.ts';
import { escaped, escapeText, print, repr } from './printing.ts';
import type { Run } from './run.ts';
import { countOf, charactersOf } from './sequences.ts';

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
      (_all: string, ...[key, flags = '', width = '', precision, type = '']: (string | undefined)[]) => {
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
        if (type === '%') return '%';
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

function converted(
  value: unknown,
  { flags, width, precision, type }: Conversion,
  { safe, run }: Converting,
): string {
  const wanted = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if ('sra'.includes(type)) {
    const shown = type === 's' ? (safe ? escaped(value, run).text : print(value, run)) : repr(value, run);
    const soft = safe && type !== 's' ? escapeText(shown, run) : shown;
    const text = type === 'a' ? asciiOf(soft) : soft;
    const cut = precision === undefined ? text : charactersOf(text, run).slice(0, precision).join('');
    return pad(cut, '', { flags: flags.replaceAll('0', ''), width });
  }
  // Where text is safe, what is put into it is wrapped in what has no such numbers.
  if (safe && 'coxX'.includes(type)) throw run.failed(`%${type} format: an integer is required`);
  if (type === 'c') return pad(character(value, run), '', { flags: flags.replaceAll('0', ''), width });
  if ('diu'.includes(type)) {
    const whole = wholeFor(value, { type, safe }, run);
    const digits = wholeDigits(whole, 'd')[1].padStart(precision ?? 0, '0');
    return pad(digits, signOf(whole, wanted), { flags, width });
  }
  if ('oxX'.includes(type)) {
    const whole = numberOf(value);
    if (typeof whole !== 'bigint')
      throw run.failed(`%${type} format: an integer is required, not ${typeOf(value)}`);
    const [prefix, digits] = wholeDigits(whole, type);
    const sign = signOf(whole, wanted) + (flags.includes('#') ? prefix : '');
    return pad(digits.padStart(precision ?? 0, '0'), sign, { flags, width });
  }
  if (!'eEfFgG'.includes(type)) throw run.failed(`unsupported format character '${type}'`);
  const number = floatOf(floatFor(value, safe, run), run);
  const digits = floatDigits(number, type, precision, flags.includes('#'));
  return pad(digits, signOf(number, wanted), { flags, width });
}

function pad(
  text: string,
  sign: string,
  { flags, width }: { readonly flags: string; readonly width: number },
): string {
  const missing = Math.max(0, width - codePointLength(sign + text));
  if (flags.includes('-')) return sign + text + ' '.repeat(missing);
  return flags.includes('0') ? sign + '0'.repeat(missing) + text : ' '.repeat(missing) + sign + text;
}

function floatFor(value: unknown, safe: boolean, run: Run): number | bigint {
  const text = safe ? textOf(value) : undefined;
  const number = text === undefined ? numberOf(value) : parseFloatText(text);
  if (number !== undefined) return number;
  if (value instanceof Undefined) throw run.undefinedUsed(value);
  throw run.failed(`must be real number, not ${typeOf(value)}`);
}

function wholeFor(
  value: unknown,
  { type, safe }: { readonly type: string; readonly safe: boolean },
  run: Run,
): bigint {
  const text = safe ? textOf(value) : undefined;
  const number = text === undefined ? numberOf(value) : wholeOfText(text, 10);
  if (typeof number === 'bigint') return number;
  if (value instanceof Undefined) throw run.undefinedUsed(value);
  if (number === undefined)
    throw run.failed(`%${type} format: a real number is required, not ${typeOf(value)}`);
  if (!Number.isFinite(number)) throw run.failed(`cannot convert ${formatFloat(number)} to a whole number`);
  return BigInt(Math.trunc(number));
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
  return shown.replace(/[^\0-\x7f]/gu, (char) => {
    const hex = (char.codePointAt(0) ?? 0).toString(16);
    return hex.length <= 2
      ? `\\x${hex.padStart(2, '0')}`
      : hex.length <= 4
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  });
}
