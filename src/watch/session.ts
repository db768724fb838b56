// A watch from its start to its end: does what each state of the chart asks for, and says what happens. Knows no terminal.
import type { BuildResult } from '../engine/build/record.ts';
import { makePlan, type Plan } from '../engine/plan/plan.ts';
import type { Hold } from '../store/lock.ts';
import { learnerOf } from '../engine/money/price.ts';
import { refreshRows } from '../engine/project/session.ts';
import { ProblemError, togetherOf } from '../problem.ts';
import * as chart from './chart.ts';
import { groundOf } from './ground.ts';
import { Housekeeping, type HousekeepingOptions } from './housekeeping.ts';
import { InputWatcher, type InputNews } from './inputs/inputwatcher.ts';
import {
  answerErrand,
  clearAnswers,
  mailboxOf,
  takeErrands,
  TOO_DEAR,
  UNUSABLE,
  type ErrandNews,
} from './mailbox.ts';
import { Planner, type PlannerOptions } from './planning/planner.ts';
import { whenItIs } from './planning/daybreak.ts';
import { rootsOf } from './inputs/roots.ts';
import { Runner, rowsAndParents, type Ran, type RunnerOptions } from './runner.ts';
import type { Sample } from './planning/sampling.ts';
import { stillToDo, type Wish } from './wish.ts';
import { defined } from '../defined.ts';

export type WatchOptions = Omit<RunnerOptions, 'listen' | 'learned'> &
  Omit<PlannerOptions, 'ticks'> &
  Pick<HousekeepingOptions, 'figures'> & {
    /** Of the data root's lock, which the caller holds. */
    readonly check?: Hold['check'];
  };

/** Milliseconds between two looks at the lock. */
const GUARD = 200;

export class WatchSession {
  readonly #options: WatchOptions;
  readonly #planner: Planner;
  readonly #runner: Runner;
  readonly #house: Housekeeping;
  readonly #inputs: InputWatcher;
  readonly #mailbox: string;
  readonly #isThere: () => boolean;
  readonly #wishes: Wish[] = [];
  #state: chart.WatchState = { kind: 'starting' };
  /** What is asked about, sampled or built, and for whom. */
  #plan: Plan | undefined;
  #sample: Sample | undefined;
  #agreed: number | undefined;
  #doing: Wish | undefined;
  #running: Promise<void> = Promise.resolve();
  #resume: () => void = () => {};
  #guard: NodeJS.Timeout | undefined;
  /** True once something went wrong that no watch can go on after. */
  #ended = false;
  #end: { readonly resolve: () => void; readonly reject: (bug: unknown) => void } | undefined;

  constructor(options: WatchOptions) {
    const { session, clock, listen } = options;
    const { settle, scan, sweep, poll } = session.loaded.settings.watch;
    this.#options = options;
    this.#isThere = groundOf(options.check, (error) => this.#fail(error));
    const learner = learnerOf(session.loaded.layout.ledger);
    this.#house = new Housekeeping({
      learner,
      now: () => clock.now(),
      ticks: () => clock.ticks(),
      round: sweep,
      onFound: (files) => this.#foundEdits(files),
      isThere: () => this.#isThere(),
      onLeisure: () => this.#tidyTables(),
      onUnwritten: (problems) => listen({ type: 'warned', problems }),
      onError: (error) => this.#fail(error),
      figures: options.figures,
    });
    this.#planner = new Planner({ ...options, ticks: () => clock.ticks() }, this.#house);
    this.#runner = new Runner({ ...options, listen, learned: () => learner.readToEnd() }, this.#isThere);
    this.#mailbox = mailboxOf(session.loaded.layout);
    this.#inputs = new InputWatcher({
      roots: rootsOf(session.loaded),
      mailbox: this.#mailbox,
      settle,
      scan,
      mode: poll ? 'polling' : 'events',
      listen: (news) => this.#hear(news),
    });
  }

  /** Resolves when the watch was told to stop and what was in flight has ended. The lock is held by the caller. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject };
    });
    this.#guard = setInterval(() => this.#runner.look(), GUARD);
    clearAnswers(this.#mailbox);
    const watched = await this.#inputs.start();
    if (this.#state.kind !== 'stopping') {
      this.#options.listen({ type: 'watching', ...watched });
      this.#to(chart.onReady());
    }
    return ended;
  }

  get state(): chart.WatchState['kind'] {
    return this.#state.kind;
  }

  /** The plan as it was last said; undefined before the first. */
  get plan(): Plan | undefined {
    return this.#plan;
  }

  /** Builds now: what is asked about, the rest of a sample, or whatever is stale. */
  build(): void {
    const { request } = this.#options;
    const asked = this.#state.kind === 'asking' ? this.#wishes.shift() : undefined;
    this.#wishes.unshift({ request, by: 'the key b', ...asked, approved: true });
    this.#to(chart.onWish(this.#state));
  }

  /** Wants something done, after what was wanted before. */
  wish(wish: Wish): void {
    this.#wishes.push(wish);
    this.#to(chart.onWish(this.#state));
  }

  /** Pauses, or goes on. */
  pause(): void {
    if (this.#state.kind === 'asking' || this.#state.kind === 'comparing') this.#planner.owed = true;
    this.#windDownFor(chart.onPause(this.#state));
  }

  /** Starts nothing more, or drops the question; a second time, gives up what is in flight. */
  cancel(): void {
    const before = this.#state;
    if ('winding' in before && before.winding) return void this.#runner.abort();
    if (before.kind === 'asking' && this.#doing !== undefined)
      this.#drop({ state: 'declined', reason: 'dear', message: 'cancelled' });
    this.#windDownFor(chart.onCancel(before));
  }

  /** What is in flight comes to its end first. */
  stop(): void {
    if (this.#state.kind === 'stopping') return;
    this.#runner.windDown();
    this.#to(chart.onStop());
  }

  /** Gives up what is in flight, and stops. */
  abort(): void {
    this.stop();
    void this.#runner.abort();
  }

  #windDownFor(next: chart.WatchState): void {
    if ('winding' in next && next.winding) this.#runner.windDown();
    this.#to(next);
  }

  #hear(news: InputNews): void {
    switch (news.kind) {
      case 'changing':
        return this.#to(chart.onChanging(this.#state));
      case 'settled':
        return this.#to(chart.onSettled(this.#state));
      case 'polling':
        return this.#options.listen({ type: 'polling', why: news.why });
      case 'mail':
        return this.#collect();
      default:
        return news satisfies never;
    }
  }

  #collect(): void {
    for (const { id, command, request, approved } of takeErrands(this.#mailbox, this.#options.clock.now())) {
      answerErrand(this.#mailbox, id, { state: 'accepted' });
      this.wish({ request, approved, by: command, errand: id });
    }
  }

  #foundEdits(files: number): void {
    this.#options.listen({ type: 'hand_edits', files });
    this.#planAgain();
  }

  /** Tables follow the scores and the membership also where nothing had to run, and come back where somebody removed them. */
  #tidyTables(): void {
    if (this.#options.mode === 'plan' || !this.#isThere()) return;
    if (this.#planner.batchesDue()) this.#planAgain();
    const reports = this.#house.tables(this.#planner.session).filter(({ result }) => result === 'written');
    if (reports.length > 0) this.#options.listen({ type: 'reports_written', reports });
  }

  #planAgain(): void {
    this.#planner.owed = true;
    this.#to(chart.onSettled(this.#state));
  }

  /** Goes to a state and begins what it asks for; `anew` where that has just ended in the very same state. */
  #to(next: chart.WatchState, begin: 'on entry' | 'anew' = 'on entry'): void {
    const before = this.#state;
    if (next === before) return;
    this.#state = next;
    if (before.kind !== next.kind) this.#options.listen({ type: 'state', state: next.kind });
    if (before.kind === next.kind && begin === 'on entry') return;
    this.#begin(next, before).catch((error: unknown) => this.#fail(error));
  }

  async #begin(state: chart.WatchState, before: chart.WatchState): Promise<void> {
    switch (state.kind) {
      case 'planning':
        return this.#replan();
      case 'superseding':
        return this.#look();
      case 'building':
      case 'sampling':
        // A run that was looked at and found right is still on.
        return before.kind === 'superseding' ? undefined : this.#start();
      case 'stopping':
        return this.#finish();
      case 'watching':
      case 'broken':
        if (this.#wishes.length > 0) return this.#to(chart.onWish(this.#state));
        return this.#house.rest(this.#planner.session);
      case 'asking':
      case 'comparing':
      case 'paused':
        return this.#house.rest(this.#planner.session);
      case 'starting':
      case 'settling':
        return this.#house.giveWay();
      default:
        return state satisfies never;
    }
  }

  async #replan(): Promise<void> {
    await Promise.all([this.#house.busy(), this.#inputs.calm()]);
    if (this.#ended) return;
    this.#isThere();
    if (this.#planner.looksOwed()) await this.#runner.takeBatches(this.#planner.session);
    const wish = this.#wishes[0];
    const planned = await this.#planner.plan(wish, async (plan) => {
      const calls = await this.#runner.review(plan);
      if (calls !== undefined) this.#options.listen({ type: 'superseded', ...calls });
    });
    const { outcome } = planned;
    this.#plan = planned.plan ?? this.#plan;
    this.#sample = planned.sample;
    this.#agreed = planned.agreed;
    this.#doing = wish;
    if (outcome === 'unreadable' && wish !== undefined) this.#drop(UNUSABLE);
    if (planned.refused !== undefined) return this.#decline({ state: 'refused', problems: planned.refused });
    if (outcome === 'dear' && wish?.errand !== undefined) return this.#decline(TOO_DEAR);
    if (outcome === 'clean') this.#tidyTables();
    // A run that does not begin is owed: the next plan may find that what changed meanwhile was in this one already.
    if (chart.isLost(this.#state, outcome)) this.#planner.owed = true;
    void this.#inputs.follow(rootsOf(this.#planner.session.loaded));
    this.#to(chart.onPlanned(this.#state, outcome), 'anew');
  }

  /** The wish that was planned is not done; what changed meanwhile still is to be planned. */
  #decline(news: ErrandNews): void {
    this.#drop(news);
    this.#to(chart.onPlanned(this.#state, 'same'), 'anew');
    if (this.#planner.owed) this.#planAgain();
  }

  /** Inputs have settled while a run is on. */
  async #look(): Promise<void> {
    const outcome = await this.#planner.look();
    if (outcome === 'changed') {
      this.#runner.supersede();
      await this.#running;
    }
    this.#to(chart.onLooked(this.#state, outcome), 'anew');
  }

  async #start(): Promise<void> {
    this.#runner.begin();
    const running = this.#execute();
    this.#running = running;
    await running;
    this.#to(chart.onFinished(this.#state));
    if (this.#planner.owed && this.#state.kind === 'watching') this.#planAgain();
  }

  async #execute(): Promise<void> {
    const { listen } = this.#options;
    const wish = this.#doing;
    try {
      const found = await this.#refreshed();
      const plan = found ?? this.#sample?.plan ?? this.#plan;
      if (plan === undefined) return;
      if (!this.#isThere()) return void (this.#planner.owed = true);
      const { end, result: made } = await this.#runner.run(plan, this.#agreed);
      const there = this.#isThere();
      if (!there) this.#planner.owed = true;
      const reports = there && end !== 'superseded' ? this.#house.tables(plan.session) : made.reports;
      await this.#conclude(plan, wish, { end, result: { ...made, reports } });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (!this.#isThere()) this.#planner.owed = true;
      const { problems } = error;
      listen(defined({ type: 'refused', problems, wishedBy: wish?.by }));
      if (wish !== undefined) this.#drop({ state: 'refused', problems });
    }
  }

  /** The plan made again, if files of what it is about to run are not as the index remembers them. */
  async #refreshed(): Promise<Plan | undefined> {
    const plan = this.#sample?.plan ?? this.#plan;
    if (plan === undefined) return undefined;
    const files = await refreshRows(plan.session, rowsAndParents(plan));
    if (files === 0) return undefined;
    this.#options.listen({ type: 'hand_edits', files });
    if (this.#sample !== undefined) return undefined;
    this.#plan = await makePlan(plan.session, this.#planner.requestFor(this.#doing));
    return this.#plan;
  }

  async #conclude(plan: Plan, wish: Wish | undefined, { end, result }: Ran): Promise<void> {
    const { listen, request } = this.#options;
    switch (end) {
      case 'superseded':
        if (wish === undefined) this.#planner.owed = true;
        else this.#wishes[0] = stillToDo(wish, plan);
        return;
      case 'wound_down':
        this.#planner.owed = 'after' in this.#state && this.#state.after === 'paused';
        break;
      case 'done':
        // A wish for a selection may leave what is below it stale.
        if (wish !== undefined && Object.keys(result.below).length > 0) this.#planner.owed = true;
        break;
      default:
        end satisfies never;
    }
    listen({ type: 'built', result });
    this.#resumeParked(result);
    if (wish !== undefined) this.#drop({ state: 'finished', result });
    if (end === 'done') await this.#planner.concluded(this.#sample, wish?.request ?? request);
  }

  /** A pool that is at its daily limit goes on by itself. */
  #resumeParked({ summary }: BuildResult): void {
    this.#resume();
    const until = Math.min(...(summary?.parked ?? []).map((each) => each.until));
    if (!Number.isFinite(until)) return;
    this.#resume = whenItIs(this.#options.clock, until, () => this.#planAgain());
  }

  /** The first wish is done, or can not be. */
  #drop(news: ErrandNews): void {
    const wish = this.#wishes.shift();
    if (wish?.errand !== undefined) answerErrand(this.#mailbox, wish.errand, news);
  }

  async #finish(): Promise<void> {
    clearInterval(this.#guard);
    this.#resume();
    await this.#inputs.close();
    await this.#running;
    await this.#runner.settled();
    while (this.#wishes.length > 0)
      this.#drop({ state: 'declined', reason: 'stopping', message: 'the watch was ended' });
    await this.#house.close(this.#planner.session);
    await this.#runner.close();
    this.#options.listen({ type: 'stopped' });
    this.#end?.resolve();
  }

  /** A bug, or a disk that can not be written. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#guard);
    this.#resume();
    void this.#inputs.close();
    void this.#house.busy();
    void this.#endOver(error);
  }

  /** What is in flight is paid for: it ends first, and where it was put, if it could not be kept, is said too. */
  async #endOver(error: unknown): Promise<void> {
    this.#runner.windDown();
    const errors = [error];
    try {
      await this.#running;
    } catch (late) {
      errors.push(late);
    }
    await this.#runner.settled();
    this.#end?.reject(togetherOf([...errors, ...this.#runner.troubles]));
  }
}
