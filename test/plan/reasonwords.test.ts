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

  it('has words of its own for every part and every kind of failure', () => {
    const parts = STEPS.flatMap((step) => PARTS[step] as readonly PartName[]).map((name) =>
      reasonText(part(name, 'a', 'b')),
    );
    expect(new Set(parts).size).toBe(parts.length);
    const failures = FAILURE_KINDS.map(failureText);
    expect(new Set(failures).size).toBe(failures.length);
  });

  it('stays on its line, whatever a value holds', () => {
    const words = reasonText(part('model', 'a\u001B[2Kb', 'c\n\rd\te'));
    expect(words).toBe('model changed: ab → c d e');
  });
});

describe('a cause', () => {
  it('is named with its stage and state', () => {
    expect(causeText({ stage: 'draft', genId: 'd_1', state: 'stale' })).toBe('the draft d_1 above is stale');
    expect(causeText({ stage: 'essay', genId: 'e_1', state: 'failed' })).toBe('the essay e_1 above failed');
  });
});
