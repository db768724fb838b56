// The files of a cohort's spec as they stand on the disk, to be shown. Reads none of them as a spec.
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { filesBelow } from '../../inputs/disk/foldertree.ts';
import { cohortFile, type Layout } from '../../store/layout.ts';

/** A file of a cohort's spec; the beginning, where it is very long. */
export interface SpecText {
  /** Below the data root, with slashes. */
  readonly path: string;
  readonly text: string;
}

const LONGEST = 200_000;

export function specTexts(layout: Layout, cohortId: string): readonly SpecText[] {
  const folder = cohortFile(layout, cohortId, 'spec');
  return filesBelow(folder).map((file) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text;
    return { path: relative(layout.dataRoot, path).split(sep).join('/'), text: shown };
  });
}
