// One of the threads of a survey. Knows nothing else.
import { parentPort, workerData } from 'node:worker_threads';
import { surveyShare, type SurveyJob } from './surveying.ts';

surveyShare(workerData as SurveyJob, (piece, movable) => parentPort?.postMessage(piece, movable));
