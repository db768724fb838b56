// A data root that is moved away while calls are in flight, longer than anybody waits for it: nothing is made in its place, what was
// paid for waits beside it, and is taken home once it is back: by the next build, by doctor, by the watch that goes on.
import { readdirSync, renameSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { layoutOf } from '../../src/store/layout.ts';
import { holdRoot, type Hold } from '../../src/store/lock.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { startWatch } from '../support/watching.ts';
import { clearUp } from '../support/project.ts';

let server: FakeProvider;
beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, gated: true });
});
afterEach(() => server.close());
afterAll(clearUp);

const IN_FLIGHT = 4;
const CALLS = 24;

/** A build whose root goes away under the first calls, and which has ended. */
async function movedAway(): Promise<Kite> {
  const kite = makeKite(server.url);
  const ended = kite.build('--yes');
  await server.arrived(IN_FLIGHT);
  renameSync(kite.path('data'), kite.path('away'));
  server.open();
  const { code, stdout } = await ended;
  expect(code).toBe(2);
  expect(stdout).toContain('DD586');
  expect(kite.exists('data')).toBe(false);
  expect(readdirSync(kite.path('data.replies'))).toHaveLength(IN_FLIGHT + 1);
  renameSync(kite.path('away'), kite.path('data'));
  return kite;
}

const linesOf = (kite: Kite): number => kite.read('data/.daydream/calls.jsonl').trimEnd().split('\n').length;

it('the next build takes home what came meanwhile, and pays for nothing twice', async () => {
  const kite = await movedAway();
  const { code, stderr } = await kite.build('--yes');
  expect([code, server.requests.length, linesOf(kite)]).toEqual([0, CALLS, CALLS]);
  expect(stderr).toContain('DD587');
  expect(kite.exists('data.replies')).toBe(false);
});

it('doctor says so and takes it home; what a crash left half done is not kept twice', async () => {
  const kite = await movedAway();
  const lodged = kite.files('data.replies').map((name) => [name, kite.read(name)] as const);
  const { stdout } = await kite.run(['doctor']);
  expect(stdout).toContain(`${IN_FLIGHT} replies wait`);
  await kite.run(['doctor', '--fix']);
  const kept = kite.files('data/.daydream/responses');
  expect([kept.length, linesOf(kite), kite.exists('data.replies')]).toEqual([IN_FLIGHT, IN_FLIGHT, false]);
  for (const [name, text] of lodged) kite.write(name, text);
  await kite.run(['doctor', '--fix']);
  expect([kite.files('data/.daydream/responses'), linesOf(kite)]).toEqual([kept, IN_FLIGHT]);
  expect(kite.exists('data.replies')).toBe(false);
});

it('a build that waits for another’s end makes nothing in its place, and says so', async () => {
  const kite = makeKite(server.url);
  const hold = holdRoot(layoutOf(kite.path('data')), {
    command: 'daydream gc',
    since: '2026-01-01T00:00:00.000Z',
  });
  const waiting = kite.start(['build', '--yes', '--wait']);
  await waiting.said('waiting');
  renameSync(kite.path('data'), kite.path('away'));
  const { code, stderr } = await waiting.ended;
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('DD114') });
  expect(kite.exists('data')).toBe(false);
  renameSync(kite.path('away'), kite.path('data'));
  hold.release();
});

it('a watch waits for it, takes it home and goes on', async () => {
  let hold: Hold | undefined;
  const claim = { command: 'daydream watch', since: '2026-01-01T00:00:00.000Z' };
  const { kite, next, current, session, ended } = await startWatch(server.url, {
    before: ({ path }) => void (hold = holdRoot(layoutOf(path('data')), claim)),
    options: { check: () => hold?.check() ?? 'there' },
  });
  await server.arrived(IN_FLIGHT);
  renameSync(kite.path('data'), kite.path('away'));
  server.open();
  await next('refused');
  expect(kite.exists('data')).toBe(false);
  renameSync(kite.path('away'), kite.path('data'));
  expect((await next('warned')).problems).toMatchObject([{ code: 'DD587', data: { replies: IN_FLIGHT } }]);
  await current();
  expect([server.requests.length, linesOf(kite)]).toEqual([CALLS, CALLS]);
  session.stop();
  await ended;
  hold?.release();
});
