// A storage that does not do what it should: nothing wrong is used, nobody waits for long, and what can still be done is done.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Remote } from '../../src/remote/remote.ts';
import { lookForAnswers } from '../../src/engine/upkeep/sharing.ts';
import { addressFor, answerTo, closeRemotes, remoteAt } from '../support/answers.ts';
import { freePort, startScripted, type Mischief, type ScriptedStorage } from '../support/remotes.ts';

const SIGNAL = new AbortController().signal;

let storage: ScriptedStorage;
let mischief: (index: number, method: string) => Mischief | undefined = () => undefined;
async function begin(options: Parameters<typeof remoteAt>[1] = {}): Promise<Remote> {
  storage = await startScripted({ mischief: ({ index, method }) => mischief(index, method) });
  return remoteAt(storage, options);
}
afterEach(async () => {
  mischief = () => undefined;
  await closeRemotes();
  await storage?.close();
});

const look = async (remote: Remote, count: number): Promise<void> => {
  for (let number = 0; number < count; number++) await remote.find(addressFor(number), SIGNAL);
};

describe('a storage that is not there', () => {
  it('is off after three looks, and is not asked again', async () => {
    const remote = remoteAt({ url: `http://127.0.0.1:${await freePort()}`, env: {} });
    await look(remote, 2);
    expect(remote.reads).toBe(true);
    await look(remote, 3);
    expect(remote.reads).toBe(false);
    expect(remote.standing).toMatchObject({
      off: expect.stringContaining('ECONNREFUSED') as string,
      failures: 3,
    });
    expect(await remote.keep(answerTo(1), 'keep', SIGNAL)).toBe('not_kept');
    expect(await remote.has(addressFor(1), SIGNAL)).toBeUndefined();
  });

  it('that takes no connection is given up as soon as one should be there', async () => {
    // Its backlog is full: what comes now is never accepted.
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const remote = remoteAt({ url: `http://127.0.0.1:${port}`, env: {} }, { connectMs: 50, requestMs: 200 });
    await look(remote, 3);
    expect(remote.reads).toBe(false);
  });
});

describe('a storage that hangs', () => {
  it.each(['before', 'within'] as const)(
    '%s its answer is off once three have waited in vain',
    async (when) => {
      const remote = await begin({ requestMs: 100 });
      mischief = () => ({ kind: 'hang', when });
      // All that are under way are let go together.
      await Promise.all(
        Array.from({ length: 40 }, async (_, number) => remote.find(addressFor(number), SIGNAL)),
      );
      expect(remote.standing).toMatchObject({ off: 'no answer within 0.1 s', failures: 3, found: 0 });
    },
  );

  it('while it is written is off too', async () => {
    const remote = await begin({ requestMs: 100 });
    mischief = () => ({ kind: 'hang', when: 'before' });
    const kept = await Promise.all([1, 2, 3, 4].map((each) => remote.keep(answerTo(each), 'keep', SIGNAL)));
    expect(kept).toEqual(['not_kept', 'not_kept', 'not_kept', 'not_kept']);
    expect(remote.standing).toMatchObject({ off: 'no answer within 0.1 s' });
  });
});

describe('a probe', () => {
  it('of a storage that works says nothing, whatever the mode and the seal, and counts nothing', async () => {
    for (const options of [{}, { passphrase: 'ours' }, { mode: 'read' }] as const) {
      const remote = await begin(options);
      expect(await remote.probe(SIGNAL)).toEqual({});
      expect(await remote.probe(SIGNAL)).toEqual({});
      expect(remote.standing).toMatchObject({ found: 0, missed: 0, kept: 0, failures: 0 });
      expect(storage.objects.size).toBe('mode' in options ? 0 : 1);
      await storage.close();
    }
  });

  it.each<[string, Mischief, string, object]>([
    ['that may not be written', { kind: 'status', status: 403 }, 'PUT', { writing: '403 forbidden' }],
    ['that may not be read', { kind: 'status', status: 401 }, 'GET', { reading: '401 unauthorized' }],
    [
      'that keeps nothing',
      { kind: 'status', status: 404 },
      'GET',
      { reading: 'what was just written is not there' },
    ],
    [
      'that answers something else',
      { kind: 'text', text: () => '<html>Sign in</html>' },
      'GET',
      { reading: 'what was just written reads otherwise' },
    ],
    [
      'that hangs',
      { kind: 'hang', when: 'before' },
      'PUT',
      { reading: 'no answer within 0.1 s', writing: 'no answer within 0.1 s' },
    ],
  ])('of a storage %s says so', async (_what, does, to, said) => {
    const remote = await begin({ requestMs: does.kind === 'hang' ? 100 : 10_000 });
    mischief = (_index, method) => (method === to ? does : undefined);
    expect(await remote.probe(SIGNAL)).toEqual(said);
  });
});

describe('a look while planning', () => {
  it('says what is there, 64 at a time, and what it could not say in time', async () => {
    const remote = await begin();
    for (let number = 0; number < 100; number++) await remote.keep(answerTo(number), 'keep', SIGNAL);
    const addresses = new Set(Array.from({ length: 200 }, (_, number) => addressFor(number)));
    const { there, untold } = await lookForAnswers(remote, addresses);
    expect(there).toEqual(new Set([...addresses].slice(0, 100)));
    expect({ untold, most: storage.most <= 64 }).toEqual({ untold: 0, most: true });
    mischief = (index) => (index >= 310 ? { kind: 'hang', when: 'before' } : undefined);
    const late = await lookForAnswers(remote, addresses, 100);
    expect(late.untold).toBeGreaterThanOrEqual(190);
    expect(remote.standing.off).toBeUndefined();
  });
});

describe('failures', () => {
  it('count in a row only', async () => {
    const remote = await begin();
    mischief = (index) => (index % 3 === 2 ? undefined : { kind: 'status', status: 500 });
    await look(remote, 9);
    expect(remote.reads).toBe(true);
    expect(remote.standing).toMatchObject({ failures: 6, missed: 3 });
  });

  it('of writing leave what can be read', async () => {
    const remote = await begin();
    mischief = (_index, method) => (method === 'PUT' ? { kind: 'status', status: 507 } : undefined);
    for (const number of [1, 2, 3, 4]) await remote.keep(answerTo(number), 'keep', SIGNAL);
    expect(storage.requests).toHaveLength(3);
    expect(remote.standing).toMatchObject({ readOnly: '507 no space left' });
    expect(await remote.find(addressFor(1), SIGNAL)).toEqual({ kind: 'missing' });
    expect(remote.reads).toBe(true);
  });

  it('are forgotten when a new run begins', async () => {
    const remote = await begin();
    mischief = () => ({ kind: 'status', status: 403 });
    await look(remote, 3);
    expect(remote.reads).toBe(false);
    mischief = () => undefined;
    remote.begin();
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    expect(await remote.find(addressFor(1), SIGNAL)).toMatchObject({ kind: 'answer' });
  });

  it('of a kept connection that was just closed are tried once more', async () => {
    const remote = await begin();
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    mischief = (index) => (index === 1 ? { kind: 'reset' } : undefined);
    expect(await remote.find(addressFor(1), SIGNAL)).toMatchObject({ kind: 'answer' });
    expect(remote.standing.failures).toBe(0);
  });
});

describe('a redirection', () => {
  it('is not followed: whoever set the address is to set the other one', async () => {
    const remote = await begin();
    mischief = () => ({ kind: 'status', status: 302 });
    await look(remote, 3);
    expect(remote.standing).toMatchObject({ off: '302' });
  });
});

describe('a page to sign in, for whatever is asked', () => {
  it('is no entry, is kept nothing and says nothing of what is there', async () => {
    const remote = await begin();
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    mischief = () => ({ kind: 'page' });
    expect(await remote.has(addressFor(1), SIGNAL)).toBeUndefined();
    expect(await remote.keep(answerTo(2), 'keep', SIGNAL)).toBe('not_kept');
    await look(remote, 2);
    expect(remote.standing).toMatchObject({ kept: 1, found: 0, off: 'a web page came in its place' });
  });
});

describe('what lies there and is of no use', () => {
  it.each([
    ['half of it', { kind: 'half' }, 'damaged', true],
    ['a page of a proxy', { kind: 'text', text: (): string => '<html>Sign in</html>' }, 'damaged', true],
    ['one of a later version', { kind: 'text', text: (): string => '{"stdoutRaw":"CQkJ"}' }, 'newer', false],
  ] as const)('%s is a miss that is counted', async (_what, kind, why, worthless) => {
    const remote = await begin();
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    mischief = () => kind;
    expect(await remote.find(addressFor(1), SIGNAL)).toEqual({ kind: 'unusable', worthless });
    expect(remote.standing).toMatchObject({ found: 0, unusable: { [why]: 1 }, failures: 0 });
  });

  it('the body of another key is a miss', async () => {
    const remote = await begin({ passphrase: 'mine' });
    await remoteAt(storage, { passphrase: 'theirs' }).keep(answerTo(1), 'keep', SIGNAL);
    const [theirs = ''] = storage.objects.values();
    mischief = () => ({ kind: 'text', text: () => theirs });
    expect(await remote.find(addressFor(1), SIGNAL)).toEqual({ kind: 'unusable', worthless: true });
    expect(remote.standing).toMatchObject({ unusable: { other_key: 1 } });
  });
});

describe('who gives up', () => {
  it('is not waited for, and it counts as nobody’s failure', async () => {
    const remote = await begin();
    mischief = () => ({ kind: 'hang', when: 'before' });
    const given = new AbortController();
    const looks = [1, 2, 3, 4].map((each) => remote.find(addressFor(each), given.signal));
    await storage.arrived(4);
    given.abort();
    expect(await Promise.all(looks)).toEqual([1, 2, 3, 4].map(() => ({ kind: 'untold' })));
    expect(remote.standing).toMatchObject({ failures: 0 });
    expect(remote.reads).toBe(true);
  });
});

describe('many at once', () => {
  it('are 64 under way, and no more', async () => {
    let open: () => void = () => {};
    storage = await startScripted({ gate: new Promise((resolve) => (open = resolve)) });
    const remote = remoteAt(storage);
    const looks = Array.from({ length: 200 }, async (_, number) => remote.find(addressFor(number), SIGNAL));
    await storage.arrived(64);
    open();
    await Promise.all(looks);
    expect(storage.most).toBe(64);
    expect(remote.standing).toMatchObject({ missed: 200, failures: 0 });
  });
});

describe('modes', () => {
  it('read writes nothing, write reads nothing', async () => {
    const reads = await begin({ mode: 'read' });
    expect(await reads.keep(answerTo(1), 'keep', SIGNAL)).toBe('not_kept');
    const writes = remoteAt(storage, { mode: 'write' });
    expect(await writes.keep(answerTo(1), 'keep', SIGNAL)).toBe('kept');
    expect(await writes.find(addressFor(1), SIGNAL)).toEqual({ kind: 'untold' });
    expect(storage.requests.map(({ method }) => method)).toEqual(['PUT']);
  });

  it('what is no answer is never written', async () => {
    const remote = await begin();
    expect(await remote.keep({ ...answerTo(1), kind: 'truncated' }, 'keep', SIGNAL)).toBe('not_kept');
    expect(storage.requests).toEqual([]);
  });
});
