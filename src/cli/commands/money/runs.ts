// daydream runs: the record of builds, as a list or one in full. Read-only.
import { problem, ProblemError } from '../../../problem.ts';
import { round, summarize } from '../../../statistics/summary.ts';
import { readMade } from '../../../store/runs/made.ts';
import { plural } from '../../../text/amounts.ts';
import { floatColumn, integerColumn, tableOf, textColumn } from '../../../report/tables/table.ts';
import { runOf } from '../../../api/reading/money.ts';
import { locate } from '../../../engine/project/load.ts';
import { readRuns, type RunRecord } from '../../../store/runs/runs.ts';
import type { Layout } from '../../../store/layout.ts';
import { unknownIn } from '../../../store/ledger/spending.ts';
import { sourcesOf, usdOf } from '../../../text/amounts.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { displayText } from '../../../text/display.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';

export const command: CommandSpec = {
  words: '[action] [id]',
  actions: ['ls', 'show'],
  options: [{ flags: '--format <format>', text: 'of the list: table, csv, json or md' }],
  examples: [
    'runs',
    'runs ls --format csv',
    'runs show last',
    'runs show autumn-1',
    'runs show 20261123T094500120-3f2a',
  ],
  run: runs,
};

async function runs(call: Invocation): Promise<ExitCode> {
  const [action = 'ls', id] = call.words;
  const { layout } = await locate(await call.load());
  if (action === 'ls' && id === undefined) return list(call, layout);
  if (action === 'show' && id !== undefined) return show(call, layout, id);
  throw new ProblemError([
    problem('DD102', `runs can \`ls\`, \`show ID\` and \`show last\`, not \`${call.words.join(' ')}\``),
  ]);
}

const COLUMNS = [
  textColumn<RunRecord>('run', ({ id }) => id),
  textColumn<RunRecord>('started', ({ started }) => started.slice(0, 19)),
  floatColumn<RunRecord>('seconds', ({ durationMs }) => durationMs / 1000),
  integerColumn<RunRecord>('built', builtIn),
  integerColumn<RunRecord>('failed', ({ failed }) => failed),
  integerColumn<RunRecord>('left', ({ left }) => left),
  floatColumn<RunRecord>('usd', usdCell),
  integerColumn<RunRecord>('unknown', ({ spent }) => spent?.unknown),
  integerColumn<RunRecord>('lost', ({ spent }) => spent?.maybeBilled),
  floatColumn<RunRecord>('team_usd', ({ team }) => (team === undefined ? undefined : round(team.saved, 6))),
  textColumn<RunRecord>('tags', tagText),
  textColumn<RunRecord>('command', ({ command: line }) => displayText(line)),
];

function list({ console, options }: Invocation, layout: Layout): ExitCode {
  const found = readRuns(layout);
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') {
    const short = found.map(({ covered: _covered, plan: _plan, built, ...rest }) => ({
      ...rest,
      built: Object.fromEntries(Object.entries(built).map(([stage, ids]) => [stage, ids.length])),
    }));
    console.printJson({ version: 1, runs: short });
  } else if (found.length === 0) console.note('no build is on record yet');
  else printTable(console, tableOf(format === 'csv' ? COLUMNS : COLUMNS.map(said), found), format);
  return 0;
}

/** For people, what is not known says so. */
function said(column: (typeof COLUMNS)[number]): (typeof COLUMNS)[number] {
  return column.name === 'usd' ? { ...column, of: (run) => column.of(run) ?? 'unknown' } : column;
}

function show({ console }: Invocation, layout: Layout, id: string): ExitCode {
  const run = runOf(layout, id);
  const results = resultsOf(layout, run);
  if (console.json) console.printJson({ ...run, results: results ?? null });
  else
    for (const line of [...linesOf(run), ...(results === undefined ? [] : resultLines(run, results))])
      console.print(line);
  return 0;
}

interface Results {
  readonly generations: number;
  readonly scores: number;
  /** Null without a score. */
  readonly mean: number | null;
}

/** What was made, as it was then; undefined where the run kept none of it. */
function resultsOf(layout: Layout, { id }: RunRecord): Results | undefined {
  const made = readMade(layout, id);
  if (made === undefined || made === 'damaged') return undefined;
  const scores = made.lines.flatMap(({ score }) =>
    typeof score?.['score'] === 'number' && score['error'] === '' ? [score['score']] : [],
  );
  return {
    generations: made.lines.length,
    scores: scores.length,
    mean: summarize(scores)?.mean ?? null,
  };
}

function resultLines(run: RunRecord, { generations, scores, mean }: Results): readonly string[] {
  const kept = run.made === 'files' ? 'with their texts' : 'by digest';
  return [
    `  kept      ${plural(generations, 'generation')} ${kept}, ${plural(scores, 'score')}${mean === null ? '' : `, mean ${mean.toFixed(2)}`}; \`daydream report --run ${run.id}\` shows them`,
  ];
}

function linesOf(run: RunRecord): readonly string[] {
  const counts = {
    adopted: run.adopted,
    unchanged: run.unchanged,
    failed: run.failed,
    blocked: run.blocked,
    left: run.left,
  };
  const { cohorts, generations } = run.covered;
  const covered = [
    ...cohorts.map((each) => `cohort ${each}`),
    ...(generations.length > 0 ? [plural(generations.length, 'generation')] : []),
  ];
  return [
    `run ${run.id}`,
    `  command   ${displayText(run.command)}`,
    `  started   ${run.started}, ${(run.durationMs / 1000).toFixed(1)} s, daydream ${run.daydream}, node ${run.node}`,
    `  tags      ${tagText(run) || 'none'}`,
    ...(run.snapshot === undefined
      ? []
      : [`  snapshot  ${[run.snapshot, run.inputs].filter((each) => each !== undefined).join(', ')}`]),
    `  covered   ${covered.join(', ')}`,
    `  built     ${words(Object.fromEntries(Object.entries(run.built).map(([stage, ids]) => [stage, ids.length])))}`,
    `  how       ${words(run.how)}`,
    `  besides   ${words(counts)}`,
    `  spent     ${spentText(run)}`,
    ...(run.team === undefined || run.team.answers === 0
      ? []
      : [
          `  saved     by the team ${usdOf(run.team.saved, run.team.unknown ?? 0)}, ${plural(run.team.answers, 'answer')}`,
        ]),
    ...run.failures.map(({ message, genIds }) => `  failed    ${genIds.length}× ${displayText(message)}`),
    ...run.parked.map(({ pool, until }) => `  parked    pool ${pool} until ${new Date(until).toISOString()}`),
    `  then      ${words(run.states)}`,
  ];
}

/** Blank where nobody knows any of it. */
function usdCell({ cost, spent }: RunRecord): number | undefined {
  return cost === 0 && spent !== undefined && unknownIn(spent) > 0 ? undefined : round(cost, 6);
}

/** A record of an earlier version does not say how its sum is known. */
function spentText({ cost, spent }: RunRecord): string {
  if (spent === undefined) return `$${cost.toFixed(4)}`;
  const sources = sourcesOf(spent);
  const lost =
    spent.maybeBilled === 0 ? [] : [`${plural(spent.maybeBilled, 'reply', 'replies')} lost on the way`];
  const how = [...(sources === '' ? [] : [sources]), ...lost].join(', ');
  return `${usdOf(cost, unknownIn(spent))}${how === '' ? '' : ` (${how})`}`;
}

function builtIn({ built }: RunRecord): number {
  return Object.values(built).reduce((sum, ids) => sum + ids.length, 0);
}

function tagText({ tags }: RunRecord): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function words(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'nothing' : some.map(([word, count]) => `${count} ${word}`).join(', ');
}
