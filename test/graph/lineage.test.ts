// Lineage as data, and its spelling for Mermaid and Graphviz, hostile names included.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot, lineageOf, mermaid } from '../../src/graph/lineage.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { graphOf, type RowSketch } from '../support/graphs.ts';

const GRAPH = graphOf({
  rows: {
    d1: { template: 'creative-v1', model: 'gemini' },
    d2: { template: 'creative-v1', model: 'gemini', replicate: 2 },
    e1: { from: 'd1', template: 'essay-v1' },
    e2: { from: 'd2', template: 'essay-v1' },
    v1: { from: 'e1', template: 'novelty' },
  },
});
const all = (graph: Graph): Uint8Array => new Uint8Array(graph.size).fill(1);

describe('a lineage', () => {
  it('has a node a generation and an edge from each parent', () => {
    const { nodesAre, nodes, edges } = lineageOf(GRAPH, all(GRAPH));
    expect(nodesAre).toBe('generations');
    expect(nodes.map(({ key }) => key)).toEqual(['d1', 'd2', 'e1', 'e2', 'v1']);
    expect(nodes[1]).toEqual({
      key: 'd2',
      stage: 'draft',
      template: 'creative-v1',
      count: 1,
      generation: { genId: 'd2', model: 'gemini', combo: 'combo', replicate: 2 },
    });
    expect(edges.map(({ from, to }) => [from, to])).toEqual([
      ['d1', 'e1'],
      ['d2', 'e2'],
      ['e1', 'v1'],
    ]);
  });

  it('holds only what is selected, edges included', () => {
    const { nodes, edges } = lineageOf(GRAPH, Uint8Array.of(1, 0, 0, 1, 1));
    expect(nodes.map(({ key }) => key)).toEqual(['d1', 'e2', 'v1']);
    expect(edges).toEqual([]);
  });

  it('is grouped by template, with counts, when it has too many nodes', () => {
    expect(lineageOf(GRAPH, all(GRAPH), 4)).toEqual({
      nodesAre: 'templates',
      nodes: [
        { key: 'draft/creative-v1', stage: 'draft', template: 'creative-v1', count: 2 },
        { key: 'essay/essay-v1', stage: 'essay', template: 'essay-v1', count: 2 },
        { key: 'evaluation/novelty', stage: 'evaluation', template: 'novelty', count: 1 },
      ],
      edges: [
        { from: 'draft/creative-v1', to: 'essay/essay-v1', count: 2 },
        { from: 'essay/essay-v1', to: 'evaluation/novelty', count: 1 },
      ],
    });
    expect(lineageOf(GRAPH, all(GRAPH), 5).nodesAre).toBe('generations');
  });

  it('is grouped above 200 nodes', () => {
    const rows = Object.fromEntries(
      Array.from({ length: 201 }, (_, i): [string, RowSketch] => [`d${i}`, {}]),
    );
    const graph = graphOf({ rows });
    expect(lineageOf(graph, all(graph)).nodes).toEqual([
      { key: 'draft/draft', stage: 'draft', template: 'draft', count: 201 },
    ]);
    expect(lineageOf(graph, all(graph).fill(0, 0, 1)).nodes).toHaveLength(200);
  });
});

describe('a drawing', () => {
  it('in Mermaid numbers its nodes and puts names into labels', () => {
    expect(mermaid(lineageOf(GRAPH, Uint8Array.of(0, 1, 0, 1, 0)))).toBe(
      [
        'flowchart LR',
        '  n0["d2<br/>creative-v1<br/>gemini (replicate 2)"]',
        '  n1["e2<br/>essay-v1<br/>model"]',
        '  n0 --> n1',
        '',
      ].join('\n'),
    );
  });

  it('in Graphviz does so too', () => {
    expect(dot(lineageOf(GRAPH, Uint8Array.of(0, 1, 0, 1, 0)))).toBe(
      [
        'digraph daydream {',
        '  rankdir=LR;',
        '  node [shape=box];',
        String.raw`  n0 [label="d2\ncreative-v1\ngemini (replicate 2)"];`,
        String.raw`  n1 [label="e2\nessay-v1\nmodel"];`,
        '  n0 -> n1;',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('of groups says how many there are', () => {
    const grouped = lineageOf(GRAPH, all(GRAPH), 1);
    expect(mermaid(grouped)).toContain('n0["draft creative-v1<br/>2 generations"]\n');
    expect(mermaid(grouped)).toContain('n0 -->|2| n1\n');
    expect(dot(grouped)).toContain('n1 -> n2 [label="1"];\n');
  });

  it('in Mermaid has signs as their numbers', () => {
    const graph = graphOf({ rows: { d1: { template: 'a"b ü 🌙' } } });
    expect(mermaid(lineageOf(graph, all(graph)))).toContain('["d1<br/>a#34;b ü #127769;<br/>model"]');
  });

  it('of one generation of a template says so', () => {
    expect(mermaid(lineageOf(GRAPH, Uint8Array.of(1, 0, 0, 0, 0), 0))).toContain(
      '["draft creative-v1<br/>1 generation"]',
    );
  });

  it('in Graphviz has its names as they are, but for what a quoted string can not hold', () => {
    const graph = graphOf({ rows: { d1: { template: 'a & b\n"c"\\', model: 'm\u0000n' } } });
    expect(dot(lineageOf(graph, all(graph)))).toContain(String.raw`label="d1\na &amp; b \"c\"\\\nm n"`);
  });

  it('of an edge to nowhere is a bug that says so', () => {
    const edges = [{ from: 'd1', to: 'gone', count: 1 }];
    expect(() => mermaid({ ...lineageOf(GRAPH, all(GRAPH)), edges })).toThrow(
      'an edge names gone, which is no node',
    );
  });

  it('lets no name out of its label', () => {
    const hostile = 'a"]; click n0 "javascript:x" <b>`%%{init}%%\n\\" end #quot; & style x:y#1;';
    const graph = graphOf({ rows: { d1: { template: hostile, model: hostile } } });
    const lineage = lineageOf(graph, all(graph));
    const chart = mermaid(lineage).split('\n');
    expect(chart).toHaveLength(3);
    const signs = chart[1]?.replaceAll(/<br\/>|#\d+;/g, '');
    expect(signs).toMatch(/^ {2}n0\["[\w\s]*"\]$/);
    expect(dot(lineage).split('\n')).toHaveLength(6);
  });

  it('can be read back, whatever the names are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        const graph = graphOf({ rows: { d1: { template: name }, e1: { from: 'd1', template: `${name}x` } } });
        const lineage = lineageOf(graph, all(graph));
        const labels = [...mermaid(lineage).matchAll(/\["([^"]*)"\]/g)].map((match) => match[1] ?? '');
        const read = labels.map((label) =>
          label.split('<br/>')[1]?.replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))),
        );
        expect(read).toEqual([name, `${name}x`]);
        expect(mermaid(lineage).split('\n')).toHaveLength(5);
        const lines = dot(lineage).split('\n');
        expect(lines.filter((line) => /^ {2}n\d \[label="(?:[^"\\]|\\.)*"\];$/.test(line))).toHaveLength(2);
        expect(lines).toHaveLength(8);
      }),
    );
  });
});
