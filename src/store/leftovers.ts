// What a crash leaves half written, found by its name. Removes nothing.
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { entriesIfPresent } from './writing/atomic.ts';

/** Where commands write, relative to the data root. */
export const OUTPUTS = ['gens', 'cohorts', '7_cross_experiment', '.daydream'] as const;

/** Whether a file or folder of this name is one that was to get another name once it was whole. */
export function isTemporary(name: string): boolean {
  return /^\..+\.tmp$/.test(name);
}

/** Files and folders that a crash left half written, anywhere below the data root's outputs; relative to the data root. */
export function temporaryFiles(layout: Layout, tops: readonly string[] = OUTPUTS): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string, relative: string): void => {
    for (const entry of entriesIfPresent(folder)) {
      const name = `${relative}/${entry.name}`;
      if (isTemporary(entry.name)) found.push(name);
      else if (entry.isDirectory() && join(folder, entry.name) !== layout.trash)
        walk(join(folder, entry.name), name);
    }
  };
  for (const top of tops) walk(join(layout.dataRoot, top), top);
  return found.sort();
}
