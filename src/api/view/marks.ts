// What names mean: the rows of a cohort, and the words that selectors can be made of. Reads nothing.
import { methodsOf } from '../../graph/selectormethods.ts';
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

/** At most so many of each kind. */
const MOST_WORDS = 300;

/** All but ids, which are too many to offer. */
export function selectorWords(graph: Graph): readonly string[] {
  return [...methodsOf({ graph, stateAt: () => '' })].flatMap(([name, { names }]) =>
    name === 'gen' ? [] : [...new Set(names)].slice(0, MOST_WORDS).map((each) => `${name}:${each}`),
  );
}
