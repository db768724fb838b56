// daydream report: brings the score tables up to date and says which changed, or prints one of them. Computes none itself.
import { lockRoot } from '../../engine/building.ts';
import { locate } from '../../engine/loading.ts';
import {
  refreshCrossReports,
  refreshReports,
  reportTable,
  type WrittenReport,
} from '../../engine/reporting.ts';
import { openSession, remember, type Session } from '../../engine/session.ts';
import { problem, ProblemError } from '../../errors.ts';
import { didYouMean } from '../../generation/nearest.ts';
import { REPORTS, type Report } from '../../report/catalogue.ts';
import type { Table } from '../../report/table.ts';
import { cohortFile } from '../../store/layout.ts';
import type { Call, CommandSpec, ExitCode } from '../command.ts';
import { shortPath } from '../placetext.ts';
import { formatTable, TABLE_FORMATS, tableRecords } from '../tables.ts';

export const command: CommandSpec = {
  words: '[cohort]',
  summary: 'score tables and pivots',
  options: [
    { flags: '--all', text: 'also the tables over every evaluation of the data root' },
    {
      flags: '--show <name>',
      text: 'print one table instead of writing: of the cohort, or with --all over everything',
    },
    { flags: '--format <format>', text: 'table, csv, json or md' },
  ],
  examples: [
    'report first-light',
    'report first-light --show aggregated_scores',
    'report --all',
    'report --all --show filtered_evaluation_results --format csv',
  ],
  run: report,
};

async function report(call: Call): Promise<ExitCode> {
  const { console, options } = call;
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const name = options.text('show');
  if (name !== undefined) {
    const session = await openSession(await call.load());
    const [cohort] = cohortsMeant(call, session);
    const found = reportNamed(name, options.flag('all') ? 'all' : 'cohort');
    if (found.scope === 'cohort' && call.words.length === 0) throw new ProblemError([noCohort(session)]);
    const table = reportTable(session, found, cohort);
    if (format === 'json') console.printJson({ version: 1, report: name, rows: tableRecords(table) });
    else console.write(formatTable(table, format));
    return 0;
  }
  const reports = await refresh(call);
  if (format === 'json') console.printJson({ version: 1, reports });
  else console.write(formatTable(writtenTable(reports, call.directory), format));
  return 0;
}

async function refresh(call: Call): Promise<readonly WrittenReport[]> {
  const { clock, options } = call;
  const loading = await call.load();
  const { layout } = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(layout, { command: call.commandLine, since });
  try {
    const session = await openSession(loading);
    const cohorts = cohortsMeant(call, session);
    const written = refreshReports(session, cohorts);
    const cross = options.flag('all') ? refreshCrossReports(session) : [];
    await remember(session, () => clock.now());
    return [...cohorts.flatMap((cohort) => reportsOf(session, cohort, written)), ...cross];
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

function cohortsMeant({ words }: Call, { loaded: { structure } }: Session): readonly string[] {
  const ids = structure.cohorts.map(({ id }) => id);
  const [name] = words;
  if (name === undefined) return ids;
  if (ids.includes(name)) return [name];
  throw new ProblemError([
    problem('DD109', `there is no cohort ${name}${didYouMean(name, ids)}`, {
      cure: '`daydream cohort ls` lists the cohorts.',
    }),
  ]);
}

function reportNamed(name: string, scope: Report['scope']): Report {
  const known = REPORTS.filter((each) => each.scope === scope);
  const found = known.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = known.map((each) => each.name);
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
