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

it('a prompt that a hand has changed is what is asked, and what the plan counts', async () => {
  const server = await startFakeProvider({ answer: kiteAnswer });
  onTestFinished(() => server.close());
  const kite = makeKite(server.url);
  const project = await openProject({ root: kite.root });
  await project.build().report;
  const before = server.requests.length;
  kite.write(`${kite.folder('A:d-one/e-llm/v-one')}/prompt.txt`, 'Judge: kindly.\n');
  const { price } = await project.plan();
  expect([price.lower.calls, price.upper.calls, price.cached]).toEqual([1, 1, 0]);
  expect((await project.build().report).summary).toMatchObject({ how: { called: 1, cached: 0 } });
  expect(server.requests.length).toBe(before + 1);
});

it('a level that says what holds anyway asks nothing of its own, and no plan counts it as sure', async () => {
  const server = await startFakeProvider({ answer: kiteAnswer });
  onTestFinished(() => server.close());
  const kite = makeKite(server.url);
  kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
  kite.edit(SPEC, '  evaluation_llm: [j1]\n', "  evaluation_llm: [j1]\n  evaluation_system: ['', none]\n");
  const project = await openProject({ root: kite.root });
  const counted = async (): Promise<void> => {
    const { price } = await project.plan();
    const before = server.requests.length;
    const { summary } = await project.build().report;
    const asked = server.requests.length - before;
    expect(summary?.how.called).toBe(asked);
    expect(asked).toBeGreaterThanOrEqual(price.lower.calls);
    expect(asked).toBeLessThanOrEqual(price.upper.calls);
  };
  // Of texts that are not there yet, and of texts that are.
  await counted();
  expect(server.requests).toHaveLength(2 + 2 + 8);
  kite.write(JUDGE, 'Judge again:\n{{ response }}\n');
  const { price } = await project.plan();
  expect([price.lower.calls, price.upper.calls]).toEqual([8, 16]);
  await counted();
  expect(server.requests).toHaveLength(2 + 2 + 8 + 8);
});

it('a model that bills more than its prices say is expected to do so again: by plans, by questions and by caps', async () => {
  const server = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.05 });
  onTestFinished(() => server.close());
  const kite = makeKite(server.url);
  const project = await openProject({ root: kite.root });
  // Nobody knows better yet; what was agreed to is passed by no call more.
  expect((await project.plan()).price.upper.usd).toBeLessThan(0.01);
  await project.build({ approved: true }).report;
  expect(server.requests).toHaveLength(24);
  const { price } = await project.plan({ force: true });
  expect([price.billed, price.lower.usd, price.upper.usd]).toEqual([
    24,
    expect.closeTo(1.2) as number,
    expect.closeTo(1.2) as number,
  ]);
  await expect(project.build({ force: true }).report).rejects.toThrow(/up to \$1\.20/);
  expect(server.requests).toHaveLength(24);
  const capped = await project.build({ force: true, maxCost: 0.52 }).report;
  expect(server.requests).toHaveLength(24 + 10);
  const before = server.billedUsd;
  const rest = await project.build({ maxCost: capped.enough }).report;
  expect([rest.end, rest.counts.states.current]).toEqual(['done', 28]);
  expect(server.billedUsd - before).toBeLessThanOrEqual(capped.enough ?? 0);
});
