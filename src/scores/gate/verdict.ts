// Whether scores meet the conditions of a gate, and how surely. Knows no files and no states: scores that do not count come without one.
import type { Interval } from '../../statistics/clustered.ts';
import { type Estimate, estimateMean } from '../../statistics/estimates.ts';
import { groupBy } from '../../statistics/groups.ts';
import { LEVEL_KEYS, levelName, DIMENSIONS, type Dimension } from '../levels/dimensions.ts';
import { clusteringOf } from '../levels/ranking.ts';
import { type Clustering, clusterOf, observationsOf, type Over } from '../observations.ts';
import { isScored, poolable, type ScoreRow } from '../rows.ts';
import { didYouMean } from '../../text/nearest.ts';
import { type Comparison, type GateCondition, gateProblem } from './conditions.ts';

export interface ConditionVerdict extends GateCondition {
  /** Those that it is about. */
  readonly evaluations: number;
  /** How many of them have a score that counts. */
  readonly scored: number;
  /** What is one independent piece of evidence, by what the interval holds for. */
  readonly clustering: Clustering;
  /** How many of these there are. */
  readonly clusters: number;
  /** Points of score, percent or scores, by the measure; undefined for a mean of nothing. */
  readonly value: number | undefined;
  /** The 95 % interval of the value; undefined with too few clusters to tell, and for `n`. */
  readonly interval: Interval | undefined;
  readonly met: boolean;
  /** Whether the whole interval meets it; undefined where there is none. */
  readonly sure: boolean | undefined;
  /** It is not met because too little is known, whatever the value is. */
  readonly tooFew: boolean;
}

export interface GateVerdict {
  readonly met: boolean;
  /** What the intervals hold for. */
  readonly over: Over;
  readonly conditions: readonly ConditionVerdict[];
}

/** Throws a ProblemError (DD170) for a condition about what none of the rows has. */
export function judgeGate(
  rows: readonly ScoreRow[],
  conditions: readonly GateCondition[],
  over: Over = 'combos',
): GateVerdict {
  const judged = conditions.map((condition) => judgeCondition(rows, condition, over));
  return { met: judged.every(({ met }) => met), over, conditions: judged };
}

function judgeCondition(rows: readonly ScoreRow[], condition: GateCondition, over: Over): ConditionVerdict {
  const about = oneScale(rowsAbout(rows, condition), condition);
  const scored = about.filter(isScored);
  const { measure, surely, comparison, bound } = condition;
  const clustering = clusteringIn(condition, over);
  const counted = measure === 'failures' ? about : scored;
  const clusters = new Set(counted.map((row) => clusterOf(row, clustering))).size;
  const { value, interval } = measured(condition, about, clustering);
  const meets = (each: number): boolean => compare(each, comparison, bound);
  const sure = interval === undefined ? undefined : meets(interval.low) && meets(interval.high);
  // Failures and numbers are counted; a mean of a few combos may be anything.
  const tooFew = interval === undefined && (measure === 'mean' || surely);
  const met = !tooFew && (surely ? sure === true : value !== undefined && meets(value));
  const of = { evaluations: about.length, scored: scored.length, clustering, clusters };
  return { ...condition, ...of, value, interval, met, sure, tooFew };
}

/** A mean is of judges' scores alone, unless it is of the one rubric that code counts by. */
function oneScale(rows: readonly ScoreRow[], { measure }: GateCondition): readonly ScoreRow[] {
  return measure === 'mean' ? poolable(rows) : rows;
}

/** Of a single combo its essays are the evidence, of a single essay its evaluations, as in rankings. */
function clusteringIn({ names }: GateCondition, over: Over): Clustering {
  const within = (['essay', 'combo'] as const).find((each) => names[each] !== undefined);
  return clusteringOf(within ?? 'rubric', over);
}

function nameIn(row: ScoreRow, dimension: Dimension): string {
  return levelName(dimension, LEVEL_KEYS[dimension](row));
}

function rowsAbout(rows: readonly ScoreRow[], { condition, names }: GateCondition): readonly ScoreRow[] {
  const named = DIMENSIONS.flatMap((dimension) => {
    const name = names[dimension];
    return name === undefined ? [] : [{ dimension, name }];
  });
  const about = rows.filter((row) => named.every(({ dimension, name }) => nameIn(row, dimension) === name));
  if (about.length > 0) return about;
  if (rows.length === 0)
    throw gateProblem(condition, 'no evaluation is selected', 'Select evaluations, or leave selectors out.');
  const unknown = named.flatMap(({ dimension, name }) => {
    const known = groupBy(rows, LEVEL_KEYS[dimension]).map(({ key }) => levelName(dimension, key));
    return known.includes(name)
      ? []
      : [`no evaluation has the ${dimension} "${name}"${didYouMean(name, known)}`];
  });
  throw gateProblem(
    condition,
    unknown.length === 0 ? 'no evaluation has all of these names' : unknown.join('; '),
    '`daydream report --show ranking` lists the names that scores have; put one with a blank or a comma in double quotes.',
  );
}

function measured(
  { measure }: GateCondition,
  about: readonly ScoreRow[],
  clustering: Clustering,
): Pick<ConditionVerdict, 'value' | 'interval'> {
  const scored = about.filter(isScored);
  if (measure === 'n') return { value: scored.length, interval: undefined };
  if (measure === 'mean') {
    const estimate = estimateMean(observationsOf(scored, clustering));
    return { value: estimate?.mean, interval: estimate?.interval };
  }
  const estimate = estimateMean(
    about.map((row) => ({ value: isScored(row) ? 0 : 100, cluster: clusterOf(row, clustering) })),
  );
  return { value: estimate?.mean, interval: estimate === undefined ? undefined : shareInterval(estimate) };
}

/**
 * In percent. Where all went alike the shares of clusters do not vary, and the t interval would be a point: then it is the exact one for
 * as many independent trials as there are clusters, so that no failure in six combos does not say that there are none.
 *
 * Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial,
 * Biometrika 26 (1934).
 */
function shareInterval({ mean, interval, clusters }: Estimate): Interval | undefined {
  if (interval === undefined) return undefined;
  const alike = 100 * (1 - 0.025 ** (1 / clusters));
  if (mean === 0) return { low: 0, high: alike };
  if (mean === 100) return { low: 100 - alike, high: 100 };
  return { low: Math.max(0, interval.low), high: Math.min(100, interval.high) };
}

function compare(value: number, comparison: Comparison, bound: number): boolean {
  switch (comparison) {
    case '>=':
      return value >= bound;
    case '>':
      return value > bound;
    case '<=':
      return value <= bound;
    case '<':
      return value < bound;
  }
}
