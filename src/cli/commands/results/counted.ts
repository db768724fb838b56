// Which scores a table counts, and how those that it is made from stand. Knows no particular table.
import {
  isCurrentScore,
  standingOf,
  statesOfScores,
  type ScoreStanding,
  type StateOf,
} from '../../../engine/results/standing.ts';
import type { Recorded } from '../../../engine/results/recorded.ts';
import type { Session } from '../../../engine/project/session.ts';
import { STATES } from '../../../plan/verdict.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { ScoreRow } from '../../../scores/rows.ts';
import type { Table } from '../../../report/tables/table.ts';
import type { Invocation, OptionSpec } from '../../call/command.ts';
import { scoresText } from '../../words/scores.ts';

export const CURRENT: OptionSpec = {
  flags: '--current',
  text: 'leave out the scores of what is not current',
};

export interface Counted {
  /** Those of the rows that count. */
  readonly of: (rows: readonly ScoreRow[]) => readonly ScoreRow[];
  readonly standing: (rows: readonly ScoreRow[]) => ScoreStanding;
  /** Says how they stand, where not all is current. Not to standard output, which is the table's alone; a JSON document has it in it. */
  readonly tell: (rows: readonly ScoreRow[]) => void;
  /** The table with a column for the state of each line's evaluation. */
  readonly withState: (table: Table) => Table;
}

/** What a report is about: scores, and which of them count. */
export interface Asked {
  readonly cohortIds: readonly string[];
  readonly rows: readonly ScoreRow[];
  readonly counted: Counted;
}

export async function countedScores(call: Invocation, session: Session): Promise<Counted> {
  return countedBy(call, await statesOfScores(session));
}

/** As the record has them, whatever has happened since; says which it is. */
export function countedThen(call: Invocation, recorded: Recorded): Counted {
  const states = new Map(recorded.generations.map(({ genId, state }) => [genId, state]));
  const counted = countedBy(call, (genId) => STATES.find((state) => state === states.get(genId)));
  const { console } = call;
  return {
    ...counted,
    tell(rows) {
      const runs = recorded.runs.map(({ id, ended }) => `${id} (${ended.slice(0, 19)})`).join(', ');
      if (!console.json) console.note(console.paint('dim', `as on record: ${runs}`));
      counted.tell(rows);
    },
  };
}

function countedBy({ console, options }: Invocation, stateOf: StateOf): Counted {
  const only = options.flag('current') ? 'current' : 'all';
  return {
    of: (rows) => (only === 'current' ? rows.filter(isCurrentScore(stateOf)) : rows),
    standing: (rows) => standingOf(rows, stateOf),
    tell(rows) {
      if (console.json) return;
      const text = scoresText(standingOf(rows, stateOf), only);
      if (text !== undefined) console.note(console.paint('yellow', text));
    },
    withState({ columns, rows }) {
      const place = columns.findIndex(({ name }) => name === 'gen_id');
      if (place < 0) throw new ProblemError([noEvaluations()]);
      return {
        columns: [...columns, { name: 'state', kind: 'text' }],
        rows: rows.map((row) => [...row, stateOf(String(row[place] ?? '')) ?? '']),
      };
    },
  };
}

function noEvaluations(): ProblemError['problems'][number] {
  return problem('DD102', 'the lines of this table are about no single evaluation, so they have no state', {
    place: { field: '--with-state' },
  });
}
