// What a set of scores says, with how sure one may be of it: rankings, spread, agreement, and what it would take to know more.
// Knows no files and no tables; prices are handed in.
import type { GenId, Stage } from '../generation/stage.ts';
import { type Agreement, agreementOf } from './agreement.ts';
import { type Clustering, observationsOf } from './observations.ts';
import { type Estimate, estimateMean, type Placed, placeByInterval } from '../statistics/estimates.ts';
import { distinct, groupBy } from '../statistics/groups.ts';
import { isScored, type ScoredRow, type ScoreRow } from './rows.ts';
import { replicatesToSeparate, type Separation } from '../statistics/separation.ts';
import { type JudgeSpread, judgeSpreads, spreadOfScores } from './judges.ts';
import type { Spread } from '../statistics/spread.ts';
import { sum, summarize } from '../statistics/summary.ts';

/** What scores are compared by. A way is everything that was chosen on the way to an essay but the concepts. */
export const DIMENSIONS = [
  'way',
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  'combo',
  'rubric',
  'essay',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const KEYS: Readonly<Record<Dimension, (row: ScoreRow) => readonly string[]>> = {
  way: (row) => [row.draftTemplate, row.draftModel, row.generationTemplate, row.generationModel],
  draft_template: (row) => [row.draftTemplate],
  draft_model: (row) => [row.draftModel],
  essay_template: (row) => [row.generationTemplate],
  essay_model: (row) => [row.generationModel],
  combo: (row) => [row.comboId],
  rubric: (row) => [row.evaluationTemplate],
  essay: (row) => [row.parentGenId],
};

/** One thing that is compared, with all of its scores. */
export interface Contender {
  readonly name: string;
  readonly estimate: Estimate;
  /** Scores for each essay, rubric and judge, on average. */
  readonly replicates: number;
  readonly rows: readonly [ScoredRow, ...ScoredRow[]];
}

export interface Ranked {
  readonly dimension: Dimension;
  /** What the intervals cluster by: essays, or for a single essay its evaluations. */
  readonly clustering: Clustering;
  /** Best mean first. */
  readonly contenders: readonly Placed<Contender>[];
}

export interface ScoreStatistics {
  readonly evaluations: number;
  readonly scored: number;
  readonly essays: number;
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

export function scoreStatistics(rows: readonly ScoreRow[]): ScoreStatistics {
  const scored = rows.filter(isScored);
  return {
    evaluations: rows.length,
    scored: scored.length,
    essays: distinct(scored.map((row) => row.parentGenId)).length,
    overall: estimateMean(observationsOf(scored, 'essay')),
    rankings: DIMENSIONS.map((dimension) => rankBy(scored, dimension)),
    spread: spreadOfScores(scored),
    judges: judgeSpreads(scored),
    agreement: agreementOf(scored),
    rubrics: groupBy(scored, KEYS.rubric).map((group) => ({
      rubric: group.rows[0].evaluationTemplate,
      spread: spreadOfScores(group.rows),
      agreement: agreementOf(group.rows),
    })),
  };
}

export function rankBy(scored: readonly ScoredRow[], dimension: Dimension): Ranked {
  const clustering = dimension === 'essay' ? 'evaluation' : 'essay';
  const contenders = groupBy(scored, KEYS[dimension]).flatMap(({ key, rows }): Contender[] => {
    const estimate = estimateMean(observationsOf(rows, clustering));
    if (estimate === undefined) return [];
    return [{ name: nameOf(dimension, key), estimate, replicates: replicatesIn(rows), rows }];
  });
  return { dimension, clustering, contenders: placeByInterval(contenders) };
}

function nameOf(dimension: Dimension, key: readonly string[]): string {
  if (dimension !== 'way') return key.join();
  const [draftTemplate = '', draftModel = '', essayTemplate = '', essayModel = ''] = key;
  return `${draftTemplate}@${draftModel} > ${essayTemplate}@${essayModel}`;
}

function replicatesIn(rows: readonly ScoredRow[]): number {
  const asked = groupBy(rows, (row) => [row.parentGenId, row.evaluationTemplate, row.evaluationModel]);
  return asked.length === 0 ? rows.length : rows.length / asked.length;
}

/** USD that it takes to make a generation once more; undefined where a price is not known. */
export type PriceOf = (stage: Stage, genId: GenId) => number | undefined;

export interface SeparatedPair {
  readonly dimension: Dimension;
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  /** Whether the intervals leave open which is better. */
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
  { dimension, clustering }: Ranked,
  [a, b]: readonly [Contender, Contender],
  priceOf: PriceOf,
): SeparatedPair {
  const separation = replicatesToSeparate(
    observationsOf(a.rows, clustering),
    observationsOf(b.rows, clustering),
  );
  const unit = clustering === 'essay' ? 'essay' : 'evaluation';
  const [priceA, priceB] = [unitPrice(a.rows, unit, priceOf), unitPrice(b.rows, unit, priceOf)];
  const priced = separation !== undefined && priceA !== undefined && priceB !== undefined;
  return {
    dimension,
    a: a.name,
    b: b.name,
    difference: a.estimate.mean - b.estimate.mean,
    tied: overlap(a.estimate, b.estimate),
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
