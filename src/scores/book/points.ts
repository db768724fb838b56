// Scores as points of a plot: what two judges give to the same texts, and scores by the length of the text. Many points stand together
// as one with their count, so that a plot of any number is drawn at once.
import { placesMeant, type ScoreTable } from './scoretable.ts';
import { amongOf, type ScoreBook, type ScoreOptions } from './scorebook.ts';

/** Of a field of at most 60 by 60 points; `count` essays, or pairs of scores, lie there. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

export interface JudgesReport {
  readonly judges: readonly string[];
  readonly a: string;
  readonly b: string;
  /** `x`: mean score by `a` of an essay by a rubric, `y`: by `b`. */
  readonly points: readonly Point[];
  /** Essays by rubric that both have scored. */
  readonly count: number;
  readonly meanA: number | null;
  readonly meanB: number | null;
  /** Pearson's; null where one of them always gives the same. */
  readonly correlation: number | null;
}

export interface JudgesOptions extends ScoreOptions {
  /** The first two by name where they are left out. */
  readonly a?: string | undefined;
  readonly b?: string | undefined;
}

export function judgesReport(book: ScoreBook, options: JudgesOptions): JudgesReport {
  const { table } = book;
  const { names, codes, essays } = table;
  const places = scoredPlaces(book, options);
  const used = new Set<number>();
  for (const place of places) used.add(codes.judge[place] ?? 0);
  const judges = Array.from(used, (code) => names.judge[code] ?? '').sort();
  const { a = judges[0] ?? '', b = judges.find((each) => each !== a) ?? '' } = options;
  const rubrics = names.rubric.length;
  const of = (judge: string): Means => {
    const mine = places.filter((place) => names.judge[codes.judge[place] ?? 0] === judge);
    return meansBy(table, mine, (place) => (essays[place] ?? 0) * rubrics + (codes.rubric[place] ?? 0));
  };
  const [first, second] = [of(a), of(b)];
  const [xs, ys]: [number[], number[]] = [[], []];
  for (const [key, group] of first.groups) {
    const other = second.groups.get(key);
    if (other === undefined) continue;
    xs.push(first.means[group] ?? 0);
    ys.push(second.means[other] ?? 0);
  }
  const pairs = { xs: Float64Array.from(xs), ys: Float64Array.from(ys) };
  return {
    judges,
    a,
    b,
    points: pointsOf(pairs),
    count: xs.length,
    meanA: average(pairs.xs),
    meanB: average(pairs.ys),
    correlation: correlationOf(pairs),
  };
}

export interface LengthsReport {
  /** `x`: the length of an essay in bytes, `y`: its mean score. */
  readonly points: readonly Point[];
  readonly count: number;
  readonly correlation: number | null;
  /** Four groups of as many essays each, the shortest first. */
  readonly quarters: readonly Quarter[];
}

export interface Quarter {
  readonly shortest: number;
  readonly longest: number;
  readonly essays: number;
  readonly mean: number;
}

/** `lengthOf`: by the number that the table gives to an essay; undefined where there is no text. */
export function lengthsReport(
  book: ScoreBook,
  lengthOf: (essay: number) => number | undefined,
  options: ScoreOptions,
): LengthsReport {
  const { table } = book;
  const { groups, means } = meansBy(table, scoredPlaces(book, options), (place) => table.essays[place] ?? 0);
  const [xs, ys] = [new Float64Array(means.length), new Float64Array(means.length)];
  let count = 0;
  for (const [essay, group] of groups) {
    const length = lengthOf(essay);
    if (length === undefined) continue;
    xs[count] = length;
    ys[count++] = means[group] ?? 0;
  }
  const pairs = { xs: xs.subarray(0, count), ys: ys.subarray(0, count) };
  const sorted = Uint32Array.from(pairs.xs, (_, place) => place).sort(
    (a, b) => (xs[a] ?? 0) - (xs[b] ?? 0) || a - b,
  );
  const quarters = [0, 1, 2, 3].flatMap((at): Quarter[] => {
    const part = sorted.slice(
      Math.round((at * sorted.length) / 4),
      Math.round(((at + 1) * sorted.length) / 4),
    );
    const mean = average(part, (place) => ys[place] ?? 0);
    const [shortest, longest] = [part[0], part.at(-1)].map((place) => xs[place ?? -1]);
    return mean === null || shortest === undefined || longest === undefined
      ? []
      : [{ shortest, longest, essays: part.length, mean }];
  });
  return { points: pointsOf(pairs), count, correlation: correlationOf(pairs), quarters };
}

/** Two columns of the same length. */
interface Pairs {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

function scoredPlaces(book: ScoreBook, options: ScoreOptions): Uint32Array {
  const { table } = book;
  return placesMeant(table, options.where ?? {}, amongOf(book, options)).filter(
    (place) => !Number.isNaN(table.scores[place]),
  );
}

interface Means {
  /** By key, in the order in which the keys first come: its place in `means`. */
  readonly groups: ReadonlyMap<number, number>;
  readonly means: Float64Array;
}

function meansBy({ scores }: ScoreTable, places: Uint32Array, keyOf: (place: number) => number): Means {
  const groups = new Map<number, number>();
  const [sums, counts] = [new Float64Array(places.length), new Uint32Array(places.length)];
  for (const place of places) {
    const key = keyOf(place);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = groups.size));
    sums[group] = (sums[group] ?? 0) + (scores[place] ?? 0);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  const means = sums.subarray(0, groups.size).map((sum, group) => sum / (counts[group] ?? 1));
  return { groups, means };
}

function average(
  values: ArrayLike<number>,
  valueOf: (each: number) => number = (each) => each,
): number | null {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += valueOf(values[at] ?? 0);
  return values.length === 0 ? null : sum / values.length;
}

function correlationOf({ xs, ys }: Pairs): number | null {
  const [meanX, meanY] = [average(xs), average(ys)];
  if (meanX === null || meanY === null) return null;
  let [both, first, second] = [0, 0, 0];
  for (let at = 0; at < xs.length; at++) {
    const [x, y] = [(xs[at] ?? 0) - meanX, (ys[at] ?? 0) - meanY];
    both += x * y;
    first += x ** 2;
    second += y ** 2;
  }
  return first === 0 || second === 0 ? null : both / Math.sqrt(first * second);
}

const FIELD = 60;

/** Points that lie in the same field of the plot stand together at the middle of them. */
function pointsOf({ xs, ys }: Pairs): readonly Point[] {
  const [column, line] = [fieldOf(xs), fieldOf(ys)];
  const points = new Map<number, { x: number; y: number; count: number }>();
  for (let at = 0; at < xs.length; at++) {
    const [x, y] = [xs[at] ?? 0, ys[at] ?? 0];
    const key = column(x) * (FIELD + 1) + line(y);
    const point = points.get(key);
    if (point === undefined) {
      points.set(key, { x, y, count: 1 });
      continue;
    }
    point.x += x;
    point.y += y;
    point.count++;
  }
  return Array.from(points.values(), ({ x, y, count }) => ({ x: x / count, y: y / count, count }));
}

/** Which field of the plot a value lies in, along one side. */
function fieldOf(values: Float64Array): (value: number) => number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const width = (greatest - least) / FIELD || 1;
  return (value) => Math.round((value - least) / width);
}
