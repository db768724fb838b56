// What a crash leaves half written, found by its name. Removes nothing.
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { entriesIfPresent } from './writing/atomic.ts';

/** Files and folders that a crash left half written, anywhere below the data root's outputs; relative to the data root. */
export function temporaryFiles(layout: Layout): readonly string[] {
  const found: string[] = [];
  const walk = (folder: string, relative: string): void => {
    for (const entry of entriesIfPresent(folder)) {
      const name = `${relative}/${entry.name}`;
      if (/^\..+\.tmp$/.test(entry.name)) found.push(name);
      else if (entry.isDirectory() && join(folder, entry.name) !== layout.trash)
        walk(join(folder, entry.name), name);
    }
  };
  for (const top of ['gens', 'cohorts', '7_cross_experiment', '.daydream'])
    walk(join(layout.dataRoot, top), top);
  return found.sort();
}
