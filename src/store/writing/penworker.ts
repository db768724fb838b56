// The thread behind a pen. Knows no run.
import { parentPort, workerData } from 'node:worker_threads';
import type { Layout } from '../layout.ts';
import { takeOrders } from './pen.ts';

if (parentPort !== null) takeOrders(parentPort, workerData as Layout);
