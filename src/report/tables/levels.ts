// Levels and their comparisons as tables. Computes nothing but rounding.
import type { Contender, LevelPair, Ranked } from '../../scores/levels/ranking.ts';
import type { Measured } from '../../scores/measures.ts';
import type { Clustering, Over } from '../../scores/observations.ts';
import type { Estimate, Placed } from '../../statistics/estimates.ts';
import type { Interval } from '../../statistics/clustered.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

/** What stands where too few clusters would make a number look surer than it is. */
export const TOO_FEW = 'too few to say';

/** What an interval holds for: further ones of these. */
const HOLDS_FOR: Readonly<Record<Clustering, string>> = {
  combo: 'combos',
  essay: 'essays',
  evaluation: 'evaluations',
};

interface LevelLine {
  readonly by: string;
  readonly name: string;
  readonly place: number | undefined;
  readonly estimate: Estimate;
  readonly replicates: number | undefined;
  readonly over: string;
}

/**
 * A line for each level; `overall`, the mean of everything, before them. An interval that reaches beyond the scale of the scores is
 * none: with so few the approximation behind it does not hold.
 */
export function levelTable(
  rankings: readonly Ranked[],
  {
    overall,
    scale,
  }: {
    readonly overall?: { readonly estimate: Estimate; readonly over: Over } | undefined;
    readonly scale?: Interval | undefined;
  } = {},
): Table {
  const all: LevelLine[] =
    overall === undefined
      ? []
      : [{ by: 'all', name: '', place: undefined, replicates: undefined, ...overall }];
  const lines = rankings.flatMap((ranked) => ranked.contenders.map((each) => lineOf(ranked, each)));
  return tableOf(
    LEVELS,
    [...all, ...lines].map((line) => ({ ...line, interval: within(scale, line.estimate.interval) })),
  );
}

function within(scale: Interval | undefined, interval: Interval | undefined): Interval | undefined {
  const beyond =
    scale !== undefined && interval !== undefined && (interval.low < scale.low || interval.high > scale.high);
  return beyond ? undefined : interval;
}

function lineOf(
  { dimension: by, clustering }: Ranked,
  { name, place, estimate, replicates }: Placed<Contender>,
): LevelLine {
  return { by, name, place, estimate, replicates, over: HOLDS_FOR[clustering] };
}

const LEVELS: readonly ColumnOf<LevelLine & { readonly interval: Interval | undefined }>[] = [
  textColumn('by', (line) => line.by),
  integerColumn('place', (line) => line.place),
  textColumn('name', (line) => line.name),
  roundedColumn('mean', (line) => line.estimate.mean),
  roundedColumn('low', (line) => line.interval?.low),
  roundedColumn('high', (line) => line.interval?.high),
  roundedColumn('std_dev', (line) => line.estimate.std),
  integerColumn('clusters', (line) => line.estimate.clusters),
  integerColumn('scores', (line) => line.estimate.count),
  roundedColumn('replicates', (line) => line.replicates),
  textColumn('over', (line) => line.over),
  textColumn('note', (line) => (line.interval === undefined ? TOO_FEW : '')),
];

/** A line for each level of each measure: named scores, and what code counted. */
export function measureTable(measures: readonly Measured[]): Table {
  return tableOf(MEASURES, measures);
}

const MEASURES: readonly ColumnOf<Measured>[] = [
  textColumn('rubric', (line) => line.rubric),
  textColumn('score', (line) => line.score),
  textColumn('by', (line) => line.by),
  textColumn('name', (line) => line.name),
  roundedColumn('mean', (line) => line.estimate.mean),
  roundedColumn('low', (line) => line.estimate.interval?.low),
  roundedColumn('high', (line) => line.estimate.interval?.high),
  roundedColumn('std_dev', (line) => line.estimate.std),
  integerColumn('clusters', (line) => line.estimate.clusters),
  integerColumn('scores', (line) => line.estimate.count),
  textColumn('over', (line) => HOLDS_FOR[line.clustering]),
  textColumn('note', (line) => (line.estimate.interval === undefined ? TOO_FEW : '')),
];

type PairLine = LevelPair & Pick<Ranked, 'dimension' | 'clustering' | 'family'>;

/** A line for each pair that is given, with what its ranking says of all of them. */
export function comparisonTable(
  rankings: readonly Ranked[],
  wanted: (ranked: Ranked, pair: LevelPair) => boolean = () => true,
): Table {
  const lines = rankings.flatMap((ranked): PairLine[] => {
    const { dimension, clustering, family } = ranked;
    return ranked.pairs
      .filter((pair) => wanted(ranked, pair))
      .map((pair) => ({ ...pair, dimension, clustering, family }));
  });
  return tableOf(COMPARISONS, lines);
}

const COMPARISONS: readonly ColumnOf<PairLine>[] = [
  textColumn('by', (pair) => pair.dimension),
  textColumn('a', (pair) => pair.a),
  textColumn('b', (pair) => pair.b),
  roundedColumn('difference', (pair) => pair.difference),
  roundedColumn('low', (pair) => pair.interval?.low),
  roundedColumn('high', (pair) => pair.interval?.high),
  floatColumn('p', (pair) => roundOrBlank(pair.p, 5)),
  floatColumn('p_holm', (pair) => roundOrBlank(pair.adjusted, 5)),
  integerColumn('family', (pair) => pair.family),
  textColumn('verdict', verdictOf),
  textColumn('basis', (pair) => pair.basis),
  textColumn('over', (pair) => HOLDS_FOR[pair.clustering]),
  integerColumn('clusters', (pair) => pair.clusters),
  integerColumn('blocks', (pair) => pair.blocks),
  integerColumn('left_out', (pair) => pair.leftOut),
];

function verdictOf({ interval, higher }: PairLine): string {
  if (interval === undefined) return TOO_FEW;
  return higher === undefined ? 'not shown to differ' : `${higher} is higher`;
}

/** A column of numbers with three decimals. */
export function roundedColumn<T>(name: string, of: (item: T) => number | undefined): ColumnOf<T> {
  return floatColumn(name, (item) => roundOrBlank(of(item), 3));
}
