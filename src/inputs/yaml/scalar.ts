// What a bare YAML word means: YAML 1.1 as PyYAML reads it. Knows nothing of documents or of what a value is used for.
import { formatFloat } from '../../text/python.ts';

/** A value that JavaScript has no exact counterpart of: a date, a whole-number float, an integer beyond 2^53, an infinity. */
export interface Literal {
  readonly kind: 'number' | 'date';
  /** As Python prints it: `2.0`, `2025-01-02`, `inf`. */
  readonly text: string;
}

export type Scalar = string | number | boolean | null | Literal;

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const WHOLE = /^[-+]?(?:0b[01_]+|0x[\da-fA-F_]+|0[0-7_]*|[1-9][\d_]*(?::[0-5]?\d)*)$/;
const FRACTION =
  /^(?:[-+]?\d[\d_]*(?:\.[\d_]*(?:[eE][-+]\d+)?|(?::[0-5]?\d)+\.[\d_]*)|\.\d[\d_]*(?:[eE][-+]\d+)?)$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const MOMENT =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?$/;

/** Undefined for a word that looks like a date and is none, such as 2025-02-30. */
export function resolveWord(word: string): Scalar | undefined {
  if (NULLS.has(word)) return null;
  if (TRUE.test(word)) return true;
  if (FALSE.test(word)) return false;
  if (!/^[-+.\d]/.test(word)) return word;
  if (WHOLE.test(word)) return wholeNumber(word) ?? word;
  if (FRACTION.test(word)) return floatOf(fraction(word.replaceAll('_', '')));
  if (INFINITE.test(word)) return floatOf(word.startsWith('-') ? -Infinity : Infinity);
  if (NOT_A_NUMBER.test(word)) return floatOf(Number.NaN);
  if (DATE.test(word) || MOMENT.test(word)) return dateOf(word);
  return word;
}

/** A float as a level: a plain number where JavaScript prints it as Python does, else a literal. */
function floatOf(value: number): Scalar {
  const text = formatFloat(value);
  return text === String(value) ? value : { kind: 'number', text };
}

function wholeNumber(word: string): Scalar | undefined {
  const negative = word.startsWith('-');
  const digits = word.replace(/^[-+]/, '').replaceAll('_', '');
  const size = sizeOf(digits);
  if (size === undefined) return undefined;
  const value = negative ? -size : size;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { kind: 'number', text: String(value) };
}

function sizeOf(digits: string): bigint | undefined {
  if (digits === '0b' || digits === '0x' || digits === '') return undefined;
  if (digits.includes(':')) return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  if (/^0[bx]/.test(digits)) return BigInt(digits);
  return digits.length > 1 && digits.startsWith('0') ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
}

function fraction(digits: string): number {
  if (!digits.includes(':')) return Number(digits);
  const sign = digits.startsWith('-') ? -1 : 1;
  return (
    sign *
    digits
      .replace(/^[-+]/, '')
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0)
  );
}

function dateOf(word: string): Literal | undefined {
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour,
    minute = '',
    second = '',
    part = '',
    zulu,
    sign,
    hours = '',
    minutes = '',
  ] = MOMENT.exec(word) ?? DATE.exec(word) ?? [];
  const date = [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-');
  const parsed = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date || year === '0000')
    return undefined;
  if (hour === undefined) return { kind: 'date', text: date };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const micros = part.slice(0, 6).padEnd(6, '0');
  const zone =
    zulu === undefined
      ? sign === undefined
        ? ''
        : `${sign}${hours.padStart(2, '0')}:${minutes.padEnd(2, '0')}`
      : '+00:00';
  const clock = `${hour.padStart(2, '0')}:${minute}:${second}${Number(micros) === 0 ? '' : `.${micros}`}`;
  return { kind: 'date', text: `${date} ${clock}${zone}` };
}
