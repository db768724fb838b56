// From design rows and catalogs to a cohort: entries, checks, ids, manifest. Touches no disk: what is taken there it is told.
import { hasErrors, problem, type Loaded, type Problem } from '../problem.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { NO_MODEL } from '../generation/mode.ts';
import type { GenId, Stage } from '../generation/stage.ts';
import { checkAgainstCatalog, distinct } from './catalogcheck.ts';
import type { Cohort, Manifest } from './cohort.ts';
import type { Design } from './design/design.ts';
import { collectEntries, type Entries, type Stored } from './entries.ts';
import { makeMembers, type Taken } from './members.ts';
import { ESSAY_ID } from './rowparts.ts';
import type { Spec } from './spec/spec.ts';
import { defined } from '../defined.ts';

export interface CohortOptions {
  /** The folder's name. */
  readonly cohortId: string;
  readonly design: Design;
  /** What the design was made from, so that problems have the lines of its axes. */
  readonly spec?: Spec;
  readonly catalog: Catalog;
  /** `catalog`: a stage without a replicate axis gets the count of replication_config.csv. `spec`: it gets 1. */
  readonly replication: 'catalog' | 'spec';
  readonly taken: Taken;
  /** Essays that a design names by their ids; a design that names none needs none. */
  readonly stored?: Stored;
  /** The most generations of one stage; 1,000,000 by default. */
  readonly largest?: number;
}

const ONCE: Readonly<Record<Stage, number>> = { draft: 1, essay: 1, evaluation: 1 };

/** With an error there are no members. The cohort's own problems are the warnings among those returned. */
export function compileCohort(options: CohortOptions): Loaded<Cohort> {
  const { cohortId, design, spec, catalog, replication, taken, stored = nothingStored } = options;
  const { largest = 1_000_000 } = options;
  const counts = replication === 'catalog' ? catalog.replication : ONCE;
  const { value: entries, problems } = collectEntries({
    design,
    counts,
    largest,
    stored,
    modeOf: (stage, template) => catalog.templates[stage].get(template)?.mode,
  });
  const empty = (found: readonly Problem[]): Loaded<Cohort> => ({
    value: { id: cohortId, members: [], manifest: manifestOf(entries, catalog), problems: [] },
    problems: found.map((each) => located(each, spec)),
  });
  if (hasErrors(problems)) return empty(problems);
  if (entries.evaluation.length === 0) return empty([emptyDesign(cohortId, spec)]);
  const unfit = checkAgainstCatalog(entries, catalog, design);
  if (unfit.length > 0) return empty(unfit);
  const members = makeMembers({ entries, catalog, taken });
  if (hasErrors(members.problems)) return empty(members.problems);
  const told = members.problems.map((each) => located(ofCohort(each, cohortId), spec));
  return {
    value: {
      id: cohortId,
      ...defined({ file: spec?.file }),
      members: members.value,
      manifest: manifestOf(entries, catalog),
      problems: told,
    },
    problems: told,
  };
}

function ofCohort(found: Problem, cohort: string): Problem {
  return { ...found, message: `cohort ${cohort}: ${found.message}`, data: { ...found.data, cohort } };
}

function nothingStored(essayId: GenId): { readonly problem: Problem } {
  return {
    problem: problem('DD332', `The essay ${essayId} is nowhere.`, {
      place: { field: ESSAY_ID },
      reason: 'essay_unknown',
      data: { essay_gen_id: essayId },
    }),
  };
}

function emptyDesign(cohortId: string, spec: Spec | undefined): Problem {
  const blank = (spec?.axes ?? []).filter((axis) => axis.levels.length === 0);
  const why = blank.length === 0 ? '' : `: ${blank.map((axis) => axis.name).join(', ')} has no levels`;
  const message = `The design of the cohort "${cohortId}" has no rows${why}.`;
  return problem('DD322', message, {
    place: defined({ field: blank[0]?.name }),
    reason: 'cohort_spec_missing_evaluation_axes',
    data: { cohort_id: cohortId },
  });
}

/** A problem that names an axis gets the axis's line, one without a place the spec's file. */
function located(found: Problem, spec: Spec | undefined): Problem {
  if (spec === undefined || found.place?.file !== undefined) return found;
  const axis = spec.axes.find((each) => each.name === found.place?.field);
  return { ...found, place: { file: spec.file, ...axis?.place, ...found.place } };
}

/** Essay models are not listed among the generation models, nor what stands for no model. */
function manifestOf(entries: Entries, catalog: Catalog): Manifest {
  return {
    combos: distinct(entries.draft, 'combo'),
    templates: {
      draft: distinct(entries.draft, 'template'),
      essay: distinct(entries.essay, 'template'),
      evaluation: distinct(entries.evaluation, 'template'),
    },
    llms: {
      generation: distinct(entries.draft, 'model'),
      evaluation: distinct(entries.evaluation, 'model').filter((id) => id !== NO_MODEL),
    },
    replication: catalog.replication,
  };
}
