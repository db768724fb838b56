// daydream build: compiles membership, plans, runs what is stale, refreshes reports. Knows no step of that itself.
import { createInterface } from 'node:readline/promises';
import { runIdOf, runPlan, lockRoot, writeMembership, type BuildResult } from '../../engine/building.ts';
import { isGreen, makePlan, refuseOfflineOverPaid, type Plan } from '../../engine/planning.ts';
import { pricePlan, type PlanPrice } from '../../engine/pricing.ts';
import type { RunNote } from '../../engine/recording.ts';
import { openSession } from '../../engine/session.ts';
import { problem, ProblemError } from '../../errors.ts';
import type { Layout } from '../../store/layout.ts';
import { locate } from '../../engine/loading.ts';
import { concurrencyOf, requestOf, REQUEST_OPTIONS } from '../buildrequest.ts';
import { printBuild } from '../buildtext.ts';
import type { Call, CommandSpec, ExitCode } from '../command.ts';
import { printPlan, reportOf, type PlanReport } from '../plantext.ts';
import { tagsFrom } from '../runtags.ts';
import { showPlan } from './plan.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  summary: 'run exactly what is stale',
  options: [
    ...REQUEST_OPTIONS,
    { flags: '-n, --dry-run', text: 'only say what would run: `daydream plan`' },
    { flags: '--fail-fast', text: 'start nothing more after the first failure' },
    { flags: '--yes', text: 'do not ask before spending' },
    { flags: '--tag <key=value>', text: 'put this on record with the run; selectors know it', many: true },
    { flags: '--snapshot', text: 'keep a copy of the specs under experiments/' },
    { flags: '--wait', text: 'wait for another build or watch to end' },
  ],
  examples: [
    'build',
    'build cohort:first-light --max-cost 2',
    'build --force draft',
    'build cohort:first-light --tag experiment_id=autumn-1 --snapshot',
    'build d_5ezrffv9uf3lr37d+ --provider offline',
  ],
  run: (call) => (call.options.flag('dry-run') ? showPlan(call) : build(call)),
};

async function build(call: Call): Promise<ExitCode> {
  const { console, options, clock } = call;
  const request = requestOf(call);
  const tags = tagsFrom(options.list('tag'));
  const loading = await call.load();
  const since = new Date(clock.now()).toISOString();
  const located = await locate(loading);
  const release = await lock(call, located.layout, since);
  try {
    const session = await openSession({
      ...loading,
      ...located,
      verify: options.flag('verify'),
      onProgress: progress(call),
    });
    console.problems(session.loaded.warnings);
    writeMembership(session);
    const plan = await makePlan(session, request);
    refuseOfflineOverPaid(plan);
    const price = await pricePlan(plan);
    const report = announce(call, plan, price);
    await confirm(call, price, session.loaded.settings.confirmAbove);
    const runId = runIdOf(clock.now(), call.random);
    const snapshot = options.flag('snapshot') ? await takeSnapshot(plan, tags['experiment_id'] ?? runId) : {};
    const note = { command: call.commandLine, started: since, tags, ...snapshot, plan: { ...report, price } };
    const result = await run(call, plan, {
      runId,
      note: { ...note, selectors: request.select, excluded: request.exclude },
    });
    if (console.json)
      console.printJson(
        { version: 1, type: 'build_finished', counts: result.counts, reports: result.reports.length },
        'line',
      );
    else printBuild(console, result);
    return exitCode(call, result);
  } finally {
    release();
  }
}

async function lock(call: Call, layout: Layout, since: string): Promise<() => void> {
  for (let told = false; ;) {
    try {
      return lockRoot(layout, { command: call.commandLine, since });
    } catch (error) {
      if (!call.options.flag('wait') || !(error instanceof ProblemError) || call.stopping.asked())
        throw error;
      if (!told) call.console.note(`waiting: ${error.problems[0]?.message ?? ''}`);
      told = true;
      await call.clock.sleep(250, call.stopping.abort);
    }
  }
}

async function takeSnapshot(plan: Plan, experiment: string): Promise<{ readonly snapshot: string }> {
  const { snapshotSpecs } = await import('../../store/snapshot.ts');
  const { layout, structure } = plan.session.loaded;
  const cohorts = structure.cohorts.filter(({ members }) => members.some((row) => plan.selected[row] === 1));
  return {
    snapshot: snapshotSpecs(
      layout,
      experiment,
      cohorts.map(({ id }) => id),
    ),
  };
}

function announce({ console }: Call, plan: Plan, price: PlanPrice): PlanReport {
  const report = reportOf(plan);
  if (console.json) console.printJson({ version: 1, type: 'plan', ...report, price }, 'line');
  else printPlan(console, report, price.upper.calls > 0 ? price : undefined);
  return report;
}

/** Above the threshold a person is asked, and elsewhere a word or a limit is wanted. */
async function confirm({ console, options }: Call, price: PlanPrice, confirmAbove: number): Promise<void> {
  const unknown = price.unpriced.length > 0;
  if (price.upper.usd <= confirmAbove && !unknown) return;
  if (options.number('max-cost') !== undefined || options.flag('yes')) return;
  const what = unknown
    ? `models without a price (${price.unpriced.join(', ')})`
    : `up to $${price.upper.usd.toFixed(2)}`;
  if (!console.interactive) {
    throw new ProblemError([
      problem('DD111', `the plan would spend ${what}, and confirmAbove is $${confirmAbove}`, {
        data: { ...price.upper },
      }),
    ]);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Spend ${what}? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new ProblemError([problem('DD111', 'not confirmed')]);
}

async function run(
  call: Call,
  plan: Plan,
  record: { readonly runId: string; readonly note: RunNote },
): Promise<BuildResult> {
  const { console, options, clock, random, environment, stopping } = call;
  stopping.listen((count) => {
    console.note(
      count === 1
        ? 'stopping: what is in flight is paid for and finishes; once more gives it up'
        : 'giving up what is in flight',
    );
  });
  return runPlan(plan, {
    clock,
    random,
    environment,
    ...record,
    listen: (event) => {
      if (console.json) console.printJson({ version: 1, ...event }, 'line');
    },
    abort: stopping.abort,
    stopping: stopping.asked,
    failFast: options.flag('fail-fast'),
    cache: options.flag('offline') ? 'only' : 'use',
    concurrency: concurrencyOf(call),
    maxCost: options.number('max-cost') ?? plan.session.loaded.settings.maxCost,
    onAsking: ({ dispatcher }) => stopping.listen(() => dispatcher?.stopStarting()),
  });
}

function exitCode({ stopping }: Call, { summary, counts }: BuildResult): ExitCode {
  if (stopping.asked()) return 130;
  if (summary?.why.some((why) => why === 'over_budget' || why === 'parked') === true) return 3;
  return isGreen(counts) ? 0 : 1;
}

function progress({ console }: Call): (done: number, total: number) => void {
  return (done, total) => {
    if (total > 5000) console.status([`reading the store: ${done} of ${total} files`]);
  };
}
