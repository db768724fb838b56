// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { momentsOf, type NumberLists } from './lists.ts';

/** A list of replicates for each judge of each text under a rubric, those of a text together. */
export interface Replicates extends NumberLists {
  /** Where the lists of each text begin; one more than there are texts. */
  readonly items: Int32Array;
}

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
export function spreadOf({ values, starts, items }: Replicates): Spread {
  const within = { squares: 0, degrees: 0 };
  const between = { squares: 0, degrees: 0, size: 0 };
  for (let item = 0; item + 1 < items.length; item++) {
    // Sums over the text's judges, from the mean of the first as the centre.
    let [judges, count, counts2, sum, squares, center] = [0, 0, 0, 0, 0, 0];
    for (let list = items[item] ?? 0; list < (items[item + 1] ?? 0); list++) {
      const own = momentsOf(values, starts[list] ?? 0, starts[list + 1] ?? 0);
      if (own.count === 0) continue;
      if (judges === 0) center = own.mean;
      judges++;
      count += own.count;
      counts2 += own.count ** 2;
      sum += own.count * (own.mean - center);
      squares += own.count * (own.mean - center) ** 2;
      within.squares += own.squares;
      within.degrees += own.count - 1;
    }
    if (judges === 0) continue;
    between.squares += Math.max(0, squares - sum ** 2 / count);
    between.degrees += judges - 1;
    between.size += count - counts2 / count;
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
