// What is left to do of a generation once what is above it is done, and the prompt that it is asked with: from which texts, with which
// parts on record, and why there may be none.
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { digest } from '../../src/digest.ts';
import { joined } from '../../src/generation/systemprompt.ts';
import { prepare, promptHolds } from '../../src/run/prepare.ts';
import type { Texts } from '../../src/run/study.ts';
import { compileTemplate } from '../../src/template/template.ts';
import { rowOf, type GraphSketch } from '../support/graphs.ts';
import { CHAIN, replied, workbench, type Answers, type Workbench } from '../support/workbench.ts';

const SINGLE: GraphSketch = {
  rows: { d1: { template: 'draft-t', model: 'writer' } },
  concepts: { combo: ['kite'] },
};

const prepared = (bench: Workbench, id: string): ReturnType<typeof prepare> => {
  bench.verdict(id);
  return prepare(bench.floor, rowOf(bench.graph, id));
};

const partsOf = (bench: Workbench, id: string): unknown =>
  (bench.metadata(id) as unknown as { trace: { render: { parts: unknown } } }).trace.render.parts;

describe('what failed before', () => {
  /** The draft always says the same; the essay has no block. */
  const answers: Answers = () => replied('The same.\nSCORE: 5');
  const sketch: GraphSketch = { ...CHAIN, parsers: { 'essay-t': 'essay_block' } };

  it('fails as before where what it was made from is the same, and nobody is asked', async () => {
    const bench = workbench(sketch, { answers });
    await bench.run();
    const edited = bench.with({ ...sketch, texts: { ...CHAIN.texts, 'draft-t': 'Another text' } });
    const { told, events } = await edited.run();
    expect(told.slice(0, 2)).toEqual(['d1 built rendered called parsed', 'e1 failed parse: as_before']);
    expect(edited.asked.map(({ genId }) => genId)).toEqual(['d1']);
    expect(events[2]).toMatchObject({
      outcome: {
        failure: {
          step: 'parse',
          kind: 'unparsable',
          message: 'failed before, and nothing that it was made from has changed',
        },
        steps: [],
      },
    });
  });

  it('is told by the step and the kind that it failed with', async () => {
    const refused = workbench(CHAIN, {
      answers: ({ task }) => (task.genId === 'e1' ? replied('', { refusal: 'empty' }) : replied('The same.')),
    });
    await refused.run();
    const edited = refused.with({ ...CHAIN, texts: { ...CHAIN.texts, 'draft-t': 'Another text' } });
    const { summary } = await edited.run();
    expect(summary.failures).toMatchObject([{ kind: 'refused', reason: 'as_before', genIds: ['e1'] }]);
  });

  it('by a call is asked again, and the cache may answer', async () => {
    let fails = true;
    const twins: GraphSketch = {
      rows: {
        d1: { template: 'draft-t', model: 'writer', combo: 'a' },
        d2: { template: 'draft-t', model: 'writer', combo: 'b' },
      },
    };
    const bench = workbench(twins, {
      answers: () =>
        fails
          ? { kind: 'failure', reason: 'reset', message: 'm', attempts: [], spent: NOTHING_SPENT }
          : replied('said'),
    });
    await bench.run();
    fails = false;
    await bench.run({ scope: new Uint8Array([0, 1]) });
    const { told } = await bench.run({ judging: { retry: new Set(['api']) } });
    expect(told).toEqual(['d1 built cached parsed']);
  });
});

describe('what is left', () => {
  it('is nothing of what is current', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    expect(prepared(bench, 'd1')).toEqual({ kind: 'settled' });
  });

  it('is to be asked with the prompt that lies there, where only the model is another', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    const other = prepared(bench.with({ ...SINGLE, models: { writer: 'lab/other' } }), 'd1');
    expect(other).toMatchObject({
      kind: 'generate',
      prompt: { text: 'text of draft-t', digest: digest('text of draft-t') },
      cache: 'use',
    });
    expect(other).not.toHaveProperty(['prompt', 'parts']);
  });

  it('is to be asked past the cache where an answer is forced, whatever step would have to run', async () => {
    for (const sketch of [SINGLE, { ...SINGLE, texts: { 'draft-t': 'another' } }]) {
      const bench = workbench(SINGLE);
      await bench.run();
      const again = bench.with(sketch);
      const { told } = await again.run({ judging: { forced: new Uint8Array([1]) } });
      expect(told[0]).toMatch(/ called parsed$/);
      expect(again.asked).toHaveLength(1);
    }
  });
});

describe('a prompt', () => {
  it('has on record what it was really made from', async () => {
    const bench = workbench({ ...CHAIN, copies: ['judge-t'] });
    await bench.run();
    const parsed = (id: string): string => digest(bench.read(id, 'parsed') ?? '');
    expect(partsOf(bench, 'd1')).toMatchObject({
      template: digest('text of draft-t'),
      concepts: digest('combo combo'),
    });
    expect(partsOf(bench, 'd1')).not.toHaveProperty('parent');
    expect(partsOf(bench, 'e1')).toMatchObject({ parent: parsed('d1') });
    expect(partsOf(bench, 'e1')).not.toHaveProperty('concepts');
    expect(partsOf(bench, 'v1')).toMatchObject({ parent: parsed('e1') });
  });

  it('holds while it is what would be rendered now', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    bench.verdict('d1');
    expect(promptHolds(bench.floor, 0)).toBe(true);
    const edited = bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } });
    edited.verdict('d1');
    expect(promptHolds(edited.floor, 0)).toBe(false);
    const broken = bench.with({ ...SINGLE, texts: { 'draft-t': '{{ concepts[9].name }}' } });
    broken.verdict('d1');
    expect(promptHolds(broken.floor, 0)).toBe(false);
  });

  it.each<[what: string, text: string, reason: RegExp, message: RegExp]>([
    ['that fails', '{{ concepts[9].name }}', /^\w+$/, /\S/],
    ['that is empty', ' \n', /^prompt_empty$/, /^the prompt would be empty: nobody is asked$/],
    ['whose template can not be read', '{% if %}', /^\w+$/, /\S/],
  ])('%s is a failure of rendering, with its words and its parts', async (_what, text, reason, message) => {
    const sketch = { ...SINGLE, texts: { 'draft-t': text } };
    const bench = workbench(sketch);
    const { summary } = await bench.run();
    const [failure] = summary.failures;
    expect(failure?.kind).toBe('render');
    expect(failure?.reason).toMatch(reason);
    expect(failure?.message).toMatch(message);
    expect(bench.metadata('d1')).toMatchObject({
      trace: { failure: { step: 'render', parts: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown } },
    });
    // The parts are those of now: nothing is tried again until one of them is another.
    expect((await bench.run()).told).toEqual([]);
    expect((await bench.with(SINGLE).run()).told).toEqual(['d1 built rendered called parsed']);
  });
});

describe('a system prompt', () => {
  /** The same sketch with a system prompt beside every template. */
  function withSystem(text: string): Workbench {
    const plain = workbench(SINGLE);
    const { value: system } = compileTemplate(text, { file: 'system.txt' });
    const { template } = plain.floor.texts;
    const texts: Texts = {
      ...plain.floor.texts,
      template: (of) => {
        const found = template(of);
        return 'problem' in found || system === undefined ? found : { ...found, system };
      },
    };
    return workbench(SINGLE, { rest: { texts } });
  }

  it('goes before the prompt, with the same words in it', async () => {
    const bench = withSystem('You know {{ concepts[0].name }}.');
    await bench.run();
    expect(bench.asked[0]?.prompt).toBe(joined({ system: 'You know kite.', prompt: 'text of draft-t' }));
  });

  it('of blanks is none', async () => {
    const bench = withSystem(' \n{# nothing #}');
    await bench.run();
    expect(bench.asked[0]?.prompt).toBe('text of draft-t');
  });

  it('that fails is a failure of rendering', async () => {
    const bench = withSystem('{{ concepts[9].name }}');
    expect((await bench.run()).summary.failures).toMatchObject([{ kind: 'render', genIds: ['d1'] }]);
    expect(bench.asked).toEqual([]);
  });
});
