// What would tell two levels apart, each way with its price, the cheapest first. Prices are handed in.
import type { Variance } from '../../statistics/significance/power.ts';
import { type Codes, codesAt, combined, Distinct } from '../columns/codes.ts';
import { type Judged, replicatesOf } from '../columns/judgements.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';
import type { ComparedDimension } from '../levels/dimensions.ts';
import type { LevelPair, Ranked } from '../levels/ranking.ts';
import type { DifferenceNoise, LevelNoise, Repeated } from './difference.ts';
import type { Noises } from './noise.ts';
import type { Prices } from './prices.ts';
import { planFor, type Plan, type Purchase, type Ware } from './purchase.ts';

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
  readonly prices: Prices;
  /** The difference that is to be told apart; the one seen where it is left out. */
  readonly difference?: number | undefined;
}

/** Undefined where nothing is known of how the difference varies: a single combo, no difference at all. */
export function separationOf(
  ranked: Ranked & { readonly dimension: ComparedDimension },
  pair: LevelPair,
  { levels, noises, prices, difference = Math.abs(pair.difference) }: SeparationInput,
): Separation | undefined {
  const { dimension } = ranked;
  const { judged } = levels;
  const both = joined(levels.judgementsOf(pair.a), levels.judgementsOf(pair.b));
  const noise = noiseOf(levels, pair);
  const variance = varianceOf(ranked, noise, { levels, pair });
  if (variance === undefined || difference === 0) return undefined;
  const counts = countsIn(judged, both);
  const plan = planFor(difference, noise, { noises, variance, counts });
  const wares = plan.purchases.filter(({ ware }) =>
    pair.basis === 'paired' ? ware !== 'judge' || dimension !== 'judge' : ware === 'combo',
  );
  const price = pricesOf(judged, both, { ...counts, combo: Math.max(1, noise.combos) }, prices);
  const offers = wares.map((purchase): Offer => {
    const more = purchase.needed === undefined ? undefined : purchase.needed - purchase.now;
    const each = price(purchase.ware);
    return { ...purchase, more, usd: more === undefined || each === undefined ? undefined : more * each };
  });
  return { difference, noise, plan, offers: offers.toSorted(cheaper) };
}

function joined(one: Int32Array, other: Int32Array): Int32Array {
  const both = new Int32Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function cheaper(a: Offer, b: Offer): number {
  if (a.more === undefined || b.more === undefined)
    return Number(a.more === undefined) - Number(b.more === undefined);
  return (a.usd ?? Infinity) - (b.usd ?? Infinity) || a.more - b.more;
}

/** Of means that are not paired only what the combos of each side say is known. */
function noiseOf(levels: LevelNoise, { a, b, basis, error }: LevelPair): DifferenceNoise {
  if (basis === 'paired') return levels.between(a, b);
  const combos = Math.min(levels.combosOf(a), levels.combosOf(b));
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
function countsIn(judged: Judged, judgements: Int32Array): Record<Repeated, number> {
  const { columns } = judged;
  const places = codesAt(judged.firsts, judgements);
  const count = (name: keyof typeof COUNTED): number =>
    columns.once(`distinct ${name}`, () => new Distinct(COUNTED[name](columns))).count(places);
  const drafts = count('drafts');
  let replicates = 0;
  for (const judgement of judgements) replicates += replicatesOf(judged, judgement);
  return {
    draft: whole(drafts / count('drafted')),
    essay: whole(count('essays') / count('written')),
    judge: whole(judgements.length / count('texts')),
    replicate: whole(replicates / judgements.length),
  };
}

/** What is counted, and what it is counted by; rows with a blank in these belong nowhere. */
const COUNTED = {
  essays: (columns) => columns.field('parentGenId'),
  drafts: (columns) => columns.drafts,
  texts: (columns) => columns.agreeing('parentGenId', 'evaluationTemplate'),
  drafted: (columns) => named(columns, columns.agreeing('comboId', 'draftTemplate', 'draftModel'), DRAFTED),
  written: (columns) =>
    named(
      columns,
      combined([columns.drafts, columns.agreeing('generationTemplate', 'generationModel')]),
      WRITTEN,
    ),
} as const satisfies Readonly<Record<string, (columns: ScoreColumns) => Codes>>;

const DRAFTED = ['comboId', 'draftTemplate', 'draftModel'] as const;
const WRITTEN = ['generationTemplate', 'generationModel'] as const;

function named(
  columns: ScoreColumns,
  { of, size }: Codes,
  fields: readonly ((typeof DRAFTED)[number] | (typeof WRITTEN)[number])[],
): Codes {
  const blank = fields.map((field) => columns.field(field)).filter(({ names }) => names[0] === '');
  if (blank.length === 0) return { of, size };
  return { of: of.map((code, at) => (blank.some((each) => each.of[at] === 0) ? -1 : code)), size };
}

function whole(number: number): number {
  return Math.max(1, Math.round(number));
}

/** USD for one more of a ware: what its stage and those below have cost, over how many there are. */
function pricesOf(
  judged: Judged,
  judgements: Int32Array,
  counts: Readonly<Record<Ware, number>>,
  prices: Prices,
): (ware: Ware) => number | undefined {
  const places = codesAt(judged.firsts, judgements);
  const draft = prices.ofTexts('draft', places);
  const essay = prices.ofTexts('essay', places);
  const { evaluations } = prices;
  let priced = 0;
  for (let at = 0; at < judgements.length; at++) {
    const judgement = judgements[at] ?? 0;
    priced += (evaluations[places[at] ?? 0] ?? 0) * replicatesOf(judged, judgement);
  }
  const scored = Number.isNaN(priced) ? undefined : priced;
  const stages: Readonly<Record<Ware, readonly (number | undefined)[]>> = {
    combo: [draft, essay, scored],
    draft: [draft, essay, scored],
    essay: [essay, scored],
    judge: [scored],
    replicate: [scored],
  };
  return (ware) => {
    const usd = total(stages[ware]);
    return usd === undefined ? undefined : usd / counts[ware];
  };
}

function total(prices: readonly (number | undefined)[]): number | undefined {
  return prices.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}
