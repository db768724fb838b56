// The thread behind a pen: writes what it is told in the order in which it is told, and says what came of it. Knows no run.
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError } from '../../problem.ts';
import type { Layout } from '../layout.ts';
import { carryOut, type Order, type Receipt } from './pen.ts';

const layout = workerData as Layout;
let receipts: Receipt[] = [];

parentPort?.on('message', (orders: readonly Order[]) => {
  for (const { number, writing } of orders)
    void carryOut(layout, writing).then(
      (written) => say({ number, written }),
      (error: unknown) => say({ number, ...wrong(error) }),
    );
});

/** Receipts of one turn of the event loop go together: a message costs more than what it says. */
function say(receipt: Receipt): void {
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
