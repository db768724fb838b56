// Scores as columns, a row an evaluation: what was compared on the way to each, as numbers into lists of names. Small enough for a
// hundred thousand rows, and for a page. Knows no files and no graph.

import { NO_MODEL } from '../../generation/mode.ts';

/** What every evaluation is told apart by. A way is everything that was chosen on the way to an essay but the concepts. */
export const CHOSEN = [
  'way',
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  'combo',
  'rubric',
  'judge',
] as const;

/** What specs may vary beside templates and models. */
export const VARIED = [
  'draft_temperature',
  'draft_top_p',
  'draft_system',
  'essay_temperature',
  'essay_top_p',
  'essay_system',
  'evaluation_temperature',
  'evaluation_top_p',
  'evaluation_system',
] as const;
export type Varied = (typeof VARIED)[number];

/** What an evaluation can be told apart by. Where a parameter is one of them, templates are named without it. */
export const FACETS = [...CHOSEN, ...VARIED] as const;
export type Facet = (typeof FACETS)[number];

export interface ScoreTable {
  readonly size: number;
  /** Of each facet, every name that a row bears. */
  readonly names: Readonly<Record<Facet, readonly string[]>>;
  /** Of each facet, a row's place in `names`. */
  readonly codes: Readonly<Record<Facet, ArrayLike<number>>>;
  /** NaN where there is no score that counts. */
  readonly scores: ArrayLike<number>;
  /** The same number for evaluations of the same essay. */
  readonly essays: ArrayLike<number>;
  /** 1 where the evaluation, or what it is made from, is not current. */
  readonly open: ArrayLike<number>;
}

/** Which rows are meant: of each facet that is given, those that bear one of the names. */
export type Where = Readonly<Partial<Record<Facet, readonly string[]>>>;

/**
 * The place of the judge's name whose rows are left out; -1 for none. What code counts is on scales of its own, and is meant only where
 * its rubric or its judge is named, or where there are no others.
 */
function countedByCode(table: ScoreTable, where: Where): number {
  if (where.rubric !== undefined || where.judge !== undefined) return -1;
  const none = table.names.judge.indexOf(NO_MODEL);
  if (none < 0) return -1;
  for (let place = 0; place < table.size; place++) if (table.codes.judge[place] !== none) return none;
  return -1;
}

/** Places of the rows that are meant, in order. `among` narrows them: 1 where a row may be meant at all. */
export function placesWhere(table: ScoreTable, where: Where, among?: ArrayLike<number>): readonly number[] {
  return [...placesMeant(table, where, among)];
}

/** The same as a column. */
export function placesMeant(table: ScoreTable, where: Where, among?: ArrayLike<number>): Uint32Array {
  const wanted = FACETS.flatMap((facet) => {
    const names = where[facet];
    if (names === undefined) return [];
    const chosen = new Set(names);
    const marks = Uint8Array.from(table.names[facet], (name) => (chosen.has(name) ? 1 : 0));
    return [{ marks, codes: table.codes[facet] }];
  });
  const places = new Uint32Array(table.size);
  let found = 0;
  const left = countedByCode(table, where);
  for (let place = 0; place < table.size; place++) {
    if (left >= 0 && table.codes.judge[place] === left) continue;
    if (among !== undefined && among[place] !== 1) continue;
    if (wanted.length > 0 && !wanted.every(({ marks, codes }) => marks[codes[place] ?? -1] === 1)) continue;
    places[found++] = place;
  }
  return places.subarray(0, found);
}

/** What has the same key, in the order of its first. */
export function groupedBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
