// A project opened by a program: each question reads the data root as it stands then, and only builds and watches write. Prints
// nothing and ends no process.
import { setTimeout as sleep } from 'node:timers/promises';
import { locate } from '../engine/project/load.ts';
import { loadOptionsFor, type LoadOptions } from '../engine/project/options.ts';
import { openSession, type Session } from '../engine/project/session.ts';
import type { Measured } from '../engine/results/scores.ts';
import type { Clock } from '../model/clock.ts';
import { problem, ProblemError, type Problem } from '../problem.ts';
import type { ScoreRow } from '../statistics/scores.ts';
import { readRuns, type RunRecord } from '../store/runs.ts';
import type { Builder } from './building/build.ts';
import { Build } from './building/handle.ts';
import { planProject, planReport, type PlanReport } from './plan.ts';
import { generationsOf, type GenerationOptions, type GenerationRecord } from './reading/generations.ts';
import { costsOf, runOf, type CostOptions, type Costs } from './reading/money.ts';
import { openForReading, type Reading } from './reading/open.ts';
import { scoresOf, statisticsOf } from './reading/scores.ts';
import { checkReport, checkSelected, statusOf, type CheckReport, type Status } from './reading/status.ts';
import { explainGeneration, type Explanation } from './reading/why.ts';
import {
  checkOptions,
  OPTIONS,
  type BuildOptions,
  type PlanOptions,
  type SelectOptions,
  type WatchOptions,
} from './request.ts';
import { Watch } from './watch.ts';

const CLOCK: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await sleep(ms, undefined, { signal }).catch(() => {});
  },
};

/** What builds and watches of a program are called in locks and records, unless it gives itself a name. */
const PROGRAM = 'a program';

/** Which project: the one that holds the nearest `daydream.config.ts`, from `root` upwards. */
export interface ProjectOptions {
  /** A folder; the process's own where it is left out. */
  readonly root?: string | undefined;
  /** Another data root than the config's. */
  readonly dataRoot?: string | undefined;
  /** Who answers instead, for every model: `offline`, or a provider of the config. */
  readonly provider?: string | undefined;
  /** Who builds, for locks, records and `daydream runs`. */
  readonly name?: string | undefined;
}

export class Project {
  /** Absolute. */
  readonly root: string;
  /** Absolute. */
  readonly dataRoot: string;
  readonly #loading: () => LoadOptions;
  readonly #name: string;
  readonly #running = new Set<Build | Watch>();
  #closed = false;

  private constructor(loading: () => LoadOptions, dataRoot: string, name: string) {
    this.#loading = loading;
    this.root = loading().root;
    this.dataRoot = dataRoot;
    this.#name = name;
  }

  /** Throws a ProblemError where there is no project, or no data root. */
  static async open({ root, dataRoot, provider, name }: ProjectOptions): Promise<Project> {
    checkOptions({ root, dataRoot, provider, name }, OPTIONS.open);
    const loading = (): LoadOptions => loadOptionsFor({ directory: process.cwd(), root, dataRoot, provider });
    const { layout } = await locate(loading());
    return new Project(loading, layout.dataRoot, name ?? PROGRAM);
  }

  /** Counts by cohort, stage and state. */
  async status(options: SelectOptions = {}): Promise<Status> {
    return statusOf(await this.#read(options, OPTIONS.select), options);
  }

  /** Whether what is selected is current, and what is not. */
  async check(options: SelectOptions = {}): Promise<CheckReport> {
    const reading = await this.#read(options, OPTIONS.select);
    return checkReport(reading, checkSelected(reading, options));
  }

  /** What would run, why, and at what price. */
  async plan(options: PlanOptions = {}): Promise<PlanReport> {
    this.#check(options, OPTIONS.plan);
    return planReport(await planProject(this.#loading(), options));
  }

  /** Runs exactly what is stale; begins at once. */
  build(options: BuildOptions = {}): Build {
    this.#check(options, OPTIONS.build);
    return this.#keep(Build.begin(options, this.#caller()));
  }

  /** Keeps everything current while files change, until it is stopped. */
  async watch(options: WatchOptions = {}): Promise<Watch> {
    this.#check(options, OPTIONS.watch);
    return this.#keep(await Watch.open(options, this.#caller()));
  }

  /** Why a generation is in its state, down to the root cause. */
  async why(genId: string): Promise<Explanation> {
    return explainGeneration(await this.#read({}, OPTIONS.select), genId);
  }

  /** One by one, in the order drafts, essays, evaluations; texts are read only where they are asked for. */
  async *generations(options: GenerationOptions = {}): AsyncGenerator<GenerationRecord, void, undefined> {
    yield* generationsOf(await this.#read(options, OPTIONS.generations), options);
  }

  /** The scores of a cohort's evaluations, or of all cohorts'. */
  async scores(cohort?: string): Promise<readonly ScoreRow[]> {
    return scoresOf(await this.#session(), cohort);
  }

  /** Means with intervals, rankings, spread and agreement of a cohort's scores, or of all cohorts'. */
  async statistics(cohort?: string): Promise<Measured> {
    return statisticsOf(await this.#session(), cohort);
  }

  /** The record of every build that did something, oldest first. */
  async runs(): Promise<readonly RunRecord[]> {
    return readRuns((await locate(this.#open())).layout);
  }

  /** One of them, or the `last`. */
  async run(id: string): Promise<RunRecord> {
    return runOf((await locate(this.#open())).layout, id);
  }

  /** What was spent, in USD. */
  async costs(options: CostOptions = {}): Promise<Costs> {
    this.#check(options, OPTIONS.costs);
    return costsOf((await locate(this.#open())).layout, options, CLOCK.now());
  }

  /** Ends what still runs, which lets what is in flight finish, and then the project: after that nothing more can be asked of it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#running].map((each) => each.stop()));
  }

  /** What the inputs are warned of now. */
  async warnings(): Promise<readonly Problem[]> {
    return (await this.#session()).loaded.warnings;
  }

  #check(options: object, fields: Parameters<typeof checkOptions>[1]): void {
    if (this.#closed) throw new ProblemError([problem('DD197', `the project ${this.root} was closed`)]);
    checkOptions(options, fields);
  }

  #open(): LoadOptions {
    this.#check({}, {});
    return this.#loading();
  }

  #session(): Promise<Session> {
    return openSession(this.#open());
  }

  async #read(options: SelectOptions, fields: Parameters<typeof checkOptions>[1]): Promise<Reading> {
    this.#check(options, fields);
    return openForReading({ ...this.#loading(), verify: options.verify === true });
  }

  #caller(): Pick<Builder, 'loading' | 'clock' | 'random' | 'command'> {
    return { loading: this.#loading(), clock: CLOCK, random: Math.random, command: this.#name };
  }

  #keep<T extends Build | Watch>(running: T): T {
    this.#running.add(running);
    const ended = running instanceof Build ? running.report : running.ended;
    const forget = (): void => void this.#running.delete(running);
    ended.then(forget, forget);
    return running;
  }
}
