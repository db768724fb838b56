// Python's `random.Random(seed).shuffle`: the same order for the same seed. Knows nothing of what is shuffled.

const SIZE = 624;
const MIDDLE = 397;

/** A whole number of any size, with a sign; undefined for anything else. */
export function parseSeed(seed: string | number | bigint): bigint | undefined {
  if (typeof seed === 'bigint') return seed;
  const text = typeof seed === 'number' ? (Number.isSafeInteger(seed) ? String(seed) : '') : seed.trim();
  return /^[-+]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
}

/** Shuffles in place. The sign of the seed does not matter. */
export function shuffle(items: unknown[], seed: bigint): void {
  const draw = mersenneTwister(wordsOf(seed < 0n ? -seed : seed));
  for (let i = items.length - 1; i > 0; i -= 1) {
    const bits = 32 - Math.clz32(i + 1);
    let j = draw() >>> (32 - bits);
    while (j > i) j = draw() >>> (32 - bits);
    [items[i], items[j]] = [items[j], items[i]];
  }
}

/** The seed in 32-bit words, the lowest first. */
function wordsOf(seed: bigint): readonly number[] {
  const words: number[] = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length > 0 ? words : [0];
}

function mersenneTwister(key: readonly number[]): () => number {
  const state = seededState(key);
  let next = SIZE;
  return () => {
    if (next === SIZE) {
      regenerate(state);
      next = 0;
    }
    let word = state[next] ?? 0;
    next += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };
}

function seededState(key: readonly number[]): Uint32Array {
  const state = new Uint32Array(SIZE);
  const at = (index: number): number => state[index] ?? 0;
  state[0] = 19650218;
  for (let i = 1; i < SIZE; i += 1) state[i] = Math.imul(mixed(at(i - 1)), 1812433253) + i;
  let i = 1;
  const advance = (): void => {
    i += 1;
    if (i < SIZE) return;
    state[0] = at(SIZE - 1);
    i = 1;
  };
  for (let step = 0, j = 0; step < Math.max(SIZE, key.length); step += 1, j = (j + 1) % key.length) {
    state[i] = (at(i) ^ Math.imul(mixed(at(i - 1)), 1664525)) + (key[j] ?? 0) + j;
    advance();
  }
  for (let step = 1; step < SIZE; step += 1) {
    state[i] = (at(i) ^ Math.imul(mixed(at(i - 1)), 1566083941)) - i;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

function mixed(word: number): number {
  return word ^ (word >>> 30);
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i += 1) {
    const word = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % SIZE] ?? 0) & 0x7fffffff);
    state[i] = (state[(i + MIDDLE) % SIZE] ?? 0) ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0);
  }
}
