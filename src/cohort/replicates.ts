// How often a row's entries are repeated: by the design's own axis, else as often as the count says. Makes no entries.
import type { Stage } from '../generation/stage.ts';
import { parseInteger, trim } from '../text/python.ts';
import { columnsNamed, type Faults, type Read } from './columns.ts';
import type { Design } from './design/design.ts';
import { isLiteral, levelText } from './spec/level.ts';

export const REPLICATE: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_replicate', 'draft_template_replicate', 'draft_rep'],
  essay: ['essay_replicate', 'essay_template_replicate', 'essay_rep'],
  evaluation: [
    'evaluation_replicate',
    'evaluation_template_replicate',
    'evaluation_llm_replicate',
    'evaluation_rep',
  ],
};

export function replicatesReader(
  design: Design,
  stage: Stage,
  { count, faults }: { count: number; faults: Faults },
): Read<readonly number[]> {
  const columns = columnsNamed(design, REPLICATE[stage]);
  const repeated = Array.from({ length: columns.length === 0 ? count : 1 }, (_, at) => at + 1);
  return (row) => {
    for (const { name, at } of columns) {
      const level = row[at] ?? null;
      if (trim(levelText(level)) === '') continue;
      const replicate = parseInteger(
        isLiteral(level) && level.kind === 'number' ? Number(level.text) : level,
      );
      return replicate === undefined || replicate < 1 ? faults.invalid(name, level) : [replicate];
    }
    return repeated;
  };
}
