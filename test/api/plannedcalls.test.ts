// What a plan says of calls is what the server then counts: also where nobody answered the last time.
import { expect, it, onTestFinished } from 'vitest';
import { openProject } from '../../src/api.ts';
import { faults, startFakeProvider } from '../support/fakeprovider.ts';
import { JUDGE, kiteAnswer, makeKite, SPEC } from '../support/kite.ts';

it('what was refused and is undone comes out of the cache, and no plan counts it as a call', async () => {
  const server = await startFakeProvider({
    answer: kiteAnswer,
    fault: ({ prompt }) => (prompt.startsWith('Judge badly') ? faults.status(400) : undefined),
  });
  onTestFinished(() => server.close());
  const kite = makeKite(server.url);
  kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
  const project = await openProject({ root: kite.root });
  const judged = (how: string): void => kite.write(JUDGE, `Judge ${how}:\n{{ response }}\n`);
  for (const how of ['well', 'better', 'badly']) {
    judged(how);
    await project.build().report;
  }
  const before = server.requests.length;
  judged('well');
  const { price } = await project.plan();
  expect([price.lower.calls, price.upper.calls, price.cached]).toEqual([0, 0, 8]);
  expect((await project.build().report).summary).toMatchObject({ failed: 0, how: { called: 0, cached: 8 } });
  expect(server.requests.length).toBe(before);
});
