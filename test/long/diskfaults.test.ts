// A disk that refuses, at each kind of write: the error says what and where, what was paid for is kept somewhere that is named, the
// exit code is right, and once the disk works again the next build goes on without paying twice.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, SPEC, type Kite } from '../support/kite.ts';
import type { Ended } from '../support/program.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const DISK = pathToFileURL(join(import.meta.dirname, '../support/faultydisk.mjs')).href;
const CONCURRENCY = 4;

let server: FakeProvider;
let kite: Kite;
beforeAll(async () => {
  server = await startFakeProvider({ answer: kiteAnswer });
});
afterAll(() => server.close());
beforeEach(() => {
  kite = makeKite(server.url);
});

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
  readonly data?: { readonly aside?: string };
  readonly place?: { readonly file?: string };
}

interface Faulty extends Ended {
  readonly problems: readonly Problem[];
}

async function faulty(
  {
    command = 'build',
    ...fault
  }: { readonly command?: 'build' | 'watch'; readonly [setting: string]: unknown },
  ...words: readonly string[]
): Promise<Faulty> {
  const env = {
    NODE_OPTIONS: `--import ${DISK}`,
    FAULTY_DISK: JSON.stringify({ below: kite.path('data'), ...fault }),
  };
  const ended = await kite.run([command, '--json', '--yes', '--concurrency', String(CONCURRENCY), ...words], {
    env,
  });
  const last = ended.stdout.trim().split('\n').at(-1) ?? '';
  const said = last.startsWith('{') ? (JSON.parse(last) as { problems?: Problem[] }).problems : [];
  return { ...ended, problems: said ?? [] };
}

const cached = (): number =>
  kite.exists('data/.daydream/responses')
    ? kite.files('data/.daydream/responses').filter((name) => !/\/\.[^/]*$/.test(name)).length
    : 0;

/** Puts replies into their places, as the message says. */
function putBack(problems: readonly Problem[]): void {
  const found = problems.flatMap(({ data, place }) =>
    data?.aside === undefined || place?.file === undefined ? [] : [{ aside: data.aside, file: place.file }],
  );
  for (const { aside, file } of found) {
    expect(existsSync(aside)).toBe(true);
    mkdirSync(dirname(file), { recursive: true });
    renameSync(aside, file);
  }
}

/** What a build on a disk that works again must find: everything paid for, and no damage. */
async function expectUnharmed(paid: number, billedBefore: number): Promise<void> {
  expect(cached()).toBe(paid);
  const { code, stdout, stderr } = await kite.run(['build', '--json', '--yes']);
  expect(code, `${stdout}${stderr}`).toBe(0);
  expect(server.billed - billedBefore).toBe(cached());
  expect((await kite.build()).steps).toEqual([]);
  const edited = await kite.run(['ls', 'state:edited', '--format', 'csv', '--columns', 'gen_id']);
  expect(edited.stdout.trim().split('\n').slice(1)).toEqual([]);
}

const CODES = ['ENOSPC', 'EACCES', 'EROFS', 'EMFILE', 'EIO'] as const;
/** Which file refuses, and from which step of its writing on. */
const PLACES = [
  { what: 'a reply', match: '/responses/', code: 'DD509' },
  { what: 'an artifact', match: 'raw.txt', code: 'DD504' },
  { what: 'a record of a generation', match: 'metadata.json', code: 'DD504' },
  { what: 'the ledger', match: 'calls.jsonl', code: 'DD619' },
  { what: 'the membership', match: 'membership.csv', code: 'DD504' },
  { what: 'the index', match: 'gens.bin', code: 'DD504' },
  { what: 'the graph', match: 'graph.bin', code: 'DD504' },
  { what: 'the lock', match: 'lock.json', code: 'DD504' },
  { what: 'a report', match: '/reports/', code: 'DD504' },
  { what: 'the record of the run', match: '/runs/', code: 'DD504' },
  { what: 'anything of the state folder', match: '/.daydream/', code: 'DD504' },
] as const;

/** Each place and each refusal at least once, in turn; the long form tries each with each. */
const REFUSALS = PLACES.flatMap((place, at) =>
  CODES.filter((_, number) => SOAK || number === at % CODES.length).map((fault) => ({ fault, ...place })),
);

describe('a disk', () => {
  it.each(REFUSALS)('that answers $fault to the writing of $what', async ({ fault, match, code }) => {
    const billed = server.billed;
    const ended = await faulty({ fault, match, at: 1, lasting: true });
    expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(2);
    expect(ended.problems.map((each) => each.code)).toContain(code);
    for (const { message, cure } of ended.problems) {
      expect(message).toContain(fault);
      expect(cure).not.toBe('');
    }
    putBack(ended.problems);
    const known = cached();
    // Replies whose requests were out when the disk first refused are kept too: nothing paid for is thrown away.
    expect(known).toBe(server.billed - billed);
    await expectUnharmed(known, billed);
  });
});

it('a state folder that becomes full during a build loses no reply', async () => {
  const billed = server.billed;
  // The lock is there by then, and the first replies are on their way.
  const ended = await faulty({ fault: 'ENOSPC', match: '/.daydream/', at: 40, lasting: true });
  expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(2);
  expect(ended.problems.map((each) => each.code)).toContain('DD509');
  putBack(ended.problems);
  expect(cached()).toBe(server.billed - billed);
  await expectUnharmed(cached(), billed);
});

it('a watch whose state folder becomes full ends with the same words', async () => {
  const billed = server.billed;
  const ended = await faulty({
    fault: 'ENOSPC',
    match: '/.daydream/',
    at: 40,
    lasting: true,
    command: 'watch',
  });
  expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(2);
  expect(ended.problems.map((each) => each.code)).toContain('DD509');
  expect(ended.stderr).not.toMatch(/^ +at /m);
  putBack(ended.problems);
  expect(cached()).toBe(server.billed - billed);
  await expectUnharmed(cached(), billed);
});

describe('a disk that refuses once', () => {
  it(
    'at any step leaves nothing that the next build can not go on from',
    { timeout: 3_600_000 },
    async () => {
      const tally = kite.path('steps');
      expect((await faulty({ at: -1, tally })).code).toBe(0);
      const most = Number(readFileSync(tally, 'utf8'));
      expect(most).toBeGreaterThan(100);
      // An odd stride, so that what refuses is a step of another kind each time.
      const step = SOAK ? 1 : Math.ceil(most / 8) | 1;
      for (let at = 1; at <= most; at += step) {
        rmSync(kite.path('data/gens'), { recursive: true, force: true });
        rmSync(kite.path('data/.daydream'), { recursive: true, force: true });
        const billed = server.billed;
        const ended = await faulty({ fault: CODES[at % CODES.length], at });
        expect([0, 1, 2], `${ended.stderr}`).toContain(ended.code);
        putBack(ended.problems);
        const known = cached();
        expect(known).toBe(server.billed - billed);
        await expectUnharmed(known, billed);
      }
    },
  );
});

describe('a data root', () => {
  it('that is not there is said to be missing', async () => {
    rmSync(kite.path('data'), { recursive: true });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD114');
  });

  it('in which a file stands in the way of a folder is named', async () => {
    kite.write('data/gens', 'a file');
    const { code, stderr } = await kite.run(['build', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('data/gens');
    expect(kite.read('data/gens')).toBe('a file');
  });
});

describe('a pipe in the place of a file is refused, and nobody waits for who writes into it', () => {
  it.each([
    [CONFIG_FILE, 'DD104'],
    ['data/1_raw/draft_templates.csv', 'DD201'],
    [SPEC, 'DD201'],
  ])('%s', async (path, code) => {
    rmSync(kite.path(path));
    execFileSync('mkfifo', [kite.path(path)]);
    expect(await kite.run(['check'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error ${code} ${path}: `) as string,
    });
  });
});
