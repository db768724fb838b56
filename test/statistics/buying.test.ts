// What more of something would show, against SciPy's quantiles and statsmodels' sample sizes: what there is counted in, and by the known.
import { beforeAll, describe, expect, it } from 'vitest';
import { assuredPower, foreseen, POWER, unitsForPower } from '../../src/statistics/significance/power.ts';
import { replicatesToSeparate } from '../../src/statistics/significance/separation.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';

const POWERS = [6, 7, 20, 65, 400].flatMap((units) =>
  [0.1, 0.5, 1.4].flatMap((difference) =>
    [1, 5, 19, 120].flatMap((degrees) =>
      [0, 0.3, 0.9, 1].map((share) => ({ units, difference, value: 1.3, degrees, share })),
    ),
  ),
);
/** All that is known of how these vary is known for sure. */
const KNOWN = [0.2, 0.35, 0.5, 1].map((difference) => ({ difference, value: 1.7 }));
const SIDES = {
  balanced: [
    [1, 3, 2, 5],
    [3, 5, 4, 4],
  ],
  unbalanced: [
    [1, 3],
    [3, 5, 4, 8, 2, 2],
  ],
  tied: [
    [5, 5, 6, 6],
    [5, 6, 6, 6],
  ],
  'constant on one side': [
    [5, 5, 5],
    [6, 7, 9],
  ],
} as const;

interface Answers {
  readonly powers: readonly number[];
  readonly units: readonly number[];
  readonly each: Readonly<Record<keyof typeof SIDES, number>>;
}

const PROGRAM = String.raw`
import math
import numpy as np
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestPower
Q = (np.arange(20000) + 0.5) / 20000
ratios = {v: v / stats.chi2.ppf(Q, v) for v in {each['degrees'] for each in given['powers']}}
def power(units, difference, value, degrees, share):
    # s^2 is known, and with w = sigma^2 / s^2 the mean of units is normal about the difference with variance sigma^2 / units.
    w = ratios[degrees]
    seen = share + (1 - share) * w
    limit = stats.t.ppf(0.975, units - 1) * np.sqrt(seen * value / units)
    return stats.norm.sf((limit - difference) / np.sqrt(w * value / units)).mean()
def each(a, b):
    a, b = [np.array(side) for side in (a, b)]
    size = abs(a.mean() - b.mean()) / math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    return math.ceil(NormalIndPower().solve_power(effect_size=size, alpha=0.05, power=0.8, alternative='two-sided'))
answer(dict(
    powers=[power(**each) for each in given['powers']],
    units=[math.ceil(TTestPower().solve_power(effect_size=k['difference'] / math.sqrt(k['value']), alpha=0.05, power=0.8)) for k in given['known']],
    each={name: each(*sides) for name, sides in given['sides'].items()}))
`;

describe('against SciPy and statsmodels', needing('python3-statsmodels'), () => {
  let answers: Answers;
  beforeAll(() => {
    answers = askPython('python3-statsmodels', PROGRAM, { powers: POWERS, known: KNOWN, sides: SIDES });
  }, 120_000);

  it('is the power of what was only estimated, a share of which stays in the test', () => {
    const off = POWERS.map(({ units, difference, value, degrees, share }, at) =>
      Math.abs(
        assuredPower(units, difference, { value, degrees }, foreseen(share)) - (answers.powers[at] ?? 9),
      ),
    );
    expect(Math.max(...off)).toBeLessThan(1e-4);
    expect(Math.max(...answers.powers)).toBeGreaterThan(0.99);
    expect(Math.min(...answers.powers)).toBeLessThan(0.06);
  });

  it('are the units of a paired t test where the variance is known', () => {
    const needed = KNOWN.map(({ difference, value }) => unitsForPower(difference, { value, degrees: 1e6 }));
    expect(needed).toEqual(answers.units);
  });

  it('are the least that do where it is not', () => {
    const variance = { value: 1.3, degrees: 9 };
    const needed = unitsForPower(0.5, variance) ?? 0;
    expect(assuredPower(needed, 0.5, variance)).toBeGreaterThanOrEqual(POWER);
    expect(assuredPower(needed - 1, 0.5, variance)).toBeLessThan(POWER);
  });

  it.each(Object.entries(SIDES))(
    'are the replicates of two means that are not paired: %s',
    (name, [a, b]) => {
      expect(replicatesToSeparate(a, b)?.each).toBe(answers.each[name as keyof typeof SIDES]);
    },
  );
});
