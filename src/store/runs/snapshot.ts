// Copies the spec folders of cohorts and all other inputs aside, so that an experiment can be read later as it was built. Never writes
// over a copy.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { filesBelow } from '../../inputs/disk/foldertree.ts';
import { cohortFile, type Layout } from '../layout.ts';

/**
 * Copies to `experiments/<id>/spec_snapshot/<cohort>/`, or to `spec_snapshot-2` and so on where that holds another version. A
 * cohort without a spec is its membership.csv. Returns the folder, relative to the data root.
 */
export function snapshotSpecs(layout: Layout, experiment: string, cohorts: readonly string[]): string {
  const sources = cohorts.map((cohort) => ({ cohort, from: sourceOf(layout, cohort) }));
  return copyAside(layout, join(experiment, 'spec_snapshot'), (folder) =>
    sources.map(({ cohort, from }) => ({ files: filesOf(from), to: join(folder, cohort) })),
  );
}

/**
 * Copies input files, by their names in the copy, to `experiments/<id>/inputs/` in the same way. Returns the folder, relative to the
 * data root.
 */
export function snapshotInputs(
  layout: Layout,
  experiment: string,
  files: ReadonlyMap<string, string>,
): string {
  return copyAside(layout, join(experiment, 'inputs'), (to) => [{ files, to }]);
}

interface Copying {
  /** Absolute paths by their names below the target. */
  readonly files: ReadonlyMap<string, string>;
  readonly to: string;
}

/** To the folder itself, or to the first numbered one that holds no other version. */
function copyAside(layout: Layout, name: string, into: (folder: string) => readonly Copying[]): string {
  for (let number = 1; ; number++) {
    const folder = join(layout.experiments, number === 1 ? name : `${name}-${number}`);
    const copies = into(folder);
    if (copies.some((each) => existsSync(each.to) && !isCopied(each))) continue;
    for (const each of copies) copy(each);
    return relative(layout.dataRoot, folder);
  }
}

function sourceOf(layout: Layout, cohort: string): string {
  const spec = cohortFile(layout, cohort, 'spec');
  return existsSync(spec) ? spec : cohortFile(layout, cohort, 'membership.csv');
}

function copy({ files, to }: Copying): void {
  if (existsSync(to)) return;
  mkdirSync(to, { recursive: true });
  for (const [name, path] of files) cpSync(path, join(to, name), { recursive: true });
}

function isCopied({ files, to }: Copying): boolean {
  const target = filesOf(to);
  if (files.size !== target.size) return false;
  return [...files].every(([name, path]) => {
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
