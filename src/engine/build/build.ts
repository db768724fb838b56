// A build from its plan to its end: lock, membership files, the run, the caches, the reports, the record of the run. One page on
// which the order of things can be read.
import { OFFLINE } from '../../config.ts';
import { defined } from '../../defined.ts';
import { ProblemError } from '../../problem.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import type { Shard } from '../../graph/shard.ts';
import { origins } from '../../graph/graph.ts';
import type { Clock } from '../../model/clock.ts';
import type { Agreement } from '../../model/money/agreement.ts';
import type { Budget } from '../../model/money/budget.ts';
import { Desk } from '../../run/desk.ts';
import { Tally, type RunEvent, type RunSummary } from '../../run/events.ts';
import type { Spending } from '../../store/ledger/spending.ts';
import { Run } from '../../run/loop.ts';
import type { Question } from '../../run/question.ts';
import { missExplainer } from '../../run/offlinemiss.ts';
import type { Workshop } from '../../run/workshop.ts';
import { openPen, penHere } from '../../store/writing/pen.ts';
import { Telling } from './telling.ts';
import { callOf, needsOf, openAnswerer, requestOf, type Answerer } from './answerer.ts';
import type { Oddities } from './oddities.ts';
import type { ParserRegistry } from '../../generation/parsers/registry.ts';
import { openTeam, REMOTE_WAIT, whyNotAsked, type Team, type TeamEnd } from './team.ts';
import { labelsIn } from '../project/labels.ts';
import { attemptedRows, countBelow, countSelected, type Plan } from '../plan/plan.ts';
import type { Batches } from './batches.ts';
import type { BatchMode } from '../plan/batchway.ts';
import { bodyOf } from '../../model/client/openai.ts';
import { recordRun, type BuildResult, type RunNote } from './record.ts';
import { refreshAllReports } from '../results/reports.ts';
import { remember, type Session } from '../project/session.ts';
import { markSubmitted } from '../project/submitted.ts';

export interface BuildOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runId: string;
  readonly listen: (event: RunEvent) => void;
  readonly abort: AbortSignal;
  readonly stopping: () => boolean;
  /** Whether the data root is there, and is whose build it is; nothing is written when the run is over where it is not. */
  readonly ground?: (() => boolean) | undefined;
  readonly failFast: boolean;
  readonly cache: 'use' | 'only';
  /** `off`: nothing is asked of the network, a team's remote cache included. */
  readonly team?: 'on' | 'off';
  /** Milliseconds that what is on its way to the team gets at the end. */
  readonly remoteWait?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Of several processes that share the work, which this is: stands in the ledger. */
  readonly shard?: Shard | undefined;
  readonly budget?: Budget | undefined;
  /** What was agreed to be spent, and what each call is expected to cost of it. */
  readonly agreement?: (() => Agreement | undefined) | undefined;
  readonly expect?: ((question: Question) => number | undefined) | undefined;
  /** Batches of this data root, and whether questions go into them. */
  readonly batches?: Batches | undefined;
  readonly batch?: BatchMode | undefined;
  /** Puts the build on record. */
  readonly note?: RunNote;
  /** `later`: the caller writes the caches and the reports when there is time. */
  readonly afterwards?: 'now' | 'later';
  /** Where this run asks instead of at a desk of its own; who gives them closes them. */
  readonly through?: { readonly answerer: Answerer; readonly desk: Desk; readonly team?: Team | undefined };
  /** Hears what is odd about replies, each thing once. */
  readonly odd?: Oddities;
  /** Hears who answers once that is open, for live progress and for the first Ctrl-C. */
  readonly onAnswerer?: (answerer: Answerer, run: Run) => void;
}

/** Runs a plan. The lock is held by the caller, and membership is written. */
export async function runPlan(plan: Plan, options: BuildOptions): Promise<BuildResult> {
  const { session } = plan;
  const built: Record<Stage, GenId[]> = { draft: [], essay: [], evaluation: [] };
  const listen = (event: RunEvent): void => {
    if (event.type === 'generation' && event.outcome.kind === 'built') built[event.stage].push(event.genId);
    options.listen(event);
  };
  const { summary, remote } = await told(plan, { ...options, listen });
  const later = options.afterwards === 'later' || options.ground?.() === false;
  if (!later) await remember(session, () => options.clock.now());
  markSubmitted(session.loaded.graph, plan.judge.verdicts, session.loaded.layout);
  const counts = countSelected(plan, plan.selected);
  const reports = later ? [] : refreshAllReports(session);
  const result: BuildResult = {
    summary,
    counts,
    below: countBelow(plan),
    reports,
    ...(plan.broken.length === 0 ? {} : { broken: plan.broken }),
    ...defined({ remote }),
  };
  if (options.note !== undefined && options.ground?.() !== false) {
    const ended = new Date(options.clock.now()).toISOString();
    const durationMs = options.clock.ticks() - options.note.begun;
    await recordRun(plan, options.note, { runId: options.runId, ended, durationMs, built, result });
  }
  return result;
}

function needsRun({ scope, judge: { verdicts } }: Plan): boolean {
  return scope.some(
    (each, row) => each === 1 && (verdicts.attempted[row] === 1 || verdicts.untraced[row] === 1),
  );
}

/** Runs it, and tells other processes meanwhile how that goes. */
async function told(plan: Plan, options: BuildOptions): Promise<Pick<BuildResult, 'summary' | 'remote'>> {
  const { layout } = plan.session.loaded;
  let calls: Answerer['dispatcher'];
  const telling = new Telling({
    layout,
    clock: options.clock,
    pid: process.pid,
    calls: () => calls?.snapshot(),
  });
  try {
    return await (needsRun(plan) ? runRows : handedOn)(plan, {
      ...options,
      listen(event) {
        telling.listen(event);
        options.listen(event);
      },
      onAnswerer(answerer, run) {
        calls = answerer.dispatcher;
        options.onAnswerer?.(answerer, run);
      },
    });
  } finally {
    telling.close();
  }
}

/** Runs what of a plan is left to run, and nothing around it. */
async function runRows(plan: Plan, options: BuildOptions): Promise<Pick<BuildResult, 'summary' | 'remote'>> {
  const { session, judge, scope } = plan;
  const { graph, layout } = session.loaded;
  const { listen, abort, stopping, failFast, clock, through, batches } = options;
  const team = await teamTold(plan, options);
  const answerer = through?.answerer ?? answererFor(plan, options);
  const pen = through === undefined ? await openPen(layout, attemptedRows(plan).length) : penHere(layout);
  let summary: RunSummary;
  try {
    const [{ registry }, texts] = await Promise.all([parsersOf(session), session.texts()]);
    const batched = batchedBy(options, answerer.answer);
    const shop: Workshop = {
      layout,
      graph,
      index: session.index,
      pen,
      judge,
      texts,
      parsers: registry,
      answer: batched?.answer ?? answerer.answer,
      claim: (name) => batches?.claim(name),
      cache: options.cache,
      ...(batches === undefined ? {} : { inBatch: batches.holds }),
      team,
      missed: missExplainer(layout, (looked) => whyNotAsked(options.team, team?.standing, looked)),
      unpaid: new Set([OFFLINE]),
      labelsOf: labelsIn(session.loaded),
      originOf: origins(graph),
      now: () => new Date(options.clock.now()).toISOString(),
      runId: options.runId,
    };
    const loop = new Run(
      { ...shop, desk: through?.desk ?? new Desk() },
      {
        scope,
        windowOf: team === undefined ? answerer.windowOf : (pool) => answerer.windowOf(pool) + LOOKING,
        listen,
        abort,
        stopping: () => stopping() || answerer.trouble() !== undefined,
        failFast,
        unused: () => unusedOf(options),
        ...(batched === undefined ? {} : { unsent: batched.finish }),
        ...(through === undefined ? { halt: answerer.stopStarting } : {}),
        breathe: breather(clock),
      },
    );
    options.onAnswerer?.(answerer, loop);
    summary = await loop.run();
  } catch (error) {
    if (through === undefined) await team?.close();
    throw error;
  } finally {
    await pen.close();
    if (through === undefined) answerer.close();
  }
  const remote = through === undefined ? await endOf(team, options) : team?.soFar;
  const trouble = answerer.trouble();
  if (trouble !== undefined) throw new ProblemError([trouble]);
  return remote === undefined ? { summary } : { summary, remote };
}

/** What a batch brought for others than those that are selected. */
async function handedOn(plan: Plan, options: BuildOptions): Promise<Pick<BuildResult, 'summary' | 'remote'>> {
  const tally = new Tally();
  const unused = unusedOf(options);
  tally.addUnused(unused);
  const summary = unused.length === 0 ? undefined : tally.summary();
  if (options.through !== undefined || (options.batches?.bought.size ?? 0) === 0) return { summary };
  const team = await teamTold(plan, options);
  const remote = await endOf(team, options);
  return remote === undefined ? { summary } : { summary, remote };
}

/** What batches brought and nobody has used by now, by row. */
function unusedOf({ batches }: BuildOptions): readonly Spending[] {
  return [...(batches?.unused.values() ?? [])];
}

/** What is on its way to the team gets some time still. */
async function endOf(
  team: Team | undefined,
  { remoteWait = REMOTE_WAIT, abort }: BuildOptions,
): Promise<TeamEnd | undefined> {
  try {
    return await team?.end(remoteWait, abort);
  } finally {
    await team?.close();
  }
}

/** Rows that may wait for the team's remote cache, beside those that wait for their turn. */
const LOOKING = 128;

/** With what a batch has brought on its way there. */
async function teamTold(plan: Plan, options: BuildOptions): Promise<Team | undefined> {
  const { through, batches } = options;
  const team = through === undefined ? await teamFor(plan, options) : through.team;
  team?.sendBought(batches?.bought.keys() ?? []);
  return team;
}

/** The team's remote cache, where somebody may be asked at all, or a batch has brought something for it. */
async function teamFor(
  plan: Plan,
  { team, clock, environment, listen, batches }: BuildOptions,
): Promise<Team | undefined> {
  const { providers } = needsOf(plan.session.loaded.graph, attemptedRows(plan));
  const asksNobody = [...providers].every((name) => name === OFFLINE) && (batches?.bought.size ?? 0) === 0;
  if (team === 'off' || asksNobody) return undefined;
  const opened = await openTeam(plan.session.loaded.settings, { environment, clock });
  if (opened !== undefined) listen({ type: 'remote', remote: opened.standing });
  return opened;
}

function answererFor(plan: Plan, options: BuildOptions): Answerer {
  const { graph, layout, settings } = plan.session.loaded;
  return openAnswerer({
    ...needsOf(graph, attemptedRows(plan)),
    settings,
    layout,
    withoutKey: 'fail',
    onHealth: (provider, change) => options.listen({ type: 'provider', provider, ...change }),
    ...options,
  });
}

/** Questions on their way into batches, where the build has to do with any. */
function batchedBy(
  { batches, batch, budget, stopping }: BuildOptions,
  direct: Answerer['answer'],
): ReturnType<Batches['through']> | undefined {
  return batches?.through({
    direct,
    mode: batch,
    budget,
    bodyOf: ({ call }) => bodyOf(call.request, { stream: false, streamUsage: false }),
    callOf: (question, sending) => callOf(question, sending, requestOf(question)),
    stopped: stopping,
  });
}

/** A turn of the event loop every 50 ms, for signals and progress. */
function breather(clock: Clock): () => Promise<void> | undefined {
  let last = clock.ticks();
  return () => {
    const now = clock.ticks();
    if (now - last < 50) return undefined;
    last = now;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

/** What compiles is loaded by who has something to do. */
async function parsersOf({ options }: Session): Promise<{ readonly registry: ParserRegistry }> {
  const { readParsers } = await import('../project/compile.ts');
  return readParsers(options);
}
