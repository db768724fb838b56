// BLAKE2b without a key (RFC 7693), for any digest length. 64-bit words are pairs of 32-bit halves, low half first,
// because BigInt is too slow for a hundred thousand ids. Knows nothing of ids.

const BLOCK = 128;
const ROUNDS = 12;

/** The fractional parts of the square roots of the first eight primes. */
const IV = Int32Array.of(
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
/** As places of low halves in `message`, sixteen a round. */
const SCHEDULE = Uint8Array.from(SIGMA.flat(), (word) => word * 2);

// The working state is reused between calls: hashing never waits and never calls out.
const state = new Int32Array(16);
const work = new Int32Array(32);
const message = new Int32Array(32);
const block = new Uint8Array(BLOCK);
const view = new DataView(block.buffer);

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
  const digest = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) digest[index] = at(state, index >> 2) >>> (8 * (index & 3));
  return digest;
}

function compress(count: number, last: boolean): void {
  for (let word = 0; word < 32; word += 1) message[word] = view.getInt32(word * 4, true);
  work.set(state);
  work.set(IV, 16);
  work[24] = at(work, 24) ^ count;
  work[25] = at(work, 25) ^ Math.floor(count / 0x100000000);
  if (last) {
    work[28] = ~at(work, 28);
    work[29] = ~at(work, 29);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = (round % SIGMA.length) * 16;
    // Columns, then diagonals: four words of the working state each, as places of their low halves.
    mix(0, 8, 16, 24, first);
    mix(2, 10, 18, 26, first + 2);
    mix(4, 12, 20, 28, first + 4);
    mix(6, 14, 22, 30, first + 6);
    mix(0, 10, 20, 30, first + 8);
    mix(2, 12, 22, 24, first + 10);
    mix(4, 14, 16, 26, first + 12);
    mix(6, 8, 18, 28, first + 14);
  }
  for (let word = 0; word < 16; word += 1)
    state[word] = at(state, word) ^ at(work, word) ^ at(work, word + 16);
}

/** The function G of the RFC, on four words of `work` and the two of the message that are next; all in local halves, which is what makes it fast. */
function mix(a: number, b: number, c: number, d: number, next: number): void {
  const x = at(SCHEDULE, next);
  const y = at(SCHEDULE, next + 1);
  let aLow = at(work, a);
  let aHigh = at(work, a + 1);
  let bLow = at(work, b);
  let bHigh = at(work, b + 1);
  let cLow = at(work, c);
  let cHigh = at(work, c + 1);
  let dLow = at(work, d);
  let dHigh = at(work, d + 1);

  aLow = (aLow + bLow) | 0;
  aHigh = (aHigh + bHigh + carry(aLow, bLow)) | 0;
  aLow = (aLow + at(message, x)) | 0;
  aHigh = (aHigh + at(message, x + 1) + carry(aLow, at(message, x))) | 0;
  let low = dLow ^ aLow;
  let high = dHigh ^ aHigh;
  dLow = high;
  dHigh = low;
  cLow = (cLow + dLow) | 0;
  cHigh = (cHigh + dHigh + carry(cLow, dLow)) | 0;
  low = bLow ^ cLow;
  high = bHigh ^ cHigh;
  bLow = (low >>> 24) | (high << 8);
  bHigh = (high >>> 24) | (low << 8);

  aLow = (aLow + bLow) | 0;
  aHigh = (aHigh + bHigh + carry(aLow, bLow)) | 0;
  aLow = (aLow + at(message, y)) | 0;
  aHigh = (aHigh + at(message, y + 1) + carry(aLow, at(message, y))) | 0;
  low = dLow ^ aLow;
  high = dHigh ^ aHigh;
  dLow = (low >>> 16) | (high << 16);
  dHigh = (high >>> 16) | (low << 16);
  cLow = (cLow + dLow) | 0;
  cHigh = (cHigh + dHigh + carry(cLow, dLow)) | 0;
  low = bLow ^ cLow;
  high = bHigh ^ cHigh;
  bLow = (low << 1) | (high >>> 31);
  bHigh = (high << 1) | (low >>> 31);

  work[a] = aLow;
  work[a + 1] = aHigh;
  work[b] = bLow;
  work[b + 1] = bHigh;
  work[c] = cLow;
  work[c + 1] = cHigh;
  work[d] = dLow;
  work[d + 1] = dHigh;
}

/** 1 when a sum of low halves went over 2^32: then it is smaller than either summand. */
function carry(sum: number, summand: number): number {
  return sum >>> 0 < summand >>> 0 ? 1 : 0;
}

function at(words: Int32Array | Uint8Array, place: number): number {
  return words[place] ?? 0;
}
