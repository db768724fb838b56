// What a broken cohort stops: whatever names it, and whatever is about all cohorts. Reads nothing and writes nothing.
import { problemsOfBroken, type BrokenCohort } from '../../cohort/cohort.ts';
import { parseSelectors, type Selected, type Selection, type Term } from '../../graph/selectors.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import { globMatches } from '../../text/glob.ts';
import type { LoadedGraph } from '../project/load.ts';

type Known = Pick<LoadedGraph, 'broken' | 'graph'>;

interface Words {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
}

/** Broken cohorts that may have something of what is selected: all of them, unless other cohorts or single generations are named. */
export function touchedBy(
  { broken }: Pick<Known, 'broken'>,
  { select, exclude }: Words,
): readonly BrokenCohort[] {
  if (broken.length === 0) return [];
  const include = parseSelectors(select).value;
  const leave = parseSelectors(exclude).value;
  return broken.filter(({ id }) => {
    if (leave.some(([term, ...others]) => term !== undefined && others.length === 0 && names(term, id)))
      return false;
    return include.length === 0 || include.some((terms) => terms.every((term) => mayHave(term, id)));
  });
}

function mayHave(term: Term, id: string): boolean {
  return term.method === 'cohort' ? names(term, id) : term.method !== 'gen';
}

function names({ method, literal, value }: Term, id: string): boolean {
  return method === 'cohort' && (literal ? value === id : globMatches(value, id));
}

/** A selection without what names only broken cohorts; a ProblemError with what is wrong with them where nothing else is wanted. */
export function soundSelection(known: Known, { include, exclude }: Selected): Selected {
  if (known.broken.length === 0) return { include, exclude };
  const { left, named } = soundTerms(known, include);
  if (include.length > 0 && left.length === 0) throw new ProblemError(problemsOfBroken(named));
  return { include: left, exclude: soundTerms(known, exclude).left };
}

function soundTerms(
  { broken, graph }: Known,
  selection: Selection,
): { readonly left: Selection; readonly named: readonly BrokenCohort[] } {
  const named: BrokenCohort[] = [];
  const left = selection.filter((terms) =>
    terms.every((term) => {
      const meant = broken.filter(({ id }) => names(term, id));
      if (meant.length === 0 || graph.cohorts.some(({ id }) => names(term, id))) return true;
      named.push(...meant);
      return false;
    }),
  );
  return { left, named };
}

/** Throws a ProblemError with what is wrong with broken cohorts, where there are any. */
export function refuseBroken(broken: readonly BrokenCohort[]): void {
  if (broken.length > 0) throw new ProblemError(problemsOfBroken(broken));
}

/** The same for who means one cohort by its name, or all of them. */
export function refuseBrokenNamed({ broken }: Pick<Known, 'broken'>, cohort: string | undefined): void {
  refuseBroken(broken.filter(({ id }) => cohort === undefined || id === cohort));
}

/** What is not found may be of a broken cohort. */
export function withBroken(
  problems: readonly Problem[],
  broken: readonly BrokenCohort[],
): readonly Problem[] {
  return [...problems, ...problemsOfBroken(broken)];
}
