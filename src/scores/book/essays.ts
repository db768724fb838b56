// The essays of the evaluations that are meant, each with its scores, in the order that is asked for.
import type { GenId } from '../../generation/stage.ts';
import { templateAt } from './parameters.ts';
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

interface Grouped {
  readonly essay: number;
  readonly places: readonly number[];
  readonly mean: number | null;
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
  const records = [...shown].map((essay) => essayRecord(book, groupOf(book, essay, groups.get(essay) ?? [])));
  return { from, total: ordered.length, essays: records };
}

/** The essays of the evaluations that are meant, as they are numbered in the table; `from` and `most` say nothing here. */
export function essaysInOrder(book: ScoreBook, options: EssayOptions): Uint32Array {
  const { order = 'best', find = '' } = options;
  const isFound = finder(find);
  const groups = [...groupedBy(placesMeantBy(book, options), (place) => book.table.essays[place] ?? 0)]
    .filter(([essay, places]) => isFound(book, essay, places[0] ?? 0))
    .map(([essay, places]) => groupOf(book, essay, places))
    .sort(COMPARE[order](book));
  return Uint32Array.from(groups, ({ essay }) => essay);
}

function placesMeantBy(book: ScoreBook, options: EssayOptions): Uint32Array {
  return placesMeant(book.table, options.where ?? {}, amongOf(book, options));
}

function groupOf({ table }: ScoreBook, essay: number, places: readonly number[]): Grouped {
  return { essay, places, mean: meanOf(table, places) };
}

/** Whether all the words stand in what an essay is known by. */
function finder(find: string): (book: ScoreBook, essay: number, place: number) => boolean {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean).map(wordIn);
  return ({ table, essayAt }, essay, place) => {
    if (words.length === 0) return true;
    const names = [...MADE.map((facet) => nameAt(table, facet, place)), ...templatesAt(table, place)];
    return words.every(
      ({ word, isIn, mayBeId }) =>
        names.some(isIn) || (mayBeId && essayAt(essay).genId.toLowerCase().includes(word)),
    );
  };
}

interface Word {
  readonly word: string;
  /** Each name is looked at once, however many texts have it. */
  readonly isIn: (name: string) => boolean;
  readonly mayBeId: boolean;
}

function wordIn(word: string): Word {
  const known = new Map<string, boolean>();
  return {
    word,
    mayBeId: /^\w+$/.test(word),
    isIn(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const is = name.toLowerCase().includes(word);
      known.set(name, is);
      return is;
    },
  };
}

function templatesAt(table: ScoreTable, place: number): readonly [draft: string, essay: string] {
  return [templateAt(table, 'draft', place), templateAt(table, 'essay', place)];
}

const MADE = ['draft_template', 'draft_model', 'essay_template', 'essay_model', 'combo'] as const;

type Compare = (book: ScoreBook) => (a: Grouped, b: Grouped) => number;

const COMPARE: Readonly<Record<EssayOrder, Compare>> = {
  rows: () => (a, b) => a.essay - b.essay,
  best: () => (a, b) => (b.mean ?? -Infinity) - (a.mean ?? -Infinity) || a.essay - b.essay,
  worst: () => (a, b) => (a.mean ?? Infinity) - (b.mean ?? Infinity) || a.essay - b.essay,
  draft: byNames('draft_template', 'draft_model'),
  essay: byNames('essay_template', 'essay_model'),
  combo: byNames('combo'),
};

/** By names, and then the best first. */
function byNames(...facets: readonly Facet[]): Compare {
  return (book) => {
    const best = COMPARE.best(book);
    return (a, b) => {
      for (const facet of facets) {
        const [x, y] = [a, b].map(({ places }) => nameAt(book.table, facet, places[0] ?? 0)) as [
          string,
          string,
        ];
        if (x !== y) return x < y ? -1 : 1;
      }
      return best(a, b);
    };
  };
}

function nameAt({ names, codes }: ScoreTable, facet: Facet, place: number): string {
  return names[facet][codes[facet][place] ?? 0] ?? '';
}

function essayRecord(book: ScoreBook, { essay, places, mean }: Grouped): EssayRecord {
  const { table } = book;
  const { genId, draft, state } = book.essayAt(essay);
  const [first = 0] = places;
  const [draftTemplate, essayTemplate] = templatesAt(table, first);
  return {
    genId,
    draft,
    draftTemplate,
    draftModel: nameAt(table, 'draft_model', first),
    essayTemplate,
    essayModel: nameAt(table, 'essay_model', first),
    combo: nameAt(table, 'combo', first),
    state,
    mean,
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
