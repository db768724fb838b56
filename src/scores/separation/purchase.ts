// What to buy to tell two levels apart: more combos, more replicates of a stage, or more judges. Knows no prices.
import {
  assuredPower,
  type Foreseen,
  foreseen,
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
  const found = total(parts);
  const model = modelOf(variance, found, degreesOfStages(noises));
  const scale = found === 0 ? 0 : (model.value - model.rest) / found;
  const repeated = REPEATED.map((ware): Purchase => {
    const now = counts[ware];
    const powerOf = (count: number): number => {
      const kept = total(parts, (each) => scale * (divides(ware, each) ? now / count : 1));
      const { left, known } = thinned(model, { kept, seen: variance, degrees: noises[ware].degrees });
      return assuredPower(combos, difference, left, known);
    };
    // From what there is upwards: of very many more the model knows so little that it may promise less of them than of a few.
    const enough = (count: number): boolean => powerOf(count) >= POWER;
    const needed = leastThat(enough, { low: now, high: Math.max(now + 1, MOST_REPEATED) });
    return { ware, now, needed, power: powerOf(needed ?? now) };
  });
  const needed = unitsForPower(difference, variance, combos);
  const power = assuredPower(combos, difference, variance, foreseen(1));
  const together = needed === undefined ? undefined : Math.max(needed, combos);
  const combo: Purchase = {
    ware: 'combo',
    now: combos,
    needed: together,
    power:
      together === undefined
        ? power
        : assuredPower(together, difference, variance, foreseen(shareOfUnits(combos, together))),
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

function total(parts: DifferenceNoise['parts'], share: (stage: Repeated) => number = () => 1): number {
  return REPEATED.reduce((sum, each) => sum + parts[each] * share(each), 0);
}

/** The stages below the combos together vary as units of the uppermost of them do, which has its degrees of freedom. */
function degreesOfStages(noises: Noises): number {
  const top = REPEATED.find((each) => noises[each].degrees > 0);
  return top === undefined ? 0 : noises[top].degrees;
}

/** What one combo's difference varies by, and how much of it the stages do not explain. */
interface Model extends Variance {
  readonly rest: number;
  /** Whether it is of two estimates of the same. */
  readonly pooled: boolean;
}

/**
 * Where combos differ by less than the stages explain there is nothing beside these, and both estimate the same variance: together, by
 * their degrees of freedom, they are the estimate of restricted maximum likelihood. The larger of them alone would be too much.
 *
 * Source: S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992), chapter 3.
 */
function modelOf({ value, degrees }: Variance, explained: number, own: number): Model {
  if (value >= explained || own === 0) {
    const rest = Math.max(0, value - explained);
    return { value: rest + explained, degrees, rest, pooled: false };
  }
  const all = degrees + own;
  return { value: (degrees * value + own * explained) / all, degrees: all, rest: 0, pooled: true };
}

interface Thinned {
  readonly left: Variance;
  readonly known: Foreseen;
}

/**
 * What is left of the variance V when the stages put in `kept`, and how much of it is known already. What was measured stays: of the
 * combos' differences then, of variance V' = rest + kept, those of now tell the share V' / V, and the sample variance of these is `seen`.
 *
 * V' is V less what more of a ware takes away. As far as it is V that is uncertain, V' is off by as much, which is V / V' times as much
 * of it: so that (V' / V)² follows the estimate of V'.
 */
function thinned(
  { value, degrees, rest, pooled }: Model,
  { kept, seen, degrees: own }: { readonly kept: number; readonly seen: Variance; readonly degrees: number },
): Thinned {
  const left = rest + kept;
  const share = value === 0 ? 0 : left / value;
  if (pooled) {
    const luck = share * Math.max(0, 1 - seen.value / value);
    return { left: { value: left, degrees }, known: { known: 0, fresh: 1 - luck } };
  }
  const removed = value - left;
  const [ofAll, ofRemoved] = [value ** 2 / degrees, removed <= 0 || own === 0 ? 0 : removed ** 2 / own];
  const uncertain = ofAll + ofRemoved;
  const known = uncertain === 0 ? 0 : share ** 2 * (ofAll / uncertain);
  // Satterthwaite's degrees of freedom of a variance less an estimate of a part of it.
  const few = ofRemoved === 0 ? degrees : Math.max(1, Math.min(degrees, left ** 2 / uncertain));
  return { left: { value: left, degrees: few }, known: foreseen(known) };
}
