// A build from its plan to its end: lock, membership files, the run, the caches, the reports, the record of the run. One page on
// which the order of things can be read.
import { OFFLINE } from '../../config.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { taskAt, type Graph } from '../../graph/graph.ts';
import type { Clock } from '../../model/clock.ts';
import { Desk } from '../../run/desk.ts';
import type { RunEvent, RunSummary } from '../../run/events.ts';
import { Run } from '../../run/loop.ts';
import { missExplainer } from '../../run/offlinemiss.ts';
import type { Workshop } from '../../run/workshop.ts';
import { lockHolder, takeLock, type Holder } from '../../store/lock.ts';
import type { Layout } from '../../store/layout.ts';
import { openPen, penHere } from '../../store/writing/pen.ts';
import { missingKeys, openAsking, type Asking } from './answerer.ts';
import { hasSpec, writeCohortFiles } from '../cohorts/membershipfiles.ts';
import { readParsers } from '../project/compile.ts';
import { attemptedRows, countSelected, type Plan, type StateCounts } from '../plan/plan.ts';
import { recordRun, type RunNote } from './record.ts';
import { refreshReports, type WrittenReport } from '../results/reports.ts';
import { remember, type Session } from '../project/session.ts';

export interface BuildOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runId: string;
  readonly listen: (event: RunEvent) => void;
  readonly abort: AbortSignal;
  readonly stopping: () => boolean;
  readonly failFast: boolean;
  readonly cache: 'use' | 'only';
  readonly concurrency?: number | undefined;
  readonly maxCost?: number | undefined;
  /** Puts the build on record. */
  readonly note?: RunNote;
  /** `later`: the caller writes the caches and the reports when there is time. */
  readonly afterwards?: 'now' | 'later';
  /** Where this run asks instead of at a desk of its own; who gives them closes them. */
  readonly through?: { readonly asking: Asking; readonly desk: Desk };
  /** Hears of the asking once it is open, for live progress and for the first Ctrl-C. */
  readonly onAsking?: (asking: Asking, run: Run) => void;
}

export interface BuildResult {
  readonly summary: RunSummary | undefined;
  /** Of the selected generations, once the run is over. */
  readonly counts: StateCounts;
  readonly reports: readonly WrittenReport[];
}

/** Takes the data root's lock or throws a ProblemError that names its holder. */
export function lockRoot(layout: Layout, claim: { command: string; since: string }): () => void {
  const result = takeLock(layout.lock, claim);
  if (result.kind === 'held') return result.release;
  const { holder, where } = result;
  const code = where === 'here' ? 'DD501' : 'DD502';
  throw new ProblemError([
    problem(code, `${describeHolder(holder)} holds ${layout.dataRoot}`, {
      data: { ...holder },
      place: { file: layout.lock },
    }),
  ]);
}

function describeHolder({ command, pid, host, since }: Holder): string {
  return `\`${command}\` (pid ${pid} on ${host}, since ${since})`;
}

export { lockHolder };

/** Writes membership.csv and manifest.json of every cohort that was compiled just now, where they differ. */
export function writeMembership({ loaded: { layout, compiled = [] } }: Session): readonly string[] {
  return compiled
    .filter(({ id }) => hasSpec(layout, id))
    .flatMap((cohort) => writeCohortFiles(layout, cohort));
}

/** Runs a plan. The lock is held by the caller, and membership is written. */
export async function runPlan(plan: Plan, options: BuildOptions): Promise<BuildResult> {
  const { session } = plan;
  const built: Record<Stage, GenId[]> = { draft: [], essay: [], evaluation: [] };
  const listen = (event: RunEvent): void => {
    if (event.type === 'generation' && event.outcome.kind === 'built') built[event.stage].push(event.genId);
    options.listen(event);
  };
  const summary = await runRows(plan, { ...options, listen });
  const later = options.afterwards === 'later';
  if (!later) await remember(session, () => options.clock.now());
  const counts = countSelected(plan, plan.selected);
  const reports = later ? [] : refreshAllReports(session);
  const result = { summary, counts, reports };
  if (options.note !== undefined) {
    const ended = new Date(options.clock.now()).toISOString();
    await recordRun(plan, options.note, { runId: options.runId, ended, built, result });
  }
  return result;
}

export function refreshAllReports(session: Session): readonly WrittenReport[] {
  return refreshReports(
    session,
    session.loaded.structure.cohorts.map(({ id }) => id),
  );
}

function needsRun({ scope, judge: { verdicts } }: Plan): boolean {
  return scope.some(
    (each, row) => each === 1 && (verdicts.attempted[row] === 1 || verdicts.untraced[row] === 1),
  );
}

/** Runs what of a plan is left to run, and nothing around it; undefined when there is nothing. */
async function runRows(plan: Plan, options: BuildOptions): Promise<RunSummary | undefined> {
  if (!needsRun(plan)) return undefined;
  const { session, judge, scope } = plan;
  const { graph, layout, settings } = session.loaded;
  const { through } = options;
  const asking =
    through?.asking ??
    openAsking({
      ...needsOf(graph, attemptedRows(plan)),
      settings,
      layout,
      withoutKey: 'fail',
      ...options,
    });
  const pen = through === undefined ? await openPen(layout, attemptedRows(plan).length) : penHere(layout);
  let summary: RunSummary;
  try {
    const [{ registry }, texts] = await Promise.all([readParsers(session.options), session.texts()]);
    const shop: Workshop = {
      layout,
      graph,
      index: session.index,
      pen,
      judge,
      texts,
      parsers: registry,
      answer: asking.answer,
      desk: through?.desk ?? new Desk(),
      cache: options.cache,
      missed: missExplainer(layout),
      unpaid: new Set([OFFLINE]),
      originOf: origins(graph),
      now: () => new Date(options.clock.now()).toISOString(),
      runId: options.runId,
    };
    const { listen, abort, stopping, failFast, clock } = options;
    const loop = new Run(shop, {
      scope,
      windowOf: asking.windowOf,
      listen,
      abort,
      stopping: () => stopping() || asking.trouble() !== undefined,
      failFast,
      ...(through === undefined ? { halt: asking.stopStarting } : {}),
      breathe: breather(clock),
    });
    options.onAsking?.(asking, loop);
    summary = await loop.run();
  } finally {
    await pen.close();
    if (through === undefined) asking.close();
  }
  const trouble = asking.trouble();
  if (trouble !== undefined) throw new ProblemError([trouble]);
  return summary;
}

/** Throws when calls are sure to be made for which a key is missing. Others fail if they turn out to be needed. */
export function requireKeys(plan: Plan, environment: BuildOptions['environment']): void {
  const { graph, settings } = plan.session.loaded;
  const { from, cause } = plan.judge.verdicts;
  const sure = attemptedRows(plan).filter((row) => cause[row] === -1 && from[row] !== 3);
  const problems = missingKeys({ settings, environment }, needsOf(graph, sure).providers);
  if (problems.length > 0) throw new ProblemError(problems);
}

/** Providers and pools that these rows may ask. */
export function needsOf(
  graph: Graph,
  rows: readonly number[],
): { providers: ReadonlySet<string>; pools: ReadonlySet<string> } {
  const providers = new Set<string>();
  const pools = new Set<string>();
  for (const row of rows) {
    const { work } = taskAt(graph, row);
    if (work.kind === 'copy') continue;
    providers.add(work.ask.provider);
    pools.add(work.ask.pool);
  }
  return { providers, pools };
}

/** The first cohort of each generation. */
export function origins(graph: Graph): (row: number) => string {
  const first = new Uint32Array(graph.size).fill(graph.cohorts.length);
  for (const [number, { members }] of [...graph.cohorts.entries()].reverse())
    for (const row of members) first[row] = number;
  return (row) => graph.cohorts[first[row] ?? 0]?.id ?? '';
}

/** A turn of the event loop every 50 ms, for signals and progress. */
function breather(clock: Clock): () => Promise<void> | undefined {
  let last = clock.now();
  return () => {
    const now = clock.now();
    if (now - last < 50) return undefined;
    last = now;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

/** A name for a run that sorts by time. */
export function runIdOf(now: number, random: () => number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:.]/g, '').slice(0, 18);
  return `${stamp}-${Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')}`;
}
