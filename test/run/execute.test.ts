// One generation's way: what is left of it after a change, where its raw text comes from, and which questions are asked at all.
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { digest } from '../../src/digest.ts';
import type { Answer } from '../../src/run/answer.ts';
import { Desk, SUPERSEDED } from '../../src/run/desk.ts';
import { questionOf, stillAsked } from '../../src/run/question.ts';
import { prepare } from '../../src/run/prepare.ts';
import { listResponses } from '../../src/store/responses.ts';
import { rowOf, type GraphSketch } from '../support/graphs.ts';
import {
  CHAIN,
  PLAIN_ANSWERS,
  replied,
  workbench,
  type Answers,
  type Workbench,
} from '../support/workbench.ts';

const SINGLE: GraphSketch = {
  rows: { d1: { template: 'draft-t', model: 'writer' } },
  concepts: { combo: ['kite'] },
};
const BUILT = ['d1 built rendered called parsed'];

/** Built, and then looked at with another sketch. */
async function rebuilt(now: Partial<GraphSketch>, answers?: Answers): Promise<Workbench> {
  const bench = workbench(SINGLE, { answers });
  expect((await bench.run()).told).toEqual(BUILT);
  return bench.with({ ...SINGLE, ...now });
}

describe('a changed part', () => {
  it.each<[what: string, now: Partial<GraphSketch>, told: string]>([
    ['the template, another prompt', { texts: { 'draft-t': 'another' } }, 'd1 built rendered called parsed'],
    [
      'the template, the same prompt',
      { texts: { 'draft-t': '{# new #}text of draft-t' } },
      'd1 built rendered',
    ],
    ['the model', { models: { writer: 'lab/other' } }, 'd1 built called parsed'],
    ['the parser', { parsers: { 'draft-t': 'essay_block_lenient' } }, 'd1 built parsed'],
  ])('%s', async (_what, now, told) => {
    const bench = await rebuilt(now);
    expect((await bench.run()).told).toEqual([told]);
    expect((await bench.run()).told).toEqual([]);
    expect(bench.asked).toHaveLength(told.includes('called') ? 1 : 0);
  });

  it('of two steps at once does what both need', async () => {
    const now = {
      texts: { 'draft-t': '{# new #}text of draft-t' },
      parsers: { 'draft-t': 'essay_block_lenient' },
    };
    expect((await (await rebuilt(now)).run()).told).toEqual(['d1 built rendered parsed']);
  });
});

describe('a template', () => {
  it('that fails while it renders is a failure of the prompt, and nobody is asked', async () => {
    const bench = workbench({ ...SINGLE, texts: { 'draft-t': '{{ concepts[9].name }}' } });
    const { summary } = await bench.run();
    expect(summary.failures).toMatchObject([{ kind: 'render', genIds: ['d1'] }]);
    expect(bench.asked).toEqual([]);
    // As long as nothing changes it is not tried again.
    expect((await bench.run()).summary.failed).toBe(0);
    expect(bench.verdict('d1')).toMatchObject({
      state: 'failed',
      failure: { step: 'render', kind: 'render' },
    });
  });

  it('that gives blanks asks nobody', async () => {
    const bench = workbench({ ...SINGLE, texts: { 'draft-t': '{# only this #}\n \u200b ' } });
    expect((await bench.run()).told).toEqual(['d1 failed render: prompt_empty']);
  });

  it('that can not be read is said by its own problem', async () => {
    const bench = workbench({ ...SINGLE, texts: { 'draft-t': '{% if %}' } });
    expect((await bench.run()).told).toHaveLength(1);
    expect(bench.asked).toEqual([]);
  });

  it('is given the concepts, and the text above by the names of its stage', async () => {
    const bench = workbench(
      {
        ...CHAIN,
        concepts: { combo: ['kite', 'keel'] },
        texts: {
          'draft-t': '{% for each in concepts %}{{ each.name }}: {{ each.content }}\n{% endfor %}',
          'essay-t': '<{{ draft_block }}|{{ links_block }}>',
          'judge-t': '<{{ response }}>',
        },
      },
      { answers: ({ task }) => replied(`by ${task.genId}`) },
    );
    await bench.run();
    expect(bench.asked.map(({ prompt }) => prompt)).toEqual([
      'kite: About kite.\nkeel: About keel.\n',
      '<by d1|by d1>',
      '<by e1>',
    ]);
    expect(bench.read('d1', 'prompt')).toBe(bench.asked[0]?.prompt);
  });
});

describe('the response cache', () => {
  it('answers a question that was answered before, and says what that saved', async () => {
    const bench = await rebuilt({ texts: { 'draft-t': 'another' } }, () =>
      replied('said', { usage: { cost: 0.25 } }),
    );
    await bench.run();
    const back = bench.with(SINGLE);
    const { told, summary } = await back.run();
    expect(told).toEqual(['d1 built rendered cached parsed']);
    expect(summary).toMatchObject({ cost: 0, saved: 0.25 });
    expect(back.asked).toEqual([]);
  });

  it('tells what an answer is worth by its tokens where its cost was not said, and nothing without a price', async () => {
    const answers: Answers = () =>
      replied('said', { usage: { promptTokens: 1_000_000, completionTokens: 2_000_000 } });
    for (const [prices, saved] of [
      [{ inputPrice: 1, outputPrice: 10 }, 21],
      [{}, 0],
    ] as const) {
      const sketch = { ...SINGLE, asks: { writer: prices } };
      const bench = workbench(sketch, { answers });
      await bench.run();
      await bench.with({ ...sketch, texts: { 'draft-t': 'another' } }).run();
      expect((await bench.with(sketch).run()).summary.saved).toBeCloseTo(saved);
    }
  });

  it('is passed over where an answer is forced', async () => {
    let call = 0;
    const bench = await rebuilt({}, () => replied(`Call ${(call += 1)}`));
    const { told } = await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect(told).toEqual(BUILT);
    expect(listResponses(bench.layout)).toHaveLength(2);
  });

  it('is passed over where a failed reply is tried again', async () => {
    let call = 0;
    const sketch = { ...SINGLE, parsers: { 'draft-t': 'essay_block' } };
    const bench = workbench(sketch, {
      answers: () => replied((call += 1) === 1 ? 'none' : '<essay>one</essay>'),
    });
    expect((await bench.run()).told).toEqual(['d1 failed rendered called parse: parse_failed']);
    expect((await bench.run()).told).toEqual([]);
    const { told } = await bench.run({ judging: { retry: new Set(['unparsable']) } });
    expect(told).toEqual(['d1 built called parsed']);
  });

  it('serves no reply that was refused or cut off', async () => {
    let call = 0;
    const answers: Answers = () =>
      (call += 1) === 1 ? replied('half', { truncated: true }) : replied('whole');
    const bench = await workbench(SINGLE, { answers });
    expect((await bench.run()).told).toEqual(['d1 failed rendered called parse: truncated_raw']);
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    expect((await bench.with(SINGLE).run()).told).toEqual(['d1 built rendered called parsed']);
  });

  it('alone may answer where calls are not allowed, and a miss is told in its words', async () => {
    const bench = workbench(SINGLE, { rest: { cache: 'only' } });
    const { told, summary } = await bench.run();
    expect(told).toEqual(['d1 failed generate: offline_miss']);
    expect(summary.failures[0]).toMatchObject({ kind: 'api', message: 'missed d1' });
    expect(bench.asked).toEqual([]);
    // A call that could not be made is made by the next run that may.
    expect((await bench.with(SINGLE, { cache: 'use' }).run()).told).toEqual(['d1 built called parsed']);
  });

  it('finds answers under the labels that earlier versions gave a server', async () => {
    const labelled = { ...SINGLE, asks: { writer: { server: 'openrouter' } } };
    const bench = workbench(labelled);
    await bench.run();
    await bench.with({ ...labelled, texts: { 'draft-t': 'another' } }).run();
    const now = bench.with(SINGLE, { labelsOf: () => ['openrouter'] });
    expect((await now.run()).told).toEqual(['d1 built rendered cached parsed']);
  });
});

describe('two that ask the same', () => {
  const TWINS: GraphSketch = {
    rows: {
      d1: { template: 'draft-t', model: 'writer', combo: 'a' },
      d2: { template: 'draft-t', model: 'writer', combo: 'b' },
    },
  };

  it('buy it once: the second waits for the first and takes its answer', async () => {
    const bench = workbench(TWINS);
    const { told, summary } = await bench.run();
    expect(told.slice().sort()).toEqual([
      'd1 built rendered called parsed',
      'd2 built rendered cached parsed',
    ]);
    expect(bench.asked).toHaveLength(1);
    expect(summary.how).toMatchObject({ called: 1, cached: 1 });
    expect(bench.read('d2', 'raw')).toBe(bench.read('d1', 'raw'));
  });

  it('ask on their own where the first got no answer', async () => {
    const answers: Answers = (question, ...rest) =>
      question.task.genId === 'd1'
        ? { kind: 'failure', reason: 'reset', message: 'm', attempts: [], spent: NOTHING_SPENT }
        : PLAIN_ANSWERS(question, ...rest);
    const { told } = await workbench(TWINS, { answers }).run();
    expect(told).toEqual(['d1 failed generate: reset', 'd2 built rendered called parsed']);
  });

  it('ask twice where both are forced', async () => {
    const bench = workbench(TWINS);
    await bench.run({ judging: { forced: new Uint8Array([1, 1]) } });
    expect(bench.asked).toHaveLength(2);
  });

  it('of different replicates are different questions', async () => {
    const rows = { d1: { model: 'writer' }, d2: { model: 'writer', replicate: 2 } };
    const bench = workbench({ rows });
    await bench.run();
    expect(bench.asked).toHaveLength(2);
  });
});

describe('a copy', () => {
  const COPY: GraphSketch = { ...CHAIN, copies: ['essay-t'] };

  it('takes the text above as it is, and asks nobody', async () => {
    const bench = workbench(COPY);
    const { told } = await bench.run();
    expect(told[1]).toBe('e1 built rendered copied parsed');
    expect(bench.read('e1', 'prompt')).toBe(bench.read('d1', 'parsed'));
    expect(bench.read('e1', 'raw')).toBe(bench.read('d1', 'parsed'));
    expect(bench.metadata('e1', 'raw_metadata.json')).toMatchObject({ finish_reason: 'copy', mode: 'copy' });
    expect(
      questionOf(bench.floor, { task: bench.task('e1'), prompt: { text: '', digest: '' } }),
    ).toBeUndefined();
  });
});

describe('the offline model', () => {
  it('is asked, costs nothing, and leaves nothing in the cache', async () => {
    const bench = workbench(
      { ...SINGLE, asks: { writer: { provider: 'offline' } } },
      { rest: { cache: 'only' } },
    );
    expect((await bench.run()).told).toEqual(['d1 built rendered offline parsed']);
    expect(listResponses(bench.layout)).toEqual([]);
  });
});

describe('what another tool left', () => {
  it('is adopted where its prompt is what would be rendered now', async () => {
    const bench = workbench(SINGLE);
    bench.write('d1', 'prompt.txt', 'text of draft-t');
    bench.write('d1', 'raw.txt', 'its answer');
    bench.write('d1', 'parsed.txt', 'its answer');
    expect(bench.verdict('d1')).toMatchObject({ state: 'current', untraced: true });
    const { told, summary } = await bench.run();
    expect(told).toEqual(['d1 adopted']);
    expect(summary.adopted).toBe(1);
    expect(bench.asked).toEqual([]);
    expect(bench.verdict('d1')).toMatchObject({ state: 'current', untraced: false });
    expect(bench.metadata('d1')).toMatchObject({ trace: { generate: { adopted: true } } });
  });

  it('is adopted half made, and the rest is made', async () => {
    const bench = workbench(SINGLE);
    bench.write('d1', 'prompt.txt', 'text of draft-t');
    bench.write('d1', 'raw.txt', 'its answer');
    expect((await bench.run()).told).toEqual(['d1 built parsed']);
    expect(bench.read('d1', 'parsed')).toBe('its answer');
    const { trace } = bench.metadata('d1') as unknown as { trace: { generate: object } };
    expect(trace.generate).toMatchObject({ adopted: true, output: digest('its answer') });
  });

  it('is made anew where its prompt is another, and its answer is kept', async () => {
    const bench = workbench(SINGLE);
    bench.write('d1', 'prompt.txt', 'an old prompt');
    bench.write('d1', 'raw.txt', 'its answer');
    bench.write('d1', 'parsed.txt', 'its answer');
    expect((await bench.run()).told).toEqual(BUILT);
    expect(listResponses(bench.layout)).toHaveLength(2);
  });
});

describe('whether a row would still ask just this', () => {
  async function addressOf(bench: Workbench, id: string): Promise<string> {
    bench.verdict(id);
    const prepared = prepare(bench.floor, rowOf(bench.graph, id));
    const question = prepared.kind === 'generate' ? questionOf(bench.floor, prepared) : undefined;
    return question?.address ?? '';
  }

  it('holds while nothing of its own differs', async () => {
    const bench = workbench(SINGLE);
    const address = await addressOf(bench, 'd1');
    expect(stillAsked(bench.floor, 0, address)).toBe(true);
    const edited = bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } });
    edited.verdict('d1');
    expect(stillAsked(edited.floor, 0, address)).toBe(false);
    await bench.run();
    bench.verdict('d1');
    expect(stillAsked(bench.floor, 0, address)).toBe(false);
  });

  it('is not known below what still has to run, and nothing is given up for that', async () => {
    const bench = workbench(CHAIN);
    await bench.run();
    const edited = bench.with({ ...CHAIN, texts: { ...CHAIN.texts, 'draft-t': 'another' } });
    edited.verdict('e1');
    expect(stillAsked(edited.floor, rowOf(edited.graph, 'e1'), 'whatever')).toBe(true);
  });

  it('does not hold below a failure, which nobody asks past', async () => {
    const bench = workbench({ ...CHAIN, parsers: { 'draft-t': 'essay_block' } });
    await bench.run();
    expect(bench.verdict('e1').state).toBe('blocked');
    expect(stillAsked(bench.floor, rowOf(bench.graph, 'e1'), 'whatever')).toBe(false);
  });

  it('does not hold below what has to run, where something of its own differs too', async () => {
    const bench = workbench(CHAIN);
    await bench.run();
    const texts = { ...CHAIN.texts, 'draft-t': 'another', 'essay-t': 'Another of {{ draft_block }}' };
    const edited = bench.with({ ...CHAIN, texts });
    edited.verdict('e1');
    expect(stillAsked(edited.floor, rowOf(edited.graph, 'e1'), 'whatever')).toBe(false);
  });

  it('does not hold where only its parser differs, nor of a copy: neither asks anybody', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    const parsed = bench.with({ ...SINGLE, parsers: { 'draft-t': 'essay_block_lenient' } });
    expect(parsed.verdict('d1').from).toBe('parse');
    expect(stillAsked(parsed.floor, 0, 'whatever')).toBe(false);
    const copying = workbench({ ...CHAIN, copies: ['essay-t'] });
    await copying.run({ scope: new Uint8Array([1, 0, 0]) });
    copying.verdict('e1');
    expect(stillAsked(copying.floor, rowOf(copying.graph, 'e1'), 'whatever')).toBe(false);
  });

  it('ends with the run that was superseded, which lets go of it', async () => {
    const controller = new AbortController();
    const bench = workbench(SINGLE, { answers: () => new Promise(() => {}) });
    const ended = bench.run({ abort: controller.signal });
    await expect.poll(() => bench.asked.length).toBe(1);
    controller.abort(SUPERSEDED);
    expect((await ended).told).toEqual(['d1 left superseded']);
    expect(bench.floor.desk.underWay()).toHaveLength(1);
  });

  it('is a call of the run that first hears of its answer, with what that cost, though it came in between', async () => {
    const controller = new AbortController();
    const desk = new Desk();
    let come: (answer: Answer) => void = () => {};
    const bench = workbench(SINGLE, {
      answers: () => new Promise((resolve) => (come = resolve)),
      rest: { desk },
    });
    const ended = bench.run({ abort: controller.signal });
    await expect.poll(() => bench.asked.length).toBe(1);
    controller.abort(SUPERSEDED);
    await ended;
    come(replied('said'));
    await desk.settled();
    const { told, summary } = await bench.run();
    expect(told).toEqual(BUILT);
    expect(summary).toMatchObject({ how: { called: 1, cached: 0 }, cost: 0.01 });
    expect(bench.asked).toHaveLength(1);
  });
});
