// Finds the files of the gens store that are not as the index remembers them, by their stamps alone. Reads no contents.
import { statSync } from 'node:fs';
import { STAGES } from '../generation/stage.ts';
import { ABSENT, FILES } from './genindex.ts';
import { INDEXED_FILES } from './layout.ts';

export interface SweepJob {
  readonly gens: string;
  readonly ids: readonly string[];
  readonly stage: Uint8Array;
  readonly sizes: Uint32Array;
  readonly mtimes: Float64Array;
  readonly inodes: Uint32Array;
}

/** Places (row * FILES + file) of files whose size, modification time or inode differs from what is remembered. */
export function changedPlaces(job: SweepJob, from: number, to: number): number[] {
  const changed: number[] = [];
  const folders = STAGES.map((stage) => `${job.gens}/${stage}/`);
  for (let row = from; row < to; row++) {
    const folder = `${folders[job.stage[row] ?? 0] ?? ''}${job.ids[row] ?? ''}/`;
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
