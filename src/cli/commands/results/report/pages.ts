// What `daydream report` does beside its tables: statistics, the page, the comparison. Computes nothing itself.
import { resolve } from 'node:path';
import { measureRows, type Measured } from '../../../../engine/results/scores.ts';
import { unreadableRatings } from '../../../../engine/results/ratings.ts';
import type { Session } from '../../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { OVERS } from '../../../../scores/observations.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { statisticsTables } from '../../../../report/tables/statistics.ts';
import type { StatisticsTable } from '../../../../report/tables/table.ts';
import { writeIfChanged } from '../../../../store/writing/atomic.ts';
import type { Invocation } from '../../../call/command.ts';
import type { Asked } from '../counted.ts';
import type { Console } from '../../../console.ts';
import { shortPath } from '../../../words/place.ts';
import { printForest } from '../../../words/forest.ts';
import { printTable, tableRecords, type TableFormat } from '../../../words/tables.ts';

/** Names that `--show` takes beside those of the reports. */
export const STATISTICS: readonly string[] = [
  'ranking',
  'comparisons',
  'essays',
  'noise',
  'judges',
  'agreement',
  'separation',
  'measures',
  'doubts',
  'traits',
  'biases',
  'failures',
  'people',
  'corrected',
  'preferences',
];

/** All tables of statistics, or the one that `--show` names. */
export function printStatistics(
  { console, options }: Invocation,
  session: Session,
  { cohortIds, rows, counted }: Asked,
  format: TableFormat,
): void {
  const measured = measureRows(session, counted.of(rows), options.choice('over', OVERS));
  const shown = options.text('show');
  // Whoever looks at one table, or has a program read them, gets all of it.
  const essays = format === 'table' && shown === undefined ? LISTED_ESSAYS : undefined;
  const tables = statisticsTables(measured.statistics, measured.pairs, { ...measured, essays }).filter(
    ({ name }) => shown === undefined || name === shown,
  );
  const [first] = tables;
  if (format === 'json')
    console.printJson({ ...statisticsJson(measured, cohortIds, tables), standing: counted.standing(rows) });
  else if (tables.length === 1 && first !== undefined) printOne(console, first.table, format);
  else if (tables.length === 0)
    console.note(
      shown === 'measures'
        ? 'No reply gave scores by name, and no template is scored by code.'
        : 'Nobody has rated these texts yet: `daydream rate` asks.',
    );
  else if (format === 'csv' || format === 'csv-safe') throw new ProblemError([oneTable(tables)]);
  else for (const each of tables) printTitled(console, each, format);
  counted.tell(rows);
  if (shown === undefined || OF_PEOPLE.has(shown))
    console.problems(unreadableRatings(session).slice(0, MOST_PROBLEMS));
}

/** `doctor` counts them all. */
const MOST_PROBLEMS = 5;
/** Tables that stand on what people said. */
const OF_PEOPLE: ReadonlySet<string> = new Set(['people', 'corrected', 'preferences']);

function printOne(console: Console, table: Table, format: TableFormat): void {
  if (format === 'table') printForest(console, table);
  else printTable(console, table, format);
}

/** On a terminal the first essays will do. */
const LISTED_ESSAYS = 20;

export function printTitled(
  console: Console,
  { name, title, table, more = 0 }: StatisticsTable,
  format: 'table' | 'md',
): void {
  console.write(format === 'md' ? `## ${name}\n\n${title}\n\n` : `${title}:\n`);
  if (table.rows.length === 0) console.write('(nothing)\n');
  else printOne(console, table, format);
  if (more > 0) console.write(`… and ${more} more (\`--show ${name}\` lists them all)\n`);
  console.write('\n');
}

function statisticsJson(
  { statistics: { evaluations, scored, essays, over } }: Measured,
  cohorts: readonly string[],
  tables: readonly StatisticsTable[],
): Readonly<Record<string, unknown>> {
  const records = tables.map(({ name, table }) => [name, tableRecords(table)]);
  return { version: 1, cohorts, evaluations, scored, essays, over, tables: Object.fromEntries(records) };
}

function oneTable(tables: readonly StatisticsTable[]): ProblemError['problems'][number] {
  return problem('DD102', 'CSV holds one table, and --stats are several', {
    place: { field: '--format' },
    cure: `Name one: \`--show ${tables.map(({ name }) => name).join('`, `--show ')}\`.`,
  });
}

/** Writes the page, and says where. */
export async function writePage(
  { console, options, directory, words }: Invocation,
  session: Session,
  { cohortIds, rows, counted }: Asked,
): Promise<void> {
  const [{ pageInput, pagePath }, { exportData }, { exportPage }, { readProgram }] = await Promise.all([
    import('../../../../engine/results/page.ts'),
    import('../../../../ui/export/exportdata.ts'),
    import('../../../../ui/export/exportpage.ts'),
    import('../../../../ui/server/assets.ts'),
  ]);
  const out = options.text('out');
  const path = out === undefined ? pagePath(session.loaded.layout, words[0]) : resolve(directory, out);
  const data = exportData(await pageInput(session, cohortIds, { rows: counted.of(rows), file: path }));
  const page = exportPage(data, readProgram());
  const result = writeIfChanged(path, page);
  if (console.json) console.printJson({ version: 1, path, result });
  else
    console.note(`${result === 'written' ? 'wrote' : 'already up to date:'} ${shortPath(path, directory)}`);
  counted.tell(rows);
}
