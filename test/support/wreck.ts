// What must hold in a project whose program died in the middle, and what makes programs die: a disk that kills or cuts the power at one
// step of writing, and a server that is heard from. Knows no test.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { startFakeProvider, type FakeOptions, type FakeProvider, type FakeRequest } from './fakeprovider.ts';
import { ESSAY, CONFIG_FILE, KITE_FILES, type Kite } from './kite.ts';
import { makeProject, type TestProject } from './project.ts';

/** Killed: what was written is on the disk. Cut: what no flush made safe is not. */
export type Death = 'kill' | 'cut';

const CONCURRENCY = 4;
/** Calls in flight, and replies on their way to the disk: nothing beyond them is ever bought twice. */
const UNDER_WAY = CONCURRENCY * 2 + 16;
const DISK = pathToFileURL(join(import.meta.dirname, 'faultydisk.mjs')).href;
export const PAID = ['--json', '--yes', '--concurrency', String(CONCURRENCY)];
const BUILD = ['build', ...PAID];

export interface HeardProvider extends FakeProvider {
  /** Called at each question, before it is answered. */
  readonly whenAsked: Set<() => void>;
}

/** The same text for the same question, so that what a crashed project ends with can be compared with a clean one. */
export async function startHeardProvider(options: FakeOptions = {}): Promise<HeardProvider> {
  const whenAsked = new Set<() => void>();
  const answer = (request: FakeRequest): string => {
    for (const hear of whenAsked) hear();
    const mark = createHash('sha256').update(`${request.model}\n${request.prompt}`).digest('hex').slice(0, 8);
    if (request.prompt.startsWith('Judge')) return `Thoughts.\nSCORE: ${Number.parseInt(mark, 16) % 10}`;
    return `On ${mark}.\n<essay>\nBy ${request.model}.\n</essay>\nEnd.`;
  };
  // Getters would be copied as what they are now: the provider itself is extended.
  return Object.assign(await startFakeProvider({ ...options, answer }), { whenAsked });
}

const EDITED = ['data/1_raw/templates/draft/d-one.txt', ESSAY, undefined] as const;

/** A new text of a template or of a concept: the `number`th edition of the `which`th of three files. */
export function edit(kite: Kite, which: number, number: number): void {
  const name = EDITED[which];
  kite.write(
    name ?? 'data/1_raw/concepts/descriptions-paragraph/k1.txt',
    name === undefined ? `Flies ${number}.\n` : `${KITE_FILES[name] ?? ''}\nEdition ${number}`,
  );
}

/** Loads the faulty disk into a program: see `faultydisk.mjs`. */
export function faulty(kite: Kite, fault: object): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import ${DISK}`,
    FAULTY_DISK: JSON.stringify({ below: kite.path('data'), ...fault }),
  };
}

/** How many steps of writing a build takes. */
export async function stepsOfBuild(kite: Kite): Promise<number> {
  const tally = kite.path('steps');
  const probe = await kite.run(BUILD, { env: faulty(kite, { at: -1, tally }) });
  expect(probe.code, `${probe.stderr}`).toBe(0);
  return Number(readFileSync(tally, 'utf8'));
}

/** Who each entry of the response cache was made for, by the entry's path. */
function responses(project: TestProject): ReadonlyMap<string, string> {
  const state = project.exists('data/.daydream') ? project.files('data/.daydream') : [];
  const names = state.filter((name) => /\/responses\/..\/[^.]/.test(name));
  return new Map(
    names.map((name) => [name, (JSON.parse(project.read(name)) as { genId: string }).genId] as const),
  );
}

export interface Before {
  readonly cached: ReadonlyMap<string, string>;
  readonly billed: number;
}

export function before(kite: Kite, server: FakeProvider): Before {
  return { cached: responses(kite), billed: server.billed };
}

interface StreamLine {
  readonly type?: string;
  readonly genId?: string;
  readonly outcome?: { readonly steps?: readonly string[] };
  readonly givenUp?: number;
}

/** What a program said on its stream; a last line that it died over is left out. */
function linesOf(stdout: string): readonly StreamLine[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as StreamLine);
}

/** Every reply that the program said it had is in the response cache, beside those that were there before it. */
export function expectKept(kite: Kite, { stdout, since }: Pick<Ruin, 'stdout' | 'since'>): void {
  const now = responses(kite);
  for (const name of since.cached.keys()) expect(now.has(name), `${name} is gone`).toBe(true);
  const kept = new Map<string, number>();
  for (const [name, genId] of now) if (!since.cached.has(name)) kept.set(genId, (kept.get(genId) ?? 0) + 1);
  for (const { type, genId = '', outcome } of linesOf(stdout)) {
    if (type !== 'generation' || outcome?.steps?.includes('called') !== true) continue;
    const left = (kept.get(genId) ?? 0) - 1;
    expect(left, `the acknowledged reply for ${genId} is not kept`).toBeGreaterThanOrEqual(0);
    kept.set(genId, left);
  }
}

interface Ruin {
  readonly stdout: string;
  readonly since: Before;
  readonly server: FakeProvider;
}

/** What must hold at any moment, whoever died a moment ago. Gives back how many replies were billed and not kept. */
export function expectSound(kite: Kite, ruin: Ruin): number {
  const { stdout, since, server } = ruin;
  expectKept(kite, ruin);
  // A watch gives calls up that an edit made wrong: they may have been billed a moment before.
  const givenUp = linesOf(stdout).reduce((sum, line) => sum + (line.givenUp ?? 0), 0);
  const lost = server.billed - since.billed - (responses(kite).size - since.cached.size);
  expect(lost).toBeGreaterThanOrEqual(0);
  expect(lost).toBeLessThanOrEqual(UNDER_WAY + givenUp);
  return lost;
}

/** Metadata, records and cache entries that are no JSON; what is half written lies under a name of its own. */
export function tornFiles(project: TestProject): readonly string[] {
  return (
    project
      .files('data')
      .filter((name) => name.endsWith('.json') && !/\/\.[^/]*\.tmp(?:\/|$)/.test(name))
      // What a dead run told of itself is nobody's word.
      .filter((name) => !name.endsWith('/underway.json'))
      .filter((name) => {
        try {
          JSON.parse(project.read(name));
          return false;
        } catch {
          return true;
        }
      })
  );
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
export async function expectWhole(kite: Kite, server: FakeProvider, death: Death = 'kill'): Promise<void> {
  const { code, stderr, stdout } = await kite.run(BUILD);
  expect(code, `${stdout}${stderr}`).toBe(0);
  // What says how a text came about is no part of the result, and costs no flush of its own.
  const torn = tornFiles(kite).filter((name) => death === 'kill' || !/(?:raw|parsed)_metadata/.test(name));
  expect(torn).toEqual([]);
  const asked = server.requests.length;
  expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  expect(server.requests.length).toBe(asked);
  const edited = await kite.run(['ls', 'state:edited', '--format', 'csv', '--columns', 'gen_id']);
  expect(edited.stdout.trim().split('\n').slice(1)).toEqual([]);
  const config = kite.exists(CONFIG_FILE) ? CONFIG_FILE : 'daydream.config.ts';
  const names = [...Object.keys(KITE_FILES).filter((name) => name !== CONFIG_FILE), config];
  const inputs = names.map((name) => [name, kite.read(name)]);
  const clean = makeProject(Object.fromEntries(inputs) as Record<string, string>);
  expect((await clean.run(BUILD)).code).toBe(0);
  // A power cut may leave blanks in the columns of reports that come from what says how a text came about.
  const compared = death === 'kill' ? /./ : /\.txt$|membership\.csv$/;
  expect(results(kite, compared)).toEqual(results(clean, compared));
  rmSync(clean.root, { recursive: true });
  expect((await kite.run(['gc', '--yes'])).code).toBe(0);
  const half = kite.files('data').filter((name) => /\.tmp(?:\/|$)/.test(name) && !name.includes('/trash/'));
  expect(half).toEqual([]);
}
