// People's scores and preferences as tables: judges against people, means corrected by people, who is preferred. Computes nothing but
// rounding.
import type {
  CorrectedLevel,
  JudgeAgainstPeople,
  PeopleStatistics,
  PreferredLevel,
} from '../../scores/people/people.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import { roundedColumn, TOO_FEW } from './levels.ts';
import {
  type ColumnOf,
  floatColumn,
  integerColumn,
  type StatisticsTable,
  tableOf,
  textColumn,
} from './table.ts';

/** None where nobody was asked. */
export function peopleTables(people: PeopleStatistics | undefined): readonly StatisticsTable[] {
  if (people === undefined) return [];
  return [
    {
      name: 'people',
      title: `Judges against people (${people.raters} asked): whether they rank alike (spearman), agree to the point (kappa), and how much higher they score (bias)`,
      table: tableOf(PEOPLE, people.judges),
    },
    {
      name: 'corrected',
      title:
        'Means that people would give, from what they gave to some texts and judges to all; worth: ratings that the judges save',
      table: tableOf(CORRECTED, people.corrected),
    },
    {
      name: 'preferences',
      title:
        'Who is preferred, by the Bradley–Terry model: mean is the log of the odds against one of average strength',
      table: tableOf(PREFERRED, people.preferred),
    },
  ];
}

const PEOPLE: readonly ColumnOf<JudgeAgainstPeople>[] = [
  textColumn('judge', ({ judge }) => (judge === '' ? '(all)' : judge)),
  textColumn('rubric', ({ rubric }) => rubric),
  integerColumn('texts', ({ texts }) => texts),
  integerColumn('clusters', ({ spearman }) => spearman.clusters),
  roundedColumn('spearman', ({ spearman }) => spearman.value),
  roundedColumn('spearman_low', ({ spearman }) => spearman.interval?.low),
  roundedColumn('spearman_high', ({ spearman }) => spearman.interval?.high),
  roundedColumn('kappa', ({ kappa }) => kappa.value),
  roundedColumn('kappa_low', ({ kappa }) => kappa.interval?.low),
  roundedColumn('kappa_high', ({ kappa }) => kappa.interval?.high),
  roundedColumn('bias', ({ bias }) => bias?.value),
  roundedColumn('bias_low', ({ bias }) => bias?.interval?.low),
  roundedColumn('bias_high', ({ bias }) => bias?.interval?.high),
  integerColumn('choices', ({ choices }) => choices),
  roundedColumn('alike', ({ alike }) => alike?.value),
  roundedColumn('alike_low', ({ alike }) => alike?.interval?.low),
  roundedColumn('alike_high', ({ alike }) => alike?.interval?.high),
];

const CORRECTED: readonly ColumnOf<CorrectedLevel>[] = [
  textColumn('by', ({ dimension }) => dimension),
  textColumn('name', ({ name }) => name),
  textColumn('rubric', ({ rubric }) => rubric),
  roundedColumn('judges', ({ judges }) => judges),
  roundedColumn('people', ({ corrected }) => corrected.classical.value),
  roundedColumn('mean', ({ corrected }) => corrected.value),
  roundedColumn('low', ({ corrected }) => corrected.interval?.low),
  roundedColumn('high', ({ corrected }) => corrected.interval?.high),
  integerColumn('rated', ({ rated }) => rated),
  integerColumn('texts', ({ texts }) => texts),
  roundedColumn('trust', ({ trust }) => trust),
  floatColumn('worth', ({ worth }) => roundOrBlank(worth, 1)),
  floatColumn('usd', ({ usd }) => roundOrBlank(usd, 4)),
  floatColumn('usd_per_rating', ({ usd, worth }) =>
    usd === undefined || worth === undefined || worth < 0.05 ? undefined : roundOrBlank(usd / worth, 4),
  ),
  textColumn('note', ({ corrected }) => (corrected.interval === undefined ? TOO_FEW : '')),
];

const PREFERRED: readonly ColumnOf<PreferredLevel>[] = [
  textColumn('by', ({ dimension }) => dimension),
  integerColumn('place', ({ place }) => place),
  textColumn('name', ({ name }) => name),
  textColumn('rubric', ({ rubric }) => rubric),
  roundedColumn('mean', ({ value }) => (Number.isNaN(value) ? undefined : value)),
  roundedColumn('low', ({ interval }) => interval?.low),
  roundedColumn('high', ({ interval }) => interval?.high),
  floatColumn('wins', ({ wins }) => wins),
  integerColumn('choices', ({ choices }) => choices),
  textColumn('note', noteOf),
];

function noteOf({ value, interval }: PreferredLevel): string {
  if (Number.isNaN(value)) return 'some were never, or always, preferred to the others';
  return interval === undefined ? TOO_FEW : '';
}
