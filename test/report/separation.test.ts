// What would tell two names apart, in words: the edit agrees with whether they are told apart now.
import { expect, it } from 'vitest';
import { separationTable } from '../../src/report/tables/separation.ts';
import type { SeparatedPair } from '../../src/scores/separation/pairs.ts';

const REMEDY = { unit: 'combo', now: 12, each: 12, moreA: 0, moreB: 0, usd: 0, power: 0.83 } as const;
const edits = (pair: Partial<SeparatedPair>): readonly unknown[] => {
  const plain = {
    dimension: 'draft_model',
    a: 'x',
    b: 'y',
    difference: -0.5,
    wanted: 0.5,
    tied: true,
  } as const;
  const { columns, rows } = separationTable([{ ...plain, remedies: [REMEDY], ...pair }], 'all');
  const place = columns.findIndex(({ name }) => name === 'edit');
  return rows.map((row) => row[place]);
};

it.each([
  ['tied by the family, though there is enough for the two', {}, 'enough for these two alone'],
  ['told apart', { tied: false }, 'there are enough'],
  ['tied, where so large a difference as was named would have been shown', { wanted: 2 }, 'there are enough'],
  [
    'tied, with more to be bought',
    { remedies: [{ ...REMEDY, each: 20, moreA: 8, moreB: 8 }] },
    'combo_id: 8 more',
  ],
])('says of two that are %s what to do', (_which, pair, edit) => {
  expect(edits(pair)).toEqual([edit]);
});
