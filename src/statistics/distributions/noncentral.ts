// Student's noncentral t distribution. Knows nothing of what it is used for.
import { logGamma } from './beta.ts';
import { normalBelowRoughly } from './normal.ts';

/** Of Simpson's rule. */
const STEPS = 400;

/**
 * The probability that a standard normal number is below z(u), on average over u = √(χ² / degrees), with 1 degree of freedom or more:
 * how far below the true standard deviation an estimated one is. With z(u) = t u - noncentrality that is noncentral t's share below t.
 *
 * By Simpson's rule over u of Φ(z(u)) times the density of u, within what holds all but 1e-12 of it.
 *
 * Source: D. B. Owen, A survey of properties and applications of the noncentral t-distribution, Technometrics 10 (1968).
 */
export function normalBelowOver(degrees: number, z: (u: number) => number): number {
  const { places, weights } = scaleOf(degrees);
  let total = 0;
  for (let at = 0; at < places.length; at++) {
    total += (weights[at] ?? 0) * normalBelowRoughly(z(places[at] ?? 0));
  }
  return total;
}

/** How likely a scale u is: places with the share of each. */
interface Scale {
  readonly places: Float64Array;
  readonly weights: Float64Array;
}

/** Whoever looks for a number of units asks for the same degrees over and over. */
const SCALES = new Map<number, Scale>();
const MOST_SCALES = 100;

function scaleOf(degrees: number): Scale {
  const known = SCALES.get(degrees);
  if (known !== undefined) return known;
  const scale = (degrees / 2) * Math.log(degrees / 2) + Math.LN2 - logGamma(degrees / 2);
  const density = (u: number): number =>
    u === 0
      ? 0 ** (degrees - 1) * Math.exp(scale)
      : Math.exp(scale + (degrees - 1) * Math.log(u) - (degrees * u * u) / 2);
  // Near 1 with a standard deviation of about 1 / √(2 ν); heavy on the right with few degrees.
  const spread = 7.5 / Math.sqrt(2 * degrees);
  const low = Math.max(0, 1 - spread);
  const width = (1 + spread - low) / STEPS;
  const places = Float64Array.from({ length: STEPS + 1 }, (_, step) => low + step * width);
  const weights = places.map(
    (u, step) => density(u) * (step === 0 || step === STEPS ? 1 : step % 2 === 1 ? 4 : 2),
  );
  const mass = weights.reduce((all, each) => all + each, 0);
  const found = { places, weights: weights.map((each) => each / mass) };
  if (SCALES.size >= MOST_SCALES) SCALES.clear();
  SCALES.set(degrees, found);
  return found;
}
