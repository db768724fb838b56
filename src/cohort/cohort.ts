// A compiled cohort: its membership rows, what its manifest says, and what of it was lost to others of the same id. Knows nothing of
// staleness.
import { ProblemError, type Problem } from '../problem.ts';
import type { Generation } from '../generation/generation.ts';
import type { Stage } from '../generation/stage.ts';

export interface Manifest {
  readonly combos: readonly string[];
  readonly templates: Readonly<Record<Stage, readonly string[]>>;
  readonly llms: { readonly generation: readonly string[]; readonly evaluation: readonly string[] };
  readonly replication: Readonly<Record<string, number>>;
}

export interface Cohort {
  /** The folder's name. */
  readonly id: string;
  /** The spec or the membership.csv that it was made from. */
  readonly file?: string;
  /** All drafts, then all essays, then all evaluations, each in order of first appearance. */
  readonly members: readonly Generation[];
  readonly manifest: Manifest;
  /** Warnings that the compilation found: two essay models under one id, say. */
  readonly problems: readonly Problem[];
}

/** A cohort that can not be used, and everything that is wrong with it. */
export interface BrokenCohort {
  readonly id: string;
  /** With one error at least. */
  readonly problems: readonly Problem[];
}

/** Reasons of the warnings that generations lost their place to another of the same id. */
export const MERGES = {
  /** Essays of one cohort that differ in their model alone. */
  models: 'essay_models_share_id',
  /** Names that differ in letter case alone. */
  case: 'ids_differ_in_case',
  /** Two cohorts that ask for one id with other coordinates. */
  cohorts: 'shared_id',
} as const;

const MERGE_REASONS: ReadonlySet<string> = new Set(Object.values(MERGES));

/** Those of the problems that are merges, as errors. */
export function mergesAmong(problems: readonly Problem[]): readonly Problem[] {
  return problems.flatMap((each) =>
    each.reason !== undefined && MERGE_REASONS.has(each.reason)
      ? [{ ...each, severity: 'error' as const }]
      : [],
  );
}

/** Throws a ProblemError with every merge among the problems: a part of what was asked for would not be made. */
export function refuseMerges(problems: readonly Problem[]): void {
  const merges = mergesAmong(problems);
  if (merges.length > 0) throw new ProblemError(merges);
}

/** Cohorts that lost generations to others, each with the merges that took them. */
export function mergedCohorts(problems: readonly Problem[]): readonly BrokenCohort[] {
  return byCohort(mergesAmong(problems).map((each) => [String(each.data?.['cohort'] ?? ''), each]));
}

/** Problems by the cohort that they break, each once, in the order given. */
export function byCohort(
  found: Iterable<readonly [cohort: string, problem: Problem]>,
): readonly BrokenCohort[] {
  const broken = new Map<string, Set<Problem>>();
  for (const [id, each] of found) {
    const known = broken.get(id);
    if (known === undefined) broken.set(id, new Set([each]));
    else known.add(each);
  }
  return [...broken].map(([id, problems]) => ({ id, problems: [...problems] }));
}

/** Everything that is wrong with them; what breaks several is said once. */
export function problemsOfBroken(broken: readonly BrokenCohort[]): readonly Problem[] {
  const each = broken.flatMap(({ problems }) => problems);
  return [...new Map(each.map((one) => [JSON.stringify(one), one])).values()];
}
