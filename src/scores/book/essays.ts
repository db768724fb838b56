// The essays of the evaluations that are meant, each with its scores, in the order that is asked for.
import type { GenId } from '../../generation/stage.ts';
import { isVaried, templateAt } from './parameters.ts';
import { groupedBy, placesMeant, type Facet, type ScoreTable } from './scoretable.ts';
import { amongOf, type ScoreBook, type ScoreOptions } from './scorebook.ts';

/** One score of an essay. */
export interface EssayScore {
  readonly genId: GenId;
  readonly rubric: string;
  readonly judge: string;
  readonly replicate: number;
  /** Null where there is none that counts. */
  readonly score: number | null;
  readonly state: string;
}

export interface EssayRecord {
  readonly genId: GenId;
  readonly draft: GenId;
  readonly draftTemplate: string;
  readonly draftModel: string;
  readonly essayTemplate: string;
  readonly essayModel: string;
  readonly combo: string;
  readonly state: string;
  /** Of the scores that are meant; null without any. */
  readonly mean: number | null;
  readonly scores: readonly EssayScore[];
}

/** By mean, as the rows stand, or by what made them. */
export const ESSAY_ORDERS = ['best', 'worst', 'rows', 'draft', 'essay', 'combo'] as const;
export type EssayOrder = (typeof ESSAY_ORDERS)[number];

export interface EssayOptions extends ScoreOptions {
  readonly from?: number | undefined;
  /** 50 where it is left out. */
  readonly most?: number | undefined;
  /** `best` where it is left out. */
  readonly order?: EssayOrder | undefined;
  /** Words that all stand in the essay's id, templates, models or combo; the case is none. */
  readonly find?: string | undefined;
}

export interface EssayPage {
  readonly from: number;
  readonly total: number;
  readonly essays: readonly EssayRecord[];
}

/** `ordered`: what `essaysInOrder` gave for the same options, where that is at hand. */
export function essayPage(
  book: ScoreBook,
  options: EssayOptions,
  ordered: Uint32Array = essaysInOrder(book, options),
): EssayPage {
  const { from = 0, most = 50 } = options;
  const shown = ordered.subarray(from, from + most);
  const isShown = new Set(shown);
  const { essays } = book.table;
  const groups = groupedBy(
    placesMeantBy(book, options).filter((place) => isShown.has(essays[place] ?? 0)),
    (place) => essays[place] ?? 0,
  );
  const records = Array.from(shown, (essay) => essayRecord(book, essay, groups.get(essay) ?? []));
  return { from, total: ordered.length, essays: records };
}

/** The essays of the evaluations that are meant, as they are numbered in the table; `from` and `most` say nothing here. */
export function essaysInOrder(book: ScoreBook, options: EssayOptions): Uint32Array {
  const { order = 'best', find = '' } = options;
  const { table } = book;
  const places = placesMeantBy(book, options);
  const groups = groupsOf(table, places);
  const isFound = finder(book, find);
  return groups.essays
    .filter((essay) => isFound(essay, groups.first[essay] ?? 0))
    .sort(COMPARE[order](table, groups));
}

/** Essays with what they are ordered by: columns by the number of an essay, but for the list of them. */
interface Groups {
  readonly essays: Uint32Array;
  /** Of its evaluations. */
  readonly first: Uint32Array;
  /** Of the scores that count; NaN without any. */
  readonly means: Float64Array;
}

function groupsOf(table: ScoreTable, places: Uint32Array): Groups {
  let size = 0;
  for (const place of places) size = Math.max(size, (table.essays[place] ?? 0) + 1);
  const [first, counts, sums] = [new Uint32Array(size), new Uint32Array(size), new Float64Array(size)];
  const isKnown = new Uint8Array(size);
  const essays = new Uint32Array(places.length);
  let found = 0;
  for (const place of places) {
    const essay = table.essays[place] ?? 0;
    if (isKnown[essay] !== 1) {
      isKnown[essay] = 1;
      first[essay] = place;
      essays[found++] = essay;
    }
    const score = table.scores[place] ?? Number.NaN;
    if (Number.isNaN(score)) continue;
    sums[essay] = (sums[essay] ?? 0) + score;
    counts[essay] = (counts[essay] ?? 0) + 1;
  }
  const means = sums.map((sum, essay) => sum / (counts[essay] ?? 0));
  return { essays: essays.subarray(0, found), first, means };
}

function placesMeantBy(book: ScoreBook, options: EssayOptions): Uint32Array {
  return placesMeant(book.table, options.where ?? {}, amongOf(book, options));
}

/** Whether all the words stand in what an essay is known by. */
function finder(book: ScoreBook, find: string): (essay: number, place: number) => boolean {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const isIn = words.map((word) => finderOf(book, word));
  return (essay, place) => isIn.every((each) => each(essay, place));
}

/** Each name is looked at once, however many texts have it. */
function finderOf({ table, essayAt }: ScoreBook, word: string): (essay: number, place: number) => boolean {
  const has = (name: string): number => (name.toLowerCase().includes(word) ? 1 : 0);
  const columns = MADE.map((facet) => ({
    codes: table.codes[facet],
    marks: Uint8Array.from(table.names[facet], has),
  }));
  const varied = (['draft', 'essay'] as const).filter((stage) => isVaried(table, stage));
  const mayBeId = /^\w+$/.test(word);
  return (essay, place) =>
    columns.some(({ codes, marks }) => marks[codes[place] ?? 0] === 1) ||
    varied.some((stage) => has(templateAt(table, stage, place)) === 1) ||
    (mayBeId && has(essayAt(essay).genId) === 1);
}

const MADE = ['draft_template', 'draft_model', 'essay_template', 'essay_model', 'combo'] as const;

type Compare = (table: ScoreTable, groups: Groups) => (a: number, b: number) => number;

const COMPARE: Readonly<Record<EssayOrder, Compare>> = {
  rows: () => (a, b) => a - b,
  best: (_table, { means }) => byMean(means, -1),
  worst: (_table, { means }) => byMean(means, 1),
  draft: byNames('draft_template', 'draft_model'),
  essay: byNames('essay_template', 'essay_model'),
  combo: byNames('combo'),
};

/** Those without a mean come last, whichever end is first. */
function byMean(means: Float64Array, sign: 1 | -1): (a: number, b: number) => number {
  const keys = means.map((mean) => (Number.isNaN(mean) ? Infinity : mean * sign));
  return (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b;
}

/** By names, and then the best first. */
function byNames(...facets: readonly Facet[]): Compare {
  return (table, groups) => {
    const best = COMPARE.best(table, groups);
    const { first } = groups;
    const columns = facets.map((facet) => ({
      codes: table.codes[facet],
      ranks: ranksOf(table.names[facet]),
    }));
    return (a, b) => {
      for (const { codes, ranks } of columns) {
        const [x, y] = [ranks[codes[first[a] ?? 0] ?? 0] ?? 0, ranks[codes[first[b] ?? 0] ?? 0] ?? 0];
        if (x !== y) return x - y;
      }
      return best(a, b);
    };
  };
}

/** Where each name comes in their order; the same for the same name. */
function ranksOf(names: readonly string[]): readonly number[] {
  const ranks = new Map([...new Set(names)].sort().map((name, rank) => [name, rank]));
  return names.map((name) => ranks.get(name) ?? 0);
}

function nameAt({ names, codes }: ScoreTable, facet: Facet, place: number): string {
  return names[facet][codes[facet][place] ?? 0] ?? '';
}

function essayRecord(book: ScoreBook, essay: number, places: readonly number[]): EssayRecord {
  const { table } = book;
  const { genId, draft, state } = book.essayAt(essay);
  const [first = 0] = places;
  return {
    genId,
    draft,
    draftTemplate: templateAt(table, 'draft', first),
    draftModel: nameAt(table, 'draft_model', first),
    essayTemplate: templateAt(table, 'essay', first),
    essayModel: nameAt(table, 'essay_model', first),
    combo: nameAt(table, 'combo', first),
    state,
    mean: meanOf(table, places),
    scores: places.map((place) => {
      const score = table.scores[place] ?? Number.NaN;
      return {
        ...book.evaluationAt(place),
        rubric: templateAt(table, 'evaluation', place),
        judge: nameAt(table, 'judge', place),
        score: Number.isNaN(score) ? null : score,
      };
    }),
  };
}

/** Of the scores that count; null without any. */
function meanOf({ scores }: ScoreTable, places: readonly number[]): number | null {
  let [sum, count] = [0, 0];
  for (const place of places) {
    const score = scores[place] ?? Number.NaN;
    if (Number.isNaN(score)) continue;
    sum += score;
    count++;
  }
  return count === 0 ? null : sum / count;
}
