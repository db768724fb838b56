// Correlations, kappa, prediction-powered means and strengths of preferences against scipy, numpy and statsmodels.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Both, spearman, weightedKappa } from '../../src/statistics/agreement/ranks.ts';
import { bradleyTerry, type Comparison } from '../../src/statistics/bradleyterry.ts';
import { jackknife } from '../../src/statistics/jackknife.ts';
import { powerTuned, type Predicted, predictionPoweredMean } from '../../src/statistics/predictionpowered.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';

const bits = seededBits(77);
const random = (): number => bits() / 2 ** 32;
const score = (): number => Math.floor(random() * 10);

/** Stands for a trust that can not be told. */
const NONE = -1;

/** Clusters of pairs that agree more or less. */
function pairs(sizes: readonly number[], noise: number): Both[][] {
  return sizes.map((size) =>
    Array.from({ length: size }, () => {
      const one = score() + 0.5 * Math.floor(random() * 2);
      return [one, one + noise * (random() - 0.4)];
    }),
  );
}

const AGREEING: Readonly<Record<string, Both[][]>> = {
  balanced: pairs([3, 3, 3, 3, 3, 3], 6),
  unbalanced: pairs([1, 7, 2, 1, 4, 1, 1], 9),
  tied: pairs([4, 4, 4, 4, 4], 4).map((cluster) =>
    cluster.map(([a, b]) => [Math.round(a / 4), Math.round(b / 4)]),
  ),
  opposed: pairs([2, 2, 2, 2, 2, 2, 2], 3).map((cluster) => cluster.map(([a, b]) => [a, 10 - b])),
};

function predictions(combos: number, texts: number, isKnown: (at: number) => boolean): Predicted[] {
  return Array.from({ length: combos * texts }, (_, at) => {
    const truth = 3 + 4 * random() + (Math.floor(at / texts) % 3);
    return {
      cluster: `c${Math.floor(at / texts)}`,
      predicted: truth + 1 + 2 * random(),
      known: isKnown(at) ? truth : undefined,
    };
  });
}

const PREDICTED: Readonly<Record<string, Predicted[]>> = {
  balanced: predictions(8, 6, (at) => at % 6 < 2),
  unbalanced: predictions(12, 5, (at) => (at * 7) % 11 < 3),
  tied: predictions(8, 5, (at) => at % 5 < 2).map(({ cluster, predicted, known }) => ({
    cluster,
    predicted: Math.round(predicted / 3),
    known: known === undefined ? undefined : Math.round(known / 3),
  })),
  'constant where it is known': predictions(8, 4, (at) => at % 4 < 2).map((each) => ({
    ...each,
    known: each.known === undefined ? undefined : 5,
  })),
  'constant predictions': predictions(8, 4, (at) => at % 4 < 2).map((each) => ({ ...each, predicted: 6 })),
  worthless: predictions(9, 4, (at) => at % 4 === 0).map((each) => ({ ...each, predicted: -each.predicted })),
};

function comparisons(count: number, strengths: readonly number[], ties: number): Comparison[] {
  return Array.from({ length: count }, (_, at) => {
    const a = at % strengths.length;
    const b = (a + 1 + (Math.floor(at / 3) % (strengths.length - 1))) % strengths.length;
    const chance = 1 / (1 + Math.exp((strengths[b] ?? 0) - (strengths[a] ?? 0)));
    const won = random() < ties ? 0.5 : random() < chance ? 1 : 0;
    return { a, b, won, cluster: Math.floor(at / 5) % 9 };
  });
}

const COMPARED: Readonly<Record<string, { count: number; comparisons: Comparison[] }>> = {
  balanced: { count: 3, comparisons: comparisons(90, [0.5, 0, -0.5], 0) },
  tied: { count: 4, comparisons: comparisons(120, [1, 0, 0, -1], 0.4) },
  'ties alone': { count: 3, comparisons: comparisons(60, [0, 0, 0], 1) },
  unbalanced: {
    count: 5,
    comparisons: comparisons(200, [0.3, 0.1, 0, -0.2, -0.2], 0.1).filter(
      ({ a }, at) => a < 2 || at % 3 === 0,
    ),
  },
};

const PROGRAM = String.raw`
import numpy as np, warnings
from scipy import stats
import statsmodels.api as sm
from statsmodels.stats.inter_rater import cohens_kappa, to_table
warnings.simplefilter('ignore')
def rho(items):
    return float(stats.spearmanr([a for a, b in items], [b for a, b in items])[0])
def kappa(items):
    values = sorted({x for pair in items for x in pair})
    place = {v: i for i, v in enumerate(values)}
    table = np.zeros((len(values), len(values)))
    for a, b in items:
        table[place[a], place[b]] += 1
    weights = np.subtract.outer(np.array(values), np.array(values)) ** 2
    return float(cohens_kappa(table, weights=weights, return_results=False))
def jack(clusters, f):
    n = len(clusters)
    z = [np.arctanh(f([p for j, c in enumerate(clusters) if j != i for p in c])) for i in range(n)]
    center = np.arctanh(f([p for c in clusters for p in c]))
    se = np.sqrt((n - 1) / n * np.sum((z - np.mean(z)) ** 2))
    sizes = np.array([len(c) for c in clusters])
    t = stats.t.ppf(0.975, sizes.sum() ** 2 / (sizes ** 2).sum() - 1)
    return [f([p for c in clusters for p in c]), float(np.tanh(center - t * se)), float(np.tanh(center + t * se))]
def powered(items):
    known = [i for i in items if i.get('known') is not None]
    y = np.array([i['known'] for i in known]); f = np.array([i['predicted'] for i in known])
    all_f = np.array([i['predicted'] for i in items])
    told = np.ptp(f) > 0
    lam = float(np.clip(np.polyfit(f, y, 1)[0], 0, 1)) if told else 1.0
    mean = y.mean() + lam * (all_f.mean() - f.mean())
    # CR2 with whole matrices: two intercepts, predictions of all and what is known less its prediction, clusters across both.
    values = np.concatenate([lam * all_f, y - lam * f])
    X = np.zeros((len(values), 2)); X[:len(all_f), 0] = 1; X[len(all_f):, 1] = 1
    names = np.array([i['cluster'] for i in items] + [i['cluster'] for i in known])
    c = np.array([1.0, 1.0]); bread = np.linalg.inv(X.T @ X); e = values - X @ (bread @ X.T @ values)
    meat = np.zeros((2, 2))
    for g in np.unique(names):
        at = names == g; Xg = X[at]
        w, v = np.linalg.eigh(np.eye(at.sum()) - Xg @ bread @ Xg.T)
        s = Xg.T @ (v @ np.diag(1 / np.sqrt(w)) @ v.T) @ e[at]
        meat += np.outer(s, s)
    return [lam if told else None, float(mean), float(np.sqrt(c @ bread @ meat @ bread @ c))]
def strengths(given):
    k, rows = given['count'], given['comparisons']
    X = np.zeros((len(rows), k)); y = np.array([r['won'] for r in rows]); g = np.array([r['cluster'] for r in rows])
    for i, r in enumerate(rows):
        X[i, r['a']], X[i, r['b']] = 1, -1
    if np.all(y == 0.5):
        # statsmodels refuses a perfect fit. The score is 0 everywhere at strengths of 0, and so is the sandwich's inside.
        assert np.all(X.T @ (y - 1 / (1 + np.exp(-X @ np.zeros(k)))) == 0)
        return dict(value=[0.0] * k, low=[0.0] * k, high=[0.0] * k)
    # The last is the reference; then all are measured from their mean.
    fit = sm.GLM(y, X[:, :-1], family=sm.families.Binomial()).fit(cov_type='cluster', cov_kwds=dict(groups=g, use_correction=False), tol=1e-13, maxiter=500)
    G = len(set(g)); T = np.vstack([np.eye(k - 1), np.zeros(k - 1)]); T = T - T.mean(axis=0)
    value = T @ fit.params; error = np.sqrt(np.diag(T @ fit.cov_params() @ T.T) * G / (G - 1))
    t = stats.t.ppf(0.975, G - 1)
    return dict(value=value.tolist(), low=(value - t * error).tolist(), high=(value + t * error).tolist())
answer(dict(
    rho={n: jack(c, rho) for n, c in given['agreeing'].items()}, kappa={n: jack(c, kappa) for n, c in given['agreeing'].items()},
    powered={n: powered(c) for n, c in given['predicted'].items()}, strengths={n: strengths(c) for n, c in given['compared'].items()}))
`;

type Numbers = Readonly<Record<string, readonly number[]>>;
interface Answers {
  readonly rho: Numbers;
  readonly kappa: Numbers;
  readonly powered: Readonly<Record<string, readonly (number | null)[]>>;
  readonly strengths: Readonly<Record<string, Readonly<Record<'value' | 'low' | 'high', readonly number[]>>>>;
}

describe('people and judges', needing('python3-statsmodels'), () => {
  let answers: Answers;
  beforeAll(() => {
    answers = askPython('python3-statsmodels', PROGRAM, {
      agreeing: AGREEING,
      predicted: PREDICTED,
      compared: COMPARED,
    });
  }, 120_000);

  it.each(Object.keys(AGREEING))('rank alike as scipy says, and agree as statsmodels says: %s', (name) => {
    for (const [statistic, expected] of [
      [spearman, answers.rho],
      [weightedKappa, answers.kappa],
    ] as const) {
      const { value, interval } = jackknife<Both>(AGREEING[name]!, statistic);
      const found = [value, interval?.low, interval?.high];
      expect(found).toEqual(expected[name]!.map((each) => expect.closeTo(each, 7) as number));
    }
  });

  it.each(Object.keys(PREDICTED))('give a mean as numpy computes it: %s', (name) => {
    const items = PREDICTED[name]!;
    const trust = powerTuned(items);
    const { value, error } = predictionPoweredMean(items, trust ?? 1)!;
    expect([trust ?? NONE, value, error]).toEqual(
      answers.powered[name]!.map((each) => expect.closeTo(each ?? NONE, 7) as number),
    );
  });

  it.each(Object.keys(COMPARED))('prefer as strongly as statsmodels says: %s', (name) => {
    const { count, comparisons: all } = COMPARED[name]!;
    const found = bradleyTerry(count, all)!;
    const { value, low, high } = answers.strengths[name]!;
    const near = (numbers: readonly number[]): number[] =>
      numbers.map((each) => expect.closeTo(each, 6) as number);
    expect(found.map((each) => each.value)).toEqual(near(value));
    expect(found.map((each) => each.interval?.low)).toEqual(near(low));
    expect(found.map((each) => each.interval?.high)).toEqual(near(high));
  });

  it('prefer nobody where all are ties', () => {
    const { count, comparisons: all } = COMPARED['ties alone']!;
    expect(all.every(({ won }) => won === 0.5)).toBe(true);
    expect(bradleyTerry(count, all)?.map(({ value, place }) => [value, place])).toEqual(
      Array.from({ length: 3 }, () => [0, 1]),
    );
  });
});

describe('where nothing can be said', () => {
  it('nothing is: constant scores, few clusters, one who always wins', () => {
    const constant: Both[][] = [[[5, 5]], [[5, 5]], [[5, 5]], [[5, 5]], [[5, 5]]];
    expect([spearman(constant.flat()), weightedKappa(constant.flat())]).toEqual([undefined, undefined]);
    expect(jackknife(AGREEING['balanced']!.slice(0, 4), spearman).interval).toBeUndefined();
    expect(powerTuned([{ cluster: 'a', predicted: 1, known: undefined }])).toBeUndefined();
    expect(predictionPoweredMean([{ cluster: 'a', predicted: 1, known: undefined }], 1)).toBeUndefined();
    const always = Array.from({ length: 9 }, (_, cluster) => ({ a: 0, b: 1, won: 1, cluster }));
    expect(bradleyTerry(2, always)).toBeUndefined();
    expect(bradleyTerry(2, [...always.slice(0, 3), { a: 0, b: 1, won: 0, cluster: 1 }])?.[0]).toMatchObject({
      value: expect.closeTo(Math.log(3) / 2, 9) as number,
      interval: undefined,
      place: undefined,
    });
  });

  it('a judge that is always a point milder ranks alike and agrees less', () => {
    const milder: Both[] = [1, 2, 3, 4, 5].map((each) => [each + 1, each]);
    expect(spearman(milder)).toBe(1);
    expect(weightedKappa(milder)).toBeCloseTo(0.8, 12);
  });
});

describe('places by preferences', () => {
  it('are behind those that are shown to be stronger', () => {
    const clear = comparisons(600, [2, 0, -2], 0);
    expect(bradleyTerry(3, clear)?.map(({ place }) => place)).toEqual([1, 2, 3]);
    const even = Array.from({ length: 60 }, (_, at) => ({
      a: 0,
      b: 1,
      won: at % 2,
      cluster: Math.floor(at / 6),
    }));
    expect(bradleyTerry(2, even)?.map(({ place }) => place)).toEqual([1, 1]);
  });
});
