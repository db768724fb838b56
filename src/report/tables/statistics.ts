// Statistics as tables, for a terminal, a file or a page. Computes nothing but rounding.
import type { Agreement } from '../../scores/agreement.ts';
import type { Estimate, Placed } from '../../statistics/estimates.ts';
import type { Contender, Dimension, ScoreStatistics, SeparatedPair } from '../../scores/statistics.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import type { JudgeSpread } from '../../scores/judges.ts';
import type { Spread } from '../../statistics/spread.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

export interface StatisticsTable {
  readonly name: string;
  /** What a reader should know of the numbers. */
  readonly title: string;
  readonly table: Table;
}

export function statisticsTables(
  statistics: ScoreStatistics,
  pairs: readonly SeparatedPair[],
): readonly StatisticsTable[] {
  return [
    {
      name: 'ranking',
      title: 'Means with 95 % intervals clustered by essay; who shares a place is not shown to differ',
      table: rankingTable(statistics, (dimension) => dimension !== 'essay'),
    },
    {
      name: 'essays',
      title: 'Essays by mean; the 95 % intervals speak of these very judges',
      table: rankingTable(statistics, (dimension) => dimension === 'essay'),
    },
    {
      name: 'judges',
      title: 'Judges: spread over replicates (within), and how much higher than the others they score (lean)',
      table: tableOf(JUDGES, statistics.judges),
    },
    {
      name: 'agreement',
      title: "Krippendorff's alpha, and the standard deviation within one judge and between judges",
      table: agreementTable(statistics),
    },
    {
      name: 'separation',
      title:
        'What would tell neighbours apart in 80 of 100 tries: more essays each way, or more evaluations of an essay',
      table: tableOf(SEPARATION, pairs),
    },
  ];
}

interface Line {
  readonly by: string;
  readonly name: string;
  readonly place: number | undefined;
  readonly estimate: Estimate;
  readonly replicates: number | undefined;
}

function rankingTable(statistics: ScoreStatistics, wanted: (dimension: Dimension) => boolean): Table {
  const lines = statistics.rankings
    .filter(({ dimension }) => wanted(dimension))
    .flatMap(({ dimension, contenders }) => contenders.map((each) => lineOf(dimension, each)));
  const { overall } = statistics;
  const all: Line[] =
    overall === undefined || !wanted('way')
      ? []
      : [{ by: 'all', name: '', place: undefined, estimate: overall, replicates: undefined }];
  return tableOf(RANKING, [...all, ...lines]);
}

function lineOf(by: string, { name, place, estimate, replicates }: Placed<Contender>): Line {
  return { by, name, place, estimate, replicates };
}

const RANKING: readonly ColumnOf<Line>[] = [
  textColumn('by', (line) => line.by),
  integerColumn('place', (line) => line.place),
  textColumn('name', (line) => line.name),
  roundedColumn('mean', (line) => line.estimate.mean),
  roundedColumn('low', (line) => line.estimate.interval?.low),
  roundedColumn('high', (line) => line.estimate.interval?.high),
  roundedColumn('std_dev', (line) => line.estimate.std),
  integerColumn('clusters', (line) => line.estimate.clusters),
  integerColumn('scores', (line) => line.estimate.count),
  roundedColumn('replicates', (line) => line.replicates),
];

const JUDGES: readonly ColumnOf<JudgeSpread>[] = [
  textColumn('judge', (each) => each.judge),
  integerColumn('scores', (each) => each.scores),
  roundedColumn('replicates', (each) => each.replicates),
  roundedColumn('mean', (each) => each.mean),
  roundedColumn('min', (each) => each.min),
  roundedColumn('max', (each) => each.max),
  roundedColumn('within', (each) => each.within),
  roundedColumn('lean', (each) => each.lean),
];

interface AgreementLine {
  readonly rubric: string;
  readonly spread: Spread;
  readonly agreement: Agreement;
}

function agreementTable({ spread, agreement, rubrics }: ScoreStatistics): Table {
  return tableOf(AGREEMENT, [{ rubric: '(all)', spread, agreement }, ...rubrics]);
}

const AGREEMENT: readonly ColumnOf<AgreementLine>[] = [
  textColumn('rubric', (line) => line.rubric),
  integerColumn('units', (line) => line.agreement.units),
  integerColumn('judges', (line) => line.agreement.judges),
  roundedColumn('alpha_ordinal', (line) => line.agreement.ordinal),
  roundedColumn('alpha_interval', (line) => line.agreement.interval),
  roundedColumn('within', (line) => line.spread.within),
  roundedColumn('between', (line) => line.spread.between),
];

const SEPARATION: readonly ColumnOf<SeparatedPair>[] = [
  textColumn('by', (pair) => pair.dimension),
  textColumn('a', (pair) => pair.a),
  textColumn('b', (pair) => pair.b),
  roundedColumn('difference', (pair) => pair.difference),
  textColumn('tied', (pair) => (pair.tied ? 'yes' : 'no')),
  textColumn('unit', (pair) => pair.unit),
  integerColumn('needed_each', (pair) => pair.separation?.each),
  integerColumn('more_a', (pair) => pair.separation?.moreA),
  integerColumn('more_b', (pair) => pair.separation?.moreB),
  floatColumn('usd', (pair) => roundOrBlank(pair.usd, 4)),
];

/** A column of numbers with three decimals. */
export function roundedColumn<T>(name: string, of: (item: T) => number | undefined): ColumnOf<T> {
  return floatColumn(name, (item) => roundOrBlank(of(item), 3));
}
