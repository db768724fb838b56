// daydream cost: what was spent, out of the call ledger. Read-only.
import { costsOf } from '../../../api/reading/money.ts';
import { locate } from '../../../engine/project/load.ts';
import { integerColumn, tableOf, textColumn, type ColumnOf } from '../../../report/tables/table.ts';
import { spentIn, type LedgerKey, type LedgerTotal, unknownInTotal } from '../../../store/ledger/totals.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { plural, sourcesOf, usdOf } from '../../../text/amounts.ts';
import { teamText } from '../../words/build.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    { flags: '--since <time>', text: 'only since then: 7d, 12h, or a date such as 2026-11-01 (UTC)' },
    {
      flags: '--by <keys>',
      text: 'model (the default), stage, template, day, cohort or shard; several with commas',
    },
    { flags: '--ledger <file>', text: 'and the ledgers of shards: paths, or a quoted pattern', many: true },
    { flags: '--format <format>', text: 'table, csv, json or md' },
  ],
  examples: [
    'cost',
    'cost --since 7d --by day',
    'cost --by model,stage --format csv',
    'cost --by template',
    "cost --ledger 'shards/*/calls.jsonl' --by shard",
  ],
  run: cost,
};

async function cost({ console, options, clock, load }: Invocation): Promise<ExitCode> {
  const asked = {
    by: (options.text('by') ?? 'model').split(/[\s,]+/).filter((word) => word !== ''),
    since: options.text('since'),
    ledger: options.list('ledger'),
  };
  const { layout } = await locate(await load());
  const { by, lines, total, team, since, warnings } = costsOf(layout, asked, clock.now());
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') {
    const { key: _none, ...sums } = total;
    const named = lines.map(({ key, ...rest }) => ({ ...namesOf(by, key), ...rest }));
    console.printJson({ version: 1, since, by, lines: named, total: sums, team });
    return 0;
  }
  console.problems(warnings);
  const { attempts } = total;
  if (attempts === 0) console.note('no call is on record');
  else printTable(console, tableOf(columnsOf(by, format), lines), format);
  if (format === 'table' && attempts > 0) for (const line of totalLines(total)) console.note(line);
  if (format === 'table' && team.answers > 0) console.note(teamText(team));
  return 0;
}

function namesOf(by: readonly LedgerKey[], key: string): Readonly<Record<string, string>> {
  const names = key.split('\n');
  return Object.fromEntries(by.map((each, place) => [each, names[place] ?? '']));
}

function columnsOf(by: readonly LedgerKey[], format: string): readonly ColumnOf<LedgerTotal>[] {
  return [
    ...by.map((name, place) => textColumn<LedgerTotal>(name, ({ key }) => key.split('\n')[place])),
    integerColumn('attempts', ({ attempts }) => attempts),
    integerColumn('replies', ({ replies }) => replies),
    integerColumn('prompt_tokens', ({ promptTokens }) => promptTokens),
    integerColumn('reply_tokens', ({ completionTokens }) => completionTokens),
    // Exact sums of decimal prices end in dust that nobody means.
    integerColumn('usd', (line) => usdCell(line) ?? (format === 'csv' ? undefined : 'unknown')),
    integerColumn('unknown', ({ unpriced }) => unpriced),
    integerColumn('lost', ({ maybeBilled }) => maybeBilled),
  ];
}

/** Blank where nobody knows any of it. */
function usdCell(total: LedgerTotal): number | undefined {
  return total.cost === 0 && unknownInTotal(total) > 0 ? undefined : Number(total.cost.toFixed(6));
}

function totalLines(total: LedgerTotal): readonly string[] {
  const { cost: sum, attempts, replies, unpriced, maybeBilled } = total;
  const sources = sourcesOf({ ...spentIn(total), unknown: 0 });
  return [
    `${usdOf(sum, unknownInTotal(total))} for ${plural(replies, 'reply', 'replies')}, ${plural(attempts, 'attempt')}${sources === '' ? '' : ` (${sources})`}`,
    ...(unpriced === 0
      ? []
      : [`${plural(unpriced, 'reply has', 'replies have')} no price: what they cost is not known`]),
    ...(maybeBilled === 0
      ? []
      : [
          `${plural(maybeBilled, 'reply was', 'replies were')} lost on the way and may have been billed all the same`,
        ]),
  ];
}
