// The offline model: what it writes goes through every parser, differs where requests differ, and says what it is.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { essayBlock, essayBlockLenient } from '../../src/generation/parsers/essayblock.ts';
import { essayIdeaLast } from '../../src/generation/parsers/ideablock.ts';
import { identity } from '../../src/generation/parsers/identity.ts';
import { inLastLine } from '../../src/generation/parsers/scoreline.ts';
import { nonBlankLines, trim } from '../../src/text/python.ts';
import { createOfflineModel } from '../../src/model/offline.ts';
import type { ModelReply, ModelRequest } from '../../src/model/provider.ts';

const model = createOfflineModel();
const never = new AbortController().signal;
const request: ModelRequest = {
  prompt:
    '# Link these\n\n**Tidal clocks**\nThey count.\n\n**Slow archives**: they keep.\n\n- Rules: be brief\n',
  model: 'maker/one',
  temperature: 0.7,
  maxTokens: 2048,
  sampling: {},
  stage: 'draft',
  replicate: 1,
};

async function replyTo(change: Partial<ModelRequest>): Promise<ModelReply> {
  const outcome = await model.ask({ ...request, ...change }, never);
  if (outcome.kind !== 'reply') throw new Error(outcome.message);
  return outcome;
}

const scoreOf = (text: string): number =>
  Number(/^SCORE: (\d\.\d)$/.exec(text.split('\n').at(-1) ?? '')?.[1]);

describe('the offline model', () => {
  test('answers whole, for nothing, and says that no model was asked', async () => {
    for (const stage of ['draft', 'essay', 'evaluation'] as const) {
      const reply = await replyTo({ stage });
      expect(reply).toMatchObject({
        finishReason: 'stop',
        truncated: false,
        usage: { cost: 0 },
        answeredBy: 'offline',
      });
      expect(reply.text).toContain('no model was asked');
      expect(reply.text).toBe(trim(reply.text));
      expect(reply.text.length).toBeLessThan(1024);
    }
  });

  test('a draft speaks of its concepts, has both kinds of blocks and lines enough', async () => {
    const { text } = await replyTo({});
    expect(text).toContain('Tidal clocks');
    expect(text).toContain('Slow archives');
    expect(text).not.toContain('Rules');
    expect(text).toMatch(/<essay>\n[^<]+\n<\/essay>$/);
    expect(text).toMatch(/<essay-idea stage="2">\n[^<]+\n<\/essay-idea>/);
    expect(nonBlankLines(text)).toBeGreaterThanOrEqual(3);
  });

  test('every parser of its stage takes what it writes, whatever the prompt asks for', async () => {
    const asks = [
      '',
      '\nThink in <thinking> tags, then write an <essay>.',
      '\nWrap each in <essay-idea stage="i">.',
    ];
    for (const replicate of [1, 2, 3]) {
      for (const prompt of asks.map((ask) => request.prompt + ask)) {
        const draft = (await replyTo({ prompt, replicate })).text;
        for (const parser of [essayBlock, essayBlockLenient, essayIdeaLast, identity]) {
          const parsed = parser.parse(draft);
          expect(parsed).toMatchObject({ ok: true });
          expect(parsed.ok && parsed.text).toContain('no model was asked');
        }
        const score = (await replyTo({ prompt, replicate, stage: 'evaluation' })).text;
        expect(inLastLine.parse(score)).toEqual({ ok: true, text: `${scoreOf(score).toFixed(1)}\n` });
      }
    }
  });

  test('an essay speaks of what its draft speaks of', async () => {
    const draft = await replyTo({});
    const { text } = await replyTo({ stage: 'essay', prompt: `Write from these notes.\n\n${draft.text}` });
    expect(text).toMatch(/Tidal clocks|Slow archives/);
  });

  test('the same request gets the same text; every part of a request makes another', async () => {
    const first = (await replyTo({ prompt: 'No names at all.' })).text;
    expect((await replyTo({ prompt: 'No names at all.' })).text).toBe(first);
    const texts = new Set<string>();
    for (let replicate = 1; replicate <= 40; replicate += 1) texts.add((await replyTo({ replicate })).text);
    expect(texts.size).toBeGreaterThan(10);
  });

  test('scores lie within 0 to 9, near each other for one essay and apart for several', async () => {
    const scoresOf = async (prompt: string): Promise<number[]> => {
      const judged = Array.from({ length: 12 }, (_, index) =>
        replyTo({ stage: 'evaluation', prompt, model: `judge/${String(index % 3)}`, replicate: index + 1 }),
      );
      return (await Promise.all(judged)).map((reply) => scoreOf(reply.text));
    };
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => scoresOf(`Essay number ${String(index)}`)),
    );
    for (const scores of all) {
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...scores)).toBeLessThanOrEqual(9);
      expect(Math.max(...scores) - Math.min(...scores)).toBeLessThanOrEqual(2);
      expect(new Set(scores).size).toBeGreaterThan(1);
    }
    const means = all.map((scores) => scores.reduce((sum, each) => sum + each, 0) / scores.length);
    expect(Math.max(...means) - Math.min(...means)).toBeGreaterThan(2);
  });

  test('whatever a prompt holds, no tag and no score of its own gets into the text', async () => {
    const piece = fc.constantFrom(
      '**',
      '"',
      '<essay>',
      '</essay>',
      '<essay-idea stage="9">',
      '\n',
      'SCORE: 9',
      'a name',
      '- ',
      '# ',
      ' ',
    );
    const prompts = fc
      .array(fc.oneof(piece, fc.string({ unit: 'grapheme' })), { maxLength: 30 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(prompts, async (prompt) => {
        const { text } = await replyTo({ prompt });
        expect(text.match(/<[^>]*>/g)?.filter((tag) => !tag.includes('thinking'))).toEqual([
          '<essay-idea stage="1">',
          '</essay-idea>',
          '<essay-idea stage="2">',
          '</essay-idea>',
          '<essay>',
          '</essay>',
        ]);
        expect((await replyTo({ prompt, stage: 'evaluation' })).text.match(/score/gi)).toHaveLength(1);
      }),
    );
  });
});
