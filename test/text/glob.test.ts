// Names with stars and question marks, held against a naive matcher.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatches } from '../../src/text/glob.ts';

function naive(pattern: readonly string[], name: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return name.length === 0;
  if (head === '*') return naive(rest, name) || (name.length > 0 && naive(pattern, name.slice(1)));
  return name.length > 0 && (head === '?' || head === name[0]) && naive(rest, name.slice(1));
}

describe('a glob', () => {
  it('matches as a naive matcher does', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?', '😀'), { maxLength: 8 });
    const matched = { yes: 0, no: 0 };
    fc.assert(
      fc.property(letters, letters, (pattern, name) => {
        const expected = naive(pattern, name);
        matched[expected ? 'yes' : 'no']++;
        expect(globMatches(pattern.join(''), name.join(''))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(matched.yes, matched.no)).toBeGreaterThan(50);
  });

  it('takes characters of regular expressions as they are', () => {
    expect(globMatches('gpt-4.1*', 'gpt-4.1-mini')).toBe(true);
    expect(globMatches('gpt-4.1*', 'gpt-4x1-mini')).toBe(false);
    expect(globMatches('(a|b)+$', 'a')).toBe(false);
  });

  it('does not take forever over many stars', () => {
    expect(globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  });
});
