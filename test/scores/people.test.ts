// What people say of texts beside what judges say, as the tables of `report --stats` show it.
import { describe, expect, it } from 'vitest';
import { judgementsOf } from '../../src/scores/columns/judgements.ts';
import { peopleStatistics } from '../../src/scores/people/people.ts';
import type { GivenRating } from '../../src/scores/people/ratings.ts';
import { peopleTables } from '../../src/report/tables/people.ts';
import { crossed } from '../support/scoredesign.ts';

// What a text is worth, and two judges: j0 two points too high, j1 against the truth.
const worth = (combo: number, template: number): number => 4 + ((combo * 5 + template * 3) % 4);
const ROWS = crossed({ combos: 8, draftTemplates: 2, judges: 2 }, ({ combo, draftTemplate, judge }) =>
  judge === 0 ? worth(combo, draftTemplate) + 2 : 10 - worth(combo, draftTemplate),
);
const JUDGEMENTS = judgementsOf(ROWS);
const rated = (combo: number, template: number): GivenRating => ({
  rater: 'ada',
  rubric: 'r0',
  first: `e_${combo}.${template}.0.0.0.0`,
  second: undefined,
  answer: worth(combo, template),
});
const SCORES = Array.from({ length: 8 }, (_, combo) => [
  rated(combo, 0),
  ...(combo % 2 === 0 ? [rated(combo, 1)] : []),
]).flat();

describe('judges against people', () => {
  it('are told apart: one who ranks alike but higher, and one who ranks the other way round', () => {
    const { judges } = peopleStatistics(JUDGEMENTS, SCORES, () => 0)!;
    expect(
      judges.map(({ judge, texts, spearman, bias }) => [judge, texts, spearman.value, bias?.value]),
    ).toEqual([
      ['j0', 12, 1, 2],
      ['j1', 12, -1, expect.closeTo(-4 / 3, 9)],
      ['', 12, undefined, expect.any(Number)],
    ]);
  });

  it('are asked whether they would have chosen alike, and preferences are ranked', () => {
    const choices = Array.from({ length: 8 }, (_, combo): GivenRating => {
      const [one, other] = [worth(combo, 0), worth(combo, 1)];
      return {
        rater: 'bob',
        rubric: 'r0',
        first: `e_${combo}.0.0.0.0.0`,
        second: `e_${combo}.1.0.0.0.0`,
        answer: combo === 7 ? 'neither' : one > other ? 'first' : 'second',
      };
    });
    const { judges, preferred } = peopleStatistics(JUDGEMENTS, choices, () => 0)!;
    expect(judges.slice(0, 2).map(({ choices: count, alike }) => [count, alike?.value])).toEqual([
      [7, 1],
      [7, 0],
    ]);
    expect(
      preferred.filter(({ dimension }) => dimension === 'draft_template').map(({ choices: count }) => count),
    ).toEqual([8, 8]);
  });
});

describe('means corrected by people', () => {
  it('say what the judges save, and at what price', () => {
    const one = JUDGEMENTS.filter(({ row }) => row.evaluationModel === 'j0');
    const { corrected } = peopleStatistics(one, SCORES, () => 0.01)!;
    const all = corrected[0]!;
    // The judge is two points too high throughout: the corrected mean is the truth of all 16 texts.
    const truth =
      ROWS.slice(0, 32)
        .filter(({ evaluationModel }) => evaluationModel === 'j0')
        .reduce((sum, { score }) => sum + score - 2, 0) / 16;
    expect(all).toMatchObject({
      dimension: 'all',
      texts: 16,
      rated: 12,
      trust: expect.closeTo(1, 9) as number,
    });
    expect(all.corrected.value).toBeCloseTo(truth, 9);
    expect(all.usd).toBeCloseTo(0.16, 12);
    const free = peopleStatistics(one, SCORES, () => undefined)!;
    expect(free.corrected[0]!.usd).toBeUndefined();
  });

  it('are three tables, and none where nobody was asked', () => {
    expect(peopleStatistics(JUDGEMENTS, [], () => 0)).toBeUndefined();
    expect(peopleTables(undefined)).toEqual([]);
    const tables = peopleTables(peopleStatistics(JUDGEMENTS, SCORES, () => 0));
    expect(tables.map(({ name }) => name)).toEqual(['people', 'corrected', 'preferences']);
    const [first] = tables[1]!.table.rows;
    expect(first?.slice(0, 3)).toEqual(['all', '', 'r0']);
  });
});
