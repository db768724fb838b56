// Judging by traces alone: where texts are not in the clone but metadata is, what a trace recorded stands for the missing file.
import { STEPS } from '../../generation/stage.ts';
import { at } from '../../graph/graph.ts';
import type { GenIndex } from '../../store/gens/genindex.ts';

const FILES = ['promptFile', 'rawFile', 'parsedFile'] as const;
const OUTPUTS = ['promptOut', 'rawOut', 'parsedOut'] as const;

/** Fills in the index, which must not be saved after that. A file that is there is judged as it is. */
export function assumeArtifacts(index: GenIndex): void {
  for (let row = 0; row < index.size; row++) {
    for (const [file, step] of STEPS.entries()) {
      if (index.has(row, file) || at(index.keys[step], row) === 0) continue;
      // A file without a byte would count as missing.
      index.stamp(row, file, { size: 1, mtimeMs: 0, ino: 0 });
      index.set(at(FILES, file), row, index.get(at(OUTPUTS, file), row));
    }
  }
}
