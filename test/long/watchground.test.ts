// What a watch stands on, moved under it: tables, the store, the state folder, the data root. Tables follow without a run; a removal is
// seen to its end; nobody builds beside it; nothing is made where the data root has gone.
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { holdRoot, lockRoot, type Hold } from '../../src/store/lock.ts';
import { STATES } from '../../src/plan/verdict.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, SPEC, type Kite } from '../support/kite.ts';
import { startWatch, steadyAnswer, type Watching } from '../support/watching.ts';

const QUICK = { watch: { settle: 80, scan: 300, sweep: 500 } };
const SCORES = 'data/cohorts/C/reports/parsing/aggregated_scores.csv';
const CLAIM = { command: 'daydream watch', since: '2026-01-01T00:00:00.000Z' };

let server: FakeProvider;
let watching: Watching;
let hold: Hold | undefined;
beforeAll(async () => {
  server = await startFakeProvider({ answer: steadyAnswer });
});
afterAll(() => server.close());
afterEach(async () => {
  watching.session.abort();
  await watching.ended.catch(() => {});
  hold?.release();
  hold = undefined;
});

/** A watch that holds its lock, has built everything, and rests. */
async function settled(before: (kite: Kite) => void = () => {}): Promise<Watching> {
  watching = await startWatch(server.url, {
    config: QUICK,
    before(kite) {
      before(kite);
      hold = holdRoot(layoutOf(kite.path('data')), CLAIM);
    },
    options: { check: () => hold?.check() ?? 'there' },
  });
  await watching.next('built');
  await watching.rests();
  watching.forget();
  return watching;
}

function rows(kite: Kite): number {
  return kite.read(SCORES).trimEnd().split('\n').length - 1;
}

it('tables follow a smaller membership, though nothing has to run', async () => {
  const { kite, next } = await settled();
  expect(rows(kite)).toBe(16);
  kite.edit(SPEC, '[d-one, d-two]', '[d-one]');
  await next('reports_written');
  expect(rows(kite)).toBe(8);
});

it('a new cohort whose generations are all there gets its tables', async () => {
  const { kite, next } = await settled();
  kite.write('data/cohorts/D/spec/config.yaml', kite.read(SPEC));
  await next('reports_written');
  expect(kite.read(SCORES.replace('/C/', '/D/'))).toBe(kite.read(SCORES));
});

it('a score that a hand changed reaches the tables', async () => {
  const { kite, next } = await settled();
  const name = kite.files('data/gens/evaluation').find((each) => each.endsWith('/parsed.txt')) ?? '';
  kite.write(name, '3.25\n');
  await next('reports_written');
  expect(kite.read(SCORES)).toContain('3.25');
});

it('tables that somebody removed come back', async () => {
  const { kite, next } = await settled();
  kite.remove('data/cohorts/C/reports');
  await next('reports_written');
  expect(rows(kite)).toBe(16);
});

it('a store that is removed piece by piece is planned once it is gone', async () => {
  const { kite, next, events } = await settled();
  const from = events.length;
  const billed = server.requests.length;
  const folders = ['draft', 'essay', 'evaluation'].map((stage) => kite.path(`data/gens/${stage}`));
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
    if (folder === folders[0]) await next('hand_edits').catch(() => {});
  }
  await watching.current();
  expect(server.requests.length).toBe(billed);
  expect(events.slice(from).filter(({ type }) => type === 'built')).toHaveLength(1);
});

it('a lock that is removed with the state folder is taken again', async () => {
  const { kite } = await settled();
  kite.remove('data/.daydream');
  await expect
    .poll(() => kite.exists('data/.daydream/lock.json') && kite.read('data/.daydream/lock.json'))
    .toContain(String(process.pid));
});

it('a lock that somebody else has by then ends the watch', async () => {
  const { kite, ended } = await settled();
  const path = kite.path('data/.daydream/lock.json');
  // Another process: this one's parent lives as long as it.
  const other = readFileSync(path, 'utf8')
    .replace(`"pid":${process.pid}`, `"pid":${process.ppid}`)
    .replace(/,"started":"\d+"/, '');
  kite.write('data/.daydream/lock.json', other);
  await expect(ended).rejects.toMatchObject({ problems: [{ code: 'DD586' }] });
  expect(readFileSync(path, 'utf8')).toBe(other);
});

it('nothing is made where the data root was moved away, and the watch goes on once it is back', async () => {
  const { kite, next, rests, current } = await settled();
  renameSync(kite.path('data'), kite.path('away'));
  await next('broken');
  await rests('broken');
  await new Promise((done) => setTimeout(done, 700));
  expect(kite.exists('data')).toBe(false);
  renameSync(kite.path('away'), kite.path('data'));
  await next('mended');
  kite.edit(DRAFT, 'Use:', 'Take:');
  await next('built');
  await current();
});

it.each([
  ['the project', ''],
  ['its config', `/${CONFIG_FILE}`],
])(
  '%s that was moved away is told and waited for, and nothing is run by the defaults',
  async (_what, name) => {
    const { kite, next, rests, current } = await settled();
    const asked = server.requests.length;
    renameSync(`${kite.root}${name}`, `${kite.root}-away`);
    expect((await next('broken')).problems).toMatchObject([{ code: 'DD103' }]);
    await rests('broken');
    renameSync(`${kite.root}-away`, `${kite.root}${name}`);
    await next('mended');
    await current();
    expect(server.requests.length).toBe(asked);
  },
);

it('what leaves all cohorts and comes back is as the store has it, in the plan too', async () => {
  const { kite, next, rests, forget, events } = await settled();
  const spec = kite.read(SPEC);
  kite.edit(SPEC, '[d-one, d-two]', '[d-one]');
  await next('membership');
  await rests();
  forget();
  kite.write(SPEC, spec);
  const { plan } = await next('planned');
  expect(plan.judge.verdicts.state.every((state) => state === STATES.indexOf('current'))).toBe(true);
  await rests();
  expect(events.map(({ type }) => type)).not.toContain('hand_edits');
});

it('a data root that is a link to another folder now ends the watch, and the lock of the first goes with it', async () => {
  const { kite, ended } = await settled((fresh) => {
    renameSync(fresh.path('data'), fresh.path('first'));
    symlinkSync('first', fresh.path('data'));
  });
  mkdirSync(kite.path('second'));
  unlinkSync(kite.path('data'));
  symlinkSync('second', kite.path('data'));
  await expect(ended).rejects.toMatchObject({ problems: [{ code: 'DD586' }] });
  hold?.release();
  expect(kite.exists('first/.daydream/lock.json')).toBe(false);
  expect(kite.files('second')).toEqual([]);
  const release = lockRoot(layoutOf(join(kite.root, 'data')), CLAIM);
  release();
});
