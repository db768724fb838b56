// Intraclass correlations, bootstrapped alpha and slopes within groups against numpy, scipy and statsmodels.
import { beforeAll, describe, expect, it } from 'vitest';
import { alphaInterval as intervalOfLists, resamples } from '../../src/statistics/agreement/bootstrap.ts';
import { intraclass as intraclassOfLists } from '../../src/statistics/agreement/intraclass.ts';
import { listsOf } from '../support/numberlists.ts';
import { fisherQuantile } from '../../src/statistics/distributions/fisher.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { slopeWithin as slopeOfPoints } from '../../src/statistics/slopes.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';

interface ClusteredUnit {
  readonly cluster: string;
  readonly values: readonly number[];
}
interface Point {
  readonly x: number;
  readonly y: number;
  readonly cluster: string;
  readonly group: string;
}
/** Numbers of names, with gaps. */
const numbersOf = (names: readonly string[]): Int32Array =>
  Int32Array.from(names, (name) => 3 * [...new Set(names)].indexOf(name));
const intraclass = (lists: readonly (readonly number[])[]): ReturnType<typeof intraclassOfLists> =>
  intraclassOfLists(listsOf(lists));
const alphaInterval = (all: readonly ClusteredUnit[]): ReturnType<typeof intervalOfLists> =>
  intervalOfLists({
    ...listsOf(all.map(({ values }) => values)),
    clusters: numbersOf(all.map(({ cluster }) => cluster)),
  });
const slopeWithin = (all: readonly Point[]): ReturnType<typeof slopeOfPoints> =>
  slopeOfPoints({
    xs: Float64Array.from(all, ({ x }) => x),
    ys: Float64Array.from(all, ({ y }) => y),
    clusters: numbersOf(all.map(({ cluster }) => cluster)),
    groups: numbersOf(all.map(({ group }) => group)),
  });

const bits = seededBits(41);
const random = (): number => bits() / 2 ** 32;

const groups = (sizes: readonly number[], noise: number): number[][] =>
  sizes.map((size) => {
    const level = 10 * random();
    return Array.from({ length: size }, () => level + noise * (random() - 0.5));
  });
const REPEATED: Readonly<Record<string, number[][]>> = {
  balanced: groups([3, 3, 3, 3, 3, 3, 3], 4),
  unbalanced: groups([1, 4, 2, 2, 1, 6, 3, 2], 9),
  tied: groups([2, 2, 2, 2, 2, 2], 3).map((group) => group.map(Math.round)),
  'no more alike than chance': groups([3, 3, 3, 3, 3], 90),
};

const units = (combos: number, judges: number, texts: (combo: number) => number): ClusteredUnit[] =>
  Array.from({ length: combos }, (_, combo) =>
    Array.from({ length: texts(combo) }, (): ClusteredUnit => {
      const worth = 8 * random();
      return {
        cluster: `c${combo}`,
        values: Array.from({ length: judges }, () => Math.round(worth + 4 * random())),
      };
    }),
  ).flat();
const UNITS: Readonly<Record<string, ClusteredUnit[]>> = {
  balanced: units(7, 2, () => 4),
  unbalanced: units(9, 3, (combo) => 1 + (combo % 4)).map((unit, at) =>
    at % 3 === 0 ? { ...unit, values: unit.values.slice(1) } : unit,
  ),
  tied: units(6, 3, () => 3).map((unit) => ({
    ...unit,
    values: unit.values.map((each) => Number(each > 5)),
  })),
  // Of seven combos one varies: a draw without it says nothing.
  'constant but for one combo': units(7, 2, () => 2).map((unit) =>
    unit.cluster === 'c3' ? unit : { ...unit, values: [5, 5] },
  ),
  constant: units(6, 2, () => 2).map((unit) => ({ ...unit, values: [5, 5] })),
};

const points = (combos: number, ways: number, kept: (at: number) => boolean): Point[] =>
  Array.from({ length: combos * ways * 2 }, (_, at) => {
    const [cluster, group] = [Math.floor(at / (ways * 2)), at % ways];
    const x = random() + 0.5 * group;
    return { x, y: 0.7 * x + group - cluster + 3 * random(), cluster: `c${cluster}`, group: `w${group}` };
  }).filter((_, at) => kept(at));
const POINTS: Readonly<Record<string, Point[]>> = {
  balanced: points(8, 3, () => true),
  unbalanced: points(11, 4, (at) => (at * 5) % 7 > 1),
  tied: points(9, 3, () => true).map((each) => ({ ...each, x: Math.round(each.x), y: Math.round(each.y) })),
  'texts of one length in most combos': points(8, 2, () => true).map((each) =>
    each.cluster < 'c5' ? { ...each, x: 3 } : each,
  ),
  'constant scores': points(7, 3, () => true).map((each) => ({ ...each, y: 5 })),
  'texts of one length': points(7, 3, () => true).map((each) => ({ ...each, x: 3 })),
};

const PROGRAM = String.raw`
import numpy as np, warnings
from scipy import stats
import statsmodels.api as sm
warnings.simplefilter('ignore')
def icc(groups):
    f = stats.f_oneway(*[np.array(g) for g in groups]).statistic
    k, N = len(groups), sum(map(len, groups)); n0 = (N - sum(len(g) ** 2 for g in groups) / N) / (k - 1)
    lo = f / stats.f.ppf(0.975, k - 1, N - k); hi = f * stats.f.ppf(0.975, N - k, k - 1)
    return [(f - 1) / (f + n0 - 1), (lo - 1) / (lo + n0 - 1), (hi - 1) / (hi + n0 - 1)]
def alpha(units):
    values = [v for u in units for v in u]
    observed = sum(sum((a - b) ** 2 for a in u for b in u) / (len(u) - 1) for u in units) / len(values)
    V = np.array(values, float)
    expected = np.sum(np.subtract.outer(V, V) ** 2) / (len(V) * (len(V) - 1))
    return 1 - observed / expected if expected > 0 else None
def bootstrapped(units, drawn):
    names = list(dict.fromkeys(u['cluster'] for u in units)); G = len(names)
    by = [[u['values'] for u in units if u['cluster'] == n] for n in names]
    found = [alpha([u for g in draw for u in by[g]]) for draw in np.array(drawn).reshape(-1, G)]
    told = [a for a in found if a is not None]
    return np.quantile(told, [0.025, 0.975]).tolist() if told else []
def dummies(names):
    return np.array([[n == m for m in sorted(set(names))] for n in names], float)
def slope(points):
    x, y = np.array([p['x'] for p in points]), np.array([p['y'] for p in points])
    D = np.hstack([dummies([p['cluster'] for p in points]), dummies([p['group'] for p in points])[:, 1:]])
    value = sm.OLS(y, np.column_stack([x, D])).fit().params[0]
    # CR2 of the one regressor that is left when the others are taken off.
    M = np.eye(len(x)) - D @ np.linalg.pinv(D); x, y = M @ x, M @ y
    S = x @ x; e = y - value * x; meat = 0
    if S < 1e-9:
        return []
    at_of = {g: np.array([p['cluster'] == g for p in points]) for g in {p['cluster'] for p in points}}
    # A cluster in which nothing varies says nothing.
    telling = [g for g, at in at_of.items() if x[at] @ x[at] > 1e-9 * S]
    for g in telling:
        X = x[at_of[g]]; at = at_of[g]
        w, v = np.linalg.eigh(np.eye(len(X)) - np.outer(X, X) / S)
        meat += float(X @ (v @ np.diag(w ** -0.5) @ v.T) @ e[at]) ** 2
    G = len(telling)
    return [float(value), float(np.sqrt(meat) / S * np.sqrt(G / (G - 1)))]
answer(dict(icc={n: icc(g) for n, g in given['repeated'].items()},
    alpha={n: bootstrapped(u, given['drawn'][n]) for n, u in given['units'].items()},
    slope={n: slope(p) for n, p in given['points'].items()},
    fisher=[stats.f.ppf(p, a, b) for p, a, b in given['fisher']]))
`;

const FISHER = [
  [0.975, 4, 10],
  [0.975, 60, 3],
  [0.025, 1, 200],
] as const;
type Numbers = Readonly<Record<string, readonly number[]>>;

describe('judges', needing('python3-statsmodels'), () => {
  let answers: {
    readonly icc: Numbers;
    readonly alpha: Numbers;
    readonly slope: Numbers;
    readonly fisher: readonly number[];
  };
  const near = (numbers: readonly number[]): number[] =>
    numbers.map((each) => expect.closeTo(each, 7) as number);
  const drawnFor = (all: readonly ClusteredUnit[]): number[] =>
    [...resamples(new Set(all.map(({ cluster }) => cluster)).size)].slice(0);
  beforeAll(() => {
    const drawn = Object.fromEntries(Object.entries(UNITS).map(([name, all]) => [name, drawnFor(all)]));
    answers = askPython('python3-statsmodels', PROGRAM, {
      repeated: REPEATED,
      units: UNITS,
      points: POINTS,
      fisher: FISHER,
      drawn,
    });
  }, 120_000);

  it('have quantiles of F as scipy has', () => {
    expect(FISHER.map(([p, a, b]) => fisherQuantile(p, a, b))).toEqual(near(answers.fisher));
  });

  it.each(Object.keys(REPEATED))('agree with themselves as an analysis of variance says: %s', (name) => {
    const { value, interval } = intraclass(REPEATED[name]!)!;
    expect([value, interval?.low, interval?.high]).toEqual(near(answers.icc[name]!));
  });

  it.each(Object.keys(UNITS))('agree with each other between what whole draws give: %s', (name) => {
    const found = alphaInterval(UNITS[name]!);
    expect(found === undefined ? [] : [found.low, found.high]).toEqual(near(answers.alpha[name]!));
  });

  it.each(Object.keys(POINTS))('are swayed as a regression with effects of both kinds says: %s', (name) => {
    const found = slopeWithin(POINTS[name]!);
    expect(found === undefined ? [] : [found.value, found.error]).toEqual(near(answers.slope[name]!));
  });
});

describe('where nothing can be said of a judge', () => {
  it('nothing is: asked once, always the same, too few combos, texts of one length', () => {
    expect(intraclass([[5], [6], [7]])).toBeUndefined();
    expect(
      intraclass([
        [5, 5],
        [5, 5],
      ]),
    ).toBeUndefined();
    expect(
      intraclass([
        [5, 5],
        [6, 6],
      ]),
    ).toMatchObject({ value: 1, interval: undefined, repeated: 2 });
    expect(alphaInterval(UNITS['balanced']!.filter(({ cluster }) => cluster < 'c4'))).toBeUndefined();
    expect([alphaInterval(UNITS['constant']!), slopeWithin(POINTS['texts of one length']!)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(slopeWithin([])).toBeUndefined();
  });
});
