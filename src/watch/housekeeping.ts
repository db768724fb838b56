// What a watch does while nothing else is to be done: writes the caches, learns what calls cost, and looks slowly through the store
// for what a hand has changed. Plans nothing.
import { learn, type Learned } from '../engine/pricing.ts';
import { refreshRows, remember, type Session } from '../engine/session.ts';

export interface HousekeepingOptions {
  readonly now: () => number;
  /** Milliseconds for one round through the store. */
  readonly round: number;
  /** So many files are not as they were left. */
  readonly onFound: (files: number) => void;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds of rest after which the caches are written. */
const PAUSE = 2000;
/** Milliseconds between two slices of the store. */
const TICK = 250;

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #learned: { readonly structure: string; readonly value: Learned } | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Nothing is to be done; from now on the session stays as it is until `busy`. */
  rest(session: Session): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#do(() => this.#tidy(session)), PAUSE);
  }

  /** Resolves once the store and the index are nobody's but the caller's. */
  async busy(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#work;
  }

  /** Of this session's rows; measured now if that was not done while there was time. */
  learned(session: Session): Learned {
    const structure = session.loaded.header.structureKey;
    if (this.#learned?.structure !== structure) this.#learned = { structure, value: learn(session) };
    return this.#learned.value;
  }

  async close(session: Session): Promise<void> {
    await this.busy();
    await remember(session, this.#options.now);
  }

  #do(work: () => Promise<void>): void {
    this.#work = work().catch(this.#options.onError);
  }

  async #tidy(session: Session): Promise<void> {
    await remember(session, this.#options.now);
    this.#learned = undefined;
    this.learned(session);
    this.#sliceLater(session);
  }

  #sliceLater(session: Session): void {
    this.#timer = setTimeout(() => this.#do(() => this.#slice(session)), TICK);
  }

  async #slice(session: Session): Promise<void> {
    const { size } = session.loaded.graph;
    const count = Math.ceil((size * TICK) / this.#options.round);
    const rows = Array.from({ length: Math.min(count, size) }, (_, place) => (this.#next + place) % size);
    this.#next = size === 0 ? 0 : (this.#next + count) % size;
    const found = await refreshRows(session, rows);
    if (found > 0) this.#options.onFound(found);
    else if (this.#timer !== undefined) this.#sliceLater(session);
  }
}
