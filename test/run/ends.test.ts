// How a generation can end besides with a text: the words of each failure, failures that are accepted, and texts that code scores.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digest } from '../../src/digest.ts';
import { acceptFailure } from '../../src/run/finish.ts';
import type { Texts } from '../../src/run/study.ts';
import type { GraphSketch } from '../support/graphs.ts';
import { CHAIN, replied, workbench, type Workbench } from '../support/workbench.ts';

const SINGLE: GraphSketch = { rows: { d1: { template: 'draft-t', model: 'writer' } } };

interface Told {
  readonly kind: string;
  readonly reason: string;
  readonly message: string;
}

async function failureOf(
  answer: ReturnType<typeof replied>,
  { stage = 'draft' as 'draft' | 'evaluation', parser = 'identity' } = {},
): Promise<Told | undefined> {
  const draft = stage === 'draft';
  const sketch = { ...CHAIN, parsers: { [draft ? 'draft-t' : 'judge-t']: parser } };
  const bench = workbench(sketch, {
    answers: ({ task }) => (task.stage === stage ? answer : replied('whole')),
  });
  const [failure] = (await bench.run()).summary.failures;
  return failure && { kind: failure.kind, reason: failure.reason, message: failure.message };
}

describe('the words of a failure', () => {
  it.each([
    ['content_filter', 'the provider filtered the reply'],
    ['empty', 'the reply is empty'],
    ['only_thoughts', 'the model thought until its tokens were used up, and said nothing'],
    ['tool_call', 'the model called a tool, and there is none here'],
  ] as const)('of a reply that was refused: %s', async (refusal, message) => {
    expect(await failureOf(replied('', { refusal }))).toEqual({ kind: 'refused', reason: refusal, message });
  });

  it('of a reply that was refused are told before those of its being cut off', async () => {
    expect(await failureOf(replied('', { refusal: 'empty', truncated: true }))).toMatchObject({
      reason: 'empty',
    });
  });

  it('of a score out of range name the range', async () => {
    expect(await failureOf(replied('SCORE: 99'), { stage: 'evaluation', parser: 'in_last_line' })).toEqual({
      kind: 'unparsable',
      reason: 'parse_failed',
      message: expect.stringMatching(
        /^the score 99 is out of range: parser in_last_line takes \S/,
      ) as unknown,
    });
  });

  it('of a parser name it, and what it looked for', async () => {
    expect(await failureOf(replied('no block'), { parser: 'essay_block' })).toEqual({
      kind: 'unparsable',
      reason: 'parse_failed',
      message: expect.stringMatching(/^parser essay_block found nothing: \w+$/) as unknown,
    });
  });

  it('of a score that is not there name what was looked for, and no range', async () => {
    const failure = await failureOf(replied('no number'), { stage: 'evaluation', parser: 'in_last_line' });
    expect(failure?.message).toMatch(/^parser in_last_line found nothing: \w+$/);
  });

  it('of a parser that is not there', async () => {
    expect(await failureOf(replied('x'), { parser: 'nobody_has_it' })).toEqual({
      kind: 'unparsable',
      reason: 'missing_parser',
      message: 'missing parser',
    });
  });

  it('stand in parsed_metadata.json with what the parser said, and with the trace', async () => {
    const bench = workbench(
      { ...SINGLE, parsers: { 'draft-t': 'essay_block' } },
      { answers: () => replied('no\nblock') },
    );
    await bench.run();
    expect(bench.metadata('d1', 'parsed_metadata.json')).toMatchObject({
      success: false,
      error: {
        reason: 'parse_failed',
        message: 'parser essay_block found nothing: missing_essay_block',
        parser: 'essay_block',
        cause: 'missing_essay_block',
        preview: 'no | block',
      },
      parser_name: 'essay_block',
    });
    expect(bench.metadata('d1')).toMatchObject({
      trace: {
        failure: {
          step: 'parse',
          kind: 'unparsable',
          reason: 'parse_failed',
          at: '2026-01-02T03:04:05.000Z',
        },
      },
    });
  });
});

describe('a failure that is accepted', () => {
  const ACCEPTED = { reason: 'it is hopeless', at: '2026-02-01T00:00:00Z' };

  it('stays, with the reason on record, and everything else as it was', async () => {
    const bench = workbench(SINGLE, { answers: () => replied('half', { truncated: true }) });
    await bench.run();
    const before = bench.metadata('d1') as Record<string, { failure: object }>;
    await acceptFailure(bench.floor, bench.task('d1'), ACCEPTED);
    expect(bench.metadata('d1')).toEqual({
      ...before,
      trace: { ...before['trace'], failure: { ...before['trace']?.failure, accepted: ACCEPTED } },
    });
    expect(bench.read('d1', 'raw')).toBe('half');
  });

  it('is none where nothing failed, or nothing is there', async () => {
    const built = workbench(SINGLE);
    await built.run();
    const before = built.metadata('d1');
    await acceptFailure(built.floor, built.task('d1'), ACCEPTED);
    expect(built.metadata('d1')).toEqual(before);
    const none = workbench(SINGLE);
    await acceptFailure(none.floor, none.task('d1'), ACCEPTED);
    expect(none.metadata('d1')).toBeUndefined();
  });
});

describe('a text that code scores', () => {
  const scored = (parser: string): GraphSketch => ({
    ...CHAIN,
    codes: ['judge-t'],
    parsers: { 'judge-t': parser },
    texts: { ...CHAIN.texts, 'judge-t': 'the text beside' },
  });
  const SAID = { d1: 'one two three four', e1: 'one two three five' } as Readonly<Record<string, string>>;

  function benchWith(parser: string, own?: string): Workbench {
    const answers = ({ task }: { task: { genId: string } }): ReturnType<typeof replied> =>
      replied(SAID[task.genId] ?? 'none');
    const plain: Texts['plain'] = () => (own === undefined ? undefined : { digest: digest(own), text: own });
    const bench = workbench(scored(parser), { answers });
    return workbench(scored(parser), {
      answers,
      layout: bench.layout,
      rest: { texts: { ...bench.floor.texts, plain } },
    });
  }

  const traceOf = (
    bench: Workbench,
  ): { readonly parse: { readonly parts: Readonly<Record<string, string>> } } =>
    (bench.metadata('v1') as unknown as { trace: { parse: { parts: Record<string, string> } } }).trace;

  it('is the essay itself, and nobody is asked', async () => {
    const bench = benchWith('length:words');
    const { told } = await bench.run();
    expect(told.at(-1)).toBe('v1 built rendered scored parsed');
    expect(bench.asked).toHaveLength(2);
    expect(bench.read('v1', 'raw')).toBe(SAID['e1']);
    expect(bench.read('v1', 'parsed')).toMatch(/^4(\.0)?\s*$/);
    expect(bench.metadata('v1')).toMatchObject({ mode: 'code' });
    expect(bench.metadata('v1', 'raw_metadata.json')).toMatchObject({ mode: 'code', input_mode: 'copy' });
    expect(bench.metadata('v1', 'parsed_metadata.json')).toMatchObject({ success: true });
  });

  it('is held against its draft, whose text is a part of what was made', async () => {
    const bench = benchWith('similarity:draft');
    await bench.run();
    expect(Number(bench.read('v1', 'parsed'))).toBeCloseTo(1 / 3);
    expect(traceOf(bench).parse.parts).toMatchObject({
      draft: digest(SAID['d1']!),
      raw: digest(SAID['e1']!),
    });
    expect(traceOf(bench).parse.parts).not.toHaveProperty('text');
  });

  it('is held against an empty text where its draft is gone', async () => {
    const bench = benchWith('similarity:draft');
    await bench.run();
    rmSync(`${bench.layout.gens}/draft/d1/parsed.txt`);
    const scope = new Uint8Array([0, 0, 1]);
    const { told } = await bench.run({ scope, judging: { forced: scope.slice() } });
    expect(told).toEqual(['v1 built rendered scored parsed']);
    expect(traceOf(bench).parse.parts).toMatchObject({ draft: digest('') });
  });

  it('is held against the template’s own text, which is a part of it too', async () => {
    const bench = benchWith('similarity:text', 'one two three five');
    await bench.run();
    expect(Number(bench.read('v1', 'parsed'))).toBe(1);
    expect(traceOf(bench).parse.parts).toMatchObject({ text: digest('one two three five') });
  });

  it('fails where there is nothing to hold it against', async () => {
    const { summary } = await benchWith('similarity:text').run();
    expect(summary.failures).toMatchObject([
      { kind: 'unparsable', message: 'parser similarity:text found nothing: no_text_to_compare' },
    ]);
  });

  it('and that another tool scored is adopted with the draft that it was held against', async () => {
    const bench = benchWith('similarity:draft');
    await bench.run();
    const { trace: _trace, ...rest } = bench.metadata('v1') as Record<string, unknown>;
    bench.write('v1', 'metadata.json', JSON.stringify(rest));
    expect((await bench.run()).told).toEqual(['v1 adopted']);
    expect(traceOf(bench).parse.parts).toMatchObject({ draft: digest(SAID['d1']!) });
    expect((await bench.run()).told).toEqual([]);
  });

  it('by no code has no draft among its parts', async () => {
    const bench = workbench();
    await bench.run();
    expect(traceOf(bench).parse.parts).not.toHaveProperty('draft');
  });
});

describe('what another tool left, adopted', () => {
  /** The traces of a draft that lies there with these files, after a run that may buy nothing. */
  async function adopted(files: Readonly<Record<string, string>>, sketch = SINGLE): Promise<Workbench> {
    const bench = workbench(sketch);
    for (const [name, text] of Object.entries(files)) bench.write('d1', name, text);
    await bench.run();
    return bench;
  }

  const WHOLE = { 'prompt.txt': 'text of draft-t', 'raw.txt': 'its answer', 'parsed.txt': 'its answer' };

  it('has traces of what lies there, as if it had been made so', async () => {
    const bench = await adopted(WHOLE);
    const [prompt, raw] = [digest('text of draft-t'), digest('its answer')];
    expect(bench.metadata('d1')).toMatchObject({
      trace: {
        version: 1,
        render: { parts: { template: digest('text of draft-t') }, output: prompt },
        generate: { parts: { prompt, model: 'maker/writer' }, output: raw, adopted: true },
        parse: { parts: { raw, parser: 'identity@1' }, output: raw },
      },
    });
    expect(bench.metadata('d1')).not.toHaveProperty(['trace', 'generate', 'cutOff']);
  });

  it('that was cut off is adopted as cut off, and as accepted all the same', async () => {
    const bench = await adopted({ ...WHOLE, 'raw_metadata.json': '{"truncated":true}' });
    expect(bench.metadata('d1')).toMatchObject({ trace: { generate: { cutOff: true }, parse: {} } });
    expect(bench.verdict('d1').state).toBe('current');
  });

  it('whose raw metadata is damaged is taken for whole', async () => {
    const bench = await adopted({ ...WHOLE, 'raw_metadata.json': '{' });
    expect(bench.metadata('d1')).not.toHaveProperty(['trace', 'generate', 'cutOff']);
  });
});
