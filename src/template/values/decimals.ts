// Numbers as digits, as C and Python write them: floats are rounded from their exact value, half to even. Knows no format's syntax.
import { formatFloat } from '../../text/python.ts';

/** The size of a finite float as a whole number times a power of two. */
export function partsOf(value: number): readonly [whole: bigint, power: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const [exponent, fraction] = [Number((bits >> 52n) & 0x7ffn), bits & 0xfffffffffffffn];
  return [exponent === 0 ? fraction : fraction | 0x10000000000000n, Math.max(exponent, 1) - 1075];
}

/** Python's `float.hex()`. */
export function hexadecimal(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0x0.0p+0`;
  const [whole, power] = partsOf(value);
  const [head, ...digits] = whole.toString(16).padStart(14, '0');
  return `${sign}0x${head}.${digits.join('')}p${power < -52 ? '' : '+'}${power + 52}`;
}

/** A finite float as a fraction in its lowest terms. */
export function ratioOf(value: number): readonly [bigint, bigint] {
  const [numerator, denominator] = fractionOf(value);
  if (numerator === 0n) return [0n, 1n];
  const twos = numerator & -numerator;
  const shared = twos < denominator ? twos : denominator;
  return [numerator / shared, denominator / shared];
}

/** A float as a fraction without loss. Of finite ones. */
function fractionOf(value: number): readonly [bigint, bigint] {
  const [whole, power] = partsOf(value);
  const signed = value < 0 ? -whole : whole;
  return power >= 0 ? [signed << BigInt(power), 1n] : [signed, 1n << BigInt(-power)];
}

/** `numerator / denominator`, half to even; the denominator is positive. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const whole = size / denominator;
  const twice = (size % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && whole % 2n === 1n);
  const rounded = up ? whole + 1n : whole;
  return numerator < 0n ? -rounded : rounded;
}

/** The value times ten to the power of `digits`, rounded. */
export function scaled(value: number, digits: number): bigint {
  const [numerator, denominator] = fractionOf(value);
  const power = 10n ** BigInt(Math.abs(digits));
  return digits >= 0
    ? roundedQuotient(numerator * power, denominator)
    : roundedQuotient(numerator, denominator * power);
}

/** `%.3f` of a positive finite number. */
export function fixed(value: number, precision: number): string {
  const digits = String(scaled(value, precision)).padStart(precision + 1, '0');
  const whole = digits.slice(0, digits.length - precision);
  return precision === 0 ? whole : `${whole}.${digits.slice(digits.length - precision)}`;
}

/** So many digits, and the power of ten of the first. */
function significant(value: number, count: number): readonly [string, number] {
  if (value === 0) return ['0'.repeat(count), 0];
  const guess = Number(value.toExponential().split('e')[1]);
  const digits = String(scaled(value, count - 1 - guess));
  return digits.length > count ? [digits.slice(0, count), guess + 1] : [digits, guess];
}

function withExponent(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `%.3e` of a positive finite number. */
export function exponential(value: number, precision: number): string {
  return withExponent(...significant(value, precision + 1));
}

export interface General {
  /** Zeros at the end stay. */
  readonly zeros: boolean;
  /** A whole number ends in `.0`, and one of as many digits as asked for has an exponent. */
  readonly point: boolean;
}

/** `%.3g` of a positive finite number. */
export function general(value: number, precision: number, { zeros, point }: General): string {
  const count = Math.max(precision, 1);
  const [all, exponent] = significant(value, count);
  const digits = zeros ? all : all.replace(/0+$/, '') || '0';
  if (exponent < -4 || exponent >= count - (point ? 1 : 0)) return withExponent(digits, exponent);
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  if (rest !== '') return `${whole}.${rest}`;
  return point ? `${whole}.0` : whole;
}
