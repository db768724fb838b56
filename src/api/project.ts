// A project opened by a program: each question reads the data root as it stands then, and only builds and watches write. What a question
// needs is loaded when it is asked. Prints nothing and ends no process.
import { resolve } from 'node:path';
import { problemsOfBroken } from '../cohort/cohort.ts';
import { locate } from '../engine/project/load.ts';
import { CLOCK, loadOptionsFor, type LoadOptions } from '../engine/project/options.ts';
import { openSession, type Session } from '../engine/project/session.ts';
import type { CachedGraph } from '../graph/graphcache.ts';
import type { Measured, Separated } from '../engine/results/scores.ts';
import { problem, ProblemError, type Problem } from '../problem.ts';
import type { ExportRow } from '../engine/export/columns.ts';
import type { Ranked } from '../scores/levels/ranking.ts';
import type { Layout } from '../store/layout.ts';
import type { RunRecord } from '../store/runs/runs.ts';
import type { Health, HealthOptions } from './reading/health.ts';
import type { RunPair } from './reading/runpair.ts';
import type { Builder } from './building/build.ts';
import { Build } from './building/handle.ts';
import type { RatingOf, RatingGiven, RatingOptions, RatingSheet } from './rating.ts';
import type { ExportOptions, ExportReport } from './exporting.ts';
import type { PlanReport } from './plan.ts';
import type { GenerationOptions, GenerationRecord } from './reading/generations.ts';
import type { CostOptions, Costs } from './reading/money.ts';
import type { Reading } from './reading/open.ts';
import type { RowOptions } from './reading/rows.ts';
import type { LevelOptions, ScoreRecord, SeparateOptions, StatisticsOptions } from './reading/scores.ts';
import type { CheckReport, Status } from './reading/status.ts';
import type { Explanation } from './reading/why.ts';
import {
  asOptions,
  checkOptions,
  mergesOf,
  OPTIONS,
  type BuildOptions,
  type CheckOptions,
  type PlanQuery,
  type SelectOptions,
  type TeamCacheOptions,
  type WatchOptions,
} from './request.ts';
import type { PullReport, PushReport, RemoteReport } from './teamcache.ts';
import type { View, ViewOptions } from './view/view.ts';
import type { Watch } from './watch.ts';

/** What builds and watches of a program are called in locks and records, unless it gives itself a name. */
const PROGRAM = 'a program';

/** Which project: the one that holds the nearest `daydream.config.ts`, from `root` upwards. */
export interface ProjectOptions {
  /** A folder of it; the process's own where it is left out. */
  readonly root?: string | undefined;
  /** Another data root than the config's; relative to `root`. */
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
  readonly #running = new Set<Build | Watch | View>();
  /** As it was found on the way here: whoever opens a view at once need not read it a second time. */
  #cached: CachedGraph | undefined;
  /** Keeps up with where things lie, so that it need not be found again. */
  #view: View | undefined;
  #closed = false;

  private constructor(
    loading: () => LoadOptions,
    { dataRoot, name, cached }: { dataRoot: string; name: string; cached: CachedGraph | undefined },
  ) {
    this.#loading = loading;
    this.root = loading().root;
    this.dataRoot = dataRoot;
    this.#name = name;
    this.#cached = cached;
  }

  /** Throws a ProblemError where there is no project, or no data root. */
  static async open({ root = '.', name, ...options }: ProjectOptions): Promise<Project> {
    checkOptions({ root, name, ...options }, OPTIONS.open);
    const directory = resolve(root);
    // Each time anew: `.env` and the environment may have changed.
    const loading = (): LoadOptions => loadOptionsFor({ directory, ...options });
    const { layout, cached } = await locate(loading());
    return new Project(loading, { dataRoot: layout.dataRoot, name: name ?? PROGRAM, cached });
  }

  /** Counts by cohort, stage and state. */
  status(options: SelectOptions = {}): Promise<Status> {
    return this.#ask(async () => {
      const reading = await this.#read(options, OPTIONS.select);
      return (await import('./reading/status.ts')).statusOf(reading, options);
    });
  }

  /** Whether what is selected is current, and what is not; with a `gate` also whether its scores pass. */
  check(options: CheckOptions = {}): Promise<CheckReport> {
    return this.#ask(async () => {
      const reading = await this.#read(options, OPTIONS.check, mergesOf(options));
      const { checkReport, checkSelected } = await import('./reading/status.ts');
      return checkReport(reading, await checkSelected(reading, options));
    });
  }

  /** What would run, why, and at what price. */
  plan(options: PlanQuery = {}): Promise<PlanReport> {
    return this.#ask(async () => {
      const opening = this.#opening(options, OPTIONS.plan);
      const [{ planProject, planReport }, { sharing }] = await Promise.all([
        import('./plan.ts'),
        import('./sharing.ts'),
      ]);
      return planReport(await planProject(opening, sharing(options, opening.environment)));
    });
  }

  /** Runs exactly what is stale; begins at once. Throws a ProblemError for options that can not be used. */
  build(options: BuildOptions = {}): Build {
    return this.#keep(Build.begin(options, this.#caller(options, OPTIONS.build)));
  }

  /** Keeps everything current while files change, until it is stopped. */
  watch(options: WatchOptions = {}): Promise<Watch> {
    return this.#ask(async () => {
      const caller = this.#caller(options, OPTIONS.watch);
      const { Watch } = await import('./watch.ts');
      return this.#keep(await Watch.open(options, caller));
    });
  }

  /** Keeps everything read and judged while it changes, here or in another process, so that each question is answered at once. */
  view(options: ViewOptions = {}): Promise<View> {
    return this.#ask(async () => {
      this.#opening({}, {});
      const cached = this.#cached;
      this.#cached = undefined;
      const { View } = await import('./view/view.ts');
      const view = await View.open(this.#loading, { ...options, cached, dataRoot: this.dataRoot });
      this.#view = view;
      this.#running.add(view);
      void view.closed.then(() => this.#forget(view));
      return view;
    });
  }

  /** Sends the answers that the remote cache lacks. */
  push(options: TeamCacheOptions = {}): Promise<PushReport> {
    return this.#ask(async () => {
      return (await import('./teamcache.ts')).push(options, this.#caller(options, OPTIONS.teamcache));
    });
  }

  /** Brings answers from the remote cache, as far as it is known what is asked. */
  pull(options: TeamCacheOptions = {}): Promise<PullReport> {
    return this.#ask(async () => {
      return (await import('./teamcache.ts')).pull(options, this.#caller(options, OPTIONS.teamcache));
    });
  }

  /** Where answers lie: here, in the remote cache, in both places or nowhere. */
  compareRemote(options: TeamCacheOptions = {}): Promise<RemoteReport> {
    return this.#ask(async () => {
      const { compareRemote } = await import('./teamcache.ts');
      return compareRemote(options, this.#caller(options, OPTIONS.teamcache));
    });
  }

  /** Why a generation is in its state, down to the root cause. */
  why(genId: string): Promise<Explanation> {
    return this.#ask(async () => {
      const reading = await this.#read({}, OPTIONS.select);
      return (await import('./reading/why.ts')).explainGeneration(reading, genId);
    });
  }

  /** One by one, in the order drafts, essays, evaluations; texts are read only where they are asked for. */
  async *generations(options: GenerationOptions = {}): AsyncGenerator<GenerationRecord, void, undefined> {
    try {
      const reading = await this.#read(options, OPTIONS.generations);
      yield* (await import('./reading/generations.ts')).generationsOf(reading, options);
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** A row a generation, as `export` writes them, in the order drafts, essays, evaluations. */
  async *rows(options: RowOptions = {}): AsyncGenerator<ExportRow, void, undefined> {
    try {
      const reading = await this.#read(options, OPTIONS.rows);
      yield* (await import('./reading/rows.ts')).exportRows(reading, options).rows;
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** Writes these rows into a file: Parquet, CSV or JSON lines. */
  export(options: ExportOptions): Promise<ExportReport> {
    return this.#ask(async () => {
      const reading = await this.#read(options, OPTIONS.export);
      return (await import('./exporting.ts')).exportFile(reading, options, process.cwd());
    });
  }

  /** The scores of a cohort's evaluations, or of all cohorts'. */
  scores(cohort?: string): Promise<readonly ScoreRecord[]> {
    return this.#ask(async () => {
      const session = await this.#session();
      return (await import('./reading/scores.ts')).scoresOf(session, cohort);
    });
  }

  /** Means with intervals, rankings, spread and agreement of a cohort's scores, or of all cohorts'. */
  statistics(cohort?: string, options: StatisticsOptions = {}): Promise<Measured> {
    return this.#ask(async () => {
      checkOptions(options, OPTIONS.statistics);
      const session = await this.#session();
      return (await import('./reading/scores.ts')).statisticsOf(session, cohort, options);
    });
  }

  /** The levels of a dimension, such as `draft_template`, each compared with each on what they have in common. */
  compareLevels(
    dimension: string,
    { cohort, ...options }: LevelOptions & { cohort?: string } = {},
  ): Promise<Ranked> {
    return this.#ask(async () => {
      checkOptions({ ...options, cohort }, OPTIONS.levels);
      const session = await this.#session();
      const { levelsOf, scoresOf } = await import('./reading/scores.ts');
      return levelsOf(session, await scoresOf(session, cohort), dimension, options);
    });
  }

  /** What would tell two names of one kind apart, such as two draft templates: each way with its price, the cheapest first. */
  separate(
    names: readonly [string, string],
    { cohort, ...options }: SeparateOptions & { cohort?: string } = {},
  ): Promise<Separated> {
    return this.#ask(async () => {
      checkOptions({ ...options, cohort }, OPTIONS.separate);
      const session = await this.#session();
      const { scoresOf, separationOf } = await import('./reading/scores.ts');
      return separationOf(session, await scoresOf(session, cohort), names, options);
    });
  }

  /** The next questions for a person about texts: blind, and in an order drawn by a seed. Nothing is asked twice. */
  toRate(options: RatingOptions = {}): Promise<RatingSheet> {
    return this.#ask(async () => {
      checkOptions(options, OPTIONS.rating);
      const session = await this.#session();
      return (await import('./rating.ts')).sheetFor(session, options);
    });
  }

  /** What people said so far. */
  ratings(): Promise<readonly RatingOf[]> {
    return this.#ask(async () => {
      const layout = await this.#layout();
      return (await import('./rating.ts')).ratingsIn(layout);
    });
  }

  /** Keeps what a person says of a task that `toRate` gave; it is on disk when this resolves. */
  rate(given: RatingGiven): Promise<void> {
    return this.#ask(async () => {
      checkOptions(given, OPTIONS.rated);
      const layout = await this.#layout();
      (await import('./rating.ts')).keepGiven(layout, given, CLOCK.now());
    });
  }

  /** The record of every build that did something, oldest first. */
  runs(): Promise<readonly RunRecord[]> {
    return this.#ask(async () => {
      const layout = await this.#layout();
      return (await import('../store/runs/runs.ts')).readRuns(layout);
    });
  }

  /** One of them, or the `last`. */
  run(id: string): Promise<RunRecord> {
    return this.#ask(async () => {
      const layout = await this.#layout();
      return (await import('./reading/money.ts')).runOf(layout, id);
    });
  }

  /** Two of them side by side. */
  runPair(a: string, b: string): Promise<RunPair> {
    return this.#ask(async () => {
      return (await import('./reading/runpair.ts')).runPairOf(await this.#layout(), a, b);
    });
  }

  /** What was spent, in USD. */
  costs(options: CostOptions = {}): Promise<Costs> {
    return this.#ask(async () => {
      checkOptions(options, OPTIONS.costs);
      const layout = await this.#layout();
      return (await import('./reading/money.ts')).costsOf(layout, options, CLOCK.now());
    });
  }

  /** What is wrong, and what cures it, as `daydream doctor` finds it; `progress` is told how much of the store was looked at. */
  health(options: HealthOptions = {}): Promise<Health> {
    const health = import('./reading/health.ts');
    return this.#ask(async () => (await health).healthOf(this.#opening({}, {}), options));
  }

  /** Does the cures that are safe, and gives them in words; what is replaced goes to the trash. */
  mend(): Promise<readonly string[]> {
    return this.#ask(async () => {
      const [{ mend }, { runIdOf }] = await Promise.all([
        import('./reading/health.ts'),
        import('../store/runs/runs.ts'),
      ]);
      const [now, layout] = [CLOCK.now(), await this.#layout()];
      const mender = {
        command: this.#name,
        at: new Date(now).toISOString(),
        name: runIdOf(layout, now, Math.random),
      };
      return mend(this.#opening({}, {}), layout, mender);
    });
  }

  /** What the inputs are warned of now, and what is wrong with cohorts that can not be used. */
  warnings(): Promise<readonly Problem[]> {
    return this.#ask(async () => {
      const { warnings, broken } = (await this.#session()).loaded;
      return [...warnings, ...problemsOfBroken(broken)];
    });
  }

  /** Ends what still runs, which lets what is in flight finish, and then the project: after that nothing more can be asked of it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#running].map((each) => each.stop()));
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asOptions(error);
    }
  }

  #opening(options: object, fields: Parameters<typeof checkOptions>[1]): LoadOptions {
    if (this.#closed) throw new ProblemError([problem('DD197', `the project ${this.root} was closed`)]);
    checkOptions(options, fields);
    return this.#loading();
  }

  async #layout(): Promise<Layout> {
    return this.#view?.layout ?? (await locate(this.#opening({}, {}))).layout;
  }

  #session(): Promise<Session> {
    return openSession({ ...this.#opening({}, {}), onBroken: () => {} });
  }

  async #read(
    options: SelectOptions,
    fields: Parameters<typeof checkOptions>[1],
    merges: 'refused' | 'told' = 'told',
  ): Promise<Reading> {
    const opening = { ...this.#opening(options, fields), verify: options.verify === true, merges };
    return (await import('./reading/open.ts')).openForReading(opening);
  }

  #caller(
    options: object,
    fields: Parameters<typeof checkOptions>[1],
  ): Pick<Builder, 'loading' | 'clock' | 'random' | 'command'> {
    const loading = this.#opening(options, fields);
    return { loading, clock: CLOCK, random: Math.random, command: this.#name };
  }

  #forget(view: View): boolean {
    if (this.#view === view) this.#view = undefined;
    return this.#running.delete(view);
  }

  #keep<T extends Build | Watch>(running: T): T {
    this.#running.add(running);
    const ended = running instanceof Build ? running.report : running.ended;
    const forget = (): void => void this.#running.delete(running);
    ended.then(forget, forget);
    return running;
  }
}
