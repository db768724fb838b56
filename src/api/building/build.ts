// A build from what was asked to what came of it: hand over or lock, plan, price, consent, membership, run, reports. Knows no terminal.
import type { Answerer } from '../../engine/build/answerer.ts';
import { originOf, requireKeys } from '../../engine/build/answerer.ts';
import type { Batches } from '../../engine/build/batches.ts';
import { runPlan, type BuildOptions as RunOptions } from '../../engine/build/build.ts';
import type { Snapshot } from '../../engine/build/made.ts';
import type { BuildResult } from '../../engine/build/record.ts';
import { writeDueMembership } from '../../engine/cohorts/membershipdue.ts';
import { expectation } from '../../engine/money/expectation.ts';
import { learnerOf, pricePlan } from '../../engine/money/price.ts';
import { openReckoner, type Reckoning } from '../../engine/money/reckoning.ts';
import { isGreen, meantBy, stillForced, type Plan } from '../../engine/plan/plan.ts';
import { cutOff } from '../../engine/build/telling.ts';
import { unwrittenIn } from '../../engine/results/reports.ts';
import { locate, type Located } from '../../engine/project/load.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import { readsRemote } from '../../engine/project/teamremote.ts';
import { takeHome } from '../../engine/upkeep/homecoming.ts';
import type { Budget } from '../../model/money/budget.ts';
import type { Clock } from '../../model/clock.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import type { Layout } from '../../store/layout.ts';
import { holdRoot, type Hold } from '../../store/lock.ts';
import { runIdOf } from '../../store/runs/runs.ts';
import { defined } from '../../defined.ts';
import { upTo } from '../../text/amounts.ts';
import { countsOf, planProject, type PlanCounts, type Priced } from '../plan.ts';
import { batchModeOf, requestOf, sourcesOf, type BuildOptions } from '../request.ts';
import { agreementOf, budgetOf, capOf, consent } from './consent.ts';
import { sharing, type Shared } from '../sharing.ts';
import { nextNews, refusedBatch, roomAt, together } from './batchrounds.ts';
import { oddities, type Oddities } from '../../engine/build/oddities.ts';
import { batchesFor, batchesOf, type Batching } from '../../engine/build/batching.ts';
import type { BuildEnd, BuildEvent, BuildReport } from './events.ts';
import { diagnose } from './failures.ts';
import { guardRoot, type Guard, type Stopping } from './guard.ts';
import { handOver } from './handover.ts';
import { checkedTags } from './tags.ts';
import { whenFree } from './whenfree.ts';

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
  const purse: Purse = { since, begun: builder.clock.ticks(), spent: 0, told: false };
  const located = await locate(builder.loading);
  const handed = asksMore(options, builder) ? undefined : await handedOver(options, builder, located.layout);
  if (handed !== undefined) return finished(builder, { result: handed });
  if (options.byWatch === true)
    throw new ProblemError([problem('DD501', 'no watch runs that could be asked')]);
  const { release, check } = await lock(options, builder, { layout: located.layout, since });
  const guard = guardRoot(located.layout, check);
  const guarded = { ...builder, stopping: guard.over(builder.stopping) };
  try {
    const home = await takeHome(located.layout);
    const found = [home, cutOff(located.layout)].filter((each) => each !== undefined);
    if (found.length > 0) builder.hear({ type: 'warned', problems: found });
    const ran = await rounds(options, guarded, { located, tags, purse, guard });
    const trouble = guard.trouble();
    if (trouble !== undefined) throw new ProblemError([trouble]);
    return finished(builder, ran);
  } finally {
    guard.close();
    release();
  }
}

interface Beginning {
  readonly located: Located;
  readonly tags: Readonly<Record<string, string>>;
  readonly purse: Purse;
  readonly guard: Guard;
}

/** Once, or, where batches are waited for, again each time that one has ended. */
async function rounds(
  options: Asked,
  builder: Builder,
  { located, tags, purse, guard }: Beginning,
): Promise<Ran> {
  const { clock, stopping } = builder;
  const until = clock.ticks() + (options.batchWait ?? 0);
  const { layout } = located;
  const woken = new AbortController();
  stopping.listen(() => woken.abort());
  const waiting = { layout, clock, until, stop: woken.signal, stopped: stopping.asked };
  // In batches and directly, round after round: what is odd is said once.
  const odd = oddities((problem) => builder.hear({ type: 'warned', problems: [problem] }));
  const batching = { ...batchingOf(options, builder, purse), odd };
  let ran: Ran | undefined;
  for (let batches: Batches | undefined; ;) {
    const priced = await planned(options, builder, { located, purse, batching, batches });
    const last = await run(options, builder, { ...priced, tags, purse, guard, odd });
    ran = { ...last, result: together(ran?.result, last.result) };
    purse.spent += last.result.summary?.cost ?? 0;
    purse.stillForced = stillForced(priced.plan);
    const again = roomAt(last.result.summary, clock);
    batches = await nextNews({ ...waiting, again }, async (room) => {
      purse.news = undefined;
      const looked = await batchesFor(priced.plan.session, batching);
      return purse.news === 'brought' || room ? looked : purse.news;
    });
    if (batches === undefined) return ran;
  }
}

/** What all rounds together may spend, and what they have come to. */
interface Purse {
  /** The cap. */
  budget?: Budget | undefined;
  /** What was agreed to, in USD, once that is settled; `anything` where a cap holds, or a yes was said to whatever it costs. */
  agreed?: number | 'anything';
  /** USD. */
  spent: number;
  /** Whether it was said that there is a remote cache. */
  told: boolean;
  /** When the build began, as ISO and in the clock's ticks: batches that are older are none of its cap. */
  readonly since: string;
  readonly begun: number;
  /** Forced rows that are still to be asked. */
  stillForced?: ReadonlySet<string>;
  /** What became of a batch since it was last undefined: the better of both. */
  news?: 'brought' | 'full' | undefined;
}

function batchingOf(options: Asked, { loading, clock, hear }: Builder, purse: Purse): Batching {
  const mode = batchModeOf(options);
  const sources = sourcesOf(options);
  const said = new Map<string, string>();
  return {
    wanted:
      sources.cache === 'use' && (mode === 'only' || mode === 'prefer') ? 'batches' : batchesOf(sources),
    environment: loading.environment,
    origin: originOf(options.part),
    now: () => clock.now(),
    hear(news) {
      const { batch } = news;
      const words = JSON.stringify([news.type, batch.remote, news.type === 'batch_open' ? news.done : '']);
      if (news.type === 'batch_taken' || news.type === 'batch_lost') purse.news = 'brought';
      if (news.type === 'batch_refused') purse.news ??= 'full';
      // While it is waited for, what is as it was is no news.
      if (said.get(batch.id) !== words) hear(news);
      said.set(batch.id, words);
      if (news.type !== 'batch_refused') return;
      hear({ type: 'warned', problems: [refusedBatch(news)] });
    },
    settle(batch, reserved, usd) {
      if (batch.created >= purse.since) purse.budget?.settle(reserved, usd);
    },
  };
}

/** What a running watch can not do for a build: it has its own provider, cap and pace, and leaves no record of its own. */
function asksMore(options: Asked, { loading }: Builder): boolean {
  const { offline, noCalls, remoteWait, maxCost, concurrency, failFast, verify, tags, snapshot, wait } =
    options;
  const { part, batch, now } = options;
  const named = [loading.provider, maxCost, concurrency, part, batch, remoteWait];
  const flags = [offline, noCalls, failFast, verify, snapshot, wait, now];
  return named.some((each) => each !== undefined) || flags.includes(true) || tags !== undefined;
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

function lock(
  { wait }: Pick<BuildOptions, 'wait'>,
  { command, clock, stopping, hear }: Builder,
  { layout, since }: { readonly layout: Layout; readonly since: string },
): Promise<Hold> {
  const onWaiting = (problem: Problem): void => hear({ type: 'waiting', problem });
  return whenFree(() => holdRoot(layout, { command, since }), { wait, clock, stopping, onWaiting });
}

interface Round {
  readonly located: Located;
  readonly purse: Purse;
  readonly batching: Batching;
  /** Opened already, where what they brought is why there is another round. */
  readonly batches: Batches | undefined;
}

/** The plan, said and agreed to, and the membership files that it rests on. */
async function planned(
  options: Asked,
  { loading, hear, onProgress }: Builder,
  { located, purse, batching, batches: opened }: Round,
): Promise<Omit<Agreed, 'tags' | 'guard' | 'odd'>> {
  let batches = opened;
  const priced = await planProject(
    {
      ...loading,
      ...located,
      async onOpened(session) {
        if (opened === undefined) hear({ type: 'warned', problems: session.loaded.warnings });
        batches ??= await batchesFor(session, batching);
      },
      ...defined({ onProgress }),
    },
    options,
    () =>
      defined({
        // Where nobody may be asked they could only fail.
        renewed: sourcesOf(options).cache === 'only' ? undefined : batches?.renewed,
        stillForced: purse.stillForced,
      }),
  );
  const { plan, price } = priced;
  const counts = countsOf(plan, priced.part);
  hear({ type: 'plan', ...counts, price });
  if (price.lower.calls > 0 && !mayFind(priced, loading)) requireKeys(plan, loading.environment);
  const agreed = await agreedIn(purse, () => consent(options, plan, price), price.upper.usd);
  await writeDueMembership(plan.session);
  return { ...priced, counts, agreed, batches, purse };
}

/** Whether the team may have all answers, so that no key is needed after all. */
function mayFind({ plan }: Priced, { environment }: LoadOptions): boolean {
  return readsRemote(plan.session.loaded.settings, environment);
}

/** Asks once for all rounds; again only where they come to cost more. USD that the round may spend before somebody is asked. */
async function agreedIn(
  purse: Purse,
  ask: () => Promise<number | undefined>,
  upper: number,
): Promise<number | undefined> {
  if (purse.agreed === 'anything') return undefined;
  const left = purse.agreed === undefined ? undefined : purse.agreed - purse.spent;
  if (left !== undefined && upper <= left) return left;
  const agreed = await ask();
  purse.agreed = agreed === undefined ? 'anything' : agreed + purse.spent;
  return agreed;
}

interface Agreed extends Priced {
  /** USD that may be spent before somebody is asked again; undefined where nobody is. */
  readonly agreed: number | undefined;
  readonly counts: PlanCounts;
  readonly tags: Readonly<Record<string, string>>;
  readonly batches: Batches | undefined;
  readonly purse: Purse;
  readonly guard: Guard;
  readonly odd: Oddities;
}

async function run(
  options: Asked,
  { loading, clock, random, command, stopping, hear, onAnswerer }: Builder,
  { plan, price, part, counts, agreed, tags, batches, purse, guard, odd }: Agreed,
): Promise<Ran> {
  const { select, exclude } = meantBy(requestOf(options));
  const runId = runIdOf(plan.session.loaded.layout, clock.now(), random);
  const snapshot = options.snapshot === true ? await snapshotOf(plan, tags['experiment_id'] ?? runId) : {};
  const reckoner = openReckoner(plan, price);
  const cap = capOf(options, plan);
  const agreement = agreed === undefined ? undefined : agreementOf(options, plan, agreed);
  const result = await runPlan(plan, {
    clock,
    random,
    environment: loading.environment,
    runId,
    note: {
      command,
      started: purse.since,
      begun: purse.begun,
      tags,
      ...snapshot,
      plan: { ...counts, price },
      selectors: select,
      excluded: exclude,
    },
    listen: (event) => {
      reckoner.listen(event);
      const again = event.type === 'remote' && purse.told;
      if (event.type === 'remote') purse.told = true;
      if (!again) hear(event);
    },
    odd,
    abort: stopping.abort,
    stopping: stopping.asked,
    ground: guard.holds,
    failFast: options.failFast === true,
    ...sourcesOf(options),
    concurrency: options.concurrency,
    shard: part,
    budget: (purse.budget ??= budgetOf(options, plan)),
    batches,
    batch: batchModeOf(options),
    ...(agreement === undefined ? {} : { agreement: () => agreement }),
    ...(agreement === undefined && cap === undefined ? {} : { expect: expected(plan) }),
    onAnswerer(answerer) {
      stopping.listen(answerer.stopStarting);
      onAnswerer?.(answerer);
    },
  });
  return {
    result,
    reckoning: reckoner.close(result.summary),
    cap,
    drawn: purse.budget?.drawn(),
    agreed: agreement?.agreed(),
    enough: await enoughFor(plan, result, options),
  };
}

async function snapshotOf(plan: Plan, experiment: string): Promise<Snapshot> {
  const { takeSnapshot } = await import('../../engine/build/made.ts');
  return takeSnapshot(plan, experiment);
}

/** What the calls of the plan are expected to cost, which is held against the cap and what was agreed to. */
function expected(plan: Plan): RunOptions['expect'] {
  const { ledger } = plan.session.loaded.layout;
  return expectation(plan, () => learnerOf(ledger).readToEnd().history);
}

interface Ran {
  readonly result: BuildResult;
  readonly reckoning?: Reckoning | undefined;
  /** All in USD. */
  readonly cap?: number | undefined;
  readonly drawn?: number | undefined;
  readonly agreed?: number | undefined;
  readonly enough?: number | undefined;
}

/** The cap that would do for what the cap, or what was agreed to, has left. */
async function enoughFor(plan: Plan, { summary }: BuildResult, options: Asked): Promise<number | undefined> {
  const left = summary?.why.some((why) => why === 'over_budget' || why === 'over_agreed') === true;
  return left ? upTo((await pricePlan(plan, { batch: batchModeOf(options) })).cap) : undefined;
}

function finished(
  { hear, stopping }: Builder,
  { result, reckoning, cap, drawn, agreed, enough }: Ran,
): BuildReport {
  const { counts, below, reports, summary, remote, broken } = result;
  const failures = (summary?.failures ?? []).map(diagnose);
  const money = defined({ reckoning, enough, remote, broken });
  const isLeft = unwrittenIn(reports).length > 0;
  hear({ type: 'build_finished', counts, below, reports: reports.length, failures, ...money });
  return {
    end: stopping.asked() ? 'interrupted' : isLeft ? 'incomplete' : endOf({ counts, summary, broken }),
    counts,
    below,
    summary,
    failures,
    reports,
    ...money,
    ...defined({ cap, drawn, agreed }),
  };
}

const LIMITS: ReadonlySet<string> = new Set([
  'over_budget',
  'over_agreed',
  'parked',
  'submitted',
  'batches_full',
  'batch_limited',
]);

interface Ended extends Pick<BuildResult, 'counts' | 'summary'> {
  readonly broken: BuildResult['broken'] | undefined;
}

function endOf({ counts, summary, broken = [] }: Ended): BuildEnd {
  if (summary?.why.includes('batch_refused') === true) return 'incomplete';
  if (summary?.why.some((why) => LIMITS.has(why)) === true) return 'limited';
  // A forced call that failed leaves a current text behind, but not the one that was asked for.
  return isGreen(counts) && (summary?.failed ?? 0) === 0 && broken.length === 0 ? 'done' : 'incomplete';
}
