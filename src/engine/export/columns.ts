// The columns of exported rows: one row a generation, with what kind of value each holds, and the formats that they
// can have. Knows no store and encodes nothing.
import type { Mode } from '../../generation/mode.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import type { State } from '../../plan/verdict.ts';

/** `csv-safe`: for spreadsheets, no cell is a formula. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'csv-safe', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A generation as one row. Null is what does not apply, is not there, or nobody knows; an empty list is none. */
export interface ExportRow {
  readonly stage: Stage;
  readonly gen_id: GenId;
  readonly parent_gen_id: GenId | null;
  /** The draft that it is or comes from. */
  readonly draft_gen_id: GenId | null;
  /** The essay that it is or judges; null for a draft. */
  readonly essay_gen_id: GenId | null;
  readonly cohorts: readonly string[];
  readonly combo_id: string;
  readonly concepts: readonly string[];
  readonly template_id: string;
  /** The id of llm_models.csv; null for a copy. */
  readonly llm_model_id: string | null;
  /** From 1. */
  readonly replicate: number;
  readonly mode: Mode;
  /** Of the draft and the essay that it is or comes from. */
  readonly draft_template: string | null;
  readonly draft_model: string | null;
  readonly essay_template: string | null;
  readonly essay_model: string | null;
  /** Evaluations only: their template and their model. */
  readonly rubric: string | null;
  readonly judge: string | null;
  readonly state: State;
  /** Short words for why it is not current. */
  readonly why: readonly string[];
  /** The kind of its last failure, where it failed. */
  readonly failure: string | null;
  /** Of an evaluation's text as it stands, whatever its state. */
  readonly score: number | null;
  /** Why an evaluation has no score. */
  readonly error: string | null;
  /** As recorded with the answer that stands: who was asked for what, who answered, and how it ended. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly answered_by: string | null;
  readonly finish_reason: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  /** USD that the answer that stands cost; 0 for a copy. */
  readonly cost: number | null;
  /** Calls on record for it, failed ones and those of earlier texts among them, and what they cost together in USD. */
  readonly calls: number;
  readonly spent: number | null;
  /** Seconds that the answer took. */
  readonly duration_s: number | null;
  /** When the answer came, by the call ledger: ISO 8601, UTC. */
  readonly answered_at: string | null;
  readonly run_id: string | null;
  /** `key=value` of the builds that covered it. */
  readonly tags: readonly string[];
  /** An evaluation's scores beside its score, by name, as an object in JSON; null where there are none. */
  readonly scores: string | null;
  /** Why, in the judge's words. */
  readonly rationale: string | null;
  /** Only where texts were asked for. */
  readonly prompt?: string | null;
  readonly raw?: string | null;
  readonly parsed?: string | null;
}

/** `integer`s are whole numbers of up to 64 bits, `number`s doubles, `time`s instants in milliseconds. */
export type Kind = 'text' | 'integer' | 'number' | 'time' | 'list';

/** Rows as bytes, a batch at a time. */
export interface Encoder {
  /** What these rows add to the file. */
  readonly rows: (batch: readonly ExportRow[]) => Uint8Array;
  /** What ends the file. */
  readonly end: () => Uint8Array;
}

export interface ExportColumn {
  readonly name: keyof ExportRow;
  readonly kind: Kind;
}

const KINDS: Readonly<Record<Exclude<keyof ExportRow, keyof typeof TEXTS>, Kind>> = {
  stage: 'text',
  gen_id: 'text',
  parent_gen_id: 'text',
  draft_gen_id: 'text',
  essay_gen_id: 'text',
  cohorts: 'list',
  combo_id: 'text',
  concepts: 'list',
  template_id: 'text',
  llm_model_id: 'text',
  replicate: 'integer',
  mode: 'text',
  draft_template: 'text',
  draft_model: 'text',
  essay_template: 'text',
  essay_model: 'text',
  rubric: 'text',
  judge: 'text',
  state: 'text',
  why: 'list',
  failure: 'text',
  score: 'number',
  error: 'text',
  provider: 'text',
  model: 'text',
  answered_by: 'text',
  finish_reason: 'text',
  prompt_tokens: 'integer',
  completion_tokens: 'integer',
  cost: 'number',
  calls: 'integer',
  spent: 'number',
  duration_s: 'number',
  answered_at: 'time',
  run_id: 'text',
  tags: 'list',
  scores: 'text',
  rationale: 'text',
};
const TEXTS = { prompt: 'text', raw: 'text', parsed: 'text' } as const satisfies Record<string, Kind>;

/** In the order in which a file has them. */
export function exportColumns(texts: boolean): readonly ExportColumn[] {
  const kinds = { ...KINDS, ...(texts ? TEXTS : {}) };
  return (Object.keys(kinds) as (keyof ExportRow)[]).map((name) => ({ name, kind: kindOf(kinds, name) }));
}

function kindOf(kinds: Readonly<Partial<Record<keyof ExportRow, Kind>>>, name: keyof ExportRow): Kind {
  return kinds[name] ?? 'text';
}
