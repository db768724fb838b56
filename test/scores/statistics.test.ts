// Rankings, open questions and their price, on scores small enough to work out by hand.
import { describe, expect, it } from 'vitest';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { openQuestions, rankBy, scoreStatistics, separate } from '../../src/scores/statistics.ts';
import { statisticsTables } from '../../src/report/tables/statistics.ts';
import { csvOf } from '../../src/report/tables/table.ts';
import { scored } from '../support/scores.ts';

/** An essay of a draft template with two judges' scores. */
function essay(id: string, draftTemplate: string, scores: readonly [number, number]): ScoredRow[] {
  return scores.map((score, at) =>
    scored({
      score,
      genId: `v_${id}_${at}`,
      parentGenId: `e_${id}`,
      draftGenId: `d_${id}`,
      draftTemplate,
      evaluationModel: `j${at}`,
    }),
  );
}

const FAR = [
  ...essay('1', 'good', [8, 8]),
  ...essay('2', 'good', [9, 9]),
  ...essay('3', 'bad', [1, 1]),
  ...essay('4', 'bad', [2, 2]),
];
const NEAR = [
  ...essay('1', 'one', [4, 6]),
  ...essay('2', 'one', [6, 8]),
  ...essay('3', 'two', [4, 4]),
  ...essay('4', 'two', [6, 8]),
];

describe('a ranking', () => {
  it('gives places that tie where intervals overlap', () => {
    expect(rankBy(NEAR, 'draft_template').contenders.map(({ name, place }) => [name, place])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });

  it('places one behind the other where the intervals lie apart', () => {
    const rows = [1, 2, 3, 4, 5, 6].flatMap((at) => [
      ...essay(`a${at}`, 'good', [8, 8 + (at % 2)]),
      ...essay(`b${at}`, 'bad', [1, 1 + (at % 2)]),
    ]);
    expect(rankBy(rows, 'draft_template').contenders.map(({ name, place }) => [name, place])).toEqual([
      ['good', 1],
      ['bad', 2],
    ]);
  });

  it('counts essays as clusters, and scores for each essay, rubric and judge as replicates', () => {
    const rows = [...FAR, scored({ ...FAR[0]!, genId: 'v_again' })];
    const [good] = rankBy(rows, 'draft_template').contenders;
    expect([good?.estimate.clusters, good?.estimate.count, good?.replicates]).toEqual([2, 5, 1.25]);
  });

  it('names a way by templates and models of both stages', () => {
    expect(rankBy(FAR, 'way').contenders[0]?.name).toBe('good@m1 > g1@m1');
  });

  it('clusters a single essay by its evaluations', () => {
    const [best] = rankBy(NEAR, 'essay').contenders;
    expect([best?.name, best?.estimate.clusters]).toEqual(['e_2', 2]);
  });
});

describe('what would separate two', () => {
  const ranked = rankBy(NEAR, 'draft_template');
  const [a, b] = ranked.contenders;

  it('counts the missing essays and prices each with its draft and its evaluations', () => {
    const prices = { draft: 0.1, essay: 0.2, evaluation: 0.01 };
    const pair = separate(ranked, [a!, b!], (stage) => prices[stage]);
    // Essay means 5, 7 and 4, 7: variances 2 and 4.5, a difference of 0.5.
    const each = Math.ceil(((1.959963984540054 + 0.8416212335729143) ** 2 * 6.5) / 0.25);
    expect(pair.separation).toEqual({ each, moreA: each - 2, moreB: each - 2 });
    expect(pair.usd).toBeCloseTo((each - 2) * 2 * (0.1 + 0.2 + 2 * 0.01), 9);
    expect([pair.tied, pair.unit, pair.difference]).toEqual([true, 'essay', 0.5]);
  });

  it('has no price where one of the prices is not known', () => {
    const pair = separate(ranked, [a!, b!], (stage) => (stage === 'draft' ? undefined : 1));
    expect([pair.usd, pair.separation === undefined]).toEqual([undefined, false]);
  });

  it('prices evaluations alone for two essays', () => {
    const essays = rankBy(NEAR, 'essay');
    const [first, second] = essays.contenders;
    const pair = separate(essays, [first!, second!], (stage) => (stage === 'evaluation' ? 2 : undefined));
    expect(pair.unit).toBe('evaluation');
    expect(pair.usd === undefined ? 'none told' : pair.usd % 2).toBe(
      pair.separation === undefined ? 'none told' : 0,
    );
  });

  it('asks only about neighbours that tie', () => {
    expect(openQuestions(ranked, () => 0)).toHaveLength(1);
    const apart = [1, 2, 3, 4, 5].flatMap((at) => [
      ...essay(`a${at}`, 'good', [8, 8]),
      ...essay(`b${at}`, 'bad', [1, 1]),
    ]);
    expect(openQuestions(rankBy(apart, 'draft_template'), () => 0)).toEqual([]);
  });
});

describe('the whole', () => {
  it('counts failed evaluations but leaves them out of every mean', () => {
    const failed = { ...scored({ score: 0 }), score: undefined, error: 'missing parsed.txt' };
    const { evaluations, scored: counted, essays, overall } = scoreStatistics([...FAR, failed]);
    expect([evaluations, counted, essays, overall?.mean]).toEqual([9, 8, 4, 5]);
  });

  it('is made of nothing without scores, and its tables have headers', () => {
    const tables = statisticsTables(scoreStatistics([]), []);
    expect(tables.map(({ name }) => name)).toEqual([
      'ranking',
      'essays',
      'judges',
      'agreement',
      'separation',
    ]);
    for (const { table } of tables) expect(table.columns.length).toBeGreaterThan(0);
  });

  it('prints means with their intervals', () => {
    const [ranking] = statisticsTables(scoreStatistics([...FAR, ...essay('5', 'bad', [5, 5])]), []);
    const lines = csvOf(ranking!.table).split('\n');
    expect(lines[0]).toBe('by,place,name,mean,low,high,std_dev,clusters,scores,replicates');
    // Essay means 8, 9, 1, 2 and 5: a standard error of √2.5, times t(4) = 2.7764.
    expect(lines).toContain('combo,1,cA,5.0,0.61,9.39,3.333,5,10,1.0');
  });
});
