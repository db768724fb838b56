// What to buy to tell two levels apart: more combos, more replicates of a stage, or more judges. Knows no prices.
import {
  assuredPower,
  leastThat,
  LEAST_UNITS,
  POWER,
  shareOfUnits,
  unitsForPower,
  type Variance,
} from '../../statistics/significance/power.ts';
import { type DifferenceNoise, REPEATED, type Repeated } from './difference.ts';
import type { Noises } from './noise.ts';

/** What can be had more of. */
export const WARES = ['combo', 'draft', 'essay', 'judge', 'replicate'] as const;
export type Ware = (typeof WARES)[number];

export interface Purchase {
  readonly ware: Ware;
  /** How many there are: combos with both levels, drafts of a combo, essays of a draft, judges of an essay, replicates of each. */
  readonly now: number;
  /** How many there must be; undefined where no number would do. */
  readonly needed: number | undefined;
  /** The chance of telling the two apart with so many, or with what there is where no number would do. */
  readonly power: number;
}

export interface Plan {
  /** What the difference varies by from combo to combo. */
  readonly variance: Variance;
  /** The chance of telling the two apart with what there is. */
  readonly power: number;
  /** In the order of the wares. */
  readonly purchases: readonly Purchase[];
}

/** Nobody asks a hundred judges. */
const MOST_REPEATED = 100;

/**
 * For each ware the least number with which a difference of this size is shown in 80 of 100 experiments.
 *
 * With n combos the mean difference varies by V / n. More of a stage divides what the stage and those below it put into V: new drafts
 * bring new essays and judgements, new essays new judgements, a new judge its own replicates. What is left of V is how differently the
 * combos take to the two levels, of which only more combos tell more. V is as uncertain as the combos are few; that is counted in.
 */
export function planFor(
  difference: number,
  noise: DifferenceNoise,
  {
    noises,
    variance,
    counts,
  }: {
    readonly noises: Noises;
    readonly variance: Variance;
    readonly counts: Readonly<Record<Repeated, number>>;
  },
): Plan {
  const { combos, parts } = noise;
  const explained = REPEATED.reduce((total, each) => total + parts[each], 0);
  const rest = Math.max(0, variance.value - explained);
  const withCount = (ware: Repeated, count: number): Variance => {
    const share = counts[ware] / count;
    const kept = REPEATED.reduce((total, each) => total + parts[each] * (divides(ware, each) ? share : 1), 0);
    return { value: rest + kept, degrees: degreesOf(variance, explained - kept, noises[ware].degrees) };
  };
  const repeated = REPEATED.map((ware): Purchase => {
    // How much of what new replicates leave of the variance the old ones bring along is not known well enough to be counted in.
    const powerOf = (count: number): number => assuredPower(combos, difference, withCount(ware, count));
    const now = counts[ware];
    const needed = leastThat((count) => powerOf(count) >= POWER, now, Math.max(now + 1, MOST_REPEATED));
    return { ware, now, needed, power: powerOf(needed ?? now) };
  });
  const needed = unitsForPower(difference, variance, combos);
  const power = assuredPower(combos, difference, variance, 1);
  const total = needed === undefined ? undefined : Math.max(needed, combos);
  const combo: Purchase = {
    ware: 'combo',
    now: combos,
    needed: total,
    power:
      total === undefined ? power : assuredPower(total, difference, variance, shareOfUnits(combos, total)),
  };
  return {
    variance,
    power,
    purchases: combos < LEAST_UNITS ? [combo, ...repeated.map(hopeless)] : [combo, ...repeated],
  };
}

function hopeless(purchase: Purchase): Purchase {
  return { ...purchase, needed: undefined, power: 0 };
}

/** Whether more of a ware makes a stage's noise average out more. */
function divides(ware: Repeated, stage: Repeated): boolean {
  return REPEATED.indexOf(stage) >= REPEATED.indexOf(ware);
}

/** Satterthwaite's degrees of freedom of a variance less an estimate of a part of it. */
function degreesOf(variance: Variance, removed: number, degrees: number): number {
  if (removed <= 0 || degrees === 0) return variance.degrees;
  const left = variance.value - removed;
  if (left <= 0) return variance.degrees;
  const own = left ** 2 / (variance.value ** 2 / variance.degrees + removed ** 2 / degrees);
  return Math.max(1, Math.min(variance.degrees, own));
}
