// Builds of a team: what one has paid for, the others get from storage that they share. Whatever that storage does, a build ends as it
// would without it, nothing wrong is used, and nothing that was paid for is lost.
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  faults,
  startFakeProvider,
  type FakeProvider,
  type FakeReply,
  type FakeRequest,
} from '../support/fakeprovider.ts';
import { DRAFT, ESSAY, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { needing } from '../support/needs.ts';
import {
  folderStorage,
  freePort,
  startApache,
  startLighttpd,
  startNginx,
  startS3rver,
  startScripted,
  startSignedBucket,
  type Mischief,
  type ScriptedRequest,
  type ScriptedStorage,
  type Storage,
} from '../support/remotes.ts';
import type { Ended } from '../support/program.ts';

/** The same question has the same answer, whoever asks and when. */
const answerOf = ({ prompt, model }: FakeRequest): string =>
  `<essay>On ${hash('sha256', prompt).slice(0, 12)}</essay>\nby ${model}.\nSCORE: 7.0`;

type Env = Readonly<Record<string, string>>;

let provider: FakeProvider;
/** What it answers instead of what it is asked for. */
let reply: FakeReply | undefined;
/** How often it was paid before the test. */
let before = 0;
const closing: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  provider = await startFakeProvider({
    answer: answerOf,
    cost: () => 0.5,
    fault: () => (reply === undefined ? undefined : faults.reply(reply)),
  });
});
beforeEach(() => {
  reply = undefined;
  before = provider.billed;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => provider.close());

/** Answers that were paid for in this test. */
const bought = (): number => provider.billed - before;

async function opened<T extends Storage>(starting: Promise<T> | T): Promise<T> {
  const storage = await starting;
  closing.push(storage.close);
  return storage;
}

const envFor = ({ url, env }: Storage, more: Env = {}): Env => ({
  ...env,
  DAYDREAM_REMOTE: url,
  DAYDREAM_REMOTE_MODE: 'both',
  ...more,
});

/** A project of one member of the team. On a machine that is busy an answer of the storage takes its time. */
const member = (more: Readonly<Record<string, unknown>> = {}, url = provider.url): Kite =>
  makeKite(undefined, {
    'daydream.config.json': settingsFor(url, { timeouts: { remote: 60_000 }, ...more }),
  });

const build = (kite: Kite, env: Env, ...words: readonly string[]): Promise<Ended> =>
  kite.run(['build', '--yes', ...words], { env });

/** What the build's JSON says at its end of the remote cache. */
function remoteIn({ stdout }: Ended): Readonly<Record<string, unknown>> {
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return (events.find(({ type }) => type === 'build_finished')?.['remote'] ?? {}) as Readonly<
    Record<string, unknown>
  >;
}

const texts = (kite: Kite, name = 'raw.txt'): Readonly<Record<string, string>> =>
  Object.fromEntries(
    kite
      .files('data/gens')
      .filter((path) => path.endsWith(name))
      .map((path) => [path, kite.read(path)]),
  );

const local = (kite: Kite): readonly string[] =>
  kite.exists('data/.daydream/responses') ? kite.files('data/.daydream/responses') : [];

describe.each([
  { what: 'nginx', needs: needing('nginx'), start: () => startNginx() },
  { what: 'Apache', needs: needing('apache2'), start: () => startApache() },
  { what: 'lighttpd', needs: needing('lighttpd', 'lighttpd-mod-webdav'), start: () => startLighttpd() },
  { what: 's3rver', needs: needing(), start: () => startS3rver() },
  { what: 'a bucket that checks signatures', needs: needing(), start: () => startSignedBucket() },
  { what: 'a folder', needs: needing(), start: () => folderStorage() },
])('over $what', ({ needs, start }) => {
  it(
    'B builds with no call what A has paid for, byte for byte, with no key, and check is green',
    needs,
    async () => {
      const env = envFor(await opened(start()), { DAYDREAM_REMOTE_KEY: 'correct horse' });
      const [a, b] = [
        member(),
        member({ providers: { lab: { baseURL: provider.url, apiKeyEnv: 'LAB_KEY' } } }),
      ];
      const first = await build(a, { ...env }, '--json');
      expect(first).toMatchObject({ code: 0 });
      expect(bought()).toBe(24);
      expect(remoteIn(first)).toMatchObject({
        standing: { missed: 24, kept: 24, found: 0, failures: 0 },
        left: [],
      });

      const second = await build(b, { ...env, DAYDREAM_REMOTE_MODE: 'read' }, '--no-calls', '--json');
      expect(second).toMatchObject({ code: 0 });
      expect(bought()).toBe(24);
      expect(remoteIn(second)).toMatchObject({ standing: { found: 24, kept: 0, failures: 0 }, left: [] });
      for (const name of ['prompt.txt', 'raw.txt', 'parsed.txt'])
        expect(texts(b, name)).toEqual(texts(a, name));
      expect((await b.check()).code).toBe(0);
      expect(local(b)).toHaveLength(24);
    },
  );
});

describe('a storage', () => {
  let storage: ScriptedStorage;
  let env: Env;
  beforeEach(async () => {
    storage = await opened(startScripted());
    env = envFor(storage);
  });

  it('is said in one line at the start and one at the end, and who paid is on record', async () => {
    const [a, b] = [member(), member()];
    const first = await build(a, env);
    expect(first.stderr).toContain(`remote: reads and writes ${storage.url}\n`);
    expect(first.stderr).toContain(`remote: ${storage.url}: 24 not there, 24 kept\n`);
    expect(first.stderr).not.toContain('saved by the team');
    const second = await build(b, { ...env, DAYDREAM_REMOTE_MODE: '' });
    expect(second.stderr).toContain(`remote: reads ${storage.url}\n`);
    expect(second.stderr).toContain(`remote: ${storage.url}: 24 found\n`);
    expect(second.stderr).toContain('saved by the team: $12.00 for 24 answers');
    expect(second.stderr).toContain('24 answers from the cache');
    const run = JSON.parse((await b.run(['runs', 'show', 'last', '--json'])).stdout) as Record<
      string,
      unknown
    >;
    expect(run).toMatchObject({
      cost: 0,
      saved: 12,
      team: { answers: 24, saved: 12 },
      remote: { found: 24, left: [] },
    });
    expect((await b.run(['runs', 'show', 'last'])).stdout).toContain('by the team $12.00, 24 answers');
    expect((await b.run(['runs', '--format', 'csv'])).stdout).toMatch(/,team_usd,.*\n.*,12\.0,/);
    const cost = await b.run(['cost']);
    expect(cost.stdout + cost.stderr).toContain('saved by the team: $12.00 for 24 answers');
    expect(JSON.parse((await b.run(['cost', '--json'])).stdout)).toMatchObject({
      team: { answers: 24, saved: 12 },
    });
    // Nothing is to be done, so nobody is asked and nothing is said.
    expect((await build(b, env)).stderr).not.toContain('remote');
  });

  it('is asked for what is new only: what lies here is not looked for there', async () => {
    const a = member();
    await build(a, env);
    a.remove('data/gens');
    a.edit(ESSAY, 'End', 'The end');
    const again = await build(a, env, '--json');
    expect(remoteIn(again)).toMatchObject({ standing: { found: 0, missed: 4 + 8, kept: 4 + 8 } });
  });

  it('takes what is forced in place of what lay there; who has the old one keeps it', async () => {
    const [a, b, c] = [member(), member(), member()];
    await build(a, env);
    await build(b, env);
    const old = texts(b);
    reply = { content: '<essay>Another answer altogether.</essay>\nLine two.\nLine three.\nSCORE: 3.0' };
    const forced = await build(a, env, '--force', 'draft', '--json');
    expect(forced.code).toBe(0);
    expect(remoteIn(forced)).toMatchObject({ standing: { found: 0 } });
    await build(b, env);
    expect(texts(b)).toEqual(old);
    await build(c, env, '--no-calls');
    expect(texts(c)).toEqual(texts(a));
    expect(texts(c)).not.toEqual(old);
  });

  it('gives a miss to who asks another server under the same name', async () => {
    const other = await startFakeProvider({ answer: answerOf });
    closing.push(other.close);
    const [a, b] = [member(), member({}, other.url)];
    await build(a, env);
    const ended = await build(b, env, '--json');
    expect(ended.code).toBe(0);
    expect(other.billed).toBe(24);
    expect(remoteIn(ended)).toMatchObject({ standing: { found: 0, missed: 24, kept: 24 } });
  });

  it('lets two build at the same time', async () => {
    const [a, b] = [member(), member()];
    const ends = await Promise.all([a, b].map((kite) => kite.start(['build', '--yes'], { env }).ended));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    // Who asks at the same moment pays too, and no more than that.
    expect(bought()).toBeLessThanOrEqual(48);
    const c = member();
    expect((await build(c, env, '--no-calls')).code).toBe(0);
    expect(bought()).toBeLessThanOrEqual(48);
    for (const kite of [a, b, c]) expect((await kite.check()).code).toBe(0);
  });

  it('is neither read nor written in the modes that say so, and not touched offline', async () => {
    const [a, b, c] = [member(), member(), member()];
    await build(a, { ...env, DAYDREAM_REMOTE_MODE: 'read' });
    expect(storage.objects.size).toBe(0);
    await build(a, { ...env, DAYDREAM_REMOTE_MODE: 'off' }, '--force', 'draft');
    expect(storage.objects.size).toBe(0);
    expect(remoteIn(await build(b, { ...env, DAYDREAM_REMOTE_MODE: 'write' }, '--json'))).toMatchObject({
      standing: { found: 0, missed: 0, kept: 24 },
    });
    expect((await build(c, env, '--offline')).code).toBe(1);
    expect(local(c)).toEqual([]);
  });

  it('is not written with what is no answer', async () => {
    reply = { content: 'cut', finishReason: 'length' };
    const a = member();
    const ended = await build(a, env, '--json');
    expect(ended.code).toBe(1);
    expect(local(a).length).toBeGreaterThan(0);
    expect(remoteIn(ended)).toMatchObject({ standing: { kept: 0 }, left: [] });
  });

  it('needs no key where it has every answer, and says which key is missing where it has not', async () => {
    const keyed = { providers: { lab: { baseURL: provider.url, apiKeyEnv: 'LAB_KEY', stream: false } } };
    const [a, b, c] = [member(keyed), member(keyed), member(keyed)];
    await build(a, { ...env, LAB_KEY: 'k' }, 'stage:draft');
    expect((await build(b, env, 'stage:draft')).code).toBe(0);
    const more = await build(c, env);
    expect(more.code).toBe(1);
    expect(more.stdout + more.stderr).toContain('LAB_KEY is not set');
    expect(Object.values(texts(c))).toEqual(expect.arrayContaining(Object.values(texts(a))));
  });
});

describe('plan --remote', () => {
  it('prices what nobody of the team has paid for, as far as it is known what is asked', async () => {
    const storage = await opened(startScripted());
    const env = envFor(storage);
    const [a, b] = [member(), member()];
    await build(a, env, 'stage:draft');
    const plain = await b.run(['plan'], { env });
    expect(plain.stdout).toContain('24 paid calls');
    const planned = storage.requests.length;
    const plan = await b.run(['plan', '--remote'], { env: { ...env, DAYDREAM_REMOTE_MODE: '' } });
    expect(plan.code).toBe(0);
    expect(plan.stdout).toContain('20 paid calls');
    expect(plan.stdout).toContain('; 4 answers from the team');
    expect(plan.stdout).toContain(`  remote: ${storage.url}: 4 of 4 answers there`);
    expect(storage.requests.slice(planned).map(({ method }) => method)).toEqual(Array(4).fill('HEAD'));
    expect(JSON.parse((await b.run(['plan', '--remote', '--json'], { env })).stdout)).toMatchObject({
      price: { team: 4, cached: 0, upper: { calls: 20 } },
      remote: { asked: 4, found: 4, untold: 0, standing: { name: storage.url } },
    });
    // What is asked anew is asked of the model.
    const forced = await b.run(['plan', '--remote', '--force', 'draft'], { env });
    expect(forced.stdout).toContain('24 paid calls');
    await build(b, env);
    expect((await b.run(['plan', '--remote'], { env })).stdout).toContain(': nothing to look for');
  });

  it('without a remote cache, or one that is not read, is refused', async () => {
    const a = member();
    const none = await a.run(['plan', '--remote']);
    expect({ code: none.code, said: none.stderr.includes('DD198') }).toEqual({ code: 2, said: true });
    const storage = await opened(startScripted());
    const env = envFor(storage, { DAYDREAM_REMOTE_MODE: 'write' });
    const written = await a.run(['plan', '--remote'], { env });
    expect(written.stderr).toContain('the mode of ');
    expect(written.code).toBe(2);
  });
});

describe('--no-calls', () => {
  it('buys nothing, and explains what is missing by what is there', async () => {
    const storage = await opened(startScripted());
    const [a, b] = [member(), member()];
    await build(a, envFor(storage), 'stage:draft');
    await build(b, envFor(storage), '--no-calls');
    b.edit(DRAFT, 'Use:', 'Take:');
    const ended = await build(b, envFor(storage), '--no-calls');
    expect(ended.code).toBe(1);
    expect(bought()).toBe(4);
    const said = ended.stdout + ended.stderr;
    expect(said).toContain(`not in the response cache, nor in ${storage.url}, and --no-calls allows no call`);
    expect(said).toMatch(/nearest is the request for d_\w+ of .*line \d+ of the prompt is/);
    expect(said).toContain('DD615');
    expect(texts(b)).not.toEqual({});
  });

  it('works without a remote cache, from what lies here', async () => {
    const a = member();
    await build(a, {});
    a.remove('data/gens');
    expect((await build(a, {}, '--no-calls')).code).toBe(0);
    a.edit(ESSAY, 'End', 'The end');
    const ended = await build(a, {}, '--no-calls');
    expect(ended.code).toBe(1);
    expect(ended.stdout + ended.stderr).toContain('not in the response cache, and --no-calls allows no call');
    expect(bought()).toBe(24);
  });

  it('says when the remote cache is why', async () => {
    const port = await freePort();
    const a = member();
    const ended = await build(
      a,
      envFor({ url: `http://127.0.0.1:${port}`, env: {}, close: async () => {} }),
      '--no-calls',
    );
    expect(ended.code).toBe(1);
    expect(ended.stdout + ended.stderr).toMatch(
      /not in the response cache, http:\/\/127\.0\.0\.1:\d+ (?:is off \(.*\)|did not say), and --no-calls/,
    );
  });
});

describe('a storage with faults', () => {
  /** What the storage holds when everything went well, by name. */
  let paid: ReadonlyMap<string, string>;
  let whole: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const storage = await startScripted();
    const a = member();
    await build(a, envFor(storage));
    paid = new Map(storage.objects);
    whole = texts(a);
    await storage.close();
    if (paid.size !== 24) throw new Error(`${paid.size} of 24 answers were kept`);
  });

  /** A member who builds on a storage that holds all of it and does this. */
  async function buildOn(
    mischief: (request: ScriptedRequest) => Mischief | undefined,
    timeouts: Readonly<Record<string, unknown>> = {},
  ): Promise<{
    readonly storage: ScriptedStorage;
    readonly kite: Kite;
    readonly ended: Ended;
  }> {
    const storage = await opened(startScripted({ mischief }));
    for (const [name, text] of paid) storage.objects.set(name, text);
    const kite = member(timeouts);
    return { storage, kite, ended: await build(kite, envFor(storage)) };
  }

  const flipped = (text = ''): string => {
    const at = Math.floor(text.length / 2);
    return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  };

  it.each<[string, (request: ScriptedRequest) => Mischief | undefined, string]>([
    ['hangs', () => ({ kind: 'hang', when: 'before' }), 'off for the rest: no answer within 0.4 s'],
    [
      'hangs in the middle of its answers',
      () => ({ kind: 'hang', when: 'within' }),
      'off for the rest: no answer within 0.4 s',
    ],
    ['answers 500', () => ({ kind: 'status', status: 500 }), 'off for the rest: 500 server error'],
    ['refuses everything', () => ({ kind: 'status', status: 403 }), 'off for the rest: 403 forbidden'],
    ['cuts what it holds', ({ method }) => (method === 'GET' ? { kind: 'half' } : undefined), '24 damaged'],
    [
      'has bits flipped',
      ({ method }) => (method === 'GET' ? { kind: 'text', text: flipped } : undefined),
      '24 damaged',
    ],
    [
      'holds what a newer daydream wrote',
      ({ method }) =>
        method === 'GET' ? { kind: 'text', text: () => '{"exitCode":0,"stdoutRaw":"CQkJ"}' } : undefined,
      '24 of a newer daydream',
    ],
    [
      'gives the answers to other questions',
      ({ method }) =>
        method === 'GET' ? { kind: 'text', text: () => [...paid.values()][0] ?? '' } : undefined,
      'to another question',
    ],
  ])('%s: the build ends as it would without, and says so', async (_what, mischief, said) => {
    const hangs = said.includes('0.4 s') ? { timeouts: { remote: 400 } } : {};
    const { kite, ended } = await buildOn(mischief, hangs);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain(said);
    expect(bought()).toBeGreaterThanOrEqual(23);
    expect(texts(kite)).toEqual(whole);
    expect(local(kite)).toHaveLength(24);
    expect((await kite.check()).code).toBe(0);
  });

  it('what lies there and helps nobody is replaced by what was bought in its stead', async () => {
    let broken = true;
    const { storage, ended } = await buildOn(({ method }) =>
      broken && method === 'GET' ? { kind: 'half' } : undefined,
    );
    broken = false;
    expect(ended.stderr).toContain('24 kept');
    const c = member();
    expect((await build(c, envFor(storage), '--no-calls')).code).toBe(0);
    expect(texts(c)).toEqual(whole);
  });

  it('another key’s answers are misses', async () => {
    const storage = await opened(startScripted());
    await build(member(), envFor(storage, { DAYDREAM_REMOTE_KEY: 'mine' }));
    const kite = member();
    const ended = await build(kite, envFor(storage, { DAYDREAM_REMOTE_KEY: 'theirs' }));
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(': 24 not there under this key, 24 kept\n');
    expect(bought()).toBe(48);
    expect(texts(kite)).toEqual(whole);
    // Their bodies under our names open no more than that.
    const sealed = [...storage.objects.values()];
    const swapped = await opened(
      startScripted({
        mischief: ({ method, index }) =>
          method === 'GET' ? { kind: 'text', text: () => sealed[index % sealed.length] ?? '' } : undefined,
      }),
    );
    const third = member();
    const last = await build(third, envFor(swapped, { DAYDREAM_REMOTE_KEY: 'theirs' }));
    expect(last.stderr).toMatch(/what lies there was not used: \d+ not of this key/);
    expect(texts(third)).toEqual(whole);
  });

  it('refuses writes: it is read for the rest of the run, said once, and the rest is left to `cache push`', async () => {
    const { storage, kite, ended } = await buildOn(({ method }) =>
      method === 'PUT' ? { kind: 'status', status: 403 } : undefined,
    );
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('24 found');
    kite.edit(ESSAY, 'End', 'The end');
    const more = await build(kite, envFor(storage));
    expect(more.code).toBe(0);
    expect(more.stderr.match(/nothing more was written: 403 forbidden/g)).toHaveLength(1);
    expect(more.stderr).toMatch(
      /12 answers did not get to http:.*\(\w_\w+, .*…\): `daydream cache push` sends them/,
    );
    expect(storage.requests.filter(({ method }) => method === 'PUT').length).toBeLessThanOrEqual(12);
    const rights = await opened(startScripted());
    await kite.run(['cache', 'push'], { env: envFor(rights) });
    const clone = member();
    clone.edit(ESSAY, 'End', 'The end');
    const last = await build(clone, envFor(rights), '--no-calls');
    expect(last).toMatchObject({ code: 0 });
  });

  it('takes nothing for as long as it hangs: what is left at the end is named, and sent later', async () => {
    const storage = await opened(
      startScripted({
        mischief: ({ method }) => (method === 'PUT' ? { kind: 'hang', when: 'before' } : undefined),
      }),
    );
    const kite = member();
    const ended = await build(kite, envFor(storage), '--remote-wait', '0', '--json');
    expect(ended.code).toBe(0);
    const { left } = remoteIn(ended) as { readonly left: readonly { readonly genId: string }[] };
    expect(left).toHaveLength(24);
    expect(new Set(left.map(({ genId }) => genId)).size).toBe(24);
    const other = await opened(startScripted());
    expect((await kite.run(['cache', 'push'], { env: envFor(other) })).stdout).toContain('sent 24 answers');
  });

  it('is not there: the build goes on without', async () => {
    const kite = member();
    const ended = await build(
      kite,
      envFor({ url: `http://127.0.0.1:${await freePort()}`, env: {}, close: async () => {} }),
    );
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/remote: http:\S+: off for the rest: .*ECONNREFUSED/);
    expect(ended.stderr).toMatch(/24 answers did not get to http:/);
    expect(texts(kite)).toEqual(whole);
  });

  it('killed between keeping an answer here and sending it: nothing is lost, and `cache push` completes', async () => {
    const storage = await opened(
      startScripted({
        mischief: ({ method }) => (method === 'PUT' ? { kind: 'hang', when: 'before' } : undefined),
      }),
    );
    const kite = member();
    const building = kite.start(['build', '--yes'], { env: envFor(storage) });
    await expect
      .poll(() => storage.requests.filter(({ method }) => method === 'PUT').length)
      .toBeGreaterThanOrEqual(4);
    building.child.kill('SIGKILL');
    await building.ended;
    const kept = local(kite).filter((path) => !path.endsWith('.tmp')).length;
    expect(kept).toBeGreaterThanOrEqual(4);
    expect(storage.objects.size).toBe(0);
    const other = await opened(startScripted());
    const pushed = await kite.run(['cache', 'push', '--json'], { env: envFor(other) });
    expect(JSON.parse(pushed.stdout)).toMatchObject({ sent: kept, left: [] });
    const clone = member();
    const paidFor = bought();
    expect((await build(clone, envFor(other))).code).toBe(0);
    expect(bought() - paidFor).toBe(24 - kept);
  });

  it('what was forced and not sent is sent by `cache push`, unless somebody has asked anew since', async () => {
    const other = await opened(startScripted());
    const [a, b] = [member(), member()];
    await build(a, envFor(other));
    await build(b, { ...envFor(other), DAYDREAM_REMOTE_MODE: 'read' }, '--force', 'draft');
    const pushed = await b.run(['cache', 'push', '--json'], { env: envFor(other) });
    expect(JSON.parse(pushed.stdout)).toMatchObject({ sent: 4, there: 20 });
    const again = await b.run(['cache', 'push', '--json'], { env: envFor(other) });
    expect(JSON.parse(again.stdout)).toMatchObject({ sent: 0, there: 24 });
    await build(a, envFor(other), '--force', 'draft');
    const later = await b.run(['cache', 'push', '--json'], { env: envFor(other) });
    expect(JSON.parse(later.stdout)).toMatchObject({ sent: 0, there: 24 });
  });
});

describe('a drive that hangs', () => {
  it('holds up neither the build nor its end', async () => {
    const folder = await opened(folderStorage());
    const a = member();
    await build(a, envFor(folder));
    // A pipe that nobody writes to is a file that never comes.
    const hanging = await opened(folderStorage());
    mkdirSync(join(hanging.path, 'ac'));
    for (const name of readdirSync(join(folder.path, 'ac')))
      execFileSync('mkfifo', [join(hanging.path, 'ac', name)]);
    const kite = member({ timeouts: { remote: 300 } });
    const paidFor = bought();
    const ended = await kite.start(['build', '--yes'], { env: envFor(hanging) }).ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('off for the rest: no answer within 0.3 s');
    expect(bought() - paidFor).toBe(24);
    rmSync(hanging.path, { recursive: true });
  });
});
