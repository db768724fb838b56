// Facts of generations that were handed over: they say what they said before.
import { describe, expect, it } from 'vitest';
import {
  isWhole,
  packFacts,
  unpackFacts,
  type StoredGeneration,
} from '../../../src/store/gens/surveyfacts.ts';

const TEXT = { bytes: 3, blank: false, changed: undefined, torn: undefined };

/** A generation of which nothing is there, but for what is given. */
function generation(given: Partial<StoredGeneration> = {}): StoredGeneration {
  return {
    stage: 'essay',
    genId: 'e_1',
    metadata: undefined,
    agrees: false,
    whole: false,
    trace: undefined,
    answer: undefined,
    parsedMetadata: undefined,
    texts: { prompt: undefined, raw: undefined, parsed: undefined },
    score: undefined,
    parentId: undefined,
    holdsParent: undefined,
    bytes: 0,
    leftovers: [],
    unreadable: [],
    inTheWay: [],
    ...given,
  };
}

/** All that it says, as one object. */
function said(each: StoredGeneration | undefined): StoredGeneration | undefined {
  if (each === undefined) return undefined;
  const keys = Object.keys(generation()) as (keyof StoredGeneration)[];
  return Object.fromEntries(keys.map((key) => [key, each[key]])) as unknown as StoredGeneration;
}

function handedOver(generations: readonly StoredGeneration[]): readonly (StoredGeneration | undefined)[] {
  const names = generations.map(({ stage, genId }) => ({ stage, genId }));
  return unpackFacts(names, structuredClone(packFacts(generations))).map(said);
}

const METADATA = {
  template_id: 'e-one',
  llm_model_id: 'm',
  mode: 'llm',
  parser_name: undefined,
  origin_cohort_id: 'c',
  parent_gen_id: 'd_1',
  combo_id: undefined,
  replicate: 2,
};

describe('facts that were handed over', () => {
  it('are what they were, of generations that have much in common and of those that have nothing', () => {
    const whole = generation({
      metadata: METADATA,
      agrees: true,
      whole: true,
      trace: { provider: 'p', cutOff: true, failure: 'too_short' },
      answer: { cost: 0.25, length: 3, truncated: false },
      parsedMetadata: 'present',
      texts: {
        prompt: { ...TEXT, changed: false },
        raw: { ...TEXT, digest: '0123456789abcdef', length: 2, lines: 1, changed: true, torn: 'not UTF-8' },
        parsed: { ...TEXT, blank: true },
      },
      score: 7.5,
      parentId: 'd_1',
      holdsParent: false,
      bytes: 99,
    });
    const all = [
      whole,
      {
        ...whole,
        genId: 'e_2',
        metadata: { ...METADATA, parent_gen_id: 'd_2', replicate: 1 },
        parentId: 'd_2',
      },
      { ...whole, genId: 'e_3', score: 0, answer: { cost: undefined, length: undefined, truncated: true } },
      generation({ genId: 'e_4' }),
      generation({
        genId: 'e_5',
        metadata: 'damaged',
        answer: 'damaged',
        parsedMetadata: 'damaged',
        trace: 'newer',
      }),
      generation({ genId: 'e_6', leftovers: ['.a.tmp'], unreadable: ['gens/x'], inTheWay: ['raw.txt'] }),
    ];
    expect(handedOver(all)).toEqual(all);
  });

  it('of metadata are few where they are who they say, else all without the trace', () => {
    const metadata = { ...METADATA, more: 1, trace: { version: 1 } };
    const [own, other] = handedOver([
      generation({ metadata, agrees: true, parentId: 'd_1' }),
      generation({ metadata, parentId: 'd_1' }),
    ]);
    expect(own?.metadata).toEqual(METADATA);
    expect(other?.metadata).toEqual({ ...METADATA, more: 1 });
  });

  it('name no parent of a draft, nor one that is no word', () => {
    const metadata = { ...METADATA, parent_gen_id: 7 };
    const drafts = [generation({ stage: 'draft', metadata: METADATA, agrees: true })];
    const numbers = [generation({ metadata, agrees: true })];
    expect([...handedOver(drafts), ...handedOver(numbers)].map((each) => each?.parentId)).toEqual([
      undefined,
      undefined,
    ]);
    expect(handedOver(numbers)[0]?.metadata).toEqual(metadata);
  });
});

describe('a generation is whole', () => {
  const raw = { ...TEXT, digest: '', length: 3, lines: 1 };
  const whole = {
    metadata: METADATA,
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
