// People asked about texts: the next questions for a person, and the answers kept. Shows nothing.
import { userInfo } from 'node:os';
import {
  keepRating,
  ratingItems,
  ratingSheet,
  type RatingSheet,
  type RatingTask,
} from '../engine/results/ratings.ts';
import type { Session } from '../engine/project/session.ts';
import { problem, ProblemError } from '../problem.ts';
import type { RatingKind } from '../scores/people/ratingitems.ts';
import type { Layout } from '../store/layout.ts';
import {
  isRaterName,
  readRatings,
  type RatedText,
  type RatingAnswer,
  type RatingOf,
} from '../store/ledger/ratings.ts';
import { cohortsMeant } from './reading/find.ts';

export type { RatingAnswer, RatingOf, RatingSheet, RatingTask };

export interface RatingOptions {
  /** All where it is left out. */
  readonly cohort?: string | undefined;
  readonly rubric?: string | undefined;
  /** Who is asked: the name of a file, so letters, digits, `_`, `-` and `.`. The account's own name where it is left out. */
  readonly rater?: string | undefined;
  /** A `score` of one text, or a `preference` between two of the same combo; a score where it is left out. */
  readonly kind?: RatingKind | undefined;
  /** So many questions at most; 20 where it is left out. */
  readonly n?: number | undefined;
  /** Draws the order: the same seed, the same order. */
  readonly seed?: string | undefined;
}

/** What somebody says of a task. */
export interface RatingGiven {
  readonly rater?: string | undefined;
  /** As it was handed out. */
  readonly task: { readonly rubric: string; readonly texts: readonly RatedText[] };
  readonly answer: RatingAnswer;
}

/** What is known already where a project is kept open. */
export interface RatingKnown {
  /** Gives what was worked out before for the same words. */
  readonly kept: <T>(question: string, work: () => T) => T;
  /** Of the generations, by row. */
  readonly states: Uint8Array;
}

export function sheetFor(
  session: Session,
  options: RatingOptions,
  { kept = (_question, work) => work(), states }: Partial<RatingKnown> = {},
): Promise<RatingSheet> {
  const { cohort, rubric, rater = ownName(), kind = 'score', n = 20, seed = '1' } = options;
  const drawn = (): ReturnType<typeof ratingItems> =>
    kept(JSON.stringify(['rating', cohort, rubric, kind, seed]), () =>
      ratingItems(session, cohortsMeant(session, cohort), { rubric, kind, seed, states }),
    );
  return ratingSheet(session, drawn, { rater, kind, n });
}

/** What every person said, of every version of a text; of the same question what was said last. */
export function ratingsIn(layout: Layout): readonly RatingOf[] {
  return readRatings(layout).value;
}

/** `now`: milliseconds since the epoch. Throws a ProblemError (DD712) for what is no rating; whoever asks over the network may leave out anything. */
export function keepGiven(
  layout: Layout,
  { rater = ownName(), task, answer }: RatingGiven,
  now: number,
): void {
  const { rubric, texts = [] }: Partial<RatingGiven['task']> = task ?? {};
  const [first, second, third] = texts;
  if (rubric === undefined || first === undefined)
    throw new ProblemError([
      problem('DD712', 'a rating wants the task that was handed out: its rubric and its texts'),
    ]);
  if (third !== undefined) throw new ProblemError([problem('DD712', 'a rating is of one text, or of two')]);
  keepRating(layout, rater, {
    rubric,
    first,
    second,
    answer,
    when: new Date(now).toISOString(),
  });
}

/** The account's name as a rater's; `me` where it can not be one. */
function ownName(): string {
  try {
    const { username } = userInfo();
    return isRaterName(username) ? username : 'me';
  } catch {
    return 'me';
  }
}
