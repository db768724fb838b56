// The three stages of the pipeline, the three artifacts of a generation and the states that it can be in. Knows nothing of files.

export const STAGES = ['draft', 'essay', 'evaluation'] as const;
export type Stage = (typeof STAGES)[number];

export const ARTIFACTS = ['prompt', 'raw', 'parsed'] as const;
export type Artifact = (typeof ARTIFACTS)[number];

/** What makes one artifact: render → prompt, generate → raw, parse → parsed. */
export const STEPS = ['render', 'generate', 'parse'] as const;
export type Step = (typeof STEPS)[number];

/** How a generation stands: what a plan judges and selectors ask for. */
export const STATES = [
  'current',
  'edited',
  /** It failed, or what is above it did, and somebody has said that it stays missing. */
  'accepted',
  'stale',
  'missing',
  'pending',
  /** Its question is in a provider's batch. */
  'submitted',
  'failed',
  'blocked',
] as const;
export type State = (typeof STATES)[number];

/** A generation's id, such as `d_5ezrffv9uf3lr37d`: opaque, unique within its stage. */
export type GenId = string;

/** Of a stage that has parents. */
export function parentStage(stage: Stage): Stage {
  return stage === 'evaluation' ? 'essay' : 'draft';
}

/** Tells a generation from all others: ids are unique within a stage only. */
export function genKey({ stage, genId }: { readonly stage: Stage; readonly genId: GenId }): string {
  return `${stage}/${genId}`;
}

export function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}
