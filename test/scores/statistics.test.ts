// Rankings, open questions and their price, on scores small enough to work out by hand.
import { describe, expect, it } from 'vitest';
import { crossed } from '../support/scoredesign.ts';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import type { Dimension } from '../../src/scores/levels/dimensions.ts';
import { type RankOptions, rankBy } from '../../src/scores/levels/ranking.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { noisesIn } from '../../src/scores/separation/noise.ts';
import { type PriceOf, Prices } from '../../src/scores/separation/prices.ts';
import { openQuestions, separate } from '../../src/scores/separation/pairs.ts';
import { scoreStatistics } from '../../src/scores/statistics.ts';
import { statisticsTables } from '../../src/report/tables/statistics.ts';
import { csvOf } from '../../src/report/tables/table.ts';
import { scored } from '../support/scores.ts';

/** An essay of a draft template, made from a combo, with two judges' scores. */
function essay(
  id: string,
  draftTemplate: string,
  scores: readonly [number, number],
  comboId = `c${id}`,
): ScoredRow[] {
  return scores.map((score, at) =>
    scored({
      score,
      genId: `v_${id}_${at}`,
      parentGenId: `e_${id}`,
      draftGenId: `d_${id}`,
      draftTemplate,
      comboId,
      evaluationModel: `j${at}`,
    }),
  );
}

/** Both templates for each combo: the scores of the first, and those of the second so much lower. */
function paired(base: readonly number[], lower: readonly number[]): ScoredRow[] {
  return base.flatMap((score, at) => [
    ...essay(`a${at}`, 'one', [score, score + 1], `c${at}`),
    ...essay(`b${at}`, 'two', [score - (lower[at] ?? 0), score + 1 - (lower[at] ?? 0)], `c${at}`),
  ]);
}

function ranking(rows: readonly ScoredRow[], dimension: Dimension, options?: RankOptions) {
  return rankBy(judgedIn(rows), dimension, options);
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
  it('gives places that tie where too few combos could tell', () => {
    expect(ranking(NEAR, 'draft_template').contenders.map(({ name, place }) => [name, place])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });

  it('places one behind the other where it is lower in combo after combo, however far combos lie apart', () => {
    const rows = paired([1, 8, 3, 6, 2, 7], [0.4, 0.5, 0.6, 0.5, 0.3, 0.5]);
    const { contenders, pairs } = ranking(rows, 'draft_template');
    expect(contenders.map(({ name, place }) => [name, place])).toEqual([
      ['one', 1],
      ['two', 2],
    ]);
    const [one, two] = contenders.map(({ estimate }) => estimate.interval);
    expect(one!.low < two!.high).toBe(true);
    // All six differences have one sign: 2 of 64 choices of signs are as far from 0.
    expect(pairs).toMatchObject([
      { a: 'one', b: 'two', basis: 'paired', blocks: 12, leftOut: 0, clusters: 6, p: 1 / 32, higher: 'a' },
    ]);
  });

  it('ties where combos disagree about which is lower', () => {
    const rows = paired([1, 8, 3, 6, 2, 7], [0.4, -0.5, 0.6, -0.5, 0.3, 0.5]);
    expect(ranking(rows, 'draft_template').contenders.map(({ place }) => place)).toEqual([1, 1]);
  });

  it('leaves those beyond the number that is compared without a place, and counts their pairs all the same', () => {
    const rows = ['x', 'y', 'z'].flatMap((name, rank) =>
      [0, 1, 2, 3, 4, 5].flatMap((at) => essay(`${name}${at}`, name, [9 - rank, 9 - rank], `c${at}`)),
    );
    const { contenders, pairs, family } = ranking(rows, 'draft_template', { most: 2 });
    expect(contenders.map(({ name, place }) => [name, place])).toEqual([
      ['x', 1],
      ['y', 1],
      ['z', undefined],
    ]);
    expect([family, pairs.map(({ p, adjusted }) => [p, adjusted])]).toEqual([3, [[1 / 32, 3 / 32]]]);
  });

  it('counts combos as clusters, and scores for each essay, rubric and judge as replicates', () => {
    const rows = [...FAR, scored({ ...FAR[0]!, genId: 'v_again' })];
    const [good] = ranking(rows, 'draft_template').contenders;
    expect([good?.estimate.clusters, good?.estimate.count, good?.replicates]).toEqual([2, 5, 1.25]);
  });

  it('names a way by templates and models of both stages', () => {
    expect(ranking(FAR, 'way').contenders[0]?.name).toBe('good@m1 > g1@m1');
  });

  it('clusters a single essay by its evaluations, and a combo by its essays', () => {
    const [best] = ranking(NEAR, 'essay').contenders;
    expect([best?.name, best?.estimate.clusters]).toEqual(['e_2', 2]);
    const [combo] = ranking(
      [...essay('1', 'one', [1, 2], 'c'), ...essay('2', 'one', [3, 4], 'c')],
      'combo',
    ).contenders;
    expect([combo?.name, combo?.estimate.clusters]).toEqual(['c', 2]);
  });
});

function unpriced(rows: readonly ScoredRow[]): Prices {
  return new Prices(judgedIn(rows).columns, () => undefined);
}

describe('what would separate two', () => {
  const input = (rows: readonly ScoredRow[], priceOf: PriceOf, difference?: number) => {
    const judged = judgedIn(rows);
    return { judged, noises: noisesIn(judged), prices: new Prices(judged.columns, priceOf), difference };
  };
  const LOWER = [1.4, -0.5, 0.6, 1.5, 0.3, -0.5, 1];
  const ROWS = paired([1, 8, 3, 6, 2, 7, 5], LOWER);

  it('is so many more combos, for both, each with all that is made from it', () => {
    const prices = { draft: 0.1, essay: 0.2, evaluation: 0.01 };
    const ranked = ranking(ROWS, 'draft_template');
    const [a, b] = ranked.contenders;
    const pair = separate(
      ranked,
      [a!, b!],
      input(ROWS, (stage) => prices[stage]),
    );
    const combo = pair.remedies.find(({ unit }) => unit === 'combo')!;
    expect(pair).toMatchObject({ tied: true, difference: expect.closeTo(3.8 / 7, 9) as number });
    expect(combo).toMatchObject({ now: 7, each: 7 + combo.moreA!, moreB: combo.moreA });
    expect(combo.usd).toBeCloseTo(combo.moreA! * 2 * (0.1 + 0.2 + 2 * 0.01), 9);
    // Nothing was repeated, so nothing says that replicates would help.
    expect(pair.remedies.slice(1).map(({ each }) => each)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is fewer for a larger difference, and more for a smaller one', () => {
    const ranked = ranking(ROWS, 'draft_template');
    const [a, b] = ranked.contenders;
    const needed = [2, 0.5, 0.25].map(
      (difference) =>
        separate(
          ranked,
          [a!, b!],
          input(ROWS, () => 0, difference),
        ).remedies.find(({ unit }) => unit === 'combo')!.each!,
    );
    expect(needed).toEqual(needed.toSorted((one, other) => one - other));
    expect(needed[0]).toBe(7);
  });

  it('has no price where one of the prices is not known', () => {
    const ranked = ranking(ROWS, 'draft_template');
    const [a, b] = ranked.contenders;
    const { remedies } = separate(
      ranked,
      [a!, b!],
      input(ROWS, (stage) => (stage === 'draft' ? undefined : 1)),
    );
    expect(remedies.find(({ unit }) => unit === 'combo')).toMatchObject({ usd: undefined });
  });

  it('is evaluations alone for two essays', () => {
    const essays = ranking(NEAR, 'essay');
    const [first, second] = essays.contenders;
    const { remedies } = separate(
      essays,
      [first!, second!],
      input(NEAR, (stage) => (stage === 'evaluation' ? 2 : undefined)),
    );
    expect(remedies.map(({ unit, usd }) => [unit, (usd ?? 1) % 2])).toEqual(
      remedies.length === 0 ? [] : [['evaluation', 0]],
    );
  });

  it('is essays for two combos, however often each is judged', () => {
    const rowsOf = (times: number): ScoredRow[] =>
      [
        [1, 3, 2],
        [3, 5, 4],
      ].flatMap((scores, combo) =>
        scores.flatMap((score, essay) =>
          Array.from({ length: times }, (_, at) =>
            scored({
              genId: `v${combo}${essay}${at}`,
              comboId: `c${combo}`,
              parentGenId: `e${combo}${essay}`,
              evaluationModel: `j${at}`,
              score,
            }),
          ),
        ),
      );
    for (const times of [1, 2]) {
      const rows = rowsOf(times);
      const combos = ranking(rows, 'combo');
      const [first, second] = combos.contenders;
      const { remedies } = separate(
        combos,
        [first!, second!],
        input(rows, (stage) => (stage === 'evaluation' ? 2 : 1)),
      );
      expect(remedies).toMatchObject([
        { unit: 'essay', each: 4, moreA: 1, moreB: 1, usd: 2 * (1 + 2 * times) },
      ]);
    }
  });

  it('is asked only of neighbours that tie', () => {
    const open = paired([1, 8, 3, 6, 2, 7], [0.4, -0.5, 0.6, -0.5, 0.3, 0.5]);
    expect(
      openQuestions(
        ranking(open, 'draft_template'),
        input(open, () => 0),
      ),
    ).toHaveLength(1);
    const apart = paired([1, 8, 3, 6, 2, 7], [4, 5, 6, 5, 3, 5]);
    expect(
      openQuestions(
        ranking(apart, 'draft_template'),
        input(apart, () => 0),
      ),
    ).toEqual([]);
  });
});

describe('a single combo', () => {
  it('is not called a single way, and says nothing of what would tell its levels apart', () => {
    const rows = crossed(
      { combos: 1, draftTemplates: 2, judges: 2 },
      ({ draftTemplate, judge }) => draftTemplate + judge,
    );
    const statistics = scoreStatistics(rows);
    const pairs = statistics.rankings.flatMap((ranked) =>
      openQuestions(ranked, { judged: judgedIn(rows), noises: statistics.noises, prices: unpriced(rows) }),
    );
    const tables = new Map(
      statisticsTables(statistics, pairs).map(({ name, table }) => [name, csvOf(table)]),
    );
    const untold = 'a single combo, or no two ways from the same combos';
    expect(tables.get('noise')).toContain(`combo,,,,0,"${untold}"\nrest,,,,0,"${untold}"\n`);
    expect(tables.get('separation')).toMatch(/^draft_template,d1,d0,1\.0,.*,too few to tell$/m);
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
      'comparisons',
      'essays',
      'noise',
      'judges',
      'agreement',
      'separation',
    ]);
    for (const { table } of tables) expect(table.columns.length).toBeGreaterThan(0);
  });

  it('prints means with their intervals, and says of what', () => {
    const rows = [...FAR, ...essay('5', 'bad', [5, 5])];
    const [table] = statisticsTables(scoreStatistics(rows), []);
    const lines = csvOf(table!.table).split('\n');
    expect(lines[0]).toBe('by,place,name,mean,low,high,std_dev,clusters,scores,replicates,over,note');
    // Combos' means 8, 9, 1, 2 and 5: a standard error of √2.5, times t(4) = 2.7764.
    expect(lines).toContain('rubric,1,nov,5.0,0.61,9.39,3.333,5,10,1.0,combos,');
    expect(lines).toContain('draft_template,1,good,8.5,,,0.577,2,4,1.0,combos,too few to say');
    const [essays] = statisticsTables(scoreStatistics(rows, { over: 'essays' }), []);
    expect(csvOf(essays!.table)).toContain('rubric,1,nov,5.0,0.61,9.39,3.333,5,10,1.0,essays,');
    const [onScale] = statisticsTables(scoreStatistics(rows), [], { scale: { low: 0, high: 9 } });
    expect(csvOf(onScale!.table)).toContain('rubric,1,nov,5.0,,,3.333,5,10,1.0,combos,too few to say');
  });

  it('prints each level against the first, and what of the scores could be used', () => {
    const rows = paired([1, 8, 3, 6, 2, 7], [0.4, 0.5, 0.6, 0.5, 0.3, 0.5]);
    const table = statisticsTables(scoreStatistics(rows.slice(0, -1)), [])[1]!;
    const lines = csvOf(table.table).split('\n');
    expect(lines[0]).toBe(
      'by,a,b,difference,low,high,p,p_holm,family,verdict,basis,over,clusters,blocks,left_out',
    );
    expect(lines).toContain(
      'draft_template,one,two,0.464,0.344,0.584,0.03125,0.03125,1,a is higher,paired,combos,6,11,1',
    );
  });
});
