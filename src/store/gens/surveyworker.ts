// One of the threads of a survey: it waits for its job. Knows nothing else.
import { parentPort } from 'node:worker_threads';
import { surveyShare, type SurveyJob } from './surveying.ts';

parentPort?.once('message', (job: SurveyJob) =>
  surveyShare(job, (piece, movable) => parentPort?.postMessage(piece, movable)),
);
