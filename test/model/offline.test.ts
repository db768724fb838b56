// The offline model: what it writes goes through every parser, differs where requests differ, and says what it is.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { essayBlock, essayBlockLenient } from '../../src/generation/parsers/essayblock.ts';
import { essayIdeaLast } from '../../src/generation/parsers/ideablock.ts';
import { identity } from '../../src/generation/parsers/identity.ts';
import { inLastLine } from '../../src/generation/parsers/scoreline.ts';
import { nonBlankLines, trim } from '../../src/text/python.ts';
import { digest } from '../../src/digest.ts';
import { estimateTokens } from '../../src/model/money/tokens.ts';
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
    expect(model).toMatchObject({ name: 'offline', paid: false });
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
    const series = async (change: Partial<ModelRequest>): Promise<readonly string[]> => {
      const asked = Array.from({ length: 20 }, (_, index) => replyTo({ ...change, replicate: index + 1 }));
      return (await Promise.all(asked)).map(({ text }) => text);
    };
    const changes: readonly Partial<ModelRequest>[] = [
      {},
      { prompt: `${request.prompt}.` },
      { model: 'maker/two' },
      { temperature: 0.8 },
      { maxTokens: 2049 },
      { sampling: { top_p: 0.5 } },
      { stage: 'essay' },
      { stage: 'evaluation' },
    ];
    const all = await Promise.all(changes.map(series));
    expect(await series({})).toEqual(all[0]);
    expect(new Set(all[0]).size).toBeGreaterThan(10);
    expect(new Set(all.map((texts) => texts.join('\n'))).size).toBe(changes.length);
  });

  test('a request gets the text that it got of earlier versions: else what was built offline would change', async () => {
    const prompts = [request.prompt, 'No names at all.', '"Paper moons" and "Glass rivers". <thinking>'];
    const asked = prompts.flatMap((prompt) =>
      (['draft', 'essay', 'evaluation'] as const).flatMap((stage) =>
        Array.from({ length: 40 }, (_, index) => replyTo({ prompt, stage, replicate: index + 1 })),
      ),
    );
    const texts = (await Promise.all(asked)).map(({ text }) => text);
    expect(digest(texts.join('\n'))).toBe('e40aa957160ffc52');
  });

  test('thinks where it is asked to, and speaks of two things that are not the same', async () => {
    const thinking = await replyTo({ prompt: `${request.prompt}Think in <thinking> tags.` });
    expect(thinking.text).toMatch(/\n<thinking>\n[^<]+\n<\/thinking>\n/);
    for (let replicate = 1; replicate <= 20; replicate += 1) {
      const { text } = await replyTo({ replicate });
      expect(text).not.toContain('<thinking>');
      const [, first, second] = /^# (.+) and (.+)$/m.exec(text) ?? [];
      expect(new Set([first, second])).toEqual(new Set(['Tidal clocks', 'Slow archives']));
    }
  });

  test('counts tokens as we do', async () => {
    const { text, usage } = await replyTo({});
    expect(usage).toEqual({
      promptTokens: estimateTokens(request.prompt),
      completionTokens: estimateTokens(text),
      cost: 0,
    });
  });

  test.each<[where: string, prompt: string, seen: string]>([
    ['bold', '**Tidal clocks**\n > - **Slow archives**\nand **Glass**\n', 'Tidal clocks, Slow archives'],
    ['in quotation marks', 'Of "Tidal clocks", "Slow archives".', 'Tidal clocks, Slow archives'],
    ['in a list', '- Tidal clocks\n  *  Slow archives\n', 'Tidal clocks, Slow archives'],
    ['as headings', '# Tidal clocks\n ###### Slow archives\n', 'Tidal clocks, Slow archives'],
    [
      'bold before the others',
      '# Rules\n"Glass"\n**Tidal clocks**\n**Slow archives**',
      'Tidal clocks, Slow archives',
    ],
    [
      'further places where one is not enough',
      '# Rules\n"Slow archives"\n**Tidal clocks**',
      'Tidal clocks, Slow archives',
    ],
    ['once', '"Tidal clocks" "Tidal clocks" "Slow archives"', 'Tidal clocks, Slow archives'],
    [
      'six at most',
      '"One" "Two" "Three" "Four" "Five" "Sixth" "Seven"',
      'One, Two, Three, Four, Five, Sixth',
    ],
    ['nowhere', 'Write # Tidal clocks', 'the prompt, its parts'],
    ['in one place alone', 'Of "Tidal clocks".', 'Tidal clocks, the prompt, its parts'],
  ])('takes the names that stand %s', async (_where, prompt, seen) => {
    expect((await replyTo({ prompt })).text.split('\n')[2]).toBe(`Seen in the prompt: ${seen}.`);
  });

  test.each<[what: string, raw: string, name: string | undefined]>([
    ['letters, digits and plain punctuation', "Étude 3, d’Or & l'Or/x-y", "Étude 3, d’Or & l'Or/x-y"],
    ['nothing else', '*Tidal*   (old) clocks ', 'Tidal old clocks'],
    ['three letters', 'Oak', 'Oak'],
    ['more than two', 'Ox(', undefined],
    ['seven words', 'a b c d e f g', 'a b c d e f g'],
    ['no more than that', 'a b c d e f g h', undefined],
    ['no score', 'High Scores', undefined],
    ...[...':.…{}<>|'].map((sign): [string, string, undefined] => [
      `no ${sign}`,
      `Tidal${sign}clocks`,
      undefined,
    ]),
  ])('a name has %s', async (_what, raw, name) => {
    const seen = [...(name === undefined ? [] : [name]), 'the prompt', 'its parts'].join(', ');
    expect((await replyTo({ prompt: `"${raw}"` })).text.split('\n')[2]).toBe(`Seen in the prompt: ${seen}.`);
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
