// A matrix of scores: any facet by any other, in each cell the mean with its interval, the count, the scores themselves as dots, and
// how many of its evaluations are not current. Knows no files.
import { estimateMean } from '../../statistics/estimates.ts';
import { groupedBy, placesWhere, type Facet, type ScoreTable, type Where } from './scoretable.ts';

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
  const places = placesWhere(table, query.where, query.among);
  const range = rangeOf(table, places);
  // What was made from a combo shares its luck; of one combo alone, what judges an essay shares that essay's.
  const { rows: byRows, columns: byColumns, where } = query;
  const ofOneCombo = byRows === 'combo' || byColumns === 'combo' || where.combo?.length === 1;
  const clusters = ofOneCombo ? table.essays : table.codes.combo;
  const cellOf = (group: readonly number[]): MatrixCell => cell(table, group, { range, clusters });
  const heads = (facet: Facet): (Head & { readonly code: number })[] =>
    [...groupedBy(places, (place) => table.codes[facet][place] ?? -1)]
      .map(([code, group]) => ({ code, name: table.names[facet][code] ?? '', all: cellOf(group), group }))
      .sort(query.order === 'mean' ? byMean : byName);
  const [named, columns] = [heads(query.rows), heads(query.columns)];
  const rows = byColumn(table, named, { query, code: columns.find(({ name }) => name === query.by)?.code });
  const shownRows = rows.slice(query.from, query.from + query.most);
  const shownColumns = columns.slice(0, query.mostColumns);
  const cells = shownRows.map(({ group }) => {
    const inRow = groupedBy(group, (place) => table.codes[query.columns][place] ?? -1);
    return shownColumns.map(({ code }) => {
      const both = inRow.get(code);
      return both === undefined ? null : cellOf(both);
    });
  });
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

/** By the means in one column; rows without one come last, as they were. */
function byColumn<T extends Head>(
  table: ScoreTable,
  rows: readonly T[],
  { query, code }: { readonly query: MatrixQuery; readonly code: number | undefined },
): readonly T[] {
  if (code === undefined) return rows;
  const codes = table.codes[query.columns];
  const meanIn = ({ group }: T): number => {
    const scores = group
      .filter((place) => codes[place] === code)
      .map((place) => table.scores[place] ?? Number.NaN)
      .filter((score) => !Number.isNaN(score));
    return scores.length === 0 ? -Infinity : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  };
  const means = new Map(rows.map((row) => [row, meanIn(row)]));
  return rows.toSorted((a, b) => (means.get(b) ?? 0) - (means.get(a) ?? 0) || 0);
}

interface Head extends MatrixHead {
  readonly group: readonly number[];
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

function rangeOf({ scores }: ScoreTable, places: readonly number[]): Matrix['range'] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const place of places) {
    const score = scores[place] ?? Number.NaN;
    if (score < least) least = score;
    if (score > greatest) greatest = score;
  }
  return least > greatest ? null : [least, greatest];
}

interface Scale {
  readonly range: Matrix['range'];
  /** Evaluations of the same number depend on each other. */
  readonly clusters: ArrayLike<number>;
}

function cell(table: ScoreTable, places: readonly number[], { range, clusters }: Scale): MatrixCell {
  const { scores, essays, open } = table;
  const scored = places.filter((place) => !Number.isNaN(scores[place]));
  const estimate = estimateMean(
    scored.map((place) => ({ value: scores[place] ?? 0, cluster: String(clusters[place]) })),
  );
  return {
    mean: estimate?.mean ?? null,
    low: estimate?.interval?.low ?? null,
    high: estimate?.interval?.high ?? null,
    count: scored.length,
    essays: new Set(places.map((place) => essays[place])).size,
    without: places.length - scored.length,
    open: places.filter((place) => open[place] === 1).length,
    dots: dotsOf(
      scored.map((place) => scores[place] ?? 0),
      range,
    ),
  };
}

function dotsOf(scores: readonly number[], range: Matrix['range']): MatrixCell['dots'] {
  const width = range === null ? 0 : (range[1] - range[0]) / BINS;
  const counts = new Map<number, { sum: number; count: number }>();
  for (const score of scores) {
    const bin = width === 0 ? 0 : Math.round((score - (range?.[0] ?? 0)) / width);
    const known = counts.get(bin);
    if (known === undefined) counts.set(bin, { sum: score, count: 1 });
    else counts.set(bin, { sum: known.sum + score, count: known.count + 1 });
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([, { sum, count }]) => [Number((sum / count).toFixed(6)), count]);
}
