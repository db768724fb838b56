// What a generation leaves on the disk: its files, what they say, what of earlier ones stays, and what a hand has changed.
import { readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { digest } from '../../src/digest.ts';
import { readIfPresent } from '../../src/store/writing/atomic.ts';
import type { GraphSketch } from '../support/graphs.ts';
import { CHAIN, replied, workbench, type Answers, type Workbench } from '../support/workbench.ts';

const SINGLE: GraphSketch = { rows: { d1: { template: 'draft-t', model: 'writer' } } };

const metadataOf = (bench: Workbench, id: string): Record<string, unknown> =>
  bench.metadata(id) as Record<string, unknown>;

function keptEdits(bench: Workbench, id: string): Readonly<Record<string, string | undefined>> {
  const folder = `${bench.layout.kept}/${id}`;
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readIfPresent(`${folder}/${name}`)?.toString('utf8')]),
  );
}

describe('metadata.json', () => {
  it('names the generation, and holds the trace of each step', async () => {
    const bench = workbench();
    await bench.run();
    const { trace, ...coordinates } = metadataOf(bench, 'e1');
    expect(coordinates).toEqual({
      stage: 'essay',
      gen_id: 'e1',
      origin_cohort_id: 'main',
      mode: 'llm',
      template_id: 'essay-t',
      parent_gen_id: 'd1',
      llm_model_id: 'writer',
      replicate: 1,
    });
    const [prompt, raw, parsed] = (['prompt', 'raw', 'parsed'] as const).map((name) =>
      digest(bench.read('e1', name) ?? ''),
    );
    expect(trace).toMatchObject({
      version: 1,
      render: {
        parts: {
          template: digest('Essay of {{ draft_block }}'),
          parent: digest(bench.read('d1', 'parsed') ?? ''),
        },
        output: prompt,
      },
      generate: { parts: { prompt, model: 'maker/writer', mode: 'llm', replicate: '1' }, output: raw },
      parse: { parts: { raw, parser: 'identity@1' }, output: parsed },
    });
  });

  it('keeps the keys that another tool wrote, and puts the coordinates of now over its own', async () => {
    const bench = workbench(SINGLE);
    const foreign = {
      stage: 'draft',
      gen_id: 'd1',
      origin_cohort_id: 'elsewhere',
      llm_model_id: 'older',
      template_id: 'older',
      replicate: 7,
      mode: 'copy',
      note: 'mine',
    };
    bench.write('d1', 'metadata.json', JSON.stringify(foreign));
    await bench.run();
    expect(metadataOf(bench, 'd1')).toMatchObject({
      origin_cohort_id: 'elsewhere',
      note: 'mine',
      llm_model_id: 'writer',
      template_id: 'draft-t',
      replicate: 1,
      mode: 'llm',
    });
  });

  it('that is no JSON begins anew', async () => {
    const bench = workbench(SINGLE);
    bench.write('d1', 'metadata.json', '{ "note": ');
    await bench.run();
    const { trace, ...coordinates } = metadataOf(bench, 'd1');
    expect(trace).toMatchObject({ version: 1 });
    expect(coordinates).toEqual({
      stage: 'draft',
      gen_id: 'd1',
      origin_cohort_id: 'main',
      mode: 'llm',
      combo_id: 'combo',
      template_id: 'draft-t',
      llm_model_id: 'writer',
      replicate: 1,
    });
  });
});

describe('a reply', () => {
  it('has in raw_metadata.json what is known of it', async () => {
    const answers: Answers = () => ({
      ...replied('Two\nlines.', {
        finishReason: 'stop',
        requestId: 'r-1',
        answeredBy: 'lab/exact',
        usage: { promptTokens: 7, completionTokens: 3, cost: 0.5 },
      }),
      attempts: [{ reason: 'reset' }, {}],
      durationMs: 1234.5678,
    });
    const bench = workbench(SINGLE, { answers });
    await bench.run();
    expect(bench.metadata('d1', 'raw_metadata.json')).toEqual({
      function: 'draft_raw',
      mode: 'llm',
      stage: 'draft',
      gen_id: 'd1',
      run_id: 'the-run',
      llm_model_id: 'writer',
      provider: 'openrouter',
      model: 'maker/writer',
      answered_by: 'lab/exact',
      duration_s: 1.235,
      finish_reason: 'stop',
      truncated: false,
      usage: { completion_tokens: 3, max_tokens: 100, prompt_tokens: 7, cost: 0.5 },
      request_id: 'r-1',
      attempts: [{ reason: 'reset' }, {}],
      input_mode: 'prompt',
      raw_length: 10,
      raw_lines: 2,
      raw_path: 'gens/draft/d1/raw.txt',
      raw_metadata_path: 'gens/draft/d1/raw_metadata.json',
    });
    expect(bench.metadata('d1', 'parsed_metadata.json')).toMatchObject({
      success: true,
      error: null,
      parser_name: 'identity',
      run_id: 'the-run',
    });
  });

  it.each<
    [
      what: string,
      answer: ReturnType<typeof replied>,
      sketch: Partial<GraphSketch>,
      failure: { readonly kind: string; readonly reason: string; readonly message: unknown },
    ]
  >([
    [
      'cut off',
      replied('half', { truncated: true }),
      {},
      { kind: 'truncated', reason: 'truncated_raw', message: 'the reply was cut off by its token limit' },
    ],
    [
      'filtered',
      replied('', { refusal: 'content_filter' }),
      {},
      { kind: 'refused', reason: 'content_filter', message: 'the provider filtered the reply' },
    ],
    [
      'empty',
      replied('', { refusal: 'empty' }),
      {},
      { kind: 'refused', reason: 'empty', message: 'the reply is empty' },
    ],
    [
      'too short',
      replied(' \n'),
      {},
      {
        kind: 'too_short',
        reason: 'min_lines_not_met',
        message: 'the reply has 0 lines of text where 1 are needed',
      },
    ],
    [
      'without what the parser looks for',
      replied('no block'),
      { parsers: { 'draft-t': 'essay_block' } },
      {
        kind: 'unparsable',
        reason: 'parse_failed',
        message: expect.stringMatching(/^parser essay_block found nothing: /),
      },
    ],
    [
      'for a parser that is not there',
      replied('x'),
      { parsers: { 'draft-t': 'gone' } },
      { kind: 'unparsable', reason: 'missing_parser', message: 'missing parser' },
    ],
  ])(
    'that is %s is written down with its raw text, and leaves no parsed text',
    async (_what, answer, sketch, { kind, ...rest }) => {
      const failure = { kind, ...rest };
      const bench = workbench({ ...SINGLE, ...sketch }, { answers: () => answer });
      const { summary } = await bench.run();
      expect(summary.failures).toMatchObject([{ ...failure, genIds: ['d1'] }]);
      expect(metadataOf(bench, 'd1')).toMatchObject({
        trace: { failure: { step: 'parse', at: '2026-01-02T03:04:05.000Z', ...failure } },
      });
      expect(bench.read('d1', 'raw')).toBe(answer.kind === 'reply' ? answer.reply.text : '');
      expect(bench.read('d1', 'parsed')).toBeUndefined();
      expect(bench.metadata('d1', 'parsed_metadata.json')).toMatchObject({ success: false, error: rest });
      // It fails the same way as long as nothing changes, and is not asked again.
      expect((await bench.run()).told).toEqual([]);
      expect(bench.asked).toHaveLength(1);
    },
  );

  it('that fails where an earlier one did not takes the earlier parsed text with it', async () => {
    let call = 0;
    const bench = workbench(SINGLE, {
      answers: () => ((call += 1) === 1 ? replied('good') : replied('half', { truncated: true })),
    });
    await bench.run();
    await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect([bench.read('d1', 'raw'), bench.read('d1', 'parsed')]).toEqual(['half', undefined]);
    expect(metadataOf(bench, 'd1')).toMatchObject({ trace: { generate: { cutOff: true } } });
  });

  it('is parsed with LF line ends, and kept as it came', async () => {
    const bench = workbench(SINGLE, { answers: () => replied('one\r\ntwo\rthree') });
    await bench.run();
    expect(bench.read('d1', 'parsed')).toBe('one\ntwo\nthree');
    expect(readIfPresent(`${bench.layout.gens}/draft/d1/raw.txt`)?.toString('utf8')).toBe(
      'one\r\ntwo\rthree',
    );
    expect(bench.verdict('d1').state).toBe('current');
  });
});

describe('a call that failed', () => {
  const failing: Answers = () => ({
    kind: 'failure',
    reason: 'bad_request',
    message: 'no such setting',
    attempts: [],
    spent: { ...NOTHING_SPENT, billed: 0.2 },
  });

  it('leaves the prompt of a new generation to be looked at, and the failure with it', async () => {
    const bench = workbench(SINGLE, { answers: failing });
    const { summary } = await bench.run();
    expect(summary).toMatchObject({ failed: 1, cost: 0.2 });
    expect(bench.read('d1', 'prompt')).toBe('text of draft-t');
    expect(metadataOf(bench, 'd1')).toMatchObject({
      trace: {
        render: { output: digest('text of draft-t') },
        failure: { step: 'generate', kind: 'api', reason: 'bad_request', message: 'no such setting' },
      },
    });
    // The next run tries again.
    expect(bench.verdict('d1')).toMatchObject({ state: 'failed', from: 'generate' });
    expect((await bench.run()).told).toEqual(['d1 failed generate: bad_request']);
  });

  it('touches neither the texts nor the traces of the answer that is there', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    const before = metadataOf(bench, 'd1')['trace'] as object;
    const texts = (['prompt', 'raw', 'parsed'] as const).map((name) => bench.read('d1', name));
    const broken = workbench(
      { ...SINGLE, texts: { 'draft-t': 'another' } },
      { answers: failing, layout: bench.layout },
    );
    await broken.run();
    expect((['prompt', 'raw', 'parsed'] as const).map((name) => bench.read('d1', name))).toEqual(texts);
    const { failure, ...rest } = metadataOf(broken, 'd1')['trace'] as { failure: object };
    expect(rest).toEqual(before);
    expect(failure).toMatchObject({ reason: 'bad_request' });
  });

  it('is forgotten with the answer that comes after it', async () => {
    const bench = workbench(SINGLE, { answers: failing });
    await bench.run();
    const mended = workbench(SINGLE, { layout: bench.layout });
    await mended.run();
    expect(metadataOf(mended, 'd1')['trace']).not.toHaveProperty('failure');
    expect(mended.verdict('d1').state).toBe('current');
  });

  it('is forgotten by a prompt that is written anew to the same text', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    const other = { ...SINGLE, texts: { 'draft-t': '{# new #}text of draft-t' } };
    await bench.with(other).run();
    expect(metadataOf(bench, 'd1')).toMatchObject({
      trace: { render: { parts: { template: digest('{# new #}text of draft-t') } } },
    });
    expect(bench.with(other).verdict('d1').state).toBe('current');
  });
});

describe('what a hand has changed', () => {
  it('is copied aside before it is replaced, by what is in it', async () => {
    const bench = workbench();
    await bench.run();
    bench.write('d1', 'raw.txt', 'by hand');
    bench.write('d1', 'parsed.txt', 'by hand too');
    await bench.run({ judging: { discarded: new Uint8Array([1, 0, 0]) } });
    expect(keptEdits(bench, 'd1')).toEqual({
      [`raw-${digest('by hand')}.txt`]: 'by hand',
      [`parsed-${digest('by hand too')}.txt`]: 'by hand too',
    });
    expect(bench.read('d1', 'raw')).toMatch(/^On d1/);
  });

  it('is copied aside where only the prompt is written anew', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    bench.write('d1', 'prompt.txt', 'by hand');
    await bench.with({ ...SINGLE, texts: { 'draft-t': '{# new #}text of draft-t' } }).run();
    expect(keptEdits(bench, 'd1')).toEqual({ [`prompt-${digest('by hand')}.txt`]: 'by hand' });
  });

  it('is copied aside before it is removed, where the text made anew is none', async () => {
    let call = 0;
    const bench = workbench(SINGLE, {
      answers: () => replied((call += 1) === 1 ? 'whole' : 'half', { truncated: call > 1 }),
    });
    await bench.run();
    bench.write('d1', 'parsed.txt', 'by hand');
    await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect(bench.read('d1', 'parsed')).toBeUndefined();
    expect(keptEdits(bench, 'd1')).toEqual({ [`parsed-${digest('by hand')}.txt`]: 'by hand' });
  });

  it('is copied aside where the prompt of a call that failed is replaced by that of another', async () => {
    const bench = workbench(SINGLE, {
      answers: () => ({ kind: 'failure', reason: 'reset', message: 'm', attempts: [], spent: NOTHING_SPENT }),
    });
    await bench.run();
    bench.write('d1', 'prompt.txt', 'by hand');
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    expect(bench.read('d1', 'prompt')).toBe('another');
    expect(keptEdits(bench, 'd1')).toEqual({ [`prompt-${digest('by hand')}.txt`]: 'by hand' });
  });

  it('is nothing where all is as it was made', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    expect(() => keptEdits(bench, 'd1')).toThrow('ENOENT');
  });

  it('stays where its step is not run, and what is below follows it', async () => {
    const bench = workbench();
    await bench.run();
    bench.write('d1', 'parsed.txt', 'by hand');
    expect((await bench.run()).told.map((words) => words.slice(0, 2))).toEqual(['e1', 'v1']);
    expect(bench.read('d1', 'parsed')).toBe('by hand');
    expect(bench.asked.at(-2)?.prompt).toBe('Essay of by hand');
    expect(() => keptEdits(bench, 'd1')).toThrow('ENOENT');
  });

  it('is not told from what another tool left, which is not copied', async () => {
    const bench = workbench(SINGLE);
    bench.write('d1', 'prompt.txt', 'an old prompt');
    bench.write('d1', 'parsed.txt', 'an old text');
    await bench.run();
    expect(() => keptEdits(bench, 'd1')).toThrow('ENOENT');
  });
});

it('a prompt that is gone is written anew, and nothing else is done', async () => {
  const bench = workbench(SINGLE);
  await bench.run();
  rmSync(`${bench.layout.gens}/draft/d1/prompt.txt`);
  expect((await bench.run()).told).toEqual(['d1 built rendered']);
  expect(bench.read('d1', 'prompt')).toBe('text of draft-t');
});

describe('another answer to the same question', () => {
  /** What metadata.json said, each time that a folder was written. */
  function writes(
    bench: Workbench,
    answers: Answers,
  ): { readonly bench: Workbench; readonly traces: object[] } {
    const traces: object[] = [];
    const { pen } = bench.floor;
    const spy = {
      ...pen,
      write: (writing: Parameters<typeof pen.write>[0]) => {
        const json = writing.files.find(([name]) => name === 'metadata.json')?.[1] ?? '{}';
        const { trace } = JSON.parse(json) as { trace: object };
        traces.push({ files: writing.files.map(([name]) => name), steps: Object.keys(trace) });
        return pen.write(writing);
      },
    };
    return { bench: workbench(SINGLE, { answers, layout: bench.layout, rest: { pen: spy } }), traces };
  }

  it('replaces the texts after the trace has let go of them, so that a crash in between is no edit by hand', async () => {
    const first = workbench(SINGLE);
    await first.run();
    const { bench, traces } = writes(first, () => replied('another'));
    await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect(traces).toEqual([
      { files: ['metadata.json'], steps: ['version', 'render'] },
      {
        files: [
          'prompt.txt',
          'raw.txt',
          'parsed.txt',
          'raw_metadata.json',
          'parsed_metadata.json',
          'metadata.json',
        ],
        steps: ['version', 'render', 'generate', 'parse'],
      },
    ]);
  });

  it('to another question needs no such thing', async () => {
    const first = workbench(SINGLE);
    await first.run();
    const { bench, traces } = writes(first, () => replied('another'));
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    expect(traces).toHaveLength(1);
  });

  it('that is the same text needs no such thing', async () => {
    const first = workbench(SINGLE, { answers: () => replied('same') });
    await first.run();
    const { bench, traces } = writes(first, () => replied('same'));
    await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect(traces).toHaveLength(1);
  });
});

it('a new generation is whole: its copies of the chain carry the first cohort that has them', async () => {
  const bench = workbench({
    ...CHAIN,
    rows: { d1: { template: 'draft-t', model: 'writer', cohorts: ['b', 'a'] } },
  });
  await bench.run();
  expect(metadataOf(bench, 'd1')).toMatchObject({ origin_cohort_id: 'a', combo_id: 'combo' });
});
