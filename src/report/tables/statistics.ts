// Statistics as tables, for a terminal, a file or a page. Computes nothing but rounding.
import type { Agreement } from '../../scores/judges/agreement.ts';
import type { LevelPair, Ranked } from '../../scores/levels/ranking.ts';
import type { SeparatedPair } from '../../scores/separation/pairs.ts';
import type { ScoreStatistics } from '../../scores/statistics.ts';
import type { JudgeSpread } from '../../scores/judges/spreads.ts';
import type { Spread } from '../../statistics/agreement/spread.ts';
import type { Interval } from '../../statistics/clustered.ts';
import type { Measured } from '../../scores/measures.ts';
import { comparisonTable, levelTable, measureTable, roundedColumn } from './levels.ts';
import type { PeopleStatistics } from '../../scores/people/people.ts';
import { type JudgingTables, judgingTables } from './judging.ts';
import { peopleTables } from './people.ts';
import { noiseTable, separationTable } from './separation.ts';
import {
  type ColumnOf,
  integerColumn,
  type StatisticsTable,
  type Table,
  tableOf,
  textColumn,
} from './table.ts';

/** What stands beside the statistics of scores, where it is known. */
interface Beside {
  readonly people?: PeopleStatistics | undefined;
  readonly judging?: JudgingTables | undefined;
  /** Of all scores. */
  readonly scale?: Interval | undefined;
  readonly measures?: readonly Measured[] | undefined;
  /** So many essays at most; all where nothing is said. */
  readonly essays?: number | undefined;
}

export function statisticsTables(
  statistics: ScoreStatistics,
  pairs: readonly SeparatedPair[],
  { people, judging, scale, measures = [], essays: most }: Beside = {},
): readonly StatisticsTable[] {
  const { overall, over, rankings } = statistics;
  const levels = rankings.filter(({ dimension }) => dimension !== 'essay');
  const essays = rankings
    .filter(({ dimension }) => dimension === 'essay')
    .map((ranked) => ({ ...ranked, contenders: ranked.contenders.slice(0, most) }));
  const ranked = rankings.find(({ dimension }) => dimension === 'essay')?.contenders.length ?? 0;
  return [
    {
      name: 'ranking',
      title: `Means with 95 % intervals that hold for further ${over}; places by paired comparisons, and who shares one is not shown to differ`,
      table: levelTable(levels, {
        overall: overall === undefined ? undefined : { estimate: overall, over },
        scale,
      }),
    },
    {
      name: 'comparisons',
      title:
        'Each against the first of its kind, on what they have in common; p by sign flips, p_holm for all pairs of the kind',
      table: comparisonTable(rankings, againstTheFirst),
    },
    {
      name: 'essays',
      title: 'Essays by mean; the 95 % intervals speak of these very judges',
      table: levelTable(essays, { scale }),
      more: most === undefined ? undefined : Math.max(0, ranked - most),
    },
    {
      name: 'noise',
      title:
        'Where a score varies about the mean of its way: what each stage puts into the variance of one score',
      table: noiseTable(statistics.noises),
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
        'The cheapest that would tell neighbours apart in 80 of 100 tries; `--separate a,b` says what else would',
      table: separationTable(pairs, 'cheapest'),
    },
    ...(measures.length === 0 ? [] : [measured(measures)]),
    ...(judging === undefined ? [] : judgingTables(judging)),
    ...peopleTables(people),
  ];
}

function measured(measures: readonly Measured[]): StatisticsTable {
  return {
    name: 'measures',
    title: 'Each on a scale of its own, and never averaged: named scores of a rubric, and what code counted',
    table: measureTable(measures),
  };
}

/** Each level against the first of its dimension. */
function againstTheFirst({ contenders: [first] }: Ranked, { a, b }: LevelPair): boolean {
  return a === first?.name || b === first?.name;
}

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
