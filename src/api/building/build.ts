// A build from what was asked to what came of it: hand over or lock, plan, price, consent, membership, run, reports. Knows no terminal.
import type { Answerer } from '../../engine/build/answerer.ts';
import { requireKeys } from '../../engine/build/answerer.ts';
import type { Batches } from '../../engine/build/batches.ts';
import { runPlan, type BuildOptions as RunOptions } from '../../engine/build/build.ts';
import type { Snapshot } from '../../engine/build/made.ts';
import type { BuildResult } from '../../engine/build/record.ts';
import { writeMembership } from '../../engine/cohorts/membershipfiles.ts';
import { expectation } from '../../engine/money/expectation.ts';
import { learnerOf, pricePlan } from '../../engine/money/price.ts';
import { openReckoner, type Reckoning } from '../../engine/money/reckoning.ts';
import { isGreen, meantBy, type Plan } from '../../engine/plan/plan.ts';
import { locate, type Located } from '../../engine/project/load.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import type { Budget } from '../../model/money/budget.ts';
import type { Clock } from '../../model/clock.ts';
import type { Agreement } from '../../model/money/agreement.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { Layout } from '../../store/layout.ts';
import { lockRoot } from '../../store/lock.ts';
import { runIdOf } from '../../store/runs/runs.ts';
import { defined } from '../../defined.ts';
import { countsOf, planProject, type PlanCounts, type Priced } from '../plan.ts';
import { requestOf, type BuildOptions } from '../request.ts';
import { agreementOf, budgetOf, capOf, consent } from './consent.ts';
import { sharing, type Shared } from '../sharing.ts';
import { batchModeOf, nextLook, together } from './batchrounds.ts';
import { batchesFor, type Batching } from '../../engine/build/batching.ts';
import type { BuildEnd, BuildEvent, BuildReport } from './events.ts';
import { diagnose } from './failures.ts';
import { handOver } from './handover.ts';
import { checkedTags } from './tags.ts';

/** How a build is stopped: first nothing more is started, then what is in flight is given up. */
export interface Stopping {
  readonly asked: () => boolean;
  readonly abort: AbortSignal;
  /** Called each time, with how many there have been. */
  readonly listen: (listener: (count: number) => void) => void;
}

/** For whom a build is made. */
export interface Builder {
  readonly loading: LoadOptions;
  readonly clock: Clock;
  readonly random: () => number;
  /** For the lock and the record: a command line, or the name of a program. */
  readonly command: string;
  readonly stopping: Stopping;
  readonly hear: (event: BuildEvent) => void;
  /** Files of the store that are read again. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Who answers, once that is open, for live progress. */
  readonly onAnswerer?: (answerer: Answerer) => void;
}

type Asked = Shared<BuildOptions>;

/** Throws a ProblemError where the build can not begin; what fails on the way is in the report. */
export async function build(given: BuildOptions, builder: Builder): Promise<BuildReport> {
  const options = sharing(given, builder.loading.environment);
  const tags = checkedTags(options.tags ?? {});
  const since = new Date(builder.clock.now()).toISOString();
  const located = await locate(builder.loading);
  const handed = asksMore(options, builder) ? undefined : await handedOver(options, builder, located.layout);
  if (handed !== undefined) return finished(builder, { result: handed });
  const release = await lock(options, builder, { layout: located.layout, since });
  try {
    return finished(builder, await rounds(options, builder, { located, tags, since }));
  } finally {
    release();
  }
}

interface Beginning {
  readonly located: Located;
  readonly tags: Readonly<Record<string, string>>;
  readonly since: string;
}

/** Once, or, where batches are waited for, again each time that one may have ended. */
async function rounds(options: Asked, builder: Builder, { located, tags, since }: Beginning): Promise<Ran> {
  const { clock, stopping } = builder;
  const until = clock.now() + (options.batchWait ?? 0);
  const purse: Purse = { refused: 0 };
  let ran: Ran | undefined;
  for (let look = 0; ; look++) {
    const priced = await planned(options, builder, { located, purse });
    const last = await run(options, builder, { ...priced, tags, since, purse });
    const summary = together(ran?.result.summary, last.result.summary);
    ran = { ...last, refused: purse.refused, result: { ...last.result, summary } };
    const looking = { layout: located.layout, look, until };
    if (!(await nextLook(looking, { clock, stop: stopping.abort, stopped: stopping.asked }))) return ran;
  }
}

/** The cap of all rounds together. */
interface Purse {
  budget?: Budget | undefined;
  /** Batches that the provider took nothing of. */
  refused: number;
}

/** What a running watch can not do for a build: it has its own provider, cap and pace, and leaves no record of its own. */
function asksMore(options: Asked, { loading }: Builder): boolean {
  const { offline, maxCost, concurrency, failFast, verify, tags, snapshot, wait, part, batch } = options;
  const named = [loading.provider, maxCost, concurrency, part, batch].some((each) => each !== undefined);
  return named || [offline, failFast, verify, snapshot, wait].includes(true) || tags !== undefined;
}

function handedOver(
  options: Asked,
  { clock, command, stopping, hear }: Builder,
  layout: Layout,
): Promise<BuildResult | undefined> {
  const request = requestOf(options);
  const approved = options.approved === true;
  const onHeard = (watch: { readonly command: string; readonly pid: number }): void =>
    hear({ type: 'handed_over', ...watch });
  return handOver({ request, approved, command, clock, abort: stopping.abort, onHeard }, layout);
}

async function lock(
  { wait }: Pick<BuildOptions, 'wait'>,
  { command, clock, stopping, hear }: Builder,
  { layout, since }: { readonly layout: Layout; readonly since: string },
): Promise<() => void> {
  for (let told = false; ;) {
    try {
      return lockRoot(layout, { command, since });
    } catch (error) {
      if (wait !== true || !(error instanceof ProblemError) || stopping.asked()) throw error;
      const [problem] = error.problems;
      if (!told && problem !== undefined) hear({ type: 'waiting', problem });
      told = true;
      await clock.sleep(250, stopping.abort);
    }
  }
}

/** The plan, said and agreed to, and the membership files that it rests on. */
async function planned(
  options: Asked,
  { loading, clock, hear, onProgress }: Builder,
  { located, purse }: { readonly located: Located; readonly purse: Purse },
): Promise<Omit<Agreed, 'tags' | 'since'>> {
  const batching: Batching = {
    wanted:
      options.offline === true ? 'nothing' : batchModeOf(options) === undefined ? 'what is there' : 'batches',
    environment: loading.environment,
    now: () => clock.now(),
    hear(news) {
      hear(news);
      if (news.type !== 'batch_refused') return;
      purse.refused++;
      hear({
        type: 'warned',
        problems: [problem('DD660', news.message, { data: { batch: news.batch.id } })],
      });
    },
    budget: () => purse.budget,
  };
  let batches: Batches | undefined;
  const priced = await planProject(
    {
      ...loading,
      ...located,
      async onOpened(session) {
        hear({ type: 'warned', problems: session.loaded.warnings });
        batches = await batchesFor(session, batching);
      },
      ...(onProgress === undefined ? {} : { onProgress }),
    },
    options,
  );
  const { plan, price } = priced;
  const counts = countsOf(plan, priced.part);
  hear({ type: 'plan', ...counts, price });
  if (price.lower.calls > 0) requireKeys(plan, loading.environment);
  const agreed = await consent(options, plan, price);
  writeMembership(plan.session);
  return { ...priced, counts, agreed, batches, purse };
}

interface Agreed extends Priced {
  /** USD that may be spent before somebody is asked again; undefined where nobody is. */
  readonly agreed: number | undefined;
  readonly counts: PlanCounts;
  readonly tags: Readonly<Record<string, string>>;
  readonly since: string;
  readonly batches: Batches | undefined;
  readonly purse: Purse;
}

async function run(
  options: Asked,
  { loading, clock, random, command, stopping, hear, onAnswerer }: Builder,
  { plan, price, part, counts, agreed, tags, since, batches, purse }: Agreed,
): Promise<Ran> {
  const { select, exclude } = meantBy(requestOf(options));
  const runId = runIdOf(clock.now(), random);
  const snapshot = options.snapshot === true ? await snapshotOf(plan, tags['experiment_id'] ?? runId) : {};
  const reckoner = openReckoner(plan, price);
  const result = await runPlan(plan, {
    clock,
    random,
    environment: loading.environment,
    runId,
    note: {
      command,
      started: since,
      tags,
      ...snapshot,
      plan: { ...counts, price },
      selectors: select,
      excluded: exclude,
    },
    listen: (event) => {
      reckoner.listen(event);
      hear(event);
    },
    warn: (problem) => hear({ type: 'warned', problems: [problem] }),
    abort: stopping.abort,
    stopping: stopping.asked,
    failFast: options.failFast === true,
    cache: options.offline === true ? 'only' : 'use',
    concurrency: options.concurrency,
    shard: part,
    budget: (purse.budget ??= budgetOf(options, plan)),
    batches,
    batch: batchModeOf(options),
    ...(agreed === undefined ? {} : watchedOver(agreementOf(options, plan, agreed), plan)),
    onAnswerer(answerer) {
      stopping.listen(answerer.stopStarting);
      onAnswerer?.(answerer);
    },
  });
  const money = { cap: capOf(options, plan), agreed, enough: await enoughFor(plan, result) };
  return { result, reckoning: reckoner.close(result.summary), ...money };
}

async function snapshotOf(plan: Plan, experiment: string): Promise<Snapshot> {
  const { takeSnapshot } = await import('../../engine/build/made.ts');
  return takeSnapshot(plan, experiment);
}

/** What the calls of the plan are expected to cost is held against what was agreed to. */
function watchedOver(agreement: Agreement, plan: Plan): Pick<RunOptions, 'agreement' | 'expect'> {
  const { ledger } = plan.session.loaded.layout;
  return {
    agreement: () => agreement,
    expect: expectation(plan, () => learnerOf(ledger).readToEnd().history),
  };
}

interface Ran {
  readonly result: BuildResult;
  /** Batches that the provider took nothing of. */
  readonly refused?: number;
  readonly reckoning?: Reckoning | undefined;
  /** All in USD. */
  readonly cap?: number | undefined;
  readonly agreed?: number | undefined;
  readonly enough?: number | undefined;
}

/** The cap that would do for what the cap, or what was agreed to, has left. */
async function enoughFor(plan: Plan, { summary }: BuildResult): Promise<number | undefined> {
  const left = summary?.why.some((why) => why === 'over_budget' || why === 'over_agreed') === true;
  return left ? upTo((await pricePlan(plan)).cap) : undefined;
}

/** A sum that can be typed: rounded up to cents, or to two digits below a dollar. */
function upTo(amount: number): number {
  if (amount <= 0) return 0;
  const digits = amount >= 1 ? 2 : 1 - Math.floor(Math.log10(amount));
  return Number((Math.ceil(amount * 10 ** digits) / 10 ** digits).toFixed(digits));
}

function finished(
  { hear, stopping }: Builder,
  { result: { counts, below, reports, summary }, refused = 0, reckoning, cap, agreed, enough }: Ran,
): BuildReport {
  const failures = (summary?.failures ?? []).map(diagnose);
  const money = defined({ reckoning, enough });
  hear({ type: 'build_finished', counts, below, reports: reports.length, failures, ...money });
  return {
    end: stopping.asked() ? 'interrupted' : refused > 0 ? 'incomplete' : endOf({ counts, summary }),
    counts,
    below,
    summary,
    failures,
    reports,
    ...money,
    ...defined({ cap, agreed }),
  };
}

const LIMITS: ReadonlySet<string> = new Set(['over_budget', 'over_agreed', 'parked', 'submitted']);

function endOf({ counts, summary }: Pick<BuildResult, 'counts' | 'summary'>): BuildEnd {
  if (summary?.why.some((why) => LIMITS.has(why)) === true) return 'limited';
  // A forced call that failed leaves a current text behind, but not the one that was asked for.
  return isGreen(counts) && (summary?.failed ?? 0) === 0 ? 'done' : 'incomplete';
}
