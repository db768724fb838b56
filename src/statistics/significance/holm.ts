// P-values of a family of tests, made larger for there being many. Knows no test.

/**
 * Holm's adjusted p-values, in the order given: whoever calls those below 0.05 real is wrong about any of the family in at most 5
 * of 100 families, however the tests depend on each other. A family may have more members (`size`) than p-values; those that are
 * not given count as 1.
 *
 * p̃ of the i-th smallest is the greatest of (m - j + 1) × p of the j-th smallest over j up to i, and at most 1.
 *
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(values: readonly number[], size = values.length): number[] {
  const adjusted = values.map(() => 1);
  let least = 0;
  const ascending = [...values.entries()].sort(([, a], [, b]) => a - b);
  for (const [rank, [at, value]] of ascending.entries()) {
    least = Math.min(1, Math.max(least, (size - rank) * value));
    adjusted[at] = least;
  }
  return adjusted;
}
