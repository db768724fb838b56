// The thread behind a pen: writes what it is told in the order in which it is told, and says what came of it. Knows no run.
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError } from '../errors.ts';
import type { FileStamp } from './atomic.ts';
import type { Layout } from './layout.ts';
import { writeFiles, type Order, type Receipt } from './pen.ts';
import { keepEntry } from './responses.ts';

const layout = workerData as Layout;
let receipts: Receipt[] = [];

parentPort?.on('message', (orders: readonly Order[]) => {
  for (const order of orders) carryOut(order);
});

function carryOut({ number, writing }: Order): void {
  switch (writing.kind) {
    case 'folder':
      try {
        say({ number, written: writeFiles(writing) });
      } catch (error) {
        say({ number, ...wrong(error) });
      }
      return;
    case 'entry':
      void keepEntry(layout, writing.entry).then(
        (written) => say({ number, written }),
        (error: unknown) => say({ number, ...wrong(error) }),
      );
      return;
    default:
      return writing satisfies never;
  }
}

/** Receipts of one turn of the event loop go together: a message costs more than what it says. */
function say(receipt: { number: number; written: readonly FileStamp[] | string } | Receipt): void {
  if (receipts.length === 0) setImmediate(send);
  receipts.push(receipt);
}

function send(): void {
  const sent = receipts;
  receipts = [];
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(sent);
}

function wrong(error: unknown): { problems: ProblemError['problems'] } | { error: { message: string } } {
  if (error instanceof ProblemError) return { problems: error.problems };
  if (!(error instanceof Error)) return { error: { message: String(error) } };
  return { error: { ...error, message: error.message } };
}
