// What a batch brought is the team's too: it gets to the remote cache with the build that takes it, whether or not that uses it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBatchServer, type BatchServer } from '../../support/batchserver.ts';
import { answer, buildHere, kiteWith } from '../../support/batching.ts';
import type { Kite } from '../../support/kite.ts';
import { startScripted, type ScriptedStorage } from '../../support/remotes.ts';

let server: BatchServer;
let storage: ScriptedStorage;
beforeEach(async () => {
  server = await startBatchServer({ shape: 'openai', answer });
  storage = await startScripted();
});
afterEach(async () => {
  await storage.close();
  await server.close();
});

// On a machine that is busy an answer takes its time.
const member = (mode: 'read' | 'both'): Kite =>
  kiteWith(server, 'openai', { remote: { url: storage.url, mode }, timeouts: { remote: 60_000 } });

const WAITING = { batch: true, batchWait: 7_200_000, remoteWait: 61 } as const;

it('every answer that came in batches is there, and a colleague builds all of it with no call', async () => {
  const first = await buildHere(member('both'), WAITING, ({ type }) => type === 'batch_open' && server.end());
  expect(first).toMatchObject({ end: 'done', remote: { standing: { kept: 24 }, left: [] } });
  expect([server.billed.length, server.direct.length, storage.objects.size]).toEqual([24, 0, 24]);
  const second = await buildHere(member('read'), { noCalls: true });
  expect(second).toMatchObject({ end: 'done', remote: { standing: { found: 24 } } });
  expect([server.billed.length, server.direct.length]).toEqual([24, 0]);
});

it('those that another build left in a batch are sent by the one that takes them', async () => {
  const kite = member('both');
  await buildHere(kite, { batch: true });
  expect(storage.objects.size).toBe(0);
  server.end();
  // Nothing of what is selected needs them.
  await buildHere(kite, { select: 'stage:draft', remoteWait: 61 });
  expect(storage.objects.size).toBe(server.billed.length);
  expect(server.billed.length).toBe(4);
});
