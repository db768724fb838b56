// Threads that are none: who starts one gets an object in this process that answers as the test says, at any number of processors and
// whether or not a worker's file is there. Knows no work.
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import workers from 'node:worker_threads';

export class Thread extends EventEmitter {
  /** What it was told, in order. */
  readonly heard: unknown[] = [];
  ended = false;
  readonly file: string;
  readonly data: unknown;

  constructor(file: string, { workerData }: { readonly workerData?: unknown } = {}) {
    super();
    this.file = file;
    this.data = workerData;
    started.push(this);
    // A thread says nothing before whoever started it can hear it.
    setImmediate(live, this);
  }

  postMessage(message: unknown): void {
    this.heard.push(message);
    this.emit('told', message);
  }

  say(message: unknown): void {
    if (!this.ended) this.emit('message', message);
  }

  /** Of an error, or at the end of its work. */
  end(error?: Error): void {
    if (this.ended) return;
    if (error !== undefined) this.emit('error', error);
    this.ended = true;
    this.emit('exit');
  }

  async terminate(): Promise<void> {
    this.end();
  }
}

const real = {
  existsSync: fs.existsSync,
  availableParallelism: os.availableParallelism,
  Worker: workers.Worker,
};
let started: Thread[] = [];
let live: (thread: Thread) => void = () => {};

function replaceIn({ existsSync, availableParallelism, Worker }: typeof real): void {
  Object.assign(fs, { existsSync });
  Object.assign(os, { availableParallelism });
  Object.assign(workers, { Worker });
  syncBuiltinESMExports();
}

/** From now on threads live so; the list of them grows. */
export function imitateThreads(life: (thread: Thread) => void, processors = 8): readonly Thread[] {
  started = [];
  live = life;
  replaceIn({
    existsSync: (path) => String(path).endsWith('worker.js') || real.existsSync(path),
    availableParallelism: () => processors,
    Worker: Thread as unknown as typeof workers.Worker,
  });
  return started;
}

/** For after each test. */
export function realThreads(): void {
  replaceIn(real);
}
