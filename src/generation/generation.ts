// A generation's coordinates: what its id is made from. An essay without a parent is not a value of these types.
import type { Mode } from './mode.ts';
import type { GenId } from './stage.ts';

interface Coordinates {
  readonly genId: GenId;
  readonly templateId: string;
  /** The short id of `llm_models.csv`, or the word `None` for a copy. */
  readonly modelId: string;
  /** 1 or more. */
  readonly replicate: number;
  readonly mode: Mode;
}

export interface Draft extends Coordinates {
  readonly stage: 'draft';
  readonly comboId: string;
}

export interface Essay extends Coordinates {
  readonly stage: 'essay';
  /** The draft that it is made from. */
  readonly parentId: GenId;
  readonly comboId: string;
}

export interface Evaluation extends Coordinates {
  readonly stage: 'evaluation';
  /** The essay that it judges. */
  readonly parentId: GenId;
  readonly comboId: string;
}

export type Generation = Draft | Essay | Evaluation;
