// How many independent units would show a difference. Knows nothing of what the units are.
import { studentNoncentralBelow } from '../distributions/noncentral.ts';
import { studentHalf } from '../distributions/student.ts';

/** In 80 of 100 experiments. */
export const POWER = 0.8;
/** With fewer units no choice of signs is rare enough: 2 of 2^5 are above 5 %, 2 of 2^6 below. */
export const LEAST_UNITS = 6;
/** More than anybody makes. */
const MOST_UNITS = 1_000_000;

/** What is known of how units vary. */
export interface Variance {
  /** Of one unit's difference. */
  readonly value: number;
  /** How much that estimate itself rests on. */
  readonly degrees: number;
}

/**
 * The chance that a two-sided test at the 5 % level of `units` differences shows a mean of `difference`, averaged over what the true
 * variance may be, given that it was only estimated.
 *
 * P(T ≤ √n × δ / s), for T of Student's noncentral distribution with the estimate's degrees of freedom and the noncentrality
 * t(0.975, n - 1).
 *
 * Source: S. A. Julious and R. J. Owen, Sample size calculations for clinical studies allowing for uncertainty about the variance,
 * Pharmaceutical Statistics 5 (2006), with t in place of z for the final test.
 */
export function assuredPower(units: number, difference: number, { value, degrees }: Variance): number {
  if (units < LEAST_UNITS || difference === 0) return 0;
  if (value <= 0) return 1;
  const size = (Math.sqrt(units) * Math.abs(difference)) / Math.sqrt(value);
  return studentNoncentralBelow(size, degrees, studentHalf(0.95, units - 1));
}

/** The least number of units with 80 % power; undefined where a million would not do. */
export function unitsForPower(difference: number, variance: Variance): number | undefined {
  const enough = (units: number): boolean => assuredPower(units, difference, variance) >= POWER;
  return leastThat(enough, LEAST_UNITS, MOST_UNITS);
}

/** The least whole number from `low` to `high` of which a property holds that holds of all above it. */
export function leastThat(holds: (value: number) => boolean, low: number, high: number): number | undefined {
  let reach = 1;
  while (low + reach < high && !holds(low + reach)) reach *= 2;
  let above = Math.min(high, low + reach);
  if (!holds(above)) return undefined;
  let below = low - 1;
  while (above - below > 1) {
    const middle = (above + below) >> 1;
    if (holds(middle)) above = middle;
    else below = middle;
  }
  return above;
}
