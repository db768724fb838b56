// Runs one plan after another through the same desk and the same providers, lets go of a run whose inputs changed, and decides which
// calls under way are still right. Plans nothing.
import { ProblemError, type Problem } from '../problem.ts';
import { runIdOf } from '../store/runs/runs.ts';
import { batchesFor, batchesOf, type BatchNews } from '../engine/build/batching.ts';
import { oddities, type Oddities } from '../engine/build/oddities.ts';
import type { Batches } from '../engine/build/batches.ts';
import { runPlan } from '../engine/build/build.ts';
import { type BuildResult } from '../engine/build/record.ts';
import type { TeamEnd } from '../engine/build/team.ts';
import { expectation } from '../engine/money/expectation.ts';
import type { Learned } from '../engine/money/price.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { Session } from '../engine/project/session.ts';
import { keyAt, at } from '../graph/graph.ts';
import { Agreement } from '../model/money/agreement.ts';
import type { Budget } from '../model/money/budget.ts';
import type { Clock } from '../model/clock.ts';
import { Desk, SUPERSEDED } from '../run/desk.ts';
import type { RunEvent } from '../run/events.ts';
import { unknownIn } from '../store/ledger/spending.ts';
import { stillAsked, type Question } from '../run/question.ts';
import { Answerers } from './answerers.ts';
import type { WatchEvent } from './events.ts';
import { Teams } from './teams.ts';
import { genKey } from '../generation/stage.ts';

export interface RunnerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly commandLine: string;
  readonly cache: 'use' | 'only';
  readonly concurrency?: number | undefined;
  /** Of all runs together. */
  readonly budget?: Budget | undefined;
  /** What earlier calls say. */
  readonly learned: () => Learned;
  /** `off`: nothing is asked of the network, a team's remote cache included. */
  readonly team?: 'on' | 'off';
  /** Milliseconds that what is on its way to the team gets at the end. */
  readonly remoteWait?: number | undefined;
  /** `overtaken`: what a superseded run had done. `warned`: of what is odd about replies, each thing once. */
  readonly listen: (
    event:
      | RunEvent
      | BatchNews
      | { readonly type: 'warned'; readonly problems: readonly Problem[] }
      | Extract<WatchEvent, { type: 'overtaken' }>
      | { readonly type: 'remote_ended'; readonly remote: TeamEnd },
  ) => void;
}

/** How a run came to its end: with nothing left to do, told to start nothing more, or with other inputs in force. */
export type RunEnd = 'done' | 'wound_down' | 'superseded';

export interface Ran {
  readonly end: RunEnd;
  readonly result: BuildResult;
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #desk = new Desk();
  readonly #answerers: Answerers;
  readonly #teams: Teams;
  readonly #odd: Oddities;
  /** What batches have brought since the last run. */
  #taken: Batches | undefined;
  #controller = new AbortController();
  #winding = false;
  /** False while the data root is away: nothing is started. */
  #there = true;
  readonly #ground: () => boolean;
  #agreement: Agreement | undefined;
  #expect: (question: Question) => number | undefined = () => undefined;

  /** `ground`: looks whether the data root is there. */
  constructor(options: RunnerOptions, ground: () => boolean) {
    this.#ground = ground;
    this.#options = options;
    this.#odd = oddities((problem) => options.listen({ type: 'warned', problems: [problem] }));
    this.#teams = new Teams(options);
    this.#answerers = new Answerers(
      {
        ...options,
        attempts: () => options.learned().attempts,
        agreement: () => this.#agreement,
        expect: (question) => this.#expect(question),
        odd: this.#odd,
        onHealth: (provider, change) => options.listen({ type: 'provider', provider, ...change }),
      },
      this.#desk,
    );
  }

  look(): void {
    this.#there = this.#ground();
  }

  /** A new run begins: what was told to the one before holds no more. */
  begin(): void {
    this.#controller = new AbortController();
    this.#winding = false;
  }

  /** `agreed`: USD that it may spend; what goes beyond is left. Throws a ProblemError when the run can not begin. */
  async run(plan: Plan, agreed?: number): Promise<Ran> {
    const { clock, random, cache, commandLine, listen, learned } = this.#options;
    this.#agreement =
      agreed === undefined ? undefined : new Agreement(agreed, () => Promise.resolve(undefined));
    this.#expect = expectation(plan, () => learned().history);
    const { environment } = plan.session.options;
    const { signal } = this.#controller;
    const started = clock.now();
    const batches = await this.#batches(plan.session);
    this.#taken = undefined;
    const result = await runPlan(plan, {
      clock,
      random,
      environment,
      cache,
      runId: runIdOf(plan.session.loaded.layout, started, random),
      note: {
        command: commandLine,
        started: new Date(started).toISOString(),
        begun: clock.ticks(),
        tags: {},
        selectors: [],
        excluded: [],
        plan: null,
      },
      listen: (event) => {
        if (!isLetGo(event)) listen(event);
      },
      abort: signal,
      stopping: () => this.#winding || !this.#there,
      ground: this.#ground,
      failFast: false,
      afterwards: 'later',
      batches,
      batch: 'never',
      through: {
        answerer: this.#answerers.for(plan, environment),
        desk: this.#desk,
        team: await this.#teams.for(plan, environment),
      },
    });
    if (signal.reason === SUPERSEDED) {
      this.#sayOvertaken(result);
      return { end: 'superseded', result };
    }
    if (this.#winding || signal.aborted) return { end: 'wound_down', result };
    this.#desk.clear();
    return { end: 'done', result };
  }

  /** Nothing where it had done nothing. */
  #sayOvertaken({ summary }: BuildResult): void {
    if (summary === undefined) return;
    const { built, how, cost, spent } = summary;
    const unknown = unknownIn(spent);
    const some = cost > 0 || unknown > 0 || how.called > 0 || Object.values(built).some((count) => count > 0);
    if (some) this.#options.listen({ type: 'overtaken', built, calls: how.called, cost, unknown });
  }

  /** Between runs, also where nothing is to run: who asks again on purpose waits for what a batch brings. Where a record can not be read, that is said. */
  async takeBatches(session: Session): Promise<void> {
    try {
      this.#taken = await this.#batches(session);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#options.listen({ type: 'warned', problems: error.problems });
    }
  }

  /** What has ended is taken; a watch sends none, so no cap has set anything aside for them. */
  #batches(session: Session): ReturnType<typeof batchesFor> {
    const { clock, listen } = this.#options;
    return batchesFor(session, {
      wanted: batchesOf(this.#options),
      environment: session.options.environment,
      now: () => clock.now(),
      hear: listen,
      odd: this.#odd,
      settle: () => {},
      before: this.#taken,
    });
  }

  /** The run ends at once, and what it asked goes on: `review` says what of it is still right. */
  supersede(): void {
    this.#controller.abort(SUPERSEDED);
  }

  /** Nothing more is started; what is in flight comes to its end. */
  windDown(): void {
    this.#winding = true;
    this.#answerers.stopStarting();
  }

  /** Gives up what is in flight. */
  async abort(): Promise<void> {
    this.#winding = true;
    this.#controller.abort();
    this.#teams.abandon();
    await this.#desk.close();
  }

  /** Resolves once nothing is in flight. */
  settled(): Promise<void> {
    return this.#desk.settled();
  }

  /** Why replies could not be kept, and where they were put instead. */
  get troubles(): readonly unknown[] {
    return this.#desk.troubles;
  }

  /** What is on its way to the team gets some time still; what became of it is said. */
  async close(): Promise<void> {
    this.#answerers.close();
    const remote = await this.#teams.end();
    if (remote !== undefined) this.#options.listen({ type: 'remote_ended', remote });
  }

  /**
   * Gives up the calls that the plan would not make as they were made, and counts those that were sent; undefined when there are
   * none. What only waits in its pool is no call yet.
   */
  async review(plan: Plan): Promise<{ readonly kept: number; readonly givenUp: number } | undefined> {
    const calls = this.#desk.underWay();
    if (calls.length === 0) return undefined;
    const { graph, layout } = plan.session.loaded;
    const texts = await plan.session.texts();
    const shop = { graph, layout, texts, index: plan.session.index, judge: plan.judge };
    const rows = rowsOf(plan, new Set(calls.map(({ question }) => genKey(question.task))));
    const counts = { kept: 0, givenUp: 0 };
    for (const { question, isSent } of calls) {
      const row = rows.get(genKey(question.task));
      const right = row !== undefined && stillAsked(shop, row, question.address);
      if (!right) this.#desk.giveUp(question);
      if (isSent()) counts[right ? 'kept' : 'givenUp']++;
    }
    return counts.kept + counts.givenUp === 0 ? undefined : counts;
  }
}

function rowsOf({ session }: Plan, keys: ReadonlySet<string>): ReadonlyMap<string, number> {
  const { graph } = session.loaded;
  const rows = new Map<string, number>();
  for (let row = 0; row < graph.size; row++) {
    const key = keyAt(graph, row);
    if (keys.has(key)) rows.set(key, row);
  }
  return rows;
}

/** Thousands of rows are left when a run is superseded; the next plan speaks of them. */
function isLetGo(event: RunEvent): boolean {
  return event.type === 'generation' && event.outcome.kind === 'left' && event.outcome.why === 'superseded';
}

/** Rows that a plan will look at, with what they are made from. */
export function rowsAndParents({ scope, judge: { verdicts }, session }: Plan): ReadonlySet<number> {
  const { parent } = session.loaded.graph;
  const rows = new Set<number>();
  for (let row = 0; row < scope.length; row++) {
    if (scope[row] !== 1 || at(verdicts.attempted, row) === 0) continue;
    rows.add(row);
    if (at(parent, row) >= 0) rows.add(at(parent, row));
  }
  return rows;
}
