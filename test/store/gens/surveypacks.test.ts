// Facts of generations that were handed over: they say what they said before.
import { describe, expect, it } from 'vitest';
import type { StoredGeneration } from '../../../src/store/gens/surveyfacts.ts';
import { packFacts, unpackFacts } from '../../../src/store/gens/surveypacks.ts';

const TEXT = { bytes: 3, blank: false, changed: undefined, torn: undefined };

const KIND = {};

/** A generation of which nothing is there, but for what is given. */
function generation(given: Partial<StoredGeneration> = {}): StoredGeneration {
  return {
    stage: 'essay',
    genId: 'e_1',
    metadata: undefined,
    kind: KIND,
    row: -1,
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

/** All that it says, as one object of the kind that is tested apart. */
function said(each: StoredGeneration | undefined): StoredGeneration | undefined {
  if (each === undefined) return undefined;
  const keys = Object.keys(generation()).filter((key) => key !== 'kind') as (keyof StoredGeneration)[];
  return {
    ...Object.fromEntries(keys.map((key) => [key, each[key]])),
    kind: KIND,
  } as unknown as StoredGeneration;
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

  it('of metadata are those that are asked for, keys of earlier days too', () => {
    const earlier = {
      draft_template: 'd',
      essay_template: 'e',
      essay_template_id: 'i',
      evaluation_template: 'v',
    };
    const metadata = { ...METADATA, ...earlier, model_id: 'n' };
    const [own] = handedOver([
      generation({ metadata: { ...metadata, more: 1, trace: {} }, parentId: 'd_1' }),
    ]);
    expect(own?.metadata).toEqual(metadata);
  });

  it('are told apart where only one name differs, and where something is out of order', () => {
    const usual = generation({
      metadata: METADATA,
      whole: true,
      trace: { provider: 'p', cutOff: false, failure: undefined },
      answer: { cost: 1, length: 2, truncated: false },
      parsedMetadata: 'present',
      texts: {
        prompt: { ...TEXT, changed: false },
        raw: { ...TEXT, changed: false, digest: '0123456789abcdef', length: 2, lines: 1 },
        parsed: { ...TEXT, changed: false },
      },
      parentId: 'd_1',
    });
    const { prompt, raw, parsed } = usual.texts;
    const trace = { provider: 'p', cutOff: false, failure: undefined };
    const all = [
      usual,
      { ...usual, stage: 'evaluation' },
      { ...usual, metadata: { ...METADATA, template_id: 'e-two' } },
      { ...usual, metadata: { ...METADATA, template_id: undefined, llm_model_id: 'e-one' } },
      { ...usual, metadata: { ...METADATA, llm_model_id: 7 } },
      { ...usual, trace: { ...trace, provider: 'q' } },
      { ...usual, trace: { ...trace, provider: undefined } },
      { ...usual, trace: { ...trace, failure: 'too_short' } },
      { ...usual, trace: undefined },
      { ...usual, texts: { prompt: prompt && { ...prompt, changed: true }, raw, parsed } },
      { ...usual, texts: { prompt, raw: raw && { ...raw, changed: undefined }, parsed } },
      { ...usual, texts: { prompt, raw, parsed: parsed && { ...parsed, changed: true } } },
      { ...usual, whole: false },
      { ...usual, holdsParent: true },
      { ...usual, leftovers: ['.a.tmp'] },
      { ...usual, unreadable: ['gens/x'] },
      usual,
    ] as const;
    expect(handedOver(all)).toEqual(all);
  });

  it('have one kind where they have the same in common', () => {
    const other = { ...METADATA, template_id: 'e-two' };
    const all = [METADATA, other, { ...METADATA, parent_gen_id: 'd_2' }].map((metadata) =>
      generation({ metadata }),
    );
    const [one, two, three] = unpackFacts(all, packFacts(all)).map(({ kind }) => kind);
    expect([one === two, one === three]).toEqual([false, true]);
    const stages = [
      generation({ metadata: METADATA }),
      generation({ stage: 'evaluation', metadata: METADATA }),
    ];
    const [essay, evaluation] = unpackFacts(stages, packFacts(stages)).map(({ kind }) => kind);
    expect(essay).not.toBe(evaluation);
  });

  it('have the number that whoever asked gives them', () => {
    const all = [generation(), generation({ genId: 'e_2' })];
    const found = unpackFacts(all, packFacts(all), (stage, genId) =>
      `${stage} ${genId}` === 'essay e_2' ? 5 : -1,
    );
    expect(found.map(({ row }) => row)).toEqual([-1, 5]);
  });

  it('name no parent of a draft, nor one that is no word', () => {
    const metadata = { ...METADATA, parent_gen_id: 7 };
    const drafts = [generation({ stage: 'draft', metadata: METADATA })];
    const numbers = [generation({ metadata })];
    expect([...handedOver(drafts), ...handedOver(numbers)].map((each) => each?.parentId)).toEqual([
      undefined,
      undefined,
    ]);
    expect(handedOver(numbers)[0]?.metadata).toEqual(metadata);
  });
});
