// Every cohort of the data root, compiled from its spec or read from its membership.csv. Writes nothing.
import type { BrokenCohort, Cohort } from '../../cohort/cohort.ts';
import { compileCohort, type CohortOptions } from '../../cohort/compile.ts';
import { compileDesign, type Design } from '../../cohort/design/design.ts';
import { loadSpec } from '../../cohort/spec/load.ts';
import type { Taken } from '../../cohort/members.ts';
import { ESSAY_ID } from '../../cohort/rowparts.ts';
import type { Spec } from '../../cohort/spec/spec.ts';
import { attempt, diskProblem, hasErrors, type Loaded, type Problem } from '../../problem.ts';
import { signatureFromMetadata } from '../../generation/genid.ts';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { conflictInFile } from '../../inputs/disk/diskreader.ts';
import { compareCodePoints } from '../../text/python.ts';
import { readMetadata, type Metadata } from '../../store/gens/genstore.ts';
import { namesIfPresent } from '../../store/writing/atomic.ts';
import { genFolder, type Layout } from '../../store/layout.ts';
import { cohortIds, specOf, unreadSpecs, type CohortSources } from './sources.ts';
import { storedCohort, storedEssays } from './stored.ts';

export interface LoadedCohorts extends Loaded<readonly Cohort[]> {
  /** Those with an error among their problems, in code point order; the problems are among all of them too. */
  readonly broken: readonly BrokenCohort[];
}

/** What of a broken cohort could be read may be among the values. */
export function loadCohorts(sources: CohortSources): LoadedCohorts {
  const problems: Problem[] = [...unreadSpecs(sources.reader, sources.layout)];
  const broken: BrokenCohort[] = [];
  const cohorts: Cohort[] = [];
  const evaluating: Designed[] = [];
  const taken = collisions(sources.layout);
  const keep = (id: string, { value, problems: found }: Loaded<Cohort | undefined>): void => {
    problems.push(...found);
    if (hasErrors(found)) broken.push({ id, problems: found });
    if (value !== undefined) cohorts.push(value);
  };
  for (const id of cohortIds(sources.reader, sources.layout)) {
    const { value: designed, problems: closed } = attempt(() => designOf(sources, id));
    if (closed.length > 0) keep(id, { value: undefined, problems: closed });
    else if (designed === undefined) keep(id, storedCohort(sources, id));
    else if (designed.design?.columns.includes(ESSAY_ID) === true) evaluating.push(designed);
    else keep(id, compile(sources, designed, { taken }));
  }
  // These may name essays of any other cohort, whether they are written yet or not.
  const stored = storedEssays(sources, [...cohorts]);
  for (const each of evaluating) keep(each.id, compile(sources, each, { taken, stored }));
  return { value: cohorts.sort(byId), problems, broken: broken.sort(byId) };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compareCodePoints(a.id, b.id);
}

interface Designed {
  readonly id: string;
  readonly spec: Spec;
  /** Undefined with an error among the problems. */
  readonly design: Design | undefined;
  readonly problems: readonly Problem[];
}

/** Undefined for a cohort without a spec. */
function designOf({ reader, layout, projectRoot }: CohortSources, id: string): Designed | undefined {
  const specFile = specOf(layout, id, reader);
  if (specFile === undefined) return undefined;
  const spec = loadSpec(reader, { specFile, projectRoot });
  if (hasErrors(spec.problems)) return { id, spec: spec.value, design: undefined, problems: spec.problems };
  const compiled = compileDesign(spec.value);
  const problems = [...spec.problems, ...compiled.problems];
  return { id, spec: spec.value, design: hasErrors(problems) ? undefined : compiled.value, problems };
}

function compile(
  { catalog, replication }: CohortSources,
  { id, spec, design, problems }: Designed,
  ids: Pick<CohortOptions, 'taken' | 'stored'>,
): Loaded<Cohort | undefined> {
  if (design === undefined) return { value: undefined, problems };
  const cohort = compileCohort({ cohortId: id, design, spec, catalog, replication, ...ids });
  // Warnings travel with the cohort, since it may be woven from a cache later.
  const found = [...problems, ...cohort.problems.filter((each) => each.severity === 'error')];
  return { value: hasErrors(found) ? undefined : cohort.value, problems: found };
}

/**
 * Whether an id is taken by other coordinates: its metadata.json says another signature, or can not be read. A merge in it that is not
 * decided is of one generation, and is refused where that is planned.
 */
function collisions(layout: Layout): Taken {
  const folders = new Map(STAGES.map((stage) => [stage, new Set(namesIfPresent(`${layout.gens}/${stage}`))]));
  return (stage, genId, wanted) => {
    if (folders.get(stage)?.has(genId) !== true) return false;
    const metadata = metadataAt(layout, stage, genId);
    if (metadata === undefined) return false;
    if (metadata === 'damaged')
      return conflictInFile(`${genFolder(layout, stage, genId)}/metadata.json`) === undefined;
    const found = signatureFromMetadata(stage, metadata);
    return !found.ok || found.parts.join('|') !== wanted.join('|');
  };
}

/** Undefined too for what is no file or may not be read, which is said when the store is read: it is no sign that the id is another's. */
function metadataAt(layout: Layout, stage: Stage, genId: GenId): Metadata | 'damaged' | undefined {
  try {
    return readMetadata(layout, stage, genId);
  } catch (error) {
    const refused = diskProblem(error);
    if (refused?.code === 'DD584' || refused?.code === 'DD588') return undefined;
    throw error;
  }
}
