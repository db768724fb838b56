// Scores of what can not be made, because something above it failed and it was accepted that this stays missing.
import { traceOf } from '../../generation/trace.ts';
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { copyOfRow, type GenReader, type ScoreRow } from '../../scores/rows.ts';
import { FLAGS } from '../../store/gens/genindex.ts';
import { FILE } from '../../store/layout.ts';
import type { Session } from '../project/session.ts';

/** The same rows, one for each of `evaluations`: where what is above stays missing, an earlier score counts no more. */
export function withAccepted(
  session: Session,
  reader: GenReader,
  evaluations: readonly number[],
  rows: readonly ScoreRow[],
): readonly ScoreRow[] {
  return rows.map((row, place) => {
    const above = missingAbove(session, at(evaluations, place));
    if (above < 0) return row;
    const { graph } = session.loaded;
    const [stage, genId] = [stageAt(graph, above), idAt(graph, above)];
    const trace = traceOf(reader.metadata(stage, genId) ?? {});
    const reason = trace === undefined || trace === 'newer' ? undefined : trace.failure?.accepted?.reason;
    return {
      ...copyOfRow(row),
      score: undefined,
      error: `accepted as missing: ${reason ?? 'no reason is given'} (the ${stage} ${genId})`,
    };
  });
}

/** The row above of which it was accepted that it stays missing; -1 where there is none. */
export function missingAbove({ loaded: { graph }, index }: Session, row: number): number {
  let above = at(graph.parent, row);
  while (above >= 0 && !staysMissing(index, above)) above = at(graph.parent, above);
  return above;
}

function staysMissing(index: Session['index'], row: number): boolean {
  return (at(index.flags, row) & FLAGS.accepted) !== 0 && !index.has(row, FILE.parsed);
}
