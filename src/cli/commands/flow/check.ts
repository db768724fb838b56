// daydream check: are the outputs current? Read-only, for hooks and CI.
import { openForReading, type Reading } from '../../../api/reading/open.ts';
import { checkReport, checkSelected } from '../../../api/reading/status.ts';
import type { LoadOptions } from '../../../engine/project/options.ts';
import { at, idAt, stageAt } from '../../../graph/graph.ts';
import { STATES } from '../../../plan/verdict.ts';
import { mergesOf } from '../../../api/request.ts';
import {
  ALLOW_MERGE,
  EXCLUDE,
  PROVIDER,
  VERIFY,
  type Invocation,
  type CommandSpec,
  type Options,
} from '../../call/command.ts';
import { exitOf, type ExitCode } from '../../call/exitcode.ts';
import type { Console } from '../../console.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { OVERS } from '../../../scores/observations.ts';
import type { RealPlaces } from '../../staged.ts';
import { tellBroken } from '../../words/reasons/broken.ts';
import { printStanding } from '../../words/reasons/standing.ts';

const LISTED = 20;

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    EXCLUDE,
    PROVIDER,
    VERIFY,
    ALLOW_MERGE,
    { flags: '--staged', text: 'judge what the next commit would hold, by git' },
    { flags: '--no-artifacts', text: 'judge by metadata alone where texts are missing' },
    {
      flags: '--gate <conditions>',
      text: 'and do current scores pass: `rubric:novelty mean >= 6, failures < 5%`',
      many: true,
    },
    {
      flags: '--over <units>',
      text: 'with --gate: intervals for further `combos` (the default) or `essays`',
    },
  ],
  examples: [
    'check',
    'check stage:draft',
    'check --staged',
    'check --no-artifacts --json',
    "check --gate 'mean >= 6, failures < 5%'",
  ],
  run: check,
};

async function check(call: Invocation): Promise<ExitCode> {
  const loading = await call.load();
  if (!call.options.flag('staged')) return checkProject(call, loading);
  const { withStaged } = await import('../../staged.ts');
  return withStaged(loading, (staged, real) => checkProject(call, staged, real));
}

async function checkProject(
  call: Invocation,
  loading: LoadOptions,
  real: RealPlaces = (broken) => broken,
): Promise<ExitCode> {
  const { console, options, words } = call;
  const gate = gateAsked(options);
  const reading = await openForReading({
    ...loading,
    verify: options.flag('verify'),
    merges: mergesOf({ allowMerge: options.flag('allow-merge') }),
    artifacts: options.flag('artifacts') ? 'looked at' : 'assumed',
    onProgress: (done, total) => {
      if (total > 5000) console.status([`reading the store: ${done} of ${total} files`]);
    },
  });
  const found = await checkSelected(reading, {
    select: words,
    exclude: options.list('exclude'),
    gate,
    over: options.choice('over', OVERS),
  });
  const checked = { ...found, broken: real(found.broken) };
  const { current } = checked;
  if (console.json) console.printJson({ version: 1, ...(await checkReport(reading, checked)) });
  else {
    await list(console, reading, checked.rows);
    printStanding(console, checked.counts);
    if (checked.gate !== undefined) {
      const { gateLines } = await import('../../words/reasons/gate.ts');
      for (const line of gateLines(checked.gate)) console.print(line);
    }
  }
  return tellBroken(call, checked.broken, exitOf(current && checked.gate?.met !== false));
}

/** Undefined where none is. */
function gateAsked(options: Options): readonly string[] | undefined {
  const gates = options.texts('gate');
  if (gates.length > 0 && !options.flag('artifacts'))
    throw new ProblemError([
      problem('DD102', '--gate reads scores, and --no-artifacts goes without texts: one of them, please'),
    ]);
  return gates.length === 0 ? undefined : gates;
}

async function list(console: Console, { judged }: Reading, rows: readonly number[]): Promise<void> {
  if (rows.length === 0) return;
  const [{ whyOf }, { differingAmong }, { filesText }] = await Promise.all([
    import('../../../api/reading/generations.ts'),
    import('../../../plan/templatefiles.ts'),
    import('../../../plan/reasonwords.ts'),
  ]);
  const { graph, verdicts } = judged;
  const listed = console.verbosity === 'verbose' ? rows : rows.slice(0, LISTED);
  for (const row of listed) {
    const why = whyOf(judged, row).join(', ');
    console.print(
      `${(STATES[at(verdicts.state, row)] ?? '').padEnd(8)} ${stageAt(graph, row).padEnd(10)} ${idAt(graph, row)}  ${why}`.trimEnd(),
    );
  }
  if (listed.length < rows.length)
    console.print(`… and ${rows.length - listed.length} more (-v lists them all)`);
  const files = differingAmong(judged, rows);
  if (files.length > 0) console.print(`changed  ${filesText(files)}`);
}
