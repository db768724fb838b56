// The files of cohorts: compiles every spec of a data root, and writes membership.csv, manifest.json and the metadata.json of
// generations that have none. Reads no template text and makes no graph.
import { existsSync } from 'node:fs';
import type { Catalog } from '../../catalog/catalog.ts';
import { loadCatalog } from '../../catalog/load.ts';
import type { Cohort } from '../../cohort/cohort.ts';
import { manifestJson, membershipCsv } from '../../cohort/membership.ts';
import { seedMetadata } from '../../cohort/seed.ts';
import { loadProject, type Settings } from '../../config.ts';
import { taskAt } from '../../graph/graph.ts';
import { weave } from '../../graph/weave.ts';
import { hasErrors, ProblemError, type Problem } from '../../problem.ts';
import { generationOf } from '../../run/finish.ts';
import { diskReader } from '../../inputs/disk/diskreader.ts';
import { writeAtomic, writeIfChanged } from '../../store/writing/atomic.ts';
import { cohortFile, genFolder, layoutOf, type Layout } from '../../store/layout.ts';
import { loadCohorts } from './cohorts.ts';
import { cohortIds, hasSpec, includeRoot, withoutFiles } from './sources.ts';
import type { LoadedGraph } from '../project/load.ts';
import type { LoadOptions } from '../project/options.ts';

export interface ProjectCatalog {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly catalog: Catalog;
  /** Warnings only. */
  readonly problems: readonly Problem[];
}

/** Config and catalogs; a ProblemError with everything that is wrong with them. */
export async function readProjectCatalog(options: LoadOptions): Promise<ProjectCatalog> {
  const { value: project, problems } = await loadProject(options);
  if (hasErrors(problems)) throw new ProblemError(problems);
  const { settings } = project;
  const catalog = loadCatalog(diskReader(), settings);
  const found = [...problems, ...catalog.problems];
  if (hasErrors(found)) throw new ProblemError(found);
  return { settings, layout: layoutOf(settings.dataRoot), catalog: catalog.value, problems: found };
}

export interface CompiledCohorts {
  /** Every cohort of the data root, in code point order. */
  readonly ids: readonly string[];
  /** Those that compile. */
  readonly cohorts: readonly Cohort[];
  /** Of all cohorts, and of two that disagree; each warning of a cohort is there once. */
  readonly problems: readonly Problem[];
}

export function compileCohorts({ settings, layout, catalog }: ProjectCatalog): CompiledCohorts {
  const reader = diskReader();
  const { replication } = settings;
  const projectRoot = includeRoot(settings);
  const { value: cohorts, problems } = loadCohorts({ reader, layout, projectRoot, catalog, replication });
  const woven = weave(cohorts);
  return { ids: cohortIds(reader, layout), cohorts, problems: [...problems, ...woven.problems] };
}

/** The same of a graph, compiled just now or as its cache has it; undefined where an earlier version made the cache. */
export function cohortsIn({ layout, graph, header, compiled }: LoadedGraph): CompiledCohorts | undefined {
  const { manifests } = header;
  if (compiled === undefined && manifests === undefined) return undefined;
  const cohorts =
    compiled ??
    graph.cohorts.flatMap(({ id, members }): readonly Cohort[] => {
      const manifest = manifests?.[id];
      const generations = Array.from(members, (row) => generationOf(taskAt(graph, row)));
      return manifest === undefined ? [] : [{ id, members: generations, manifest, problems: [] }];
    });
  return { ids: cohortIds(diskReader(), layout), cohorts, problems: [] };
}

/** Writes membership.csv and manifest.json of every cohort that was compiled just now, where they differ; of others, where one is gone. */
export function writeMembership({ loaded }: { readonly loaded: LoadedGraph }): readonly string[] {
  const { layout, compiled, graph } = loaded;
  const reader = diskReader();
  const gone = new Set(withoutFiles(layout, graph));
  const cohorts = compiled ?? (gone.size === 0 ? [] : (cohortsIn(loaded)?.cohorts ?? []));
  return cohorts
    .filter(({ id }) => (compiled !== undefined || gone.has(id)) && hasSpec(layout, id, reader))
    .flatMap((cohort) => writeCohortFiles(layout, cohort));
}

/** Their texts by name. */
export function filesOfCohort(cohort: Cohort): Readonly<Record<string, string>> {
  return { 'membership.csv': membershipCsv(cohort), 'manifest.json': manifestJson(cohort) };
}

/** Writes membership.csv and manifest.json where they differ. Returns the paths written. Call it with the lock held. */
export function writeCohortFiles(layout: Layout, cohort: Cohort): readonly string[] {
  return Object.entries(filesOfCohort(cohort)).flatMap(([name, text]) => {
    const path = cohortFile(layout, cohort.id, name);
    return writeIfChanged(path, text) === 'written' ? [path] : [];
  });
}

/** Gives every member without a metadata.json the one that it begins with. Returns how many that were. Call it with the lock held. */
export function seedCohort(layout: Layout, cohort: Cohort): number {
  let seeded = 0;
  for (const member of cohort.members) {
    const path = `${genFolder(layout, member.stage, member.genId)}/metadata.json`;
    if (existsSync(path)) continue;
    writeAtomic(path, JSON.stringify(seedMetadata(member, cohort.id), null, 2));
    seeded++;
  }
  return seeded;
}
