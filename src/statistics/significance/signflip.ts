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
export function signFlip(sums: ArrayLike<number>): number {
  // A sum of 0 has no sign.
  const sizes = new Float64Array(sums.length);
  for (let at = 0; at < sums.length; at++) sizes[at] = Math.abs(sums[at] ?? 0);
  const sorted = sizes
    .filter((each) => each !== 0)
    .sort()
    .reverse();
  if (sorted.length === 0) return 1;
  let [total, whole] = [0, 0];
  for (let at = 0; at < sums.length; at++) total += sums[at] ?? 0;
  for (const each of sorted) whole += each;
  const limit = Math.abs(total) - ROUNDING * whole;
  const tables = tablesOf(sorted);
  return sorted.length <= MOST_EXACT ? exact(tables, limit, 2 ** sorted.length) : drawn(tables, limit);
}

/** For each eight of the numbers, their total under each of the 256 choices of signs. */
function tablesOf(numbers: Float64Array): Float64Array[] {
  const tables: Float64Array[] = [];
  for (let from = 0; from < numbers.length; from += 8) {
    const eight = numbers.subarray(from, from + 8);
    const table = new Float64Array(2 ** eight.length);
    // Each number doubles what there is: with its own sign, and with the other.
    for (let at = 0, made = 1; at < eight.length; at++, made *= 2) {
      const each = eight[at] ?? 0;
      for (let signs = 0; signs < made; signs++) {
        const other = table[signs] ?? 0;
        table[signs + made] = other - each;
        table[signs] = other + each;
      }
    }
    tables.push(table);
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

function signsOf(eight: number, from: number): Uint8Array {
  for (let next = SIGNS.length; next <= eight; next++) {
    const signs = new Uint8Array(DRAWS);
    for (let draw = 0, word = 0; draw < DRAWS; draw++) {
      word = draw % 4 === 0 ? BITS() : word >>> 8;
      signs[draw] = word & 255;
    }
    SIGNS.push(signs);
  }
  return (SIGNS[eight] ?? new Uint8Array(DRAWS)).subarray(from, from + CHUNK);
}

/** So many draws at a time stay where the processor has them at hand. */
const CHUNK = 2000;
const TOTALS = new Float64Array(CHUNK);

function drawn(tables: readonly Float64Array[], limit: number): number {
  let far = 0;
  for (let from = 0; from < DRAWS; from += CHUNK) {
    TOTALS.fill(0);
    for (let eight = 0; eight < tables.length; eight += 4) addDraws(tables, eight, from);
    for (let draw = 0; draw < CHUNK; draw++) if (Math.abs(TOTALS[draw] ?? 0) >= limit) far++;
  }
  return (1 + far) / (1 + DRAWS);
}

const NO_TABLE = new Float64Array(1);

/** Four tables at once, for what is slow is going through the draws. */
function addDraws(tables: readonly Float64Array[], eight: number, from: number): void {
  const a = tables[eight] ?? NO_TABLE;
  const b = tables[eight + 1] ?? NO_TABLE;
  const c = tables[eight + 2] ?? NO_TABLE;
  const d = tables[eight + 3] ?? NO_TABLE;
  const [signsA, signsB, signsC, signsD] = [0, 1, 2, 3].map((more) => signsOf(eight + more, from)) as Four;
  const [ofA, ofB, ofC, ofD] = [a.length - 1, b.length - 1, c.length - 1, d.length - 1];
  for (let draw = 0; draw < CHUNK; draw++)
    TOTALS[draw] =
      (TOTALS[draw] ?? 0) +
      (a[(signsA[draw] ?? 0) & ofA] ?? 0) +
      (b[(signsB[draw] ?? 0) & ofB] ?? 0) +
      (c[(signsC[draw] ?? 0) & ofC] ?? 0) +
      (d[(signsD[draw] ?? 0) & ofD] ?? 0);
}

type Four = [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
