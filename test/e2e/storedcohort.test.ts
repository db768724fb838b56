// A cohort of which only the membership is there, and what is said where a catalog lacks what its rows name.
import { expect, it } from 'vitest';
import { makeKite, SPEC } from '../support/kite.ts';

it('what all its rows lack is said once, with how many they are', async () => {
  const kite = makeKite();
  await kite.build();
  kite.remove(SPEC);
  kite.edit('data/combo_mappings.csv', 'A,v1,k1,paragraph,1,t\n', '');
  const { code, stderr } = await kite.check();
  expect(code).toBe(2);
  expect(stderr.match(/error DD354 .*/g)).toEqual([
    expect.stringMatching(/d_\w+ names combo A, which is in no catalog; the same holds for 13 more$/),
  ]);
});
