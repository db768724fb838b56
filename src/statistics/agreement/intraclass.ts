// Whether somebody who is asked again says the same. Knows nothing of who is asked.
import type { Interval } from '../clustered.ts';
import { fisherQuantile } from '../distributions/fisher.ts';
import { sum, summarize } from '../summary.ts';

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
export function intraclass(groups: readonly (readonly number[])[]): Intraclass | undefined {
  const known = groups.flatMap((values) => summarize(values) ?? []);
  const repeated = known.filter(({ count }) => count > 1).length;
  const count = sum(known.map((each) => each.count));
  const [between, within] = [known.length - 1, count - known.length];
  if (repeated === 0 || between < 1) return undefined;
  const mean = sum(known.map((each) => each.count * each.mean)) / count;
  const outer = sum(known.map((each) => each.count * (each.mean - mean) ** 2)) / between;
  const inner = sum(known.map((each) => (each.count - 1) * (each.std ?? 0) ** 2)) / within;
  const size = (count - sum(known.map((each) => each.count ** 2)) / count) / between;
  const whole = outer + (size - 1) * inner;
  if (!(whole > 0)) return undefined;
  const value = (outer - inner) / whole;
  if (inner === 0 || known.length < LEAST_GROUPS) return { value, interval: undefined, repeated };
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
