// What gives reason to doubt a judge, found where it was put and nowhere else.
import { describe, expect, it } from 'vitest';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import { doubtsOf } from '../../src/scores/judges/doubts.ts';
import { judgeFailures } from '../../src/scores/judges/failures.ts';
import { type JudgeFacts, judgeReport } from '../../src/scores/judges/traits.ts';
import { judgingTables } from '../../src/report/tables/judging.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { crossed } from '../support/scoredesign.ts';

const bits = seededBits(5);
const noise = (): number => bits() / 2 ** 32 - 0.5;
const length = (essay: string): number => 500 + 100 * ((Number(essay.replaceAll(/\D/g, '')) * 7) % 23);
const WORTH = new Map<string, number>();
const worthOf = (essay: string): number => {
  const known = WORTH.get(essay) ?? 5 + 4 * noise();
  WORTH.set(essay, known);
  return known;
};
// j0 is fair, j1 likes long texts, j2 likes its own family, j3 grows milder and hardly looks at the text.
const ROWS = crossed({ combos: 12, draftTemplates: 2, draftModels: 2, judges: 4, replicates: 2 }, (cell) => {
  const fair = worthOf(cell.essay) + 0.3 * noise();
  if (cell.judge === 1) return fair + 1.5 * Math.log2(length(cell.essay) / 1000);
  if (cell.judge === 2) return fair + (cell.draftModel === 0 ? 1.5 : 0);
  if (cell.judge === 3) return 5 + 5 * noise() + 3 * cell.replicate;
  return fair;
}).map((row) => ({ ...row, generationModel: row.draftModel }));
const FACTS: JudgeFacts = {
  lengthOf: length,
  familyOf: (model) => (model === 'm0' || model === 'j2' ? 'acme' : `${model} house`),
  answeredAt: (evaluation) => Date.parse('2026-01-01') + (evaluation.endsWith('1') ? 14 : 0) * 86_400_000,
};

describe('doubts', () => {
  const report = judgeReport(judgedIn(ROWS), FACTS);
  const found = doubtsOf(report, []);

  it('name who is swayed, by what, and who does not know its own mind', () => {
    const named = found.map(({ judge, finding }) => `${judge} ${finding}`);
    expect(named).toEqual(
      expect.arrayContaining([
        'j1 longer texts score higher',
        'j2 prefers texts of its own family',
        'j3 grows milder with time',
        'j3 asked again, it says something else',
        'j3 disagrees with the others',
      ]),
    );
    // Beside three such judges a fair one stands alone, which alpha can not tell from being wrong.
    expect(named.filter((each) => each.startsWith('j0'))).toEqual(['j0 disagrees with the others']);
  });

  it('say how much: points for a text twice as long, a family of its own, a week', () => {
    const bias = (judge: string, name: string): number | undefined =>
      report.biases.find((each) => each.judge === judge && each.bias === name)?.value;
    expect(bias('j1', 'length')).toBeCloseTo(1.5, 0);
    expect(bias('j2', 'own family')).toBeCloseTo(1.5, 0);
    expect(bias('j3', 'drift')).toBeCloseTo(1.5, 0);
  });

  it('are had of one that gives every text the same, even where no other gives anything else', () => {
    const same = ROWS.map((row) => ({ ...row, score: 5 }));
    const of = (rows: typeof same): string[] =>
      doubtsOf(judgeReport(judgedIn(rows), FACTS), []).map(({ judge, finding }) => `${judge} ${finding}`);
    expect(of(same)).toEqual(
      ['j0', 'j1', 'j2', 'j3'].map((judge) => `${judge} the same score for every text`),
    );
    const one = ROWS.map((row) => (row.evaluationModel === 'j0' ? { ...row, score: 0 } : row));
    expect(of(one).filter((each) => /^j0 (?:the same|many)/.test(each))).toEqual([
      'j0 the same score for every text',
    ]);
    expect(of(same.slice(0, 19))).toEqual([]);
  });

  it('count scores at the ends of the scale, and failures by cause', () => {
    const crowded = ROWS.map((row) => ({
      ...row,
      score: row.evaluationModel === 'j0' ? Math.min(9, row.score + 6) : Math.min(8, row.score),
    }));
    const ends = judgeReport(judgedIn(crowded), FACTS).traits.find(({ judge }) => judge === 'j0');
    expect(ends?.ceiling).toBeGreaterThan(0.5);
    const failed = ROWS.map((row, at) =>
      at % 10 === 0 ? { ...row, score: undefined, error: 'no number' } : row,
    );
    const failures = judgeFailures(failed, ({ error }) => error);
    expect(failures.reduce((total, { count }) => total + count, 0)).toBe(Math.ceil(ROWS.length / 10));
    expect(doubtsOf({ traits: [], biases: [] }, failures)[0]).toMatchObject({
      finding: 'gives no score: no number',
    });
    expect(judgingTables({ report, failures, doubts: found }).map(({ table }) => table.rows.length)).toEqual([
      found.length,
      4,
      report.biases.length,
      failures.length,
    ]);
  });
});
