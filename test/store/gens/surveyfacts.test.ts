// When a generation has nothing that doctor would have to look at more closely.
import { describe, expect, it } from 'vitest';
import { isWhole } from '../../../src/store/gens/surveyfacts.ts';

const TEXT = { bytes: 3, blank: false, changed: undefined, torn: undefined };

describe('a generation is whole', () => {
  const raw = { ...TEXT, digest: '', length: 3, lines: 1 };
  const whole = {
    metadata: { template_id: 'e-one' },
    trace: { provider: 'p', cutOff: false, failure: undefined },
    answer: { cost: undefined, length: 3, truncated: false },
    parsedMetadata: 'present',
    texts: { prompt: TEXT, raw, parsed: TEXT },
    inTheWay: [],
  } as const;

  it('where everything is there as it was written', () => {
    expect(isWhole(whole)).toBe(true);
    expect(isWhole({ ...whole, trace: undefined })).toBe(true);
    expect(isWhole({ ...whole, answer: { ...whole.answer, length: undefined } })).toBe(true);
  });

  it.each<[string, Partial<Parameters<typeof isWhole>[0]>]>([
    ['no metadata', { metadata: undefined }],
    ['damaged metadata', { metadata: 'damaged' }],
    ['no word of its answer', { answer: undefined }],
    ['an answer that is cut off', { answer: { ...whole.answer, truncated: true } }],
    ['an answer that was longer', { answer: { ...whole.answer, length: 4 } }],
    ['a trace that says it is cut off', { trace: { ...whole.trace, cutOff: true } }],
    ['damaged words of what was parsed', { parsedMetadata: 'damaged' }],
    ['no prompt', { texts: { ...whole.texts, prompt: undefined } }],
    ['no reply', { texts: { ...whole.texts, raw: undefined } }],
    ['nothing parsed', { texts: { ...whole.texts, parsed: undefined } }],
    ['a blank prompt', { texts: { ...whole.texts, prompt: { ...TEXT, blank: true } } }],
    ['a blank reply', { texts: { ...whole.texts, raw: { ...raw, blank: true } } }],
    ['a blank text', { texts: { ...whole.texts, parsed: { ...TEXT, blank: true } } }],
    ['a torn prompt', { texts: { ...whole.texts, prompt: { ...TEXT, torn: 'not UTF-8' } } }],
    ['a torn reply', { texts: { ...whole.texts, raw: { ...raw, torn: 'holds NUL bytes' } } }],
    ['a torn text', { texts: { ...whole.texts, parsed: { ...TEXT, torn: 'not UTF-8' } } }],
    ['a folder in the way', { inTheWay: ['raw.txt'] }],
  ])('but not with %s', (_, change) => {
    expect(isWhole({ ...whole, ...change })).toBe(false);
  });
});
