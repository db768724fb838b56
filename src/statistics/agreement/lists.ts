// Short lists of numbers, one behind the other in one array. Knows nothing of what they are.

export interface NumberLists {
  readonly values: Float64Array;
  /** Where each list begins; one more than there are lists. */
  readonly starts: Int32Array;
}

/** How many of one list there are, their mean, and the sum of squares about it: exactly 0 for equal values. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** By B. P. Welford's way, Note on a method for calculating corrected sums of squares and products, Technometrics 4 (1962). */
export function momentsOf(values: Float64Array, from: number, to: number): Moments {
  let mean = 0;
  let squares = 0;
  for (let at = from; at < to; at++) {
    const value = values[at] ?? 0;
    const distance = value - mean;
    mean += distance / (at - from + 1);
    squares += distance * (value - mean);
  }
  return { count: to - from, mean, squares };
}
