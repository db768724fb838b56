// A provider's list of models, as it came and held against a catalog: what is asked for, what is read of it, and what changes.
import { describe, expect, it } from 'vitest';
import type { Send } from '../../../src/http.ts';
import { compareWithList, readModelList, type OfferedModel } from '../../../src/model/client/modellist.ts';
import { never } from '../../support/dispatching.ts';

interface Read {
  readonly models: readonly OfferedModel[];
  readonly problems: readonly { readonly code: string; readonly message: string }[];
  readonly asked: readonly unknown[];
}

async function read(answer: unknown, { apiKey = '', status = 200 } = {}): Promise<Read> {
  const asked: unknown[] = [];
  const send: Send = async (url, request) => {
    asked.push([String(url), request?.headers, request?.signal === never]);
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status });
  };
  const { value, problems } = await readModelList({
    baseURL: 'https://x.org/v1/',
    apiKey,
    send,
    signal: never,
  });
  return { models: value, problems, asked };
}

describe('the list', () => {
  it('is asked for below the base URL, with the key where there is one', async () => {
    expect((await read([])).asked).toEqual([
      ['https://x.org/v1/models', { accept: 'application/json' }, true],
    ]);
    expect((await read([], { apiKey: 'sk-1' })).asked).toEqual([
      ['https://x.org/v1/models', { accept: 'application/json', authorization: 'Bearer sk-1' }, true],
    ]);
  });

  it('may stand alone or under data, and comes in the order of its ids', async () => {
    const rows = [{ id: 'b' }, { id: 'a' }, { id: 'B' }, { name: 'nobody' }, null];
    for (const answer of [rows, { data: rows }])
      expect(await read(answer)).toMatchObject({
        models: [{ id: 'B' }, { id: 'a' }, { id: 'b' }],
        problems: [],
      });
  });

  it('has prices by the million, without dust; one below zero is none', async () => {
    const { models } = await read([
      { id: 'a', pricing: { prompt: '0.0000001', completion: '0.0000007' }, context_length: 10 },
      { id: 'b', pricing: { prompt: -1, completion: 0 } },
      { id: 'c' },
    ]);
    expect(models).toEqual([
      { id: 'a', inputPrice: 0.1, outputPrice: 0.7, contextLength: 10 },
      { id: 'b', outputPrice: 0 },
      { id: 'c' },
    ]);
  });

  it('has what a model costs in batches, where both prices are said', async () => {
    const { models } = await read([
      { id: 'a', pricing: { prompt: 2e-6, completion: 4e-6 } },
      { id: 'a:batch', pricing: { prompt: 1e-6, completion: 2e-6 } },
      { id: 'b' },
      { id: 'b:batch', pricing: { prompt: 1e-6 } },
      { id: 'c' },
      { id: 'c:batch', pricing: { completion: 1e-6 } },
    ]);
    expect(models[0]).toEqual({
      id: 'a',
      inputPrice: 2,
      outputPrice: 4,
      batchInputPrice: 1,
      batchOutputPrice: 2,
    });
    expect(models.filter(({ id }) => id === 'b' || id === 'c')).toEqual([{ id: 'b' }, { id: 'c' }]);
  });

  it.each<[why: string, answer: unknown, status: number]>([
    ['status 404', [], 404],
    ['no list of models came', {}, 200],
    ['no list of models came', { data: {} }, 200],
  ])('is a problem: %s', async (why, answer, status) => {
    const { models, problems } = await read(answer, { status });
    expect(models).toEqual([]);
    expect(problems).toMatchObject([
      {
        code: 'DD617',
        message: `https://x.org/v1/models: ${why}`,
        data: { url: 'https://x.org/v1/models' },
      },
    ]);
  });

  it('that is no JSON is a problem', async () => {
    expect((await read('<html>')).problems).toMatchObject([{ code: 'DD617' }]);
  });
});

describe('against the catalog', () => {
  const place = { file: 'llm_models.csv', line: 2 };
  const row = (id: string, more: object = {}) => ({ id, model: `maker/${id}`, place, ...more });
  const offer = (id: string, more: object = {}): OfferedModel => ({ id: `maker/${id}`, ...more });
  const both = { inputPrice: 1, outputPrice: 2 };
  const batch = { batchInputPrice: 0.5, batchOutputPrice: 1 };

  it.each<[what: string, catalog: object, list: object, change: object | undefined]>([
    ['nothing where all is the same', both, both, undefined],
    ['nothing where only the catalog knows batches', { ...both, ...batch }, both, undefined],
    ['nothing where half a price came', {}, { inputPrice: 1 }, undefined],
    ['nothing where the other half came', {}, { outputPrice: 1 }, undefined],
    ['a new price', {}, both, { ...both, before: {} }],
    ['one of two', { ...both, outputPrice: 3 }, both, { ...both, before: { inputPrice: 1, outputPrice: 3 } }],
    ['a price in batches', both, { ...both, ...batch }, { ...both, ...batch, before: both }],
    [
      'a price in batches that is another',
      { ...both, ...batch, batchInputPrice: 9 },
      { ...both, ...batch },
      { ...both, ...batch, before: { ...both, ...batch, batchInputPrice: 9 } },
    ],
  ])('changes %s', (_what, catalog, list, change) => {
    const { value, problems } = compareWithList([row('a', catalog)], [offer('a', list)]);
    expect(value.changes).toEqual(change === undefined ? [] : [{ id: 'a', model: 'maker/a', ...change }]);
    expect(problems).toEqual([]);
  });

  it('knows how long contexts are, where that is said', () => {
    const { value } = compareWithList([row('a'), row('b')], [offer('a', { contextLength: 9 }), offer('b')]);
    expect([...value.contextLengths]).toEqual([['a', 9]]);
  });

  it('warns of what is not offered any more, with its row', () => {
    const { value, problems } = compareWithList([row('gone', both)], [offer('a', both)]);
    expect(value.changes).toEqual([]);
    expect(problems).toMatchObject([
      {
        code: 'DD618',
        severity: 'warning',
        message: 'model "gone": the provider does not offer maker/gone',
        place,
        data: { id: 'gone', model: 'maker/gone' },
      },
    ]);
  });
});
