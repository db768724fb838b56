// Student's noncentral t distribution. Knows nothing of what it is used for.
import { logGamma } from './beta.ts';
import { normalBelow } from './normal.ts';

/** Of Simpson's rule. */
const STEPS = 400;

/**
 * The probability that T is `t` or less, for T = (Z + noncentrality) / √(χ² / degrees) with 1 degree of freedom or more.
 *
 * By Simpson's rule over u = √(χ² / degrees) of Φ(t u - noncentrality) times the density of u, within what holds all but 1e-12 of it.
 *
 * Source: D. B. Owen, A survey of properties and applications of the noncentral t-distribution, Technometrics 10 (1968).
 */
export function studentNoncentralBelow(t: number, degrees: number, noncentrality: number): number {
  const scale = (degrees / 2) * Math.log(degrees / 2) + Math.LN2 - logGamma(degrees / 2);
  const density = (u: number): number =>
    u === 0
      ? 0 ** (degrees - 1) * Math.exp(scale)
      : Math.exp(scale + (degrees - 1) * Math.log(u) - (degrees * u * u) / 2);
  // Near 1 with a standard deviation of about 1 / √(2 ν); heavy on the right with few degrees.
  const spread = 7.5 / Math.sqrt(2 * degrees);
  const low = Math.max(0, 1 - spread);
  const width = (1 + spread - low) / STEPS;
  let total = 0;
  let mass = 0;
  for (let step = 0; step <= STEPS; step++) {
    const u = low + step * width;
    const weight = density(u) * (step === 0 || step === STEPS ? 1 : step % 2 === 1 ? 4 : 2);
    total += weight * normalBelow(t * u - noncentrality);
    mass += weight;
  }
  return total / mass;
}
