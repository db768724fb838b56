// The way of questions into batches: collected by provider and model, written down, sent once. Knows no order of rows and no plan.
import { randomUUID } from 'node:crypto';
import type { Layout } from '../../store/layout.ts';
import type { Budget } from '../money/budget.ts';
import {
  BATCH_VERSION,
  closeRecord,
  openRecord,
  writeRecord,
  type BatchRecord,
  type BatchRow,
} from './journal.ts';
import type { BatchShape, SentRow } from './shape.ts';
import { WireError, type Limit } from './wire.ts';

/** What is said of a batch that was to be sent. */
export type LaneEvent =
  | { readonly type: 'batch_sent'; readonly batch: BatchRecord }
  /** It may be running: its questions stay reserved. */
  | { readonly type: 'batch_unsure'; readonly batch: BatchRecord; readonly message: string }
  | BatchRefused;

/** The provider takes none of it, or none of it now: `until` is in milliseconds since the epoch. */
export interface BatchRefused {
  readonly type: 'batch_refused';
  readonly batch: BatchRecord;
  readonly message: string;
  readonly limited?: true;
  readonly until?: number;
}

/** Why a question that was taken is in no batch all the same. */
export interface Unsent {
  readonly why: 'batch_refused' | 'batch_limited' | 'interrupted';
  /** Milliseconds since the epoch. */
  readonly until?: number;
}

/** How a question goes in a batch. */
export interface Packing {
  readonly shape: BatchShape;
  /** Rows of one batch, the provider's most where it is left out. */
  readonly size?: number | undefined;
  /** Batches of the pool that may be open at a time. */
  readonly maxInFlight?: number | undefined;
}

export interface LaneOptions {
  readonly layout: Layout;
  /** The body of an ordinary call. */
  readonly bodyOf: (row: BatchRow) => Readonly<Record<string, unknown>>;
  readonly budget?: Budget | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Batches that are open, by pool. */
  readonly open: ReadonlyMap<string, number>;
  readonly hear: (event: LaneEvent) => void;
}

interface Group {
  readonly packing: Packing;
  /** What the provider has said of a limit: nothing more is sent then. */
  limit?: Limit;
  rows: { readonly row: BatchRow; readonly sent: SentRow }[];
  bytes: number;
}

/** Of the provider's limit: what stands round the rows is counted by nobody. */
const FULL = 0.95;

/** A class, since it lives as long as a build. */
export class BatchLane {
  readonly #options: LaneOptions;
  readonly #groups = new Map<string, Group>();
  readonly #open: Map<string, number>;
  #sending: Promise<void> = Promise.resolve();
  /** What the disk refused: nothing more is sent then. */
  readonly #troubles: unknown[] = [];
  readonly #unsent = new Map<string, Unsent>();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#open = new Map(options.open);
  }

  /** Takes a question, unless so many batches of its pool are open already, or what it may cost no longer fits under the cap. */
  add(row: BatchRow, packing: Packing): 'taken' | 'no_room' | 'over_budget' {
    const { provider, pool, request } = row.call;
    const key = JSON.stringify([provider, pool, request.model]);
    const sent = { customId: row.address, body: this.#options.bodyOf(row) };
    const size = packing.shape.sizeOf(sent);
    const group = this.#groups.get(key) ?? { packing, rows: [], bytes: 0 };
    this.#groups.set(key, group);
    if (group.bytes + size > packing.shape.most.bytes * FULL) this.#send(group);
    const begins = group.rows.length === 0;
    const open = this.#open.get(pool) ?? 0;
    if (begins && open >= (packing.maxInFlight ?? Infinity)) return 'no_room';
    const reservation = this.#options.budget?.reserve(row.reserved) ?? 'reserved';
    if (reservation !== 'reserved') return 'over_budget';
    if (begins) this.#open.set(pool, open + 1);
    group.rows.push({ row, sent });
    group.bytes += size;
    const most = Math.min(packing.size ?? Infinity, packing.shape.most.rows);
    if (group.rows.length >= most) this.#send(group);
    return 'taken';
  }

  /**
   * Sends what is collected, or lets go of it, and resolves once all that was sent is answered: with what is in no batch, by address.
   * Rejects where the disk refuses.
   */
  async close(collected: 'send' | 'let_go'): Promise<ReadonlyMap<string, Unsent>> {
    for (const group of this.#groups.values()) {
      if (collected === 'send') this.#send(group);
      else this.#release(group.rows, { why: 'interrupted' });
    }
    await this.#sending;
    const [trouble] = this.#troubles;
    if (trouble !== undefined) throw trouble;
    return this.#unsent;
  }

  /** One after the other: a provider that takes its time is not sent everything at once. */
  #send(group: Group): void {
    const { rows } = group;
    group.rows = [];
    group.bytes = 0;
    if (rows.length === 0) return;
    this.#sending = this.#sending.then(() => this.#tried(group, rows));
  }

  /** What the disk refuses is told at the end, since until then nobody waits for it. */
  async #tried(group: Group, rows: Group['rows']): Promise<void> {
    if (this.#troubles.length > 0) return;
    if (group.limit !== undefined) return this.#release(rows, { why: 'batch_limited', ...group.limit });
    try {
      await this.#submit(group, rows);
    } catch (error) {
      this.#troubles.push(error);
    }
  }

  async #submit(group: Group, rows: Group['rows']): Promise<void> {
    const { layout, hear, now } = this.#options;
    const { shape } = group.packing;
    const [first] = rows;
    if (first === undefined) return;
    const { provider, request } = first.row.call;
    const unpriced = rows.filter(({ row }) => row.call.price === undefined).length;
    const record: BatchRecord = {
      version: BATCH_VERSION,
      id: randomUUID(),
      state: 'sending',
      provider,
      shape: shape.name,
      model: request.model,
      pool: first.row.call.pool,
      questions: rows.map(({ row: { address, call } }) => [address, call.request.stage, call.genId]),
      reserved: rows.reduce((sum, { row }) => sum + row.reserved, 0),
      ...(unpriced === 0 ? {} : { unpriced }),
      created: new Date(now()).toISOString(),
    };
    await openRecord(
      layout,
      record,
      rows.map(({ row }) => row),
    );
    try {
      const id = await shape.submit({
        id: record.id,
        model: record.model,
        rows: rows.map(({ sent }) => sent),
      });
      const sent: BatchRecord = {
        ...record,
        state: 'sent',
        sent: new Date(now()).toISOString(),
        remote: { id },
      };
      await writeRecord(layout, sent);
      hear({ type: 'batch_sent', batch: sent });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const { unsure, message, limit } = error;
      if (unsure) return hear({ type: 'batch_unsure', batch: record, message });
      const refused: BatchRecord = { ...record, state: 'given_up', cost: 0 };
      await closeRecord(layout, refused);
      if (limit !== undefined) group.limit = limit;
      this.#release(rows, { why: limit === undefined ? 'batch_refused' : 'batch_limited', ...limit });
      hear({
        type: 'batch_refused',
        batch: refused,
        message,
        ...(limit === undefined ? {} : { limited: true, ...limit }),
      });
    }
  }

  /** They cost nothing after all. */
  #release(rows: Group['rows'], unsent: Unsent): void {
    for (const { row } of rows) {
      this.#options.budget?.settle(row.reserved, 0);
      this.#unsent.set(row.address, unsent);
    }
  }
}
