// Scores that are averaged together although they stand on several scales are found, and others are not.
import { describe, expect, it } from 'vitest';
import { mixedScales, mixedText } from '../../src/scores/measures.ts';
import type { ScoreRow } from '../../src/scores/rows.ts';

const row = (evaluationTemplate: string, score: number | undefined, error = ''): ScoreRow =>
  ({ evaluationTemplate, score, error }) as ScoreRow;
const KINDS: Readonly<Record<string, string>> = {
  nine: 'last_line',
  also: 'last_line',
  hundred: 'json',
  ten: 'json',
};
const seen = (...rows: readonly ScoreRow[]): unknown => mixedScales(rows, (rubric) => KINDS[rubric] ?? '');

describe('scores of several scales', () => {
  it('are told with their rubrics and what was given', () => {
    const rows = [row('nine', 2), row('hundred', 90), row('also', 8), row('nine', 9), row('hundred', 15)];
    expect(seen(...rows)).toEqual([
      { rubrics: ['hundred'], low: 15, high: 90 },
      { rubrics: ['also', 'nine'], low: 2, high: 9 },
    ]);
  });

  it('are said in one sentence, and nothing is where there are none', () => {
    const mixed = mixedScales(
      [row('nine', 2), row('hundred', 90), row('nine', 9)],
      (name) => KINDS[name] ?? '',
    );
    expect(mixedText(mixed)).toBe(
      'means of anything but rubrics mix scores of several scales: hundred (90 to 90); nine (2 to 9)',
    );
    expect(mixedText([])).toBeUndefined();
  });

  it.each([
    ['one parser reads them', [row('nine', 1), row('also', 9)]],
    ['nobody knows who reads them', [row('nine', 1), row('gone', 90)]],
    ['the scales may well be one', [row('nine', 9), row('ten', 10)]],
    [
      'what is higher does not count',
      [row('nine', 9), row('hundred', 90, 'no number'), row('ten', undefined)],
    ],
    ['there are none', []],
  ])('are not suspected where %s', (_why, rows) => {
    expect(seen(...rows)).toEqual([]);
  });
});
