// What a watch does while nothing else is to be done: writes the caches, learns what calls cost, looks slowly through the store for what a
// hand has changed, and has the figures of the scores reckoned. Brings tables up to date when told. Plans nothing.
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import type { Learned } from '../engine/money/price.ts';
import type { FiguresAhead } from '../engine/figures/ahead.ts';
import { WORTH_KEEPING } from '../engine/results/kept.ts';
import { refreshAllReports, unwrittenIn, type WrittenReport } from '../engine/results/reports.ts';
import { refreshAll, refreshRows, remember, type Session } from '../engine/project/session.ts';
import type { Problem } from '../problem.ts';
import type { LedgerReader } from '../store/ledger/reader.ts';

export interface HousekeepingOptions {
  /** Of the data root's ledger. */
  readonly learner: LedgerReader<Learned>;
  readonly now: () => number;
  readonly ticks: () => number;
  /** Milliseconds for one round through the store. */
  readonly round: number;
  /** So many files are not as they were left. */
  readonly onFound: (files: number) => void;
  /** False while the data root is away: then nothing is read or written, lest all of the store is taken for removed. */
  readonly isThere?: () => boolean;
  /** A good moment for what is to be looked after now and then. */
  readonly onLeisure?: () => void;
  /** What reckons figures while nobody waits; nothing is reckoned without it. */
  readonly figures?: Pick<FiguresAhead, 'begin' | 'giveUp'> | undefined;
  /** Milliseconds of rest after which it begins, and generations from which it is worth it. */
  readonly quiet?: number;
  readonly worth?: number;
  /** Milliseconds for which the store must lie still before what was found is told. */
  readonly still?: number;
  readonly onUnwritten?: (problems: readonly Problem[]) => void;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds of rest after which the caches are written. */
const PAUSE = 2000;
/** Milliseconds between two slices of the store. */
const TICK = 250;
/** Slices between two moments of leisure. */
const LEISURE = 16;
const STILL = 80;
const QUIET = 10_000;
/** Somebody who removes files takes so many milliseconds at most, as far as anybody waits for it. */
const LONGEST = 10_000;

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #slices = 0;
  /** Since there was anything to do. */
  #slicesOfRest = 0;
  #work: Promise<unknown> = Promise.resolve();
  /** Tables that could not be written the last time, as they were told. */
  #unwritten = '[]';

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Nothing is to be done; from now on the session stays as it is until `busy`. */
  rest(session: Session): void {
    if (this.#resting) return;
    this.#slicesOfRest = 0;
    this.#timer = setTimeout(() => this.#do(() => this.#tidy(session)), PAUSE);
  }

  /** Brings the tables up to date; that one can not be written is told, and told again once that changes. */
  tables(session: Session): readonly WrittenReport[] {
    const reports = refreshAllReports(session);
    const unwritten = unwrittenIn(reports);
    const text = JSON.stringify(unwritten);
    if (text !== this.#unwritten && unwritten.length > 0) this.#options.onUnwritten?.(unwritten);
    this.#unwritten = text;
    return reports;
  }

  /** Resolves once the store and the index are nobody's but the caller's. */
  async busy(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.giveWay();
    await this.#work;
  }

  /** Nothing is reckoned ahead while somebody has something to do. */
  giveWay(): void {
    this.#options.figures?.giveUp();
  }

  /** What all calls so far say; only those that came since the last rest are still to be read. */
  async learned(): Promise<Learned> {
    await this.#learn(() => true);
    return this.#options.learner.fold;
  }

  async close(session: Session): Promise<void> {
    await this.busy();
    if (this.#atLeisure()) await remember(session, this.#options.now);
  }

  get #isThere(): boolean {
    return this.#options.isThere?.() !== false;
  }

  #atLeisure(): boolean {
    if (!this.#isThere) return false;
    this.#options.onLeisure?.();
    return true;
  }

  #do(work: () => Promise<void>): void {
    this.#work = work().catch(this.#options.onError);
  }

  async #tidy(session: Session): Promise<void> {
    if (this.#atLeisure()) {
      await remember(session, this.#options.now);
      await this.#learn(() => this.#resting);
    }
    this.#sliceLater(session);
  }

  get #resting(): boolean {
    return this.#timer !== undefined;
  }

  /** Others have their turn after each piece of the ledger. */
  async #learn(goOn: () => boolean): Promise<void> {
    while (goOn() && this.#options.learner.readOn()) await setImmediate();
  }

  #sliceLater(session: Session): void {
    if (this.#resting) this.#timer = setTimeout(() => this.#do(() => this.#slice(session)), TICK);
  }

  async #slice(session: Session): Promise<void> {
    this.#slices++;
    this.#reckonAhead(session);
    if (this.#slices % LEISURE === 0) this.#atLeisure();
    if (!this.#isThere) return this.#sliceLater(session);
    const { size } = session.loaded.graph;
    const count = Math.ceil((size * TICK) / this.#options.round);
    const rows = Array.from({ length: Math.min(count, size) }, (_, place) => (this.#next + place) % size);
    this.#next = size === 0 ? 0 : (this.#next + count) % size;
    const found = await refreshRows(session, rows);
    if (found === 0 || !this.#isThere) return this.#sliceLater(session);
    await this.#lieStill(session);
    // Whoever hears of it decides whether there is rest again.
    this.#timer = undefined;
    this.#options.onFound(found);
  }

  /** Once in each rest: whatever was kept of the same inputs is found and left as it is. */
  #reckonAhead({ loaded: { graph } }: Session): void {
    const { figures, quiet = QUIET, worth = WORTH_KEEPING } = this.#options;
    this.#slicesOfRest++;
    if (this.#slicesOfRest !== Math.ceil(quiet / TICK) || graph.size < worth || !this.#isThere) return;
    void figures?.begin();
  }

  /** Files that are being removed go one after the other: what is planned from half of them is made and removed again. */
  async #lieStill(session: Session): Promise<void> {
    const { ticks, still = STILL } = this.#options;
    const last = ticks() + LONGEST;
    do await wait(still);
    while (this.#resting && (await refreshAll(session)) > 0 && ticks() < last);
  }
}
