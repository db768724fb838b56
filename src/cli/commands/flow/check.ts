// daydream check: are the outputs current? Read-only, for hooks and CI.
import { isGreen, countSelected, selectFrom } from '../../../engine/plan/plan.ts';
import type { LoadOptions } from '../../../engine/project/options.ts';
import { judge, openSession, type Session } from '../../../engine/project/session.ts';
import { at, idAt, stageAt } from '../../../graph/graph.ts';
import type { Judge } from '../../../plan/judge.ts';
import { STATES, whyWords } from '../../../plan/verdict.ts';
import { EXCLUDE, PROVIDER, VERIFY, type Invocation, type CommandSpec } from '../../call/command.ts';
import { exitOf, type ExitCode } from '../../call/exitcode.ts';

const LISTED = 20;

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    EXCLUDE,
    PROVIDER,
    VERIFY,
    { flags: '--staged', text: 'judge what the next commit would hold, by git' },
    { flags: '--no-artifacts', text: 'judge by metadata alone where texts are missing' },
  ],
  examples: ['check', 'check stage:draft', 'check --staged', 'check --no-artifacts --json'],
  run: check,
};

async function check(call: Invocation): Promise<ExitCode> {
  const loading = await call.load();
  if (!call.options.flag('staged')) return checkProject(call, loading);
  const { withStaged } = await import('../../staged.ts');
  return withStaged(loading, (staged) => checkProject(call, staged));
}

async function checkProject(call: Invocation, loading: LoadOptions): Promise<ExitCode> {
  const { console, options } = call;
  const session = await openSession({
    ...loading,
    verify: options.flag('verify'),
    onProgress: (done, total) => {
      if (total > 5000) console.status([`reading the store: ${done} of ${total} files`]);
    },
  });
  if (!options.flag('artifacts')) {
    const { assumeArtifacts } = await import('../../../engine/project/traceonly.ts');
    assumeArtifacts(session.index);
  }
  const judged = await judge(session);
  const selected = selectFrom(session.loaded, judged.verdicts, {
    select: call.words,
    exclude: options.list('exclude'),
  });
  const counts = countSelected({ judge: judged }, selected);
  const green = isGreen(counts);
  if (console.json) {
    const { explain } = await import('../../../plan/explain.ts');
    const rows = notable(judged, selected);
    const generations = rows.map((row) =>
      explain({ graph: session.loaded.graph, index: session.index, verdicts: judged.verdicts }, row),
    );
    console.printJson({ version: 1, current: green, ...counts, generations });
    return exitOf(green);
  }
  tell(call, session, judged, selected);
  const { total, states, untraced } = counts;
  if (green)
    console.note(
      `${total} generations are current${states.edited > 0 ? `, ${states.edited} of them edited by hand` : ''}${untraced > 0 ? `, ${untraced} of them made by another tool` : ''}`,
    );
  else
    console.note(
      console.paint(
        'red',
        `not current: ${Object.entries(states)
          .filter(([state, count]) => count > 0 && state !== 'current' && state !== 'edited')
          .map(([state, count]) => `${count} ${state}`)
          .join(', ')}; \`daydream build\` brings them up to date, \`daydream why ID\` explains`,
      ),
    );
  return exitOf(green);
}

function notable({ verdicts }: Judge, selected: Uint8Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < selected.length; row++)
    if (selected[row] === 1 && at(verdicts.state, row) !== 0) rows.push(row);
  return rows;
}

function tell(
  { console }: Invocation,
  { loaded: { graph } }: Session,
  judged: Judge,
  selected: Uint8Array,
): void {
  const { verdicts } = judged;
  const rows = notable(judged, selected);
  const listed = console.verbosity === 'verbose' ? rows : rows.slice(0, LISTED);
  for (const row of listed) {
    const cause = at(verdicts.cause, row);
    const why = [
      ...whyWords(at(verdicts.why, row)),
      ...(cause < 0 ? [] : [`below ${idAt(graph, cause)}`]),
    ].join(', ');
    console.print(
      `${(STATES[at(verdicts.state, row)] ?? '').padEnd(8)} ${stageAt(graph, row).padEnd(10)} ${idAt(graph, row)}  ${why}`.trimEnd(),
    );
  }
  if (listed.length < rows.length)
    console.print(`… and ${rows.length - listed.length} more (-v lists them all)`);
}
