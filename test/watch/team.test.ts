// A watch with a team: it asks the storage before it pays, what it pays for gets there, and a colleague's watch has it for nothing.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { ESSAY } from '../support/kite.ts';
import { startScripted, type ScriptedStorage } from '../support/remotes.ts';
import { FAST, startWatch, steadyAnswer, type Watching } from '../support/watching.ts';

let provider: FakeProvider;
let storage: ScriptedStorage;
let watches: Watching[] = [];
beforeEach(async () => {
  provider = await startFakeProvider({ answer: steadyAnswer, cost: () => 0.5 });
  storage = await startScripted();
});
afterEach(async () => {
  for (const each of watches) await each.stop();
  watches = [];
  await storage.close();
  await provider.close();
});

async function watch(mode: 'read' | 'both'): Promise<Watching> {
  // On a machine that is busy an answer takes its time.
  const config = { ...FAST, remote: { url: storage.url, mode }, timeouts: { remote: 60_000 } };
  const watching = await startWatch(provider.url, { config });
  watches.push(watching);
  return watching;
}

it('asks the storage before it pays, and what one has paid for costs the other nothing, edits too', async () => {
  const mine = await watch('both');
  expect((await mine.next('built')).result.summary?.cost).toBe(12);
  await expect.poll(() => storage.objects.size, { timeout: 60_000 }).toBe(24);
  expect(provider.billed).toBe(24);

  const theirs = await watch('read');
  const { summary, remote } = (await theirs.next('built')).result;
  expect(summary).toMatchObject({ cost: 0, team: { answers: 24, saved: 12 } });
  expect(remote?.standing).toMatchObject({ found: 24, kept: 0 });

  // 4 essays of this template, and 8 evaluations of them.
  mine.kite.edit(ESSAY, 'End', 'The end');
  await mine.next('built');
  const paid = provider.billed;
  expect(paid).toBeGreaterThan(24);
  await expect.poll(() => storage.objects.size, { timeout: 60_000 }).toBe(paid);
  theirs.kite.edit(ESSAY, 'End', 'The end');
  const again = (await theirs.next('built')).result;
  expect(again.summary).toMatchObject({ cost: 0, team: { answers: paid - 24 } });
  expect(provider.billed).toBe(paid);
  await theirs.current();
});
