// What the page can have done: builds within what the server was started with and not a cent beyond, stopped, handed to a watch; cures.
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { openProject } from '../../src/api.ts';
import type { BuildNews } from '../../src/ui/builds.ts';
import { CODES } from '../../src/errors.ts';
import { faults, startFakeProvider, type FakeOptions, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { clientOf, openBench, type Bench, type Client } from '../support/pageserver.ts';
import { sampleWith, type TestProject } from '../support/project.ts';

const MODELS = `id,model,provider,display_name,specialization,input_price,output_price,pool
w1,lab/w1,lab,W1,gen,10,10,
w2,lab/w2,lab,W2,gen,10,10,
j1,lab/j1,lab,J1,judge,10,10,
`;
/** What a kite needs: 4 drafts, 4 essays, 16 evaluations. */
const CALLS = 24;

let server: FakeProvider | undefined;
afterEach(() => server?.close());

async function paidKite(
  options: FakeOptions = {},
): Promise<{ readonly kite: Kite; readonly server: FakeProvider }> {
  const started = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.01, ...options });
  server = started;
  const files = { [CONFIG_FILE]: settingsFor(started.url), 'data/1_raw/llm_models.csv': MODELS };
  return { kite: makeKite(undefined, files), server: started };
}

async function bench(files: TestProject, maxCost?: number): Promise<{ bench: Bench; client: Client }> {
  const opened = await openBench(files, { maxCost });
  onTestFinished(() => opened.close());
  return { bench: opened, client: await clientOf(opened) };
}

async function ended(client: Client): Promise<BuildNews> {
  await client.hears(({ build }) => (build as BuildNews | undefined)?.state === 'ended');
  return ((await client.get('build')).document as { build: BuildNews }).build;
}

describe('a build from the page', { timeout: 90_000 }, () => {
  it('runs what is free without a word, and only what is selected', async () => {
    const { client } = await bench(sampleWith());
    expect((await client.post('build', { select: 'stage:draft' })).status).toBe(200);
    expect(await ended(client)).toMatchObject({ end: 'done', done: 8, built: 8, cost: 0, problems: [] });
    const { document } = await client.get('plan?select=stage:draft');
    expect(document).toMatchObject({ type: 'plan', version: 1, toRun: 0 });
    expect((await client.get('runs')).document).toMatchObject({ total: 1, runs: [{ built: { draft: 8 } }] });
  });

  it('asks no paid model where the server was started without a cap, whatever the page says', async () => {
    const { kite, server } = await paidKite();
    const { client } = await bench(kite);
    for (const wish of [{}, { force: true }, { retry: 'all' }]) {
      expect((await client.post('build', wish)).status).toBe(200);
      expect(await ended(client)).toMatchObject({ built: 0, cost: 0 });
    }
    for (const wish of [
      { maxCost: 100 },
      { approved: true },
      { offline: false },
      { provider: 'x' },
      { byWatch: false },
      null,
      [],
    ]) {
      const { status, document } = await client.post('build', wish);
      expect([status, document['type']]).toEqual([422, 'problems']);
    }
    expect(server.requests).toHaveLength(0);
  });

  it('spends within the cap, over all builds of the page together', async () => {
    const { kite, server } = await paidKite();
    const { client } = await bench(kite, 0.5);
    await client.post('build', {});
    const first = await ended(client);
    expect(first.cost).toBeLessThanOrEqual(0.5);
    expect(first.maybe).toBe(0);
    await client.post('build', { force: true });
    const second = await ended(client);
    expect(first.cost + second.cost).toBeLessThanOrEqual(0.5 + 1e-9);
    expect(second.maybe).toBe(0);
    expect(server.requests.length).toBeLessThanOrEqual(CALLS * 2);
    expect((await client.get('about')).document['remaining']).toBeCloseTo(0.5 - first.cost - second.cost, 9);
  });

  it('leaves its failures on record with what cures their cause, and not only their kind', async () => {
    const { kite } = await paidKite({ fault: () => faults.status(401) });
    const { client } = await bench(kite, 1);
    await client.post('build', { select: 'stage:draft' });
    const { failures } = await ended(client);
    expect(failures).toMatchObject([{ code: 'DD610', cure: CODES.DD610.cure }]);
    expect((await client.get('runs')).document).toMatchObject({
      runs: [{ failures: [{ code: 'DD610', title: CODES.DD610.title, cure: CODES.DD610.cure }] }],
    });
  });

  it('counts what it gave up and may be billed for against the cap of those that follow', async () => {
    const { kite, server } = await paidKite({ gated: true });
    const { client } = await bench(kite, 0.5);
    await client.post('build', {});
    await server.arrived(1);
    await client.post('stop', {});
    await client.post('stop', {});
    const given = await ended(client);
    expect(given).toMatchObject({ end: 'interrupted', built: 0, cost: 0 });
    expect(given.maybe).toBeGreaterThan(0);
    expect((await client.get('about')).document['remaining']).toBeCloseTo(0.5 - given.maybe, 9);
  });

  it('is one at a time, and stops when it is told to', async () => {
    const { kite } = await paidKite();
    const { client } = await bench(kite, 100);
    await client.post('build', {});
    expect((await client.post('build', {})).document).toMatchObject({ problems: [{ code: 'DD501' }] });
    expect((await client.post('stop', {})).document).toMatchObject({ build: { state: 'stopping' } });
    expect((await ended(client)).end).toMatch(/interrupted|done/);
  });

  it('is handed to a watch that runs, and refused where that would be dearer than the server may spend', async () => {
    const files = sampleWith();
    const project = await openProject({ root: files.root });
    const watch = await project.watch({ mode: 'plan' });
    const said: string[] = [];
    const heard = (async () => {
      for await (const event of watch) {
        said.push(event.type);
        if (event.type === 'plan') return;
      }
    })();
    await heard;
    const { client } = await bench(files);
    expect((await client.get('status')).document).toMatchObject({ holder: { role: 'watch' } });
    await client.post('build', { select: 'stage:draft' });
    expect(await ended(client)).toMatchObject({ end: 'done', toRun: 8, done: 8, built: 8, problems: [] });
    expect((await client.get('plan?select=stage:draft')).document).toMatchObject({ toRun: 0 });
    await project.close();
  });

  it('says of what a watch has made for it that a lost reply may have been billed', async () => {
    const { kite } = await paidKite({
      fault: (request) => (request.index === 0 ? faults.reset('within') : undefined),
    });
    const project = await openProject({ root: kite.root });
    const watch = await project.watch({ mode: 'plan', maxCost: 5 });
    for await (const event of watch) if (event.type === 'plan') break;
    const { client } = await bench(kite, 5);
    await client.post('build', { select: 'stage:draft' });
    expect(await ended(client)).toMatchObject({ end: 'done', built: 4, cost: 0.04, unknown: 1 });
    await project.close();
  });
});

describe('a cure from the page', { timeout: 90_000 }, () => {
  it('does what doctor offers as safe', async () => {
    const files = sampleWith();
    const { client } = await bench(files);
    await client.post('build', { select: 'stage:draft' });
    await ended(client);
    files.write('data/.daydream/graph.bin', 'damaged');
    const before = (await client.get('health')).document as {
      findings: readonly { code: string }[];
      fixes: readonly string[];
    };
    const { document } = await client.post('mend', {});
    expect(document['done']).toEqual(before.fixes);
    const after = (await client.get('health')).document as { fixes: readonly string[] };
    expect(after.fixes).toEqual([]);
  });
});
