// daydream cost: what was spent, out of the call ledger. Read-only.
import { locate } from '../../../engine/project/load.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { integerColumn, tableOf, textColumn, type ColumnOf } from '../../../report/tables/table.ts';
import { readLedger } from '../../../store/ledger/ledger.ts';
import {
  LEDGER_KEYS,
  ledgerTotal,
  ledgerTotals,
  type LedgerKey,
  type LedgerTotal,
} from '../../../store/ledger/totals.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { usd } from '../../words/money.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    { flags: '--since <time>', text: 'only since then: 7d, 12h, or a date such as 2026-11-01 (UTC)' },
    { flags: '--by <keys>', text: 'model (the default), stage, day or cohort; several with commas' },
    { flags: '--format <format>', text: 'table, csv, json or md' },
  ],
  examples: ['cost', 'cost --since 7d --by day', 'cost --by model,stage --format csv'],
  run: cost,
};

async function cost({ console, options, clock, load }: Invocation): Promise<ExitCode> {
  const by = keysOf(options.text('by') ?? 'model');
  const since = sinceOf(options.text('since'), clock.now());
  const { layout } = await locate(await load());
  const { value, problems } = readLedger(layout.ledger);
  const entries = value.filter(({ when }) => since === undefined || when >= since);
  const lines = ledgerTotals(entries, ...by);
  const total = ledgerTotal(entries);
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') {
    const { key: _none, ...sums } = total;
    const named = lines.map(({ key, ...rest }) => ({ ...namesOf(by, key), ...rest }));
    console.printJson({ version: 1, since: since ?? null, by, lines: named, total: sums });
    return 0;
  }
  console.problems(problems);
  if (entries.length === 0) console.note('no call is on record');
  else printTable(console, tableOf(columnsOf(by), lines), format);
  if (format === 'table' && entries.length > 0) for (const line of totalLines(total)) console.note(line);
  return 0;
}

function namesOf(by: readonly LedgerKey[], key: string): Readonly<Record<string, string>> {
  const names = key.split('\n');
  return Object.fromEntries(by.map((each, place) => [each, names[place] ?? '']));
}

function columnsOf(by: readonly LedgerKey[]): readonly ColumnOf<LedgerTotal>[] {
  return [
    ...by.map((name, place) => textColumn<LedgerTotal>(name, ({ key }) => key.split('\n')[place])),
    integerColumn('attempts', ({ attempts }) => attempts),
    integerColumn('replies', ({ replies }) => replies),
    integerColumn('prompt_tokens', ({ promptTokens }) => promptTokens),
    integerColumn('reply_tokens', ({ completionTokens }) => completionTokens),
    // Exact sums of decimal prices end in dust that nobody means.
    integerColumn('usd', ({ cost: sum }) => Number(sum.toFixed(6))),
  ];
}

function totalLines({ cost: sum, attempts, replies, unpriced, maybeBilled }: LedgerTotal): readonly string[] {
  return [
    `${usd(sum)} for ${replies} replies, ${attempts} attempts`,
    ...(unpriced === 0 ? [] : [`${unpriced} replies have no price: what they cost is not in the sum`]),
    ...(maybeBilled === 0
      ? []
      : [`${maybeBilled} replies were lost on the way and may have been billed all the same`]),
  ];
}

function keysOf(text: string): readonly LedgerKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const keys = words.flatMap((word) => LEDGER_KEYS.filter((key) => key === word));
  const unknown = words.filter((word) => !LEDGER_KEYS.some((key) => key === word));
  if (unknown.length === 0 && keys.length > 0) return [...new Set(keys)];
  const [first = ''] = unknown;
  throw new ProblemError([
    problem('DD102', `--by can not be ${JSON.stringify(first)}${didYouMean(first, LEDGER_KEYS)}`, {
      place: { field: '--by' },
      cure: `Keys are ${LEDGER_KEYS.join(', ')}.`,
    }),
  ]);
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** An ISO time; undefined for all of it. */
function sinceOf(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const [, count = '', unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const span = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  const then = Number.isNaN(span) ? dateOf(text) : now - span;
  if (!Number.isNaN(then) && Math.abs(then) < 8.64e15) return new Date(then).toISOString();
  throw new ProblemError([
    problem('DD102', `--since must be a span such as 7d or 12h, or a date, not ${JSON.stringify(text)}`, {
      place: { field: '--since' },
    }),
  ]);
}

function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
