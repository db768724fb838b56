// Components of variance against a textbook example, and what each judge is like.
import { describe, expect, it } from 'vitest';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { judgeSpreads, spreadOfScores } from '../../src/scores/judges/spreads.ts';
import { listsOf } from '../../src/statistics/agreement/lists.ts';
import { spreadOf as spreadOfReplicates, type Spread } from '../../src/statistics/agreement/spread.ts';
import { scored } from '../support/scores.ts';

/** D. C. Montgomery, Design and Analysis of Experiments: the strength of fabric from four looms, four samples each. */
const LOOMS = [
  [98, 97, 99, 96],
  [91, 90, 93, 92],
  [96, 95, 97, 95],
  [95, 96, 99, 98],
];

/** Scores of each text, a list of replicates for each judge. */
function spreadOf(items: readonly (readonly (readonly number[])[])[]): Spread {
  return spreadOfReplicates({
    ...listsOf(items.flat()),
    items: Int32Array.from([0, ...items.map((_, at) => items.slice(0, at + 1).flat().length)]),
  });
}

/** Scores by essay, then by judge. */
function rowsOf(scores: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>): ScoredRow[] {
  return Object.entries(scores).flatMap(([parentGenId, judges]) =>
    Object.entries(judges).flatMap(([evaluationModel, values]) =>
      values.map((score) => scored({ parentGenId, evaluationModel, score })),
    ),
  );
}

describe('the spread of scores', () => {
  it('has the published components for the looms: 1.90 within, 6.96 between', () => {
    const { within = 0, between = 0 } = spreadOf([LOOMS]);
    expect(within ** 2).toBeCloseTo(1.896, 3);
    expect(between ** 2).toBeCloseTo(6.958, 3);
  });

  it('pools over texts, whose own levels play no part', () => {
    const higher = LOOMS.map((loom) => loom.map((value) => value + 1000));
    const once = spreadOf([LOOMS]);
    const twice = spreadOf([LOOMS, higher]);
    expect(twice.within).toBeCloseTo(once.within ?? 0, 9);
    expect(twice.between).toBeCloseTo(once.between ?? 0, 9);
  });

  it('cannot tell the two apart without replicates, and says nothing of a single judge', () => {
    expect(spreadOf([[[4], [6]]])).toEqual({ within: undefined, between: Math.SQRT2 });
    expect(spreadOf([[[4, 6]], []])).toEqual({ within: Math.SQRT2, between: undefined });
  });

  it('is 0 between judges whose means differ less than their replicates explain', () => {
    expect(
      spreadOf([
        [
          [0, 10],
          [1, 10],
        ],
      ]).between,
    ).toBe(0);
  });

  it('takes essay and rubric as the text', () => {
    const rows = rowsOf({ e_1: { j1: [1, 3], j2: [2] }, e_2: { j1: [8], j2: [9] } });
    expect(spreadOfScores(judgedIn(rows))).toEqual(
      spreadOf([
        [[1, 3], [2]],
        [[8], [9]],
      ]),
    );
  });
});

describe('each judge', () => {
  it('has its mean, its replicates, its own spread, and how it leans', () => {
    const rows = rowsOf({ e_1: { high: [7, 9], low: [4], mid: [6] }, e_2: { high: [9], low: [5] } });
    const [high, low, mid] = judgeSpreads(judgedIn(rows));
    expect(high).toMatchObject({ judge: 'high', scores: 3, replicates: 1.5, min: 7, max: 9, lean: 3.5 });
    expect(high?.within).toBeCloseTo(Math.SQRT2, 9);
    expect(low).toMatchObject({ judge: 'low', mean: 4.5, within: undefined, lean: -3.5 });
    expect(mid).toMatchObject({ judge: 'mid', lean: 0 });
  });

  it('does not lean where it judges alone', () => {
    expect(judgeSpreads(judgedIn([scored({ score: 5 })]))).toMatchObject([
      { lean: undefined, within: undefined },
    ]);
  });
});
