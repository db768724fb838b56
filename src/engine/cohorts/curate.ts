// Makes a cohort of files that are given, a curated one for one: compiled at once, and gone again if they do not compile. Runs nothing.
import { existsSync, rmSync } from 'node:fs';
import type { Cohort } from '../../cohort/cohort.ts';
import { curatedFiles, type Curation } from '../../cohort/spec/curation.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { writeAtomic } from '../../store/writing/atomic.ts';
import { artifactPath, cohortFile, type Layout } from '../../store/layout.ts';
import { compileCohorts, type ProjectCatalog, seedCohort, writeCohortFiles } from './membershipfiles.ts';

export interface MadeCohort {
  readonly cohort: Cohort;
  /** Absolute. */
  readonly written: readonly string[];
  readonly evaluations: number;
  /** Evaluations without a text yet: what a build will ask for. */
  readonly missing: number;
}

/** Call it with the lock held. Throws a ProblemError for names that are not there and for a cohort that is. */
export function makeCurated(project: ProjectCatalog, cohortId: string, curation: Curation): MadeCohort {
  const { layout, catalog } = project;
  const unknown: Problem[] = [
    ...unknownNames('rubric', curation.rubrics, catalog.templates.evaluation.keys()),
    ...unknownNames('judge', curation.judges, catalog.models.keys()),
    ...taken(layout, cohortId),
  ];
  if (unknown.length > 0) throw new ProblemError(unknown);
  return makeCohort(project, cohortId, curatedFiles(curation), 'as-it-is');
}

/**
 * Writes the files of a cohort, texts by path below its folder, with what follows from them. Call it with the lock held. Throws a
 * ProblemError for a cohort that is there and, with nothing left of it, for one that does not compile, or (`quiet`) not without a warning.
 */
export function makeCohort(
  project: ProjectCatalog,
  cohortId: string,
  files: Readonly<Record<string, string>>,
  warnings: 'as-it-is' | 'quiet',
): MadeCohort {
  const { layout } = project;
  refuseTaken(layout, cohortId);
  const folder = cohortFile(layout, cohortId);
  const written = Object.entries(files).map(([path, text]) => {
    writeAtomic(cohortFile(layout, cohortId, path), text);
    return cohortFile(layout, cohortId, path);
  });
  const compiled = compileCohorts(project);
  const cohort = compiled.cohorts.find(({ id }) => id === cohortId);
  const about = compiled.problems.filter(
    ({ place, data }) => place?.file?.startsWith(folder) === true || data?.['cohort'] === cohortId,
  );
  if (cohort === undefined || (warnings === 'quiet' && about.length > 0)) {
    rmSync(folder, { recursive: true });
    throw new ProblemError(
      warnings === 'quiet' ? about.map((each) => ({ ...each, severity: 'error' })) : about,
    );
  }
  seedCohort(layout, cohort);
  const evaluations = cohort.members.filter(({ stage }) => stage === 'evaluation');
  const missing = evaluations.filter(
    ({ genId }) => !existsSync(artifactPath(layout, 'evaluation', genId, 'parsed')),
  );
  return {
    cohort,
    written: [...written, ...writeCohortFiles(layout, cohort)],
    evaluations: evaluations.length,
    missing: missing.length,
  };
}

function unknownNames(what: string, names: readonly string[], known: Iterable<string>): Problem[] {
  const all = new Set(known);
  return names
    .filter((name) => !all.has(name))
    .map((name) =>
      problem('DD102', `there is no ${what} ${name}${didYouMean(name, all)}`, {
        cure: `Use one of: ${[...all].join(', ')}.`,
      }),
    );
}

/** Throws a ProblemError where there is such a cohort. */
export function refuseTaken(layout: Layout, cohortId: string): void {
  const problems = taken(layout, cohortId);
  if (problems.length > 0) throw new ProblemError(problems);
}

function taken(layout: Layout, cohortId: string): Problem[] {
  const file = cohortFile(layout, cohortId);
  if (!existsSync(file)) return [];
  return [
    problem('DD102', `the cohort ${cohortId} is there already`, {
      place: { file },
      cure: 'Choose another name, or `daydream purge` the old one first.',
    }),
  ];
}
