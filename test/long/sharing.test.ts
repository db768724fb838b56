// Answers shared by hand: `daydream cache push`, `pull` and `status`, against storage of every kind.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { needing } from '../support/needs.ts';
import {
  folderStorage,
  freePort,
  startNginx,
  startS3rver,
  startScripted,
  type Storage,
} from '../support/remotes.ts';

let provider: FakeProvider;
/** All of it was paid for, and nothing shared. */
let whole: Kite;
let storage: Storage | undefined;
beforeAll(async () => {
  provider = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.5 });
  whole = member();
  const { code, stderr } = await whole.build('--yes');
  if (code !== 0) throw new Error(stderr);
});
afterEach(async () => {
  await storage?.close();
  storage = undefined;
});
afterAll(() => provider.close());

/** A project of one member of the team. On a machine that is busy an answer of the storage takes its time. */
function member(more: Readonly<Record<string, unknown>> = {}): Kite {
  const config = settingsFor(provider.url, { timeouts: { remote: 60_000 }, ...more });
  return makeKite(undefined, { 'daydream.config.json': config });
}

/** What the environment of somebody holds who may do this with the storage. */
const envFor = (
  { url, env }: Storage,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  ...env,
  DAYDREAM_REMOTE: url,
  DAYDREAM_REMOTE_MODE: 'both',
  ...more,
});

/** A project whose answers were paid for, and nothing shared. */
function built(more: Readonly<Record<string, unknown>> = {}): Kite {
  const kite = member(more);
  for (const each of ['data/gens', 'data/.daydream'])
    cpSync(whole.path(each), kite.path(each), { recursive: true });
  return kite;
}

const entries = (kite: Kite): readonly string[] =>
  kite.files('data/.daydream/responses').map((path) => path.split('/').at(-1) ?? '');

const textsOf = (kite: Kite, name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    kite
      .files('data/gens')
      .filter((path) => path.endsWith(name))
      .map((path) => [path, kite.read(path)]),
  );

interface Said {
  readonly remote: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

async function cache(
  kite: Kite,
  env: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<Said & { readonly code: number | null }> {
  const { code, stdout, stderr } = await kite.run(['cache', ...words, '--json'], { env });
  return { ...(JSON.parse(stdout || JSON.stringify({ stderr })) as Said), code };
}

// One of each kind: what the others of a kind do otherwise is storages.test.ts's.
describe.each([
  { what: 'nginx', needs: needing('nginx'), start: () => startNginx() },
  { what: 's3rver', needs: needing(), start: () => startS3rver() },
  { what: 'a folder', needs: needing(), start: async () => folderStorage() },
])('by $what', ({ needs, start }) => {
  it('what one has sent, another brings: nothing is paid for again', needs, async () => {
    storage = await start();
    const env = envFor(storage, { DAYDREAM_REMOTE_KEY: 'correct horse' });
    const kite = built();
    expect(await cache(kite, env, 'push')).toMatchObject({
      code: 0,
      sent: 24,
      there: 0,
      left: [],
      unnamed: 0,
    });
    expect(await cache(kite, env, 'push')).toMatchObject({ code: 0, sent: 0, there: 24 });

    const other = member();
    const asked = provider.requests.length;
    // Of what is not made yet it is not known what is asked below it.
    expect(await cache(other, env, 'pull')).toMatchObject({
      code: 0,
      brought: 4,
      here: 0,
      missing: 0,
      later: 20,
    });
    expect(await cache(other, env, 'pull')).toMatchObject({ code: 0, brought: 0, here: 4 });
    expect(entries(other)).toHaveLength(4);
    await other.build('--offline');
    expect(await cache(other, env, 'pull')).toMatchObject({ code: 0, brought: 12, here: 4, later: 8 });
    await other.build('--offline');
    await cache(other, env, 'pull');
    expect((await other.build('--offline')).code).toBe(0);
    expect(textsOf(other, 'raw.txt')).toEqual(textsOf(kite, 'raw.txt'));
    expect(provider.requests).toHaveLength(asked);
    expect((await other.check()).code).toBe(0);
  });
});

describe('a folder', () => {
  let folder: Storage & { readonly path: string };
  let kite: Kite;
  beforeEach(() => {
    folder = folderStorage();
    storage = folder;
    kite = built();
  });

  it('holds what is sent of a selection alone', async () => {
    expect(await cache(kite, envFor(folder), 'push', 'stage:draft')).toMatchObject({ sent: 4 });
    expect(await cache(kite, envFor(folder), 'status')).toMatchObject({
      both: 4,
      onlyHere: 20,
      onlyThere: 0,
      nowhere: 0,
      untold: 0,
      later: 0,
    });
    expect(await cache(kite, envFor(folder), 'push', '--exclude', 'stage:evaluation')).toMatchObject({
      sent: 4,
      there: 4,
    });
  });

  it('says in words what was sent, what lies where, and what to do about it', async () => {
    const [pushed, stood] = [
      await kite.run(['cache', 'push', 'stage:essay'], { env: envFor(folder) }),
      await kite.run(['cache', 'status'], { env: envFor(folder) }),
    ];
    expect(pushed.stdout).toBe(`sent 4 answers to file:${folder.path}; 0 lay there already\n`);
    expect(stood.stdout).toBe(`remote: reads and writes file:${folder.path}
  4 answers here and there
  20 only here; \`daydream cache push\` sends them
  0 only there
  0 nowhere
`);
    const clone = member();
    await kite.run(['cache', 'push'], { env: envFor(folder) });
    const pulled = await clone.run(['cache', 'pull'], { env: envFor(folder) });
    expect(pulled.stdout)
      .toBe(`brought 4 answers from file:${folder.path}; 0 were here already, 0 are not there
20 generations can not be asked about before what they are made from: build that, then pull again
`);
  });

  it('keeps what came from it as whole as a paid reply, and says whence it came', async () => {
    await cache(kite, envFor(folder), 'push');
    const other = member();
    await cache(other, envFor(folder, { DAYDREAM_REMOTE_MODE: 'read' }), 'pull');
    for (const path of other.files('data/.daydream/responses')) {
      const { origin, genId: _theirs, ...rest } = JSON.parse(other.read(path)) as Record<string, unknown>;
      const { genId: _ours, ...paid } = JSON.parse(kite.read(path)) as Record<string, unknown>;
      expect(origin).toBe('remote');
      expect(rest).toEqual(paid);
    }
  });

  it('damaged, cut short or swapped, brings nothing into the cache, and that is said', async () => {
    await cache(kite, envFor(folder), 'push', 'stage:draft');
    const ac = join(folder.path, 'ac');
    const [first = '', second = '', third = '', fourth = ''] = readdirSync(ac);
    const text = readFileSync(join(ac, first), 'utf8');
    writeFileSync(join(ac, first), text.slice(0, text.length / 2));
    writeFileSync(join(ac, second), text);
    writeFileSync(
      join(ac, third),
      JSON.stringify({ exitCode: 0, stdoutRaw: Buffer.of(9, 9).toString('base64') }),
    );
    rmSync(join(ac, fourth));
    const other = member();
    const { code, stdout, stderr } = await other.run(['cache', 'pull'], { env: envFor(folder) });
    expect(code).toBe(1);
    expect(stdout).toContain('brought 0 answers');
    expect(stdout).toContain('1 are not there');
    for (const why of ['1 damaged', '1 to another question', '1 of a newer daydream'])
      expect(stderr).toMatch(new RegExp(`what lies there was not used: .*${why}`));
    expect(stderr).toContain('DD698');
    expect(other.exists('data/.daydream/responses')).toBe(false);
  });

  it('brings answers to a clone that has the outputs but not the cache', async () => {
    await cache(kite, envFor(folder), 'push');
    kite.remove('data/.daydream/responses');
    expect(await cache(kite, envFor(folder), 'status')).toMatchObject({ onlyThere: 24 });
    expect(await cache(kite, envFor(folder), 'pull')).toMatchObject({ brought: 24 });
    kite.remove('data/gens');
    expect((await kite.build('--offline')).code).toBe(0);
  });

  it('holds answers under the server’s name, whatever label an earlier version gave it', async () => {
    for (const path of kite.files('data/.daydream/responses')) {
      const response = JSON.parse(kite.read(path)) as { asked: Record<string, string> };
      const asked = { ...response.asked, provider: path.includes('/0') ? 'forgotten' : 'lab' };
      kite.write(path, JSON.stringify({ ...response, asked }));
    }
    const forgotten = kite.files('data/.daydream/responses').filter((path) => path.includes('/0')).length;
    const report = await cache(kite, envFor(folder), 'push');
    expect(report).toMatchObject({ code: 0, sent: 24 - forgotten, unnamed: forgotten });
    const other = member();
    await cache(other, envFor(folder), 'pull');
    for (const path of other.files('data/.daydream/responses'))
      expect(JSON.parse(other.read(path))).toMatchObject({ asked: { provider: provider.url } });
  });
});

describe('what can not be', () => {
  it.each([
    ['no remote', {}, 'push', 'there is no remote cache'],
    ['a mode that only reads', { DAYDREAM_REMOTE: 'file:x' }, 'push', 'nothing is written to it'],
    [
      'a mode that only writes',
      { DAYDREAM_REMOTE: 'file:x', DAYDREAM_REMOTE_MODE: 'write' },
      'pull',
      'nothing is read from it',
    ],
    [
      'a mode that is none',
      { DAYDREAM_REMOTE: 'file:x', DAYDREAM_REMOTE_MODE: 'rw' },
      'status',
      'one of off, read, write, both',
    ],
    [
      'an address that means nothing',
      { DAYDREAM_REMOTE: 'ftp://x' },
      'status',
      'none of s3:, https:, http: and file:',
    ],
    [
      'a remote that is off',
      { DAYDREAM_REMOTE: 'file:x', DAYDREAM_REMOTE_MODE: 'off' },
      'status',
      'there is no remote cache',
    ],
  ])('%s', async (_what, env, action, words) => {
    const { code, stderr } = await member().run(['cache', action], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('DD198');
    expect(stderr).toContain(words);
  });

  it('a seal without its key, and nothing is written open in its place', async () => {
    const folder = folderStorage();
    const kite = built({ remote: { url: folder.url, mode: 'both', seal: true } });
    const { code, stderr } = await kite.run(['cache', 'push']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DAYDREAM_REMOTE_KEY is not set') as string,
    });
    expect(readdirSync(folder.path)).toEqual([]);
    const { code: sealed } = await kite.run(['cache', 'push'], { env: { DAYDREAM_REMOTE_KEY: 'k' } });
    expect(sealed).toBe(0);
    expect(readdirSync(join(folder.path, 'ac'))).toHaveLength(24);
  });

  it('an address in the config that means nothing, whatever is run', async () => {
    const { code, stderr } = await member({ remote: { url: 's3:/team' } }).run(['plan']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/DD198.*remote\.url/s) as string,
    });
  });

  it('an action that there is not', async () => {
    const { code, stderr } = await member().run(['cache', 'clear']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not `clear`') as string,
    });
  });
});

describe('a storage that fails', () => {
  it.each([
    [
      'is not there',
      async () => ({ url: `http://127.0.0.1:${await freePort()}`, env: {}, close: async () => {} }),
      'ECONNREFUSED',
    ],
    [
      'answers 500',
      () => startScripted({ mischief: () => ({ kind: 'status', status: 500 }) }),
      '500 server error',
    ],
    [
      'refuses to be written',
      () =>
        startScripted({
          mischief: ({ method }) => (method === 'PUT' ? { kind: 'status', status: 403 } : undefined),
        }),
      '403 forbidden',
    ],
  ] as const)('%s: what is not sent is named, and is sent the next time', async (_what, start, why) => {
    const kite = built();
    storage = await start();
    const { code, stdout, stderr } = await kite.run(['cache', 'push'], { env: envFor(storage) });
    expect(code).toBe(1);
    expect(stdout).toContain('sent 0 answers');
    expect(stderr).toMatch(/DD698.*24 answers could not be sent.*for [a-z]_\w+, /);
    expect(stderr).toContain(why);
    const folder = folderStorage();
    expect(await cache(kite, envFor(folder), 'push')).toMatchObject({ code: 0, sent: 24 });
  });
});
