// What the raw inputs say, as readonly maps: concepts, templates, models, combos. Knows nothing of cohorts or the store.
import type { Place, Problem } from '../problem.ts';
import type { Mode } from '../generation/mode.ts';
import type { Stage } from '../generation/stage.ts';

export interface Concept {
  readonly id: string;
  readonly name: string;
  /** Trimmed texts by level: sentence, paragraph, article. */
  readonly descriptions: Readonly<Partial<Record<Level, string>>>;
  /** The same with the line ends of their files; only where those are not line feeds alone. */
  readonly asRead?: Readonly<Partial<Record<Level, string>>>;
}

export type Level = 'sentence' | 'paragraph' | 'article';

export interface Template {
  readonly stage: Stage;
  readonly id: string;
  readonly name: string;
  readonly mode: Mode;
  /** The parser's name; `identity` where the cell is blank. */
  readonly parser: string;
  /** The absolute path of its text, whether or not the file exists. */
  readonly file: string;
  readonly place: Place;
  /** What a spec has its model asked with; only of a variant. */
  readonly asked?: {
    readonly temperature?: number;
    readonly sampling?: Readonly<Record<string, unknown>>;
  };
  /** The name of its system prompt, or `none`; only of a variant. */
  readonly system?: string;
}

export interface Model {
  readonly id: string;
  /** The provider's model string, such as `google/gemini-2.5-pro`. */
  readonly model: string;
  readonly provider: string;
  /** The provider that serves it, where the row says so. */
  readonly servedBy?: string;
  readonly pool?: string;
  /** USD per million tokens. */
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  /** In the provider's batches; without them nothing is known of a discount. */
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  readonly maxTokens?: number;
  /** Null where none is to be sent. */
  readonly temperature?: number | null;
  /** An effort by the provider's word, or a budget in tokens; null for none. */
  readonly reasoning?: string | number | null;
  readonly seed?: number | 'replicate' | null;
  readonly sampling?: Readonly<Record<string, unknown>>;
  readonly transport?: Readonly<Record<string, unknown>>;
  /** A system prompt in place of a template's own; null for none at all. */
  readonly system?: string | null;
  /** False only where an optional column says so. */
  readonly forGeneration: boolean;
  readonly forEvaluation: boolean;
  readonly place: Place;
}

/** One concept as a prompt sees it. */
export interface ConceptContent {
  readonly name: string;
  readonly content: string;
}

export interface Combo {
  readonly id: string;
  readonly conceptIds: readonly string[];
  readonly level: string;
  readonly kMax: number;
  readonly contents: readonly ConceptContent[];
  /** The same with the line ends of the files; only where those are not line feeds alone. */
  readonly contentsAsRead?: readonly ConceptContent[];
  /** Why no generation can use this combo: it names an unknown concept, say. */
  readonly problem?: Problem;
}

export interface Catalog {
  readonly concepts: ReadonlyMap<string, Concept>;
  readonly templates: Readonly<Record<Stage, ReadonlyMap<string, Template>>>;
  readonly models: ReadonlyMap<string, Model>;
  readonly combos: ReadonlyMap<string, Combo>;
  /** Replicates a stage from replication_config.csv; 1 where the file is absent. */
  readonly replication: Readonly<Record<Stage, number>>;
}
