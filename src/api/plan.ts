// A plan as a program reads it: what must run, why, and at what price. Decides nothing and writes nothing.
import {
  attemptedRows,
  countSelected,
  makePlan,
  refuseOfflineOverPaid,
  type Plan,
  type PlanRequest,
  type StateCounts,
} from '../engine/plan/plan.ts';
import { sharedSession } from '../engine/plan/share.ts';
import { pricePlan, type PlanPrice, type PricingOptions } from '../engine/money/price.ts';
import { openSession, type OpenOptions, type Session } from '../engine/project/session.ts';
import type { BrokenCohort } from '../cohort/cohort.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import { at } from '../graph/graph.ts';
import { defined } from '../defined.ts';
import type { Problem } from '../problem.ts';
import type { RemoteStanding } from '../remote/remote.ts';
import { differingAmong } from '../plan/templatefiles.ts';
import { STATES, whyWords, type FileDifference, type Verdict } from '../plan/verdict.ts';
import { batchModeOf, mergesOf, requestOf, sourcesOf, type PlanQuery, type SpendOptions } from './request.ts';
import type { Part, PartReport, Shared } from './sharing.ts';

export interface PlanCounts {
  /** Generations that were selected. */
  readonly total: number;
  /** Those of them that must run. */
  readonly attempted: number;
  /** Not selected, but needed by what is: they must run first. */
  readonly above: number;
  /** How the selected ones stand. */
  readonly counts: StateCounts;
  /** Current by their files alone: another tool made them, and a build writes their traces. */
  readonly untraced: number;
  /** Of several that share the work, where it is one. */
  readonly part?: PartReport;
  /** By stage: how many in each state that needs work, and how many for each reason. */
  readonly stages: readonly {
    readonly stage: Stage;
    readonly states: Readonly<Record<string, number>>;
    readonly reasons: Readonly<Record<string, number>>;
  }[];
  /** The files of templates that differ from what was rendered; absent where none is known to. */
  readonly templateFiles?: readonly FileDifference[];
}

export interface PlanReport extends PlanCounts {
  readonly price: PlanPrice;
  readonly remote?: RemoteLook;
  readonly warnings: readonly Problem[];
  /** Cohorts that can not be used and that may have something of what was selected: nothing of them is planned. Absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
  /** Every generation that would run, with its reasons. */
  readonly generations: readonly Verdict[];
}

/** What a look into the team's remote cache came to. Counts are of questions, each once. */
export interface RemoteLook {
  readonly standing: RemoteStanding;
  readonly asked: number;
  readonly found: number;
  /** Of which it did not say within five seconds, or at all: they are priced as calls. */
  readonly untold: number;
}

/** A plan with its price, before anything of it runs. */
export interface Priced {
  readonly plan: Plan;
  readonly price: PlanPrice;
  /** Where that was asked for. */
  readonly remote?: RemoteLook;
  readonly part?: PartReport;
}

export interface Opening extends OpenOptions {
  /** Before anything is planned. */
  readonly onOpened?: (session: Session) => void | Promise<void>;
}

/** `maxCost`: the part's own, where it has one. Throws a ProblemError where the inputs can not be used, or where the offline model would write over paid answers. */
export async function planProject(
  opening: Opening,
  options: Shared<PlanQuery & Pick<SpendOptions, 'maxCost'>>,
  /** What else is forced, or still forced; asked for once the project is open. */
  forcing: () => Pick<PlanRequest, 'renewed' | 'stillForced'> = () => ({}),
): Promise<Priced> {
  const { part, concurrency } = options;
  const opened = await openSession({
    ...opening,
    verify: options.verify === true,
    merges: mergesOf(options),
    onBroken: opening.onBroken ?? (() => {}),
  });
  await opening.onOpened?.(opened);
  const { session, limits } =
    part === undefined || part.limitsDividedBy === 1
      ? { session: opened, limits: [] }
      : sharedSession(opened, part.limitsDividedBy);
  const plan = await makePlan(session, { ...requestOf(options), ...forcing(), shard: part });
  refuseOfflineOverPaid(plan);
  const calls = sourcesOf(options).cache === 'only' ? 'none' : 'allowed';
  const pricing = { concurrency, calls, batch: batchModeOf(options) } as const;
  const priced =
    options.remote === true ? await pricedWithTeam(plan, pricing) : { price: await pricePlan(plan, pricing) };
  if (part === undefined) return { plan, ...priced };
  const cap = options.maxCost ?? session.loaded.settings.maxCost;
  return { plan, ...priced, part: { ...part, limits, ...defined({ maxCost: dividedCap(part, cap) }) } };
}

function dividedCap({ limitsDividedBy }: Part, part: number | undefined): PartReport['maxCost'] {
  return part === undefined || limitsDividedBy === 1 ? undefined : { whole: part * limitsDividedBy, part };
}

async function pricedWithTeam(
  plan: Plan,
  pricing: PricingOptions,
): Promise<{ readonly price: PlanPrice; readonly remote: RemoteLook }> {
  const { options, loaded } = plan.session;
  const { remoteFor } = await import('./teamcache.ts');
  const { lookForAnswers } = await import('../engine/upkeep/sharing.ts');
  const { environment, now } = options;
  const team = await remoteFor('plan', loaded.settings, { environment, now });
  try {
    let counts = { asked: 0, found: 0, untold: 0 };
    const price = await pricePlan(plan, {
      ...pricing,
      async lookUp(addresses) {
        const { there, untold } = await lookForAnswers(team, addresses);
        counts = { asked: addresses.size, found: there.size, untold };
        return there;
      },
    });
    return { price, remote: { standing: team.standing, ...counts } };
  } finally {
    await team.close();
  }
}

export async function planReport({ plan, price, remote, part }: Priced): Promise<PlanReport> {
  const { explain } = await import('../plan/explain.ts');
  const { graph, warnings } = plan.session.loaded;
  const judged = { graph, index: plan.session.index, verdicts: plan.judge.verdicts };
  const rows = attemptedRows(plan);
  const generations = rows.map((row) => explain(judged, row));
  const looked = remote === undefined ? {} : { remote };
  const { broken } = plan;
  const lost = broken.length === 0 ? {} : { broken };
  return { ...countsOf(plan, part, rows), price, ...looked, warnings, ...lost, generations };
}

/** `rows`: of `attemptedRows`, where they are at hand. */
export function countsOf(
  plan: Plan,
  part?: PartReport,
  rows: readonly number[] = attemptedRows(plan),
): PlanCounts {
  const { state, why } = plan.judge.verdicts;
  const { stage: stageOf } = plan.session.loaded.graph;
  // States and sets of reasons are few, generations are many, and those beside each other are mostly alike: words come afterwards.
  const places = new Map<number, number>();
  let [last, alike, above] = [-1, 0, 0];
  for (const row of rows) {
    if (plan.selected[row] !== 1) above++;
    const place = ((why[row] ?? 0) * STATES.length + (state[row] ?? 0)) * STAGES.length + (stageOf[row] ?? 0);
    if (place === last) alike++;
    else {
      places.set(last, (places.get(last) ?? 0) + alike);
      [last, alike] = [place, 1];
    }
  }
  places.set(last, (places.get(last) ?? 0) + alike);
  places.delete(-1);
  const stages = STAGES.map((stage) => ({
    stage,
    states: new Map<string, number>(),
    reasons: new Map<string, number>(),
  }));
  for (const [place, count] of places) {
    const { states, reasons } = at(stages, place % STAGES.length);
    const rest = Math.floor(place / STAGES.length);
    bump(states, STATES[rest % STATES.length] ?? '', count);
    for (const word of whyWords(Math.floor(rest / STATES.length))) bump(reasons, word, count);
  }
  const counts = countSelected(plan, plan.selected);
  return {
    total: counts.total,
    attempted: rows.length - above,
    above,
    counts,
    untraced: counts.untraced,
    ...defined({ part }),
    stages: stages.map(({ stage, states, reasons }) => ({
      stage,
      states: sorted(states),
      reasons: sorted(reasons),
    })),
    ...templateFilesOf(plan, rows),
  };
}

function templateFilesOf(
  { session, judge }: Plan,
  rows: readonly number[],
): Pick<PlanCounts, 'templateFiles'> {
  const { index, loaded } = session;
  const templateFiles = differingAmong({ graph: loaded.graph, index, verdicts: judge.verdicts }, rows);
  return templateFiles.length === 0 ? {} : { templateFiles };
}

function bump(counts: Map<string, number>, word: string, by: number): void {
  counts.set(word, (counts.get(word) ?? 0) + by);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}
