// Scores by name, and scores that code gives: what a parsed.txt holds of them, and what is counted.
import { describe, expect, it } from 'vitest';
import { scoreOfParsed } from '../../src/generation/parsedscore.ts';
import type { BesideText, ParseResult } from '../../src/generation/parsers/parser.ts';
import { createParserRegistry } from '../../src/generation/parsers/registry.ts';
import { besideScore } from '../../src/generation/parsers/scored.ts';

const registry = createParserRegistry({
  parsers: [
    { name: 'two', parse: (raw) => ({ scores: { depth: raw.length, wit: 1 }, rationale: ' Long. ' }) },
    { name: 'odd', parse: () => ({ scores: { depth: Number.NaN } }) },
  ],
  scorers: [
    { name: 'shorter', score: (text, { draft = '' }) => draft.length - text.length },
    { name: 'nothing', score: () => ({ error: 'not today' }) },
  ],
}).value;

function parsed(name: string, raw: string, beside?: BesideText): ParseResult | undefined {
  return registry.find('evaluation', name)?.parse(raw, beside);
}

function textOf(name: string, raw: string, beside?: BesideText): string {
  const result = parsed(name, raw, beside);
  return result?.ok === true ? result.text : `no: ${result?.reason ?? 'no such parser'}`;
}

describe('scores by name', () => {
  it('stand on a line of their own before the score, which is where it always was', () => {
    const text = textOf('json_scores', '{"novelty": 7, "clarity": "6", "rationale": "Odd\\nbut new."}');
    expect(text).toBe('{"scores":{"novelty":7,"clarity":6},"rationale":"Odd\\nbut new."}\n6.5\n');
    expect(scoreOfParsed(text)).toEqual({ score: 6.5 });
    expect(besideScore(text)).toEqual({ scores: { novelty: 7, clarity: 6 }, rationale: 'Odd\nbut new.' });
  });

  it('leave the score to the reply where it says one, and are looked for where they are said to be', () => {
    const reply = 'Well:\n```json\n{"score": 9, "scores": {"wit": 2}, "rationale": "r"}\n```';
    expect(textOf('json_scores', reply)).toBe('{"scores":{"wit":2},"rationale":"r"}\n9.0\n');
    expect(textOf('json_scores:a.b', '{"a": {"b": {"x": 1, "y": 3}}}')).toBe(
      '{"scores":{"x":1,"y":3}}\n2.0\n',
    );
    expect(textOf('json_scores', '{"a": "fine"}')).toBe('no: no_score_field');
    expect(textOf('json_scores', 'fine')).toBe('no: no_json_object');
  });

  it("come from a user's parser, too; a name or a number that is none is no score", () => {
    expect(textOf('two', 'abc')).toBe('{"scores":{"depth":3,"wit":1},"rationale":"Long."}\n2.0\n');
    expect(textOf('odd', 'abc')).toBe('no: score_is_no_number');
  });

  it('are nothing in a text that holds something else', () => {
    for (const text of [undefined, '7.0\n', '{"scores":{"a":1}}', '{broken\n7.0\n', '{"a":1}\nwords\n'])
      expect(besideScore(text)).toEqual({ scores: {}, rationale: '' });
  });
});

describe('scores without a judge', () => {
  const text = "Don't panic: the tide-pool\nholds two words.\n\nThe end";

  it.each([
    ['length:words', '9.0\n'],
    ['length:lines', '3.0\n'],
    ['length:paragraphs', '2.0\n'],
    ['length:characters', `${text.length}.0\n`],
    ['pattern:the', '1.0\n'],
    ['pattern:/the/i', '2.0\n'],
    ['pattern:(', 'no: no such parser'],
    ['length:miles', 'no: no such parser'],
    ['similarity:draft', 'no: no_text_to_compare'],
  ])('%s', (name, wanted) => {
    expect(textOf(name, text)).toBe(wanted);
  });

  it('hold a text against its draft or another text: 1 for the same words, 0 for none in common', () => {
    const similar = (one: string, draft: string): string => textOf('similarity:draft', one, { draft });
    expect(similar('A kite, a kite!', 'a KITE a kite')).toBe('1.0\n');
    expect(similar('one two three', 'four five six')).toBe('0.0\n');
    // Two of three phrases on either side, one of them the same.
    expect(similar('one two three four', 'two three four five')).toBe('0.3333333333333333\n');
    expect(similar('', '')).toBe('1.0\n');
    expect(textOf('similarity:text', 'a b c', { draft: 'x', text: 'a b c' })).toBe('1.0\n');
  });

  it("come from a user's function, which sees the draft", () => {
    expect(textOf('shorter', 'abc', { draft: 'abcde' })).toBe('2.0\n');
    expect(textOf('nothing', 'abc')).toBe('no: parser_refused');
    expect(registry.find('draft', 'shorter')).toBeUndefined();
  });

  it('give up on a pattern that would take for ever', () => {
    expect(textOf('pattern:(a+)+$', `${'a'.repeat(40)}b`)).toBe('no: pattern_takes_too_long');
  });
});
