// A score book as plain data that a page carries with it, and back again: names once, numbers into them for each essay and evaluation.
import type { GenId } from '../../generation/stage.ts';
import { withParameters } from './parameters.ts';
import { type ScoreBook, wayName, waysOf } from './scorebook.ts';
import type { ScoreTable } from './scoretable.ts';

export const MAKING = ['draft_template', 'draft_model', 'essay_template', 'essay_model', 'combo'] as const;
export const JUDGING = ['rubric', 'judge'] as const;
export type Making = (typeof MAKING)[number];
export type Judging = (typeof JUDGING)[number];

export interface PackedBook {
  readonly names: Readonly<Record<Making | Judging, readonly string[]>>;
  readonly states: readonly string[];
  readonly essays: {
    readonly ids: readonly GenId[];
    readonly drafts: readonly GenId[];
    readonly states: readonly number[];
    /** Bytes; null where there is no text. */
    readonly lengths: readonly (number | null)[];
    /** Places in `names`. */
    readonly made: Readonly<Record<Making, readonly number[]>>;
  };
  readonly evaluations: {
    readonly ids: readonly GenId[];
    readonly replicates: readonly number[];
    readonly states: readonly number[];
    /** Null where there is no score that counts. */
    readonly scores: readonly (number | null)[];
    /** Places among the essays. */
    readonly essays: readonly number[];
    readonly judged: Readonly<Record<Judging, readonly number[]>>;
    /** Places of those that are not current, or made from what is not. */
    readonly open: readonly number[];
  };
  readonly cohorts: readonly { readonly id: string; readonly places: readonly number[] }[];
}

export function unpackedBook({ names, states, essays, evaluations, cohorts }: PackedBook): ScoreBook {
  const size = evaluations.ids.length;
  const made = (facet: Making): Uint32Array =>
    Uint32Array.from(evaluations.essays, (essay) => essays.made[facet][essay] ?? 0);
  const codes = {
    draft_template: made('draft_template'),
    draft_model: made('draft_model'),
    essay_template: made('essay_template'),
    essay_model: made('essay_model'),
    combo: made('combo'),
    ...evaluations.judged,
  };
  const steps = ['draft_template', 'draft_model', 'essay_template', 'essay_model'] as const;
  const ways = waysOf(
    steps.map((facet) => codes[facet]),
    (parts) => {
      const [a = '', b = '', c = '', d = ''] = steps.map((facet, at) => names[facet][parts[at] ?? 0]);
      return wayName([a, b, c, d]);
    },
  );
  const table: ScoreTable = {
    size,
    ...withParameters({ names: { ...names, way: ways.names }, codes: { ...codes, way: ways.codes } }, size),
    scores: Float64Array.from(evaluations.scores, (score) => score ?? Number.NaN),
    essays: evaluations.essays,
    open: marked(size, evaluations.open),
  };
  return {
    table,
    cohorts: cohorts.map(({ id }) => id),
    among(cohort) {
      const found = cohorts.find(({ id }) => id === cohort);
      if (found === undefined) throw new Error(`there is no cohort ${cohort} in this page`);
      return marked(size, found.places);
    },
    evaluationAt: (place) => ({
      genId: evaluations.ids[place] ?? '',
      replicate: evaluations.replicates[place] ?? 1,
      state: states[evaluations.states[place] ?? 0] ?? '',
    }),
    essayAt: (essay) => ({
      genId: essays.ids[essay] ?? '',
      draft: essays.drafts[essay] ?? '',
      state: states[essays.states[essay] ?? 0] ?? '',
    }),
  };
}

function marked(size: number, places: readonly number[]): Uint8Array {
  const marks = new Uint8Array(size);
  for (const place of places) marks[place] = 1;
  return marks;
}
