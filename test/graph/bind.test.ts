// Ids bound to values: which parts a row's steps have, which rows share a set of them, and what texts were called before.
import { describe, expect, it } from 'vitest';
import type { Parts } from '../../src/generation/trace.ts';
import { ABSENT_TEXT, bind, type Fingerprints, type OwnSystem, type Tables } from '../../src/graph/bind.ts';
import { at, partsAt, type Graph, type GraphTemplate } from '../../src/graph/graph.ts';
import { graphOf, rowOf } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d1: { template: 'dt', model: 'w', combo: 'c1' },
    d2: { template: 'dt', model: 'w', combo: 'c1', replicate: 2 },
    d3: { template: 'dt', model: 'x', combo: 'c2' },
    e1: { from: 'd1', template: 'et', model: 'w' },
    e2: { from: 'd2', template: 'copied', model: 'w' },
    e3: { from: 'd3', template: 'et', model: 'w' },
    v1: { from: 'e1', template: 'code', model: 'w' },
  },
  copies: ['copied'],
  codes: ['code'],
});

const PRINTS: Fingerprints = {
  renderer: 'r@1',
  template: ({ id, system }) => `text ${id}${system === undefined ? '' : ` ${system}`}`,
  parser: (stage, name) => `${stage} ${name}`,
  formerly: [['then', 'now']],
};

function bound({
  prints = {},
  tables = {},
}: { readonly prints?: Partial<Fingerprints>; readonly tables?: Partial<Tables> } = {}): Graph {
  const { boundTemplates, boundCombos } = GRAPH;
  const asks = GRAPH.asks.map((ask) => ask ?? null);
  return bind(GRAPH, { boundTemplates, boundCombos, asks, ...tables }, { ...PRINTS, ...prints });
}

const parts = (graph: Graph, step: 'render' | 'generate' | 'parse', id: string): Parts =>
  partsAt(graph, graph[`${step}Set`], rowOf(graph, id));

describe('the parts of a prompt', () => {
  it('are template, concepts and renderer; below a draft no concepts; of a copy none', () => {
    const graph = bound();
    const [combo] = GRAPH.boundCombos;
    expect(parts(graph, 'render', 'd1')).toEqual({
      template: 'text dt',
      concepts: combo?.digest,
      renderer: 'r@1',
    });
    expect(parts(graph, 'render', 'e1')).toEqual({ template: 'text et', renderer: 'r@1' });
    expect(parts(graph, 'render', 'e2')).toEqual({});
    expect(parts(graph, 'render', 'v1')).toEqual({});
  });

  it('are one set for all rows that have the same', () => {
    const { renderSet } = bound();
    const sets = (...ids: readonly string[]): readonly number[] =>
      ids.map((id) => at(renderSet, rowOf(GRAPH, id)));
    expect(new Set(sets('d1', 'd2')).size).toBe(1);
    expect(new Set(sets('e1', 'e3')).size).toBe(1);
    expect(new Set(sets('d1', 'd3', 'e1', 'e2', 'v1')).size).toBe(5);
  });
});

describe('the parts of an answer', () => {
  it('are who is asked and how, and the replicate', () => {
    expect(parts(bound(), 'generate', 'd2')).toEqual({
      provider: 'https://openrouter.ai/api/v1',
      model: 'maker/w',
      temperature: '0',
      max_tokens: '100',
      sampling: '{}',
      mode: 'llm',
      replicate: '2',
    });
  });

  it('have no temperature where none is sent, and each replicate its seed', () => {
    const asks = GRAPH.asks.map((ask) => {
      if (ask === undefined) return null;
      const { temperature: _, ...rest } = ask;
      return { ...rest, seedByReplicate: true as const };
    });
    const graph = bound({ tables: { asks } });
    expect(parts(graph, 'generate', 'd1')).not.toHaveProperty('temperature');
    expect(['d1', 'd2'].map((id) => parts(graph, 'generate', id)['sampling'])).toEqual([
      '{"seed":1}',
      '{"seed":2}',
    ]);
  });

  it('are those of a copy where nobody is asked', () => {
    const graph = bound({ tables: { asks: GRAPH.asks.map(() => null) } });
    expect(parts(bound(), 'generate', 'e2')).toEqual({ mode: 'copy' });
    expect(parts(bound(), 'generate', 'v1')).toEqual({ mode: 'copy' });
    expect(parts(graph, 'generate', 'd1')).toEqual({ mode: 'copy' });
    expect(graph.asks.every((ask) => ask === undefined)).toBe(true);
  });

  it('are never those of another model, however many replicates there are', () => {
    const rows = { d1: { model: 'w', replicate: 7 }, d2: { model: 'x' } };
    expect(parts(graphOf({ rows }), 'generate', 'd2')).toMatchObject({ model: 'maker/x', replicate: '1' });
  });

  it('are one set for all rows that ask the same', () => {
    const { generateSet } = bound();
    const set = (id: string): number => at(generateSet, rowOf(GRAPH, id));
    expect(set('e1')).toBe(set('e3'));
    expect(set('e2')).toBe(set('v1'));
    expect(new Set(['d1', 'd2', 'd3', 'e1', 'e2'].map(set)).size).toBe(5);
  });
});

describe('the parts of a parsed text', () => {
  it('are for a whole reply, and beside it for one that was cut off', () => {
    const graph = bound();
    const whole = at(graph.parseSet, rowOf(graph, 'd1'));
    const said = { parser: 'draft identity', min_lines: '1' };
    expect(at(graph.partSets, whole)).toEqual({ ...said, truncation: 'reject:whole' });
    expect(at(graph.partSets, whole + 1)).toEqual({ ...said, truncation: 'reject:cut off' });
  });

  it('hold the text that code may compare with, where there is one', () => {
    expect(parts(bound(), 'parse', 'v1')).toMatchObject({ text: 'text code' });
    expect(parts(bound(), 'parse', 'e1')).not.toHaveProperty('text');
    expect(parts(bound({ prints: { template: () => ABSENT_TEXT } }), 'parse', 'v1')).not.toHaveProperty(
      'text',
    );
  });
});

describe('a model with a system prompt of its own', () => {
  it('has its prompts rendered from templates of its own', () => {
    const own = (template: number, id: string, more: Partial<GraphTemplate>): [GraphTemplate, OwnSystem] => [
      { ...at(GRAPH.boundTemplates, template), ...more },
      { template, model: id, bound: 0 },
    ];
    const [first, ofFirst] = own(0, 'x', { system: 'mine' });
    const [second, ofSecond] = own(1, 'w', { system: 'ours' });
    const count = GRAPH.boundTemplates.length;
    const graph = bound({
      tables: {
        boundTemplates: [...GRAPH.boundTemplates, first, second],
        ownSystems: [
          { ...ofFirst, bound: count },
          { ...ofSecond, bound: count + 1 },
        ],
      },
    });
    expect(parts(graph, 'render', 'd1')['template']).toBe('text dt');
    expect(parts(graph, 'render', 'd3')['template']).toBe('text dt mine');
    expect(parts(graph, 'render', 'e1')['template']).toBe('text et ours');
    expect(graph.boundTemplates).toEqual(GRAPH.boundTemplates);
    expect(graph.promptTemplates).toHaveLength(count + 2);
    expect(at(graph.promptTemplate, rowOf(graph, 'd3'))).toBe(count);
  });

  it('costs nothing where there is none', () => {
    expect(bound().promptTemplate).toBe(GRAPH.template);
  });
});

describe('what was recorded before', () => {
  it('leads to what it is called now, of texts and of combos', () => {
    const boundCombos = GRAPH.boundCombos.map((combo, place) =>
      place === 0 ? { ...combo, formerly: ['crlf', 'cr'] } : combo,
    );
    const [{ digest } = { digest: '' }] = boundCombos;
    expect([...bound({ tables: { boundCombos } }).formerly]).toEqual([
      ['then', 'now'],
      ['crlf', digest],
      ['cr', digest],
    ]);
  });
});
