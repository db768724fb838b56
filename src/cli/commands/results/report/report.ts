// daydream report: brings the score tables up to date and says which changed, or prints one; statistics, the page and the
// comparison live beside it. Computes nothing itself.
import { cohortsMeant } from '../../../../api/reading/find.ts';
import { lockRoot } from '../../../../store/lock.ts';
import { locate } from '../../../../engine/project/load.ts';
import {
  refreshCrossReports,
  refreshReports,
  inputFrom,
  reportInput,
  unwrittenIn,
  type WrittenReport,
} from '../../../../engine/results/reports.ts';
import { scoresOfCohorts } from '../../../../engine/results/scores.ts';
import { refuseBrokenNamed } from '../../../../engine/plan/broken.ts';
import { openSession, remember, type Session } from '../../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { didYouMean } from '../../../../text/nearest.ts';
import type { ScoreRow } from '../../../../scores/rows.ts';
import { REPORTS, type Report } from '../../../../report/catalogue.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { cohortFile } from '../../../../store/layout.ts';
import { PROVIDER, type Invocation, type CommandSpec } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { shortPath } from '../../../words/place.ts';
import { printLevels, refuseLoneLevel, wordsOfReport } from './levels.ts';
import { printSeparation } from './separate.ts';
import { printStatistics, STATISTICS, writePage } from './pages.ts';
import { askedNow, countedScores, countedThen, CURRENT, type Asked, type Counted } from '../counted.ts';
import { withTags } from '../tagcolumn.ts';
import { printTable, TABLE_FORMATS, tableRecords, type TableFormat } from '../../../words/tables.ts';

export const command: CommandSpec = {
  words: '[cohort] [levels]',
  options: [
    { flags: '--all', text: 'also the tables over every evaluation of the data root' },
    {
      flags: '--show <name>',
      text: 'print one table instead of writing: of the cohort, or with --all over everything',
    },
    CURRENT,
    { flags: '--with-state', text: 'with --show: a column with the state of the evaluation of a line' },
    { flags: '--with-tags', text: 'with --show: a column with the tags of the builds that covered a line' },
    {
      flags: '--stats',
      text: 'means with intervals, ranking, spread, agreement, and what would tell neighbours apart',
    },
    {
      flags: '--compare-levels <dimension>',
      text: 'one dimension in full, such as draft_template: each level with each, or those that are named, as `a,b`',
    },
    {
      flags: '--over <units>',
      text: 'what intervals are to hold for: further `combos` (where nothing is said), or these and further `essays`',
    },
    {
      flags: '--separate <a,b>',
      text: 'what would tell these two apart: more combos, replicates or judges, each with its price, the cheapest first',
    },
    {
      flags: '--difference <points>',
      text: 'with --separate: the difference that is to be shown; the one seen where it is left out',
    },
    {
      flags: '--write <name>',
      text: 'with --separate: make a cohort of the cheapest way, or of the one that --more names',
    },
    { flags: '--more <what>', text: 'with --write: combo, draft, essay, judge or replicate' },
    { flags: '--html', text: 'write one self-contained page' },
    { flags: '--run <run>', text: 'as a run or a tag has it on record, whatever was built since' },
    {
      flags: '--compare <other>',
      text: 'what changed since a run, a tag or a git ref, or against another project or data root, as Markdown',
    },
    { flags: '--out <file>', text: 'with --html or --compare: write there' },
    {
      flags: '--format <format>',
      text: 'table, csv, csv-safe (for spreadsheets: no cell is a formula), json or md',
    },
    PROVIDER,
  ],
  examples: [
    'report first-light',
    'report first-light --show aggregated_scores',
    'report --all',
    'report --all --show filtered_evaluation_results --format csv',
    'report first-light --stats',
    'report first-light --show ranking --format csv',
    'report first-light --compare-levels draft_template',
    'report --compare-levels judge sonnet-4,qwen3_235b_f --over essays --format csv',
    'report first-light --separate rolling-thread,chance-meeting --difference 0.5',
    'report first-light --separate rolling-thread,chance-meeting --difference 4 --write tell-apart',
    'report first-light --html --out first-light.html',
    'report --compare main',
    'report --run autumn-1 --show aggregated_scores',
    'report --compare autumn-1',
  ],
  run: report,
};

async function report(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const way = wayOf(call);
  if (way === 'refresh') {
    const { reports, counted, rows } = await refresh(call);
    const standing = counted.standing(rows);
    if (format === 'json') console.printJson({ version: 1, reports, standing });
    else printTable(console, writtenTable(reports, call.directory), format);
    counted.tell(standing);
    const unwritten = unwrittenIn(reports);
    if (unwritten.length > 0) throw new ProblemError(unwritten);
    return 0;
  }
  const session = await openSession(await call.load());
  const { cohort } = wordsOfReport(call);
  if (options.text('run') === undefined) {
    refuseBrokenNamed(session.loaded, cohort);
    if (way === 'compare-levels') refuseLoneLevel(session, options.text('compare-levels') ?? '', cohort);
  }
  const asked = await askedOf(call, session, cohort);
  switch (way) {
    case 'show':
      show(call, session, { format, asked });
      break;
    case 'stats':
      await printStatistics(call, session, asked, format);
      break;
    case 'separate':
      await printSeparation(call, session, asked, format);
      break;
    case 'compare-levels':
      printLevels(call, session, asked, format);
      break;
    case 'html':
      await writePage(call, session, asked);
      break;
    case 'compare':
      await (await import('./compare.ts')).printComparison(call, session, { cohort, counted: asked.counted });
      break;
    default:
      way satisfies never;
  }
  return 0;
}

/** Of the data root as it stands, or as runs have it on record. */
async function askedOf(call: Invocation, session: Session, cohort: string | undefined): Promise<Asked> {
  const run = call.options.text('run');
  if (run === undefined) return askedNow(call, session, cohortsMeant(session, cohort));
  const { recordNamed, recordedScores } = await import('../../../../engine/results/recorded.ts');
  const recorded = recordNamed(session.loaded.layout, run);
  const known = new Set(recorded.generations.flatMap(({ cohorts }) => cohorts));
  return {
    cohortIds: cohort === undefined ? [...known] : [cohort],
    rows: recordedScores(recorded, cohort),
    counted: countedThen(call, recorded),
    // Quickly made, and from other files.
    kept: { of: async (_question, make) => make() },
  };
}

type Way = 'refresh' | 'show' | 'stats' | 'separate' | 'compare-levels' | 'html' | 'compare';

/** What is asked for, one thing at a time. */
function wayOf(call: Invocation): Way {
  const { options } = call;
  const shown = options.text('show');
  const ways: readonly (readonly [Way, boolean])[] = [
    ['html', options.flag('html')],
    ['compare', options.text('compare') !== undefined],
    ['compare-levels', options.text('compare-levels') !== undefined],
    ['separate', options.text('separate') !== undefined],
    ['stats', options.flag('stats')],
    ['show', shown !== undefined],
  ];
  const asked = ways.filter(([, flag]) => flag).map(([way]) => way);
  const recorded = options.text('run') !== undefined;
  const [first = recorded ? 'stats' : 'refresh', second] = asked;
  if (second !== undefined)
    throw new ProblemError([problem('DD102', `--${first} and --${second} do not go together`)]);
  if (options.text('out') !== undefined && first !== 'html' && first !== 'compare')
    throw new ProblemError([problem('DD102', '--out goes with --html or --compare')]);
  for (const name of ['with-tags', 'with-state'])
    if (options.flag(name) && first !== 'show')
      throw new ProblemError([problem('DD102', `--${name} goes with --show`)]);
  if (recorded && (first === 'html' || options.flag('with-tags')))
    throw new ProblemError([
      problem(
        'DD102',
        `--run goes with tables, and ${first === 'html' ? '--html' : '--with-tags'} is of now`,
      ),
    ]);
  if (options.flag('current') && first === 'refresh')
    throw new ProblemError([
      problem(
        'DD102',
        '--current goes with --show, --stats, --compare-levels, --compare or --html: the tables on disk hold every score',
      ),
    ]);
  const way = first === 'show' && STATISTICS.includes(shown ?? '') ? 'stats' : first;
  if (call.words.length > 1 && way !== 'compare-levels')
    throw new ProblemError([problem('DD102', `there is a word too many: ${call.words.slice(1).join(' ')}`)]);
  if (options.text('over') !== undefined && !['stats', 'separate', 'compare-levels', 'compare'].includes(way))
    throw new ProblemError([
      problem('DD102', '--over goes with --stats, --separate, --compare-levels or --compare'),
    ]);
  for (const [name, whole] of [
    ['difference', 'separate'],
    ['write', 'separate'],
    ['more', 'write'],
  ] as const)
    if (options.text(name) !== undefined && (way !== 'separate' || !options.flag(whole)))
      throw new ProblemError([problem('DD102', `--${name} goes with --${whole}`)]);
  return way;
}

function show(
  call: Invocation,
  session: Session,
  { format, asked }: { readonly format: TableFormat; readonly asked: Asked },
): void {
  const { console, options, words } = call;
  const name = options.text('show') ?? '';
  const found = reportNamed(name, options.flag('all') ? 'all' : 'cohort');
  const { counted } = asked;
  const recorded = options.text('run') !== undefined;
  if (found.scope === 'cohort' && words.length === 0 && !recorded)
    throw new ProblemError([noCohort(session)]);
  const input = recorded ? inputFrom(session, asked.rows) : reportInput(session, found, words[0]);
  const plain = found.table({ ...input, rows: counted.of(input.rows) });
  const stated = options.flag('with-state') ? counted.withState(plain) : plain;
  const table = options.flag('with-tags') ? withTags(stated, session) : stated;
  const standing = counted.standing(input.rows);
  if (format === 'json') console.printJson({ version: 1, report: name, rows: tableRecords(table), standing });
  else printTable(console, table, format);
  counted.tell(standing);
}

interface Refreshed {
  readonly reports: readonly WrittenReport[];
  readonly counted: Counted;
  /** That the tables are made from. */
  readonly rows: readonly ScoreRow[];
}

async function refresh(call: Invocation): Promise<Refreshed> {
  const { clock, options } = call;
  const loading = await call.load();
  const { layout } = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(layout, { command: call.commandLine, since });
  try {
    const session = await openSession(loading);
    const cohorts = cohortsMeant(session, call.words[0]);
    const written = refreshReports(session, cohorts);
    const cross = options.flag('all') ? refreshCrossReports(session) : [];
    await remember(session, () => clock.now());
    return {
      reports: [...cohorts.flatMap((cohort) => reportsOf(session, cohort, written)), ...cross],
      counted: await countedScores(call, session),
      rows: scoresOfCohorts(session, cohorts),
    };
  } finally {
    release();
  }
}

/** Every report of a cohort: those that a refresh passed over are as they were. */
function reportsOf(
  { loaded }: Session,
  cohort: string,
  written: readonly WrittenReport[],
): readonly WrittenReport[] {
  return REPORTS.filter(({ scope }) => scope === 'cohort').map((each) => {
    const path = cohortFile(loaded.layout, cohort, each.path);
    const known = written.find((one) => one.path === path);
    return known ?? { report: each.name, cohort, path, result: 'unchanged' };
  });
}

function reportNamed(name: string, scope: Report['scope']): Report {
  const known = REPORTS.filter((each) => each.scope === scope);
  const found = known.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = [...known.map((each) => each.name), ...STATISTICS];
  const elsewhere = REPORTS.some((each) => each.name === name);
  const hint = elsewhere
    ? scope === 'all'
      ? ': it belongs to a cohort'
      : ': it is about all cohorts, add --all'
    : didYouMean(name, names);
  throw new ProblemError([
    problem('DD102', `there is no such table ${name}${hint}`, {
      place: { field: '--show' },
      cure: `Use one of: ${names.join(', ')}.`,
    }),
  ]);
}

function noCohort({ loaded }: Session): ProblemError['problems'][number] {
  const ids = loaded.structure.cohorts.map(({ id }) => id);
  return problem('DD102', '--show wants a cohort, or --all', { cure: `Name one of: ${ids.join(', ')}.` });
}

function writtenTable(reports: readonly WrittenReport[], directory: string): Table {
  return {
    columns: ['cohort', 'report', 'result', 'path'].map((name) => ({ name, kind: 'text' })),
    rows: reports.map(({ cohort, report: name, result, path }) => [
      cohort,
      name,
      result,
      shortPath(path, directory),
    ]),
  };
}
