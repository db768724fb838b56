// Keeps a view's facts up with the disk: inputs as they settle, the store as builds write it, here or in another terminal. Writes
// nothing but a cache of scores.
import { problemsOfBroken } from '../../cohort/cohort.ts';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { loadGraph, reloadGraph, withTexts, type LoadedGraph } from '../../engine/project/load.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import {
  indexOnDisk,
  judge,
  rememberedOf,
  refreshRange,
  refreshRows,
  type Session,
} from '../../engine/project/session.ts';
import { everBatched, markSubmitted } from '../../engine/project/submitted.ts';
import type { CachedGraph } from '../../graph/graphcache.ts';
import { ScoreColumn } from '../../engine/results/scorecolumn.ts';
import { stampAt } from '../../inputs/disk/diskreader.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import { loadIndexMeanwhile } from '../../store/gens/genindex.ts';
import { indexPath, layoutOf } from '../../store/layout.ts';
import { lockHolder, type Holder } from '../../store/lock.ts';
import { readUnderway, underwayFile, type Underway } from '../../store/runs/underway.ts';
import { InputWatcher } from '../../watch/inputs/inputwatcher.ts';
import { rootsOf } from '../../watch/inputs/roots.ts';
import { changedFiles, Sessions } from '../../watch/planning/replanning.ts';
import type { FileChange } from '../../watch/events.ts';
import { Facts, type JudgedNow } from './facts.ts';

/** What is different from the version before. */
export interface ViewChange {
  readonly version: number;
  /** Input files whose contents changed. */
  readonly files: readonly FileChange[];
  /** True when generations, states or scores may have changed. */
  readonly generations: boolean;
  /** True when runs, calls or the lock's holder may have changed. */
  readonly money: boolean;
}

export interface KeeperOptions {
  readonly loading: () => LoadOptions;
  /** The graph's cache, where it was read just now. */
  readonly cached?: CachedGraph | undefined;
  /** Where the data most likely lie. */
  readonly dataRoot: string;
  /** Waited for once the inputs are read and can be used. */
  readonly usable?: (() => Promise<void>) | undefined;
  readonly listen: (change: ViewChange) => void;
  /** What can not be gone on after. */
  readonly fail: (error: unknown) => void;
}

/** How often what follows a saved template is gone through before there is one, and with how many templates. */
const REHEARSALS = 2;
const REHEARSED = 3;
/** Milliseconds between two looks at what other processes leave behind. */
const LOOK = 500;
/** Rows whose files are looked at between two turns of the event loop. */
const SLICE = 256;
/** A round through the store takes this share of the time while somebody else builds, and while nobody does. */
const BUSY_SHARE = 0.3;
const IDLE_SHARE = 0.05;
/** Milliseconds between two rounds at least. */
const LEAST_PAUSE = { busy: 700, idle: 15_000 } as const;
/** The first round begins when whoever opened this was answered: after a millisecond for so many rows, and so many at most. */
const FIRST_ROUND = { rowsPerMs: 50, most: 1500 } as const;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #scores: ScoreColumn;
  readonly #sessions = new Sessions();
  #facts: Facts;
  #version = 1;
  #broken: readonly Problem[] = [];
  #inputs: InputWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #firstRound: NodeJS.Timeout | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #stamps = '';
  #indexStamp = '';
  #batchStamp = '';
  #nextRound = Infinity;
  #rounding: Promise<void> | undefined;
  #closed = false;
  #holder: Holder | undefined;
  readonly #touched = new Set<number>();

  private constructor(options: KeeperOptions, facts: Facts, scores: ScoreColumn) {
    this.#options = options;
    this.#facts = facts;
    this.#scores = scores;
  }

  /** The store is as it was remembered until the first round through it is over. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const loading = { onBroken: () => {}, ...options.loading() };
    const { state } = layoutOf(options.dataRoot);
    const index = loadIndexMeanwhile(indexPath({ state }));
    const loaded = await loadGraph(loading, options.cached);
    await options.usable?.();
    // Between one step and the next whoever asks meanwhile is answered.
    const isThere = loaded.layout.state === state;
    const kept = await (isThere ? index : loadIndexMeanwhile(indexPath(loaded.layout)));
    const session = rememberedOf(loading, loaded, kept);
    await turn();
    const scores = new ScoreColumn(session.loaded.layout);
    const judged = await judgedNow(session);
    await turn();
    await scores.refresh(session);
    await turn();
    const keeper = new Keeper(options, new Facts(session, judged, scores.scores), scores);
    keeper.#stamps = keeper.#outside();
    keeper.#indexStamp = keeper.#stampOfIndex();
    keeper.#batchStamp = keeper.#stampOfBatches();
    keeper.#holder = keeper.#whoHolds();
    keeper.#start();
    return keeper;
  }

  get facts(): Facts {
    return this.#facts;
  }

  get version(): number {
    return this.#version;
  }

  /** Why the inputs can not be used: the last good ones stay in force. Of cohorts that alone can not be used: why they are left out. */
  get broken(): readonly Problem[] {
    return [...this.#broken, ...problemsOfBroken(this.#facts.session.loaded.broken)];
  }

  /** Who builds or watches, in whatever process. */
  get holder(): Holder | undefined {
    return this.#holder;
  }

  /** How that goes on, as it says itself. */
  get underway(): Underway | undefined {
    return readUnderway(this.#facts.session.loaded.layout, this.#holder);
  }

  /** What follows a saved template, to be gone through for nothing: the first one does not wait for what is compiled only then. */
  rehearsal(): readonly (() => Promise<void>)[] {
    return Array.from({ length: REHEARSALS }, () => {
      let loaded: LoadedGraph | undefined;
      const steps = [
        async () => {
          const { structure, header } = this.#facts.session.loaded;
          const some = { structure, header: { ...header, texts: header.texts.slice(REHEARSED) } };
          loaded = await withTexts(some, { onBroken: () => {}, ...this.#options.loading() });
        },
        async () => {
          const { session } = this.#facts;
          await judge({ ...session, loaded: loaded ?? session.loaded });
        },
        async () => void (await this.#scores.refresh(this.#facts.session)),
      ];
      return steps.map((step) => () => this.#queue(step));
    }).flat();
  }

  /** A build of this process has done something to these. */
  touched(genIds: readonly string[]): void {
    for (const id of genIds) {
      const row = this.#facts.rowOf(id);
      if (row !== undefined) this.#touched.add(row);
    }
  }

  /** Resolves once what builds have told of is seen. */
  looked(): Promise<void> {
    return this.#queue(() => this.#look());
  }

  /** Resolves once the inputs are seen as they are on disk now, and what builds have left. */
  async caughtUp(): Promise<void> {
    await this.#queue(() => this.#reload());
    await this.#queue(() => this.#look());
  }

  /** Resolves once everything that is on disk now is seen. */
  async settled(): Promise<void> {
    await this.caughtUp();
    // One that is under way may have passed by what is meant.
    await this.#rounding?.catch(() => {});
    await this.#round();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#firstRound);
    await this.#inputs?.close();
    await this.#rounding?.catch(() => {});
    await this.#work;
    this.#remember();
  }

  #start(): void {
    const { loaded } = this.#facts.session;
    const { settle, scan, poll } = loaded.settings.watch;
    this.#inputs = new InputWatcher({
      roots: rootsOf(loaded),
      mailbox: join(loaded.layout.state, 'view'),
      settle,
      scan,
      mode: poll ? 'polling' : 'events',
      listen: (news) => {
        if (news.kind === 'settled') void this.#queue(() => this.#reload());
      },
    });
    void this.#queue(async () => {
      await this.#inputs?.start();
    });
    const { rowsPerMs, most } = FIRST_ROUND;
    const pause = Math.min(loaded.structure.size / rowsPerMs, most);
    this.#firstRound = setTimeout(() => this.#beginRound(), pause);
    this.#lookLater();
  }

  /** One thing at a time. */
  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#after(this.#work, work);
    this.#work = next.catch((error: unknown) => this.#options.fail(error));
    return next;
  }

  async #after(before: Promise<unknown>, work: () => Promise<void>): Promise<void> {
    await before;
    if (!this.#closed) await work();
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#queue(() => this.#look()).finally(() => this.#lookLater());
    }, LOOK);
  }

  async #look(): Promise<void> {
    const stamps = this.#outside();
    const money = stamps !== this.#stamps;
    this.#stamps = stamps;
    this.#holder = this.#whoHolds();
    const batches = this.#stampOfBatches();
    if (this.#touched.size > 0 || batches !== this.#batchStamp) {
      this.#batchStamp = batches;
      const rows = [...this.#touched];
      this.#touched.clear();
      await refreshRows(this.#facts.session, rows);
      await this.#judged(this.#facts.session, { money, files: [] });
    } else if (money) this.#say({ files: [], generations: false, money });
    const index = this.#stampOfIndex();
    if (index !== this.#indexStamp) {
      this.#indexStamp = index;
      await this.#adoptIndex();
    }
    if (performance.now() >= this.#nextRound) this.#beginRound();
  }

  /** What goes wrong on the way is told by the queue. */
  #beginRound(): void {
    this.#round().catch(() => {});
  }

  /** What other processes change beside the store: the lock, the ledger, runs. */
  #outside(): string {
    const { lock, ledger, runs } = this.#facts.session.loaded.layout;
    const underway = underwayFile(this.#facts.session.loaded.layout);
    return [lock, ledger, runs, underway].map(stampAt).join(' ');
  }

  #stampOfBatches(): string {
    return stampAt(join(this.#facts.session.loaded.layout.state, 'batches'));
  }

  #whoHolds(): Holder | undefined {
    return lockHolder(this.#facts.session.loaded.layout.lock);
  }

  #stampOfIndex(): string {
    return stampAt(indexPath(this.#facts.session.loaded.layout));
  }

  /** A build that has ended has left the index as it is now. */
  async #adoptIndex(): Promise<void> {
    const { session } = this.#facts;
    const index = indexOnDisk(session.loaded);
    if (index === undefined) this.#nextRound = 0;
    else await this.#judged({ ...session, index }, { money: true, files: [] });
  }

  /** Looks at every file of the store; one at a time. */
  #round(): Promise<void> {
    this.#rounding ??= this.#goRound().finally(() => {
      this.#rounding = undefined;
    });
    return this.#rounding;
  }

  /** A slice at a time, between which whatever else there is to do is done: a saved template does not wait for a round to end. */
  async #goRound(): Promise<void> {
    const started = performance.now();
    let found = 0;
    let { structure } = this.#facts.session.loaded;
    for (let row = 0; row < structure.size && !this.#closed; row += SLICE) {
      await this.#queue(async () => {
        const { session } = this.#facts;
        // Where rows are others than they were, all are looked at again.
        if (session.loaded.structure !== structure) row = 0;
        ({ structure } = session.loaded);
        found += await refreshRange(session, row, row + SLICE);
      });
      await turn();
    }
    await this.#queue(async () => {
      if (found > 0) await this.#judged(this.#facts.session, { money: false, files: [] });
      this.#remember();
    });
    const busy = this.#holder !== undefined;
    const took = performance.now() - started;
    const share = busy ? BUSY_SHARE : IDLE_SHARE;
    this.#nextRound =
      performance.now() + Math.max(busy ? LEAST_PAUSE.busy : LEAST_PAUSE.idle, took / share - took);
  }

  async #reload(): Promise<void> {
    const { session } = this.#facts;
    const options = { onBroken: () => {}, ...this.#options.loading() };
    try {
      const loaded = await reloadGraph(session.loaded, options);
      if (loaded === session.loaded) return this.#mended();
      const files = changedFiles(session.loaded, loaded);
      const next = this.#sessions.next(session, loaded, options);
      if (loaded.structure !== session.loaded.structure) await refreshNew(session, next);
      this.#broken = [];
      void this.#inputs?.follow(rootsOf(loaded));
      await this.#judged(next, { money: false, files });
    } catch (error) {
      this.#unusable(error);
    }
  }

  #unusable(error: unknown): void {
    if (!(error instanceof ProblemError)) throw error;
    this.#broken = error.problems;
    this.#say({ files: [], generations: false, money: false });
  }

  #mended(): void {
    if (this.#broken.length === 0) return;
    this.#broken = [];
    this.#say({ files: [], generations: false, money: false });
  }

  /** The facts change all at once: whoever asks meanwhile is answered by those before. */
  async #judged(session: Session, change: Pick<ViewChange, 'files' | 'money'>): Promise<void> {
    const judged = await judgedNow(session);
    await this.#scores.refresh(session);
    this.#facts = this.#facts.with(session, judged, this.#scores.scores);
    this.#say({ ...change, generations: true });
  }

  #say(change: Omit<ViewChange, 'version'>): void {
    this.#version++;
    this.#options.listen({ version: this.#version, ...change });
  }

  /** Where nothing can be written, the scores are read again the next time. */
  #remember(): void {
    try {
      this.#scores.save();
    } catch {
      // A cache and nothing more.
    }
  }
}

/** Verdicts in which what a provider's batch is under way for waits for that. */
async function judgedNow(session: Session): Promise<JudgedNow> {
  const { graph, layout } = session.loaded;
  const judged = await judge(session);
  const { verdicts } = judged;
  if (!everBatched(layout)) return { verdicts, judge: judged };
  markSubmitted(graph, verdicts, layout);
  return { verdicts, judge: undefined };
}

/** Rows that came with the inputs have files that nobody has looked at. */
async function refreshNew(before: Session, next: Session): Promise<void> {
  const known = new Set(before.loaded.graph.ids);
  const rows = next.loaded.graph.ids.flatMap((id, row) => (known.has(id) ? [] : [row]));
  await refreshRows(next, rows);
}
