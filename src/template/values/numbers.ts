// Numbers out of what is none or another one: whole ones out of texts, floats out of whole ones. Knows no operator.
import { asciiDigits, lowerCase, trim } from '../../text/python.ts';
import type { Run } from './run.ts';

const DIGITS: Readonly<Record<number, string>> = { 2: 'b', 8: 'o', 16: 'x' };

/** Python reads no longer ones. */
const MAX_LENGTH = 4300;

/** Python's `int` of a text; undefined where it raises. */
export function wholeOfText(text: string, base: number): bigint | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const said = lowerCase(trim(asciiDigits(text)));
  const parts = /^([+-]?)(0[box])?_?([0-9a-z]+(?:_[0-9a-z]+)*)$/.exec(said) ?? [];
  const [, sign = '', prefix, rest] = parts;
  if (rest === undefined || (/^[+-]?_/.test(said) && prefix === undefined)) return undefined;
  const marked = prefix !== undefined && (base === 0 || prefix === `0${DIGITS[base] ?? ''}`);
  const radix = base !== 0 ? base : prefix === undefined ? 10 : { '0b': 2, '0o': 8, '0x': 16 }[prefix];
  const digits = ((marked || prefix === undefined ? '' : prefix) + rest).replaceAll('_', '');
  if (radix === undefined || (base === 0 && radix === 10 && /^0+[1-9]/.test(digits))) return undefined;
  const highest = (radix - 1).toString(36);
  if (!new RegExp(`^[0-${radix > 10 ? '9a-' : ''}${highest}]+$`).test(digits)) return undefined;
  let value = 0n;
  for (const some of digits.match(/.{1,8}/g) ?? [])
    value = value * BigInt(radix ** some.length) + BigInt(Number.parseInt(some, radix));
  return sign === '-' ? -value : value;
}

export function floatOf(value: bigint | number, run: Run): number {
  const number = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(number))
    throw run.failed('int too large to convert to float');
  return number;
}
