// Powers and quotients to the last bit, in which engines of JavaScript differ from C. Knows no operator.
import { partsOf } from './decimals.ts';

/** As many bits as a logarithm has behind its point, and as many as are sure in what is made of it. */
const BITS = 200;
const SURE = 120;
const ONE = 1n << BigInt(BITS);
const LN2 = twiceArtanh(ONE / 3n);

function bitsIn(whole: bigint): number {
  return whole.toString(2).length;
}

function shifted(whole: bigint, by: number): bigint {
  return by < 0 ? whole >> BigInt(-by) : whole << BigInt(by);
}

function twiceArtanh(value: bigint): bigint {
  const square = (value * value) >> BigInt(BITS);
  let sum = 0n;
  for (let term = value, at = 1n; term !== 0n; term = (term * square) >> BigInt(BITS), at += 2n)
    sum += term / at;
  return 2n * sum;
}

/** The float nearest to a whole number, which is not negative, times a power of two; half to even. */
export function nearestFloat(whole: bigint, power: number): number {
  const bits = bitsIn(whole);
  const cut = Math.max(bits - 53, -1074 - power);
  if (cut <= 0) return Number(whole) * 2 ** power;
  if (cut > bits + 1) return 0;
  const unit = 1n << BigInt(cut);
  const [kept, twice] = [whole / unit, (whole % unit) * 2n];
  const up = twice > unit || (twice === unit && kept % 2n === 1n);
  return Number(up ? kept + 1n : kept) * 2 ** (power + cut);
}

/** A positive finite float to the power of a finite one, by its logarithm. */
export function powerOf(base: number, exponent: number): number {
  const [mantissa, scale] = partsOf(base);
  const bits = bitsIn(mantissa);
  const head = shifted(mantissa, BITS - bits + 1);
  const logarithm = twiceArtanh(((head - ONE) * ONE) / (head + ONE)) + BigInt(scale + bits - 1) * LN2;
  const [factor, power] = partsOf(exponent);
  const product = shifted(exponent < 0 ? -logarithm * factor : logarithm * factor, power);
  const twos = product / LN2 - (product < 0n ? 1n : 0n);
  const rest = product - twos * LN2;
  let sum = 0n;
  for (let term = ONE, at = 1n; term !== 0n; term = ((term * rest) >> BigInt(BITS)) / at, at += 1n)
    sum += term;
  // What is a short number is one to the last of the bits that are sure.
  const unsure = BITS - SURE;
  return nearestFloat((sum + (1n << BigInt(unsure - 1))) >> BigInt(unsure), Number(twos) - SURE);
}
