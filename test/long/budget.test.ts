// The cap on money under load, a thousand times: not once passed, whatever calls cost and however many are in flight.
import { expect, test } from 'vitest';
import { cappedRun } from '../support/cappedrun.ts';

test('a cap holds under concurrency 64 with random costs: 1,000 runs, not once passed', async () => {
  let stopped = 0;
  for (let seed = 1; seed <= 1000; seed += 1) {
    const { billed, cap, over, reserved } = await cappedRun(seed);
    expect(billed, `seed ${String(seed)}`).toBeLessThanOrEqual(cap);
    expect(reserved, `seed ${String(seed)}`).toBe(0);
    if (over > 0) stopped += 1;
  }
  expect(stopped).toBeGreaterThan(500);
});
