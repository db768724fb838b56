// Reasons in words.
import { describe, expect, it } from 'vitest';
import { causeText, failureText, reasonText } from '../../src/plan/reasonwords.ts';
import { FAILURE_KINDS, PARTS, type PartName } from '../../src/generation/trace.ts';
import { STEPS } from '../../src/generation/stage.ts';
import type { Reason } from '../../src/plan/verdict.ts';

function part(name: PartName, recorded: string | null, now: string | null): Reason {
  return { kind: 'part', step: 'generate', part: name, recorded, now };
}

describe('a reason', () => {
  it.each<[Reason, string]>([
    [part('template', 'aa', 'bb'), 'template changed'],
    [part('template', null, 'bb'), 'template is new'],
    [part('concepts', 'aa', null), 'text of the concepts is gone'],
    [part('model', 'google/x', 'google/y'), 'model changed: google/x → google/y'],
    [part('max_tokens', null, '100'), 'max_tokens is new: 100'],
    [part('provider', 'openrouter', null), 'provider is gone: openrouter'],
    [part('parser', 'essay_block@1', 'essay_block@2'), 'parser changed: essay_block@1 → essay_block@2'],
    [{ kind: 'missing', artifact: 'prompt' }, 'prompt.txt is missing'],
    [{ kind: 'never_built', step: 'parse' }, 'never parsed'],
    [{ kind: 'forced' }, 'forced'],
    [{ kind: 'discarded', artifact: 'raw' }, 'the hand edit of raw.txt is discarded'],
    [{ kind: 'foreign_prompt' }, 'made by another tool, from another prompt'],
    [{ kind: 'retry', failure: 'truncated' }, 'tried again: the reply was cut off'],
  ])('%j is "%s"', (reason, words) => {
    expect(reasonText(reason)).toBe(words);
  });

  it.each<[PartName, string, 'a value' | 'a digest']>([
    ['template', 'template', 'a digest'],
    ['concepts', 'text of the concepts', 'a digest'],
    ['parent', 'text of the generation above', 'a digest'],
    ['renderer', 'renderer', 'a value'],
    ['prompt', 'prompt', 'a digest'],
    ['provider', 'provider', 'a value'],
    ['model', 'model', 'a value'],
    ['temperature', 'temperature', 'a value'],
    ['max_tokens', 'max_tokens', 'a value'],
    ['sampling', 'sampling', 'a value'],
    ['mode', 'mode', 'a value'],
    ['replicate', 'replicate', 'a value'],
    ['raw', 'raw.txt', 'a digest'],
    ['parser', 'parser', 'a value'],
    ['min_lines', 'min_lines', 'a value'],
    ['truncation', 'truncation', 'a value'],
    ['draft', 'text of the draft', 'a digest'],
    ['text', 'text to compare with', 'a digest'],
  ])('calls the part %s "%s", which is %s', (name, words, kind) => {
    expect([
      reasonText(part(name, 'a', 'b')),
      reasonText(part(name, null, 'b')),
      reasonText(part(name, 'a', null)),
    ]).toEqual(
      kind === 'a digest'
        ? [`${words} changed`, `${words} is new`, `${words} is gone`]
        : [`${words} changed: a → b`, `${words} is new: b`, `${words} is gone: a`],
    );
  });

  it('of a part that neither has is no word of a value', () => {
    expect(reasonText(part('model', null, null))).toBe('model is new');
  });

  it('has words of its own for every part and every kind of failure', () => {
    const parts = STEPS.flatMap((step) => PARTS[step] as readonly PartName[]).map((name) =>
      reasonText(part(name, 'a', 'b')),
    );
    expect(new Set(parts).size).toBe(parts.length);
    expect(Object.fromEntries(FAILURE_KINDS.map((kind) => [kind, failureText(kind)]))).toEqual({
      api: 'the model did not answer',
      refused: 'the model declined',
      truncated: 'the reply was cut off',
      too_short: 'the reply has too few lines',
      unparsable: 'the parser found nothing in the reply',
      render: 'the prompt could not be rendered',
    });
  });

  it('says of each step what was never done', () => {
    expect(STEPS.map((step) => reasonText({ kind: 'never_built', step }))).toEqual([
      'never rendered',
      'never generated',
      'never parsed',
    ]);
  });

  it('stays on its line, whatever a value holds', () => {
    const words = reasonText(part('model', 'a\u001B[2Kb', 'c\n\rd\t\te  f'));
    expect(words).toBe('model changed: ab → c d e f');
  });
});

describe('a cause', () => {
  it('is named with its stage and state', () => {
    expect(causeText({ stage: 'draft', genId: 'd_1', state: 'stale' })).toBe('the draft d_1 above is stale');
    expect(causeText({ stage: 'essay', genId: 'e_1', state: 'failed' })).toBe('the essay e_1 above failed');
  });
});
