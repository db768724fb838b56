// One of the threads of a survey: takes the next piece until none is left. Knows nothing else.
import { parentPort, workerData } from 'node:worker_threads';
import { surveyPiece, workOf, type SurveyJob } from './surveying.ts';

const job = workerData as SurveyJob;
const work = workOf(job);
for (let number = take(); number < work.pieces; number = take()) {
  const piece = surveyPiece(work, number);
  const columns = [...piece.columns.values()].map(({ buffer }) => buffer as ArrayBuffer);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(piece, columns);
}

function take(): number {
  return Atomics.add(job.next, 0, 1);
}
