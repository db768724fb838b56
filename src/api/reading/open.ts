// What all reading has in common: a data root opened and judged, and the rows that selectors mean. Takes no lock and writes nothing.
import type { BrokenCohort } from '../../cohort/cohort.ts';
import { refuseBroken, touchedBy } from '../../engine/plan/broken.ts';
import { selectFrom } from '../../engine/plan/plan.ts';
import { judge, openSession, type OpenOptions, type Session } from '../../engine/project/session.ts';
import { markSubmitted } from '../../engine/project/submitted.ts';
import type { Judged } from '../../plan/explain.ts';
import { wordsOf, type SelectOptions } from '../request.ts';

export interface Reading {
  readonly session: Session;
  readonly judged: Judged;
}

export interface ReadingOptions extends OpenOptions {
  /** `assumed`: metadata alone is judged where texts are missing, as in a repository that does not hold them. */
  readonly artifacts?: 'looked at' | 'assumed';
}

export async function openForReading({ artifacts, ...options }: ReadingOptions): Promise<Reading> {
  const session = await openSession({ onBroken: () => {}, ...options });
  if (artifacts === 'assumed') {
    const { assumeArtifacts } = await import('../../engine/project/traceonly.ts');
    assumeArtifacts(session.index);
  }
  const { verdicts } = await judge(session);
  markSubmitted(session.loaded.graph, verdicts, session.loaded.layout);
  return { session, judged: { graph: session.loaded.graph, index: session.index, verdicts } };
}

/** 1 for every row that the words select; a ProblemError when they can not be read, match nothing, or may mean something that is broken. */
export function selectedBy(options: SelectOptions, reading: Reading): Uint8Array {
  const { selected, broken } = selectedSound(options, reading);
  refuseBroken(broken);
  return selected;
}

/** The same of the cohorts that can be used, with those that can not and that the words may mean. */
export function selectedSound(
  { select, exclude }: SelectOptions,
  { session, judged }: Reading,
): { readonly selected: Uint8Array; readonly broken: readonly BrokenCohort[] } {
  const words = { select: wordsOf(select), exclude: wordsOf(exclude) };
  return {
    selected: selectFrom(session.loaded, judged.verdicts, words),
    broken: touchedBy(session.loaded, words),
  };
}
