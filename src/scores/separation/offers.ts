// What would tell two levels apart, each way with its price, the cheapest first. Prices are handed in.
import type { GenId, Stage } from '../../generation/stage.ts';
import { keyNumbers } from '../../statistics/groups.ts';
import type { Variance } from '../../statistics/significance/power.ts';
import type { Judgement } from '../judgements.ts';
import type { ComparedDimension } from '../levels/dimensions.ts';
import type { LevelPair, Ranked } from '../levels/ranking.ts';
import { clusterOf } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';
import type { DifferenceNoise, LevelNoise, Repeated } from './difference.ts';
import type { Noises } from './noise.ts';
import { planFor, type Plan, type Purchase, type Ware } from './purchase.ts';

/** USD that it takes to make a generation once more; undefined where a price is not known. */
export type PriceOf = (stage: Stage, genId: GenId) => number | undefined;

export interface Offer extends Purchase {
  /** How many more that is; undefined where no number would do. */
  readonly more: number | undefined;
  /** USD for them, for the two levels alone; undefined where a price is not known or no number would do. */
  readonly usd: number | undefined;
}

export interface Separation {
  /** What is to be told: the difference that was named, or the one seen. */
  readonly difference: number;
  readonly noise: DifferenceNoise;
  readonly plan: Plan;
  /** What would do, the cheapest first; then what would not. */
  readonly offers: readonly Offer[];
}

/** With so many combos a pair's own variance is known well enough; with fewer all pairs of the dimension are asked. */
const WELL_KNOWN = 20;
/** Of a dimension the best so many levels are asked. */
const MOST_ASKED = 10;

export interface SeparationInput {
  readonly levels: LevelNoise;
  readonly noises: Noises;
  readonly priceOf: PriceOf;
  /** The difference that is to be told apart; the one seen where it is left out. */
  readonly difference?: number | undefined;
}

/** Undefined where nothing is known of how the difference varies: a single combo, no difference at all. */
export function separationOf(
  ranked: Ranked & { readonly dimension: ComparedDimension },
  pair: LevelPair,
  { levels, noises, priceOf, difference = Math.abs(pair.difference) }: SeparationInput,
): Separation | undefined {
  const { dimension } = ranked;
  const both = levels.judgementsOf(pair.a, pair.b);
  const noise = noiseOf(levels, pair);
  const variance = varianceOf(ranked, noise, { levels, pair });
  if (variance === undefined || difference === 0) return undefined;
  const counts = countsIn(both);
  const plan = planFor(difference, noise, { noises, variance, counts });
  const wares = plan.purchases.filter(({ ware }) =>
    pair.basis === 'paired' ? ware !== 'judge' || dimension !== 'judge' : ware === 'combo',
  );
  const price = pricesOf(both, { ...counts, combo: Math.max(1, noise.combos) }, priceOf);
  const offers = wares.map((purchase): Offer => {
    const more = purchase.needed === undefined ? undefined : purchase.needed - purchase.now;
    const each = price(purchase.ware);
    return { ...purchase, more, usd: more === undefined || each === undefined ? undefined : more * each };
  });
  return { difference, noise, plan, offers: offers.toSorted(cheaper) };
}

function cheaper(a: Offer, b: Offer): number {
  if (a.more === undefined || b.more === undefined)
    return Number(a.more === undefined) - Number(b.more === undefined);
  return (a.usd ?? Infinity) - (b.usd ?? Infinity) || a.more - b.more;
}

/** Of means that are not paired only what the combos of each side say is known. */
function noiseOf(levels: LevelNoise, { a, b, basis, error }: LevelPair): DifferenceNoise {
  if (basis === 'paired') return levels.between(a, b);
  const combos = Math.min(
    ...[a, b].map(
      (level) => new Set(levels.judgementsOf(level).map(({ row }) => clusterOf(row, 'combo'))).size,
    ),
  );
  return {
    combos,
    variance: error === undefined ? undefined : error ** 2 * combos,
    parts: { draft: 0, essay: 0, judge: 0, replicate: 0 },
  };
}

function varianceOf(
  { contenders, pairs }: Ranked,
  noise: DifferenceNoise,
  { levels, pair }: Pick<SeparationInput, 'levels'> & { readonly pair: LevelPair },
): Variance | undefined {
  const own =
    noise.variance === undefined
      ? undefined
      : { value: noise.variance, degrees: Math.max(1, pair.degrees ?? 1) };
  if (noise.combos >= WELL_KNOWN || pair.basis === 'unpaired') return own;
  const asked = new Set(contenders.slice(0, MOST_ASKED).map(({ name }) => name));
  const others = pairs.filter(({ a, b, basis }) => basis === 'paired' && asked.has(a) && asked.has(b));
  let [total, weight, most] = [0, 0, 0];
  for (const { a, b } of others) {
    const { combos, variance } = levels.between(a, b);
    if (variance === undefined) continue;
    total += (combos - 1) * variance;
    weight += combos - 1;
    most = Math.max(most, combos);
  }
  if (weight === 0 || others.length < 2) return own;
  // Of k levels k - 1 differences are free.
  return { value: total / weight, degrees: (asked.size - 1) * (most - 1) };
}

/** How many there are of each on average, as whole numbers. */
function countsIn(judgements: readonly Judgement[]): Record<Repeated, number> {
  const count = (of: (row: ScoredRow) => readonly string[]): number => {
    const number = keyNumbers();
    let most = 0;
    for (const { row } of judgements) {
      const key = of(row);
      if (!key.includes('')) most = Math.max(most, 1 + number(key));
    }
    return most;
  };
  const essays = count((row) => [row.parentGenId]);
  const drafts = count((row) => [row.draftGenId === '' ? row.parentGenId : row.draftGenId]);
  return {
    draft: whole(drafts / count((row) => [row.comboId, row.draftTemplate, row.draftModel])),
    essay: whole(
      essays /
        count((row) => [
          row.draftGenId === '' ? row.parentGenId : row.draftGenId,
          row.generationTemplate,
          row.generationModel,
        ]),
    ),
    judge: whole(judgements.length / count((row) => [row.parentGenId, row.evaluationTemplate])),
    replicate: whole(judgements.reduce((total, { scores }) => total + scores.length, 0) / judgements.length),
  };
}

function whole(number: number): number {
  return Math.max(1, Math.round(number));
}

/** USD for one more of a ware: what its stage and those below have cost, over how many there are. */
function pricesOf(
  judgements: readonly Judgement[],
  counts: Readonly<Record<Ware, number>>,
  priceOf: PriceOf,
): (ware: Ware) => number | undefined {
  const drafts = new Set(judgements.flatMap(({ row }) => (row.draftGenId === '' ? [] : [row.draftGenId])));
  const essays = new Set(judgements.map(({ row }) => row.parentGenId));
  const draft = total([...drafts].map((each) => priceOf('draft', each)));
  const essay = total([...essays].map((each) => priceOf('essay', each)));
  const judged = total(
    judgements.map(({ row, scores }) => {
      const each = priceOf('evaluation', row.genId);
      return each === undefined ? undefined : each * scores.length;
    }),
  );
  const stages: Readonly<Record<Ware, readonly (number | undefined)[]>> = {
    combo: [draft, essay, judged],
    draft: [draft, essay, judged],
    essay: [essay, judged],
    judge: [judged],
    replicate: [judged],
  };
  return (ware) => {
    const usd = total(stages[ware]);
    return usd === undefined ? undefined : usd / counts[ware];
  };
}

function total(prices: readonly (number | undefined)[]): number | undefined {
  return prices.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}
