// Clustered means and differences against the definition of CR2 with whole matrices in numpy, and against published intervals.
import { beforeAll, describe, expect, it } from 'vitest';
import { contrastOfMeans, type Observation, type Side } from '../../src/statistics/clustered.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';

/** Values by cluster. */
function clustered(clusters: Readonly<Record<string, readonly number[]>>): Observation[] {
  return Object.entries(clusters).flatMap(([cluster, values]) => values.map((value) => ({ value, cluster })));
}

const EVEN = clustered({ a: [1, 2], b: [3, 5], c: [2, 2], d: [7, 6], e: [4, 4], f: [0, 1] });
const UNEVEN = clustered({ a: [1, 2, 4], b: [3], c: [2, 2, 8, 9, 1], d: [7, 6], e: [4], f: [0, 1, 1] });
const OTHERS = clustered({ u: [1, 2], v: [3, 6, 6], w: [9], x: [4, 5], y: [2], z: [8, 8, 7] });
const PARTLY = clustered({ a: [2, 3], b: [3, 5, 6, 6], e: [4.5], f: [0.5, 1], x: [7], y: [8, 7, 7] });
const TIED = clustered({ a: [5, 5], b: [5], c: [5, 5, 5], d: [5], e: [5], f: [5] });
const SHIFTED = UNEVEN.map(({ value, cluster }) => ({ value: value + 1, cluster }));

const mean = (observations: readonly Observation[]): Side[] => [{ weight: 1, observations }];
const difference = (a: readonly Observation[], b: readonly Observation[]): Side[] => [
  { weight: 1, observations: a },
  { weight: -1, observations: b },
];

const CASES: Readonly<Record<string, Side[]>> = {
  'a balanced mean': mean(EVEN),
  'an unbalanced mean': mean(UNEVEN),
  'a mean of the same values throughout': mean(TIED),
  'a difference of sides that share no cluster': difference(UNEVEN, OTHERS),
  'a difference of sides that share some clusters': difference(UNEVEN, PARTLY),
  'a difference of sides that share all clusters': difference(EVEN, UNEVEN),
  'a difference that is the same in every cluster': difference(SHIFTED, UNEVEN),
  'a contrast of three sides': [...difference(EVEN, UNEVEN), { weight: 0.5, observations: PARTLY }],
};

interface Answer {
  readonly value: number;
  readonly error: number;
  readonly degrees: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
}

const PROGRAM = String.raw`
import numpy as np
from scipy import stats
def cr2(sides):
    y = np.array([o['value'] for s in sides for o in s['observations']], float)
    g = np.array([o['cluster'] for s in sides for o in s['observations']])
    X = np.zeros((len(y), len(sides)))
    at = 0
    for k, s in enumerate(sides):
        X[at:at + len(s['observations']), k] = 1
        at += len(s['observations'])
    c = np.array([s['weight'] for s in sides], float)
    M = np.linalg.inv(X.T @ X)
    H = X @ M @ X.T
    e = y - H @ y
    meat = 0
    P = []
    for cluster in sorted(set(g)):
        rows = np.where(g == cluster)[0]
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - H[np.ix_(rows, rows)])
        A = vectors @ np.diag([v ** -0.5 if v > 1e-9 else 0 for v in values]) @ vectors.T
        score = X[rows].T @ A @ e[rows]
        meat = meat + np.outer(score, score)
        P.append((np.eye(len(y)) - H)[rows].T @ A @ X[rows] @ M @ c)
    V = M @ meat @ M
    G = np.array([[p @ q for q in P] for p in P])
    value = float(c @ M @ X.T @ y)
    # Where nothing varies, what is left is rounding, and no two runs leave the same.
    variance = float(c @ V @ c)
    error = variance ** 0.5 if variance > 1e-14 else 0.0
    degrees = float(np.trace(G) ** 2 / np.sum(G ** 2))
    half = stats.t.ppf(0.975, degrees) * error
    p = (0 if value else 1) if error == 0 else float(2 * stats.t.sf(abs(value / error), degrees))
    return dict(value=value, error=error, degrees=degrees, low=value - half, high=value + half, p=p)
answer({name: cr2(sides) for name, sides in given.items()})
`;

describe('CR2 with whole matrices', needing('python3-scipy'), () => {
  let answers: Readonly<Record<string, Answer>>;
  beforeAll(() => {
    answers = askPython('python3-scipy', PROGRAM, CASES);
  });

  it.each(Object.keys(CASES))('agrees on %s', (name) => {
    const { value, error, degrees, low, high, p } = answers[name]!;
    const near = (each: number): number => expect.closeTo(each, 8) as number;
    const [interval, chance] = [{ low: near(low), high: near(high) }, near(p)];
    const few = degrees < 4 - 1e-6;
    expect(contrastOfMeans(CASES[name]!)).toMatchObject({
      value: near(value),
      error: near(error),
      degrees: near(degrees),
      interval: few ? undefined : interval,
      p: few ? undefined : chance,
    });
  });
});

describe('a clustered contrast', () => {
  it('is exact where nothing varies: the interval is the value, and the p-value says so', () => {
    expect(contrastOfMeans(mean(clustered({ a: [0], b: [0], c: [0], d: [0], e: [0] })))?.p).toBe(1);
    expect(
      contrastOfMeans(mean(clustered({ a: [0.1], b: [0.1], c: [0.1], d: [0.1], e: [0.1] }))),
    ).toMatchObject({
      value: 0.1,
      interval: { low: 0.1, high: 0.1 },
      p: 0,
    });
  });

  it('has no error where one cluster holds a whole side, and is nothing where a side is empty', () => {
    expect(contrastOfMeans(difference(UNEVEN, clustered({ a: [1, 2] })))).toMatchObject({
      error: undefined,
      interval: undefined,
      p: undefined,
    });
    expect(contrastOfMeans(difference(UNEVEN, []))).toBeUndefined();
  });
});
