// Accepts artifacts as they stand, whatever they were made from. Runs nothing.
import { at, idAt, taskAt } from '../../graph/graph.ts';
import { STATE, type Judge } from '../../plan/judge.ts';
import { adopt } from '../../run/finish.ts';
import { penHere } from '../../store/writing/pen.ts';
import { origins } from '../../graph/graph.ts';
import type { Session } from '../project/session.ts';
import { FILE } from '../../store/layout.ts';

export interface Adopted {
  readonly adopted: readonly string[];
  /** Not current, and without all three artifacts. */
  readonly incomplete: readonly string[];
}

/** Parents come first, so that a child's trace holds its parent's text as it is accepted. */
export async function adoptRows(
  { loaded, index }: Session,
  judge: Judge,
  selected: Uint8Array,
): Promise<Adopted> {
  const { graph, layout } = loaded;
  const shop = { layout, index, graph, judge, originOf: origins(graph), pen: penHere(layout) };
  const adopted: string[] = [];
  const incomplete: string[] = [];
  for (let row = 0; row < graph.size; row++) {
    judge.row(row);
    if (selected[row] !== 1) continue;
    const current = at(judge.verdicts.state, row) === STATE.current && at(judge.verdicts.untraced, row) === 0;
    if (current) continue;
    if (!index.has(row, FILE.prompt) || !index.has(row, FILE.raw) || !index.has(row, FILE.parsed)) {
      incomplete.push(idAt(graph, row));
      continue;
    }
    await adopt(shop, taskAt(graph, row));
    judge.row(row);
    adopted.push(idAt(graph, row));
  }
  return { adopted, incomplete };
}
