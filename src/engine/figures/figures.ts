// What the scores of cohorts say, found where it was kept or reckoned now, for everybody who tells it. Computes none of it itself.
import { statisticsTables } from '../../report/tables/statistics.ts';
import type { StatisticsTable } from '../../report/tables/table.ts';
import type { Over } from '../../scores/observations.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import type { Session } from '../project/session.ts';
import { KeptResults } from '../results/kept.ts';
import { measureRows, scoresOfCohorts, type Measured } from '../results/scores.ts';
import { standingOf, statesOfScores, type ScoreStanding, type StateOf } from '../results/standing.ts';

/** Which of the scores count, and how they all stand. */
export interface Counting {
  readonly which: 'current' | 'all';
  readonly of: (rows: readonly ScoreRow[]) => readonly ScoreRow[];
  readonly standing: (rows: readonly ScoreRow[]) => ScoreStanding;
}

/** What figures are about. */
export interface Asked<C extends Counting = Counting> {
  readonly cohortIds: readonly string[];
  /** Read when they are first wanted. */
  readonly rows: readonly ScoreRow[];
  readonly counted: C;
  /** Makes what the question is answered with, or finds it where it was kept. */
  readonly kept: Pick<KeptResults, 'of'>;
}

/** The data root as it stands. */
export async function askedNow<C extends Counting>(
  session: Session,
  cohortIds: readonly string[],
  countedBy: (stateOf: StateOf) => C,
): Promise<Asked<C>> {
  const states = await statesOfScores(session);
  const kept = new KeptResults(session, states.column);
  let rows: readonly ScoreRow[] | undefined;
  return {
    cohortIds,
    get rows() {
      return (rows ??= scoresOfCohorts(session, cohortIds, kept.reader()));
    },
    counted: countedBy(states.of),
    kept,
  };
}

/** Every score, whatever it was given to. */
export function allCounted(stateOf: StateOf): Counting {
  return { which: 'all', of: (rows) => rows, standing: (rows) => standingOf(rows, stateOf) };
}

/** All that is measured, without the scores that it was measured from. */
export interface Figures extends Omit<Measured, 'rows'> {
  readonly standing: ScoreStanding;
}

export function figuresOf(session: Session, asked: Asked, over?: Over): Promise<Figures> {
  const { cohortIds, counted, kept } = asked;
  return kept.of(['figures', cohortIds, over ?? '', counted.which], (): Figures => {
    const { rows: _rows, ...measured } = measureRows(session, counted.of(asked.rows), over);
    return { ...measured, standing: counted.standing(asked.rows) };
  });
}

export interface Told {
  readonly counts: Readonly<Record<'evaluations' | 'scored' | 'essays', number>> & { readonly over: Over };
  readonly tables: readonly StatisticsTable[];
  readonly standing: ScoreStanding;
  readonly mixed: Figures['mixed'];
}

/** On a terminal the first essays will do. */
export const LISTED_ESSAYS = 20;

/** The same as tables. `essays`: so many at most; all where nothing is said. */
export function tablesOf(
  session: Session,
  asked: Asked,
  { over, essays }: { readonly over?: Over | undefined; readonly essays?: number | undefined } = {},
): Promise<Told> {
  const { cohortIds, counted, kept } = asked;
  const make = async (): Promise<Told> => {
    const { standing, ...figures } = await figuresOf(session, asked, over);
    const { statistics, pairs, mixed } = figures;
    const { evaluations, scored, essays: known, over: reached } = statistics;
    return {
      counts: { evaluations, scored, essays: known, over: reached },
      tables: statisticsTables(statistics, pairs, { ...figures, essays }),
      standing,
      mixed,
    };
  };
  // Of all essays the figures hold no less: they are not kept twice.
  if (essays === undefined) return make();
  return kept.of(['tables', cohortIds, over ?? '', essays, counted.which], make);
}
