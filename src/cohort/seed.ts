// What the metadata.json of a new generation begins with. Knows nothing of traces, and writes nothing.
import type { Generation } from '../generation/generation.ts';

/** The keys of a new generation's metadata.json, in their order. */
export function seedMetadata(generation: Generation, originCohortId: string): Record<string, unknown> {
  return {
    stage: generation.stage,
    gen_id: generation.genId,
    origin_cohort_id: originCohortId,
    mode: generation.mode,
    template_id: generation.templateId,
    ...(generation.stage === 'draft'
      ? { combo_id: generation.comboId }
      : { parent_gen_id: generation.parentId }),
    llm_model_id: generation.modelId,
    replicate: generation.replicate,
  };
}
