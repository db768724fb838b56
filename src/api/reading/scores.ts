// Scores of cohorts with their statistics. Computes none of them itself and writes nothing.
import { measure, scoresOfCohorts, type Measured } from '../../engine/results/scores.ts';
import type { Session } from '../../engine/project/session.ts';
import { problem, ProblemError } from '../../problem.ts';
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

/** Each evaluation once, in the order of the cohorts and their memberships. */
export function scoresOf(session: Session, cohort: string | undefined): readonly ScoreRow[] {
  return scoresOfCohorts(session, cohortsMeant(session, cohort));
}

export function statisticsOf(session: Session, cohort: string | undefined): Measured {
  return measure(session, cohortsMeant(session, cohort));
}
