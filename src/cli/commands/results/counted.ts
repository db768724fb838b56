// Which scores a table counts, and how those that it is made from stand. Knows no particular table.
import {
  isCurrentScore,
  standingOf,
  statesOfScores,
  type ScoreStanding,
  type StateOf,
} from '../../../engine/results/standing.ts';
import {
  askedNow as figured,
  type Asked as Figured,
  type Counting,
} from '../../../engine/figures/figures.ts';
import type { Recorded } from '../../../engine/results/recorded.ts';
import type { Session } from '../../../engine/project/session.ts';
import type { Console } from '../../console.ts';
import { STATES } from '../../../plan/verdict.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { Table } from '../../../report/tables/table.ts';
import type { Invocation, OptionSpec } from '../../call/command.ts';
import { mixedText, type ScaleSeen } from '../../../scores/measures.ts';
import { scoresText } from '../../words/scores.ts';

export const CURRENT: OptionSpec = {
  flags: '--current',
  text: 'leave out the scores of what is not current',
};

export interface Counted extends Counting {
  /** How they stand, in words; undefined where all is current. */
  readonly words: (standing: ScoreStanding) => string | undefined;
  /** Says how they stand, where not all is current. Not to standard output, which is the table's alone; a JSON document has it in it. */
  readonly tell: (standing: ScoreStanding) => void;
  /** The table with a column for the state of each line's evaluation. */
  readonly withState: (table: Table) => Table;
}

/** What a report is about: scores, and which of them count. */
export type Asked = Figured<Counted>;

/** What is asked of the data root as it stands. */
export function askedNow(call: Invocation, session: Session, cohortIds: readonly string[]): Promise<Asked> {
  return figured(session, cohortIds, (stateOf) => countedBy(call, stateOf));
}

export async function countedScores(call: Invocation, session: Session): Promise<Counted> {
  return countedBy(call, (await statesOfScores(session)).of);
}

/** As the record has them, whatever has happened since; says which it is. */
export function countedThen(call: Invocation, recorded: Recorded): Counted {
  const states = new Map(recorded.generations.map(({ genId, state }) => [genId, state]));
  const counted = countedBy(call, (genId) => STATES.find((state) => state === states.get(genId)));
  const { console } = call;
  return {
    ...counted,
    tell(standing) {
      const runs = recorded.runs.map(({ id, ended }) => `${id} (${ended.slice(0, 19)})`).join(', ');
      if (!console.json) console.note(console.paint('dim', `as on record: ${runs}`));
      counted.tell(standing);
    },
  };
}

/** What the reader of a table is to know of it. */
export function noteCaution(console: Console, text: string | undefined): void {
  if (text !== undefined) console.note(console.paint('yellow', text));
}

/** The same in a JSON document. */
export function cautionsOf(mixed: readonly ScaleSeen[]): readonly string[] {
  const text = mixedText(mixed);
  return text === undefined ? [] : [text];
}

function countedBy({ console, options }: Invocation, stateOf: StateOf): Counted {
  const which = options.flag('current') ? 'current' : 'all';
  return {
    which,
    of: (rows) => (which === 'current' ? rows.filter(isCurrentScore(stateOf)) : rows),
    standing: (rows) => standingOf(rows, stateOf),
    words: (standing) => scoresText(standing, which),
    tell(standing) {
      if (!console.json) noteCaution(console, scoresText(standing, which));
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
