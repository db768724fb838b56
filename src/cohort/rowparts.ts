// Which column of a design gives which part of a draft, essay or evaluation, and what a row has there. Makes no entries.
import { problem, type Problem } from '../problem.ts';
import type { Stage } from '../generation/stage.ts';
import type { Design } from './design/design.ts';
import { type Faults, textReader, type Read } from './columns.ts';
import { REPLICATE, replicatesReader } from './replicates.ts';

/** Accepted column names, the first that is there and not blank counts. */
export const COMBO = ['combo_id', 'combo'];
const TEMPLATE: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_template'],
  essay: ['essay_template'],
  evaluation: ['evaluation_template'],
};
const MODEL: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_llm', 'draft_model', 'generation_llm'],
  essay: ['essay_llm'],
  evaluation: ['evaluation_llm'],
};
/** The column that names essays which are there already, in place of all columns of drafts and essays. */
export const ESSAY_ID = 'essay_gen_id';

/** The column that gives a part of a stage's entries; its first name where there is none. */
export function columnOf(design: Design, part: 'combo' | 'template' | 'model', stage: Stage): string {
  const names = part === 'combo' ? COMBO : part === 'template' ? TEMPLATE[stage] : MODEL[stage];
  return names.find((name) => design.columns.includes(name)) ?? names[0] ?? '';
}

/** Columns of drafts and essays beside the one that names the essays: which of the two is meant can not be told. */
export function superfluous(design: Design): Problem[] {
  const above = new Set([
    ...COMBO,
    ...TEMPLATE.draft,
    ...MODEL.draft,
    ...REPLICATE.draft,
    ...TEMPLATE.essay,
    ...MODEL.essay,
    ...REPLICATE.essay,
  ]);
  return design.columns
    .filter((name) => above.has(name))
    .map((field) =>
      problem('DD331', `The axis ${field} stands beside ${ESSAY_ID}, which says already what it would say.`, {
        place: { field },
        reason: 'essay_gen_id_and_coordinates',
        data: { field },
        cure: `Remove the axis ${field}, or ${ESSAY_ID}.`,
      }),
    );
}

export interface StageReader {
  readonly template: Read<string>;
  readonly model: Read<string>;
  readonly replicates: Read<readonly number[]>;
}

export function stageReader(
  design: Design,
  stage: Stage,
  { count, faults }: { count: number; faults: Faults },
): StageReader {
  return {
    template: textReader(design, TEMPLATE[stage], faults),
    model: textReader(design, MODEL[stage], faults),
    replicates: replicatesReader(design, stage, { count, faults }),
  };
}
