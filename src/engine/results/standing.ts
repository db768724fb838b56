// How the scores of a table stand: which of them were given to what is there now, and which to something earlier. Writes nothing.
import type { GenId } from '../../generation/stage.ts';
import { at, rowFinder } from '../../graph/graph.ts';
import { SETTLED, STATES, type State } from '../../plan/verdict.ts';
import { isScored, type ScoreRow } from '../../scores/rows.ts';
import { judge, type Session } from '../project/session.ts';

/** The state of an evaluation; undefined for one that belongs to no cohort. */
export type StateOf = (evaluationId: GenId) => State | undefined;

export interface ScoreStanding {
  /** Evaluations that the table is about. */
  readonly evaluations: number;
  /** How many of them are in each state; states of none are left out. */
  readonly states: Readonly<Partial<Record<State, number>>>;
  /** Evaluations that belong to no cohort, so that nobody knows. */
  readonly unlisted: number;
  /** Scores that stand there although what they were given for is to be made again, or may have to be. */
  readonly earlier: readonly GenId[];
}

/** What an evaluation's place among the others depends on. */
interface StandingParts<Row> {
  readonly stateOf: (row: Row) => State | undefined;
  readonly genIdOf: (row: Row) => GenId;
  /** Asked only of what is not settled. */
  readonly isScored: (row: Row) => boolean;
}

/** How everything stands, by row of the graph, and of evaluations by id. */
export interface States {
  readonly column: Uint8Array;
  readonly of: StateOf;
}

/** Judges everything as it is now. */
export async function statesOfScores(session: Session): Promise<States> {
  const { state } = (await judge(session)).verdicts;
  const rowOf = rowFinder(session.loaded.graph);
  const of: StateOf = (genId) => {
    const row = rowOf('evaluation', genId);
    return row === undefined ? undefined : at(STATES, at(state, row));
  };
  return { column: state, of };
}

export function standingOf(rows: readonly ScoreRow[], stateOf: StateOf): ScoreStanding {
  return standingIn(rows, {
    stateOf: ({ genId }) => stateOf(genId),
    genIdOf: ({ genId }) => genId,
    isScored,
  });
}

/** The same of evaluations in any other form. */
export function standingIn<Row>(rows: readonly Row[], of: StandingParts<Row>): ScoreStanding {
  const counts = new Map<State, number>();
  const earlier: GenId[] = [];
  let unlisted = 0;
  for (const row of rows) {
    const state = of.stateOf(row);
    if (state === undefined) unlisted++;
    else counts.set(state, (counts.get(state) ?? 0) + 1);
    if (state !== undefined && !SETTLED.has(state) && of.isScored(row)) earlier.push(of.genIdOf(row));
  }
  const states = Object.fromEntries(
    STATES.flatMap((state) => (counts.has(state) ? [[state, counts.get(state)]] : [])),
  ) as ScoreStanding['states'];
  return { evaluations: rows.length, states, unlisted, earlier };
}

/** Whether a score counts where only what is current does. */
export function isCurrentScore(stateOf: StateOf): (row: ScoreRow) => boolean {
  return ({ genId }) => {
    const state = stateOf(genId);
    return state !== undefined && SETTLED.has(state);
  };
}
