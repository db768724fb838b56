// System prompt and prompt as one text and apart again, whatever they hold.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { apart, joined } from '../../src/generation/systemprompt.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '\n[prompt]\n',
    '[system: 3 characters]\nabc\n[prompt]\n',
    '[system: 0 characters]\n\n[prompt]\nx',
  ),
);

it('a prompt alone is the text, and two come apart as they were joined', () => {
  expect(joined({ prompt: 'Use: x' })).toBe('Use: x');
  expect(joined({ system: 'Be.', prompt: 'Use: x' })).toBe('[system: 3 characters]\nBe.\n[prompt]\nUse: x');
  fc.assert(
    fc.property(fc.option(nasty, { nil: undefined }), nasty, (system, prompt) => {
      const given = system === undefined || system === '' ? { prompt } : { system, prompt };
      expect(apart(joined(given))).toEqual(given);
    }),
  );
});
