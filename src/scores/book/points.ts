// Scores as points of a plot: what two judges give to the same texts, and scores by the length of the text. Many points stand together
// as one with their count, so that a plot of any number is drawn at once.
import { groupedBy, placesWhere, type ScoreTable } from './scoretable.ts';
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
  const places = scoredPlaces(book, options);
  const byJudge = groupedBy(places, (place) => table.codes.judge[place] ?? 0);
  const named = new Map([...byJudge].map(([code, mine]) => [table.names.judge[code] ?? '', mine]));
  const judges = [...named.keys()].sort();
  const { a = judges[0] ?? '', b = judges.find((each) => each !== a) ?? '' } = options;
  const rubrics = table.names.rubric.length;
  const { essays, codes } = table;
  const of = (judge: string): ReadonlyMap<number, number> => {
    const groups = groupedBy(
      named.get(judge) ?? [],
      (place) => (essays[place] ?? 0) * rubrics + (codes.rubric[place] ?? 0),
    );
    return new Map([...groups].map(([key, group]) => [key, meanOf(table, group)]));
  };
  const [first, second] = [of(a), of(b)];
  const pairs = [...first].flatMap(([key, x]): Pair[] => {
    const y = second.get(key);
    return y === undefined ? [] : [[x, y]];
  });
  return {
    judges,
    a,
    b,
    points: pointsOf(pairs),
    count: pairs.length,
    meanA: average(pairs.map(([x]) => x)),
    meanB: average(pairs.map(([, y]) => y)),
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
  const groups = groupedBy(scoredPlaces(book, options), (place) => table.essays[place] ?? 0);
  const pairs = [...groups].flatMap(([essay, group]): Pair[] => {
    const length = lengthOf(essay);
    return length === undefined ? [] : [[length, meanOf(table, group)]];
  });
  const sorted = pairs.toSorted(([x], [y]) => x - y);
  const quarters = [0, 1, 2, 3].flatMap((at): Quarter[] => {
    const part = sorted.slice(
      Math.round((at * sorted.length) / 4),
      Math.round(((at + 1) * sorted.length) / 4),
    );
    const mean = average(part.map(([, y]) => y));
    const [shortest, longest] = [part[0]?.[0], part.at(-1)?.[0]];
    return mean === null || shortest === undefined || longest === undefined
      ? []
      : [{ shortest, longest, essays: part.length, mean }];
  });
  return { points: pointsOf(pairs), count: pairs.length, correlation: correlationOf(pairs), quarters };
}

type Pair = readonly [x: number, y: number];

function scoredPlaces(book: ScoreBook, options: ScoreOptions): readonly number[] {
  const { table } = book;
  return placesWhere(table, options.where ?? {}, amongOf(book, options)).filter(
    (place) => !Number.isNaN(table.scores[place]),
  );
}

function meanOf({ scores }: ScoreTable, places: readonly number[]): number {
  let sum = 0;
  for (const place of places) sum += scores[place] ?? 0;
  return places.length === 0 ? 0 : sum / places.length;
}

function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function correlationOf(pairs: readonly Pair[]): number | null {
  const [meanX, meanY] = [average(pairs.map(([x]) => x)), average(pairs.map(([, y]) => y))];
  if (meanX === null || meanY === null) return null;
  let [both, first, second] = [0, 0, 0];
  for (const [x, y] of pairs) {
    both += (x - meanX) * (y - meanY);
    first += (x - meanX) ** 2;
    second += (y - meanY) ** 2;
  }
  return first === 0 || second === 0 ? null : both / Math.sqrt(first * second);
}

const FIELD = 60;

/** Points that lie in the same field of the plot stand together at the middle of them. */
function pointsOf(pairs: readonly Pair[]): readonly Point[] {
  const [column, line] = [fieldOf(pairs.map(([x]) => x)), fieldOf(pairs.map(([, y]) => y))];
  return [...groupedBy(pairs, ([x, y]) => column(x) * (FIELD + 1) + line(y)).values()].map((group) => ({
    x: average(group.map(([x]) => x)) ?? 0,
    y: average(group.map(([, y]) => y)) ?? 0,
    count: group.length,
  }));
}

/** Which field of the plot a value lies in, along one side. */
function fieldOf(values: readonly number[]): (value: number) => number {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
  const width = (greatest - least) / FIELD || 1;
  return (value) => Math.round((value - least) / width);
}
