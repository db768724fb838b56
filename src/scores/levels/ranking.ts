// The levels of a dimension in the order that their scores bear out. Knows no tables and no prices.
import type { SideSums } from '../../statistics/clustered.ts';
import { type Estimate, type Placed, placesByInterval } from '../../statistics/estimates.ts';
import { groupBy } from '../../statistics/groups.ts';
import { holm } from '../../statistics/significance/holm.ts';
import { codesAt, type Names } from '../columns/codes.ts';
import { kindsOf } from '../columns/kinds.ts';
import type { Judged } from '../columns/judgements.ts';
import type { Clustering, Over } from '../observations.ts';
import { pairSums } from './blocks.ts';
import { compareLevels, type LevelDifference } from './comparison.ts';
import {
  blocksIn,
  type ComparedDimension,
  type Dimension,
  isCompared,
  levelsIn,
  textsIn,
} from './dimensions.ts';
import { type LevelMean, meansOf } from './means.ts';

/** One thing that is compared, with all of its scores. */
export interface Contender extends LevelMean {
  readonly name: string;
  readonly estimate: Estimate;
  /** Scores for each essay, rubric and judge, on average. */
  readonly replicates: number;
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
export function contendersOf(judged: Judged, dimension: Dimension, over: Over = 'combos'): Contender[] {
  const { columns } = judged;
  const levels = levelsIn(columns, dimension);
  const clustering = clusteringOf(dimension, over);
  const judgements = judgementsByLevel(judged, levels, clustering);
  return meansOf(columns, levels, clustering).map((mean) =>
    Object.assign(mean, {
      name: levels.names[mean.level] ?? '',
      replicates: mean.estimate.count / (judgements[mean.level] || 1),
    }),
  );
}

function judgementsByLevel({ columns, firsts }: Judged, levels: Names, clustering: Clustering): Int32Array {
  const kinds = kindsOf(columns, clustering);
  const byKind = columns.once(`judgements by ${clustering}`, () => {
    const counts = new Int32Array(kinds.size);
    for (const place of firsts) {
      const kind = kinds.of[place] ?? 0;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  });
  const found = new Int32Array(levels.size);
  for (let kind = 0; kind < kinds.size; kind++) {
    const level = levels.of[kinds.firsts[kind] ?? 0] ?? -1;
    if (level >= 0) found[level] = (found[level] ?? 0) + (byKind[kind] ?? 0);
  }
  return found;
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
  judged: Judged,
  dimension: Dimension,
  { over = 'combos', most = Infinity, only, kindOf }: RankOptions = {},
): Ranked {
  const clustering = clusteringOf(dimension, over);
  const contenders = contendersOf(judged, dimension, over)
    .filter(({ name }) => only === undefined || only.includes(name))
    .sort((a, b) => b.estimate.mean - a.estimate.mean);
  if (!isCompared(dimension))
    return { dimension, clustering, contenders: placedByInterval(contenders), pairs: [], family: 0 };
  const compared = contenders.slice(0, most);
  const family = familyOf(contenders, kindOf);
  const pairs = adjusted(pairsOf(compared, judged, { dimension, over, kindOf }), family);
  return { dimension, clustering, contenders: placed(contenders, compared.length, pairs), pairs, family };
}

function placedByInterval(contenders: readonly Contender[]): Placed<Contender>[] {
  const places = placesByInterval(contenders);
  return contenders.map((each, at) => Object.assign(each, { place: places[at] }));
}

/** All pairs of the same kind, compared or not. */
function familyOf(contenders: readonly Contender[], kindOf: RankOptions['kindOf']): number {
  const kinds = groupBy(contenders, ({ name }) => [`kind ${kindOf?.(name) ?? ''}`]);
  return kinds.reduce((total, { rows }) => total + (rows.length * (rows.length - 1)) / 2, 0);
}

type BarePair = LevelDifference & Pick<LevelPair, 'a' | 'b'>;

function pairsOf(
  contenders: readonly Contender[],
  judged: Judged,
  { dimension, over, kindOf }: { dimension: ComparedDimension; over: Over; kindOf: RankOptions['kindOf'] },
): BarePair[] {
  const { columns } = judged;
  const levels = levelsIn(columns, dimension);
  const placeOf = new Int32Array(levels.size).fill(-1);
  for (const [place, { level }] of contenders.entries()) placeOf[level] = place;
  const input = {
    blocks: blocksIn(columns, dimension),
    clusters: over === 'combos' ? columns.clusters('combo') : textsIn(columns, dimension),
    levels: contenders.length,
    places: codesAt(placeOf, codesAt(levels.of, judged.firsts)),
  };
  const scoresOf = (place: number): SideSums | undefined => contenders[place]?.sums;
  const pairs: BarePair[] = [];
  pairSums(judged, input, (sums) => {
    const [a = '', b = ''] = [sums.a, sums.b].map((place) => contenders[place]?.name);
    if (kindOf !== undefined && kindOf(a) !== kindOf(b)) return;
    const found = compareLevels(sums, scoresOf);
    if (found !== undefined) pairs.push({ a, b, ...found });
  });
  return pairs;
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
    .map((each, at) =>
      Object.assign(each, { place: at < compared ? 1 + (above.get(each.name) ?? 0) : undefined }),
    )
    .sort((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || b.estimate.mean - a.estimate.mean);
}
