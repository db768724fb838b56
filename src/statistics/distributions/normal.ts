// The standard normal distribution. Knows nothing of what it is used for.

/** The share of the standard normal distribution below `z`. */
export function normalBelow(z: number): number {
  return z > 0 ? 1 - lowerTail(-z) : lowerTail(z);
}

/**
 * Φ(z) for z of 0 or less.
 *
 * Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 26.2.10 near 0 and the continued fraction
 * 26.2.14 beyond.
 */
function lowerTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > -3) {
    let term = z;
    let series = z;
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(series); k++) {
      term *= (z * z) / (2 * k + 1);
      series += term;
    }
    return 0.5 + density * series;
  }
  let rest = 0;
  // So many terms are right to the last digit: at 3, and from 5 on.
  for (let k = z > -5 ? 60 : 25; k >= 1; k--) rest = k / (-z + rest);
  return density / (-z + rest);
}

/** Places of the table a unit of z, how far it goes, and terms of each series: what is left out is below 1e-16. */
const PLACES = 16;
const END = 9;
const TERMS = 8;
let table: Float64Array | undefined;

/** The same right to 15 decimals, by a table and Taylor's series from its nearest place: for sums of very many of them. */
export function normalBelowRoughly(z: number): number {
  if (z >= END) return 1;
  if (z <= -END) return 0;
  table ??= seriesOfNormal();
  const place = Math.round(z * PLACES);
  const step = z - place / PLACES;
  const from = (place + END * PLACES) * TERMS;
  let value = 0;
  for (let term = from + TERMS - 1; term >= from; term--) value = value * step + (table[term] ?? 0);
  return value;
}

/** Of each place the coefficients; those of the k-th derivative by Hermite's polynomials, He(k + 1) = z He(k) - k He(k - 1). */
function seriesOfNormal(): Float64Array {
  const found = new Float64Array((2 * END * PLACES + 1) * TERMS);
  for (let place = -END * PLACES; place <= END * PLACES; place++) {
    const z = place / PLACES;
    const from = (place + END * PLACES) * TERMS;
    found[from] = normalBelow(z);
    let [last, polynomial] = [0, 1];
    let factor = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    for (let term = 1; term < TERMS; term++) {
      factor /= term;
      found[from + term] = factor * polynomial;
      [last, polynomial] = [polynomial, z * polynomial - (term - 1) * last];
      factor = -factor;
    }
  }
  return found;
}

/** The `z` below which a share `p` (between 0 and 1) of the standard normal distribution lies; infinite at the ends. */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  // Abramowitz and Stegun 26.2.23, right to 4.5e-4, as the beginning; then Newton's steps with Halley's correction.
  const t = Math.sqrt(-2 * Math.log(p));
  let z =
    (2.515_517 + 0.802_853 * t + 0.010_328 * t * t) /
      (1 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t ** 3) -
    t;
  for (let step = 0; step < 3; step++) {
    const off = (normalBelow(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
    z -= off / (1 + (z * off) / 2);
  }
  return z;
}
