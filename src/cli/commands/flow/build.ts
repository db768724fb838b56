// daydream build: compiles membership, plans, runs what is stale, refreshes reports. Knows no step of that itself.
import { runIdOf } from '../../../store/runs.ts';
import { runPlan } from '../../../engine/build/build.ts';
import { lockRoot } from '../../../store/lock.ts';
import { requireKeys } from '../../../engine/build/answerer.ts';
import { writeMembership } from '../../../engine/cohorts/membershipfiles.ts';
import { type BuildResult } from '../../../engine/build/record.ts';
import { attemptedByStage, makePlan, refuseOfflineOverPaid, type Plan } from '../../../engine/plan/plan.ts';
import { pricePlan, type PlanPrice } from '../../../engine/money/price.ts';
import { openReckoner, type Reckoning } from '../../../engine/money/reckoning.ts';
import type { RunNote } from '../../../engine/build/record.ts';
import { openSession } from '../../../engine/project/session.ts';
import { ProblemError } from '../../../problem.ts';
import type { RunEvent } from '../../../run/events.ts';
import type { Layout } from '../../../store/layout.ts';
import { locate } from '../../../engine/project/load.ts';
import { requestOf, REQUEST_OPTIONS } from './buildrequest.ts';
import { printBuild } from '../../words/build.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import { exitOfBuild, type ExitCode } from '../../call/exitcode.ts';
import { capOf, consent } from './consent.ts';
import { diagnose } from '../../words/failure.ts';
import { printPlan, reportOf, type PlanReport } from '../../words/plan.ts';
import { handOver } from './handover.ts';
import { startProgress } from '../../words/progress.ts';
import { tagsFrom } from './runtags.ts';
import { showPlan } from './plan.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
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
    'build d_5dpejqnni3lflpgx+ --provider offline',
  ],
  run: (call) => (call.options.flag('dry-run') ? showPlan(call) : build(call)),
};

async function build(call: Invocation): Promise<ExitCode> {
  const { console, options, clock } = call;
  const request = requestOf(call);
  const tags = tagsFrom(options.list('tag'));
  const loading = await call.load();
  const since = new Date(clock.now()).toISOString();
  const located = await locate(loading);
  const handed = await handOver(call, located.layout);
  if (handed !== undefined) return tellHanded(call, handed);
  const release = await lock(call, located.layout, since);
  try {
    const session = await openSession({
      ...loading,
      ...located,
      verify: options.flag('verify'),
      onProgress: reading(call),
    });
    console.problems(session.loaded.warnings);
    const plan = await makePlan(session, request);
    refuseOfflineOverPaid(plan);
    const price = await pricePlan(plan, {
      concurrency: call.options.count('concurrency'),
      calls: options.flag('offline') ? 'none' : 'allowed',
    });
    const report = announce(call, plan, price);
    if (price.lower.calls > 0) requireKeys(plan, call.environment);
    await consent(call, plan, price);
    writeMembership(session);
    const runId = runIdOf(clock.now(), call.random);
    const snapshot = options.flag('snapshot') ? await takeSnapshot(plan, tags['experiment_id'] ?? runId) : {};
    const note = { command: call.commandLine, started: since, tags, ...snapshot, plan: { ...report, price } };
    const reckoner = openReckoner(plan, price);
    const result = await run(call, plan, {
      listen: reckoner.listen,
      runId,
      note: { ...note, selectors: request.select, excluded: request.exclude },
    });
    const reckoning = reckoner.close(result.summary);
    if (console.json) console.printJson(finished(result, reckoning), 'line');
    else printBuild(console, result, { reckoning, cap: capOf(call, plan) });
    return exitOfBuild(result, call.stopping.asked());
  } finally {
    release();
  }
}

/** What a running watch did for this build. */
function tellHanded(call: Invocation, result: BuildResult): ExitCode {
  if (call.console.json) call.console.printJson(finished(result, undefined), 'line');
  else printBuild(call.console, result);
  return exitOfBuild(result, call.stopping.asked());
}

async function lock(call: Invocation, layout: Layout, since: string): Promise<() => void> {
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
  const { snapshotSpecs } = await import('../../../store/snapshot.ts');
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

function announce({ console }: Invocation, plan: Plan, price: PlanPrice): PlanReport {
  const report = reportOf(plan);
  if (console.json) console.printJson({ version: 1, type: 'plan', ...report, price }, 'line');
  else printPlan(console, report, price.upper.calls > 0 ? price : undefined);
  return report;
}

/** The last line of the event stream. */
function finished({ counts, reports, summary }: BuildResult, reckoning: Reckoning | undefined): unknown {
  return {
    version: 1,
    type: 'build_finished',
    counts,
    reports: reports.length,
    failures: (summary?.failures ?? []).map(diagnose),
    ...(reckoning === undefined ? {} : { reckoning }),
  };
}

interface RunParts {
  readonly runId: string;
  readonly note: RunNote;
  readonly listen: (event: RunEvent) => void;
}

async function run(call: Invocation, plan: Plan, { listen, ...record }: RunParts): Promise<BuildResult> {
  const { console, options, clock, random, environment, stopping } = call;
  stopping.listen((count) => {
    console.note(
      count === 1
        ? 'stopping: what is in flight is paid for and finishes; once more gives it up'
        : 'giving up what is in flight',
    );
  });
  const progress = startProgress({ console, clock, planned: attemptedByStage(plan) });
  const running = runPlan(plan, {
    clock,
    random,
    environment,
    ...record,
    listen: (event) => {
      listen(event);
      progress.listen(event);
      if (console.json) console.printJson({ version: 1, ...event }, 'line');
    },
    abort: stopping.abort,
    stopping: stopping.asked,
    failFast: options.flag('fail-fast'),
    cache: options.flag('offline') ? 'only' : 'use',
    concurrency: call.options.count('concurrency'),
    maxCost: capOf(call, plan),
    onAnswerer(answerer) {
      stopping.listen(answerer.stopStarting);
      progress.attach(answerer);
    },
  });
  return running.finally(progress.stop);
}

function reading({ console }: Invocation): (done: number, total: number) => void {
  return (done, total) => {
    if (total > 5000) console.status([`reading the store: ${done} of ${total} files`]);
  };
}
