// What doctor does once the store is being read: looks at everything, says what is wrong, where, why it matters and what cures it, and with
// --fix does what is safe.
import { plural } from '../../../text/amounts.ts';
import { diskUse, type DiskUse } from '../../../doctor/diskuse.ts';
import type { Begun } from '../../../doctor/begin.ts';
import { examine } from '../../../doctor/examination.ts';
import type { Finding, Fix } from '../../../doctor/findings.ts';
import type { Level } from '../../../doctor/kinds.ts';
import { applyFixes, fixesIn, fixWords } from '../../../doctor/fixing.ts';
import { findingsOf } from '../../../doctor/registry.ts';
import { runIdOf } from '../../../store/runs/runs.ts';
import type { LoadOptions } from '../../../engine/project/options.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { groupBy } from '../../../statistics/groups.ts';
import { integerColumn, tableOf, textColumn } from '../../../report/tables/table.ts';
import type { Invocation } from '../../call/command.ts';
import { exitOf, type ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';
import { placeText } from '../../words/place.ts';
import { displayText } from '../../../text/display.ts';
import { sizeText } from './removing.ts';
import { alignedText } from '../../words/tables.ts';

const LISTED = 10;
const NOTES_LISTED = 3;

interface Visit {
  readonly findings: readonly Finding[];
  readonly disk: DiskUse;
}

/** Looks, tells and mends. `begun`: the first look. */
export async function visited(
  call: Invocation,
  loading: LoadOptions,
  begun: Begun | undefined,
): Promise<ExitCode> {
  const { console, options } = call;
  const before = await visit(call, loading, begun);
  if (!options.flag('fix')) {
    if (console.json) console.printJson({ version: 1, ...counted(before.findings), ...before });
    else report(call, before);
    return exitOf(isSound(before));
  }
  const fixes = fixesIn(before.findings);
  if (!console.json) showFixes(call, before, fixes);
  if (fixes.length > 0) await fix(call, fixes);
  const after = fixes.length === 0 ? before : await visit(call, loading);
  if (console.json) console.printJson({ version: 1, fixed: fixes, ...counted(after.findings), ...after });
  else report(call, after);
  return exitOf(isSound(after));
}

async function visit(call: Invocation, loading: LoadOptions, begun?: Begun): Promise<Visit> {
  const [cohort] = call.words;
  const { console } = call;
  const onSurveyed = (done: number, total: number): void =>
    console.status(done < total ? [`looking at the store: ${done} of ${total}`] : []);
  const examination = await examine(loading, { cohort, onSurveyed, begun });
  const { ids } = examination.cohorts;
  if (cohort !== undefined && !ids.includes(cohort)) {
    throw new ProblemError([
      problem('DD109', `there is no cohort ${cohort}${didYouMean(cohort, ids)}`, {
        data: { cohort, known: ids },
      }),
    ]);
  }
  return { findings: await findingsOf(examination), disk: diskUse(examination) };
}

function fix(call: Invocation, fixes: readonly Fix[]): Promise<void> {
  const { clock, random, commandLine } = call;
  return whileLocked(call, 'lock', ({ layout }) => {
    const now = clock.now();
    return applyFixes(layout, fixes, {
      name: runIdOf(layout, now, random),
      at: new Date(now).toISOString(),
      command: commandLine,
    });
  });
}

function showFixes({ console }: Invocation, { findings }: Visit, fixes: readonly Fix[]): void {
  const fixable = findings.filter((each) => each.fix !== undefined).length;
  console.note(`${findings.length} findings, ${fixable} of them with a safe fix`);
  for (const each of fixes) console.note(`  ${displayText(fixWords(each))}`);
  console.note();
}

const LEVELS: readonly (readonly [Level, 'red' | 'yellow' | 'dim'])[] = [
  ['error', 'red'],
  ['warning', 'yellow'],
  ['note', 'dim'],
];

function report(call: Invocation, { findings, disk }: Visit): void {
  const { console } = call;
  for (const [level, colour] of LEVELS) {
    const groups = groupBy(
      findings.filter((each) => each.level === level),
      ({ code }) => [code],
    );
    for (const {
      key: [code = ''],
      rows: group,
    } of groups) {
      console.print(
        `${console.paint(colour, `${level} ${code}`)} ${group.length > 1 ? `(${group.length})` : ''}`.trimEnd(),
      );
      printGroup(call, group);
    }
  }
  printDisk(call, disk);
  const { errors, warnings, notes } = counted(findings);
  if (findings.length === 0) console.note(console.paint('green', 'nothing to report'));
  else
    console.note(
      `${plural(errors, 'error')}, ${plural(warnings, 'warning')}, ${plural(notes, 'note')}; docs/doctor.md explains each`,
    );
}

function printGroup({ console, directory }: Invocation, group: readonly Finding[]): void {
  const [first] = group;
  if (first === undefined) return;
  const limit = first.level === 'note' ? NOTES_LISTED : LISTED;
  const shown = console.verbosity === 'verbose' ? group : group.slice(0, limit);
  const oneCure = group.every(({ cure }) => cure === first.cure);
  for (const { message, place, cure } of shown) {
    const where = placeText(place, directory);
    console.print(`  ${displayText(message)}${where === '' ? '' : `  ${console.paint('dim', where)}`}`);
    if (!oneCure) console.print(`    ${displayText(cure)}`);
  }
  if (shown.length < group.length)
    console.print(`  … and ${group.length - shown.length} more (-v lists them all)`);
  if (oneCure) console.print(`    ${displayText(first.cure)}`);
  console.print(`    ${console.paint('dim', `why it matters: ${first.why}`)}`);
}

interface Line {
  readonly what: string;
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

function printDisk({ console }: Invocation, { stages, cohorts, own }: DiskUse): void {
  if (console.verbosity === 'quiet') return;
  const lines: readonly Line[] = [
    ...stages.map((each) => ({ what: 'stage', ...each })),
    ...cohorts.map((each) => ({ what: 'cohort', ...each })),
    ...own.map((each) => ({ what: '.daydream', ...each })),
  ];
  const columns = [
    textColumn<Line>('disk use', ({ what }) => what),
    textColumn<Line>('name', ({ name }) => name),
    integerColumn<Line>('generations', ({ what, count }) => (what === '.daydream' ? undefined : count)),
    integerColumn<Line>('size', ({ bytes }) => sizeText(bytes)),
  ];
  console.note(alignedText(tableOf(columns, lines)).trimEnd());
}

function counted(findings: readonly Finding[]): { errors: number; warnings: number; notes: number } {
  const count = (level: Level): number => findings.filter((each) => each.level === level).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('note') };
}

/** Whether nothing that was found is an error. */
function isSound({ findings }: Visit): boolean {
  return !findings.some(({ level }) => level === 'error');
}
