// What a mistyped name is taken for.
import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/text/nearest.ts';

describe('the nearest names', () => {
  it('come nearest first, equals in code point order', () => {
    expect(nearest('novlty', ['style', 'novelty-v2', 'novelty', 'Novelty'])).toEqual(
      ['Novelty', 'novelty', 'novelty-v2'].slice(0, 2),
    );
    expect(nearest('ab', ['ac', 'bb', 'ab'])).toEqual(['ab', 'ac', 'bb']);
  });

  it('count swapped neighbours once and letter case not at all', () => {
    expect(nearest('RESPOSNE', ['response'])).toEqual(['response']);
    expect(nearest('ba', ['ab'])).toEqual(['ab']);
  });

  it('are none when nothing is near, the name is very long, or there is no candidate', () => {
    expect(nearest('gemini', ['sonnet'])).toEqual([]);
    expect(nearest('a'.repeat(101), ['a'.repeat(101)])).toEqual([]);
    expect(nearest('x', [])).toEqual([]);
  });

  it('make a phrase, or nothing', () => {
    expect(didYouMean('concpts', ['concepts', 'links_block'])).toBe(' (did you mean "concepts"?)');
    expect(didYouMean('zzz', ['concepts'])).toBe('');
  });
});
