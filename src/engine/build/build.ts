// A build from its plan to its end: lock, membership files, the run, the caches, the reports, the record of the run. One page on
// which the order of things can be read.
import { OFFLINE } from '../../config.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import type { Shard } from '../../graph/shard.ts';
import { origins } from '../../graph/graph.ts';
import type { Clock } from '../../model/clock.ts';
import type { Agreement } from '../../model/money/agreement.ts';
import type { Budget } from '../../model/money/budget.ts';
import { Desk } from '../../run/desk.ts';
import type { RunEvent, RunSummary } from '../../run/events.ts';
import { Run } from '../../run/loop.ts';
import type { Question } from '../../run/question.ts';
import { missExplainer } from '../../run/offlinemiss.ts';
import type { Workshop } from '../../run/workshop.ts';
import { openPen, penHere } from '../../store/writing/pen.ts';
import { callOf, needsOf, openAnswerer, requestOf, type Answerer } from './answerer.ts';
import { labelsIn } from '../project/labels.ts';
import { readParsers } from '../project/compile.ts';
import { attemptedRows, countBelow, countSelected, type Plan } from '../plan/plan.ts';
import type { Batches, BatchMode } from './batches.ts';
import { bodyOf } from '../../model/client/openai.ts';
import { recordRun, type BuildResult, type RunNote } from './record.ts';
import { refreshAllReports } from '../results/reports.ts';
import { remember } from '../project/session.ts';
import { markSubmitted } from '../project/submitted.ts';

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
  /** Of several processes that share the work, which this is: stands in the ledger. */
  readonly shard?: Shard | undefined;
  readonly budget?: Budget | undefined;
  /** What was agreed to be spent, and what each call is expected to cost of it. */
  readonly agreement?: (() => Agreement | undefined) | undefined;
  readonly expect?: ((question: Question) => number) | undefined;
  /** Batches of this data root, and whether questions go into them. */
  readonly batches?: Batches | undefined;
  readonly batch?: BatchMode | undefined;
  /** Puts the build on record. */
  readonly note?: RunNote;
  /** `later`: the caller writes the caches and the reports when there is time. */
  readonly afterwards?: 'now' | 'later';
  /** Where this run asks instead of at a desk of its own; who gives them closes them. */
  readonly through?: { readonly answerer: Answerer; readonly desk: Desk };
  /** Hears what is odd about replies, each thing once. */
  readonly warn?: (problem: Problem) => void;
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
  const summary = await runRows(plan, { ...options, listen });
  const later = options.afterwards === 'later';
  if (!later) await remember(session, () => options.clock.now());
  markSubmitted(session.loaded.graph, plan.judge.verdicts, session.loaded.layout);
  const counts = countSelected(plan, plan.selected);
  const reports = later ? [] : refreshAllReports(session);
  const result = { summary, counts, below: countBelow(plan), reports };
  if (options.note !== undefined) {
    const ended = new Date(options.clock.now()).toISOString();
    await recordRun(plan, options.note, { runId: options.runId, ended, built, result });
  }
  return result;
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
  const { graph, layout } = session.loaded;
  const { through } = options;
  const answerer = through?.answerer ?? answererFor(plan, options);
  const pen = through === undefined ? await openPen(layout, attemptedRows(plan).length) : penHere(layout);
  let summary: RunSummary;
  try {
    const [{ registry }, texts] = await Promise.all([readParsers(session.options), session.texts()]);
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
      bought: options.batches?.bought ?? new Map(),
      cache: options.cache,
      missed: missExplainer(layout),
      unpaid: new Set([OFFLINE]),
      labelsOf: labelsIn(session.loaded),
      originOf: origins(graph),
      now: () => new Date(options.clock.now()).toISOString(),
      runId: options.runId,
    };
    const { listen, abort, stopping, failFast, clock } = options;
    const loop = new Run(
      { ...shop, desk: through?.desk ?? new Desk() },
      {
        scope,
        windowOf: answerer.windowOf,
        listen,
        abort,
        stopping: () => stopping() || answerer.trouble() !== undefined,
        failFast,
        ...(through === undefined ? { halt: answerer.stopStarting } : {}),
        breathe: breather(clock),
      },
    );
    options.onAnswerer?.(answerer, loop);
    summary = await loop.run();
    await batched?.finish();
  } finally {
    await pen.close();
    if (through === undefined) answerer.close();
  }
  const trouble = answerer.trouble();
  if (trouble !== undefined) throw new ProblemError([trouble]);
  return summary;
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
  let last = clock.now();
  return () => {
    const now = clock.now();
    if (now - last < 50) return undefined;
    last = now;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
