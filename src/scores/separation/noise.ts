// Where scores vary: between combos, drafts, essays, judges, and what is left. Knows nothing of prices.
import { momentsOf } from '../../statistics/agreement/lists.ts';
import { summarize } from '../../statistics/summary.ts';
import { type Codes, codesAt, combined, numbersAt, segmentsOf } from '../columns/codes.ts';
import { type Judged, replicatesOf } from '../columns/judgements.ts';
import { levelsIn } from '../levels/dimensions.ts';

/** The stages of noise in the order in which a score comes about; `rest` is how differently combos take to ways. */
export const NOISES = ['combo', 'rest', 'draft', 'essay', 'judge', 'replicate'] as const;
export type Noise = (typeof NOISES)[number];

export interface Component {
  /**
   * Of a single score; 0 where the scores vary less than chance would have them. Undefined where nothing was repeated at that stage:
   * what varies there is then a part of the stage above, and at last of `rest`.
   */
  readonly variance: number | undefined;
  /** The degrees of freedom that it rests on. */
  readonly degrees: number;
}

export type Noises = Readonly<Record<Noise, Component>>;

/** At most so many ways are compared with each other: four hundred pairs say enough. */
const MOST_WAYS = 30;

/**
 * Components of variance of a single score about the mean of its way, for any design, balanced or not.
 *
 * score = way + rubric and judge + combo + combo by way (rest) + draft + essay + judge by text (judge) + replicate. A way is everything
 * that was chosen but the concepts; ways, and how much a judge leans, are fixed and fall out. Each component is what the sample
 * variance of units of its stage has beyond what the stages below explain: for units with independent means of expected variances v_i
 * the sample variance is expected to be the mean of the v_i, whatever their replicates, and sample variances are pooled by their
 * degrees of freedom. `replicate` is from a judge's replicates of a text, `judge` from differences of two judges over texts, `essay`
 * from essays of a draft, `draft` from drafts of a combo, `rest` from differences of two ways over combos, `combo` from the covariance
 * of two ways over combos. In balanced designs these are the estimators of the analysis of variance.
 *
 * Source: S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992), chapters 3 to 5.
 */
export function noisesIn(judged: Judged): Noises {
  const replicate = replicateNoise(judged);
  const judge = judgeNoise(judged, known(replicate));
  const essays = essaysIn(judged, { judge: known(judge), replicate: known(replicate) });
  const drafts = groupsIn(essays, draftsOf(judged));
  const essay = pooled(drafts);
  const draftUnits = unitsOf(drafts, known(essay));
  const cells = groupsIn(draftUnits, cellsOf(judged));
  const draft = pooled(cells);
  const { rest, combo } = comboNoise(judged, cells, known(draft));
  return { combo, rest, draft, essay, judge, replicate };
}

function known({ variance }: Component): number {
  return variance ?? 0;
}

/** Means, each with the variance that the stages below it explain, and the row that says where it is from. */
interface Units {
  readonly means: Float64Array;
  readonly explained: Float64Array;
  readonly places: Int32Array;
}

/** Units by what they are of: those of each from one place up to another. */
interface Groups extends Units {
  readonly starts: Int32Array;
}

/** Those that belong nowhere are left out. */
function groupsIn({ means, explained, places }: Units, { of, size }: Codes): Groups {
  const { starts, places: order } = segmentsOf({ of: codesAt(of, places), size });
  return {
    starts,
    means: numbersAt(means, order),
    explained: numbersAt(explained, order),
    places: codesAt(places, order),
  };
}

/** A unit of each group: the mean of its units, with the variance `own` that each of these has of its own. */
function unitsOf({ starts, means, explained, places }: Groups, own: number): Units {
  const most = starts.length - 1;
  const found = {
    means: new Float64Array(most),
    explained: new Float64Array(most),
    places: new Int32Array(most),
  };
  let next = 0;
  for (let group = 0; group + 1 < starts.length; group++) {
    const [from, to] = [starts[group] ?? 0, starts[group + 1] ?? 0];
    if (from === to) continue;
    found.means[next] = meanIn(means, from, to);
    found.explained[next] = (meanIn(explained, from, to) + own) / (to - from);
    found.places[next++] = places[from] ?? 0;
  }
  return {
    means: found.means.subarray(0, next),
    explained: found.explained.subarray(0, next),
    places: found.places.subarray(0, next),
  };
}

function meanIn(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < to; at++) total += values[at] ?? 0;
  return total / (to - from);
}

/** What the sample variances of groups of units have beyond what is explained. */
function pooled({ starts, means, explained }: Omit<Groups, 'places'>): Component {
  let total = 0;
  let degrees = 0;
  for (let group = 0; group + 1 < starts.length; group++) {
    const [from, to] = [starts[group] ?? 0, starts[group + 1] ?? 0];
    if (to - from < 2) continue;
    total += momentsOf(means, from, to).squares - (to - from - 1) * meanIn(explained, from, to);
    degrees += to - from - 1;
  }
  return componentOf(total, degrees);
}

function componentOf(total: number, degrees: number): Component {
  return { variance: degrees === 0 ? undefined : Math.max(0, total / degrees), degrees };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0) / values.length;
}

function replicateNoise({ columns, starts, places }: Judged): Component {
  const means = numbersAt(columns.scores, places);
  return pooled({ starts, means, explained: new Float64Array(means.length) });
}

/** Half the variance of the difference of two judges of one rubric over texts: what both lean falls out. */
function judgeNoise(judged: Judged, replicate: number): Component {
  const { items, firsts, means, columns } = judged;
  const judges = columns.field('evaluationModel');
  const rubrics = columns.field('evaluationTemplate');
  // By rubric and pair of judges: differences over texts, and the noise that is known of in them.
  const pairs = new Map<number, { readonly means: number[]; noise: number }>();
  for (let item = 0; item + 1 < items.length; item++) {
    const [from, to] = [items[item] ?? 0, items[item + 1] ?? 0];
    for (let one = from; one < to; one++)
      for (let other = one + 1; other < to; other++) {
        const [a, b] = [firsts[one] ?? 0, firsts[other] ?? 0];
        const key =
          ((rubrics.of[a] ?? 0) * judges.size + (judges.of[a] ?? 0)) * judges.size + (judges.of[b] ?? 0);
        let pair = pairs.get(key);
        if (pair === undefined) pairs.set(key, (pair = { means: [], noise: 0 }));
        pair.means.push((means[one] ?? 0) - (means[other] ?? 0));
        pair.noise += replicate * (1 / replicatesOf(judged, one) + 1 / replicatesOf(judged, other));
      }
  }
  let total = 0;
  let degrees = 0;
  for (const [, pair] of [...pairs].sort(([a], [b]) => a - b)) {
    const summary = summarize(pair.means);
    if (summary?.std === undefined) continue;
    total += ((summary.count - 1) * (summary.std ** 2 - pair.noise / summary.count)) / 2;
    degrees += summary.count - 1;
  }
  return componentOf(total, degrees);
}

/** Each essay with the mean of what its judges say, each less what they say on average by that rubric. */
function essaysIn(judged: Judged, noise: { readonly judge: number; readonly replicate: number }): Units {
  const { columns, size, firsts, means } = judged;
  const raters = columns.agreeing('evaluationTemplate', 'evaluationModel');
  const sums = new Float64Array(raters.size);
  const counts = new Int32Array(raters.size);
  for (let at = 0; at < size; at++) {
    const rater = raters.of[firsts[at] ?? 0] ?? 0;
    sums[rater] = (sums[rater] ?? 0) + (means[at] ?? 0);
    counts[rater] = (counts[rater] ?? 0) + 1;
  }
  const usual = sums.map((sum, rater) => sum / (counts[rater] ?? 1));
  const own = {
    means: means.map((mean, at) => mean - (usual[raters.of[firsts[at] ?? 0] ?? 0] ?? 0)),
    explained: means.map((_, at) => noise.replicate / replicatesOf(judged, at)),
    places: firsts,
  };
  return unitsOf(groupsIn(own, columns.field('parentGenId')), noise.judge);
}

/** What was made of one combo in one way; essays of which either is not known belong nowhere. */
function cellsOf(judged: Judged): Codes {
  const { columns } = judged;
  const combos = columns.field('comboId');
  const ways = waysOf(judged);
  const cells = combined([combos, ways]);
  if (combos.names[0] !== '') return cells;
  return { of: cells.of.map((cell, at) => (combos.of[at] === 0 ? -1 : cell)), size: cells.size };
}

function waysOf({ columns }: Judged): Codes {
  return columns.agreeing('draftTemplate', 'draftModel', 'generationTemplate', 'generationModel');
}

/** The drafts of a cell: the essays of one in another way are others. */
function draftsOf(judged: Judged): Codes {
  const cells = cellsOf(judged);
  const drafts = combined([judged.columns.drafts, waysOf(judged), judged.columns.field('comboId')]);
  return { of: drafts.of.map((draft, at) => ((cells.of[at] ?? -1) < 0 ? -1 : draft)), size: drafts.size };
}

/** A cell's mean, with what is explained by drafts alone apart from the rest of it: cells of another way may share the drafts. */
interface CellUnit {
  readonly combo: number;
  readonly mean: number;
  readonly explained: number;
  /** The variance of one draft, and which drafts there are. */
  readonly draft: number;
  readonly drafts: readonly number[];
  readonly isMadeFrom: ReadonlySet<number>;
}

function comboNoise(judged: Judged, cells: Groups, draft: number): Pick<Noises, 'combo' | 'rest'> {
  const { columns } = judged;
  const [combos, ways, drafts] = [columns.field('comboId'), levelsIn(columns, 'way'), columns.drafts];
  // Where a part of the way is not known the level has no name, but a way it is all the same.
  const wayAt = (place: number): number => {
    const level = ways.of[place] ?? -1;
    return level >= 0 ? level : ways.size + (waysOf(judged).of[place] ?? 0);
  };
  const byWay = new Map<number, Map<number, CellUnit>>();
  for (let cell = 0; cell + 1 < cells.starts.length; cell++) {
    const [from, to] = [cells.starts[cell] ?? 0, cells.starts[cell + 1] ?? 0];
    if (from === to) continue;
    const place = cells.places[from] ?? 0;
    const [combo, way] = [combos.of[place] ?? 0, wayAt(place)];
    let own = byWay.get(way);
    if (own === undefined) byWay.set(way, (own = new Map()));
    const madeFrom = Array.from(cells.places.subarray(from, to), (at) => drafts.of[at] ?? 0);
    own.set(combo, {
      combo,
      mean: meanIn(cells.means, from, to),
      explained: meanIn(cells.explained, from, to) / (to - from),
      draft,
      drafts: madeFrom,
      isMadeFrom: new Set(madeFrom),
    });
  }
  const compared = [...byWay]
    .sort(([a], [b]) => a - b)
    .map(([, own]) => own)
    .sort((a, b) => b.size - a.size)
    .slice(0, MOST_WAYS);
  const [only] = compared;
  if (only !== undefined && compared.length === 1) {
    const units = [...only.values()];
    const means = Float64Array.from(units, ({ mean }) => mean);
    const explained = Float64Array.from(units, (cell) => cell.explained + cell.draft / cell.drafts.length);
    return {
      combo: pooled({ starts: Int32Array.of(0, means.length), means, explained }),
      rest: componentOf(0, 0),
    };
  }
  const sums = { rest: 0, combo: 0, degrees: 0 };
  for (const [at, one] of compared.entries())
    for (const other of compared.slice(at + 1)) addPair(sums, commonCells(one, other));
  return { rest: componentOf(sums.rest, sums.degrees), combo: componentOf(sums.combo, sums.degrees) };
}

type CellPair = readonly [CellUnit, CellUnit];

function commonCells(
  one: ReadonlyMap<number, CellUnit>,
  other: ReadonlyMap<number, CellUnit>,
): readonly CellPair[] {
  const pairs: CellPair[] = [];
  for (const [combo, a] of one) {
    const b = other.get(combo);
    if (b !== undefined) pairs.push([a, b]);
  }
  return pairs;
}

/** Half the variance of the difference of two ways over combos is `rest`, their covariance `combo`. */
function addPair(sums: { rest: number; combo: number; degrees: number }, pairs: readonly CellPair[]): void {
  const difference = summarize(pairs.map(([a, b]) => a.mean - b.mean));
  if (difference?.std === undefined) return;
  const degrees = pairs.length - 1;
  const shared = meanOf(pairs.map(sharedNoise));
  const own = meanOf(
    pairs.map(([a, b]) => a.explained + b.explained + a.draft * (1 / a.drafts.length + 1 / b.drafts.length)),
  );
  const [one, other] = [meanOf(pairs.map(([a]) => a.mean)), meanOf(pairs.map(([, b]) => b.mean))];
  const products = pairs.reduce((total, [a, b]) => total + (a.mean - one) * (b.mean - other), 0);
  sums.rest += (degrees * (difference.std ** 2 - (own - 2 * shared))) / 2;
  sums.combo += products - degrees * shared;
  sums.degrees += degrees;
}

/** The covariance of two cells' means that comes of drafts which both are made from. */
function sharedNoise([a, b]: CellPair): number {
  if (a.draft === 0) return 0;
  const common = a.drafts.filter((each) => b.isMadeFrom.has(each)).length;
  return (a.draft * common) / (a.drafts.length * b.drafts.length);
}
