// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { sum, summarize } from '../summary.ts';

/** Scores of one text under one rubric: a list of replicates for each judge. */
export type Item = readonly (readonly number[])[];

export interface Spread {
  /** The standard deviation of one judge's replicates of one text; undefined without replicates. */
  readonly within: number | undefined;
  /**
   * The standard deviation of judges about each other on one text, beyond what their replicates explain; without replicates it
   * holds both. Undefined where no text has two judges.
   */
  readonly between: number | undefined;
}

/**
 * Components of variance of a one-way random-effects model, judges being the levels, pooled over texts.
 *
 * within² = MSW, the sum of squares about each judge's mean by its degrees of freedom; between² = max(0, (MSB - MSW) / n0), with
 * MSB the sum of squares of judges' means about the text's mean, weighted by their replicates, by its degrees of freedom, and
 * n0 the number of replicates a judge, corrected for inequality: Σ over texts of (N - Σ n² / N) by the same degrees.
 *
 * Source: D. C. Montgomery, Design and Analysis of Experiments, section on the random-effects model; the names within and
 * between follow ISO 5725-2, where they are repeatability and the between-laboratory part of reproducibility.
 */
export function spreadOf(items: readonly Item[]): Spread {
  const within = { squares: 0, degrees: 0 };
  const between = { squares: 0, degrees: 0, size: 0 };
  for (const item of items) {
    const judges = item.flatMap((scores) => summarize(scores) ?? []);
    const count = sum(judges.map((judge) => judge.count));
    if (count === 0) continue;
    const mean = sum(judges.map((judge) => judge.count * judge.mean)) / count;
    within.squares += sum(judges.map((judge) => (judge.count - 1) * (judge.std ?? 0) ** 2));
    within.degrees += count - judges.length;
    between.squares += sum(judges.map((judge) => judge.count * (judge.mean - mean) ** 2));
    between.degrees += judges.length - 1;
    between.size += count - sum(judges.map((judge) => judge.count ** 2)) / count;
  }
  const noise = within.degrees === 0 ? undefined : within.squares / within.degrees;
  return {
    within: noise === undefined ? undefined : Math.sqrt(noise),
    between: rootBetween(between, noise ?? 0),
  };
}

function rootBetween(
  { squares, degrees, size }: { readonly squares: number; readonly degrees: number; readonly size: number },
  noise: number,
): number | undefined {
  if (degrees === 0) return undefined;
  return Math.sqrt(Math.max(0, (squares / degrees - noise) / (size / degrees)));
}
