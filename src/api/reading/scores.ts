// Scores of cohorts with their statistics. Computes none of them itself and writes nothing.
import { measure, scoresOfCohorts, type Measured } from '../../engine/results/scores.ts';
import { statesOfScores } from '../../engine/results/standing.ts';
import type { Session } from '../../engine/project/session.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { State } from '../../plan/verdict.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import { didYouMean } from '../../text/nearest.ts';

/** The cohort of a name, or all of them; a ProblemError when there is none of that name. */
export function cohortsMeant(
  { loaded: { structure } }: Session,
  name: string | undefined,
): readonly string[] {
  const ids = structure.cohorts.map(({ id }) => id);
  if (name === undefined) return ids;
  if (ids.includes(name)) return [name];
  throw new ProblemError([
    problem('DD109', `there is no cohort ${name}${didYouMean(name, ids)}`, {
      cure: '`daydream cohort ls` lists the cohorts.',
    }),
  ]);
}

/** `state`: how the evaluation stands; a score of one that is not current was given to something earlier. */
export type ScoreRecord = ScoreRow & { readonly state: State };

/** Each evaluation once, in the order of the cohorts and their memberships. */
export async function scoresOf(
  session: Session,
  cohort: string | undefined,
): Promise<readonly ScoreRecord[]> {
  const stateOf = await statesOfScores(session);
  return scoresOfCohorts(session, cohortsMeant(session, cohort)).map((row) => ({
    ...row,
    state: stateOf(row.genId) ?? 'missing',
  }));
}

export function statisticsOf(session: Session, cohort: string | undefined): Measured {
  return measure(session, cohortsMeant(session, cohort));
}
