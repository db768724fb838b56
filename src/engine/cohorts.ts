// Every cohort of the data root, compiled from its spec or read from its membership.csv. Writes nothing.
import { readdirSync } from 'node:fs';
import type { Catalog } from '../catalog/catalog.ts';
import type { Cohort } from '../cohort/cohort.ts';
import { compileCohort } from '../cohort/compilecohort.ts';
import { compileDesign } from '../cohort/design.ts';
import { loadSpec } from '../cohort/loadspec.ts';
import { hasErrors, type Loaded, type Problem } from '../errors.ts';
import { signatureFromMetadata } from '../generation/genid.ts';
import { STAGES, type GenId, type Stage } from '../generation/stage.ts';
import type { InputReader } from '../inputs/reader.ts';
import { readMetadata } from '../store/genstore.ts';
import { isMissing } from '../store/atomic.ts';
import { cohortFile, type Layout } from '../store/layout.ts';
import { storedCohort } from './storedcohort.ts';

export interface CohortSources {
  readonly reader: InputReader;
  readonly layout: Layout;
  readonly projectRoot: string;
  readonly catalog: Catalog;
  readonly replication: 'catalog' | 'spec';
}

/** Folders of cohorts/ that hold a spec or a membership.csv, in code point order. */
export function cohortIds(reader: InputReader, layout: Layout): readonly string[] {
  return reader.folders(layout.cohorts).filter((id) => {
    const hasSpec = reader.files(cohortFile(layout, id, 'spec'), '.yaml').includes('config.yaml');
    return hasSpec || reader.files(cohortFile(layout, id), '.csv').includes('membership.csv');
  });
}

export function loadCohorts(sources: CohortSources): Loaded<readonly Cohort[]> {
  const problems: Problem[] = [];
  const cohorts: Cohort[] = [];
  const taken = collisions(sources.layout);
  for (const id of cohortIds(sources.reader, sources.layout)) {
    const loaded = loadCohort(sources, id, taken);
    problems.push(...loaded.problems);
    if (loaded.value !== undefined) cohorts.push(loaded.value);
  }
  return { value: cohorts, problems };
}

type Taken = (stage: Stage, genId: GenId, wanted: readonly string[]) => boolean;

function loadCohort(sources: CohortSources, id: string, taken: Taken): Loaded<Cohort | undefined> {
  const { reader, layout, catalog, replication, projectRoot } = sources;
  if (!reader.files(cohortFile(layout, id, 'spec'), '.yaml').includes('config.yaml'))
    return storedCohort(sources, id);
  const spec = loadSpec(reader, { specFile: cohortFile(layout, id, 'spec', 'config.yaml'), projectRoot });
  if (hasErrors(spec.problems)) return { value: undefined, problems: spec.problems };
  const design = compileDesign(spec.value);
  if (hasErrors(design.problems))
    return { value: undefined, problems: [...spec.problems, ...design.problems] };
  const cohort = compileCohort({ cohortId: id, design: design.value, catalog, replication, taken });
  const problems = [
    ...spec.problems,
    ...design.problems,
    ...cohort.problems.filter((each) => each.severity === 'error'),
  ];
  return { value: hasErrors(problems) ? undefined : cohort.value, problems };
}

/** Whether an id is taken by other coordinates: its metadata.json says another signature, or can not be read. */
function collisions(layout: Layout): Taken {
  const folders = new Map(STAGES.map((stage) => [stage, new Set(foldersOf(`${layout.gens}/${stage}`))]));
  return (stage, genId, wanted) => {
    if (folders.get(stage)?.has(genId) !== true) return false;
    const metadata = readMetadata(layout, stage, genId);
    if (metadata === undefined) return false;
    if (metadata === 'damaged') return true;
    const found = signatureFromMetadata(stage, metadata);
    return !found.ok || found.parts.join('|') !== wanted.join('|');
  };
}

function foldersOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
