// Accepts that generations which failed stay missing, with the reason that is given. Runs nothing.
import { at, idAt, origins, taskAt } from '../../graph/graph.ts';
import { STATE, type Judge } from '../../plan/judge.ts';
import { acceptFailure } from '../../run/finish.ts';
import { penHere } from '../../store/writing/pen.ts';
import type { Session } from '../project/session.ts';

export interface Accepted {
  readonly accepted: readonly string[];
  /** Made from those, and missing with them. */
  readonly below: readonly string[];
  /** Would be tried in another way than the one that failed: to be built first. */
  readonly changed: readonly string[];
}

/** Looks at the selected rows that failed, and at no other. */
export async function acceptFailures(
  { loaded, index }: Session,
  judge: Judge,
  { selected, reason, now }: { readonly selected: Uint8Array; readonly reason: string; readonly now: number },
): Promise<Accepted> {
  const { graph, layout } = loaded;
  const shop = { layout, index, graph, judge, originOf: origins(graph), pen: penHere(layout) };
  const when = new Date(now).toISOString();
  const done = { accepted: [] as string[], below: [] as string[], changed: [] as string[] };
  for (let row = 0; row < graph.size; row++) {
    const before = at(judge.verdicts.state, row);
    judge.row(row);
    const state = at(judge.verdicts.state, row);
    if (state === STATE.accepted && before === STATE.blocked) done.below.push(idAt(graph, row));
    if (selected[row] !== 1 || state !== STATE.failed) continue;
    await acceptFailure(shop, taskAt(graph, row), { reason, at: when });
    judge.row(row);
    const held = at(judge.verdicts.state, row) === STATE.accepted;
    (held ? done.accepted : done.changed).push(idAt(graph, row));
  }
  return done;
}
