// A second pair of eyes for the sweep: takes its share of rows until none is left. Knows nothing but stamps.
import { parentPort, workerData } from 'node:worker_threads';
import { sharedChanges, type SharedSweep } from './sweep.ts';

const job = workerData as Omit<SharedSweep, 'ids'> & { readonly ids: string };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(sharedChanges({ ...job, ids: job.ids.split('\n') }));
