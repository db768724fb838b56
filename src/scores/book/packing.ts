// Rows of scores packed for a page that carries them with it.
import type { GenId } from '../../generation/stage.ts';
import { isScored, type ScoreRow } from '../rows.ts';
import { JUDGING, MAKING, type Judging, type Making, type PackedBook } from './packed.ts';

export interface Packing {
  /** Each evaluation once. */
  readonly rows: readonly ScoreRow[];
  readonly stateOf: (stage: 'essay' | 'evaluation', genId: GenId) => string;
  /** Bytes of an essay's text; undefined where there is none. */
  readonly lengthOf: (essay: GenId) => number | undefined;
  /** Whether a generation of such a state is as it should be. */
  readonly isSettled: (state: string) => boolean;
  readonly cohorts: readonly { readonly id: string; readonly has: (evaluation: GenId) => boolean }[];
}

export function packedBook({ rows, stateOf, lengthOf, isSettled, cohorts }: Packing): PackedBook {
  const firsts = new Map<GenId, ScoreRow>();
  for (const row of rows) if (!firsts.has(row.parentGenId)) firsts.set(row.parentGenId, row);
  const essays = [...firsts.values()];
  const places = new Map(essays.map(({ parentGenId }, place) => [parentGenId, place]));
  const numbered = new Numbered<Making | Judging | 'state'>();
  const columns = <K extends Making | Judging>(
    facets: readonly K[],
    of: readonly ScoreRow[],
  ): Readonly<Record<K, readonly number[]>> =>
    recordOf(facets, (facet) => of.map((row) => numbered.place(facet, NAME[facet](row))));
  const essayState = (row: ScoreRow): string => stateOf('essay', row.parentGenId);
  const states = rows.map(({ genId }) => stateOf('evaluation', genId));
  const stateNumbers = (names: readonly string[]): readonly number[] =>
    names.map((name) => numbered.place('state', name));
  return {
    essays: {
      ids: essays.map(({ parentGenId }) => parentGenId),
      drafts: essays.map(({ draftGenId }) => draftGenId),
      states: stateNumbers(essays.map(essayState)),
      lengths: essays.map(({ parentGenId }) => lengthOf(parentGenId) ?? null),
      made: columns(MAKING, essays),
    },
    evaluations: {
      ids: rows.map(({ genId }) => genId),
      replicates: rows.map(({ replicate }) => replicate ?? 1),
      states: stateNumbers(states),
      scores: rows.map((row) => (isScored(row) ? row.score : null)),
      essays: rows.map(({ parentGenId }) => places.get(parentGenId) ?? 0),
      judged: columns(JUDGING, rows),
      open: states.flatMap((state, place) => (isSettled(state) ? [] : [place])),
    },
    cohorts: cohorts.map(({ id, has }) => ({
      id,
      places: rows.flatMap(({ genId }, place) => (has(genId) ? [place] : [])),
    })),
    names: recordOf([...MAKING, ...JUDGING], (facet) => numbered.names(facet)),
    states: numbered.names('state'),
  };
}

function recordOf<K extends string, T>(keys: readonly K[], make: (key: K) => T): Readonly<Record<K, T>> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Readonly<Record<K, T>>;
}

const NAME: Readonly<Record<Making | Judging, (row: ScoreRow) => string>> = {
  draft_template: (row) => row.draftTemplate,
  draft_model: (row) => row.draftModel,
  essay_template: (row) => row.generationTemplate,
  essay_model: (row) => row.generationModel,
  combo: (row) => row.comboId,
  rubric: (row) => row.evaluationTemplate,
  judge: (row) => row.evaluationModel,
};

/** Names of several kinds, each with its number. */
class Numbered<Kind> {
  readonly #kinds = new Map<Kind, Map<string, number>>();

  place(kind: Kind, name: string): number {
    const known = this.#kinds.get(kind) ?? new Map<string, number>();
    this.#kinds.set(kind, known);
    const found = known.get(name) ?? known.size;
    known.set(name, found);
    return found;
  }

  names(kind: Kind): readonly string[] {
    return [...(this.#kinds.get(kind)?.keys() ?? [])];
  }
}
