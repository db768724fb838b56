// Several programs on one data root: one wins, the other says who, nothing interleaves, nothing is bought twice; and a lock that
// nobody holds any more stops nobody.
import { execFileSync } from 'node:child_process';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import type { Started } from '../support/program.ts';

let server: FakeProvider;
let kite: Kite;
beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, gated: true });
  kite = makeKite(server.url);
});
afterEach(() => server.close());

/** Calls of a whole build: drafts, essays by a model, evaluations. */
const CALLS = 4 + 4 + 16;
const HELD = 4;

/** A build that has asked for its drafts and waits for the answers. */
async function heldBuild(): Promise<Started> {
  const building = kite.start(['build', '--json', '--yes']);
  await server.arrived(HELD);
  return building;
}

/** Lets every call go, now and from now on. */
function open(): () => void {
  const timer = setInterval(() => server.release(), 5);
  return () => clearInterval(timer);
}

async function finish(building: Started): Promise<void> {
  const close = open();
  const { code, stderr } = await building.ended;
  close();
  expect(code, `${stderr}`).toBe(0);
}

async function expectFixpoint(): Promise<void> {
  expect(server.billed).toBe(CALLS);
  expect((await kite.build()).steps).toEqual([]);
  expect((await kite.check('--verify')).code).toBe(0);
  expect(kite.exists('data/.daydream/lock.json')).toBe(false);
}

/** What a command says that wants the data root which a program holds, and whether it changed anything. What the holder writes of its own run is not its doing. */
async function refusal(words: string): Promise<{ code: number | null; stderr: string; changed: boolean }> {
  const names = (): string =>
    kite
      .files('data')
      .filter((name) => !name.includes('/gens/') && !name.includes('/underway.json'))
      .join();
  const before = names();
  const { code, stderr } = await kite.run(words.split(' '));
  return { code, stderr, changed: names() !== before };
}

/** What it must be. */
function refusedFor({ child }: Started, called: string): unknown {
  const stderr = new RegExp(`DD501[^]*${called}[^]*pid ${child.pid} on ${hostname()}`);
  return { code: 2, stderr: expect.stringMatching(stderr) as string, changed: false };
}

/** Puts the project under version control with two branches, which differ in a draft's and an essay's template; `one` is checked out. */
function branches(): (...words: readonly string[]) => void {
  const git = (...words: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...words], {
      cwd: kite.root,
      stdio: 'pipe',
    });
  kite.write('.gitignore', 'data/gens\ndata/.daydream\ndata/cohorts/*/reports\ndata/7_cross_experiment\n');
  git('init', '-q', '-b', 'one');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  git('checkout', '-q', '-b', 'two');
  kite.edit('data/1_raw/templates/essay/e-llm.txt', 'Draft', 'Second draft');
  kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use', 'Take');
  git('commit', '-q', '-a', '-m', 'two');
  git('checkout', '-q', 'one');
  return git;
}

describe('while a build runs', () => {
  it('whoever writes is told who holds the data root, and changes nothing', async () => {
    const building = await heldBuild();
    for (const words of ['build', 'build --force draft', 'watch', 'gc --yes', 'cohort compile C'])
      expect(await refusal(words)).toEqual(refusedFor(building, 'daydream build'));
    await finish(building);
    await expectFixpoint();
  });

  it('a second one that waits goes on when the first has ended, and finds nothing to do', async () => {
    const building = await heldBuild();
    const waiting = kite.start(['build', '--wait', '--yes']);
    await waiting.said('waiting');
    await finish(building);
    expect((await waiting.ended).code).toBe(0);
    await expectFixpoint();
  });

  it('commands that only look answer', async () => {
    const building = await heldBuild();
    for (const words of [['check'], ['status'], ['plan'], ['ls'], ['why', kite.id('A:d-one')]])
      expect([0, 1]).toContain((await kite.run(words)).code);
    await finish(building);
    await expectFixpoint();
  });

  it('another branch may be checked out: what was made is recorded as made from what was read', async () => {
    const git = branches();
    const building = await heldBuild();
    git('checkout', '-q', '-f', 'two');
    const close = open();
    await building.ended;
    const { code, steps } = await kite.build();
    expect(code).toBe(0);
    expect(steps).toContain('A:d-one rendered called parsed');
    expect((await kite.check('--verify')).code).toBe(0);
    expect((await kite.build()).steps).toEqual([]);
    const essay = kite.read(`${kite.folder('A:d-one/e-llm')}/prompt.txt`);
    expect(essay).toContain('Second draft');
    close();
  });
});

describe('while a watch runs', () => {
  let watch: Started;
  beforeEach(async () => {
    watch = kite.start(['watch', '--json', '--yes']);
    await server.arrived(HELD);
  });
  afterEach(async () => {
    watch.child.kill('SIGKILL');
    await watch.ended;
  });

  it('whoever writes and is no build is told who holds the data root, and changes nothing', async () => {
    for (const words of ['watch', 'gc --yes', 'cohort compile C'])
      expect(await refusal(words)).toEqual(refusedFor(watch, 'daydream watch'));
    const close = open();
    await watch.said('"type":"build_finished"');
    close();
    expect(server.billed).toBe(CALLS);
  });

  it('a build is handed to it, and buys nothing of its own', async () => {
    const handed = kite.start(['build', '--yes']);
    await handed.said('handed to');
    const close = open();
    expect((await handed.ended).code).toBe(0);
    close();
    expect(server.billed).toBe(CALLS);
  });

  it('another branch may be checked out: it ends with what that branch asks for', async () => {
    const git = branches();
    const close = open();
    await watch.said('"type":"build_finished"');
    git('checkout', '-q', '-f', 'two');
    await watch.said('"what":"changed"');
    await expect.poll(async () => (await kite.check('--verify')).code, { timeout: 120_000 }).toBe(0);
    close();
    expect(kite.read(`${kite.folder('A:d-one/e-llm')}/prompt.txt`)).toContain('Second draft');
    watch.child.kill('SIGINT');
    expect((await watch.ended).code).toBe(130);
    expect((await kite.build()).steps).toEqual([]);
  });
});

describe('a lock that is left over', () => {
  const leave = (change: object): void =>
    kite.write(
      'data/.daydream/lock.json',
      JSON.stringify({
        pid: process.pid,
        host: hostname(),
        since: '2026-01-01T00:00:00.000Z',
        command: 'daydream build',
        ...change,
      }),
    );

  it('by a build that was killed is taken over', async () => {
    const building = await heldBuild();
    building.child.kill('SIGKILL');
    await building.ended;
    expect(kite.exists('data/.daydream/lock.json')).toBe(true);
    await finish(kite.start(['build', '--yes']));
    await expectFixpoint();
  });

  it.each(['build', 'watch'])(
    'by a build that was killed with calls in flight is spoken of once, by a %s',
    async (next) => {
      const building = await heldBuild();
      const told = (): boolean =>
        kite.exists('data/.daydream/underway.json') &&
        kite.read('data/.daydream/underway.json').includes('"inFlight":4');
      await expect.poll(told, { timeout: 20_000 }).toBe(true);
      building.child.kill('SIGKILL');
      await building.ended;
      // It holds the lock, but runs nothing.
      expect((await kite.run(['gc'])).stderr).not.toContain('DD622');
      const close = open();
      const going = kite.start([next, '--yes']);
      await going.said('DD622');
      await going.said('about 4 calls were in flight at 20');
      await expect.poll(() => server.billed, { timeout: 20_000 }).toBe(CALLS);
      if (next === 'watch') going.child.kill('SIGINT');
      await going.ended;
      close();
      expect((await kite.run(['build', '--yes'])).stderr).not.toContain('DD622');
    },
  );

  it('by an earlier process whose pid is in use again is taken over', async () => {
    leave({ started: '1' });
    await finish(kite.start(['build', '--yes']));
    expect(server.requests).toHaveLength(CALLS);
    await expectFixpoint();
  });

  it('torn is taken over', async () => {
    kite.write('data/.daydream/lock.json', '{"pid": 1');
    await finish(kite.start(['build', '--yes']));
    expect(server.requests).toHaveLength(CALLS);
    await expectFixpoint();
  });

  it('by another host stops the build, which says what to do', async () => {
    leave({ host: 'another-host', pid: 1 });
    const { code, stderr } = await kite.run(['build', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD502');
    expect(stderr).toContain('another-host');
    expect(stderr).toContain('`daydream doctor --unlock another-host`');
    expect(server.requests).toEqual([]);
  });

  it('by another host goes by its name, and by no other', async () => {
    leave({ host: 'another-host', pid: 1 });
    const wrong = await kite.run(['doctor', '--unlock', 'some-host']);
    expect([wrong.code, kite.exists('data/.daydream/lock.json')]).toEqual([2, true]);
    expect(wrong.stderr).toMatch(/holds .* and nobody on some-host does.*doctor --unlock another-host/s);
    const right = await kite.run(['doctor', '--unlock', 'another-host']);
    expect([right.code, right.stderr]).toEqual([
      0,
      'taken away: the lock of `daydream build` (pid 1 on another-host, since 2026-01-01T00:00:00.000Z)\n',
    ]);
    const again = await kite.run(['doctor', '--unlock', 'another-host', '--json']);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { version: 1, unlocked: null }]);
    await finish(kite.start(['build', '--yes']));
    await expectFixpoint();
  });

  it('by a build of this host stays, whoever names it', async () => {
    const building = await heldBuild();
    const { code, stderr } = await kite.run(['doctor', '--unlock', hostname()]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('DD501') as string]);
    expect(kite.exists('data/.daydream/lock.json')).toBe(true);
    building.child.kill('SIGKILL');
    await building.ended;
    const dead = await kite.run(['doctor', '--unlock', hostname()]);
    expect([dead.code, dead.stderr]).toEqual([2, expect.stringContaining('the next build takes') as string]);
  });
});
