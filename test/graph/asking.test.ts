// Golden addresses: what decides the text of an answer is part of where the archive keeps it, only where it is set; what decides its price
// or its way never is. The first addresses are those of every version before: an answer that was paid for must be found again.
import { describe, expect, it } from 'vitest';
import { askingOf, type AskSettings, mostTokens, samplingFor, shortened } from '../../src/graph/asking.ts';
import { generateParts } from '../../src/graph/bind.ts';
import type { Ask } from '../../src/graph/graph.ts';
import { joined } from '../../src/generation/systemprompt.ts';
import { addressOf } from '../../src/store/responses.ts';

const STAGE: AskSettings = { temperature: 0.7, maxTokens: 20_480, sampling: {} };

function addressWith(
  places: readonly AskSettings[],
  { replicate = 1, system, ...more }: Partial<Ask> & { replicate?: number; system?: string } = {},
): string {
  const asking = askingOf([STAGE, ...places], {
    maxTokens: 1,
    temperature: true,
    reasoning: 'reasoning_effort',
  });
  const ask: Ask = {
    modelId: 'w1',
    provider: 'openrouter',
    server: 'https://openrouter.ai/api/v1',
    model: 'lab/w1',
    pool: 'llm_api_paid',
    ...asking,
    ...more,
  };
  const prompt = joined({ prompt: 'Use: x\n', ...(system === undefined ? {} : { system }) });
  return addressOf({ ...generateParts(ask, replicate), prompt });
}

const PLAIN = '477bdf0f01f1509ee1c4b3b87a4134181f0a79fea646791595e3115b5e3b99b4';

describe('an address', () => {
  it.each<[string, readonly AskSettings[], Parameters<typeof addressWith>[1], string]>([
    ['as ever', [], {}, PLAIN],
    [
      'of another replicate',
      [],
      { replicate: 2 },
      '5231dd5bc6aac40c6539f29797d1c54bdf7f89707d0a5b95316b771b27506f10',
    ],
    [
      'with sampling of the stage',
      [{ sampling: { top_p: 0.5 } }],
      {},
      '52f2404f861edcc6e1e89f142f5f9c1ee2626a5bc19914cebcc7ce5ab5bafc30',
    ],
    [
      'without a temperature',
      [{ temperature: null }],
      {},
      '4be201114af83cfb4549f33d6cfe6d5a13d90a6a6537ff07dbbce7b15717a19c',
    ],
    [
      'with reasoning',
      [{ reasoning: 'high' }],
      {},
      '0037b7057e217548cbea9b68ad82d111db451cc70bd5358ae79bff59fc2e130b',
    ],
    ['with one seed', [{ seed: 7 }], {}, 'bfdae7b5682770ec93d2636d014b0c1cc88fbbee3011b49a4e956cf721f9523f'],
    [
      "with each replicate's seed",
      [{ seed: 'replicate' }],
      { replicate: 2 },
      '27d9a896b97316e519fbcf9409335d340974fe16176afaae41f48026e52db9c4',
    ],
    [
      'with a system prompt',
      [],
      { system: 'Be brief.' },
      '1ee6bf055ab2928b8e384043b1a05ad2925509a260ea69495b786584a0c0905c',
    ],
  ])('%s', (_what, places, more, address) => {
    expect(addressWith(places, more)).toBe(address);
  });

  it.each<[string, readonly AskSettings[], Parameters<typeof addressWith>[1]]>([
    ['transport', [{ transport: { service_tier: 'flex', provider: { order: ['a'] } } }], {}],
    ['the parameter that limits tokens', [], { tokensField: 'max_completion_tokens' }],
    ['pool and price', [], { pool: 'other', inputPrice: 1, outputPrice: 2 }],
    ['the label of the server', [], { provider: 'lab' }],
  ])('is the same whatever %s', (_what, places, more) => {
    expect(addressWith(places, more)).toBe(PLAIN);
  });

  it('tells what is set apart from all else', () => {
    const all: readonly AskSettings[] = [
      {},
      { temperature: null },
      { reasoning: 'high' },
      { seed: 7 },
      { seed: 'replicate' },
      { maxTokens: 5 },
    ];
    expect(new Set(all.map((each) => addressWith([each]))).size).toBe(all.length);
  });
});

describe('reasoning', () => {
  const asked = (reasoning: string | number, form: 'reasoning' | 'reasoning_effort' | 'thinking') =>
    askingOf([{ reasoning }], { maxTokens: 1, temperature: true, reasoning: form });

  it.each([
    ['high', 'reasoning', { reasoning: { effort: 'high' } }],
    [500, 'reasoning', { reasoning: { max_tokens: 500 } }],
    ['high', 'reasoning_effort', { reasoning_effort: 'high' }],
    [500, 'thinking', { thinking: { type: 'enabled', budget_tokens: 500 } }],
  ] as const)('%j is said in the words of %s', (reasoning, form, sampling) => {
    expect(asked(reasoning, form)).toEqual({ maxTokens: 1, sampling });
  });

  it.each([
    [500, 'reasoning_effort'],
    ['high', 'thinking'],
  ] as const)('%j can not be said in the words of %s', (reasoning, form) => {
    expect(asked(reasoning, form)).toEqual({ maxTokens: 1, sampling: {}, unsayable: reasoning });
  });
});

describe('a seed', () => {
  it('is one for all, or each replicate’s own', () => {
    const quirks = { maxTokens: 1, temperature: true, reasoning: 'reasoning' as const };
    expect(askingOf([{ seed: 7 }], quirks)).toEqual({ maxTokens: 1, sampling: { seed: 7 } });
    expect(askingOf([{ seed: 'replicate' }], quirks)).toEqual({
      maxTokens: 1,
      sampling: {},
      seedByReplicate: true,
    });
  });

  it('is sent by the name that the provider has for it', () => {
    const quirks = {
      maxTokens: 1,
      temperature: true,
      reasoning: 'reasoning' as const,
      seedField: 'random_seed' as const,
    };
    expect(askingOf([{ seed: 7 }], quirks).sampling).toEqual({ random_seed: 7 });
    const ofReplicate = askingOf([{ seed: 7 }, { seed: 'replicate' }], quirks);
    expect([ofReplicate.sampling, samplingFor(ofReplicate, 3)]).toEqual([{}, { random_seed: 3 }]);
    expect(askingOf([{ seed: 7 }, { sampling: { random_seed: null } }], quirks).sampling).toEqual({});
  });
});

describe('the tokens of a reply', () => {
  it.each([
    [{}, 9, {}],
    [{ max_completion_tokens: 4 }, 4, { max_completion_tokens: 4 }],
    [{ max_completion_tokens: 400 }, 400, { max_completion_tokens: 50 }],
    [{ max_completion_tokens: null }, 9, { max_completion_tokens: 50 }],
    [{ max_completion_tokens: '400' }, 9, { max_completion_tokens: 50 }],
  ])('with %j under sampling are %i', (sampling, most, short) => {
    expect(mostTokens({ maxTokens: 9, sampling })).toBe(most);
    expect(shortened(sampling, 50)).toEqual(short);
  });
});

describe('of no place', () => {
  it('nothing is asked but the tokens that are usual', () => {
    const quirks = { maxTokens: 1, temperature: true, reasoning: 'reasoning' as const };
    expect(askingOf([], quirks)).toEqual({ maxTokens: 1, sampling: {} });
    expect(askingOf([{ transport: { a: 1 } }, { transport: { a: null, b: 2 } }], quirks)).toEqual({
      maxTokens: 1,
      sampling: {},
      transport: { b: 2 },
    });
    expect(askingOf([{ transport: { a: 1 } }, { transport: { a: null } }], quirks)).not.toHaveProperty(
      'transport',
    );
  });
});

describe('of two places', () => {
  it('the narrower wins, in whichever of two ways each says it', () => {
    const quirks = { maxTokens: 1, temperature: true, reasoning: 'reasoning_effort' as const };
    const sampling = (...places: readonly AskSettings[]): unknown => askingOf(places, quirks).sampling;
    expect(sampling({ seed: 1 }, { sampling: { seed: 2 } })).toEqual({ seed: 2 });
    expect(sampling({ sampling: { seed: 1 } }, { seed: 2 })).toEqual({ seed: 2 });
    expect(sampling({ seed: 1 }, { sampling: { seed: null } })).toEqual({});
    expect(sampling({ sampling: { seed: 1 } }, { seed: null })).toEqual({});
    expect(sampling({ sampling: { seed: 1 } }, { seed: null }, { sampling: { seed: 3 } })).toEqual({
      seed: 3,
    });
    expect(sampling({ sampling: { seed: null } }, {})).toEqual({ seed: null });
    const ofReplicate = askingOf([{ seed: 'replicate' }, { sampling: { seed: 2 } }], quirks);
    expect(ofReplicate).toEqual({ maxTokens: 1, sampling: { seed: 2 } });
    expect(sampling({ reasoning: 'high' }, { sampling: { thinking: { budget_tokens: 5 } } })).toEqual({
      thinking: { budget_tokens: 5 },
    });
    expect(sampling({ sampling: { thinking: {}, reasoning: {}, top_k: 1 } }, { reasoning: 'low' })).toEqual({
      top_k: 1,
      reasoning_effort: 'low',
    });
    expect(sampling({ sampling: { reasoning_effort: 'low' } }, { reasoning: null })).toEqual({});
    const limit = (...places: readonly AskSettings[]): unknown => {
      const { sampling: under, maxTokens } = askingOf(places, quirks);
      return { ...under, maxTokens };
    };
    const wide = { maxTokens: 100, sampling: { max_completion_tokens: 5 } };
    expect(limit(wide, { maxTokens: 9 })).toEqual({ maxTokens: 9 });
    expect(limit(wide, {})).toEqual({ max_completion_tokens: 5, maxTokens: 100 });
    expect(limit({ maxTokens: 100 }, { maxTokens: 9 }, { sampling: { max_completion_tokens: 7 } })).toEqual({
      max_completion_tokens: 7,
      maxTokens: 9,
    });
  });

  it('the narrower wins, and null takes back', () => {
    const quirks = { maxTokens: 1, temperature: true, reasoning: 'reasoning' as const };
    expect(
      askingOf(
        [
          { temperature: 0.7, reasoning: 'low', seed: 1, sampling: { top_p: 1, stop: null } },
          { temperature: 0, reasoning: 2000, sampling: { top_k: 3 } },
          { seed: null, sampling: { top_p: null } },
        ],
        quirks,
      ),
    ).toEqual({
      temperature: 0,
      maxTokens: 1,
      sampling: { stop: null, top_k: 3, reasoning: { max_tokens: 2000 } },
    });
    expect(askingOf([{ reasoning: 5 }], { ...quirks, reasoning: 'reasoning_effort' }).unsayable).toBe(5);
    expect(askingOf([{ temperature: 1 }], { ...quirks, temperature: false })).toEqual({
      maxTokens: 1,
      sampling: {},
    });
  });
});
