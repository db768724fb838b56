// Random numbers that come out the same for the same seed, for draws whose answer must not change from one look to the next.

/**
 * Draws whole numbers of 32 bits, all equally likely.
 *
 * Source: D. Blackman and S. Vigna, Scrambled linear pseudorandom number generators, ACM Transactions on Mathematical Software 47
 * (2021): xoshiro128**; its state by the mixing of G. L. Steele, D. Lea and C. H. Flood, Fast splittable pseudorandom number
 * generators (2014), with the 32-bit constants of MurmurHash3.
 */
export function seededBits(seed: number): () => number {
  let mixed = seed >>> 0;
  const word = (): number => {
    mixed = (mixed + 0x9e_37_79_b9) | 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85_eb_ca_6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2_b2_ae_35);
    return z ^ (z >>> 16);
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  return () => {
    const drawn = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return drawn;
  };
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
