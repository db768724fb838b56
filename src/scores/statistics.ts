// What a set of scores says, with how sure one may be of it: rankings, where they vary, spread, agreement. Knows no files and no tables.
import { type Agreement, agreementOf } from './judges/agreement.ts';
import { codesAt, segmentAt, segmentsOf } from './columns/codes.ts';
import { type Judged, judgedIn } from './columns/judgements.ts';
import { dimensionsIn } from './levels/dimensions.ts';
import { meanOf } from './levels/means.ts';
import { type Ranked, rankBy } from './levels/ranking.ts';
import type { Over } from './observations.ts';
import type { Estimate } from '../statistics/estimates.ts';
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

/** `judged`: the scores among the rows, where they were made columns of already. */
export function scoreStatistics(
  rows: readonly ScoreRow[],
  { over = 'combos', kindOf }: StatisticsOptions = {},
  judged = judgedIn(rows.filter(isScored)),
): ScoreStatistics {
  const { columns } = judged;
  const options = { over, most: MOST_COMPARED };
  const essays = columns.field('parentGenId');
  return {
    evaluations: rows.length,
    scored: columns.size,
    essays: essays.size - (essays.names[0] === '' ? 1 : 0),
    over,
    overall: meanOf(columns, over === 'combos' ? 'combo' : 'essay'),
    rankings: dimensionsIn(columns).map((dimension) =>
      rankBy(judged, dimension, dimension === 'rubric' ? { ...options, kindOf } : options),
    ),
    noises: noisesIn(judged),
    spread: spreadOfScores(judged),
    judges: judgeSpreads(judged),
    agreement: agreementOf(judged),
    rubrics: rubricsOf(judged),
  };
}

function rubricsOf(judged: Judged): ScoreStatistics['rubrics'] {
  const { columns, items, firsts } = judged;
  const { of, size, names } = columns.field('evaluationTemplate');
  const codes = codesAt(of, codesAt(firsts, items.subarray(0, -1)));
  const byRubric = segmentsOf({ of: codes, size });
  return names.flatMap((rubric, code) => {
    const own = segmentAt(byRubric, code);
    if (own.length === 0) return [];
    return [{ rubric, spread: spreadOfScores(judged, own), agreement: agreementOf(judged, own) }];
  });
}
