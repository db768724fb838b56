// A build so large that a thread of its own writes: the same files as ever, the disk's faults told as ever, and nothing lost when the
// program dies in the middle.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { WORTH_A_THREAD } from '../../src/store/writing/pen.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { folderStorage } from '../support/remotes.ts';
import type { Ended } from '../support/program.ts';
import { before, expectKept } from '../support/wreck.ts';

const DISK = pathToFileURL(join(import.meta.dirname, '../support/faultydisk.mjs')).href;
/** Of each of eight essays. */
const EVALUATIONS = 50;
const LARGE = {
  'data/1_raw/replication_config.csv': `stage,replicates\ndraft,1\nessay,1\nevaluation,${EVALUATIONS}\n`,
};
const CALLS = 4 + 4 + 8 * EVALUATIONS;

let server: FakeProvider;
let kite: Kite;
beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer });
  kite = makeKite(server.url, LARGE);
});
afterEach(() => server.close());

interface Problem {
  readonly code: string;
  readonly data?: { readonly aside?: string };
  readonly place?: { readonly file?: string };
}

async function faulty(fault: object): Promise<Ended & { readonly problems: readonly Problem[] }> {
  const ended = await kite.run(['build', '--json', '--yes', '--concurrency', '16'], {
    env: {
      NODE_OPTIONS: `--import ${DISK}`,
      FAULTY_DISK: JSON.stringify({ below: kite.path('data'), ...fault }),
    },
  });
  const last = ended.stdout.trim().split('\n').at(-1) ?? '';
  const { problems = [] } = ended.code === null ? {} : (JSON.parse(last) as { problems?: Problem[] });
  return { ...ended, problems };
}

const responses = (): readonly string[] =>
  kite.exists('data/.daydream/responses')
    ? kite.files('data/.daydream/responses').filter((name) => !/\/\.[^/]*$/.test(name))
    : [];

/** Texts of all generations by path. */
function texts(): ReadonlyMap<string, string> {
  const names = kite.files('data/gens').filter((name) => name.endsWith('.txt'));
  return new Map(names.map((name) => [name, kite.read(name)]));
}

it('is large enough for this', () => {
  expect(CALLS).toBeGreaterThan(WORTH_A_THREAD);
});

describe('a build whose files a thread of its own writes', () => {
  it('leaves what builds in small steps leave', async () => {
    await kite.run(['build', '--provider', 'offline']);
    const large = texts();
    expect(large.size).toBe(3 * (4 + 8 + 8 * EVALUATIONS));
    kite.remove('data/gens');
    for (const selector of ['stage:draft', 'stage:essay', 'combo:A', 'combo:B'])
      expect((await kite.run(['build', selector, '--provider', 'offline'])).code).toBe(0);
    expect(texts()).toEqual(large);
    expect((await kite.run(['check', '--provider', 'offline'])).code).toBe(0);
  });

  it('is green, bought each answer once, and has nothing to do the second time', async () => {
    expect((await kite.run(['build', '--yes', '--concurrency', '64'])).code).toBe(0);
    expect(server.billed).toBe(CALLS);
    expect(responses()).toHaveLength(CALLS);
    expect((await kite.check('--verify')).code).toBe(0);
    expect((await kite.build()).steps).toEqual([]);
  });

  it('says which file the disk refused, and goes on from there', async () => {
    const { code, problems } = await faulty({ match: '/gens/', fault: 'ENOSPC', at: 400, lasting: true });
    expect(code).toBe(2);
    expect(problems.map((problem) => problem.code)).toContain('DD504');
    expect(problems.find((problem) => problem.code === 'DD504')?.place?.file).toContain('/gens/');
    await expectNothingLost(responses().length);
  });

  it('ends as ever out of what the team has, whatever becomes of the pack in which that is kept', async () => {
    const folder = folderStorage();
    const words = ['build', '--json', '--yes', '--concurrency', '16'];
    const remote = { DAYDREAM_REMOTE: folder.url, DAYDREAM_REMOTE_MODE: 'both' };
    const bought = await kite.run([...words, '--remote-wait', '600'], { env: remote });
    expect(bought.code, `${bought.stderr}`).toBe(0);
    const before = texts();
    const billed = server.billed;
    for (const name of ['gens', '.daydream']) kite.remove(`data/${name}`);
    const damaged = async (fault: object): Promise<number | null> =>
      (
        await kite.run([...words, '--no-calls'], {
          env: {
            ...remote,
            NODE_OPTIONS: `--import ${DISK}`,
            FAULTY_DISK: JSON.stringify({ below: kite.path('data'), match: '/packs/', ...fault }),
          },
        })
      ).code;
    // In the middle of the second write, and then full from the third step of a new pack on.
    expect(await damaged({ fault: 'kill', at: 4 })).toBeNull();
    expect(kite.files('data/.daydream/responses/packs')).toHaveLength(1);
    expect(await damaged({ fault: 'ENOSPC', at: 3, lasting: true })).toBe(0);
    expect(texts()).toEqual(before);
    expect(server.billed).toBe(billed);
  });

  it('names where it put a reply that could not be kept', async () => {
    const { code, problems } = await faulty({
      match: '/responses/',
      fault: 'ENOSPC',
      at: 300,
      lasting: true,
    });
    expect(code).toBe(2);
    const unkept = problems.filter((problem) => problem.code === 'DD509');
    expect(unkept.length).toBeGreaterThan(0);
    expect(unkept.every(({ data }) => existsSync(data?.aside ?? ''))).toBe(true);
    // One whose folder could not be flushed has its name already, and is put aside all the same.
    const names = [...responses(), ...unkept.map(({ place }) => place?.file ?? '')].map((path) =>
      basename(path),
    );
    expect(new Set(names).size).toBe(server.billed);
  });

  it.each(['/gens/', '/responses/'])(
    'goes on without the thread when that dies while it writes %s',
    async (match) => {
      const { code, stderr } = await faulty({ match, fault: 'thread', at: 300 });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(server.billed).toBe(CALLS);
      expect(responses()).toHaveLength(CALLS);
      await expectNothingLost(CALLS);
      expect(kite.files('data').filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );

  it.each([['kill', 'cut'], ['cut']])(
    'loses nothing that was acknowledged when it dies while it writes (%s, %s)',
    async (...faults) => {
      for (const [turn, fault] of faults.entries()) {
        const since = before(kite, server);
        const at = 500 + 300 * turn;
        const { code, stdout } = await faulty({ match: '/gens/', fault, at, seed: at });
        expect(code).toBeNull();
        expect(responses().length).toBeGreaterThan(since.cached.size);
        // What was in flight, or on its way to the disk, may be bought again: how much that is, the disk decides.
        expectKept(kite, { stdout, since });
      }
      await expectNothingLost(responses().length);
    },
  );
});

/** The next build asks for what is not in the response cache and for nothing else, and leaves a whole store. */
async function expectNothingLost(kept: number): Promise<void> {
  const before = server.billed;
  const { code, stderr } = await kite.run(['build', '--yes', '--concurrency', '64']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(server.billed - before).toBe(CALLS - kept);
  expect((await kite.check('--verify')).code).toBe(0);
  const edited = await kite.run(['ls', 'state:edited', '--format', 'csv', '--columns', 'gen_id']);
  expect(edited.stdout.trim().split('\n').slice(1)).toEqual([]);
}
