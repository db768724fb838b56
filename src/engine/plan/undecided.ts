// Texts of the store that a hand has changed: a merge that git left in one of them would go into the prompts below. Reads those texts
// and no others.
import type { Graph } from '../../graph/graph.ts';
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { ARTIFACTS } from '../../generation/stage.ts';
import { conflictInFile } from '../../inputs/disk/diskreader.ts';
import type { Verdicts } from '../../plan/judge.ts';
import { WHY } from '../../plan/verdict.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import { artifactPath, type Layout } from '../../store/layout.ts';

/** Throws a ProblemError for what is in scope or stands right above it, unless the edit is to be discarded. */
export function refuseUndecided(
  { graph, layout }: { readonly graph: Graph; readonly layout: Layout },
  verdicts: Verdicts,
  scope: Uint8Array,
): void {
  if (verdicts.edited.every((bits) => bits === 0)) return;
  const rows = new Set<number>();
  for (let row = 0; row < scope.length; row++) {
    if (scope[row] !== 1) continue;
    const parent = at(graph.parent, row);
    if (parent >= 0) rows.add(parent);
    rows.add(row);
  }
  const problems = [...rows].flatMap((row) => conflictsAt(row));
  if (problems.length > 0) throw new ProblemError(problems);

  function conflictsAt(row: number): readonly Problem[] {
    const edited = (at(verdicts.why, row) & WHY.discarded) === 0 ? at(verdicts.edited, row) : 0;
    if (edited === 0) return [];
    const genId = idAt(graph, row);
    return ARTIFACTS.filter((_artifact, bit) => (edited & (1 << bit)) !== 0).flatMap((artifact) => {
      const found = conflictInFile(artifactPath(layout, stageAt(graph, row), genId, artifact));
      const cure = `Decide it by hand, or put back what was made: \`daydream build ${genId} --discard-edits\`.`;
      return found === undefined ? [] : [{ ...found, cure }];
    });
  }
}
