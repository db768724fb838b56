// A second pair of eyes for the sweep. Knows nothing but stamps.
import { parentPort, workerData } from 'node:worker_threads';
import { changesOfShare, type SweepShare } from './sweep.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(changesOfShare(workerData as SweepShare));
