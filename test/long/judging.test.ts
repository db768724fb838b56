// Intraclass correlations, bootstrapped alpha and slopes within groups against numpy, scipy and statsmodels.
import { beforeAll, describe, expect, it } from 'vitest';
import { type ClusteredLists, resamples } from '../../src/statistics/agreement/bootstrap.ts';
import { intraclass as intraclassOfLists } from '../../src/statistics/agreement/intraclass.ts';
import { alphaInterval as intervalOfLists } from '../../src/statistics/agreement/krippendorff.ts';
import { listsOf } from '../support/numberlists.ts';
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
const clustered = (all: readonly ClusteredUnit[]): ClusteredLists => ({
  ...listsOf(all.map(({ values }) => values)),
  clusters: numbersOf(all.map(({ cluster }) => cluster)),
});
const intraclass = (all: readonly ClusteredUnit[]): ReturnType<typeof intraclassOfLists> =>
  intraclassOfLists(clustered(all));
const alphaInterval = (all: readonly ClusteredUnit[]): ReturnType<typeof intervalOfLists> =>
  intervalOfLists(clustered(all));
const slopeWithin = (all: readonly Point[]): ReturnType<typeof slopeOfPoints> =>
  slopeOfPoints({
    xs: Float64Array.from(all, ({ x }) => x),
    ys: Float64Array.from(all, ({ y }) => y),
    clusters: numbersOf(all.map(({ cluster }) => cluster)),
    groups: numbersOf(all.map(({ group }) => group)),
  });

const bits = seededBits(41);
const random = (): number => bits() / 2 ** 32;

/** Of each combo so many texts that were judged again and again. */
const again = (combos: readonly (readonly number[])[], noise: number): ClusteredUnit[] =>
  combos.flatMap((sizes, combo) => {
    const luck = 6 * random();
    return sizes.map((size) => {
      const level = luck + 4 * random();
      const values = Array.from({ length: size }, () => level + noise * (random() - 0.5));
      return { cluster: `c${combo}`, values };
    });
  });
const THREES = Array.from({ length: 7 }, () => [3, 3, 3]);
const REPEATED: Readonly<Record<string, ClusteredUnit[]>> = {
  balanced: again(THREES, 4),
  unbalanced: again([[1, 4, 2], [2], [1, 6], [3, 2, 2, 1], [2, 1], [5], [2, 2]], 9),
  tied: again(
    Array.from({ length: 8 }, () => [2, 2]),
    3,
  ).map((unit) => ({ ...unit, values: unit.values.map(Math.round) })),
  'no more alike than chance': again(THREES, 90),
  // Most draws have none of the two at all.
  'not the same in two combos alone': again(THREES, 0).map((unit) =>
    unit.cluster < 'c2' ? { ...unit, values: [3, 5, 4] } : unit,
  ),
  'always the same': again(THREES, 0),
  'in too many combos to draw them': again(
    Array.from({ length: 201 }, (_, at) => [1 + (at % 3), 2]),
    4,
  ),
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
  'in too many combos to draw them': units(230, 2, (combo) => 1 + (combo % 2)),
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
def weighed(units):
    names = list(dict.fromkeys(u['cluster'] for u in units))
    return names, [[np.array(u['values'], float) for u in units if u['cluster'] == n] for n in names]
# What is missing to 1, of clusters that are there so many times each, by the definitions.
def alpha_lack(by):
    by = [[u for u in g if len(u) > 1] for g in by]
    n = np.array([sum(map(len, g)) for g in by], float)
    own = np.array([sum(np.sum(np.subtract.outer(u, u) ** 2) / (len(u) - 1) for u in g) for g in by])
    flat = [np.concatenate(g) if g else np.array([]) for g in by]
    apart = np.array([[np.sum(np.subtract.outer(a, b) ** 2) for b in flat] for a in flat])
    def lack(k):
        N = np.sum(k * n, -1)
        return np.sum(k * own, -1) / N / (np.einsum('...i,ij,...j', k, apart, k) / (N * (N - 1)))
    return lack
def icc_lack(by):
    counts = [np.array([len(u) for u in g], float) for g in by]; means = [np.array([u.mean() for u in g]) for g in by]
    within = np.array([sum(((u - u.mean()) ** 2).sum() for u in g) for g in by])
    def lack(k):
        total = lambda f: np.sum(k * np.array([f(c, m) for c, m in zip(counts, means)]), -1)
        N, K = total(lambda c, m: c.sum()), total(lambda c, m: len(c))
        mean = total(lambda c, m: (c * m).sum()) / N
        msb = (total(lambda c, m: (c * m * m).sum()) - N * mean ** 2) / (K - 1)
        msw = np.sum(k * within, -1) / (N - K)
        n0 = (N - total(lambda c, m: (c * c).sum()) / N) / (K - 1)
        return 1 - (msb - msw) / (msb + (n0 - 1) * msw)
    return lack
def studentized(by, lack, drawn):
    G = len(by); step = 1e-5
    k = np.array([np.bincount(draw, minlength=G) for draw in np.array(drawn).reshape(-1, G)], float)
    def measured(k):
        up = np.stack([np.log(lack(k + step * e)) - np.log(lack(k - step * e)) for e in np.eye(G)], -1) / (2 * step)
        mean = np.sum(k * up, -1, keepdims=True) / G
        return np.log(lack(k)), np.sqrt(np.sum(k * (up - mean) ** 2, -1) * G / (G - 1))
    seen, error = measured(np.ones(G))
    half = stats.t.ppf(0.975, G - 1)
    if G > 200:
        return [max(-1, 1 - np.exp(seen + half * error)), 1 - np.exp(seen - half * error)]
    each, errors = measured(k)
    t = (each - seen) / errors
    # Rounding leaves next to nothing where there is nothing.
    t = t[np.isfinite(t) & (lack(k) > 1e-9)]
    if len(t) < 0.975 * len(k) or not error > 0:
        return []
    low, high = np.quantile(t, [0.025, 0.975])
    low, high = min(low, -half), max(high, half)
    return [max(-1, 1 - np.exp(seen - low * error)), 1 - np.exp(seen - high * error)]
def alpha(units, drawn):
    names, by = weighed(units)
    return studentized(by, alpha_lack(by), drawn) if len(names) > 4 else []
def icc(units, drawn):
    names, by = weighed(units)
    f = stats.f_oneway(*[u for g in by for u in g]).statistic
    sizes = [len(u) for g in by for u in g]; k, N = len(sizes), sum(sizes); n0 = (N - sum(n * n for n in sizes) / N) / (k - 1)
    return [(f - 1) / (f + n0 - 1) if np.isfinite(f) else 1] + studentized(by, icc_lack(by), drawn)
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
answer(dict(icc={n: icc(u, given['drawn']['repeated'][n]) for n, u in given['repeated'].items()},
    alpha={n: alpha(u, given['drawn']['units'][n]) for n, u in given['units'].items()},
    slope={n: slope(p) for n, p in given['points'].items()}))
`;

type Numbers = Readonly<Record<string, readonly number[]>>;

describe('judges', needing('python3-statsmodels'), () => {
  let answers: {
    readonly icc: Numbers;
    readonly alpha: Numbers;
    readonly slope: Numbers;
  };
  const near = (numbers: readonly number[]): number[] =>
    numbers.map((each) => expect.closeTo(each, 7) as number);
  const drawnFor = (all: readonly ClusteredUnit[]): number[] => [
    ...resamples(new Set(all.map(({ cluster }) => cluster)).size),
  ];
  beforeAll(() => {
    const drawnOf = (sets: Readonly<Record<string, ClusteredUnit[]>>): Record<string, number[]> =>
      Object.fromEntries(Object.entries(sets).map(([name, all]) => [name, drawnFor(all)]));
    answers = askPython('python3-statsmodels', PROGRAM, {
      repeated: REPEATED,
      units: UNITS,
      points: POINTS,
      drawn: { repeated: drawnOf(REPEATED), units: drawnOf(UNITS) },
    });
  }, 120_000);

  it.each(Object.keys(REPEATED))(
    'agree with themselves as an analysis of variance and whole draws say: %s',
    (name) => {
      const { value, interval } = intraclass(REPEATED[name]!)!;
      expect(interval === undefined ? [value] : [value, interval.low, interval.high]).toEqual(
        near(answers.icc[name]!),
      );
    },
  );

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
    const texts = (...lists: number[][]): ClusteredUnit[] =>
      lists.map((values, at) => ({ cluster: `c${at}`, values }));
    expect(intraclass(texts([5], [6], [7]))).toBeUndefined();
    expect(intraclass(texts([5, 5], [5, 5]))).toBeUndefined();
    expect(intraclass(texts([5, 5], [6, 6]))).toMatchObject({ value: 1, interval: undefined, repeated: 2 });
    expect(intraclass(again([[3], [3], [3], [3]], 4))).toMatchObject({ interval: undefined, repeated: 4 });
    expect(alphaInterval(UNITS['balanced']!.filter(({ cluster }) => cluster < 'c4'))).toBeUndefined();
    expect([alphaInterval(UNITS['constant']!), slopeWithin(POINTS['texts of one length']!)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(slopeWithin([])).toBeUndefined();
  });
});
