// The words of verdicts.
import { describe, expect, it } from 'vitest';
import { SETTLED, STATES, WHY, whyWords } from '../../src/plan/verdict.ts';

describe('states', () => {
  it('of which nothing is to be done are those that stand as they are', () => {
    expect(STATES.filter((state) => SETTLED.has(state))).toEqual(['current', 'edited', 'accepted']);
  });
});

describe('words for counts', () => {
  it('are one for all that was never built, and none for what is there no more where it is tried again', () => {
    expect(whyWords(WHY.never_render | WHY.never_parse | WHY.max_tokens)).toEqual([
      'never built',
      'max tokens',
    ]);
    expect(whyWords(WHY.never_generate | WHY.missing_raw | WHY.retry)).toEqual(['retry']);
    expect(whyWords(0)).toEqual([]);
  });
});
