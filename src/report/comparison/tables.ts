// A comparison as tables. Computes nothing but rounding.
import {
  type ComparedSide,
  type InputChange,
  inputChanges,
  type MovedEssay,
  movedEssays,
  type ScoreChange,
  scoreChanges,
  type StageChange,
  stageChanges,
} from './comparison.ts';
import { roundedColumn } from '../tables/levels.ts';
import type { StatisticsTable } from '../tables/table.ts';
import type { Over } from '../../scores/observations.ts';
import { round, roundOrBlank } from '../../statistics/summary.ts';
import { unknownInTotal } from '../../store/ledger/totals.ts';
import { type ColumnOf, floatColumn, integerColumn, tableOf, textColumn } from '../tables/table.ts';

interface BoundCost {
  readonly calls: number;
  readonly usd: number;
  /** Calls whose price nobody knows. */
  readonly unpriced: number;
}

/** USD and calls that a build would still take now; absent where that was not asked. */
export interface AheadCost {
  readonly lower: BoundCost;
  readonly upper: BoundCost;
}

const MOST_MOVED = 10;

export function comparisonTables(
  before: ComparedSide,
  now: ComparedSide,
  ahead: AheadCost | undefined,
  over: Over = 'combos',
): readonly StatisticsTable[] {
  return [
    { name: 'generations', title: 'Generations', table: tableOf(STAGES, stageChanges(before, now)) },
    { name: 'inputs', title: 'What they are made from', table: tableOf(INPUTS, inputChanges(before, now)) },
    {
      name: 'scores',
      title: `Mean scores; the difference with its 95 % interval, which holds for further ${over}, paired by essay where both sides have the essays`,
      table: tableOf(SCORES, scoreChanges(before, now, over)),
    },
    {
      name: 'essays',
      title: `Essays that moved most, at most ${MOST_MOVED}`,
      table: tableOf(ESSAYS, movedEssays(before, now).slice(0, MOST_MOVED)),
    },
    { name: 'money', title: 'Money', table: tableOf(MONEY, moneyLines(before, now, ahead)) },
  ];
}

const STAGES: readonly ColumnOf<StageChange>[] = [
  textColumn('stage', (each) => each.stage),
  integerColumn('before', (each) => each.before),
  integerColumn('now', (each) => each.now),
  integerColumn('added', (each) => each.added),
  integerColumn('removed', (each) => each.removed),
  integerColumn('changed', (each) => each.changed),
  integerColumn('newly_made', (each) => each.made),
  integerColumn('text_lost', (each) => each.lost),
];

const INPUTS: readonly ColumnOf<InputChange>[] = [
  textColumn('input', (each) => each.name),
  textColumn('change', (each) => each.change),
];

const SCORES: readonly ColumnOf<ScoreChange>[] = [
  textColumn('by', (each) => each.by),
  textColumn('name', (each) => each.name),
  roundedColumn('before', (each) => each.before),
  roundedColumn('now', (each) => each.now),
  roundedColumn('difference', (each) => each.difference?.value),
  roundedColumn('low', (each) => each.difference?.interval?.low),
  roundedColumn('high', (each) => each.difference?.interval?.high),
  textColumn('verdict', verdictOf),
  textColumn('basis', (each) => each.difference?.basis),
  integerColumn('essays', (each) => each.difference?.essays),
];

function verdictOf({ before, now, difference }: ScoreChange): string {
  if (before === undefined || now === undefined)
    return before === now ? '' : before === undefined ? 'new' : 'gone';
  if (difference === undefined) return '';
  const { value, interval } = difference;
  if (value === 0 && (interval === undefined || interval.low === interval.high)) return 'same';
  if (interval === undefined || (interval.low <= 0 && interval.high >= 0)) return 'not shown to differ';
  return value > 0 ? 'higher' : 'lower';
}

const ESSAYS: readonly ColumnOf<MovedEssay>[] = [
  textColumn('essay', (each) => each.essayId),
  roundedColumn('before', (each) => each.before),
  roundedColumn('now', (each) => each.now),
  roundedColumn('difference', (each) => each.now - each.before),
];

interface MoneyLine {
  readonly what: string;
  readonly calls: number | undefined;
  /** `unknown` where nobody knows any of it, `at least …` where some; undefined where nobody can tell the calls. */
  readonly usd: number | 'unknown' | `at least ${number}` | undefined;
}

const MONEY: readonly ColumnOf<MoneyLine>[] = [
  textColumn('what', (each) => each.what),
  integerColumn('calls', (each) => each.calls),
  floatColumn('usd', ({ usd }) => (typeof usd === 'string' ? usd : roundOrBlank(usd, 4))),
];

/** `unknown`: of how many amounts nobody knows. */
function sumOf(usd: number, unknown: number): MoneyLine['usd'] {
  return unknown > 0 ? (usd === 0 ? 'unknown' : `at least ${round(usd, 4)}`) : usd;
}

function known({ spent }: ComparedSide): MoneyLine['usd'] {
  return spent === undefined ? undefined : sumOf(spent.cost, unknownInTotal(spent));
}

function moneyLines(before: ComparedSide, now: ComparedSide, ahead: AheadCost | undefined): MoneyLine[] {
  return [
    { what: 'spent before', calls: before.spent?.attempts, usd: known(before) },
    { what: 'spent now', calls: now.spent?.attempts, usd: known(now) },
    ...(before.spent === undefined || now.spent === undefined
      ? []
      : [
          {
            what: 'difference',
            calls: now.spent.attempts - before.spent.attempts,
            usd:
              unknownInTotal(before.spent) + unknownInTotal(now.spent) > 0
                ? ('unknown' as const)
                : now.spent.cost - before.spent.cost,
          },
        ]),
    ...(ahead === undefined
      ? []
      : [
          { what: 'still to spend now, at least', ...pick(ahead.lower) },
          { what: 'still to spend now, at most', ...pick(ahead.upper) },
        ]),
  ];
}

function pick({ calls, usd, unpriced }: BoundCost): Pick<MoneyLine, 'calls' | 'usd'> {
  return { calls, usd: sumOf(usd, unpriced) };
}
