// Evaluations as a quality gate counts them: with the names that the specs give them, built or not, and scores only where they are current.
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { SETTLED, STATES } from '../../plan/verdict.ts';
import { parseGates } from '../../scores/gate/conditions.ts';
import { type GateVerdict, judgeGate } from '../../scores/gate/verdict.ts';
import type { Over } from '../../scores/observations.ts';
import { copyOfRow, type ScoreRow } from '../../scores/rows.ts';
import type { Session } from '../project/session.ts';
import { readerOf, scoresAt } from './reports.ts';

export interface GateInput {
  /** 1 for every row of the graph that is selected. */
  readonly selected: Uint8Array;
  /** By row of the graph: its place in STATES. */
  readonly state: Uint8Array;
  readonly gates: readonly string[];
  readonly over?: Over | undefined;
}

/** Throws a ProblemError (DD170) for a gate that can not be read, or that is about nothing. */
export function gateOf(session: Session, { selected, state, gates, over }: GateInput): GateVerdict {
  const conditions = parseGates(gates);
  const { structure, layout } = session.loaded;
  const evaluations: number[] = [];
  for (let row = 0; row < selected.length; row++)
    if (selected[row] === 1 && stageAt(structure, row) === 'evaluation') evaluations.push(row);
  const rows = scoresAt(session, readerOf(layout), evaluations).map((score, place) => {
    const row = at(evaluations, place);
    const counts = SETTLED.has(at(STATES, at(state, row)));
    return { ...copyOfRow(score), ...namesAt(session, row), ...(counts ? {} : { score: undefined }) };
  });
  return judgeGate(rows, conditions, over);
}

/** What scores are told apart by; metadata has them only of what was built. */
function namesAt({ loaded: { structure } }: Session, row: number): Partial<ScoreRow> {
  const essay = at(structure.parent, row);
  const draft = at(structure.parent, essay);
  const template = (of: number): string => at(structure.templates, at(structure.template, of)).id;
  const model = (of: number): string => at(structure.models, at(structure.model, of));
  return {
    evaluationTemplate: template(row),
    evaluationModel: model(row),
    parentGenId: idAt(structure, essay),
    comboId: at(structure.combos, at(structure.combo, row)),
    generationTemplate: template(essay),
    generationModel: model(essay) || model(draft),
    draftTemplate: template(draft),
    draftModel: model(draft),
  };
}
