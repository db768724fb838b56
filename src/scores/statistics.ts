// What a set of scores says, with how sure one may be of it: rankings, where they vary, spread, agreement. Knows no files and no tables.
import { type Agreement, agreementOf } from './judges/agreement.ts';
import { judgementsOf } from './judgements.ts';
import { dimensionsIn } from './levels/dimensions.ts';
import { type Ranked, rankBy } from './levels/ranking.ts';
import { clusterOf, type Over } from './observations.ts';
import { type Estimate, estimateOf } from '../statistics/estimates.ts';
import { distinct, groupBy } from '../statistics/groups.ts';
import { isScored, type ScoreRow } from './rows.ts';
import { type JudgeSpread, judgeSpreads, spreadOfScores } from './judges/spreads.ts';
import { type Noises, noisesIn } from './separation/noise.ts';
import type { Spread } from '../statistics/agreement/spread.ts';

export interface ScoreStatistics {
  readonly evaluations: number;
  readonly scored: number;
  readonly essays: number;
  /** What the intervals and the comparisons hold for. */
  readonly over: Over;
  readonly overall: Estimate | undefined;
  /** One for each dimension, in their order. */
  readonly rankings: readonly Ranked[];
  /** Where scores vary. */
  readonly noises: Noises;
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
  judgements = judgementsOf(rows.filter(isScored)),
): ScoreStatistics {
  const scored = rows.filter(isScored);
  const options = { over, most: MOST_COMPARED };
  return {
    evaluations: rows.length,
    scored: scored.length,
    essays: distinct(scored.map((row) => row.parentGenId)).length,
    over,
    overall: estimateOf(scored, {
      valueOf: ({ score }) => score,
      clusterOf: (row) => clusterOf(row, over === 'combos' ? 'combo' : 'essay'),
    }),
    rankings: dimensionsIn(scored).map((dimension) =>
      rankBy(scored, judgements, dimension, dimension === 'rubric' ? { ...options, kindOf } : options),
    ),
    noises: noisesIn(judgements),
    spread: spreadOfScores(judgements),
    judges: judgeSpreads(judgements),
    agreement: agreementOf(judgements),
    rubrics: groupBy(judgements, ({ row }) => [row.evaluationTemplate]).map(
      ({ key: [rubric = ''], rows }) => ({
        rubric,
        spread: spreadOfScores(rows),
        agreement: agreementOf(rows),
      }),
    ),
  };
}
