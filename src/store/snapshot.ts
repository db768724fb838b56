// Copies the spec folders of cohorts aside, so that an experiment can be read later as it was built. Never writes over a copy.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { filesBelow } from '../inputs/disk/foldertree.ts';
import { cohortFile, type Layout } from './layout.ts';

/**
 * Copies to `experiments/<id>/spec_snapshot/<cohort>/`, or to `spec_snapshot-2` and so on where that holds another version. A
 * cohort without a spec is its membership.csv. Returns the folder, relative to the data root.
 */
export function snapshotSpecs(layout: Layout, experiment: string, cohorts: readonly string[]): string {
  const sources = cohorts.map((cohort) => ({ cohort, from: sourceOf(layout, cohort) }));
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'spec_snapshot' : `spec_snapshot-${number}`;
    const folder = join(layout.experiments, experiment, name);
    const copies = sources.map(({ cohort, from }) => ({ from, to: join(folder, cohort) }));
    if (copies.some(({ from, to }) => existsSync(to) && !sameCopy(from, to))) continue;
    for (const { from, to } of copies) copy(from, to);
    return relative(layout.dataRoot, folder);
  }
}

function sourceOf(layout: Layout, cohort: string): string {
  const spec = cohortFile(layout, cohort, 'spec');
  return existsSync(spec) ? spec : cohortFile(layout, cohort, 'membership.csv');
}

function copy(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(to, { recursive: true });
  for (const [name, path] of filesOf(from)) cpSync(path, join(to, name), { recursive: true });
}

function sameCopy(from: string, to: string): boolean {
  const [source, target] = [filesOf(from), filesOf(to)];
  if (source.size !== target.size) return false;
  return [...source].every(([name, path]) => {
    const other = target.get(name);
    return other !== undefined && readFileSync(path).equals(readFileSync(other));
  });
}

/** Files by their name below the folder; a file alone by its own name. */
function filesOf(path: string): ReadonlyMap<string, string> {
  const below = filesBelow(path);
  if (below.length > 0 || !existsSync(path)) return new Map(below.map((name) => [name, join(path, name)]));
  return statSync(path).isFile() ? new Map([[basename(path), path]]) : new Map();
}
