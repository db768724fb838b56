// Whether somebody who is asked again says the same. Knows nothing of who is asked.
import type { Interval } from '../clustered.ts';
import { fisherQuantile } from '../distributions/fisher.ts';
import { momentsOf, type NumberLists } from './lists.ts';

export interface Intraclass {
  /** 1: the same each time; 0: what is asked about makes no difference; below 0 where chance has it so. */
  readonly value: number;
  /** The 95 % interval; undefined with fewer than five things that were asked about, or where nothing varies within them. */
  readonly interval: Interval | undefined;
  /** Things that were asked about more than once. */
  readonly repeated: number;
}

const LEAST_GROUPS = 5;

/**
 * The intraclass correlation of a single value, ICC(1): the share of the variance that is between the groups of a one-way layout.
 *
 * (MSB - MSW) / (MSB + (n0 - 1) MSW), with n0 the values a group, corrected for inequality: (N - Σ n² / N) / (k - 1). The interval is
 * that of F = MSB / MSW, exact for groups of equal size: with F divided, and multiplied, by quantiles of F, (F' - 1) / (F' + n0 - 1).
 *
 * Sources: P. E. Shrout and J. L. Fleiss, Intraclass correlations, Psychological Bulletin 86 (1979); for unequal groups S. R. Searle,
 * Linear Models (1971), chapter 9.
 *
 * Undefined where nothing was asked twice, or nothing varies at all.
 */
export function intraclass({ values, starts }: NumberLists): Intraclass | undefined {
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
  const value = (outer - inner) / whole;
  if (inner === 0 || known < LEAST_GROUPS) return { value, interval: undefined, repeated };
  const turned = (ratio: number): number => (ratio - 1) / (ratio + size - 1);
  const ratio = outer / inner;
  return {
    value,
    repeated,
    interval: {
      low: turned(ratio / fisherQuantile(0.975, between, within)),
      high: turned(ratio * fisherQuantile(0.975, within, between)),
    },
  };
}
