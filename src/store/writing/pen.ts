// Who writes what a run makes: this thread, or a thread of its own where there is much to write, so that the disk is waited for
// beside everything else. Knows no index and no graph.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ProblemError, type Problem } from '../../problem.ts';
import { writeAtomic, writeFolder, type FileStamp } from './atomic.ts';
import { goneAway, isAway } from './lodging.ts';
import type { Layout } from '../layout.ts';
import {
  entryOf,
  keepEntry,
  openPack,
  type KeptEntry,
  type KeepAt,
  type StoredResponse,
} from '../responses.ts';

/** The files of one folder, in the order in which they are to be written. */
export interface FolderWriting {
  readonly kind: 'folder';
  readonly folder: string;
  readonly files: readonly (readonly [name: string, content: string])[];
  /** The folder is not there yet: it appears whole. */
  readonly fresh: boolean;
}

export interface EntryWriting {
  readonly kind: 'entry';
  readonly entry: KeptEntry;
}

export interface Pen {
  /** Stamps in the order of the files. Rejects with what the disk said. */
  readonly write: (writing: Omit<FolderWriting, 'kind'>) => Promise<readonly FileStamp[]>;
  /** Keeps a response as `keepEntry` does; its address is told by whoever knows it already. */
  readonly keep: (response: StoredResponse, address?: string) => Promise<string>;
  /** As `keep`, for what somebody else bought, of which many may come at once. */
  readonly keepBrought: KeepAt;
  /** Resolves once everything is written. */
  readonly close: () => Promise<void>;
}

/** Writes at once, in the thread that asks. */
export function penHere(layout: Layout): Pen {
  const keep: Pen['keep'] = async (response, address) => keepEntry(layout, entryOf(response, address));
  return {
    write: async (writing) => writeFiles(layout, writing),
    keep,
    keepBrought: (address, response) => keep(response, address),
    close: async () => {},
  };
}

/** Stamps of a folder's files, or the name of an entry. */
export type Written = readonly FileStamp[] | string;

async function carryOut(layout: Layout, writing: Order['writing']): Promise<Written> {
  return writing.kind === 'folder' ? writeFiles(layout, writing) : keepEntry(layout, writing.entry);
}

function writeFiles(
  layout: Layout,
  { folder, files, fresh }: Omit<FolderWriting, 'kind'>,
): readonly FileStamp[] {
  if (isAway(layout)) throw new ProblemError([goneAway(layout)]);
  return (
    (fresh ? writeFolder(folder, files) : undefined) ??
    files.map(([name, content]) => writeAtomic(`${folder}/${name}`, content))
  );
}

/** Starting a thread costs about as much as writing so many generations. */
export const WORTH_A_THREAD = 400;
const WORKER = fileURLToPath(new URL('../penworker.js', import.meta.url));

/** A pen for about so many generations. */
export async function openPen(layout: Layout, generations: number): Promise<Pen> {
  return generations < WORTH_A_THREAD || !existsSync(WORKER) ? penHere(layout) : penElsewhere(layout);
}

export interface Order {
  readonly number: number;
  readonly writing: FolderWriting | EntryWriting;
}

/** What was written, or what was wrong; an error is taken apart, since only plain data goes from thread to thread. */
type Receipt = { readonly number: number } & (
  | { readonly written: Written }
  | { readonly problems: readonly Problem[] }
  | { readonly error: Readonly<Record<string, unknown>> & { readonly message: string } }
);

interface Waiting {
  readonly writing: Order['writing'];
  readonly resolve: (written: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Orders that go together: to wake the other thread costs more than to tell it something. */
const AT_A_TIME = 16;

async function penElsewhere(layout: Layout): Promise<Pen> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(WORKER, { workerData: layout });
  const pack = openPack(layout);
  const waiting = new Map<number, Waiting>();
  let ordered = 0;
  let dead = false;
  let idle: (() => void) | undefined;
  let orders: Order[] = [];
  const send = (): void => {
    const sent = orders;
    orders = [];
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (sent.length > 0) worker.postMessage(sent);
  };
  const doHere = (number: number, { writing, resolve, reject }: Waiting): void =>
    void carryOut(layout, writing)
      .then((written) => resolve(written as never), reject)
      .finally(() => done(number));
  const done = (number: number): void => {
    waiting.delete(number);
    if (waiting.size === 0) idle?.();
  };
  const order = <T extends Written>(writing: Order['writing']): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      ordered += 1;
      const waits = { writing, resolve, reject };
      waiting.set(ordered, waits);
      if (dead) return doHere(ordered, waits);
      if (orders.length === 0) setImmediate(send);
      orders.push({ number: ordered, writing });
      if (orders.length >= AT_A_TIME) send();
    });
  worker.on('message', (receipts: readonly Receipt[]) => {
    for (const receipt of receipts) {
      const { resolve, reject } = waiting.get(receipt.number) ?? {};
      if ('written' in receipt) resolve?.(receipt.written as never);
      else reject?.(errorOf(receipt));
      done(receipt.number);
    }
  });
  // The thread died of something that was not the disk. What it may not have done is done again, in its order: a second time does no harm.
  worker.on('error', () => {});
  worker.on('exit', () => {
    dead = true;
    for (const [number, waits] of waiting) doHere(number, waits);
  });
  return {
    write: (writing) => order({ kind: 'folder', ...writing }),
    keep: (response, address) => order({ kind: 'entry', entry: entryOf(response, address) }),
    keepBrought: pack.keep,
    async close() {
      await pack.close();
      if (waiting.size > 0) await new Promise<void>((resolve) => (idle = resolve));
      await worker.terminate();
    },
  };
}

function errorOf(receipt: Exclude<Receipt, { written: unknown }>): Error {
  if ('problems' in receipt) return new ProblemError(receipt.problems);
  const { message, ...rest } = receipt.error;
  return Object.assign(new Error(message), rest);
}

/** How one thread hears another and is heard. */
export interface Port {
  readonly on: (event: 'message', hear: (orders: readonly Order[]) => void) => unknown;
  readonly postMessage: (receipts: readonly Receipt[]) => void;
}

/** What the other thread does: it writes what it is told in the order in which it is told, and says what came of it. */
export function takeOrders(port: Port, layout: Layout): void {
  let receipts: Receipt[] = [];
  const send = (): void => {
    const sent = receipts;
    receipts = [];
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    port.postMessage(sent);
  };
  // Receipts of one turn of the event loop go together: a message costs more than what it says.
  const say = (receipt: Receipt): void => {
    if (receipts.length === 0) setImmediate(send);
    receipts.push(receipt);
  };
  port.on('message', (orders) => {
    for (const { number, writing } of orders)
      void carryOut(layout, writing).then(
        (written) => say({ number, written }),
        (error: unknown) => say({ number, ...takenApart(error) }),
      );
  });
}

function takenApart(error: unknown): { problems: readonly Problem[] } | { error: { message: string } } {
  if (error instanceof ProblemError) return { problems: error.problems };
  const { message, ...rest } = error as Error;
  return { error: { ...rest, message } };
}
