// Whether judges can be believed, as tables. Computes nothing but rounding.
import type { Doubt } from '../../scores/judges/doubts.ts';
import type { JudgeFailure } from '../../scores/judges/failures.ts';
import type { JudgeBias, JudgeReport, JudgeTraits } from '../../scores/judges/traits.ts';
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

export interface JudgingTables {
  readonly report: JudgeReport;
  readonly failures: readonly JudgeFailure[];
  readonly doubts: readonly Doubt[];
}

export function judgingTables({ report, failures, doubts }: JudgingTables): readonly StatisticsTable[] {
  return [
    {
      name: 'doubts',
      title: 'Reasons to doubt a judge',
      table: tableOf(DOUBTS, doubts),
    },
    {
      name: 'traits',
      title:
        'Each judge by each rubric: how mild (lean), at the ends of the scale, agreement with itself (self) and with the others (alpha)',
      table: tableOf(TRAITS, report.traits),
    },
    {
      name: 'biases',
      title:
        'What sways a judge: points for a text twice as long, for one of its own family, and a week later; p_holm for all of these',
      table: tableOf(SWAYED, report.biases),
    },
    {
      name: 'failures',
      title: 'Evaluations without a score, by cause',
      table: tableOf(FAILURES, failures),
    },
  ];
}

const DOUBTS: readonly ColumnOf<Doubt>[] = [
  textColumn('judge', ({ judge }) => judge),
  textColumn('rubric', ({ rubric }) => rubric),
  textColumn('finding', ({ finding }) => finding),
  roundedColumn('value', ({ value }) => value),
];

const TRAITS: readonly ColumnOf<JudgeTraits>[] = [
  textColumn('judge', ({ judge }) => judge),
  textColumn('rubric', ({ rubric }) => rubric),
  integerColumn('scores', ({ scores }) => scores),
  roundedColumn('mean', ({ mean }) => mean),
  roundedColumn('std_dev', ({ std }) => std),
  roundedColumn('floor', ({ floor }) => floor),
  roundedColumn('ceiling', ({ ceiling }) => ceiling),
  roundedColumn('lean', ({ lean }) => lean?.value),
  roundedColumn('lean_low', ({ lean }) => lean?.interval?.low),
  roundedColumn('lean_high', ({ lean }) => lean?.interval?.high),
  roundedColumn('self', ({ self }) => self?.value),
  roundedColumn('self_low', ({ self }) => self?.interval?.low),
  roundedColumn('self_high', ({ self }) => self?.interval?.high),
  roundedColumn('alpha', ({ alpha }) => alpha),
  roundedColumn('alpha_low', ({ alphaInterval }) => alphaInterval?.low),
  roundedColumn('alpha_high', ({ alphaInterval }) => alphaInterval?.high),
];

const SWAYED: readonly ColumnOf<JudgeBias>[] = [
  textColumn('by', ({ bias }) => bias),
  textColumn('name', ({ judge }) => judge),
  textColumn('rubric', ({ rubric }) => rubric),
  roundedColumn('difference', ({ value }) => value),
  roundedColumn('low', ({ interval }) => interval?.low),
  roundedColumn('high', ({ interval }) => interval?.high),
  floatColumn('p_holm', ({ adjusted }) => roundOrBlank(adjusted, 5)),
  integerColumn('clusters', ({ clusters }) => clusters),
  textColumn('note', ({ interval }) => (interval === undefined ? TOO_FEW : '')),
];

const FAILURES: readonly ColumnOf<JudgeFailure>[] = [
  textColumn('judge', ({ judge }) => judge),
  textColumn('rubric', ({ rubric }) => rubric),
  textColumn('cause', ({ cause }) => cause),
  integerColumn('count', ({ count }) => count),
  roundedColumn('share', ({ share }) => share),
];
