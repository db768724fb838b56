// What is odd about what models are asked: settings that a provider passes over, reasoning that it has no words for, and a temperature
// that a spec varies and nobody is sent.
import { describe, expect, it } from 'vitest';
import type { Ask, GraphTemplate } from '../../src/graph/graph.ts';
import { oddAsks } from '../../src/graph/oddasks.ts';
import type { Problem } from '../../src/problem.ts';
import { graphOf, type RowSketch } from '../support/graphs.ts';

const ROWS: Readonly<Record<string, RowSketch>> = {
  d1: { template: 'dt', model: 'w' },
  d2: { template: 'dt', model: 'x' },
  e1: { from: 'd1', template: 'et', model: 'w' },
};

function odd({
  asks = {},
  ignores = () => [],
  copies = [],
  change = (each) => each,
}: {
  readonly asks?: Readonly<Record<string, Partial<Ask>>>;
  readonly ignores?: (provider: string) => readonly string[];
  readonly copies?: readonly string[];
  readonly change?: (template: GraphTemplate) => GraphTemplate;
}): readonly Problem[] {
  const graph = graphOf({ rows: ROWS, asks, copies });
  const templates = graph.boundTemplates.map(change);
  const tables = { structure: graph, templates, asks: graph.asks.map((ask) => ask ?? null) };
  return oddAsks(tables, ignores);
}

describe('a setting that a provider ignores', () => {
  it('is warned of once, with the first that sends it', () => {
    const found = odd({
      asks: { w: { sampling: { top_k: 3 } }, x: { sampling: { top_k: 3 } } },
      ignores: () => ['top_k'],
    });
    expect(found).toMatchObject([
      {
        code: 'DD180',
        severity: 'warning',
        message:
          'provider openrouter ignores top_k, which w is sent in the draft stage: it stands in the record and decides nothing',
        data: { provider: 'openrouter', setting: 'top_k', model: 'w' },
      },
    ]);
  });

  it('is warned of where it has a place of its own', () => {
    const found = odd({
      asks: { w: { temperature: 0, maxTokens: 5 }, x: { provider: 'lab' } },
      ignores: (name) => (name === 'lab' ? ['max_completion_tokens'] : ['temperature', 'max_tokens']),
    });
    expect(found.map(({ data }) => [data?.['provider'], data?.['setting']])).toEqual([
      ['openrouter', 'temperature'],
      ['openrouter', 'max_tokens'],
    ]);
  });

  it('is warned of for each provider and each setting', () => {
    const found = odd({
      asks: { w: { sampling: { a: 1, b: 1 } }, x: { provider: 'lab', sampling: { a: 1 } } },
      ignores: () => ['a', 'b'],
    });
    expect(found.map(({ data }) => [data?.['provider'], data?.['setting']])).toEqual([
      ['openrouter', 'a'],
      ['openrouter', 'b'],
      ['lab', 'a'],
    ]);
  });

  it.each<[string, Partial<Ask>, string, number]>([
    ['in the sampling', { sampling: { a: 1 } }, 'a', 1],
    ['in the transport', { transport: { a: 1 } }, 'a', 1],
    ["as each replicate's seed", { seedByReplicate: true }, 'seed', 1],
    ['not at all', { sampling: { b: 1 }, transport: { b: 1 }, seedByReplicate: true }, 'a', 0],
    ['not at all as a seed', {}, 'seed', 0],
  ])('may be sent %s', (_, ask, name, count) => {
    expect(odd({ asks: { w: ask }, ignores: () => [name] })).toHaveLength(count);
  });

  it('is nothing to warn of where nobody is asked', () => {
    const asks = { w: { sampling: { a: 1 } } };
    expect(odd({ asks, ignores: () => ['a'], copies: ['dt', 'et'] })).toEqual([]);
    expect(odd({ asks, ignores: () => ['a'], copies: ['dt'] })[0]?.message).toContain('in the essay stage');
  });
});

describe('reasoning that a provider has no words for', () => {
  it.each([
    [
      500,
      'w is asked for reasoning 500 in the draft stage, and provider openrouter takes no budget in tokens',
    ],
    [
      'low',
      'w is asked for reasoning "low" in the draft stage, and provider openrouter takes only a budget in tokens',
    ],
  ])('is an error: %j', (unsayable, message) => {
    const [first, ...more] = odd({ asks: { w: { unsayable } } });
    expect(first).toMatchObject({
      code: 'DD182',
      severity: 'error',
      message,
      data: { model: 'w', stage: 'draft', reasoning: unsayable },
    });
    expect(more.map(({ data }) => data?.['stage'])).toEqual(['essay']);
  });
});

describe('a temperature that a spec varies', () => {
  const varied = (each: GraphTemplate): GraphTemplate =>
    each.id === 'dt' ? { ...each, asked: { temperature: 0.5 } } : { ...each, asked: {} };

  it('and that a model is not sent is an error', () => {
    const graph = graphOf({ rows: ROWS });
    const silent = graph.asks.map((ask): Ask | null => {
      if (ask === undefined) return null;
      const { temperature: _temperature, ...rest } = ask;
      return ask.modelId === 'w' ? rest : ask;
    });
    const tables = { structure: graph, templates: graph.boundTemplates.map(varied), asks: silent };
    expect(oddAsks(tables, () => [])).toMatchObject([
      {
        code: 'DD371',
        reason: 'no_temperature',
        message:
          'the spec varies the temperature of draft template dt, and w at provider openrouter is sent none',
        data: { model: 'w', template: 'dt' },
      },
    ]);
  });

  it('is in order where it is sent', () => {
    expect(odd({ change: varied })).toEqual([]);
  });
});
