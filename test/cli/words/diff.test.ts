// Differences of texts, unified and side by side.
import { describe, expect, it } from 'vitest';
import { sideBySide, unifiedDiff } from '../../../src/cli/words/diff.ts';

const named = (name: string, text: string): { name: string; text: string } => ({ name, text });

describe('a unified diff', () => {
  it('names both texts and shows what changed with what stands around it', () => {
    expect(unifiedDiff(named('a', 'one\ntwo\nthree\n'), named('b', 'one\n2\nthree\n'))).toBe(
      '--- a\n+++ b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
    );
  });

  it('tells a line feed at the end from none', () => {
    expect(unifiedDiff(named('a', 'one\n'), named('b', 'one'))).toContain('\\ No newline at end of file');
  });

  it('is empty for equal texts', () => {
    expect(unifiedDiff(named('a', 'one'), named('b', 'one'))).toBe('');
  });

  it('gives up on texts that have nothing in common, and shows both whole', () => {
    const lines = (letter: string): string =>
      `${letter}\n`.repeat(1) + Array.from({ length: 3000 }, (_, at) => `${letter}${at}\n`).join('');
    const diff = unifiedDiff(named('a', lines('x')), named('b', lines('y')));
    expect(diff.split('\n').filter((line) => line.startsWith('-x'))).toHaveLength(3001);
    expect(diff.split('\n').filter((line) => line.startsWith('+y'))).toHaveLength(3001);
  });
});

describe('side by side', () => {
  it('pairs what changed, and marks what only one of them has', () => {
    expect(sideBySide(named('a', 'same\nold\n'), named('b', 'same\nnew\nmore\n'), 23)).toEqual([
      'a            b',
      'same         same',
      'old        | new',
      '           > more',
    ]);
  });

  it('goes on in the next row where a line is too long', () => {
    expect(sideBySide(named('a', 'abcdefghijklm\n'), named('b', ''), 23)).toEqual([
      'a            b',
      'abcdefghij <',
      'klm        <',
    ]);
  });
});
