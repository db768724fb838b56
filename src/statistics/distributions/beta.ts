// The regularized incomplete beta function, which Student's t and Snedecor's F are made of. Knows no distribution.

/** Lanczos' coefficients for g = 7 and nine terms. */
const LANCZOS = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

/**
 * The logarithm of the gamma function for x above 0.
 *
 * Source: C. Lanczos, A precision approximation of the gamma function, SIAM Journal on Numerical Analysis B 1 (1964).
 */
export function logGamma(x: number): number {
  // Below a half by the reflection formula: Γ(x) Γ(1 - x) = π / sin(π x).
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  const series = LANCZOS.reduce((total, each, at) => (at === 0 ? each : total + each / (shifted + at)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(series);
}

const MOST_STEPS = 10_000;
const SMALLEST = 1e-300;

/**
 * I_x(a, b), the share of a beta distribution with shapes `a` and `b` (above 0) below `x` (from 0 to 1).
 *
 * Source: NIST Digital Library of Mathematical Functions, 8.17.22, by Lentz's algorithm; where the fraction converges slowly by
 * the symmetry 8.17.4.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(front) / a) * fraction(x, a, b);
}

function fraction(x: number, a: number, b: number): number {
  let upper = 1;
  let lower = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = lower;
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    lower = 1 / away(1 + even * lower);
    upper = away(1 + even / upper);
    value *= lower * upper;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    lower = 1 / away(1 + odd * lower);
    upper = away(1 + odd / upper);
    value *= lower * upper;
    if (Math.abs(lower * upper - 1) < 1e-15) break;
  }
  return value;
}

/** From zero, which the algorithm divides by. */
function away(value: number): number {
  return Math.abs(value) < SMALLEST ? SMALLEST : value;
}
