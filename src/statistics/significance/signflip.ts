// Whether differences could as well have had the other sign. Knows nothing of what differs.
import { seededBits } from '../seeded.ts';

/** With so many sums or fewer every choice of signs is tried: 2^16 of them. */
const MOST_EXACT = 16;
export const DRAWS = 20_000;
const SEED = 20_251;
/** Sums that differ by less than this part of the whole count as equal: they are, but for rounding. */
const ROUNDING = 1e-10;

/**
 * The two-sided p-value of a sign-flip test: how often a total as far from 0 comes about when the sign of each sum is left to
 * chance. `sums` holds one number for each independent unit, the differences of that unit added up. It supposes that, were there
 * no difference, every sum would be as likely as its opposite, and nothing of their distribution.
 *
 * Exact for up to 16 sums. Beyond that of 20,000 seeded draws, the one that was seen counted in: p = (1 + k) / (1 + 20,000), so
 * that no test is too sure because of the draws. The order of the sums makes no difference.
 *
 * Sources: R. A. Fisher, The Design of Experiments (1935), section 21; for the draws B. Phipson and G. K. Smyth, Permutation
 * p-values should never be zero, Statistical Applications in Genetics and Molecular Biology 9 (2010).
 */
export function signFlip(sums: readonly number[]): number {
  // A sum of 0 has no sign.
  const sorted = sums
    .filter((each) => each !== 0)
    .map(Math.abs)
    .sort((a, b) => b - a);
  if (sorted.length === 0) return 1;
  const total = Math.abs(sums.reduce((all, each) => all + each, 0));
  const whole = sorted.reduce((all, each) => all + each, 0);
  const limit = total - ROUNDING * whole;
  const tables = tablesOf(sorted);
  return sorted.length <= MOST_EXACT ? exact(tables, limit, 2 ** sorted.length) : drawn(tables, limit);
}

/** For each eight of the numbers, their total under each of the 256 choices of signs. */
function tablesOf(numbers: readonly number[]): Float64Array[] {
  const tables: Float64Array[] = [];
  for (let from = 0; from < numbers.length; from += 8) {
    const eight = numbers.slice(from, from + 8);
    tables.push(
      Float64Array.from({ length: 2 ** eight.length }, (_, signs) =>
        eight.reduce((total, each, at) => total + ((signs >> at) & 1 ? -each : each), 0),
      ),
    );
  }
  return tables;
}

function exact(
  [first = new Float64Array(), second = new Float64Array(1)]: Float64Array[],
  limit: number,
  choices: number,
): number {
  let far = 0;
  for (const one of first) for (const other of second) if (Math.abs(one + other) >= limit) far++;
  return far / choices;
}

/** Of each eight numbers the signs in every draw, a bit each; the same for every test, and drawn when they are first wanted. */
const SIGNS: Uint8Array[] = [];
const BITS = seededBits(SEED);

function signsOf(eight: number): Uint8Array {
  for (let next = SIGNS.length; next <= eight; next++) {
    const signs = new Uint8Array(DRAWS);
    for (let draw = 0, word = 0; draw < DRAWS; draw++) {
      word = draw % 4 === 0 ? BITS() : word >>> 8;
      signs[draw] = word & 255;
    }
    SIGNS.push(signs);
  }
  return SIGNS[eight] ?? new Uint8Array(DRAWS);
}

function drawn(tables: readonly Float64Array[], limit: number): number {
  const totals = new Float64Array(DRAWS);
  for (const [eight, table] of tables.entries()) {
    const mask = table.length - 1;
    const signs = signsOf(eight);
    for (let draw = 0; draw < DRAWS; draw++)
      totals[draw] = (totals[draw] ?? 0) + (table[(signs[draw] ?? 0) & mask] ?? 0);
  }
  let far = 0;
  for (let draw = 0; draw < DRAWS; draw++) if (Math.abs(totals[draw] ?? 0) >= limit) far++;
  return (1 + far) / (1 + DRAWS);
}
