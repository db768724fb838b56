// What `daydream report` does beside its tables: statistics, the page, the comparison. Computes nothing itself.
import { hash } from 'node:crypto';
import { figuresOf, LISTED_ESSAYS, tablesOf } from '../../../../engine/figures/figures.ts';
import type { ScoreStanding } from '../../../../engine/results/standing.ts';
import { unreadableRatings } from '../../../../engine/results/ratings.ts';
import type { Session } from '../../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { OVERS } from '../../../../scores/observations.ts';
import type { Table } from '../../../../report/tables/table.ts';
import type { StatisticsTable } from '../../../../report/tables/table.ts';
import { readIfPresent } from '../../../../store/writing/atomic.ts';
import type { Invocation } from '../../../call/command.ts';
import { mixedText } from '../../../../scores/measures.ts';
import { cautionsOf, noteCaution, type Asked } from '../counted.ts';
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
export async function printStatistics(
  { console, options }: Invocation,
  session: Session,
  asked: Asked,
  format: TableFormat,
): Promise<void> {
  const { cohortIds, counted } = asked;
  const shown = options.text('show');
  const over = options.choice('over', OVERS);
  // Whoever looks at one table, or has a program read them, gets all of it.
  const essays = format === 'table' && shown === undefined ? LISTED_ESSAYS : undefined;
  const told = await tablesOf(session, asked, { over, essays });
  const { counts, standing, mixed } = told;
  const tables = told.tables.filter(({ name }) => shown === undefined || name === shown);
  const [first] = tables;
  if (format === 'json')
    console.printJson({
      version: 1,
      cohorts: cohortIds,
      ...counts,
      tables: recordsOf(tables),
      cautions: cautionsOf(mixed),
      standing,
    });
  else if (tables.length === 1 && first !== undefined) printOne(console, first.table, format);
  else if (tables.length === 0)
    console.note(
      shown === 'measures'
        ? 'No reply gave scores by name, and no template is scored by code.'
        : 'Nobody has rated these texts yet: `daydream rate` asks.',
    );
  else if (format === 'csv' || format === 'csv-safe') throw new ProblemError([oneTable(tables)]);
  else for (const each of tables) printTitled(console, each, format);
  counted.tell(standing);
  if (format !== 'json') noteCaution(console, mixedText(mixed));
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

function recordsOf(tables: readonly StatisticsTable[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(tables.map(({ name, table }) => [name, tableRecords(table)]));
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
  asked: Asked,
): Promise<void> {
  const [
    { pageInput, pagePath },
    { placeOfOut, writeOut },
    { takesAsItComes },
    { specTexts },
    { exportData },
    { exportPage },
    { readProgram },
  ] = await Promise.all([
    import('../../../../engine/results/page.ts'),
    import('../../../../engine/export/outfile.ts'),
    import('../../../../store/writing/growing.ts'),
    import('../../../../engine/cohorts/spectexts.ts'),
    import('../../../../ui/export/exportdata.ts'),
    import('../../../../ui/export/exportpage.ts'),
    import('../../../../ui/server/assets.ts'),
  ]);
  const { cohortIds, counted, kept } = asked;
  const { layout } = session.loaded;
  const out = options.text('out');
  const path =
    out === undefined ? pagePath(layout, words[0]) : placeOfOut(directory, out, session.loaded.settings);
  const program = readProgram();
  const specs = cohortIds.map((id) => specTexts(layout, id));
  const question = [
    'page',
    cohortIds,
    path,
    options.flag('current'),
    contentDigest(JSON.stringify([specs, program])),
  ];
  let result = 'unchanged' as Awaited<ReturnType<typeof writeOut>>;
  const { standing } = await kept.of(
    question,
    async (): Promise<Page> => {
      const { standing, ...figures } = await figuresOf(session, asked);
      const measured = { ...figures, rows: counted.of(asked.rows) };
      const page = exportPage(
        exportData(await pageInput(session, cohortIds, { measured, file: path })),
        program,
      );
      result = await writeOut(path, page);
      return { digest: contentDigest(page), standing };
    },
    ({ digest }) => !takesAsItComes(path) && digest === contentDigest(readIfPresent(path) ?? ''),
  );
  if (console.json) console.printJson({ version: 1, path, result });
  else
    console.note(`${result === 'written' ? 'wrote' : 'already up to date:'} ${shortPath(path, directory)}`);
  counted.tell(standing);
}

function contentDigest(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** What is kept of a page: it need not be made again while it lies there as it was. */
interface Page {
  readonly digest: string;
  readonly standing: ScoreStanding;
}
