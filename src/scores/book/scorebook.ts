// Scores with what they are scores of: the columns, and who each evaluation and each essay is. A server has it of a graph, a page on disk
// of what is packed into it. Knows neither.
import type { GenId } from '../../generation/stage.ts';
import type { ScoreTable, Where } from './scoretable.ts';

export interface ScoreBook {
  readonly table: ScoreTable;
  readonly cohorts: readonly string[];
  /** 1 for each place of the table whose evaluation the cohort has; throws where there is no such cohort. */
  readonly among: (cohort: string) => ArrayLike<number>;
  readonly evaluationAt: (place: number) => BookedEvaluation;
  /** By the number that the table gives to an essay. */
  readonly essayAt: (essay: number) => BookedEssay;
}

export interface BookedEvaluation {
  readonly genId: GenId;
  readonly replicate: number;
  readonly state: string;
}

export interface BookedEssay {
  readonly genId: GenId;
  readonly draft: GenId;
  readonly state: string;
}

export interface ScoreOptions {
  /** Only evaluations of this cohort. */
  readonly cohort?: string | undefined;
  /** Of each facet, the names that are meant. */
  readonly where?: Where | undefined;
}

/** Which places of the table a cohort leaves; undefined for all. */
export function amongOf(book: ScoreBook, { cohort }: ScoreOptions): ArrayLike<number> | undefined {
  return cohort === undefined ? undefined : book.among(cohort);
}

/** Codes of the ways that columns of templates and models make, and their names in the order of the first of each. */
export function waysOf(
  columns: readonly ArrayLike<number>[],
  nameOf: (codes: readonly number[]) => string,
): { readonly names: readonly string[]; readonly codes: Uint32Array } {
  const names: string[] = [];
  const codes = new Uint32Array(columns[0]?.length ?? 0);
  // What has the same codes in the columns so far has the same number; a column at a time, so that no row needs a key of text.
  let found = 1;
  for (const column of columns) {
    let width = 0;
    for (let place = 0; place < codes.length; place++) width = Math.max(width, (column[place] ?? 0) + 1);
    const known = found * width <= DENSE ? new Dense(found * width) : new Map<number, number>();
    found = 0;
    for (let place = 0; place < codes.length; place++) {
      const key = (codes[place] ?? 0) * width + (column[place] ?? 0);
      const code = known.get(key);
      if (code === undefined) known.set(key, found);
      codes[place] = code ?? found++;
    }
  }
  for (let place = 0; place < codes.length; place++)
    if (codes[place] === names.length) names.push(nameOf(columns.map((column) => column[place] ?? 0)));
  return { names, codes };
}

/** So many keys at most are worth a number each. */
const DENSE = 2 ** 22;

/** Numbers by small numbers. */
class Dense {
  /** One more than what a key has; 0 for none. */
  readonly #numbers: Uint32Array;

  constructor(size: number) {
    this.#numbers = new Uint32Array(size);
  }

  get(key: number): number | undefined {
    const number = this.#numbers[key] ?? 0;
    return number === 0 ? undefined : number - 1;
  }

  set(key: number, number: number): void {
    this.#numbers[key] = number + 1;
  }
}

/** How a way is called. */
export function wayName([draftTemplate, draftModel, essayTemplate, essayModel]: readonly [
  string,
  string,
  string,
  string,
]): string {
  return `${draftTemplate}@${draftModel} > ${essayTemplate}@${essayModel}`;
}
