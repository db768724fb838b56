// Files of the store that a hand has changed: a merge that git left in a text would go into the prompts below, and one in metadata.json
// would have the generation made again. Reads those files and no others.
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { ARTIFACTS } from '../../generation/stage.ts';
import { conflictInFile } from '../../inputs/disk/diskreader.ts';
import type { Verdicts } from '../../plan/judge.ts';
import { WHY } from '../../plan/verdict.ts';
import { ProblemError, type Problem } from '../../problem.ts';
import { FLAGS } from '../../store/gens/genindex.ts';
import { artifactPath, genFolder } from '../../store/layout.ts';
import type { Session } from '../project/session.ts';

/** Throws a ProblemError for what is in scope or stands right above it, unless the edit is to be discarded. */
export function refuseUndecided(
  { loaded: { graph, layout }, index }: Pick<Session, 'loaded' | 'index'>,
  verdicts: Verdicts,
  scope: Uint8Array,
): void {
  const { flags } = index;
  const torn = (row: number): boolean => (at(flags, row) & FLAGS.damaged) !== 0;
  if (!anyOdd(verdicts, flags)) return;
  const rows = new Set<number>();
  for (let row = 0; row < scope.length; row++) {
    if (scope[row] !== 1) continue;
    const parent = at(graph.parent, row);
    if (parent >= 0) rows.add(parent);
    rows.add(row);
  }
  const problems = [...rows].flatMap((row) => [...(torn(row) ? metadataAt(row) : []), ...conflictsAt(row)]);
  if (problems.length > 0) throw new ProblemError(problems);

  function metadataAt(row: number): readonly Problem[] {
    const found = conflictInFile(`${genFolder(layout, stageAt(graph, row), idAt(graph, row))}/metadata.json`);
    const cure = 'Keep one side of it whole, with the texts of that side.';
    return found === undefined ? [] : [{ ...found, cure }];
  }

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

/** Nearly always none: every build comes through here with every row, so nothing is called for one. */
function anyOdd({ edited }: Verdicts, flags: Readonly<ArrayLike<number>>): boolean {
  for (let row = 0; row < edited.length; row++)
    if (edited[row] !== 0 || ((flags[row] ?? 0) & FLAGS.damaged) !== 0) return true;
  return false;
}
