// daydream report --compare: this project, or a run of it, against another run, a commit or another data root. Computes nothing itself.
import { termOf } from '../../../../graph/selectors.ts';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { findProject } from '../../../../config.ts';
import { recordNamed, runsNamed, sideOfRecord } from '../../../../engine/results/recorded.ts';
import { sideOf } from '../../../../engine/results/side.ts';
import type { LoadOptions } from '../../../../engine/project/options.ts';
import { makePlan, PLAIN_REQUEST } from '../../../../engine/plan/plan.ts';
import { pricePlan, type PlanPrice } from '../../../../engine/money/price.ts';
import { placeOfOut, writeOut } from '../../../../engine/export/outfile.ts';
import { refuseBrokenNamed } from '../../../../engine/plan/broken.ts';
import { openSession, type Session } from '../../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { comparisonTables } from '../../../../report/comparison/tables.ts';
import type { ComparedSide } from '../../../../report/comparison/comparison.ts';
import { OVERS } from '../../../../scores/observations.ts';
import type { StatisticsTable } from '../../../../report/tables/table.ts';
import type { Invocation } from '../../../call/command.ts';
import { noteCaution, type Counted } from '../counted.ts';
import { shortPath } from '../../../words/place.ts';
import { withCommit } from '../../../staged.ts';
import { formatTable, TABLE_FORMATS, tableRecords } from '../../../words/tables.ts';

export async function printComparison(
  call: Invocation,
  session: Session,
  { cohort, counted }: { readonly cohort: string | undefined; readonly counted: Counted },
): Promise<void> {
  const { console, options, directory } = call;
  const other = options.text('compare') ?? '';
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'md');
  if (format === 'csv' || format === 'csv-safe')
    throw new ProblemError([
      problem('DD102', 'CSV holds one table, and a comparison is several', {
        place: { field: '--format' },
        cure: 'Leave --format out for Markdown, or use `--format json`.',
      }),
    ]);
  const against = await otherSide(call, session, other, cohort);
  const { side: before, name } = against;
  const run = options.text('run');
  const recorded = run === undefined ? undefined : recordNamed(session.loaded.layout, run);
  const whole = recorded === undefined ? sideOf(session, cohort) : sideOfRecord(recorded, cohort);
  const now = { ...whole, rows: counted.of(whole.rows) };
  const ahead = recorded === undefined ? await aheadOf(session, cohort) : undefined;
  const standing = counted.standing(whole.rows);
  const tables = comparisonTables(before, now, ahead, options.choice('over', OVERS));
  if (format === 'json') {
    const records = tables.map(({ name, table }) => [name, tableRecords(table)]);
    console.printJson({ version: 1, other, against: name, tables: Object.fromEntries(records), standing });
    return;
  }
  const what = `${cohort === undefined ? 'All cohorts' : `Cohort ${cohort}`}${run === undefined ? '' : ` of ${formatName(run)}`}`;
  const heading = `${what} against ${formatName(name)}`;
  const stale = counted.words(standing);
  const cautions = [
    cautionAbout(against, now),
    stale === undefined || !made(now) ? undefined : `${run === undefined ? 'Now' : 'There'}, ${stale}.`,
  ].filter((each) => each !== undefined);
  const text = [
    `# ${heading}\n`,
    ...cautions.map((each) => `> ${each}\n`),
    ...tables.map((each) => section(each, format)),
  ].join('\n');
  const out = options.text('out');
  if (out === undefined) return console.write(text);
  const path = placeOfOut(directory, out, session.loaded.settings);
  const result = await writeOut(path, text);
  for (const caution of cautions) noteCaution(console, caution);
  console.note(`${result === 'written' ? 'wrote' : 'already up to date:'} ${shortPath(path, directory)}`);
}

async function aheadOf(session: Session, cohort: string | undefined): Promise<PlanPrice> {
  const select = cohort === undefined ? [] : [termOf('cohort', cohort)];
  return pricePlan(await makePlan(session, { ...PLAIN_REQUEST, select }));
}

/** As code, so that no name can be markup. */
function formatName(name: string): string {
  return `\`${name.replaceAll(/[`\r\n]/g, '')}\``;
}

function section({ title, table }: StatisticsTable, format: 'table' | 'md'): string {
  const body = table.rows.length === 0 ? 'No difference.\n' : formatTable(table, format);
  return `## ${title}\n\n${body}`;
}

/** The other side, and what it is called. */
interface Against {
  readonly side: ComparedSide;
  readonly name: string;
  /** A path of outputs that the repository of a commit ignores. */
  readonly ignored?: string | undefined;
}

function cautionAbout({ side, name, ignored }: Against, now: ComparedSide): string | undefined {
  const lacking = [...(made(side) ? [] : ['other']), ...(made(now) ? [] : ['present'])];
  if (lacking.length === 0 || (lacking.length > 1 && ignored === undefined)) return undefined;
  const what = 'so neither texts nor scores can be compared';
  if (ignored === undefined || made(side))
    return `The ${lacking.join(' and the ')} side holds no texts, ${what}.`;
  return `Git ignores ${formatName(ignored)} here, so ${formatName(name)} holds inputs and no outputs: neither texts nor scores nor what was spent can be compared. A build with \`--tag\` keeps what it made, and \`daydream report --compare TAG\` compares with that.`;
}

function made(side: ComparedSide): boolean {
  return side.generations.some(({ text }) => text !== undefined);
}

/** A folder is a project or a data root, a run or a tag is on record; everything else is asked of git. */
async function otherSide(
  call: Invocation,
  session: Session,
  other: string,
  cohort: string | undefined,
): Promise<Against> {
  const { options } = session;
  const folder = resolve(call.directory, other);
  const look = async (then: LoadOptions): Promise<ComparedSide> => {
    const opened = await openSession(then);
    refuseBrokenNamed(opened.loaded, cohort);
    refuseItself(session, opened, other);
    return sideOf(opened, cohort);
  };
  const isFolder = existsSync(folder) && statSync(folder).isDirectory();
  if (!isFolder && runsNamed(session.loaded.layout, other).length > 0)
    return { side: sideOfRecord(recordNamed(session.loaded.layout, other), cohort), name: other };
  if (!isFolder)
    return withCommit({ ...options, ref: other }, async (then, { name, ignoresOutputs }) => {
      const side = await look(then);
      // Where no ledger is in the repository, nobody knows what had been spent.
      const spent = ignoresOutputs === undefined || side.spent?.attempts !== 0 ? side.spent : undefined;
      return { side: { ...side, spent }, name, ignored: ignoresOutputs };
    });
  const { dataRoot: _here, ...rest } = options;
  const project = findProject(folder);
  return {
    side: await look(project === folder ? { ...rest, root: folder } : { ...rest, dataRoot: folder }),
    name: other,
  };
}

function refuseItself({ loaded: one }: Session, { loaded: two }: Session, other: string): void {
  const [here, there] = [one, two].map(({ layout }) => realpathSync(layout.dataRoot));
  if (here !== there) return;
  throw new ProblemError([
    problem('DD701', `${other} would be compared with itself: both have the data root ${here ?? ''}`, {
      place: { field: '--compare' },
    }),
  ]);
}
