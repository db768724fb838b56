// Two names of one facet side by side: how far their scores differ where everything else is the same, by rubric and by judge, and the
// pairs of essays behind it.
import type { GenId } from '../../generation/stage.ts';
import { USUAL } from '../../catalog/variants.ts';
import { estimateMean } from '../../statistics/estimates.ts';
import { partsOf } from './parameters.ts';
import { FACETS, groupedBy, placesWhere, VARIED, type Facet, type ScoreTable } from './scoretable.ts';
import { amongOf, type ScoreBook, type ScoreOptions } from './scorebook.ts';

export interface PairOptions extends ScoreOptions {
  readonly facet: Facet;
  readonly a: string;
  readonly b: string;
  readonly from?: number | undefined;
  /** Pairs; 50 where it is left out. */
  readonly most?: number | undefined;
}

/** Mean of `a` less mean of `b`, over what both have in common. */
export interface Difference {
  /** Null where nothing can be paired. */
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Blocks that agree in everything else; replicates are averaged first. */
  readonly blocks: number;
  /** Combos that the blocks are of; the interval clusters by them. */
  readonly combos: number;
}

export interface EssayPair {
  readonly a: GenId;
  readonly b: GenId;
  /** Mean scores by the rubrics and judges that both have. */
  readonly meanA: number;
  readonly meanB: number;
  readonly combo: string;
  /** What both have in common beside the combo. */
  readonly alike: readonly string[];
}

export interface PairReport {
  readonly facet: Facet;
  readonly a: string;
  readonly b: string;
  /** What differs too wherever the two differ, so that what is found is of all of these at once; mostly nothing. */
  readonly apart: readonly Facet[];
  readonly meanA: number | null;
  readonly meanB: number | null;
  readonly difference: Difference;
  readonly byRubric: readonly ({ readonly name: string } & Difference)[];
  readonly byJudge: readonly ({ readonly name: string } & Difference)[];
  /** Essays that differ most come first; none for rubrics and judges, whose essays are the same. */
  readonly pairs: readonly EssayPair[];
  readonly from: number;
  readonly total: number;
}

/** What makes an essay, beside what is compared. */
const MAKING: readonly Facet[] = [
  'combo',
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  ...VARIED.filter((facet) => partsOf(facet)[0] !== 'evaluation'),
];

/** Who judges an essay, and how. */
const JUDGING: readonly Facet[] = [
  'rubric',
  'judge',
  ...VARIED.filter((facet) => partsOf(facet)[0] === 'evaluation'),
];

export function pairReport(book: ScoreBook, options: PairOptions): PairReport {
  const { table } = book;
  const among = amongOf(book, options);
  const { facet, a, b, from = 0, most = 50 } = options;
  const side = (name: string): readonly number[] =>
    placesWhere(table, { ...options.where, [facet]: [name] }, among).filter(
      (place) => !Number.isNaN(table.scores[place]),
    );
  const sides: Sides = [side(a), side(b)];
  const apart = apartIn(table, sides, facet);
  const blocks = blocksOf(table, sides, [facet, ...apart]);
  const grouped = (by: Facet): PairReport['byRubric'] => {
    const names = table.names[by];
    const groups = groupedBy(blocks, ({ place }) => table.codes[by][place] ?? 0);
    return [...groups]
      .map(([code, each]) => ({ name: names[code] ?? '', ...differenceOf(each) }))
      .sort((x, y) => (x.name < y.name ? -1 : 1));
  };
  const pairs = MAKING.includes(facet) ? essayPairs(book, { sides, compared: [facet, ...apart] }) : [];
  return {
    facet,
    a,
    b,
    apart,
    meanA: meanOf(table, sides[0]),
    meanB: meanOf(table, sides[1]),
    difference: differenceOf(blocks),
    byRubric: facet === 'rubric' ? [] : grouped('rubric'),
    byJudge: facet === 'judge' ? [] : grouped('judge'),
    pairs: pairs.slice(from, from + most),
    from,
    total: pairs.length,
  };
}

type Sides = readonly [a: readonly number[], b: readonly number[]];

interface Block {
  /** One of its evaluations. */
  readonly place: number;
  readonly difference: number;
  readonly combo: number;
}

/** Of what makes an essay, that of which the two sides have nothing in common: a draft template that has its own essay template, say. */
function apartIn({ codes }: ScoreTable, [a, b]: Sides, facet: Facet): readonly Facet[] {
  if (!MAKING.includes(facet) || a.length === 0 || b.length === 0) return [];
  return MAKING.filter((each) => {
    if (each === facet || each === 'combo') return false;
    const first = new Set(a.map((place) => codes[each][place]));
    return !b.some((place) => first.has(codes[each][place]));
  });
}

function blocksOf(table: ScoreTable, [a, b]: Sides, compared: readonly Facet[]): readonly Block[] {
  const others = FACETS.filter(
    (each) => !compared.includes(each) && each !== 'way' && table.names[each].length > 1,
  );
  const keyOf = (place: number): string => others.map((each) => table.codes[each][place]).join(' ');
  const second = groupedBy(b, keyOf);
  return [...groupedBy(a, keyOf)].flatMap(([key, first]): Block[] => {
    const partners = second.get(key);
    const [place = 0] = first;
    if (partners === undefined) return [];
    const difference = (meanOf(table, first) ?? 0) - (meanOf(table, partners) ?? 0);
    return [{ place, difference, combo: table.codes.combo[place] ?? 0 }];
  });
}

function differenceOf(blocks: readonly Block[]): Difference {
  const observations = blocks.map(({ difference, combo }) => ({
    value: difference,
    cluster: String(combo),
  }));
  const estimate = estimateMean(observations);
  return {
    mean: estimate?.mean ?? null,
    low: estimate?.interval?.low ?? null,
    high: estimate?.interval?.high ?? null,
    blocks: blocks.length,
    combos: estimate?.clusters ?? 0,
  };
}

/** Essays made alike but for the facet, first replicate with first, and so on; those that differ most come first. */
function essayPairs(
  { table, essayAt }: ScoreBook,
  { sides: [a, b], compared }: { readonly sides: Sides; readonly compared: readonly Facet[] },
): readonly EssayPair[] {
  const others = MAKING.filter((each) => !compared.includes(each));
  const madeAs = (place: number): string => others.map((each) => table.codes[each][place]).join(' ');
  const second = groupedBy(b, madeAs);
  const pairs = [...groupedBy(a, madeAs)].flatMap(([key, first]) => {
    const [mine, theirs] = [essaysIn(table, first), essaysIn(table, second.get(key) ?? [])];
    return mine.flatMap(([essayA, placesA], number): EssayPair[] => {
      const [essayB, placesB] = theirs[number] ?? [];
      const means = placesB === undefined ? undefined : commonMeans(table, placesA, placesB);
      if (essayB === undefined || means === undefined) return [];
      const [place = 0] = placesA;
      const name = (each: Facet): string => table.names[each][table.codes[each][place] ?? 0] ?? '';
      return [
        {
          a: essayAt(essayA).genId,
          b: essayAt(essayB).genId,
          ...means,
          combo: name('combo'),
          alike: others.flatMap((each) => sharedIn(each, name(each))),
        },
      ];
    });
  });
  const gap = ({ meanA, meanB }: EssayPair): number => Math.abs(meanA - meanB);
  return pairs.sort((x, y) => gap(y) - gap(x) || (x.a < y.a ? -1 : 1));
}

/** How a name that both sides have is said: nothing of the combo, which stands apart, nor of a parameter that is as it always is. */
function sharedIn(facet: Facet, name: string): readonly string[] {
  if (facet === 'combo') return [];
  const varied = VARIED.find((each) => each === facet);
  if (varied === undefined) return [name];
  return name === USUAL ? [] : [`${partsOf(varied).join(' ')} ${name}`];
}

function essaysIn(
  table: ScoreTable,
  places: readonly number[],
): readonly (readonly [essay: number, places: readonly number[]])[] {
  return [...groupedBy(places, (place) => table.essays[place] ?? 0)].sort(([x], [y]) => x - y);
}

/** Undefined where no rubric and judge have seen both. */
function commonMeans(
  table: ScoreTable,
  a: readonly number[],
  b: readonly number[],
): { readonly meanA: number; readonly meanB: number } | undefined {
  const keyOf = (place: number): string => JUDGING.map((each) => table.codes[each][place]).join(' ');
  const [first, second] = [groupedBy(a, keyOf), groupedBy(b, keyOf)];
  const both = [...first.keys()].filter((key) => second.has(key));
  const mean = (groups: ReadonlyMap<string, readonly number[]>): number | null =>
    meanOf(
      table,
      both.flatMap((key) => groups.get(key) ?? []),
    );
  const [meanA, meanB] = [mean(first), mean(second)];
  return meanA === null || meanB === null ? undefined : { meanA, meanB };
}

function meanOf({ scores }: ScoreTable, places: readonly number[]): number | null {
  const sum = places.reduce((each, place) => each + (scores[place] ?? 0), 0);
  return places.length === 0 ? null : sum / places.length;
}
