// BLAKE2b without a key (RFC 7693), for any digest length. 64-bit words are pairs of 32-bit halves, low half first,
// because BigInt is too slow for a hundred thousand ids. Knows nothing of ids.

const BLOCK = 128;
const ROUNDS = 12;

/** The fractional parts of the square roots of the first eight primes. */
const IV = Uint32Array.of(
  0xf3bcc908,
  0x6a09e667,
  0x84caa73b,
  0xbb67ae85,
  0xfe94f82b,
  0x3c6ef372,
  0x5f1d36f1,
  0xa54ff53a,
  0xade682d1,
  0x510e527f,
  0x2b3e6c1f,
  0x9b05688c,
  0xfb41bd6b,
  0x1f83d9ab,
  0x137e2179,
  0x5be0cd19,
);

/** Which message word each of a round's sixteen places takes; rounds ten and eleven repeat the first two. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;
const SCHEDULE = Uint8Array.from(
  Array.from({ length: ROUNDS }, (_, round) => SIGMA[round % SIGMA.length] ?? []).flat(),
  (word) => word * 2,
);

// The working state is reused between calls: hashing never waits and never calls out.
const state = new Uint32Array(16);
const work = new Uint32Array(32);
const message = new Uint32Array(32);
const block = new Uint8Array(BLOCK);

/** `length` bytes, 1 to 64. The length is a parameter of the hash: a cut longer digest is something else. */
export function blake2b(input: Uint8Array, length: number): Uint8Array {
  state.set(IV);
  state[0] = at(IV, 0) ^ 0x01010000 ^ length;
  let offset = 0;
  while (input.length - offset > BLOCK) {
    block.set(input.subarray(offset, offset + BLOCK));
    offset += BLOCK;
    compress(offset, false);
  }
  block.fill(0);
  block.set(input.subarray(offset));
  compress(input.length, true);
  return Uint8Array.from({ length }, (_, index) => at(state, index >> 2) >>> (8 * (index & 3)));
}

function compress(count: number, last: boolean): void {
  for (let word = 0; word < 32; word += 1) {
    const from = word * 4;
    message[word] =
      at(block, from) |
      (at(block, from + 1) << 8) |
      (at(block, from + 2) << 16) |
      (at(block, from + 3) << 24);
  }
  work.set(state);
  work.set(IV, 16);
  work[24] = at(work, 24) ^ count;
  work[25] = at(work, 25) ^ Math.floor(count / 0x100000000);
  if (last) {
    work[28] = ~at(work, 28);
    work[29] = ~at(work, 29);
  }
  for (let step = 0; step < ROUNDS * 16; step += 16) round(step);
  for (let word = 0; word < 16; word += 1)
    state[word] = at(state, word) ^ at(work, word) ^ at(work, word + 16);
}

function round(step: number): void {
  mix(0, 8, 16, 24, step);
  mix(2, 10, 18, 26, step + 2);
  mix(4, 12, 20, 28, step + 4);
  mix(6, 14, 22, 30, step + 6);
  mix(0, 10, 20, 30, step + 8);
  mix(2, 12, 22, 24, step + 10);
  mix(4, 14, 16, 26, step + 12);
  mix(6, 8, 18, 28, step + 14);
}

/** The function G of the RFC; a, b, c and d are the places of low halves in `work`. */
function mix(a: number, b: number, c: number, d: number, step: number): void {
  add(a, b, at(SCHEDULE, step));
  turn(d, a, 32);
  add(c, d, -1);
  turn(b, c, 24);
  add(a, b, at(SCHEDULE, step + 1));
  turn(d, a, 16);
  add(c, d, -1);
  turn(b, c, 63);
}

/** work[a] += work[b] + message[word], modulo 2^64; no message word when it is -1. */
function add(a: number, b: number, word: number): void {
  const low = at(work, a) + at(work, b) + (word < 0 ? 0 : at(message, word));
  const high = at(work, a + 1) + at(work, b + 1) + (word < 0 ? 0 : at(message, word + 1));
  work[a] = low;
  work[a + 1] = high + Math.floor(low / 0x100000000);
}

/** work[a] = (work[a] ^ work[b]) rotated right by 16, 24, 32 or 63 bits. */
function turn(a: number, b: number, bits: 16 | 24 | 32 | 63): void {
  const low = at(work, a) ^ at(work, b);
  const high = at(work, a + 1) ^ at(work, b + 1);
  if (bits === 32) {
    work[a] = high;
    work[a + 1] = low;
  } else if (bits === 63) {
    work[a] = (low << 1) | (high >>> 31);
    work[a + 1] = (high << 1) | (low >>> 31);
  } else {
    work[a] = (low >>> bits) | (high << (32 - bits));
    work[a + 1] = (high >>> bits) | (low << (32 - bits));
  }
}

function at(words: Uint8Array | Uint32Array, place: number): number {
  return words[place] ?? 0;
}
