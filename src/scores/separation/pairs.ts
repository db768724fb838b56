// Two names of one kind: whether the scores tell them apart, and what it would take. Prices are handed in.
import { replicatesToSeparate } from '../../statistics/significance/separation.ts';
import type { Estimate } from '../../statistics/estimates.ts';
import { meanWithin } from '../../statistics/summary.ts';
import { codesAt, Distinct, numbersAt, segmentAt, segmentsOf } from '../columns/codes.ts';
import type { Judged } from '../columns/judgements.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';
import { type Dimension, isCompared, rowsByLevel } from '../levels/dimensions.ts';
import type { Contender, LevelPair, Ranked } from '../levels/ranking.ts';
import { LevelNoise } from './difference.ts';
import type { Noises } from './noise.ts';
import { separationOf } from './offers.ts';
import type { Prices } from './prices.ts';
import type { Ware } from './purchase.ts';

/** So many more of something, and what they cost. */
export interface Remedy {
  /** What there would be more of: for two combos essays of each, for two essays evaluations of each. */
  readonly unit: Ware | 'evaluation';
  /** How many there are; undefined where the two sides have different numbers. */
  readonly now: number | undefined;
  /** How many each side needs in all; undefined where no number would do. */
  readonly each: number | undefined;
  readonly moreA: number | undefined;
  readonly moreB: number | undefined;
  /** USD for what is missing; undefined where a price is not known. */
  readonly usd: number | undefined;
  /** The chance of telling them apart then; undefined where it was not computed: then it is 80 % if the spread seen is the true one. */
  readonly power: number | undefined;
}

export interface SeparatedPair {
  readonly dimension: Dimension;
  readonly a: string;
  readonly b: string;
  /** The one seen: on what the two have in common, or of their means. */
  readonly difference: number;
  /** The one that is to be shown. */
  readonly wanted: number;
  /** Whether the scores leave open which is better. */
  readonly tied: boolean;
  /** The cheapest first; none where nothing can be told, such as of equal means. */
  readonly remedies: readonly Remedy[];
}

export interface SeparateInput {
  readonly judged: Judged;
  readonly noises: Noises;
  /** Of the same scores. */
  readonly prices: Prices;
  /** The difference that is to be shown; the one seen where it is left out. */
  readonly difference?: number | undefined;
}

/** Neighbours in a ranking whose order the scores do not bear out; of many levels only the first few are looked at. */
export function openQuestions(ranked: Ranked, input: SeparateInput, most = 10): readonly SeparatedPair[] {
  const levels = levelsOf(ranked, input);
  return ranked.contenders.slice(0, most + 1).flatMap((b, at, all) => {
    const a = all[at - 1];
    return a === undefined || !isTied(ranked, a, b) ? [] : [separate(ranked, [a, b], input, levels)];
  });
}

function levelsOf({ dimension }: Ranked, { judged, noises }: SeparateInput): LevelNoise | undefined {
  return isCompared(dimension) ? new LevelNoise(judged, dimension, noises) : undefined;
}

function comparisonOf({ pairs }: Ranked, a: Contender, b: Contender): LevelPair | undefined {
  return pairs.find((pair) => [a.name, b.name].every((name) => name === pair.a || name === pair.b));
}

/** Whether the scores leave open which is better. */
function isTied(ranked: Ranked, a: Contender, b: Contender): boolean {
  if (!isCompared(ranked.dimension)) return overlap(a.estimate, b.estimate);
  return comparisonOf(ranked, a, b)?.higher === undefined;
}

/** `levels`: those of the ranking, where they were found already. */
export function separate(
  ranked: Ranked,
  [a, b]: readonly [Contender, Contender],
  input: SeparateInput,
  levels = levelsOf(ranked, input),
): SeparatedPair {
  const { dimension } = ranked;
  const compared = comparisonOf(ranked, a, b);
  if (compared !== undefined && isCompared(dimension) && levels !== undefined)
    return separateLevels({ ...ranked, dimension }, [a, b], compared, { ...input, levels });
  const difference = a.estimate.mean - b.estimate.mean;
  const tied = isTied(ranked, a, b);
  const unit = dimension === 'essay' ? 'evaluation' : 'essay';
  const wanted = input.difference ?? Math.abs(difference);
  const found = { dimension, a: a.name, b: b.name, difference, wanted, tied };
  const { columns } = input.judged;
  const rows = rowsByLevel(columns, dimension);
  const [one, other] = [segmentAt(rows, a.level), segmentAt(rows, b.level)];
  const needed = replicatesToSeparate(unitsAt(columns, one, unit), unitsAt(columns, other, unit), wanted);
  if (needed === undefined) return { ...found, remedies: [] };
  const [priceA, priceB] = [one, other].map((places) => unitPrice(columns, places, unit, input.prices));
  const priced = priceA !== undefined && priceB !== undefined;
  const usd = priced ? needed.moreA * priceA + needed.moreB * priceB : undefined;
  return { ...found, remedies: [{ unit, now: undefined, power: undefined, ...needed, usd }] };
}

function separateLevels(
  ranked: Parameters<typeof separationOf>[0],
  [a, b]: readonly [Contender, Contender],
  pair: LevelPair,
  input: SeparateInput & { readonly levels: LevelNoise },
): SeparatedPair {
  const found = separationOf(ranked, pair, input);
  const sign = pair.a === a.name ? 1 : -1;
  return {
    dimension: ranked.dimension,
    a: a.name,
    b: b.name,
    difference: sign * pair.difference,
    wanted: found?.difference ?? input.difference ?? Math.abs(pair.difference),
    tied: isTied(ranked, a, b),
    remedies: (found?.offers ?? []).map(({ ware, now, needed, more, usd, power }) => ({
      unit: ware,
      now,
      each: needed,
      moreA: more,
      moreB: more,
      usd,
      power,
    })),
  };
}

function overlap({ interval: a }: Estimate, { interval: b }: Estimate): boolean {
  return a === undefined || b === undefined || (a.low <= b.high && b.low <= a.high);
}

/** Of each unit the mean of its scores. */
function unitsAt(columns: ScoreColumns, places: Int32Array, unit: 'essay' | 'evaluation'): Float64Array {
  if (unit === 'evaluation') return numbersAt(columns.scores, places);
  const { of, size } = columns.field('parentGenId');
  const own = segmentsOf({ of: codesAt(of, places), size });
  const means: number[] = [];
  for (let essay = 0; essay < size; essay++) {
    if (own.starts[essay] === own.starts[essay + 1]) continue;
    const mean = meanWithin(numbersAt(columns.scores, codesAt(places, segmentAt(own, essay))));
    if (mean !== undefined) means.push(mean);
  }
  return Float64Array.from(means);
}

/** What one more unit costs on average, with the rubrics, judges and replicates of those that are there. */
function unitPrice(
  columns: ScoreColumns,
  places: Int32Array,
  unit: 'essay' | 'evaluation',
  prices: Prices,
): number | undefined {
  let scored = 0;
  for (let at = 0; at < places.length; at++) scored += prices.evaluations[places[at] ?? 0] ?? 0;
  if (Number.isNaN(scored)) return undefined;
  let total: number | undefined = scored;
  if (unit === 'evaluation') return total / places.length;
  let essays = 0;
  new Distinct(columns.field('parentGenId')).each(places, (_, place) => {
    const drafted = columns.rows[place]?.draftGenId !== '';
    const written = [prices.at('essay', place), drafted ? prices.at('draft', place) : 0];
    for (const price of written)
      total = total === undefined || price === undefined ? undefined : total + price;
    essays++;
  });
  return total === undefined ? undefined : total / Math.max(1, essays);
}
