// Makes a curated cohort: its files, compiled at once, and gone again if they do not compile. Runs nothing.
import { existsSync, rmSync } from 'node:fs';
import type { Cohort } from '../../cohort/cohort.ts';
import { curatedFiles, type Curation } from '../../cohort/spec/curation.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { writeAtomic } from '../../store/writing/atomic.ts';
import { artifactPath, cohortFile } from '../../store/layout.ts';
import { compileCohorts, type ProjectCatalog, seedCohort, writeCohortFiles } from './membershipfiles.ts';

export interface Curated {
  readonly cohort: Cohort;
  /** Absolute. */
  readonly written: readonly string[];
  readonly evaluations: number;
  /** Evaluations without a text yet: what a build will ask for. */
  readonly missing: number;
}

/** Call it with the lock held. Throws a ProblemError for names that are not there and for a cohort that is. */
export function makeCurated(project: ProjectCatalog, cohortId: string, curation: Curation): Curated {
  const { layout, catalog } = project;
  const folder = cohortFile(layout, cohortId);
  const unknown: Problem[] = [
    ...unknownNames('rubric', curation.rubrics, catalog.templates.evaluation.keys()),
    ...unknownNames('judge', curation.judges, catalog.models.keys()),
    ...(existsSync(folder) ? [existsAlready(cohortId, folder)] : []),
  ];
  if (unknown.length > 0) throw new ProblemError(unknown);
  const files = Object.entries(curatedFiles(curation));
  const written = files.map(([path, text]) => {
    writeAtomic(cohortFile(layout, cohortId, path), text);
    return cohortFile(layout, cohortId, path);
  });
  const compiled = compileCohorts(project);
  const cohort = compiled.cohorts.find(({ id }) => id === cohortId);
  if (cohort === undefined) {
    rmSync(folder, { recursive: true });
    throw new ProblemError(compiled.problems.filter((each) => each.place?.file?.startsWith(folder) === true));
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

function existsAlready(cohortId: string, file: string): Problem {
  return problem('DD102', `the cohort ${cohortId} is there already`, {
    place: { file },
    cure: 'Choose another name, or `daydream purge` the old one first.',
  });
}
