// Components of variance against a textbook example and numpy's projections, and what each judge is like.
import { beforeAll, describe, expect, it } from 'vitest';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { judgeSpreads, spreadOfScores } from '../../src/scores/judges/spreads.ts';
import { listsOf } from '../support/numberlists.ts';
import { spreadOf as spreadOfReplicates, type Spread } from '../../src/statistics/agreement/spread.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';
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

const bits = seededBits(77);
const random = (): number => bits() / 2 ** 32;
/** Texts, of each a list for each judge: so many replicates. */
const items = (sizes: readonly (readonly number[])[]): number[][][] =>
  sizes.map((judges) => {
    const worth = 8 * random();
    return judges.map((size) => {
      const said = worth + 2 * random();
      return Array.from({ length: size }, () => said + random());
    });
  });
const GAPS = items([[2, 3, 1], [1, 1], [4, 0, 2], [3], [0, 2, 2]]);
const ITEMS: Readonly<Record<string, number[][][]>> = {
  balanced: items([
    [3, 3],
    [3, 3],
    [3, 3],
  ]),
  'unbalanced, with some missing': GAPS,
  tied: GAPS.map((text) => text.map((list) => list.map(Math.round))),
  constant: GAPS.map((text) => text.map((list) => list.map(() => 5))),
  'judges no further apart than their replicates': GAPS.map((text) =>
    text.map((list) => list.map((_, at) => 10 * at)),
  ),
};

/** By projections, and what they are expected to be by their traces. */
const PROGRAM = String.raw`
import numpy as np
def project(names):
    M = np.array([[float(a == b) for b in sorted(set(names))] for a in names])
    return M @ np.linalg.pinv(M), M
def spread(texts):
    rows = [(i, j, v) for i, text in enumerate(texts) for j, values in enumerate(text) for v in values]
    y = np.array([v for _, _, v in rows])
    P, _ = project([i for i, _, _ in rows])
    Q, Z = project([(i, j) for i, j, _ in rows])
    within = y @ (np.eye(len(y)) - Q) @ y / np.trace(np.eye(len(y)) - Q)
    squares, degrees = y @ (Q - P) @ y, np.trace(Q - P)
    between = max(0, (squares - degrees * within) / np.trace((Q - P) @ Z @ Z.T))
    return [np.sqrt(max(0, within)), np.sqrt(between)]
answer({name: spread(texts) for name, texts in given.items()})
`;

describe('the spread of scores by projections', needing('python3-scipy'), () => {
  let answers: Readonly<Record<string, readonly [within: number, between: number]>>;
  beforeAll(() => {
    answers = askPython('python3-scipy', PROGRAM, ITEMS);
  }, 60_000);

  it.each(Object.keys(ITEMS))('is that of numpy: %s', (name) => {
    const { within, between } = spreadOf(ITEMS[name]!);
    expect(within).toBeCloseTo(answers[name]![0], 7);
    expect(between).toBeCloseTo(answers[name]![1], 6);
  });
});

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
