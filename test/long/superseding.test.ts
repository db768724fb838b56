// A watch whose inputs change while calls are in flight: what is aborted, what goes on, what is kept, and how it is ended.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PLAIN_REQUEST } from '../../src/engine/plan/plan.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { JUDGE, DRAFT, SPEC } from '../support/kite.ts';
import {
  expectClean,
  FAST,
  startWatch,
  steadyAnswer,
  temporaryFiles,
  watchKite,
  type Watching,
  type WatchSetup,
} from '../support/watching.ts';

let server: FakeProvider;
let watching: Watching | undefined;

beforeEach(async () => {
  server = await startFakeProvider({ answer: steadyAnswer, gated: true });
});
afterEach(async () => {
  watching?.session.abort();
  await watching?.ended.catch(() => {});
  watching = undefined;
  await server.close();
});

async function start(setup?: WatchSetup): Promise<Watching> {
  watching = await startWatch(server.url, setup);
  return watching;
}

async function startAgain({ kite }: Watching): Promise<void> {
  watching = await watchKite(kite);
  await watching.next('watching');
}

let gates: NodeJS.Timeout | undefined;
afterEach(() => clearInterval(gates));

/** Lets every call go, also those that come later. */
function openGates(): () => void {
  gates = setInterval(() => server.release(), 10);
  return () => clearInterval(gates);
}

const wide = { config: { ...FAST, pools: { llm_api_paid: { concurrency: 40 } } } };

/** Everything is built, and an edit has put the calls of all evaluations in flight. */
async function judging(): Promise<Watching> {
  const w = await start(wide);
  const close = openGates();
  await w.current();
  close();
  const before = server.requests.length;
  w.kite.edit(JUDGE, 'Judge', 'Judge anew');
  await server.arrived(before + 16);
  return w;
}

it('aborts exactly the calls that an edit made wrong, keeps the rest, and builds what is left', async () => {
  const w = await start(wide);
  await server.arrived(4);
  expect(server.requests).toHaveLength(4);
  w.kite.edit(DRAFT, 'Use', 'Take');
  expect(await w.next('superseded')).toMatchObject({ kept: 2, givenUp: 2 });
  await server.arrived(6);
  const close = openGates();
  await w.current();
  close();
  const outcomes = server.requests.map(
    ({ prompt, outcome }) => `${prompt.split(/[\s:]/)[0] ?? ''} ${outcome}`,
  );
  expect(outcomes.slice(0, 4).sort()).toEqual(['Tagged billed', 'Tagged billed', 'Use left', 'Use left']);
  expect(outcomes.slice(4).filter((each) => !each.endsWith('billed'))).toEqual([]);
  expect(server.requests.filter(({ prompt }) => prompt.startsWith('Tagged'))).toHaveLength(2);
  await expectClean(w);
});

it('counts as calls under way what was sent, not what only waits for its turn', async () => {
  const w = await start({ config: { ...FAST, pools: { llm_api_paid: { concurrency: 1 } } } });
  await server.arrived(1);
  w.kite.edit(DRAFT, 'Use', 'Take');
  const { kept, givenUp } = await w.next('superseded');
  expect(kept + givenUp).toBe(1);
  const close = openGates();
  await w.current();
  close();
  await expectClean(w);
});

it('prices a plan by what the build that it supersedes has learned', async () => {
  const w = await start(wide);
  const { price: before } = await w.next('planned');
  expect(before.unseen).toBe(before.upper.calls);
  await server.arrived(4);
  server.release(4);
  await server.arrived(8);
  w.kite.edit(JUDGE, 'Judge', 'Judge anew');
  w.kite.edit(DRAFT, 'Use', 'Take');
  const overtaken = await w.next('overtaken');
  expect(overtaken).toMatchObject({ built: { draft: 4, evaluation: 0 }, calls: 4 });
  const { price } = await w.next('planned');
  const drafts = price.lines.find(({ by, name }) => by === 'stage' && name === 'draft')?.upper.calls ?? 0;
  expect(drafts).toBeGreaterThan(0);
  expect(price.unseen).toBe(price.upper.calls - drafts);
  openGates();
});

it('lets everything go on when an edit changes nothing that is asked', async () => {
  const w = await judging();
  const count = server.requests.length;
  w.kite.write(SPEC, `# a remark\n${w.kite.read(SPEC)}`);
  expect(await w.next('superseded')).toEqual({ type: 'superseded', kept: 16, givenUp: 0 });
  w.kite.write(SPEC, w.kite.read(SPEC));
  await wait(300);
  const close = openGates();
  await w.current();
  close();
  expect(server.requests).toHaveLength(count);
  await expectClean(w);
});

it('costs nothing to undo an edit while the calls for it are in flight', async () => {
  const w = await judging();
  const count = server.requests.length;
  w.kite.edit(JUDGE, 'Judge anew', 'Judge');
  expect(await w.next('superseded')).toMatchObject({ kept: 0, givenUp: 16 });
  await w.current();
  expect(server.requests).toHaveLength(count);
  await expectClean(w);
});

it('keeps replies that arrive while the next plan is still asked about', async () => {
  let word: 'given' | 'wanted' = 'given';
  const w = await start({ ...wide, options: { consent: () => word } });
  await server.arrived(4);
  word = 'wanted';
  w.kite.edit(DRAFT, 'Use', 'Take');
  await w.next('asks');
  await expect.poll(() => server.requests.filter(({ outcome }) => outcome === 'left').length).toBe(2);
  const close = openGates();
  await expect.poll(() => server.requests.filter(({ outcome }) => outcome === 'billed').length).toBe(2);
  await wait(100);
  w.kite.edit(DRAFT, 'Take', 'Use');
  w.session.build();
  await w.current();
  close();
  expect(server.requests.filter(({ prompt }) => prompt.startsWith('Tagged'))).toHaveLength(2);
  await expectClean(w);
});

it('does not take the answer of a child for right whose parent was made anew meanwhile', async () => {
  const w = await start(wide);
  await server.arrived(4);
  server.release(4);
  await server.arrived(4 + 4 + 8);
  w.kite.edit(DRAFT, 'Use', 'Take');
  const { kept, givenUp } = await w.next('superseded');
  // Below the two drafts that are stale now, nothing of its own has changed: it may turn out right.
  expect({ kept, givenUp }).toEqual({ kept: 12, givenUp: 0 });
  const close = openGates();
  await w.current();
  close();
  await expectClean(w);
});

it('joins calls under way when a cohort joins and all rows are in another order', async () => {
  const w = await start(wide);
  await server.arrived(4);
  w.kite.write('data/cohorts/B/spec/config.yaml', w.kite.read(SPEC).replace('[d-one, d-two]', '[d-three]'));
  expect(await w.next('superseded')).toMatchObject({ kept: 4, givenUp: 0 });
  const close = openGates();
  await w.current();
  close();
  await expectClean(w);
});

it('goes on with what was forced and not yet done', async () => {
  const w = await start(wide);
  const close = openGates();
  await w.current();
  close();
  const before = server.requests.length;
  w.session.wish({ request: { ...PLAIN_REQUEST, force: ['stage:draft'] }, approved: true, by: 'a test' });
  await server.arrived(before + 4);
  server.release(1);
  await expect.poll(() => server.requests[before]?.outcome).toBe('billed');
  await wait(100);
  w.kite.edit(JUDGE, 'End', 'Fin');
  expect(await w.next('superseded')).toMatchObject({ kept: 3, givenUp: 0 });
  const again = openGates();
  await w.current();
  again();
  expect(
    server.requests.filter(({ index, prompt }) => index >= before && !prompt.startsWith('Judge')),
  ).toHaveLength(4);
});

it('reports broken inputs while a build goes on, and stays broken after it', async () => {
  const w = await judging();
  w.kite.write(SPEC, 'axes: [\n');
  await w.next('broken');
  const close = openGates();
  await w.rests('broken');
  close();
  expect(server.requests.slice(-16).every(({ outcome }) => outcome === 'billed')).toBe(true);
  w.kite.write(SPEC, w.kite.read(SPEC).replace('axes: [\n', ''));
});

it('cancels: what is in flight ends, nothing more is started; twice: it is given up', async () => {
  const w = await start({ config: { ...FAST, pools: { llm_api_paid: { concurrency: 2 } } } });
  await server.arrived(2);
  w.session.cancel();
  server.release();
  await w.rests('watching');
  expect(server.requests.map(({ outcome }) => outcome)).toEqual(['billed', 'billed']);
  w.session.build();
  await server.arrived(4);
  w.session.cancel();
  w.session.cancel();
  await w.rests('watching');
  await expect.poll(() => server.requests.slice(2).map(({ outcome }) => outcome)).toEqual(['left', 'left']);
  const close = openGates();
  w.session.build();
  await w.current();
  close();
  await expectClean(w);
});

it('pauses a build: what is in flight ends, and going on loses nothing', async () => {
  const w = await start({ config: { ...FAST, pools: { llm_api_paid: { concurrency: 2 } } } });
  await server.arrived(2);
  w.session.pause();
  server.release();
  await w.rests('paused');
  expect(server.requests).toHaveLength(2);
  const close = openGates();
  w.session.pause();
  await w.current();
  close();
  expect(server.requests).toHaveLength(24);
  await expectClean(w);
});

it('stops after what is in flight has ended, and keeps it; a later watch goes on from there', async () => {
  const w = await start({ config: { ...FAST, pools: { llm_api_paid: { concurrency: 3 } } } });
  await server.arrived(3);
  w.session.stop();
  let over = false;
  void w.ended.then(() => (over = true));
  await wait(200);
  expect(over).toBe(false);
  server.release();
  await w.ended;
  expect(server.requests).toHaveLength(3);
  const close = openGates();
  await startAgain(w);
  await watching?.current();
  close();
  expect(server.requests).toHaveLength(24);
  await expectClean(w);
});

it('gives up at once when it is told so a second time, and leaves a consistent store', async () => {
  const w = await start(wide);
  await server.arrived(4);
  w.session.stop();
  w.session.abort();
  await w.ended;
  await expect.poll(() => server.requests.every(({ outcome }) => outcome === 'left')).toBe(true);
  expect(temporaryFiles(w.kite)).toEqual([]);
  const close = openGates();
  await startAgain(w);
  await watching?.current();
  close();
  await expectClean(w);
});
