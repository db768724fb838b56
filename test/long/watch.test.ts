// daydream watch as a process: its event stream, Ctrl-C, the lock, and other commands beside it.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, JUDGE, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import type { Started } from '../support/program.ts';
import { steadyAnswer } from '../support/watching.ts';

let watches: Started[] = [];
afterEach(async () => {
  for (const { child, ended } of watches) {
    child.kill('SIGKILL');
    await ended;
  }
  watches = [];
});

function watch(kite: Kite, ...words: readonly string[]): Started {
  const started = kite.start(['watch', ...words]);
  watches.push(started);
  return started;
}

interface Line {
  readonly version: number;
  readonly type: string;
  readonly state?: string;
}

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

describe('with the offline model', () => {
  it('streams one event a line, each with a version, and ends with 130 on Ctrl-C', async () => {
    const kite = makeKite();
    const { child, ended, said } = watch(kite, '--json');
    await said('"type":"build_finished"');
    await said('"state":"watching"');
    kite.edit(JUDGE, 'End', 'Fin');
    await said('"what":"changed"');
    await said('"attempted":16');
    await said('"built":{"draft":0,"essay":0,"evaluation":16}');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).not.toContain('error');
    const lines = linesOf(stdout);
    expect(new Set(lines.map(({ version }) => version))).toEqual(new Set([1]));
    expect(lines.at(-1)).toEqual({ version: 1, type: 'stopped' });
    const types = lines.map(({ type, state }) => state ?? type);
    expect(types.slice(0, 5)).toEqual(['watching', 'planning', 'plan', 'membership_written', 'building']);
    expect(kite.exists('data/.daydream/lock.json')).toBe(false);
    expect((await kite.check()).code).toBe(0);
  });

  it('says in plain lines what it watches, what changed, what that made stale, and what came of it', async () => {
    const kite = makeKite();
    const { child, ended, said } = watch(kite);
    await said('all 28 generations are current');
    kite.edit(JUDGE, 'End', 'Fin');
    await said('16 of 28 generations to run');
    await said('built 16 evaluations');
    child.kill('SIGINT');
    const { stdout, stderr } = await ended;
    expect(stdout).toBe('');
    expect(stderr).toContain('watching 17 files: data/1_raw (14)');
    expect(stderr).toContain('changed: data/1_raw/templates/evaluation/v-one.txt');
    expect(stderr).toMatch(/evaluation 16 stale +16 template/);
    expect(stderr).not.toContain('\u001B');
  });

  it('holds the lock: another watch says who it is, and reading commands work beside it', async () => {
    const kite = makeKite();
    const { said, child } = watch(kite);
    await said('all 28 generations are current');
    const second = await kite.run(['watch']);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('DD501');
    expect(second.stderr).toContain(`\`daydream watch\` (pid ${child.pid ?? 0}`);
    expect((await kite.check()).code).toBe(0);
    expect((await kite.run(['status'])).code).toBe(0);
    expect((await kite.run(['why', kite.id('A:d-one')])).stdout).toContain('is current');
  });

  it('does what a build asks for, and refuses what it can not do for it', async () => {
    const kite = makeKite();
    const { said } = watch(kite);
    await said('all 28 generations are current');
    const handed = await kite.run(['build', '--force', 'draft']);
    expect(handed.stderr).toContain('handed to `daydream watch`');
    expect(handed.stderr).toContain('built 4 drafts');
    expect(handed.code).toBe(0);
    await said('for daydream build --force draft:');
    const json = await kite.run(['build', '--json']);
    expect(json.code).toBe(0);
    expect(linesOf(json.stdout)).toEqual([expect.objectContaining({ version: 1, type: 'build_finished' })]);
    const unknown = await kite.run(['build', 'template:nothing']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('DD109');
    await said('matches no template');
    const own = await kite.run(['build', '--provider', 'offline']);
    expect(own.code).toBe(2);
    expect(own.stderr).toContain('DD501');
  });

  it('waits for a broken spec to be mended, but does not start on one', async () => {
    const kite = makeKite();
    const spec = 'data/cohorts/C/spec/config.yaml';
    const text = kite.read(spec);
    const { said } = watch(kite);
    await said('all 28 generations are current');
    kite.write(spec, 'axes: [');
    await said('stays in force');
    kite.write(spec, text);
    await said('mended');
    kite.write('data/cohorts/D/spec/config.yaml', 'axes: [');
    await said('data/cohorts/D/spec/config.yaml');
    const other = makeKite(undefined, { [spec]: 'axes: [' });
    const { code, stderr } = await other.run(['watch']);
    expect(code).toBe(2);
    expect(stderr).toContain(spec);
    expect(other.exists('data/.daydream/lock.json')).toBe(false);
  });
});

describe('with calls in flight', () => {
  let server: FakeProvider;
  beforeEach(async () => {
    server = await startFakeProvider({ answer: steadyAnswer, gated: true });
  });
  afterEach(() => server.close());

  it('lets what is in flight finish at the first Ctrl-C, and keeps it', async () => {
    const kite = makeKite(server.url);
    const { child, ended, said } = watch(kite, '--yes');
    await server.arrived(4);
    child.kill('SIGINT');
    await said('what is in flight is paid for and finishes');
    server.release();
    expect((await ended).code).toBe(130);
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(['billed', 'billed', 'billed', 'billed']);
    expect(kite.exists(`${kite.folder('A:d-one')}/parsed.txt`)).toBe(true);
  });

  it('gives it up at the second', async () => {
    const kite = makeKite(server.url);
    const { child, ended, said } = watch(kite, '--yes');
    await server.arrived(4);
    child.kill('SIGINT');
    await said('what is in flight is paid for and finishes');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await expect.poll(() => server.requests.every(({ outcome }) => outcome === 'left')).toBe(true);
    expect(kite.files('data').filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('asks before it spends more than confirmAbove, and another terminal may say yes', async () => {
    const kite = makeKite(server.url);
    kite.write(CONFIG_FILE, settingsFor(server.url, { confirmAbove: 0 }));
    const { said } = watch(kite);
    await said('this would spend up to $');
    const no = await kite.run(['build']);
    expect(no.code).toBe(2);
    expect(no.stderr).toContain('DD111');
    expect(server.requests).toHaveLength(0);
    const yes = kite.start(['build', '--yes']);
    const timer = setInterval(() => server.release(), 20);
    const { code, stderr } = await yes.ended;
    clearInterval(timer);
    expect(stderr).toContain('all 28 generations are current');
    expect(code).toBe(0);
  });

  it('survives being killed: the next watch takes the lock over and pays for nothing again', async () => {
    const kite = makeKite(server.url);
    const first = watch(kite, '--yes');
    await server.arrived(4);
    server.release(2);
    await expect.poll(() => server.billed).toBe(2);
    await expect.poll(() => kite.exists('data/.daydream/responses')).toBe(true);
    const kept = (): number =>
      kite.files('data/.daydream/responses').filter((name) => name.endsWith('-1.json')).length;
    await expect.poll(kept).toBe(2);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const second = watch(kite, '--yes');
    const timer = setInterval(() => server.release(), 20);
    await second.said('all 28 generations are current');
    clearInterval(timer);
    expect(server.billed).toBe(24);
  });
});
