// The same questions to every kind of storage, each a server that others wrote: nginx, Apache, lighttpd, s3rver, a bucket that checks
// signatures with AWS's own code, and a folder.
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressFor, answerTo, closeRemotes, remoteAt } from '../support/answers.ts';
import { needing } from '../support/needs.ts';
import {
  asOnThePage,
  folderStorage,
  startApache,
  startLighttpd,
  startNginx,
  startS3rver,
  startSignedBucket,
  type Storage,
} from '../support/remotes.ts';

const SIGNAL = new AbortController().signal;

let storage: Storage;
afterEach(async () => {
  await closeRemotes();
  await storage.close();
});

describe.each([
  { what: 'nginx', needs: needing('nginx'), start: () => startNginx() },
  { what: 'Apache', needs: needing('apache2'), start: () => startApache() },
  { what: 'lighttpd', needs: needing('lighttpd', 'lighttpd-mod-webdav'), start: () => startLighttpd() },
  { what: 's3rver', needs: needing(), start: () => startS3rver() },
  { what: 'a bucket that checks signatures', needs: needing(), start: () => startSignedBucket() },
  {
    what: 'a bucket with keys for an hour',
    needs: needing(),
    start: () => startSignedBucket({ session: 'for+an/hour==' }),
  },
  {
    what: 'a bucket without conditional writes',
    needs: needing(),
    start: () => startSignedBucket({ conditional: false }),
  },
  { what: 'a folder', needs: needing(), start: async () => folderStorage() },
])('$what', ({ needs, start, what }) => {
  describe('as it is', needs, () => {
    beforeEach(async () => {
      storage = await start();
    });
    /** These overwrite whatever they are asked to leave alone. */
    const careless = ['nginx', 's3rver', 'a bucket without conditional writes'].includes(what);

    it('gives back what was kept, and nothing that was not', async () => {
      const remote = remoteAt(storage);
      expect(await remote.find(addressFor(1), SIGNAL)).toEqual({ kind: 'missing' });
      expect(await remote.has(addressFor(1), SIGNAL)).toBe(false);
      expect(await remote.keep(answerTo(1), 'keep', SIGNAL)).toBe('kept');
      expect(await remote.has(addressFor(1), SIGNAL)).toBe(true);
      const other = remoteAt(storage, { mode: 'read' });
      expect(await other.find(addressFor(1), SIGNAL)).toEqual({ kind: 'answer', response: answerTo(1) });
      expect(await other.find(addressFor(2), SIGNAL)).toEqual({ kind: 'missing' });
      expect(other.standing).toMatchObject({ found: 1, missed: 1, failures: 0, unusable: {} });
    });

    it('keeps what lies there, where the server can tell, and replaces it where that is wanted', async () => {
      const remote = remoteAt(storage);
      await remote.keep(answerTo(1), 'keep', SIGNAL);
      const second = await remote.keep(answerTo(1, 'Other.'), 'keep', SIGNAL);
      expect(second).toBe(careless ? 'kept' : 'there');
      expect(await remote.keep(answerTo(1, 'Third.'), 'replace', SIGNAL)).toBe('kept');
      expect(await remote.find(addressFor(1), SIGNAL)).toMatchObject({ response: { text: 'Third.' } });
      expect(remote.standing).toMatchObject({ failures: 0 });
    });

    it('takes a hundred at once', async () => {
      const remote = remoteAt(storage);
      const numbers = Array.from({ length: 100 }, (_, number) => number);
      const kept = await Promise.all(numbers.map((each) => remote.keep(answerTo(each), 'keep', SIGNAL)));
      expect(new Set(kept)).toEqual(new Set(['kept']));
      const found = await Promise.all(numbers.map((each) => remote.find(addressFor(each), SIGNAL)));
      expect(found).toEqual(numbers.map((each) => ({ kind: 'answer', response: answerTo(each) })));
    });

    it('holds what is sealed for who has the key, and for nobody else', async () => {
      const sealed = remoteAt(storage, { passphrase: 'correct horse' });
      expect(await sealed.keep(answerTo(1), 'keep', SIGNAL)).toBe('kept');
      expect(await remoteAt(storage, { passphrase: 'correct horse' }).find(addressFor(1), SIGNAL)).toEqual({
        kind: 'answer',
        response: answerTo(1),
      });
      for (const passphrase of ['wrong horse', undefined]) {
        const other = remoteAt(storage, passphrase === undefined ? {} : { passphrase });
        expect(await other.has(addressFor(1), SIGNAL)).toBe(false);
        expect(await other.find(addressFor(1), SIGNAL)).toEqual({ kind: 'missing' });
      }
    });
  });
});

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/team.md'), 'utf8');

describe.each([
  {
    what: 'nginx',
    needs: needing('nginx'),
    start: () => startNginx({ as: asOnThePage(PAGE, 'location /answers/') }),
  },
  {
    what: 'Apache',
    needs: needing('apache2'),
    start: () => startApache({ as: asOnThePage(PAGE, 'Alias /answers') }),
  },
  {
    what: 'lighttpd',
    needs: needing('lighttpd', 'lighttpd-mod-webdav'),
    start: () => startLighttpd({ as: asOnThePage(PAGE, 'server.modules +=') }),
  },
])('$what, set up as docs/team.md says', ({ needs, start }) => {
  it('keeps and gives to who has the password, and to nobody else', needs, async () => {
    storage = await start();
    const url = (user: string): string => `http://${user}@${new URL(storage.url).host}/answers`;
    const ours = remoteAt({ url: url('ada:secret'), env: {} });
    expect(await ours.probe(SIGNAL)).toEqual({});
    expect(await ours.keep(answerTo(1), 'keep', SIGNAL)).toBe('kept');
    expect(await ours.find(addressFor(1), SIGNAL)).toEqual({ kind: 'answer', response: answerTo(1) });
    const theirs = remoteAt({ url: url('ada:wrong'), env: {} });
    expect(await theirs.probe(SIGNAL)).toEqual({ reading: '401 unauthorized', writing: '401 unauthorized' });
  });
});

describe('a server that may only be read', needing('nginx'), () => {
  it('is read, and not written again after the first refusal', async () => {
    storage = await startNginx({ rights: 'read' });
    const remote = remoteAt(storage);
    expect(await remote.keep(answerTo(1), 'keep', SIGNAL)).toBe('not_kept');
    expect(remote.writes).toBe(false);
    expect(remote.reads).toBe(true);
    expect(remote.standing).toMatchObject({ readOnly: '403 forbidden', failures: 1 });
    expect(await remote.find(addressFor(1), SIGNAL)).toEqual({ kind: 'missing' });
    expect(remote.standing).not.toHaveProperty('off');
  });
});

describe('a bucket', () => {
  it('refuses a wrong secret, and says so in its own words', async () => {
    const bucket = await startSignedBucket({ key: 'another' });
    storage = bucket;
    const remote = remoteAt(storage);
    expect(await remote.keep(answerTo(1), 'keep', SIGNAL)).toBe('not_kept');
    expect(remote.standing).toMatchObject({ readOnly: '403 forbidden SignatureDoesNotMatch' });
    await remote.find(addressFor(1), SIGNAL);
    await remote.find(addressFor(1), SIGNAL);
    await remote.find(addressFor(1), SIGNAL);
    expect(remote.standing).toMatchObject({ off: '403 forbidden SignatureDoesNotMatch' });
    expect(bucket.objects.size).toBe(0);
    expect(bucket.log).toHaveLength(4);
  });

  it('that hides what is not there from who may not list it counts as one without it, and that is told', async () => {
    const bucket = await startSignedBucket();
    storage = bucket;
    const remote = remoteAt({ url: bucket.url, env: {} });
    for (const number of [1, 2, 3, 4]) await remote.find(addressFor(number), SIGNAL);
    expect(remote.standing).toMatchObject({ missed: 4, hidden: 4, hiddenAs: '403 forbidden AccessDenied' });
    expect(remote.reads).toBe(true);
  });

  it('is asked once more without the condition by a server that knows none, and then never with it', async () => {
    const bucket = await startSignedBucket({ conditional: false });
    storage = bucket;
    const remote = remoteAt(bucket);
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    await remote.keep(answerTo(2), 'keep', SIGNAL);
    expect(bucket.log.map((line) => line.split(' ').at(-1))).toEqual(['501', '200', '200']);
  });
});

describe('a folder', () => {
  it('holds whole files under their names, and nothing else', async () => {
    const folder = folderStorage();
    storage = folder;
    const remote = remoteAt(folder);
    await remote.keep(answerTo(1), 'keep', SIGNAL);
    await remote.keep(answerTo(1, 'Anew.'), 'replace', SIGNAL);
    expect(readdirSync(join(folder.path, 'ac'))).toEqual([addressFor(1)]);
    const { exitCode, stdoutRaw } = JSON.parse(
      readFileSync(join(folder.path, 'ac', addressFor(1)), 'utf8'),
    ) as { readonly exitCode: number; readonly stdoutRaw: string };
    expect(exitCode).toBe(0);
    expect(Buffer.from(stdoutRaw, 'base64')[0]).toBe(1);
  });

  it('that is not mounted holds nothing, is not made, and is off after three looks', async () => {
    const folder = folderStorage();
    storage = folder;
    renameSync(folder.path, `${folder.path}-elsewhere`);
    const remote = remoteAt(folder);
    for (const number of [1, 2, 3]) await remote.find(addressFor(number), SIGNAL);
    expect(remote.standing).toMatchObject({ off: `the folder ${folder.path} is not there`, missed: 0 });
    expect(await remote.keep(answerTo(1), 'keep', SIGNAL)).toBe('not_kept');
    expect(existsSync(folder.path)).toBe(false);
    renameSync(`${folder.path}-elsewhere`, folder.path);
  });
});
