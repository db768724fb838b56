// A matrix of scores: any facet by any other, in each cell the mean with its interval, the count, the scores themselves as dots, and
// how many of its evaluations are not current. Knows no files.
import { precisionOfMean } from '../../statistics/clustered.ts';
import { placesMeant, type Facet, type ScoreTable, type Where } from './scoretable.ts';

export interface MatrixCell {
  /** Undefined where nothing has a score yet. */
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Scores. */
  readonly count: number;
  readonly essays: number;
  /** Evaluations without a score that counts. */
  readonly without: number;
  /** Evaluations that are not current, with a score or not. */
  readonly open: number;
  /** `[score, how many]`, ascending; scores that lie closer than a fortieth of the matrix's range stand together. */
  readonly dots: readonly (readonly [score: number, count: number])[];
}

export interface MatrixHead {
  readonly name: string;
  readonly all: MatrixCell;
}

export interface Matrix {
  readonly rows: readonly MatrixHead[];
  readonly columns: readonly MatrixHead[];
  /** By row, then column; null where there is no such evaluation. */
  readonly cells: readonly (readonly (MatrixCell | null)[])[];
  readonly all: MatrixCell;
  /** Of the scores that are shown; null without any. */
  readonly range: readonly [least: number, greatest: number] | null;
  readonly rowCount: number;
  readonly columnCount: number;
}

export type MatrixOrder = 'mean' | 'name';

export interface MatrixQuery {
  readonly rows: Facet;
  readonly columns: Facet;
  readonly where: Where;
  /** Rows and columns go by this: best mean first, or by name. */
  readonly order: MatrixOrder;
  /** The name of a column by whose means the rows go instead, the best first. */
  readonly by?: string | undefined;
  /** Only these rows of the ordered ones. */
  readonly from: number;
  readonly most: number;
  readonly mostColumns: number;
  /** 1 where an evaluation may be counted at all. */
  readonly among?: ArrayLike<number> | undefined;
}

const BINS = 40;

export function matrixOf(table: ScoreTable, query: MatrixQuery): Matrix {
  const places = placesMeant(table, query.where, query.among);
  const range = rangeOf(table, places);
  // What was made from a combo shares its luck; of one combo alone, what judges an essay shares that essay's.
  const { rows: byRows, columns: byColumns, where } = query;
  const ofOneCombo = byRows === 'combo' || byColumns === 'combo' || where.combo?.length === 1;
  const clusters = ofOneCombo ? table.essays : table.codes.combo;
  const scale = { bins: new Bins(range), sums: new Sums(clusters), essays: new Distinct(table.essays) };
  const cellOf = (group: Uint32Array): MatrixCell => cell(table, group, scale);
  const heads = (facet: Facet): (Head & { readonly code: number })[] =>
    groupsBy(table, facet, places)
      .map(({ code, group }) => ({ code, name: table.names[facet][code] ?? '', all: cellOf(group), group }))
      .sort(query.order === 'mean' ? byMean : byName);
  const [named, columns] = [heads(query.rows), heads(query.columns)];
  const rows = byColumn(table, named, { query, code: columns.find(({ name }) => name === query.by)?.code });
  const shownRows = rows.slice(query.from, query.from + query.most);
  const shownColumns = columns.slice(0, query.mostColumns);
  const columnOf = new Int32Array(table.names[query.columns].length).fill(-1);
  for (const [column, { code }] of shownColumns.entries()) columnOf[code] = column;
  const parting = { groupOf: columnOf, many: shownColumns.length };
  const cells = shownRows.map(({ group }) =>
    parted(group, table.codes[query.columns], parting).map((both) =>
      both.length === 0 ? null : cellOf(both),
    ),
  );
  return {
    rows: shownRows.map(headOf),
    columns: shownColumns.map(headOf),
    cells,
    all: cellOf(places),
    range,
    rowCount: rows.length,
    columnCount: columns.length,
  };
}

/** Places by the name that they bear. */
function groupsBy(
  { names, codes }: ScoreTable,
  facet: Facet,
  places: Uint32Array,
): { readonly code: number; readonly group: Uint32Array }[] {
  const column = codes[facet];
  const groupOf = new Int32Array(names[facet].length).fill(-1);
  const found: number[] = [];
  for (let at = 0; at < places.length; at++) {
    const code = column[places[at] ?? 0] ?? 0;
    if (groupOf[code] === -1) groupOf[code] = found.push(code) - 1;
  }
  const groups = parted(places, column, { groupOf, many: found.length });
  return groups.map((group, at) => ({ code: found[at] ?? 0, group }));
}

interface Parting {
  /** By code; -1 for those of none. */
  readonly groupOf: Int32Array;
  readonly many: number;
}

/** Places by groups of codes, in each in their order. Counts first, so that no group has to grow. */
function parted(
  places: Uint32Array,
  codes: ArrayLike<number>,
  { groupOf, many }: Parting,
): readonly Uint32Array[] {
  const ends = new Uint32Array(many + 1);
  for (let at = 0; at < places.length; at++) {
    const group = groupOf[codes[places[at] ?? 0] ?? 0] ?? -1;
    if (group >= 0) ends[group + 1] = (ends[group + 1] ?? 0) + 1;
  }
  for (let group = 0; group < many; group++) ends[group + 1] = (ends[group + 1] ?? 0) + (ends[group] ?? 0);
  const starts = ends.slice();
  const sorted = new Uint32Array(ends[many] ?? 0);
  for (let at = 0; at < places.length; at++) {
    const place = places[at] ?? 0;
    const group = groupOf[codes[place] ?? 0] ?? -1;
    if (group < 0) continue;
    const next = starts[group] ?? 0;
    sorted[next] = place;
    starts[group] = next + 1;
  }
  return Array.from({ length: many }, (_, group) => sorted.subarray(ends[group], ends[group + 1]));
}

/** By the means in one column; rows without one come last, as they were. */
function byColumn<T extends Head>(
  table: ScoreTable,
  rows: readonly T[],
  { query, code }: { readonly query: MatrixQuery; readonly code: number | undefined },
): readonly T[] {
  if (code === undefined) return rows;
  const codes = table.codes[query.columns];
  const meanIn = ({ group }: T): number => {
    let [count, sum] = [0, 0];
    for (const place of group) {
      const score = codes[place] === code ? (table.scores[place] ?? Number.NaN) : Number.NaN;
      if (Number.isNaN(score)) continue;
      count++;
      sum += score;
    }
    return count === 0 ? -Infinity : sum / count;
  };
  const means = new Map(rows.map((row) => [row, meanIn(row)]));
  return rows.toSorted((a, b) => (means.get(b) ?? 0) - (means.get(a) ?? 0) || 0);
}

interface Head extends MatrixHead {
  readonly group: Uint32Array;
}

function headOf({ name, all }: MatrixHead): MatrixHead {
  return { name, all };
}

function byName(a: MatrixHead, b: MatrixHead): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function byMean(a: MatrixHead, b: MatrixHead): number {
  return (b.all.mean ?? -Infinity) - (a.all.mean ?? -Infinity) || byName(a, b);
}

function rangeOf({ scores }: ScoreTable, places: Uint32Array): Matrix['range'] {
  let [least, greatest] = [Infinity, -Infinity];
  for (let at = 0; at < places.length; at++) {
    const score = scores[places[at] ?? 0] ?? Number.NaN;
    if (score < least) least = score;
    if (score > greatest) greatest = score;
  }
  return least > greatest ? null : [least, greatest];
}

interface Scale {
  readonly bins: Bins;
  /** Evaluations of the same number depend on each other. */
  readonly sums: Sums;
  readonly essays: Distinct;
}

/** Counts how many different numbers places bear, with no more than one mark for each number there is. */
class Distinct {
  readonly numbers: ArrayLike<number>;
  /** The round in which a number came last. */
  readonly marks: Uint32Array;
  round = 0;

  constructor(numbers: ArrayLike<number>) {
    this.numbers = numbers;
    let greatest = 0;
    for (let place = 0; place < numbers.length; place++) {
      const number = numbers[place] ?? 0;
      if (number > greatest) greatest = number;
    }
    this.marks = new Uint32Array(greatest + 1);
  }

  among(places: Uint32Array): number {
    const round = ++this.round;
    const { numbers, marks } = this;
    let found = 0;
    for (let at = 0; at < places.length; at++) {
      const number = numbers[places[at] ?? 0] ?? 0;
      if (marks[number] === round) continue;
      marks[number] = round;
      found++;
    }
    return found;
  }
}

/** Of each cluster how many scores it has, and their sum. */
interface ClusterSums {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/** Scores added up by the number that their places bear. */
class Sums {
  readonly #known: Distinct;
  readonly #counts: Uint32Array;
  readonly #sums: Float64Array;

  constructor(numbers: ArrayLike<number>) {
    this.#known = new Distinct(numbers);
    this.#counts = new Uint32Array(this.#known.marks.length);
    this.#sums = new Float64Array(this.#known.marks.length);
  }

  /** In the order of the first of each number; places without a score count nowhere. */
  of(places: Uint32Array, scores: ArrayLike<number>): ClusterSums {
    const { numbers, marks } = this.#known;
    const [counts, sums, order] = [this.#counts, this.#sums, [] as number[]];
    const round = ++this.#known.round;
    for (let at = 0; at < places.length; at++) {
      const place = places[at] ?? 0;
      const score = scores[place] ?? Number.NaN;
      if (Number.isNaN(score)) continue;
      const number = numbers[place] ?? 0;
      if (marks[number] === round) {
        counts[number] = (counts[number] ?? 0) + 1;
        sums[number] = (sums[number] ?? 0) + score;
      } else {
        marks[number] = round;
        counts[number] = 1;
        sums[number] = score;
        order.push(number);
      }
    }
    return {
      counts: Float64Array.from(order, (number) => counts[number] ?? 0),
      sums: Float64Array.from(order, (number) => sums[number] ?? 0),
    };
  }
}

function cell(table: ScoreTable, places: Uint32Array, { bins, sums, essays }: Scale): MatrixCell {
  const { scores, open } = table;
  let [count, opened, least, greatest] = [0, 0, Infinity, -Infinity];
  for (let at = 0; at < places.length; at++) {
    const place = places[at] ?? 0;
    if (open[place] === 1) opened++;
    const score = scores[place] ?? Number.NaN;
    if (Number.isNaN(score)) continue;
    count++;
    if (score < least) least = score;
    if (score > greatest) greatest = score;
    bins.add(score);
  }
  return {
    ...meanAmong(sums.of(places, scores), [least, greatest]),
    count,
    essays: essays.among(places),
    without: places.length - count,
    open: opened,
    dots: bins.emptied(),
  };
}

function meanAmong(
  { counts, sums }: ClusterSums,
  [least, greatest]: readonly [number, number],
): Pick<MatrixCell, 'mean' | 'low' | 'high'> {
  let [count, total] = [0, 0];
  for (let at = 0; at < counts.length; at++) {
    count += counts[at] ?? 0;
    total += sums[at] ?? 0;
  }
  if (count === 0) return { mean: null, low: null, high: null };
  const mean = total / count;
  const residuals = sums.map((sum, at) => sum - (counts[at] ?? 0) * mean);
  const { interval } = precisionOfMean(mean, counts, residuals, { from: 0, to: counts.length, count });
  return {
    // Equal scores may give a quotient a hair beside them.
    mean: Math.min(greatest, Math.max(least, mean)),
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  };
}

/** Scores that lie close, put together. */
class Bins {
  readonly #least: number;
  readonly #width: number;
  readonly #sums = new Float64Array(BINS + 1);
  readonly #counts = new Uint32Array(BINS + 1);

  constructor(range: Matrix['range']) {
    this.#least = range?.[0] ?? 0;
    this.#width = range === null ? 0 : (range[1] - range[0]) / BINS;
  }

  add(score: number): void {
    const bin = this.#width === 0 ? 0 : Math.round((score - this.#least) / this.#width);
    this.#sums[bin] = (this.#sums[bin] ?? 0) + score;
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  /** What was added since it was emptied last. */
  emptied(): MatrixCell['dots'] {
    const dots: MatrixCell['dots'][number][] = [];
    for (let bin = 0; bin <= BINS; bin++) {
      const count = this.#counts[bin] ?? 0;
      if (count > 0) dots.push([Number(((this.#sums[bin] ?? 0) / count).toFixed(6)), count]);
    }
    this.#sums.fill(0);
    this.#counts.fill(0);
    return dots;
  }
}
