// Scores as columns: what was chosen on the way to each as numbers, each column made when it is first wanted. Compares nothing.
import { clusterOf, type Clustering } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';
import { type Codes, combined, type Names, namesOf, numbered, segmentsOf } from './codes.ts';

/** What of a row is a column of names. */
type Field =
  | 'parentGenId'
  | 'comboId'
  | 'draftTemplate'
  | 'draftModel'
  | 'generationTemplate'
  | 'generationModel'
  | 'essayModel'
  | 'evaluationTemplate'
  | 'evaluationModel';

/** A function for each, so that no field is looked up by its name in every row. */
const TEXT_OF: Readonly<Record<Field, (row: ScoredRow) => string>> = {
  parentGenId: (row) => row.parentGenId,
  comboId: (row) => row.comboId,
  draftTemplate: (row) => row.draftTemplate,
  draftModel: (row) => row.draftModel,
  generationTemplate: (row) => row.generationTemplate,
  generationModel: (row) => row.generationModel,
  essayModel: (row) => row.essayModel,
  evaluationTemplate: (row) => row.evaluationTemplate,
  evaluationModel: (row) => row.evaluationModel,
};

export class ScoreColumns {
  readonly rows: readonly ScoredRow[];
  readonly size: number;
  readonly scores: Float64Array;
  readonly #known = new Map<string, unknown>();

  /** `scores`: others than the rows' own, in their order. */
  constructor(rows: readonly ScoredRow[], scores?: readonly number[]) {
    this.rows = rows;
    this.size = rows.length;
    this.scores = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at++)
      this.scores[at] = (scores === undefined ? rows[at]?.score : scores[at]) ?? 0;
  }

  /** Made once for each name. */
  once<T>(name: string, make: () => T): T {
    const found = this.#known.get(name);
    if (found !== undefined) return found as T;
    const made = make();
    this.#known.set(name, made);
    return made;
  }

  field(field: Field): Names {
    const { rows } = this;
    const textOf = TEXT_OF[field];
    const textAt = (at: number): string => {
      const row = rows[at];
      return row === undefined ? '' : textOf(row);
    };
    return this.once(field, () => namesOf(this.size, textAt));
  }

  /** Drafts by id; an essay of which none is known stands for its own. */
  get drafts(): Codes {
    return this.once('draft', () =>
      numbered(this.size, (at) => this.rows[at]?.draftGenId || (this.rows[at]?.parentGenId ?? '')),
    );
  }

  /** What each score is not independent of, as `clusterOf` names it. */
  clusters(clustering: Clustering): Codes {
    if (clustering === 'essay') return this.field('parentGenId');
    if (clustering === 'evaluation')
      return { of: Int32Array.from({ length: this.size }, (_, at) => at), size: this.size };
    return this.once(`cluster ${clustering}`, () =>
      numbered(this.size, (at) => {
        const row = this.rows[at];
        return row === undefined ? '' : clusterOf(row, clustering);
      }),
    );
  }

  /** The same number for rows that agree in all of these fields. */
  agreeing(...fields: readonly [Field, ...Field[]]): Codes {
    const [first, ...rest] = fields;
    return this.once(fields.join(' '), () =>
      combined([this.field(first), ...rest.map((each) => this.field(each))]),
    );
  }

  /** Places of the rows from the lowest score to the highest; equal ones in their order. */
  get ascending(): Int32Array {
    return this.once('ascending', () => {
      const values = new Set<number>();
      for (let at = 0; at < this.size; at++) values.add(this.scores[at] ?? 0);
      const ranks = new Map(Array.from([...values].sort(byNumber), (value, rank) => [value, rank]));
      const of = new Int32Array(this.size);
      for (let at = 0; at < this.size; at++) of[at] = ranks.get(this.scores[at] ?? 0) ?? 0;
      return segmentsOf({ of, size: ranks.size }).places;
    });
  }
}

function byNumber(a: number, b: number): number {
  return a - b;
}
