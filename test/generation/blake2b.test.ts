// BLAKE2b against the published test value, Node's own 64-byte digest, and blocks of every length.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { blake2b } from '../../src/generation/blake2b.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('blake2b', () => {
  it('gives the digest of "abc" that RFC 7693 prints', () => {
    expect(hex(blake2b(Buffer.from('abc'), 64))).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    );
  });

  it('agrees with OpenSSL at every length around the block size', () => {
    for (let length = 0; length <= 400; length += 1) {
      const input = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255);
      expect(hex(blake2b(input, 64))).toBe(createHash('blake2b512').update(input).digest('hex'));
    }
  });

  it('hashes the digest length too: ten bytes are not the first ten of sixty-four', () => {
    const input = Buffer.from('abc');
    expect(hex(blake2b(input, 10))).toBe('3619b2e9832d748d745e');
    expect(hex(blake2b(input, 64)).slice(0, 20)).not.toBe(hex(blake2b(input, 10)));
  });
});
