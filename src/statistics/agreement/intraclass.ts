// Whether somebody who is asked again says the same. Knows nothing of who is asked.
import type { Interval } from '../clustered.ts';
import { bootstrapped, type ClusteredLists, type Coefficient } from './bootstrap.ts';
import { momentsOf } from './lists.ts';

export interface Intraclass {
  /** 1: the same each time; 0: what is asked about makes no difference; below 0 where chance has it so. */
  readonly value: number;
  /** The 95 % interval, for further clusters; undefined with too few of them to say. */
  readonly interval: Interval | undefined;
  /** Things that were asked about more than once. */
  readonly repeated: number;
}

/**
 * The intraclass correlation of a single value, ICC(1): the share of the variance that is between the groups of a one-way layout.
 *
 * (MSB - MSW) / (MSB + (n0 - 1) MSW), with n0 the values a group, corrected for inequality: (N - Σ n² / N) / (k - 1). The interval is that
 * of whole clusters drawn anew. That of F = MSB / MSW would take each group for itself: of twelve texts of a combo, where combos vary
 * four times as much as texts, it has the true share in 6 of 10 experiments.
 *
 * Sources: P. E. Shrout and J. L. Fleiss, Intraclass correlations, Psychological Bulletin 86 (1979); for unequal groups S. R. Searle,
 * Linear Models (1971), chapter 9.
 *
 * Undefined where nothing was asked twice, or nothing varies at all.
 */
export function intraclass(lists: ClusteredLists): Intraclass | undefined {
  const { values, starts } = lists;
  let [known, repeated, count, counts2, total, squares] = [0, 0, 0, 0, 0, 0];
  for (let group = 0; group + 1 < starts.length; group++) {
    const own = momentsOf(values, starts[group] ?? 0, starts[group + 1] ?? 0);
    if (own.count === 0) continue;
    known++;
    if (own.count > 1) repeated++;
    count += own.count;
    counts2 += own.count ** 2;
    total += own.count * own.mean;
    squares += own.squares;
  }
  const [between, within] = [known - 1, count - known];
  if (repeated === 0 || between < 1) return undefined;
  const mean = total / count;
  let apart = 0;
  for (let group = 0; group + 1 < starts.length; group++) {
    const own = momentsOf(values, starts[group] ?? 0, starts[group + 1] ?? 0);
    apart += own.count * (own.mean - mean) ** 2;
  }
  const outer = apart / between;
  const inner = squares / within;
  const size = (count - counts2 / count) / between;
  const whole = outer + (size - 1) * inner;
  if (!(whole > 0)) return undefined;
  return { value: (outer - inner) / whole, interval: bootstrapped(lists, ICC), repeated };
}

/**
 * From k groups, N values, Q = Σ n², S = Σ n m and P = Σ n m² for groups of n values with mean m, and W the sum of squares within:
 * 1 - ICC = M R / (A + (M - k + 1) R), with M = N - Q / N, R = W / (N - k) and A = P - S² / N.
 */
const ICC: Coefficient = {
  least: 1,
  terms: ({ count, mean, squares }) => [1, count, count ** 2, count * mean, count * mean ** 2, squares],
  lack(sums) {
    const { size, within, whole } = layoutOf(sums);
    return Math.log((size * within) / whole);
  },
  slopes(sums) {
    const [groups = 0, count = 0, square = 0, sum = 0, , squares = 0] = sums;
    const { size, within, whole } = layoutOf(sums);
    const free = count - groups;
    const sizeByCount = 1 + square / count ** 2;
    const wholeByWithin = size - groups + 1;
    const wholeByCount = (sum / count) ** 2 + sizeByCount * within - (wholeByWithin * within) / free;
    return [
      1 / free - ((wholeByWithin * within) / free - within) / whole,
      sizeByCount / size - 1 / free - wholeByCount / whole,
      (within / whole - 1 / size) / count,
      (2 * sum) / count / whole,
      -1 / whole,
      1 / squares - wholeByWithin / free / whole,
    ];
  },
};

function layoutOf([groups = 0, count = 0, square = 0, sum = 0, product = 0, squares = 0]: Float64Array): {
  readonly size: number;
  readonly within: number;
  readonly whole: number;
} {
  const size = count - square / count;
  const within = squares / (count - groups);
  return { size, within, whole: product - sum ** 2 / count + (size - groups + 1) * within };
}
