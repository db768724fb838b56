// Programs that die in the middle: killed at a step of their writing, killed at any moment, or cut from the power. Whatever was paid
// for and acknowledged is kept, nothing is torn or half true, and the next build ends where a clean one would have.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  seededRandom,
  startFakeProvider,
  type FakeProvider,
  type FakeRequest,
} from '../support/fakeprovider.ts';
import { KITE_FILES, makeKite, type Kite } from '../support/kite.ts';
import { makeProject, type Ended, type TestProject } from '../support/project.ts';

const KILLS = process.env['DAYDREAM_SOAK'] === undefined ? 30 : 300;
const SEED = Number(process.env['DAYDREAM_SEED'] ?? 7);
const CONCURRENCY = 4;
/** Calls in flight, and replies on their way to the disk: nothing beyond them is ever bought twice. */
const UNDER_WAY = CONCURRENCY * 2 + 16;
const DISK = pathToFileURL(join(import.meta.dirname, '../support/faultydisk.mjs')).href;

let server: FakeProvider;
const whenAsked = new Set<() => void>();
beforeAll(async () => {
  server = await startFakeProvider({ answer: (request) => told(request) });
});
afterAll(() => server.close());

/** The same text for the same question, so that what a crashed project ends with can be compared with a clean one. */
function told(request: FakeRequest): string {
  for (const hear of whenAsked) hear();
  const mark = createHash('sha256').update(`${request.model}\n${request.prompt}`).digest('hex').slice(0, 8);
  if (request.prompt.startsWith('Judge')) return `Thoughts.\nSCORE: ${Number.parseInt(mark, 16) % 10}`;
  return `On ${mark}.\n<essay>\nBy ${request.model}.\n</essay>\nEnd.`;
}

let kite: Kite;
let random: () => number;
beforeEach(() => {
  kite = makeKite(server.url);
  random = seededRandom(SEED);
  edits = 0;
});

const BUILD = ['build', '--json', '--yes', '--concurrency', String(CONCURRENCY)];
let edits = 0;

/** Something to do: a new text of a template, of a concept, or every draft once more. */
function change(): readonly string[] {
  edits++;
  const kind = Math.floor(random() * 4);
  if (kind === 0) return ['--force', 'draft'];
  const name = ['data/1_raw/templates/draft/d-one.txt', 'data/1_raw/templates/essay/e-llm.txt'][kind - 1];
  kite.write(
    name ?? 'data/1_raw/concepts/descriptions-paragraph/k1.txt',
    name === undefined ? `Flies ${edits}.\n` : `${KITE_FILES[name] ?? ''}\nEdition ${edits}`,
  );
  return [];
}

function responses(project: TestProject): readonly { readonly genId: string; readonly text: string }[] {
  return project
    .files('data/.daydream')
    .filter((name) => /\/responses\/..\/[^.]/.test(name))
    .map((name) => JSON.parse(project.read(name)) as { genId: string; text: string });
}

/** What must hold at any moment, whoever died a moment ago. */
function expectSound(project: TestProject, ended: Ended, before: { cached: number; billed: number }): number {
  const cached = responses(project);
  const acknowledged = ended.stdout
    .split('\n')
    .filter((line) => line.includes('"type":"generation"') && line.includes('"called"'))
    .map((line) => (JSON.parse(line) as { genId: string }).genId);
  const kept = new Set(cached.map(({ genId }) => genId));
  expect(acknowledged.filter((genId) => !kept.has(genId))).toEqual([]);
  const lost = server.billed - before.billed - (cached.length - before.cached);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(UNDER_WAY);
  return lost;
}

/** Metadata, records and cache entries that are no JSON; what is half written lies under a name of its own. */
function tornFiles(project: TestProject): readonly string[] {
  return project
    .files('data')
    .filter((name) => name.endsWith('.json') && !/\/\.[^/]*\.tmp(?:\/|$)/.test(name))
    .filter((name) => {
      try {
        JSON.parse(project.read(name));
        return false;
      } catch {
        return true;
      }
    });
}

/** Artifacts, memberships and reports by path; what tells of runs and times is left out. */
function results(project: TestProject, wanted: RegExp): ReadonlyMap<string, string> {
  return new Map(
    project
      .files('data')
      .filter((name) => /\/(?:prompt|raw|parsed)\.txt$|membership\.csv$|\/reports\/.*\.csv$/.test(name))
      .filter((name) => !name.includes('/.daydream/') && wanted.test(name))
      .map((name) => [name, project.read(name)]),
  );
}

/** A build to the end, which is green, runs nothing again, holds nothing for edited, and equals a clean one. */
async function expectWhole(fault: 'kill' | 'cut' = 'kill'): Promise<void> {
  const { code, stderr, stdout } = await kite.run(BUILD);
  expect(code, `${stdout}${stderr}`).toBe(0);
  // What says how a text came about is no part of the result, and costs no flush of its own.
  const torn = tornFiles(kite).filter((name) => fault === 'kill' || !/(?:raw|parsed)_metadata/.test(name));
  expect(torn).toEqual([]);
  const asked = server.requests.length;
  expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  expect(server.requests.length).toBe(asked);
  const edited = await kite.run(['ls', 'state:edited', '--format', 'csv', '--columns', 'gen_id']);
  expect(edited.stdout.trim().split('\n').slice(1)).toEqual([]);
  const inputs = Object.keys(KITE_FILES).map((name) => [name, kite.read(name)]);
  const clean = makeProject(Object.fromEntries(inputs) as Record<string, string>);
  expect((await clean.run(BUILD)).code).toBe(0);
  // A power cut may leave blanks in the columns of reports that come from what says how a text came about.
  const compared = fault === 'kill' ? /./ : /\.txt$|membership\.csv$/;
  expect(results(kite, compared)).toEqual(results(clean, compared));
  const found = readdirSync(kite.path('data/gens'), { recursive: true }).map(String);
  expect((await kite.run(['gc', '--yes'])).code).toBe(0);
  expect(found.filter((name) => name.endsWith('.tmp') && kite.exists(`data/gens/${name}`))).toEqual([]);
}

const faulty = (fault: object): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import ${DISK}`,
  FAULTY_DISK: JSON.stringify({ below: kite.path('data'), ...fault }),
});

/** How many steps of writing a build takes. */
async function stepsOf(words: readonly string[]): Promise<number> {
  const tally = kite.path('steps');
  const probe = await kite.run([...BUILD, ...words], { env: faulty({ at: -1, tally }) });
  expect(probe.code, `${probe.stderr}`).toBe(0);
  return Number(readFileSync(tally, 'utf8'));
}

describe('a build that dies', () => {
  it.each(['kill', 'cut'] as const)(
    'at any step of its writing (%s) loses nothing that was acknowledged',
    { timeout: 3_600_000 },
    async (fault) => {
      const most = await stepsOf([]);
      let lost = 0;
      let died = 0;
      for (let round = 0; died < KILLS / 2; round++) {
        let words = change();
        // Up to three deaths in a row, each in the ruins of the one before.
        for (let deaths = 1 + Math.floor(random() * 3); deaths > 0; deaths--) {
          const before = { cached: responses(kite).length, billed: server.billed };
          const at = 1 + Math.floor(random() ** 2 * most);
          const env = faulty({ at, fault, seed: 1 + round });
          const ended = await kite.run([...BUILD, ...words], { env });
          lost += expectSound(kite, ended, before);
          // A power cut may take the bytes of what can be made again; the next build finds that out.
          expect(fault === 'kill' ? tornFiles(kite) : []).toEqual([]);
          if (ended.code === null) died++;
          words = [];
        }
        if (round % 4 === 3) await expectWhole(fault);
      }
      await expectWhole(fault);
      expect(died).toBeGreaterThanOrEqual(KILLS / 2);
      process.stdout.write(`${died} deaths by ${fault}, ${lost} replies cut off in flight\n`);
    },
  );

  it('at any moment loses nothing that was acknowledged', { timeout: 3_600_000 }, async () => {
    expect((await kite.run(BUILD)).code).toBe(0);
    let lost = 0;
    let died = 0;
    for (let round = 0; died < KILLS / 2; round++) {
      const words = change();
      const before = { cached: responses(kite).length, billed: server.billed };
      const building = kite.start([...BUILD, ...words]);
      const kill = (): void => void setTimeout(() => building.child.kill('SIGKILL'), random() * 20);
      let calls = 1 + Math.floor(random() * 16);
      const hear = (): void => {
        calls--;
        if (calls === 0) kill();
      };
      whenAsked.add(hear);
      const timer = setTimeout(() => building.child.kill('SIGKILL'), 150 + random() * 3000);
      const ended = await building.ended;
      clearTimeout(timer);
      whenAsked.delete(hear);
      lost += expectSound(kite, ended, before);
      expect(tornFiles(kite)).toEqual([]);
      if (ended.code === null) died++;
      if (round % 5 === 4) await expectWhole();
    }
    await expectWhole();
    expect(died).toBeGreaterThanOrEqual(KILLS / 2);
    process.stdout.write(`${died} deaths by SIGKILL, ${lost} replies cut off in flight\n`);
  });
});
