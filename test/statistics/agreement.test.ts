// Krippendorff's alpha against published worked examples.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../../src/scores/judges/agreement.ts';
import { krippendorffAlpha, type Metric } from '../../src/statistics/agreement/krippendorff.ts';
import { listsOf } from '../support/numberlists.ts';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import { scored } from '../support/scores.ts';

/** K. Krippendorff, Computing Krippendorff's alpha-reliability (2011): four observers, twelve units, some values missing. */
const KRIPPENDORFF = [
  [1, 1, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [5, 5, 5],
  [1, 1],
  [3],
];

/** The worked example of Wikipedia, "Krippendorff's alpha": three coders, fifteen units, values from 1 to 4. */
const WIKIPEDIA = [
  [1],
  [],
  [2, 2],
  [1, 1],
  [3, 3],
  [3, 3, 4],
  [4, 4, 4],
  [1, 3],
  [2, 2],
  [1, 1],
  [1, 1],
  [3, 3],
  [3, 3],
  [],
  [3, 4],
];

/** Straight from the definition: mean squared differences within units, and over all pairs. */
function naiveAlpha(units: readonly (readonly number[])[], metric: Metric): number {
  const all = units.filter((unit) => unit.length > 1).flat();
  const between = (low: number, high: number): number =>
    all.filter((value) => value >= low && value <= high).length -
    all.filter((value) => value === low || value === high).length / 2;
  const difference = (a: number, b: number): number => {
    if (a === b) return 0;
    return (metric === 'interval' ? a - b : between(Math.min(a, b), Math.max(a, b))) ** 2;
  };
  const pairs = (values: readonly number[]): number =>
    values.reduce((total, a) => values.reduce((inner, b) => inner + difference(a, b), total), 0);
  const observed = units.reduce(
    (total, unit) => total + (unit.length > 1 ? pairs(unit) / (unit.length - 1) : 0),
    0,
  );
  return 1 - observed / (pairs(all) / (all.length - 1));
}

const METRICS = ['ordinal', 'interval'] as const;
const units = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), { maxLength: 12 });

describe("Krippendorff's alpha", () => {
  it('has the published values for the data of 2011', () => {
    expect(krippendorffAlpha(listsOf(KRIPPENDORFF), 'interval')).toBeCloseTo(0.849, 3);
    expect(krippendorffAlpha(listsOf(KRIPPENDORFF), 'ordinal')).toBeCloseTo(0.815, 3);
  });

  it("has the published value for the encyclopaedia's data", () => {
    expect(krippendorffAlpha(listsOf(WIKIPEDIA), 'interval')).toBeCloseTo(0.811, 3);
  });

  it('is 1 for perfect agreement, and undefined where nothing varies or nothing is paired', () => {
    expect(
      krippendorffAlpha(
        listsOf([
          [1, 1],
          [5, 5],
        ]),
        'ordinal',
      ),
    ).toBe(1);
    expect(
      krippendorffAlpha(
        listsOf([
          [5, 5],
          [5, 5],
        ]),
        'interval',
      ),
    ).toBeUndefined();
    expect(krippendorffAlpha(listsOf([[1], [2], []]), 'interval')).toBeUndefined();
  });

  it.each(METRICS)('agrees with the definition (%s)', (metric) => {
    fc.assert(
      fc.property(units, (list) => {
        const alpha = krippendorffAlpha(listsOf(list), metric);
        fc.pre(alpha !== undefined);
        expect(alpha).toBeCloseTo(naiveAlpha(list, metric), 9);
      }),
    );
  });

  it('takes no notice of another zero or scale, and the ordinal one of no rising curve', () => {
    fc.assert(
      fc.property(units, (list) => {
        const moved = list.map((unit) => unit.map((value) => 3 * value - 7));
        const bent = list.map((unit) => unit.map((value) => value ** 3));
        const interval = krippendorffAlpha(listsOf(list), 'interval');
        const ordinal = krippendorffAlpha(listsOf(list), 'ordinal');
        fc.pre(interval !== undefined && ordinal !== undefined);
        expect(krippendorffAlpha(listsOf(moved), 'interval')).toBeCloseTo(interval, 9);
        expect(krippendorffAlpha(listsOf(bent), 'ordinal')).toBeCloseTo(ordinal, 9);
      }),
    );
  });
});

describe('the agreement of judges', () => {
  it('takes an essay and rubric as a unit, and replicates of a judge as one value', () => {
    const of = (essay: string, judge: string, score: number) =>
      scored({ parentGenId: essay, evaluationModel: judge, score });
    const rows = [
      ...[of('e_1', 'j1', 2), of('e_1', 'j1', 4), of('e_1', 'j2', 3)],
      ...[of('e_2', 'j1', 8), of('e_2', 'j2', 6), of('e_3', 'j3', 1)],
    ];
    const values = [
      [3, 3],
      [8, 6],
    ];
    expect(agreementOf(judgedIn(rows))).toEqual({
      units: 2,
      judges: 2,
      ordinal: krippendorffAlpha(listsOf(values), 'ordinal'),
      interval: krippendorffAlpha(listsOf(values), 'interval'),
    });
  });
});
