// The chance of showing a difference whose spread was estimated, at the two ends where it is a distribution that is known otherwise.
import { describe, expect, it } from 'vitest';
import { defined } from '../../src/defined.ts';
import { normalBelowOver } from '../../src/statistics/distributions/noncentral.ts';
import { studentBeyond, studentHalf } from '../../src/statistics/distributions/student.ts';
import {
  assuredPower,
  foreseen,
  leastThat,
  shareOfUnits,
  unitsForPower,
} from '../../src/statistics/significance/power.ts';

const SIZES = [
  { units: 12, difference: 1, variance: { value: 1, degrees: 5 } },
  { units: 40, difference: 0.5, variance: { value: 2, degrees: 19 } },
  { units: 65, difference: 0.4, variance: { value: 1.5, degrees: 60 } },
];

describe('the power of a test whose spread was estimated', () => {
  it.each(SIZES)(
    'is that of noncentral t where none of $units units is there yet',
    ({ units, difference, variance }) => {
      const size = (Math.sqrt(units) * difference) / Math.sqrt(variance.value);
      const expected = normalBelowOver(variance.degrees, (u) => size * u - studentHalf(0.95, units - 1));
      expect(assuredPower(units, difference, variance)).toBeCloseTo(expected, 12);
    },
  );

  it.each(SIZES)(
    'is that of t where all $units units are there: the test divides by the very estimate',
    ({ units, difference, variance }) => {
      const beyond =
        (Math.sqrt(units) * difference) / Math.sqrt(variance.value) - studentHalf(0.95, units - 1);
      const tail = studentBeyond(beyond, variance.degrees) / 2;
      expect(assuredPower(units, difference, variance, foreseen(1))).toBeCloseTo(
        beyond > 0 ? 1 - tail : tail,
        9,
      );
    },
  );

  it('asks for fewer units where more of them are there already', () => {
    const variance = { value: 2, degrees: 19 };
    const needed = [0, 10, 20].map((there) => unitsForPower(0.6, variance, there) ?? 0);
    expect(needed[0]).toBeGreaterThan(needed[1] ?? 0);
    expect(needed[1]).toBeGreaterThan(needed[2] ?? 0);
    expect([shareOfUnits(0, 20), shareOfUnits(20, 20), shareOfUnits(30, 20), shareOfUnits(11, 21)]).toEqual([
      0, 1, 1, 0.5,
    ]);
  });
});

describe('the least number that will do', () => {
  it('is the same from any guess, and found by few questions from a good one', () => {
    const asked: number[] = [];
    const from = (least: number, guess?: number): number | undefined =>
      leastThat((value) => (asked.push(value), value >= least), {
        low: 6,
        high: 1000,
        ...defined({ guess }),
      });
    for (const guess of [undefined, Number.NaN, -5, 6, 7, 400, 999, 1000, Infinity])
      for (const least of [0, 6, 7, 8, 399, 400, 401, 999, 1000, 1001])
        expect(from(least, guess)).toBe(least > 1000 ? undefined : Math.max(6, least));
    expect(asked.every((value) => value >= 6 && value <= 1000)).toBe(true);
    asked.length = 0;
    from(410, 400);
    expect(asked.length).toBeLessThan(8);
  });
});
