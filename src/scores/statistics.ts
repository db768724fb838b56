// What a set of scores says, with how sure one may be of it: rankings, spread, agreement, and what it would take to know more.
// Knows no files and no tables; prices are handed in.
import type { GenId, Stage } from '../generation/stage.ts';
import { type Agreement, agreementOf } from './agreement.ts';
import { judgementsOf } from './judgements.ts';
import { type Dimension, DIMENSIONS, isCompared } from './levels/dimensions.ts';
import { type Contender, type Ranked, rankBy } from './levels/ranking.ts';
import { observationsOf, type Over } from './observations.ts';
import { type Estimate, estimateMean } from '../statistics/estimates.ts';
import { distinct, groupBy } from '../statistics/groups.ts';
import { isScored, type ScoredRow, type ScoreRow } from './rows.ts';
import { replicatesToSeparate, type Separation } from '../statistics/separation.ts';
import { type JudgeSpread, judgeSpreads, spreadOfScores } from './judges.ts';
import type { Spread } from '../statistics/spread.ts';
import { sum, summarize } from '../statistics/summary.ts';

export interface ScoreStatistics {
  readonly evaluations: number;
  readonly scored: number;
  readonly essays: number;
  /** What the intervals and the comparisons hold for. */
  readonly over: Over;
  readonly overall: Estimate | undefined;
  /** One for each dimension, in their order. */
  readonly rankings: readonly Ranked[];
  readonly spread: Spread;
  readonly judges: readonly JudgeSpread[];
  readonly agreement: Agreement;
  /** By rubric, in code point order. */
  readonly rubrics: readonly {
    readonly rubric: string;
    readonly spread: Spread;
    readonly agreement: Agreement;
  }[];
}

export interface StatisticsOptions {
  /** What the intervals are to hold for; further combos where it is left out. */
  readonly over?: Over;
  /** What kind of rubric it is, by its name: only those of one kind are compared. */
  readonly kindOf?: (rubric: string) => string;
}

/** Of a dimension with more levels the best so many are compared: four hundred and more pairs. */
const MOST_COMPARED = 30;

export function scoreStatistics(
  rows: readonly ScoreRow[],
  { over = 'combos', kindOf }: StatisticsOptions = {},
): ScoreStatistics {
  const scored = rows.filter(isScored);
  const judgements = judgementsOf(scored);
  const options = { over, most: MOST_COMPARED };
  return {
    evaluations: rows.length,
    scored: scored.length,
    essays: distinct(scored.map((row) => row.parentGenId)).length,
    over,
    overall: estimateMean(observationsOf(scored, over === 'combos' ? 'combo' : 'essay')),
    rankings: DIMENSIONS.map((dimension) =>
      rankBy(scored, judgements, dimension, dimension === 'rubric' ? { ...options, kindOf } : options),
    ),
    spread: spreadOfScores(scored),
    judges: judgeSpreads(scored),
    agreement: agreementOf(scored),
    rubrics: groupBy(scored, (row) => [row.evaluationTemplate]).map((group) => ({
      rubric: group.rows[0].evaluationTemplate,
      spread: spreadOfScores(group.rows),
      agreement: agreementOf(group.rows),
    })),
  };
}

/** USD that it takes to make a generation once more; undefined where a price is not known. */
export type PriceOf = (stage: Stage, genId: GenId) => number | undefined;

export interface SeparatedPair {
  readonly dimension: Dimension;
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  /** Whether the scores leave open which is better. */
  readonly tied: boolean;
  /** What one unit is: an essay with its draft and all evaluations, or one evaluation. */
  readonly unit: 'essay' | 'evaluation';
  /** Undefined where no number would do or none can be told. */
  readonly separation: Separation | undefined;
  /** USD for the units still missing on both sides; undefined where a price is not known. */
  readonly usd: number | undefined;
}

/** Neighbours in a ranking whose order the scores do not bear out; of many essays only the first few are looked at. */
export function openQuestions(ranked: Ranked, priceOf: PriceOf, most = 10): readonly SeparatedPair[] {
  return ranked.contenders
    .slice(0, most + 1)
    .flatMap((b, at, all) => {
      const a = all[at - 1];
      return a === undefined ? [] : [separate(ranked, [a, b], priceOf)];
    })
    .filter((pair) => pair.tied);
}

export function separate(
  { dimension, pairs }: Ranked,
  [a, b]: readonly [Contender, Contender],
  priceOf: PriceOf,
): SeparatedPair {
  const unit = dimension === 'essay' ? 'evaluation' : 'essay';
  const separation = replicatesToSeparate(observationsOf(a.rows, unit), observationsOf(b.rows, unit));
  const [priceA, priceB] = [unitPrice(a.rows, unit, priceOf), unitPrice(b.rows, unit, priceOf)];
  const priced = separation !== undefined && priceA !== undefined && priceB !== undefined;
  const compared = pairs.find((pair) => [a.name, b.name].every((name) => name === pair.a || name === pair.b));
  return {
    dimension,
    a: a.name,
    b: b.name,
    difference: a.estimate.mean - b.estimate.mean,
    tied: isCompared(dimension) ? compared?.higher === undefined : overlap(a.estimate, b.estimate),
    unit,
    separation,
    usd: priced ? separation.moreA * priceA + separation.moreB * priceB : undefined,
  };
}

function overlap({ interval: a }: Estimate, { interval: b }: Estimate): boolean {
  return a === undefined || b === undefined || (a.low <= b.high && b.low <= a.high);
}

/** What one more unit costs on average, with the rubrics, judges and replicates of those that are there. */
function unitPrice(
  rows: readonly ScoredRow[],
  unit: SeparatedPair['unit'],
  priceOf: PriceOf,
): number | undefined {
  const judged = rows.map((row) => priceOf('evaluation', row.genId));
  if (unit === 'evaluation') return known(judged, (prices) => summarize(prices)?.mean);
  const essays = groupBy(rows, (row) => [row.parentGenId]).map(({ rows: [row] }) => row);
  const written = essays.flatMap((row) => [
    priceOf('essay', row.parentGenId),
    ...(row.draftGenId === '' ? [] : [priceOf('draft', row.draftGenId)]),
  ]);
  return known([...judged, ...written], (prices) => sum(prices) / Math.max(1, essays.length));
}

function known(
  prices: readonly (number | undefined)[],
  fold: (prices: readonly number[]) => number | undefined,
): number | undefined {
  const given = prices.filter((price) => price !== undefined);
  return given.length < prices.length ? undefined : fold(given);
}
