// What may not be read is neither absent nor empty: a folder that somebody else's rights close is said, and nothing is paid for on its
// account.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, SPEC, type Kite } from '../support/kite.ts';
import type { Ended } from '../support/program.ts';

const SEAM = join(import.meta.dirname, '../support/closedto.cjs');

let server: FakeProvider;
beforeAll(async () => {
  server = await startFakeProvider({ answer: kiteAnswer });
});
afterAll(() => server.close());

/** A command to which the disk refuses everything in this path. */
function closedTo(kite: Kite, path: string, words: readonly string[]): Promise<Ended> {
  return kite.run(words, { env: { NODE_OPTIONS: `--require ${SEAM}`, CLOSED_TO: path } });
}

async function builtKite(): Promise<Kite> {
  const kite = makeKite(server.url);
  expect((await kite.build()).code).toBe(0);
  return kite;
}

describe('an input folder that may not be read', () => {
  it.each(['data/1_raw/concepts', 'data/1_raw/concepts/descriptions-paragraph'])(
    'gives no concept its name for a text: %s',
    async (folder) => {
      const kite = await builtKite();
      const asked = server.requests.length;
      const { code, stderr } = await closedTo(kite, folder, ['build', '--yes']);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`DD201 ${folder}`) });
      expect(server.requests.length).toBe(asked);
    },
  );

  it('is no template that is missing', async () => {
    const kite = await builtKite();
    const { code, stderr } = await closedTo(kite, 'data/1_raw/templates/draft', ['check']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('DD201') });
  });
});

describe('a cohort that may not be read', () => {
  it.each(['data/cohorts/shut', 'data/cohorts/shut/spec'])('is there, and broken: %s', async (folder) => {
    const kite = await builtKite();
    kite.write('data/cohorts/shut/spec/config.yaml', kite.read(SPEC));
    expect((await kite.build()).code).toBe(0);
    const { code, stderr } = await closedTo(kite, folder, ['check']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`DD201 ${folder}`) });
    expect(await closedTo(kite, folder, ['check', 'cohort:C'])).toMatchObject({ code: 0 });
  });
});

describe('kept responses that may not be read', () => {
  it('are no reason to pay for them again', async () => {
    const kite = await builtKite();
    rmSync(kite.path('data/gens'), { recursive: true });
    const asked = server.requests.length;
    const shard = dirname(kite.files('data/.daydream/responses')[0] ?? '');
    const { code, stderr } = await closedTo(kite, shard, ['build', '--yes']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`DD588 ${shard}`) });
    expect(server.requests.length).toBe(asked);
  });
});

describe('a part of the store that may not be read', () => {
  it('is said as what can not be read, where nothing was to be written', async () => {
    const kite = await builtKite();
    for (const folder of ['data/gens/essay', kite.folder('A:d-one')]) {
      const { code, stderr } = await closedTo(kite, folder, ['check']);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`DD588 ${folder}`) });
    }
  });
});
