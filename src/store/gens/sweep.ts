// Finds the files of the gens store that are not as the index remembers them, by their stamps alone. Reads no contents.
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { STAGES } from '../../generation/stage.ts';
import { ABSENT, FILES } from './genindex.ts';
import { INDEXED_FILES } from '../layout.ts';

export interface SweepJob {
  readonly gens: string;
  readonly ids: readonly string[];
  readonly stage: Uint8Array;
  readonly sizes: Uint32Array;
  readonly mtimes: Float64Array;
  readonly inodes: Uint32Array;
}

/** A sweep that several threads share: each takes the next chunk of rows from the counter. */
interface SharedSweep extends SweepJob {
  readonly next: Int32Array;
}

/** What another thread gets of it: the names are one text, which is quick to hand over. */
export type SweepShare = Omit<SharedSweep, 'ids'> & { readonly ids: string };

/** Rows a chunk: small enough that the threads end together, large enough that taking one costs nothing. */
const CHUNK = 1024;
/** Starting a thread costs about as much as looking at so many rows. */
const WORTH_A_THREAD = 20_000;
const WORKER = fileURLToPath(new URL('../sweepworker.js', import.meta.url));

/** All changed places, in no particular order. With many rows other threads help. */
export async function sweepAll(job: SweepJob): Promise<number[]> {
  const threads = Math.min(availableParallelism() - 1, 3, Math.floor(job.ids.length / WORTH_A_THREAD));
  if (threads < 1 || !existsSync(WORKER)) return changedPlaces(job, 0, job.ids.length);
  const { Worker } = await import('node:worker_threads');
  const shared: SharedSweep = { ...job, next: new Int32Array(new SharedArrayBuffer(4)) };
  const workerData: SweepShare = { ...shared, ids: job.ids.join('\n') };
  const others = Array.from({ length: threads }, () => {
    const worker = new Worker(WORKER, { workerData });
    return new Promise<number[]>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  const own = sharedChanges(shared);
  return [own, ...(await Promise.all(others))].flat();
}

/** What that thread does. */
export function changesOfShare(share: SweepShare): number[] {
  return sharedChanges({ ...share, ids: share.ids.split('\n') });
}

export function sharedChanges(job: SharedSweep): number[] {
  const changed: number[] = [];
  for (;;) {
    const from = Atomics.add(job.next, 0, CHUNK);
    if (from >= job.ids.length) return changed;
    for (const place of changedPlaces(job, from, Math.min(from + CHUNK, job.ids.length))) changed.push(place);
  }
}

/** Places (row * FILES + file) of files whose size, modification time or inode differs from what is remembered. */
export function changedPlaces(job: SweepJob, from: number, to: number): number[] {
  const changed: number[] = [];
  const folders = STAGES.map((stage) => `${job.gens}/${stage}/`);
  const there = folders.map((folder) => existsSync(folder));
  for (let row = from; row < to; row++) {
    const stage = job.stage[row] ?? 0;
    const folder = `${folders[stage] ?? ''}${job.ids[row] ?? ''}/`;
    if (there[stage] !== true) {
      for (let file = 0; file < FILES; file++)
        if (job.sizes[row * FILES + file] !== ABSENT) changed.push(row * FILES + file);
      continue;
    }
    for (let file = 0; file < FILES; file++) {
      const place = row * FILES + file;
      const stat = statSync(folder + (INDEXED_FILES[file] ?? ''), QUIET);
      if (stat === undefined ? job.sizes[place] !== ABSENT : differs(job, place, stat)) changed.push(place);
    }
  }
  return changed;
}

const QUIET = { throwIfNoEntry: false } as const;

function differs(
  job: SweepJob,
  place: number,
  stat: { size: number; mtimeMs: number; ino: number },
): boolean {
  return (
    stat.size !== job.sizes[place] ||
    stat.mtimeMs !== job.mtimes[place] ||
    stat.ino >>> 0 !== job.inodes[place]
  );
}
