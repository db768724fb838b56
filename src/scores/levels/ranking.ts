// The levels of a dimension in the order that their scores bear out. Knows no tables and no prices.
import type { Observation } from '../../statistics/clustered.ts';
import { type Estimate, estimateOf, type Placed, placeByInterval } from '../../statistics/estimates.ts';
import { groupBy } from '../../statistics/groups.ts';
import { holm } from '../../statistics/significance/holm.ts';
import { type Judgement, judgementsOf } from '../judgements.ts';
import { type Clustering, clusterOf, observationsOf, type Over } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';
import { blocksOf } from './blocks.ts';
import { compareLevels, type LevelDifference } from './comparison.ts';
import { type ComparedDimension, type Dimension, isCompared, LEVEL_KEYS, levelName } from './dimensions.ts';

/** One thing that is compared, with all of its scores. */
export interface Contender {
  readonly name: string;
  readonly estimate: Estimate;
  /** Scores for each essay, rubric and judge, on average. */
  readonly replicates: number;
  readonly rows: readonly [ScoredRow, ...ScoredRow[]];
}

export interface LevelPair extends LevelDifference {
  readonly a: string;
  readonly b: string;
  /** Holm's p-value in the family of all pairs of the ranking. */
  readonly adjusted: number | undefined;
  /** Which is shown to be higher, with at most 5 % for any of the family to be wrongly shown. */
  readonly higher: 'a' | 'b' | undefined;
}

export interface Ranked {
  readonly dimension: Dimension;
  /** What the intervals cluster by: combos, essays, or for a single essay its evaluations. */
  readonly clustering: Clustering;
  /** Best place first, then best mean. Those beyond the number that is compared have no place. */
  readonly contenders: readonly Placed<Contender>[];
  /** Of those that are compared, each pair once, in the order of the ranking; none for combos and essays. */
  readonly pairs: readonly LevelPair[];
  /** The number of pairs that p-values are adjusted for. */
  readonly family: number;
}

export interface RankOptions {
  readonly over?: Over;
  /** So many levels of the best mean are compared with each other; all where it is left out. */
  readonly most?: number;
  /** Only these names, if there are any of them. */
  readonly only?: readonly string[] | undefined;
  /** Only levels of the same kind are compared; all of them where it is left out. */
  readonly kindOf?: ((name: string) => string) | undefined;
}

/** Each level with its mean, in code point order of their names. */
export function contendersOf(
  scored: readonly ScoredRow[],
  dimension: Dimension,
  over: Over = 'combos',
  judgements: readonly Judgement[] = judgementsOf(scored),
): Contender[] {
  const clustering = clusteringOf(dimension, over);
  const of = {
    valueOf: ({ score }: ScoredRow) => score,
    clusterOf: (row: ScoredRow) => clusterOf(row, clustering),
  };
  const judged = new Map<string, number>();
  for (const { row } of judgements) {
    const name = levelName(dimension, LEVEL_KEYS[dimension](row));
    judged.set(name, (judged.get(name) ?? 0) + 1);
  }
  return groupBy(scored, LEVEL_KEYS[dimension]).flatMap(({ key, rows }): Contender[] => {
    const estimate = estimateOf(rows, of);
    const name = levelName(dimension, key);
    return estimate === undefined
      ? []
      : [{ name, estimate, replicates: rows.length / (judged.get(name) ?? 1), rows }];
  });
}

/** What is one independent piece of evidence about the levels of a dimension. */
export function clusteringOf(dimension: Dimension, over: Over): Clustering {
  if (dimension === 'essay') return 'evaluation';
  return over === 'combos' && dimension !== 'combo' ? 'combo' : 'essay';
}

/**
 * A level is placed behind another where their comparison shows it to be lower; 1 is the place of all that nothing is shown to be
 * above. Combos and single essays, which have nothing in common to be compared on, are placed by whether intervals overlap.
 */
export function rankBy(
  scored: readonly ScoredRow[],
  judgements: readonly Judgement[],
  dimension: Dimension,
  { over = 'combos', most = Infinity, only, kindOf }: RankOptions = {},
): Ranked {
  const clustering = clusteringOf(dimension, over);
  const wanted =
    only === undefined
      ? scored
      : scored.filter((row) => only.includes(levelName(dimension, LEVEL_KEYS[dimension](row))));
  const contenders = contendersOf(wanted, dimension, over, judgements).sort(
    (a, b) => b.estimate.mean - a.estimate.mean,
  );
  if (!isCompared(dimension))
    return { dimension, clustering, contenders: placeByInterval(contenders), pairs: [], family: 0 };
  const compared = contenders.slice(0, most);
  const family = familyOf(contenders, kindOf);
  const pairs = adjusted(pairsOf(compared, judgements, { dimension, over, kindOf }), family);
  return { dimension, clustering, contenders: placed(contenders, compared.length, pairs), pairs, family };
}

/** All pairs of the same kind, compared or not. */
function familyOf(contenders: readonly Contender[], kindOf: RankOptions['kindOf']): number {
  const kinds = groupBy(contenders, ({ name }) => [`kind ${kindOf?.(name) ?? ''}`]);
  return kinds.reduce((total, { rows }) => total + (rows.length * (rows.length - 1)) / 2, 0);
}

type BarePair = LevelDifference & Pick<LevelPair, 'a' | 'b'>;

function pairsOf(
  contenders: readonly Contender[],
  judgements: readonly Judgement[],
  { dimension, over, kindOf }: { dimension: ComparedDimension; over: Over; kindOf: RankOptions['kindOf'] },
): BarePair[] {
  const places = new Map(contenders.map(({ name }, at) => [name, at]));
  const blocks = blocksOf(judgements, dimension, over, {
    levels: contenders.length,
    levelOf: (key) => places.get(levelName(dimension, key)),
  });
  const observed = new Map<number, readonly Observation[]>();
  const scoresOf = (level: number): readonly Observation[] => {
    const known =
      observed.get(level) ?? observationsOf(contenders[level]?.rows ?? [], clusteringOf(dimension, over));
    observed.set(level, known);
    return known;
  };
  return contenders.flatMap(({ name: a }, one) =>
    contenders.slice(one + 1).flatMap(({ name: b }, more): BarePair[] => {
      if (kindOf !== undefined && kindOf(a) !== kindOf(b)) return [];
      const found = compareLevels(blocks, [one, one + 1 + more], scoresOf);
      return found === undefined ? [] : [{ a, b, ...found }];
    }),
  );
}

function adjusted(pairs: readonly BarePair[], family: number): LevelPair[] {
  const values = holm(
    pairs.flatMap(({ p }) => p ?? []),
    family,
  );
  let next = 0;
  return pairs.map((pair) => {
    const value = pair.p === undefined ? undefined : values[next++];
    const shown = value !== undefined && value < 0.05;
    return { ...pair, adjusted: value, higher: shown ? (pair.difference > 0 ? 'a' : 'b') : undefined };
  });
}

function placed(
  contenders: readonly Contender[],
  compared: number,
  pairs: readonly LevelPair[],
): Placed<Contender>[] {
  const above = new Map<string, number>();
  for (const { a, b, higher } of pairs) {
    if (higher === undefined) continue;
    const lower = higher === 'a' ? b : a;
    above.set(lower, (above.get(lower) ?? 0) + 1);
  }
  return contenders
    .map((each, at) => ({ ...each, place: at < compared ? 1 + (above.get(each.name) ?? 0) : undefined }))
    .sort((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || b.estimate.mean - a.estimate.mean);
}
