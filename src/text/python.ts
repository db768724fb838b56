// How texts are trimmed, split, counted, ordered and turned into numbers: as Python does it, so that ids, rows, prompts and
// scores of existing data roots stay the same. Knows nothing of what the texts mean.

/** Python's blanks as a regular-expression class body: unlike JavaScript's `\s`, with U+001C to U+001F and U+0085, without U+FEFF. */
export const BLANK = String.raw`\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

const ONE_BLANK = new RegExp(`[${BLANK}]`);
const BLANKS = new Set(
  Array.from({ length: 0x3001 }, (_, code) => code).filter((code) =>
    ONE_BLANK.test(String.fromCharCode(code)),
  ),
);
const LINE_END = new RegExp(String.raw`\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]`, 'g');
const LINE_ENDS = new Set([...BLANKS].filter((code) => String.fromCharCode(code).search(LINE_END) === 0));
const DECIMAL_DIGIT = /\p{Nd}/u;
const HIGH_SURROGATE = /[\ud800-\udbff]/;
const NON_ASCII = /[\u0080-\uffff]/;
const INTEGER = /^[+-]?[0-9]+(?:_[0-9]+)*$/;
const FLOAT =
  /^[+-]?(?:(?:[0-9]+(?:_[0-9]+)*)(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:e[+-]?[0-9]+(?:_[0-9]+)*)?$/i;
const FLOAT_WORD = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** Python's `strip()`. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  // Mostly there is nothing to trim.
  if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(end - 1))) return text;
  while (start < end && BLANKS.has(text.charCodeAt(start))) start += 1;
  while (end > start && BLANKS.has(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Of ASCII, and seen. Not so where there is no character. */
function isPlain(code: number): boolean {
  return code > 32 && code < 127;
}

export function isBlank(text: string): boolean {
  return !isPlain(text.charCodeAt(0)) && trim(text) === '';
}

/** Python's `splitlines()`: an end of line at the very end opens no further line. */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** How many lines hold more than blanks; of as many as `most` no further ones are looked for. */
export function nonBlankLines(text: string, most = Number.POSITIVE_INFINITY): number {
  let count = 0;
  let seen = false;
  for (let at = 0; at < text.length && count < most; at += 1) {
    const code = text.charCodeAt(at);
    if (isPlain(code) || !BLANKS.has(code)) seen = true;
    else if (seen && LINE_ENDS.has(code)) {
      count += 1;
      seen = false;
    }
  }
  return seen && count < most ? count + 1 : count;
}

/** CRLF and lone CR become LF, as when Python reads a text file. */
export function normalizeNewlines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** Python's `lower()`. */
export function lowerCase(text: string): string {
  return text.toLowerCase();
}

/** Unicode code points; a lone surrogate counts as one. */
export function codePointLength(text: string): number {
  if (!HIGH_SURROGATE.test(text)) return text.length;
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    length += 1;
    if ((text.codePointAt(at) ?? 0) > 0xffff) at += 1;
  }
  return length;
}

/** For `sort`: by Unicode code point, where JavaScript's own order goes by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Places surrogates, which stand for code points above U+FFFF, after every other UTF-16 unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Python's `repr` of a float: `8.0`, `1e-05`, `1e+16`, `nan`, `-inf`. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** Python's `float()` of a text; undefined when it is not one. `nan` and `inf` are. */
export function parseFloatText(text: string): number | undefined {
  const ascii = trim(asciiDigits(text));
  if (FLOAT.test(ascii)) return Number(ascii.replaceAll('_', ''));
  const word = FLOAT_WORD.exec(ascii);
  if (word === null) return undefined;
  if (word[2] === undefined) return Number.NaN;
  return word[1] === '-' ? -Infinity : Infinity;
}

/**
 * Python's `int()`: text with a sign and digits (single underscores between them, any Unicode digits, blanks around), numbers
 * cut toward zero, true is 1. Undefined when it is none of these, or beyond 2^53.
 */
export function parseInteger(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? integerOfText(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(Math.trunc(number))) return undefined;
  return Math.trunc(number) + 0;
}

function integerOfText(text: string): number | undefined {
  const ascii = trim(asciiDigits(text));
  return INTEGER.test(ascii) ? Number(ascii.replaceAll('_', '')) : undefined;
}

/** Every Unicode decimal digit as its ASCII one. */
export function asciiDigits(text: string): string {
  if (!NON_ASCII.test(text)) return text;
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0) ?? 0)));
}

/** Decimal digits stand in runs of ten, zero first; some runs adjoin each other. */
function digitValue(codePoint: number): number {
  let start = codePoint;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
  return (codePoint - start) % 10;
}

const NOT_PLAIN = /['"\\]|(?! )[\p{C}\p{Z}]/gu;

/** Python's `repr` of a text, as its messages and its printed lists show it. */
export function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(NOT_PLAIN, (char) =>
    (char === '"' || char === "'") && char !== quote ? char : escaped(char),
  );
  return quote + inner + quote;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return { 9: '\\t', 10: '\\n', 13: '\\r', 39: "\\'", 92: '\\\\' }[code] ?? codePointEscape(char);
}

/** `\xe9`, `\u20ac` or `\U0001f30a`. */
export function codePointEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
