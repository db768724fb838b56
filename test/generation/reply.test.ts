// In which order a reply is refused, and what a refusal keeps.
import { describe, expect, it } from 'vitest';
import { createParserRegistry } from '../../src/generation/parsers/registry.ts';
import type { Reply } from '../../src/generation/reply.ts';
import { checkReply, parseReply, preview, withoutThoughts } from '../../src/generation/reply.ts';

const fine: Reply = { raw: 'one\n\n two \nthree', minLines: 3, truncated: false, truncation: 'reject' };
const parser = createParserRegistry({}).value.find('evaluation', 'in_last_line');
if (parser === undefined) throw new Error('in_last_line is built in');

describe('a reply', () => {
  it('passes when it breaks no rule', () => {
    expect(checkReply(fine)).toBeUndefined();
    expect(checkReply({ ...fine, raw: '', minLines: 0 })).toBeUndefined();
  });

  it('is refused for being cut before it is refused for being short', () => {
    expect(checkReply({ ...fine, minLines: 9, truncated: true })).toEqual({
      ok: false,
      reason: 'truncated_raw',
    });
  });

  it('may be cut where that is accepted, and is still counted', () => {
    const cut: Reply = { ...fine, truncated: true, truncation: 'accept' };
    expect(checkReply(cut)).toBeUndefined();
    expect(checkReply({ ...cut, minLines: 4 })).toEqual({
      ok: false,
      reason: 'min_lines_not_met',
      data: { observed: 3, required: 4 },
    });
  });

  it('counts lines as Python splits them', () => {
    expect(checkReply({ ...fine, raw: 'a\u2028b\u0085c' })).toBeUndefined();
  });

  it.each([
    ['<think>\nhm\n</think>\n\nOne.\n', 'One.\n'],
    ['\n<THINK></THINK>One.', 'One.'],
    ['[THINK]hm[/THINK]One.', 'One.'],
    ['hm\nho\n</think>\n\nOne.', 'One.'],
    ['<think>hm', ''],
    ['<think>hm</think>\n', ''],
    ['One </think> and two.', 'One </think> and two.'],
    ['One.\n<think>hm</think>\nTwo.', 'One.\n<think>hm</think>\nTwo.'],
    ['Say <think>.\n</think>\nTwo.', 'Say <think>.\n</think>\nTwo.'],
    ['<thinking>hm</thinking>One.', '<thinking>hm</thinking>One.'],
  ])('may have its thoughts taken apart: %j', (raw, text) => {
    expect(withoutThoughts(raw)).toBe(text);
  });

  it('of thoughts alone is none, and is not what a reply without a word is', () => {
    const thought: Reply = { ...fine, raw: '<think>\none\ntwo\nSCORE: 7\n</think>', thoughts: 'apart' };
    expect(parseReply(thought, parser)).toEqual({ ok: false, reason: 'only_thoughts' });
    expect(parseReply({ ...thought, truncated: true }, parser)).toMatchObject({ reason: 'truncated_raw' });
    expect(parseReply({ ...thought, thoughts: undefined }, parser)).toEqual({ ok: true, text: '7.0\n' });
    expect(parseReply({ ...thought, raw: '' }, parser)).toMatchObject({ reason: 'min_lines_not_met' });
    expect(parseReply({ ...thought, raw: `${thought.raw}\na\nb\nSCORE: 8` }, parser)).toMatchObject({
      ok: true,
    });
  });

  it('keeps the reason of its parser and the end of its text', () => {
    expect(parseReply({ ...fine, raw: 'a\nb\n\nc\n d\ne\nSCORE: 12\n' }, parser)).toEqual({
      ok: false,
      reason: 'parse_failed',
      data: {
        cause: 'out_of_range',
        value: 12,
        parser: 'in_last_line',
        preview: 'b | c | d | e | SCORE: 12',
      },
    });
  });

  it('is parsed when it passes, and not when it is refused', () => {
    expect(parseReply({ ...fine, raw: 'a\nb\nSCORE: 7' }, parser)).toEqual({ ok: true, text: '7.0\n' });
    expect(parseReply({ ...fine, raw: 'SCORE: 7' }, parser)).toMatchObject({ reason: 'min_lines_not_met' });
  });
});

describe('a preview', () => {
  it('is cut at the front when it is very long, never inside a character', () => {
    const text = preview('\ud83d\ude00'.repeat(2000));
    expect(text.length).toBeLessThan(1100);
    expect(text).toBe(`…${'\ud83d\ude00'.repeat(500)}`);
    expect(preview(`x${'\ud83d\ude00'.repeat(600)}y`)).not.toMatch(/^…[\udc00-\udfff]/);
  });
});
