// Rows that a name means, as columns of 0 and 1. Reads nothing.
import type { Graph } from '../../graph/graph.ts';
import { problem, ProblemError } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';

/** 1 for every member; a ProblemError when there is no cohort of that name. */
export function cohortMarks({ cohorts, size }: Graph, name: string): Uint8Array {
  const cohort = cohorts.find(({ id }) => id === name);
  if (cohort === undefined) {
    const names = cohorts.map(({ id }) => id);
    throw new ProblemError([problem('DD109', `there is no cohort ${name}${didYouMean(name, names)}`)]);
  }
  const marks = new Uint8Array(size);
  for (const row of cohort.members) marks[row] = 1;
  return marks;
}
