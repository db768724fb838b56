// What all reading has in common: a data root opened and judged, and the rows that selectors mean. Takes no lock and writes nothing.
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
  const session = await openSession(options);
  if (artifacts === 'assumed') {
    const { assumeArtifacts } = await import('../../engine/project/traceonly.ts');
    assumeArtifacts(session.index);
  }
  const { verdicts } = await judge(session);
  markSubmitted(session.loaded.graph, verdicts, session.loaded.layout);
  return { session, judged: { graph: session.loaded.graph, index: session.index, verdicts } };
}

/** 1 for every row that the words select; a ProblemError when they can not be read or match nothing. */
export function selectedBy({ select, exclude }: SelectOptions, { session, judged }: Reading): Uint8Array {
  return selectFrom(session.loaded, judged.verdicts, { select: wordsOf(select), exclude: wordsOf(exclude) });
}
