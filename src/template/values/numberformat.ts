// What `%` formatting and `str.format` share: a number by its presentation type, its sign, its fill. Knows no format's syntax.
import { formatFloat } from '../../text/python.ts';
import { exponential, fixed, general } from './decimals.ts';
import type { Run } from './run.ts';

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
  const digits = Number.isFinite(value) ? finiteDigits(size, type, precision, alternate) : formatFloat(size);
  return 'EFG'.includes(type) && type !== '' ? digits.toUpperCase() : digits;
}

function finiteDigits(size: number, type: string, precision: number | undefined, alternate: boolean): string {
  switch (type.toLowerCase()) {
    case 'f':
      return fixed(size, precision ?? 6) + (alternate && precision === 0 ? '.' : '');
    case 'e':
      return exponential(size, precision ?? 6);
    case 'g':
    case 'n':
      return general(size, precision ?? 6, { zeros: alternate, point: false });
    default:
      return precision === undefined
        ? formatFloat(size)
        : general(size, precision, { zeros: false, point: true });
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
