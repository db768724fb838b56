// The built-in parsers against golden cases, and against texts made to slow them down.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ParseResult } from '../../src/generation/parsers/parser.ts';
import { createParserRegistry } from '../../src/generation/parsers/registry.ts';
import { scoreOfParsed } from '../../src/generation/parsedscore.ts';
import type { Stage } from '../../src/generation/stage.ts';
import { STAGES } from '../../src/generation/stage.ts';
import { cases } from '../support/golden.ts';

interface Refusal {
  readonly ctx: { readonly reason: string; readonly value?: unknown };
}

interface ParserCase {
  readonly id: string;
  readonly stage: Stage;
  readonly parser: string;
  readonly input: string;
  readonly expect: { readonly output: string; readonly error?: Refusal };
}

interface ScoreCase {
  readonly id: string;
  readonly op: 'response' | 'parsed_txt';
  readonly input: string | null;
  readonly expect: {
    readonly score: number | { readonly $float: string } | null;
    readonly parsed_text: string;
    readonly error?: Refusal | string | null;
  };
}

const registry = createParserRegistry({}).value;

function parse(stage: Stage, name: string, raw: string): ParseResult {
  return registry.find(stage, name)?.parse(raw) ?? { ok: false, reason: 'missing_parser' };
}

function refusal(error: Refusal): unknown {
  const { reason, value } = error.ctx;
  return value === undefined ? { ok: false, reason } : { ok: false, reason, data: { value } };
}

describe('golden replies', () => {
  test.each(cases<ParserCase>('draft_parsers.json'))('$id $parser', (each) => {
    const wanted =
      each.expect.error === undefined ? { ok: true, text: each.expect.output } : refusal(each.expect.error);
    expect(parse(each.stage, each.parser, each.input)).toEqual(wanted);
  });

  const scores = cases<ScoreCase>('evaluation_scores.json');

  test.each(scores.filter((each) => each.op === 'response'))('$id in_last_line', (each) => {
    const { error } = each.expect;
    const refused = typeof error === 'object' && error !== null;
    const wanted = refused ? refusal(error) : { ok: true, text: each.expect.parsed_text };
    expect(parse('evaluation', 'in_last_line', each.input ?? '')).toEqual(wanted);
  });

  test.each(scores.filter((each) => each.op === 'parsed_txt'))('$id score of a parsed text', (each) => {
    const { score, error } = each.expect;
    const numbers: Record<string, object> = { nan: {}, inf: { score: Infinity } };
    const found = typeof score === 'object' ? numbers[score?.$float ?? 'nan'] : { score };
    expect(scoreOfParsed(each.input ?? undefined)).toEqual(error === null ? found : { error });
  });
});

describe('folding of letter case', () => {
  it('joins the letters that Python joins', () => {
    expect(parse('draft', 'essay_block_lenient', '<TH\u0130N\u212a\u0131NG>x</thinking>y')).toEqual({
      ok: true,
      text: 'y',
    });
  });

  it('does not take a longer name for thinking', () => {
    expect(parse('draft', 'essay_block_lenient', '<thinking\u00e9>x</thinking>')).toMatchObject({
      text: '<thinking\u00e9>x</thinking>',
    });
  });
});

/** A quadratic parser would need hours for these. */
const MEGABYTE = 1_000_000;
const filled = (unit: string): string => unit.repeat(Math.ceil(MEGABYTE / unit.length));

describe('a parser on a megabyte made to slow it down', () => {
  it.each([
    '<essay-idea ',
    '<essay-idea>\n',
    '<essay-idea stage="1"',
    '<essay-idea\n',
    '<essay-idea>',
    '<essay-idea stage="1">\n',
  ])('finds no block in openings %j that nothing closes', (unit) => {
    expect(parse('draft', 'essay_idea_last', filled(unit))).toEqual({
      ok: false,
      reason: 'missing_essay_idea_block',
    });
  });

  it('takes the last of many idea blocks, with stage numbers of any length', () => {
    const block = '<essay-idea stage="1">\nx\n</essay-idea>';
    const text = `${filled(block)}<essay-idea stage="${filled('9')}">\nwon\n</essay-idea>${filled(block)}`;
    expect(parse('draft', 'essay_idea_last', text)).toEqual({ ok: true, text: 'won' });
    const unclosed = `<essay-idea>\na${filled('<essay-idea stage="1" ')}\n</essay-idea>`;
    expect(parse('draft', 'essay_idea_last', unclosed)).toMatchObject({ ok: true });
  });

  it.each(['<thinking', '<thinking ', '<thinking>', '<thinking><', '</thinking>', ' '])(
    'keeps %j that closes nothing',
    (unit) => {
      const text = filled(unit);
      expect(parse('draft', 'essay_block_lenient', text)).toEqual({ ok: true, text: text.trim() });
    },
  );

  it('drops each of many closed thinking blocks', () => {
    expect(
      parse('draft', 'essay_block_lenient', filled('<thinking>a</thinking>b').replaceAll('\n', '')),
    ).toEqual({
      ok: true,
      text: 'b'.repeat(Math.ceil(MEGABYTE / 23)),
    });
  });

  it('takes the text after the first of many essay openings', () => {
    const text = filled('<essay>');
    expect(parse('draft', 'essay_block', text)).toEqual({ ok: true, text: text.slice(7) });
    expect(parse('draft', 'essay_block', `\u0130${text}`)).toEqual({ ok: true, text: text.slice(8) });
    expect(parse('draft', 'essay_block', filled('</essay>'))).toEqual({
      ok: false,
      reason: 'missing_essay_block',
    });
  });

  it.each(['score', 'score ', 'score:', 'score: 1', 'score:\t', '1', ' ', '*', 'score: 1,', 'score: -'])(
    'finds no score in a line of %j',
    (unit) => {
      expect(parse('evaluation', 'in_last_line', `x${filled(unit)}y`)).toEqual({
        ok: false,
        reason: 'no_score_last_lines',
      });
    },
  );

  it('finds the score behind a megabyte of blanks, and before one of line feeds', () => {
    expect(parse('evaluation', 'in_last_line', `score:${filled(' ')}7`)).toEqual({ ok: true, text: '7.0\n' });
    expect(parse('evaluation', 'in_last_line', `score: 7${filled('\n')}`)).toEqual({
      ok: true,
      text: '7.0\n',
    });
    expect(parse('evaluation', 'in_last_line', `${filled('\n')}score: 7`)).toEqual({
      ok: true,
      text: '7.0\n',
    });
  });
});

const tokens = fc.constantFrom(
  ...[
    '<essay>',
    '</essay>',
    '<thinking',
    '<thinking>',
    '</thinking>',
    '<essay-idea',
    ' stage="2"',
    '>',
    '\n',
    '\n</essay-idea>',
  ],
  ...['SCORE:', 'score ', '7', '.', ',', ' ', '\t', '*', '\u0130', '\ud800', '\u0667', '\u2028', '\r', 'x'],
);

describe('any text at all', () => {
  it('never makes a parser throw, and gives the same result twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(tokens, fc.string({ unit: 'binary' }))),
        fc.constantFrom(...STAGES),
        (parts, stage) => {
          const raw = parts.join('');
          const results = registry.names(stage).map((name) => parse(stage, name, raw));
          expect(registry.names(stage).map((name) => parse(stage, name, raw))).toEqual(results);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives a score from 0 to 9 that reads back as itself, or a reason', () => {
    fc.assert(
      fc.property(fc.array(tokens), (parts) => {
        const result = parse('evaluation', 'in_last_line', parts.join(''));
        const { score } = scoreOfParsed(result.ok ? result.text : '0.0');
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(9);
      }),
      { numRuns: 500 },
    );
  });
});

describe('json_score', () => {
  it.each([
    ['{"score": 7}', '7.0'],
    ['{"reason": "it holds {braces}", "score": "6.5"}', '6.5'],
    ['Here it is:\n```json\n{"score": 3, "note": "x"}\n```\nThat is all.', '3.0'],
    ['I weigh it. {"score": 2} So be it.', '2.0'],
    ['<think>Is {it} {"score": 1}?</think>\n{"score": 9, "note": {"x": 1}}', '9.0'],
    ['{"score": 1}\nOr rather:\n{"score": 4}', '4.0'],
    ['```json\n{"score": 1}\n```\nOr rather:\n```json\n{"score": 4}\n```', '4.0'],
    ['Result: {"score": 7}. I used the form {score}.', '7.0'],
    ['{"score": 7} }', '7.0'],
    ['{it is 5" long} {"score": 7}', '7.0'],
    ['{"parts": [{"score": 1}, {"score": 2}], "score": 7} of {ten}', '7.0'],
    ['{"why": "a \\"}\\" {", "score": 7}', '7.0'],
    [`{"why": "${'\\\\ "x'.replaceAll('"', '').repeat(200_000)}", "score": 7}`, '7.0'],
  ])('reads %j', (raw, score) => {
    expect(parse('evaluation', 'json_score', raw)).toEqual({ ok: true, text: `${score}\n` });
  });

  it.each([
    ['', 'empty_response'],
    ['SCORE: 7', 'no_json_object'],
    ['[7]', 'no_json_object'],
    ['{'.repeat(100_000) + '}', 'no_json_object'],
    ['{"score": 7', 'no_json_object'],
    ['{"score": 7, "parts": {"score": 3},}', 'no_json_object'],
    ["{'score': 7, 'parts': {\"score\": 3}}", 'no_json_object'],
    ['{"scores": 7}', 'no_score_field'],
    ['{"score": null}', 'score_is_no_number'],
    ['{"score": "high"}', 'score_is_no_number'],
    ['{"score": {"__proto__": 1}}', 'score_is_no_number'],
  ])('refuses %j', (raw, reason) => {
    expect(parse('evaluation', 'json_score', raw)).toMatchObject({ ok: false, reason });
  });

  it('reads another field where its name says so', () => {
    const raw = '{"score": 1, "quality": {"overall": 8}}';
    expect(parse('evaluation', 'json_score:quality.overall', raw)).toEqual({ ok: true, text: '8.0\n' });
    expect(parse('evaluation', 'json_score:', raw)).toMatchObject({ reason: 'missing_parser' });
    expect(parse('essay', 'json_score:score', raw)).toMatchObject({ reason: 'missing_parser' });
  });
});
