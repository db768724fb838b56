// Verdicts spelled out: reasons with both values, and the chain to the root cause.
import { describe, expect, it } from 'vitest';
import { reasonText } from '../../src/plan/reasonwords.ts';
import { at, type Graph } from '../../src/graph/graph.ts';
import { explain, why, type Judged, type WhyReport } from '../../src/plan/explain.ts';
import { Judge, type JudgeOptions } from '../../src/plan/judge.ts';
import { WHY, type Verdict } from '../../src/plan/verdict.ts';
import { FLAGS, type GenIndex } from '../../src/store/gens/genindex.ts';
import { buildRow, builtIndex, graphOf, putFile, rowOf, type GraphSketch } from '../support/graphs.ts';

const SKETCH: GraphSketch = {
  rows: {
    d1: { template: 'draft-t', model: 'gemini' },
    e1: { from: 'd1', template: 'essay-t', model: 'gemini' },
    v1: { from: 'e1', template: 'judge-t', model: 'sonnet' },
  },
};

/** Builds with one sketch and judges with another. */
function judged(
  now: GraphSketch = SKETCH,
  change: (index: GenIndex, graph: Graph) => void = () => undefined,
): Judged {
  const index = builtIndex(graphOf(SKETCH));
  const graph = graphOf(now);
  change(index, graph);
  return judgedWith(graph, index);
}

function judgedWith(graph: Graph, index: GenIndex, options: Partial<JudgeOptions> = {}): Judged {
  return { graph, index, verdicts: new Judge(graph, index, { prompted: () => false, ...options }).all() };
}

const verdictOf = (all: Judged, id: string): Verdict => explain(all, rowOf(all.graph, id));
const reportOf = (all: Judged, id: string): WhyReport => why(all, rowOf(all.graph, id));
const wordsOf = (verdict: Verdict): string[] => verdict.reasons.map(reasonText);

/** Marks one row in a column of its own. */
function only(graph: Graph, id: string): Uint8Array {
  const rows = new Uint8Array(graph.size);
  rows[rowOf(graph, id)] = 1;
  return rows;
}

describe('a verdict', () => {
  it('of what is current has neither step nor reason', () => {
    expect(verdictOf(judged(), 'e1')).toEqual({
      genId: 'e1',
      stage: 'essay',
      state: 'current',
      reasons: [],
      edited: [],
      untraced: false,
    });
  });

  it('tells a changed part with both values', () => {
    const all = judged({ ...SKETCH, models: { gemini: 'google/gemini-3' } });
    expect(verdictOf(all, 'd1')).toMatchObject({
      state: 'stale',
      from: 'generate',
      reasons: [
        { kind: 'part', step: 'generate', part: 'model', recorded: 'maker/gemini', now: 'google/gemini-3' },
      ],
    });
    expect(wordsOf(verdictOf(all, 'd1'))).toEqual(['model changed: maker/gemini → google/gemini-3']);
  });

  it('tells digests of texts, and of them only that they changed', () => {
    const all = judged({ ...SKETCH, texts: { 'judge-t': 'another text' } });
    const { reasons } = verdictOf(all, 'v1');
    expect(reasons).toEqual([
      {
        kind: 'part',
        step: 'render',
        part: 'template',
        recorded: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        now: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      },
    ]);
    expect(reasons.map(reasonText)).toEqual(['template changed']);
  });

  it('tells of parts that one side does not have', () => {
    const all = judged({ ...SKETCH, copies: ['essay-t'] });
    const { reasons } = verdictOf(all, 'e1');
    expect(reasons).toContainEqual({
      kind: 'part',
      step: 'generate',
      part: 'mode',
      recorded: 'llm',
      now: 'copy',
    });
    expect(reasons).toContainEqual({
      kind: 'part',
      step: 'generate',
      part: 'model',
      recorded: 'maker/gemini',
      now: null,
    });
    expect(wordsOf(verdictOf(all, 'e1'))).toContain('model is gone: maker/gemini');
    expect(wordsOf(verdictOf(all, 'e1'))).toContain('template is gone');
  });

  it('tells that the text above changed when that has settled', () => {
    const all = judged(SKETCH, (index, graph) => {
      const row = rowOf(graph, 'd1');
      putFile(index, row, 'parsed', '00000000deadbeef');
    });
    expect(verdictOf(all, 'd1')).toMatchObject({ state: 'edited', edited: ['parsed'] });
    expect(verdictOf(all, 'e1').reasons).toMatchObject([
      { kind: 'part', step: 'render', part: 'parent', now: '00000000deadbeef' },
    ]);
  });

  it('tells a missing file, and nothing of the digest that it has not', () => {
    const all = judged(SKETCH, (index, graph) => putFile(index, rowOf(graph, 'd1'), 'raw', undefined));
    expect(verdictOf(all, 'd1')).toMatchObject({ state: 'missing', from: 'generate' });
    expect(wordsOf(verdictOf(all, 'd1'))).toEqual(['raw.txt is missing']);
    expect(reportOf(all, 'd1').steps[2]?.parts[0]).toMatchObject({ part: 'raw', now: null, differs: true });
  });

  it('tells that nothing was ever built', () => {
    const graph = graphOf(SKETCH);
    expect(wordsOf(verdictOf(judgedWith(graph, builtIndex(graph, [])), 'd1'))).toEqual(['never rendered']);
  });

  it('tells what was asked: a force, a discarded edit, another try', () => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph);
    expect(wordsOf(verdictOf(judgedWith(graph, index, { forced: only(graph, 'd1') }), 'd1'))).toEqual([
      'forced',
    ]);
    putFile(index, 0, 'parsed', '00000000deadbeef');
    const discarding = judgedWith(graph, index, { discarded: only(graph, 'd1') });
    expect(wordsOf(verdictOf(discarding, 'd1'))).toEqual(['the hand edit of parsed.txt is discarded']);
  });

  it('tells of a failure, and that it is tried again when asked to', () => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph, ['d1', 'e1']);
    buildRow(graph, index, rowOf(graph, 'v1'), { step: 'generate', kind: 'refused' });
    const failed = verdictOf(judgedWith(graph, index), 'v1');
    expect(failed).toMatchObject({ state: 'failed', failure: { step: 'generate', kind: 'refused' } });
    expect(wordsOf(failed)).not.toContain('tried again: the model declined');
    const again = verdictOf(judgedWith(graph, index, { retry: new Set(['refused']) }), 'v1');
    expect(wordsOf(again)).toContain('tried again: the model declined');
  });

  it('tells of a prompt that another tool made', () => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph, []);
    for (const artifact of ['prompt', 'raw', 'parsed'] as const)
      putFile(index, 0, artifact, '00000000deadbeef');
    expect(wordsOf(verdictOf(judgedWith(graph, index), 'd1'))).toEqual([
      'made by another tool, from another prompt',
    ]);
    const adopted = verdictOf(judgedWith(graph, index, { prompted: () => true }), 'd1');
    expect(adopted).toMatchObject({ state: 'current', untraced: true, reasons: [] });
  });

  it('has a reason for every bit', () => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph);
    buildRow(graph, index, 0, { step: 'parse', kind: 'unparsable' });
    const all = judgedWith(graph, index);
    all.verdicts.edited[0] = 2;
    for (const [name, bit] of Object.entries(WHY)) {
      all.verdicts.why[0] = bit;
      const count = explain(all, 0).reasons.length;
      // A draft has no parent, and no code scores it; nobody sets its thoughts apart.
      const none = ['parent', 'draft', 'text', 'thoughts'].includes(name);
      expect(`${name}: ${count}`).toBe(`${name}: ${none ? 0 : 1}`);
    }
  });
});

describe('why', () => {
  it('goes up to the root cause, over what only waits', () => {
    const all = judged({ ...SKETCH, texts: { 'draft-t': 'another text' } });
    const report = reportOf(all, 'v1');
    expect(report.verdict).toMatchObject({ state: 'pending', cause: 'd1', reasons: [] });
    expect(report.chain.map(({ genId, state }) => [genId, state])).toEqual([
      ['v1', 'pending'],
      ['e1', 'pending'],
      ['d1', 'stale'],
    ]);
    expect(report.cause).toEqual(report.chain[2]);
    expect(wordsOf(report.cause ?? report.verdict)).toEqual(['template changed']);
  });

  it('stops at a failure in between, and goes no further up', () => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph);
    buildRow(graph, index, rowOf(graph, 'e1'), { step: 'parse', kind: 'unparsable' });
    const report = reportOf(judgedWith(graph, index), 'v1');
    expect(report.verdict.state).toBe('blocked');
    expect(report.chain.map(({ genId }) => genId)).toEqual(['v1', 'e1']);
    expect(report.cause).toMatchObject({ genId: 'e1', state: 'failed', failure: { kind: 'unparsable' } });
  });

  it('is about the generation alone when nothing above is in the way', () => {
    const report = reportOf(judged({ ...SKETCH, texts: { 'essay-t': 'another text' } }), 'e1');
    expect(report.chain).toEqual([report.verdict]);
    expect(report).not.toHaveProperty('cause');
  });

  it('shows every part of every step, and marks those that differ', () => {
    const all = judged({ ...SKETCH, models: { gemini: 'google/gemini-3' } });
    const { steps } = reportOf(all, 'e1');
    expect(steps.map(({ step, recorded, parts }) => [step, recorded, parts.map(({ part }) => part)])).toEqual(
      [
        ['render', true, ['template', 'parent', 'renderer']],
        [
          'generate',
          true,
          ['prompt', 'provider', 'model', 'temperature', 'max_tokens', 'sampling', 'mode', 'replicate'],
        ],
        ['parse', true, ['raw', 'parser', 'min_lines', 'truncation']],
      ],
    );
    const differing = steps.flatMap(({ parts }) => parts.filter(({ differs }) => differs));
    expect(differing).toEqual([
      { part: 'model', recorded: 'maker/gemini', now: 'google/gemini-3', differs: true },
    ]);
  });

  it('of what was never built shows the parts of now', () => {
    const graph = graphOf(SKETCH);
    const { steps } = reportOf(judgedWith(graph, builtIndex(graph, [])), 'd1');
    expect(
      steps.every(
        ({ recorded, parts }) => !recorded && parts.every((each) => each.recorded === null && each.differs),
      ),
    ).toBe(true);
    expect(steps[0]?.parts.find(({ part }) => part === 'concepts')?.now).toBe(
      at(graph.boundCombos, 0).digest,
    );
  });

  it('shows the draft that code held a text against', () => {
    const coded = graphOf({ ...SKETCH, codes: ['judge-t'] });
    const all = judgedWith(coded, builtIndex(coded));
    const draft = all.index.get('parsedFile', rowOf(coded, 'd1'));
    const parts = (id: string): readonly unknown[] => reportOf(all, id).steps.at(-1)?.parts ?? [];
    expect(parts('v1')).toContainEqual({ part: 'draft', recorded: draft, now: draft, differs: false });
    expect(parts('e1')).not.toContainEqual(expect.objectContaining({ part: 'draft' }));
  });

  it('shows a server that was recorded by its label, and a text by an earlier digest, as no difference', () => {
    const before = graphOf(SKETCH);
    const index = builtIndex(before);
    const row = rowOf(before, 'd1');
    index.keys.generate[row] = index.number({
      ...index.parts(at(index.keys.generate, row)),
      provider: 'openrouter',
    });
    const recorded = index.parts(at(index.keys.render, row));
    index.keys.render[row] = index.number({ ...recorded, template: 'then' });
    const template = recorded['template'] ?? '';
    const graph = { ...before, formerly: new Map([['then', template]]) };
    const told = (labels: readonly string[]): readonly unknown[] =>
      reportOf(judgedWith(graph, index, { labelsOf: () => labels }), 'd1').steps.flatMap(({ parts }) =>
        parts.filter(({ part }) => part === 'provider' || part === 'template'),
      );
    const { server } = at(before.asks, 0) ?? {};
    expect(told(['openrouter'])).toEqual([
      { part: 'template', recorded: template, now: template, differs: false },
      { part: 'provider', recorded: 'openrouter', now: server, differs: false },
    ]);
    expect(told([])).toContainEqual({
      part: 'provider',
      recorded: 'openrouter',
      now: server,
      differs: true,
    });
  });
});

describe('the failure of a verdict', () => {
  const failing = (accept: boolean): Judged => {
    const graph = graphOf(SKETCH);
    const index = builtIndex(graph, []);
    const row = rowOf(graph, 'd1');
    buildRow(graph, index, row, { step: 'parse', kind: 'refused' });
    if (accept) index.flags[row] = at(index.flags, row) | FLAGS.accepted;
    return judgedWith(graph, index);
  };

  it.each([
    [false, 'failed'],
    [true, 'accepted'],
  ])('is told, accepted or not: %j', (accept, state) => {
    expect(verdictOf(failing(accept), 'd1')).toMatchObject({
      state,
      failure: { kind: 'refused', step: 'parse' },
    });
  });

  it('is not told where it is over', () => {
    const { index } = failing(false);
    const graph = graphOf({ ...SKETCH, texts: { 'draft-t': 'another' } });
    expect(verdictOf(judgedWith(graph, index), 'd1')).not.toHaveProperty('failure');
  });
});
