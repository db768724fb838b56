// Distributions, sign flips and Holm's p-values against SciPy and statsmodels, over wide ranges and at their edges.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  normalBelow,
  normalBelowRoughly,
  normalQuantile,
} from '../../src/statistics/distributions/normal.ts';
import { normalBelowOver } from '../../src/statistics/distributions/noncentral.ts';
import { studentBeyond, studentHalf } from '../../src/statistics/distributions/student.ts';
import { holm } from '../../src/statistics/significance/holm.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { DRAWS, signFlip } from '../../src/statistics/significance/signflip.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';

const DEGREES = [0.3, 1, 1.5, 2, 3.7, 4, 9, 29.5, 99, 1234.5, 1e5];
const TS = [0, 1e-4, 0.3, 1, 1.96, 2.5, 5, 12, 40];
const CONFIDENCES = [0.5, 0.8, 0.95, 0.99, 0.9999];
const ZS = [-30, -9, -5.5, -3.01, -2.99, -1, -0.2, 0.7, 1.96, 3, 6];
const NONCENTRAL = [
  [2, 1, 2],
  [10, 1, 12.7],
  [3, 2, 2.5],
  [4, 5, 2.2],
  [-1, 4, 0.5],
  [2.8, 30, 2.04],
  [2.8, 999, 1.96],
] as const;
const PS = [1e-200, 1e-12, 0.001, 0.025, 0.2, 0.8, 0.975, 0.9999];
const SUMS = [
  [1, 2, 3, 4, 5, 6, 7],
  [0.3, -0.2, 1.1, 0.9, -0.4, 0.5],
  [0.1, 0.1, 0.1, -0.1, 0.2, 0.2],
  [0, 0, 1, -1, 2, 0.5],
  [2, -2],
  [5],
  [0.7, -0.7, 1.4, 2.1, -2.8, 3.5, 0.35, 0.1, 0.9, 1.3, -0.4, 0.6],
];
const FAMILIES = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.01, 0.9, 0.01, 0.6], [1, 1, 1], [0, 0.04]];

interface Answers {
  readonly beyond: number[];
  readonly half: number[];
  readonly below: number[];
  readonly quantile: number[];
  readonly noncentral: number[];
  readonly flips: number[];
  readonly many: number;
  readonly holm: number[][];
}

const MANY = Array.from({ length: 40 }, (_, at) => Math.sin(at * 7.3) + 0.18);

const PROGRAM = String.raw`
import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
def flip(sums):
    if len(sums) == 1:
        return 1.0
    return stats.permutation_test((np.array(sums),), np.sum, permutation_type='samples', n_resamples=np.inf).pvalue
draws = np.random.default_rng(1).choice([-1, 1], size=(400000, len(given['many']))) @ np.array(given['many'])
answer(dict(
    beyond=[2 * stats.t.sf(t, v) for v in given['degrees'] for t in given['ts']],
    half=[stats.t.ppf((1 + c) / 2, v) for v in given['degrees'] for c in given['confidences']],
    below=[stats.norm.cdf(z) for z in given['zs']],
    noncentral=[stats.nct.cdf(*each) for each in given['noncentral']],
    quantile=[stats.norm.ppf(p) for p in given['ps']],
    flips=[flip(s) for s in given['sums']],
    many=float(np.mean(np.abs(draws) >= abs(sum(given['many'])) - 1e-9)),
    holm=[list(multipletests(f, method='holm')[1]) for f in given['families']],
))
`;

/** The greatest error relative to what is expected. */
function worstOf(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  return Math.max(
    ...found.map((value, at) => (value === expected[at] ? 0 : Math.abs(value / expected[at]! - 1))),
  );
}

describe('against SciPy and statsmodels', needing('python3-scipy', 'python3-statsmodels'), () => {
  let answers: Answers;
  beforeAll(() => {
    answers = askPython('python3-statsmodels', PROGRAM, {
      degrees: DEGREES,
      ts: TS,
      confidences: CONFIDENCES,
      zs: ZS,
      ps: PS,
      noncentral: NONCENTRAL,
      sums: SUMS,
      many: MANY,
      families: FAMILIES,
    });
  });

  it("Student's t has the two-sided p-values", () => {
    expect(
      worstOf(
        DEGREES.flatMap((degrees) => TS.map((t) => studentBeyond(t, degrees))),
        answers.beyond,
      ),
    ).toBeLessThan(1e-9);
  });

  it("Student's t has the half widths", () => {
    expect(
      worstOf(
        DEGREES.flatMap((degrees) => CONFIDENCES.map((each) => studentHalf(each, degrees))),
        answers.half,
      ),
    ).toBeLessThan(1e-8);
  });

  it('the normal distribution has shares and quantiles', () => {
    expect(worstOf(ZS.map(normalBelow), answers.below)).toBeLessThan(1e-12);
    expect(worstOf(PS.map(normalQuantile), answers.quantile)).toBeLessThan(1e-12);
  });

  it('the normal distribution by its table has the same shares, between its places and beyond its ends', () => {
    const zs = Array.from({ length: 40_001 }, (_, at) => -10 + at / 2000);
    const off = zs.map((z) => Math.abs(normalBelowRoughly(z) - normalBelow(z)));
    expect(Math.max(...off)).toBeLessThan(1e-15);
  });

  it("Student's noncentral t has the shares", () => {
    expect(
      worstOf(
        NONCENTRAL.map(([t, degrees, noncentrality]) =>
          normalBelowOver(degrees, (u) => t * u - noncentrality),
        ),
        answers.noncentral,
      ),
    ).toBeLessThan(1e-6);
  });

  it('a sign flip is exact, with ties, zeros and a single sum', () => {
    expect(worstOf(SUMS.map(signFlip), answers.flips)).toBeLessThan(1e-12);
  });

  it('a sign flip of many is as near as 20,000 draws come', () => {
    const spread = Math.sqrt((answers.many * (1 - answers.many)) / DRAWS);
    expect(Math.abs(signFlip(MANY) - answers.many)).toBeLessThan(4 * spread);
  });

  it("Holm's p-values are adjusted alike", () => {
    for (const [at, family] of FAMILIES.entries())
      expect(worstOf(holm(family), answers.holm[at]!)).toBeLessThan(1e-12);
  });
});

describe('a sign flip', () => {
  it('is the same whatever the order and the signs are called', () => {
    expect(signFlip(MANY.toReversed())).toBe(signFlip(MANY));
    expect(signFlip(MANY.map((each) => -each))).toBe(signFlip(MANY));
  });

  it('is 1 where nothing differs, and can not be small with few sums', () => {
    expect([signFlip([]), signFlip([0, 0, 0]), signFlip([3, 3, 3, 3, 3])]).toEqual([1, 1, 1 / 16]);
  });

  it('never says 0 of draws', () => {
    expect(signFlip(Array.from({ length: 60 }, () => 1))).toBe(1 / (1 + DRAWS));
  });
});

describe("Holm's p-values", () => {
  it('count members of the family that are not given as 1', () => {
    expect(holm([0.01, 0.2], 10)).toEqual([0.1, 1]);
  });
});

describe('seeded bits', () => {
  it('are the same for the same seed, and others for another', () => {
    const [one, again, other] = [1, 1, 2].map(seededBits).map((bits) => Array.from({ length: 5 }, bits));
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
  });

  it('are ones and zeros alike in every place', () => {
    const bits = seededBits(7);
    const ones = Array.from({ length: 32 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const word = bits();
      for (let place = 0; place < 32; place++) ones[place]! += (word >>> place) & 1;
    }
    // Each has a mean of 5,000 and a standard deviation of 50.
    for (const count of ones) expect(Math.abs(count - 5000)).toBeLessThan(250);
  });
});
