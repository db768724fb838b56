// Student's t distribution with any number of degrees of freedom above 0. Knows nothing of what it is used for.
import { incompleteBeta, logGamma } from './beta.ts';
import { normalQuantile } from './normal.ts';

/**
 * The probability that |T| is `t` or more: the two-sided p-value.
 *
 * Source: NIST/SEMATECH and Abramowitz and Stegun 26.7.1: I_x(ν / 2, 1 / 2) at x = ν / (ν + t²).
 */
export function studentBeyond(t: number, degrees: number): number {
  const square = t * t;
  // Near 0 what lies inside has all its digits, which 1 - x would lose.
  if (square < 3) return 1 - incompleteBeta(square / (degrees + square), 0.5, degrees / 2);
  return incompleteBeta(degrees / (degrees + square), degrees / 2, 0.5);
}

/** Half the width, in standard errors, of a two-sided interval of this confidence, such as 0.95. */
export function studentHalf(confidence: number, degrees: number): number {
  if (confidence <= 0) return 0;
  const outside = 1 - confidence;
  // Beyond so many degrees the two distributions agree to nine digits.
  if (degrees > 1e10) return -normalQuantile(outside / 2);
  let low = 0;
  let high = 1;
  while (studentBeyond(high, degrees) > outside) {
    low = high;
    high *= 2;
  }
  let t = Math.min(high, Math.max(low, -normalQuantile(outside / 2)));
  const scale = Math.exp(logGamma((degrees + 1) / 2) - logGamma(degrees / 2)) / Math.sqrt(degrees * Math.PI);
  // Newton's steps, held within what is known to enclose the answer.
  for (let step = 0; step < 200; step++) {
    const off = studentBeyond(t, degrees) - outside;
    if (off > 0) low = t;
    else high = t;
    const density = 2 * scale * Math.exp((-(degrees + 1) / 2) * Math.log1p((t * t) / degrees));
    const next = t + off / density;
    const kept = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(kept - t) <= 1e-14 * kept) return kept;
    t = kept;
  }
  return t;
}
