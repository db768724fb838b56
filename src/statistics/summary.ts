// Numbers about a list of numbers: count, mean, spread, extremes, rounding. Knows nothing of scores.

export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** With n - 1 in the denominator; undefined for a single value. */
  readonly std: number | undefined;
  readonly min: number;
  readonly max: number;
}

/** Undefined for no values. The order of the values makes no difference, not even in the last digit. */
export function summarize(values: readonly number[]): Summary | undefined {
  return summarizeRange(ascending(values), 0, values.length);
}

/** The same of the values from one place up to another, which are in ascending order. */
export function summarizeRange(sorted: ArrayLike<number>, from: number, to: number): Summary | undefined {
  const min = sorted[from];
  const max = sorted[to - 1];
  if (min === undefined || max === undefined || to <= from) return undefined;
  const count = to - from;
  const mean = between(sum(sorted, from, to) / count, min, max);
  return { count, mean, std: count < 2 ? undefined : deviation(sorted, from, to, mean), min, max };
}

/** Their mean alone, right but for the last digit in any order. Undefined for no values. */
export function meanWithin(values: ArrayLike<number>): number | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return values.length === 0 ? undefined : between(sum(values) / values.length, min, max);
}

/** Equal values may give a quotient a hair beside them. */
export function between(mean: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, mean));
}

/** A few numbers are put in order where they stand: most lists are a judge's replicates. */
const FEW = 8;

function ascending(values: readonly number[]): ArrayLike<number> {
  if (values.length > FEW) return new Float64Array(values).sort();
  const sorted = [...values];
  for (let at = 1; at < sorted.length; at++) {
    const value = sorted[at] ?? 0;
    let place = at;
    for (; place > 0 && (sorted[place - 1] ?? 0) > value; place--) sorted[place] = sorted[place - 1] ?? 0;
    sorted[place] = value;
  }
  return sorted;
}

/** With Neumaier's compensation, so that rounded means agree with pandas where a half decides. */
export function sum(values: ArrayLike<number>, from = 0, to = values.length): number {
  let total = 0;
  let lost = 0;
  for (let at = from; at < to; at++) {
    const value = values[at] ?? 0;
    const after = total + value;
    if (Number.isFinite(after))
      lost += Math.abs(total) < Math.abs(value) ? value - after + total : total - after + value;
    total = after;
  }
  return total + lost;
}

/** About a mean that is between the least and the greatest: exactly 0 for equal values. */
function deviation(values: ArrayLike<number>, from: number, to: number, mean: number): number {
  let squares = 0;
  for (let at = from; at < to; at++) {
    const distance = (values[at] ?? 0) - mean;
    squares += distance * distance;
  }
  return Math.sqrt(squares / (to - from - 1));
}

/** To so many decimals, as numpy does: scaled, halves to even, scaled back. */
export function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  if (!Number.isFinite(scaled)) return value;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (up ? floor + 1 : floor) / scale;
}

export function roundOrBlank(value: number | undefined, decimals: number): number | undefined {
  return value === undefined ? undefined : round(value, decimals);
}
