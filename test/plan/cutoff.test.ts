// What is left to do once a stale prompt was rendered anew.
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { afterRendering, type Remainder } from '../../src/plan/cutoff.ts';
import { Judge, type JudgeOptions } from '../../src/plan/judge.ts';
import type { GenIndex } from '../../src/store/gens/genindex.ts';
import { builtIndex, graphOf, putFile, rowOf, type GraphSketch } from '../support/graphs.ts';

const SKETCH: GraphSketch = { rows: { d1: { template: 'draft-t', model: 'writer' } } };
const STALE: GraphSketch = { ...SKETCH, texts: { 'draft-t': 'another' } };
const OTHER = '00000000deadbeef';

/** What remains of a draft whose template is another, where the prompt has come out as it was unless said otherwise. */
function remainder(
  now: GraphSketch,
  {
    change = () => undefined,
    rendered,
    discard = false,
  }: {
    readonly change?: (index: GenIndex, row: number) => void;
    readonly rendered?: string;
    readonly discard?: boolean;
  } = {},
): Remainder {
  const graph: Graph = graphOf(now);
  const index = builtIndex(graphOf(SKETCH));
  const row = rowOf(graph, 'd1');
  const answered = index.get('promptIn', row);
  change(index, row);
  const options: JudgeOptions = discard
    ? { prompted: () => false, discarded: Uint8Array.of(1) }
    : { prompted: () => false };
  const verdicts = new Judge(graph, index, options).all();
  return afterRendering({ verdicts, index }, row, rendered ?? answered);
}

describe('a prompt that was rendered anew', () => {
  it('to the words that were answered leaves nothing but itself', () => {
    expect(remainder(STALE)).toBe('prompt');
  });

  it('to other words leaves the call', () => {
    expect(remainder(STALE, { rendered: OTHER })).toBe('generate');
  });

  it('for another model, or for nothing that was ever asked, leaves the call', () => {
    expect(remainder({ ...STALE, models: { writer: 'lab/other' } })).toBe('generate');
  });

  it('for another parser leaves the parsing', () => {
    expect(remainder({ ...STALE, parsers: { 'draft-t': 'other' } })).toBe('parse');
  });

  it('beside a hand edit of the reply leaves its parsing', () => {
    const edited = (index: GenIndex, row: number): void => putFile(index, row, 'raw', OTHER);
    expect(remainder(STALE, { change: edited })).toBe('parse');
  });

  it('beside hand edits that are discarded leaves what they touched', () => {
    const edit =
      (artifact: 'raw' | 'parsed') =>
      (index: GenIndex, row: number): void =>
        putFile(index, row, artifact, OTHER);
    expect(remainder(STALE, { change: edit('raw'), discard: true })).toBe('generate');
    expect(remainder(STALE, { change: edit('parsed'), discard: true })).toBe('parse');
    expect(remainder(STALE, { change: edit('parsed') })).toBe('prompt');
  });
});
