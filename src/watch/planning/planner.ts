// From inputs that have settled to a plan that was announced: reads what changed, judges from memory, prices, and says all that.
// Runs nothing.
import { BatchLooks } from './batchlooks.ts';
import { problemsOfBroken } from '../../cohort/cohort.ts';
import { writeMembership } from '../../engine/cohorts/membershipfiles.ts';
import { reloadGraph, type LoadedGraph } from '../../engine/project/load.ts';
import { takeHome } from '../../engine/upkeep/homecoming.ts';
import { type LoadOptions } from '../../engine/project/options.ts';
import {
  attemptedRows,
  makePlan,
  refuseOfflineOverPaid,
  type Plan,
  type PlanRequest,
} from '../../engine/plan/plan.ts';
import { pricePlan, type PlanPrice } from '../../engine/money/price.ts';
import { refreshRows, type Session } from '../../engine/project/session.ts';
import { renewedIn } from '../../engine/project/submitted.ts';
import { at } from '../../graph/graph.ts';
import { STATES } from '../../plan/verdict.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import type { LookOutcome, PlanOutcome } from '../chart.ts';
import type { Housekeeping } from '../housekeeping.ts';
import { changedFiles, movesBetween, newcomers, Sessions } from './replanning.ts';
import { compare, sampleOf, type Begun, type Sample } from './sampling.ts';
import type { Ahead, FileChange, WatchEvent } from '../events.ts';
import type { Wish } from '../wish.ts';
import { defined } from '../../defined.ts';

export interface PlannerOptions {
  readonly session: Session;
  /** With the environment of the moment: `.env` may have changed. */
  readonly load: () => LoadOptions;
  /** What the watch keeps current. */
  readonly request: PlanRequest;
  /** `plan` only says what would run. */
  readonly mode: 'build' | 'plan';
  /** So many generations are made first after an edit of a template. */
  readonly sample?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly cache: 'use' | 'only';
  /** Whether a plan of this price may run without a word; throws a ProblemError when it may not at all. */
  readonly consent: (plan: Plan, price: PlanPrice) => 'given' | 'wanted';
  /** USD that a plan of this price may spend without a further word; undefined for whatever it costs. */
  readonly agreedTo: (plan: Plan, price: PlanPrice) => number | undefined;
  readonly ticks: () => number;
  readonly listen: (event: WatchEvent) => void;
}

export interface Planned {
  readonly outcome: PlanOutcome;
  /** Absent where none was made. */
  readonly plan?: Plan;
  readonly sample?: Sample;
  /** USD that its run may spend; undefined for whatever it costs. */
  readonly agreed?: number | undefined;
  /** Why the wish can not be planned. */
  readonly refused?: readonly Problem[];
}

/** Prompts that are rendered before the plan is said; the price of the others has wider bounds. */
const RENDERED = 100;

export class Planner {
  readonly #options: PlannerOptions;
  readonly #house: Pick<Housekeeping, 'learned'>;
  readonly #sessions = new Sessions();
  readonly #batches = new BatchLooks();
  #session: Session;
  /** The inputs as they were read last; the session may still be of those before. */
  #latest: LoadedGraph;
  /** Whose membership is still to be written. */
  #compiled: Session | undefined;
  #broken = '';
  #owed = true;
  /** What samples are held against; forgotten once all that was edited is built. */
  readonly #begun: Begun = new Map();
  /** True once a plan was said; the first is, even if nothing is to run. */
  #said = false;

  constructor(options: PlannerOptions, house: Pick<Housekeeping, 'learned'>) {
    this.#options = options;
    this.#house = house;
    this.#session = options.session;
    this.#latest = options.session.loaded;
    this.#compiled = options.session;
  }

  get session(): Session {
    return this.#session;
  }

  /** Whether a run should take what may have ended of the batches that are open. */
  batchesDue(): boolean {
    return this.#batches.due(this.#session.loaded.layout, this.#options.ticks());
  }

  /** Whether batches are to be looked at before the next plan; says so once. */
  looksOwed(): boolean {
    return this.#batches.owed();
  }

  /** What a plan is made for: the wish, else what the watch keeps current; and what batches have brought for questions that were asked again on purpose. */
  requestFor(wish: Wish | undefined): PlanRequest {
    const request = wish?.request ?? this.#options.request;
    // Nobody may be asked: then they could only fail.
    if (this.#options.cache === 'only') return request;
    const renewed = renewedIn(this.#session.loaded.layout);
    return renewed.size === 0 ? request : { ...request, renewed };
  }

  /** Whether what the watch keeps current is to be planned even if nothing changes. */
  get owed(): boolean {
    return this.#owed;
  }

  set owed(owed: boolean) {
    this.#owed = owed;
  }

  /** A run is over: of a sample it is said what it shows, last of all; once all is built, that is what later edits are held against. */
  async concluded(sample: Sample | undefined, request: PlanRequest): Promise<void> {
    if (sample !== undefined)
      this.#options.listen({
        type: 'sampled',
        ...compare(sample),
        rest: sample.rest,
        ahead: await this.#ahead(),
      });
    else if (request === this.#options.request) this.#begun.clear();
  }

  /** What a build of all that is watched would run now. */
  async #ahead(): Promise<Ahead> {
    const plan = await makePlan(this.#session, this.#options.request);
    const { upper, unpriced } = await this.#price(plan, RENDERED);
    const rows = attemptedRows(plan);
    const states: Record<string, number> = {};
    for (const row of rows) {
      const state = at(STATES, at(plan.judge.verdicts.state, row));
      states[state] = (states[state] ?? 0) + 1;
    }
    return { generations: rows.length, states, usd: upper.usd, unpriced };
  }

  /** Whether inputs changed, while a run still works with the session as it is. */
  async look(): Promise<LookOutcome> {
    try {
      await this.#reload();
    } catch (error) {
      this.#sayBroken(problemsIn(error));
      return 'unreadable';
    }
    if (changedFiles(this.#session.loaded, this.#latest).length > 0) return 'changed';
    this.#sayMended();
    return 'same';
  }

  /** `review` hears of the plan before it is priced. */
  async plan(wish: Wish | undefined, review: (plan: Plan) => Promise<void>): Promise<Planned> {
    const started = this.#options.ticks();
    try {
      await this.#reload();
    } catch (error) {
      if (wish !== undefined) this.#broken = '';
      this.#sayBroken(problemsIn(error));
      return { outcome: 'unreadable' };
    }
    try {
      const files = await this.#adopt();
      const mended = this.#sayMended();
      await this.#takeHome();
      if (files.length === 0 && wish === undefined && !this.#owed)
        return { outcome: mended ? 'clean' : 'same' };
      if (files.length > 0 || mended) this.#owed = true;
      const plan = await makePlan(this.#session, this.requestFor(wish));
      refuseOfflineOverPaid(plan);
      await review(plan);
      return await this.#decide({ plan, wish, started, files });
    } catch (error) {
      const problems = problemsIn(error);
      if (wish !== undefined) {
        this.#options.listen({ type: 'refused', problems, wishedBy: wish.by });
        return { outcome: 'same', refused: problems };
      }
      this.#sayBroken(problems);
      return { outcome: 'unreadable' };
    }
  }

  /** A data root that is back gets what came while it was away. */
  async #takeHome(): Promise<void> {
    if (this.#options.mode === 'plan') return;
    const home = await takeHome(this.#session.loaded.layout);
    if (home !== undefined) this.#options.listen({ type: 'warned', problems: [home] });
  }

  /** Writes membership.csv and manifest.json of the cohorts that were compiled since the last time. */
  writeMembership(): void {
    if (this.#compiled === undefined) return;
    const files = writeMembership(this.#compiled);
    this.#compiled = undefined;
    if (files.length > 0) this.#options.listen({ type: 'membership_written', files });
  }

  async #reload(): Promise<void> {
    const options = this.#options.load();
    const loaded = await reloadGraph(this.#latest, options);
    const { dataRoot, configFile } = this.#options.session.loaded.settings;
    if (configFile !== undefined && loaded.settings.configFile === undefined)
      throw new ProblemError([withoutConfig(configFile)]);
    if (loaded.settings.dataRoot !== dataRoot) throw new ProblemError([otherDataRoot(loaded, dataRoot)]);
    if (loaded !== this.#latest && loaded.compiled !== undefined)
      this.#compiled = { ...this.#session, loaded };
    this.#latest = loaded;
  }

  /** The latest inputs become the session's. */
  async #adopt(): Promise<readonly FileChange[]> {
    const { listen, load } = this.#options;
    const before = this.#session;
    const loaded = this.#latest;
    if (before.loaded === loaded) return [];
    const files = changedFiles(before.loaded, loaded);
    this.#session = this.#sessions.next(before, loaded, load());
    if (files.length > 0) listen({ type: 'changed', files });
    if (before.loaded.header.structureKey !== loaded.header.structureKey) {
      const moves = movesBetween(before.loaded.structure, loaded.structure);
      if (moves.joined + moves.left.length > 0) listen({ type: 'membership', ...moves });
      if (moves.joined > 0)
        await refreshRows(this.#session, newcomers(before.loaded.structure, loaded.structure));
    }
    for (const told of [({ warnings }: LoadedGraph) => warnings, brokenIn])
      if (textOf(told(loaded)) !== textOf(told(before.loaded)) && told(loaded).length > 0)
        listen({ type: 'warned', problems: told(loaded) });
    return files;
  }

  async #decide({ plan, wish, started, files }: Deciding): Promise<Planned> {
    const { mode, listen, ticks } = this.#options;
    const rows = attemptedRows(plan);
    const idle = rows.length === 0 && !plan.judge.verdicts.untraced.includes(1);
    const price = await this.#price(plan, RENDERED);
    if (!idle || files.length > 0 || wish !== undefined || !this.#said)
      listen(defined({ type: 'planned', plan, price, ms: ticks() - started, wishedBy: wish?.by }));
    this.#said = true;
    if (mode === 'build' || wish !== undefined) this.writeMembership();
    if (wish === undefined) this.#owed = false;
    if (wish === undefined && idle) this.#begun.clear();
    if (wish === undefined && (idle || mode === 'plan')) return { outcome: idle ? 'clean' : 'told', plan };
    const free = wish?.approved === true;
    const { sample: count } = this.#options;
    const sample = count === undefined || free ? undefined : sampleOf(plan, count, this.#begun);
    const whatever = free && wish.errand !== undefined;
    if (!free && !(await this.#maySpend(sample?.plan ?? plan, sample === undefined ? price : undefined)))
      return { outcome: 'dear', plan };
    const agreed = whatever ? undefined : this.#options.agreedTo(plan, price);
    return sample === undefined
      ? { outcome: 'build', plan, agreed }
      : { outcome: 'sample', plan, sample, agreed };
  }

  /** Asks where the price wants a word. Nobody is asked about a guess: before that, every prompt is counted. */
  async #maySpend(plan: Plan, guess: PlanPrice | undefined): Promise<boolean> {
    const { consent, listen } = this.#options;
    const quick = guess ?? (await this.#price(plan, RENDERED));
    if (consent(plan, quick) === 'given') return true;
    let price = quick;
    if (attemptedRows(plan).length > RENDERED) {
      price = await this.#price(plan, Infinity);
      listen({ type: 'priced', price });
      if (consent(plan, price) === 'given') return true;
    }
    listen({ type: 'asks', usd: price.upper.usd, unpriced: price.unpriced });
    return false;
  }

  #price(plan: Plan, rendered: number): Promise<PlanPrice> {
    const { concurrency, cache } = this.#options;
    return pricePlan(plan, {
      concurrency,
      calls: cache === 'only' ? 'none' : 'allowed',
      learned: () => this.#house.learned(),
      rendered,
    });
  }

  #sayBroken(problems: readonly Problem[]): void {
    const text = textOf(problems);
    if (text !== this.#broken) this.#options.listen({ type: 'broken', problems });
    this.#broken = text;
  }

  #sayMended(): boolean {
    if (this.#broken === '') return false;
    this.#broken = '';
    this.#options.listen({ type: 'mended' });
    return true;
  }
}

/** What is wrong with cohorts that the rest goes on without. */
function brokenIn({ broken }: LoadedGraph): readonly Problem[] {
  return problemsOfBroken(broken);
}

interface Deciding {
  readonly plan: Plan;
  readonly wish: Wish | undefined;
  readonly started: number;
  readonly files: readonly FileChange[];
}

function textOf(problems: readonly Problem[]): string {
  return JSON.stringify(problems);
}

/** Anything but a ProblemError is a bug, and goes on. */
function problemsIn(error: unknown): readonly Problem[] {
  if (error instanceof ProblemError) return error.problems;
  throw error;
}

/** The defaults would ask another provider, with other settings. */
function withoutConfig(configFile: string): Problem {
  return problem('DD103', `${configFile} is not there any more`, {
    place: { file: configFile },
    cure: 'Put it back, or end the watch.',
  });
}

function otherDataRoot({ settings }: LoadedGraph, watched: string): Problem {
  return problem('DD801', `the config now names the data root ${settings.dataRoot}; watched is ${watched}`, {
    ...(settings.configFile === undefined ? {} : { place: { file: settings.configFile } }),
  });
}
