// Scores of cohorts with their statistics. Computes none of them itself and writes nothing.
import { allCounted, askedNow, figuresOf } from '../../engine/figures/figures.ts';
import {
  namesWithScores,
  rankLevels,
  scoresOfCohorts,
  separateNamed,
  type Measured,
  type Separated,
} from '../../engine/results/scores.ts';
import { statesOfScores } from '../../engine/results/standing.ts';
import type { Session } from '../../engine/project/session.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { State } from '../../plan/verdict.ts';
import { COMPARED } from '../../scores/levels/dimensions.ts';
import type { Ranked } from '../../scores/levels/ranking.ts';
import type { Over } from '../../scores/observations.ts';
import { cohortsMeant } from './find.ts';
import { copyOfRow, type ScoreRow } from '../../scores/rows.ts';
import { didYouMean } from '../../text/nearest.ts';

/** `state`: how the evaluation stands; a score of one that is not current was given to something earlier. */
export type ScoreRecord = ScoreRow & { readonly state: State };

/** Each evaluation once, in the order of the cohorts and their memberships. */
export async function scoresOf(
  session: Session,
  cohort: string | undefined,
): Promise<readonly ScoreRecord[]> {
  const states = await statesOfScores(session);
  return scoresOfCohorts(session, cohortsMeant(session, cohort)).map((row) => ({
    ...copyOfRow(row),
    state: states.of(row.genId) ?? 'missing',
  }));
}

export interface StatisticsOptions {
  /** What intervals and comparisons are to hold for: further `combos`, or these ones and further `essays` of them. */
  readonly over?: Over | undefined;
}

export async function statisticsOf(
  session: Session,
  cohort: string | undefined,
  { over }: StatisticsOptions = {},
): Promise<Measured> {
  const asked = await askedNow(session, cohortsMeant(session, cohort), allCounted);
  const { standing: _standing, ...figures } = await figuresOf(session, asked, over);
  return { ...figures, rows: asked.rows };
}

export interface LevelOptions extends StatisticsOptions {
  /** Two names of the dimension, or more; all where it is left out. */
  readonly levels?: readonly string[] | undefined;
}

/** The levels of a dimension with each of their pairs; a ProblemError for a dimension or a level that there is not. */
export function levelsOf(
  session: Session,
  rows: readonly ScoreRow[],
  dimension: string,
  { levels, over }: LevelOptions,
): Ranked {
  const found = COMPARED.find((each) => each === dimension);
  if (found === undefined)
    throw new ProblemError([
      problem('DD102', `levels of ${dimension} can not be compared${didYouMean(dimension, COMPARED)}`, {
        cure: `Use one of: ${COMPARED.join(', ')}.`,
      }),
    ]);
  const ranked = rankLevels(session, rows, found, { over, only: levels });
  if (levels === undefined) return ranked;
  const there = ranked.contenders.map(({ name }) => name);
  if (there.length > 1 && levels.every((each) => there.includes(each))) return ranked;
  const known = rankLevels(session, rows, found, { over }).contenders.map(({ name }) => name);
  const unknown = levels.filter((each) => !known.includes(each));
  const hints = unknown
    .map((each) => `; there is no ${each} with a score${didYouMean(each, known)}`)
    .join('');
  throw new ProblemError([
    problem(
      'DD102',
      `two different levels of ${dimension} are wanted, or more, not ${levels.join(',')}${hints}`,
      {
        cure:
          known.length === 0
            ? 'Build first.'
            : `Write them as \`a,b\`; those with scores are ${known.join(', ')}.`,
      },
    ),
  ]);
}

export interface SeparateOptions extends StatisticsOptions {
  /** The difference that is to be shown; the one that is seen where it is left out. */
  readonly difference?: number | undefined;
}

/** What would tell two names of one kind apart; a ProblemError where they are no two of one kind. */
export function separationOf(
  session: Session,
  rows: readonly ScoreRow[],
  names: readonly string[],
  options: SeparateOptions,
): Separated {
  const [a, b] = names;
  const found =
    a === undefined || b === undefined || names.length > 2 || a === b
      ? undefined
      : separateNamed(session, rows, [a, b], options);
  if (found !== undefined) return found;
  const known = namesWithScores(rows);
  const unknown = names.filter((name) => !known.includes(name));
  const hint = unknown.map((name) => `; there is no ${name}${didYouMean(name, known)}`).join('');
  throw new ProblemError([
    problem(
      'DD102',
      `--separate wants two different names of one kind, such as two models, not ${names.join(',')}${hint}`,
      {
        place: { field: '--separate' },
        cure: '`daydream report --show ranking` lists the names; write them as `A,B`.',
      },
    ),
  ]);
}
