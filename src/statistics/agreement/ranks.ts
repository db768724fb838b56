// Whether two lists of numbers rise together, and whether they agree. Knows nothing of who gave them.

/** What two raters gave to one thing. */
export type Both = readonly [one: number, other: number];

/**
 * Spearman's rank correlation: Pearson's correlation of the mean ranks, so that ties are fair. Undefined where a side does not vary.
 *
 * Source: C. Spearman, The proof and measurement of association between two things, American Journal of Psychology 15 (1904).
 */
export function spearman(pairs: readonly Both[]): number | undefined {
  const [ones, others] = [0, 1].map((side) => midranks(pairs.map((pair) => pair[side] ?? 0)));
  return ones === undefined || others === undefined ? undefined : correlation(ones, others);
}

function correlation(ones: readonly number[], others: readonly number[]): number | undefined {
  const [a, b] = [meanOf(ones), meanOf(others)];
  let [both, one, other] = [0, 0, 0];
  for (const [at, value] of ones.entries()) {
    const [x, y] = [value - a, (others[at] ?? 0) - b];
    both += x * y;
    one += x * x;
    other += y * y;
  }
  if (one === 0 || other === 0) return undefined;
  return Math.max(-1, Math.min(1, both / Math.sqrt(one * other)));
}

/** The place of each value in ascending order, from 1; equal values share the mean of theirs. */
function midranks(values: readonly number[]): number[] {
  const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const ranks = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (order[to]?.value === order[from]?.value && to < order.length) to++;
    for (const { at } of order.slice(from, to)) ranks[at] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

/**
 * Cohen's kappa with quadratic weights, of numbers on one scale: 1 less the mean squared difference over that of all combinations. 1 for
 * agreement to the point, 0 for what chance would give; a side that is always a point milder agrees less, though it ranks alike. Undefined
 * where nothing varies at all.
 *
 * Source: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968); that squared distances need no categories, J. L. Fleiss and J. Cohen,
 * The equivalence of weighted kappa and the intraclass correlation coefficient, Educational and Psychological Measurement 33 (1973).
 */
export function weightedKappa(pairs: readonly Both[]): number | undefined {
  const ones = pairs.map(([one]) => one);
  const others = pairs.map(([, other]) => other);
  const [a, b] = [meanOf(ones), meanOf(others)];
  // The mean of (x - y)² over all combinations: both variances and the square of the difference of the means.
  const expected = squaresAbout(ones, a) + squaresAbout(others, b) + (a - b) ** 2;
  if (!(expected > 0)) return undefined;
  return 1 - meanOf(pairs.map(([one, other]) => (one - other) ** 2)) / expected;
}

function squaresAbout(values: readonly number[], center: number): number {
  return meanOf(values.map((value) => (value - center) ** 2));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0) / values.length;
}
