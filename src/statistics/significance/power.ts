// How many independent units would show a difference. Knows nothing of what the units are.
import { normalBelowOver } from '../distributions/noncentral.ts';
import { studentHalf } from '../distributions/student.ts';

/** In 80 of 100 experiments. */
export const POWER = 0.8;
/** With fewer units no choice of signs is rare enough: 2 of 2^5 are above 5 %, 2 of 2^6 below. */
export const LEAST_UNITS = 6;
/** (z(0.975) + z(0.8))²: the units whose mean differs by one standard deviation of theirs, for that power. */
const NORMAL_UNITS = 7.849;
/** More than anybody makes. */
const MOST_UNITS = 1_000_000;

/** What is known of how units vary. */
export interface Variance {
  /** Of one unit's difference. */
  readonly value: number;
  /** How much that estimate itself rests on. */
  readonly degrees: number;
}

/** Of the variance that a test will find: `known` × s², which was measured, and `fresh` × σ², the true one. */
export interface Foreseen {
  readonly known: number;
  readonly fresh: number;
}

/** Where this share of what the test will look at was measured already. */
export function foreseen(share: number): Foreseen {
  return { known: share, fresh: 1 - share };
}

/**
 * The chance that a two-sided test at the 5 % level of `units` differences shows a mean of `difference`, averaged over what the true
 * variance σ² may be, given that it was only estimated, as s².
 *
 * The test divides by the standard deviation of all units, those that there are and those that are bought. What there is was in the
 * estimate already: of the variance that the test will find a share `known` (0 to 1) follows s², and the rest follows σ². With
 * u = s / σ, which is √(χ² / degrees), the difference is shown where a standard normal number is below
 * √n × δ × u / s - t(0.975, n - 1) × √(known × u² + fresh).
 *
 * With nothing known in advance that is Student's noncentral distribution: S. A. Julious and R. J. Owen, Sample size calculations for
 * clinical studies allowing for uncertainty about the variance, Pharmaceutical Statistics 5 (2006), with t in place of z for the final
 * test. That a pilot whose units stay in the test is more than that, J. Wittes and E. Brittain, The role of internal pilot studies in
 * increasing the efficiency of clinical trials, Statistics in Medicine 9 (1990).
 */
export function assuredPower(
  units: number,
  difference: number,
  { value, degrees }: Variance,
  { known, fresh }: Foreseen = foreseen(0),
): number {
  if (units < LEAST_UNITS || difference === 0) return 0;
  if (value <= 0) return 1;
  const size = (Math.sqrt(units) * Math.abs(difference)) / Math.sqrt(value);
  const half = studentHalf(0.95, units - 1);
  return normalBelowOver(degrees, (u) => size * u - half * Math.sqrt(known * u * u + fresh));
}

/** The share of the sample variance of so many units that the units which are there already bring along. */
export function shareOfUnits(there: number, units: number): number {
  return units <= 1 ? 0 : Math.min(1, Math.max(0, there - 1) / (units - 1));
}

/** The least number of units with 80 % power, where some are there already; undefined where a million would not do. */
export function unitsForPower(difference: number, variance: Variance, there = 0): number | undefined {
  const enough = (units: number): boolean =>
    assuredPower(units, difference, variance, foreseen(shareOfUnits(there, units))) >= POWER;
  // As if the variance were known: what is not known of it asks for a little more.
  const guess = NORMAL_UNITS * (variance.value / difference ** 2) + 2;
  return leastThat(enough, { low: LEAST_UNITS, high: MOST_UNITS, guess });
}

/**
 * The least whole number from `low` to `high` of which a property holds that holds of all above it; undefined where it holds of none. The
 * nearer the guess, the fewer numbers are asked.
 */
export function leastThat(
  holds: (value: number) => boolean,
  { low, high, guess = low }: { readonly low: number; readonly high: number; readonly guess?: number },
): number | undefined {
  let [below, above] = [low - 1, high + 1];
  const first = Math.min(high, Math.max(low, Math.round(guess) || low));
  let at = first;
  let reach = Math.max(1, first >> 4);
  while (above - below > 1) {
    if (holds(at)) above = at;
    else below = at;
    if (below >= low && above <= high) at = (above + below) >> 1;
    else at = above > high ? Math.min(high, first + reach) : Math.max(low, first - reach);
    reach *= 2;
  }
  return above > high ? undefined : above;
}
