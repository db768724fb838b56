// One cohort built by several processes, each on a data root of its own, and assembled by a plain build that buys nothing.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow } from '../../src/inputs/disk/foldertree.ts';
import { startFakeProvider, type FakeProvider, type FakeRequest } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { copyFolder, scratchFolder } from '../support/project.ts';

const OF = 3;
const REPLICATES = 'data/1_raw/replication_config.csv';
const LEDGER = 'data/.daydream/calls.jsonl';
const RESPONSES = 'data/.daydream/responses';

let server: FakeProvider;

async function serve(): Promise<void> {
  // The same question has the same answer, whoever asks it and however often.
  const answer = (request: FakeRequest): string => kiteAnswer({ ...request, index: 0 });
  server = await startFakeProvider({ answer, cost: () => 0.001 });
}

function kite(more: Readonly<Record<string, unknown>> = {}): Kite {
  return makeKite(undefined, {
    [CONFIG_FILE]: settingsFor(server.url, { confirmAbove: 100, ...more }),
    [REPLICATES]: 'stage,replicates\ndraft,4\nessay,1\nevaluation,2\n',
  });
}

const shards = Array.from({ length: OF }, (_, index) => `${index + 1}/${OF}`);

function ledgerOf(project: Kite): readonly Record<string, unknown>[] {
  if (!project.exists(LEDGER)) return [];
  return project
    .read(LEDGER)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a cohort in shards', () => {
  let whole: Kite;
  let parts: readonly Kite[];
  let built: readonly Awaited<ReturnType<Kite['run']>>[];
  /** Calls of a plain build, and of all shards together: twins, equal questions of two chains, are bought by each shard that meets one. */
  let asked: number;
  let askedInShards: number;
  beforeAll(async () => {
    await serve();
    whole = kite();
    await whole.run(['build']);
    asked = server.requests.length;
    parts = shards.map(() => kite());
    const all = [];
    for (const [number, part] of parts.entries())
      all.push(await part.run(['build', '--shard', shards[number] ?? '', '--json']));
    built = all;
    askedInShards = server.requests.length - asked;
  });
  afterAll(() => server.close());

  it('is built once, each generation by one shard, and every shard ends well', async () => {
    expect(built.map(({ code }) => code)).toEqual(shards.map(() => 0));
    const made = await Promise.all(parts.map(async (part) => currentIn(part)));
    expect(made.every((ids) => ids.length > 0)).toBe(true);
    expect(made.flat().sort()).toEqual((await currentIn(whole)).sort());
    const kept = parts.map((part) => filesBelow(part.path(RESPONSES)));
    expect([...new Set(kept.flat())].sort()).toEqual(filesBelow(whole.path(RESPONSES)));
    // Within a shard every question is asked once; a question that two shards have in common is bought by both.
    expect(kept.map(({ length }) => length).reduce((sum, each) => sum + each)).toBe(askedInShards);
  });

  it('says which part each call was of, and on what machine', () => {
    for (const [number, part] of parts.entries())
      for (const line of ledgerOf(part))
        expect(line).toMatchObject({ shard: shards[number], host: expect.stringMatching(/./) as unknown });
    for (const line of ledgerOf(whole)) expect(line).not.toHaveProperty('shard');
  });

  it('is assembled by a plain build for nothing, to the byte', async () => {
    const assembled = kite();
    for (const part of parts) copyFolder(part.path(RESPONSES), assembled.path(RESPONSES));
    const before = server.requests.length;
    expect((await assembled.run(['build'])).code).toBe(0);
    expect(server.requests).toHaveLength(before);
    expect((await assembled.check()).code).toBe(0);
    for (const id of await currentIn(whole)) {
      const raw = `data/gens/${id}/raw.txt`;
      expect(assembled.read(raw)).toBe(whole.read(raw));
    }
  });

  it('costs what its ledgers say together, a copied line once', async () => {
    const [first] = parts;
    const others = parts.slice(1).map((part) => part.path(LEDGER));
    const words = [...others, first?.path(LEDGER) ?? ''].flatMap((path) => ['--ledger', path]);
    const cost = JSON.parse(
      (await (first ?? whole).run(['cost', '--by', 'shard', '--json', ...words])).stdout,
    ) as { total: { replies: number; cost: number }; lines: { shard: string }[] };
    expect(cost.total.replies).toBe(askedInShards);
    expect(cost.total.cost).toBeCloseTo(askedInShards * 0.001, 9);
    expect(cost.lines.map(({ shard }) => shard)).toEqual(shards);
  });

  it('costs what is known where shards asked nothing, and so have no ledger; a path that is wrong is a mistake', async () => {
    const pattern = await whole.run(['cost', '--ledger', 'shards/*/calls.jsonl']);
    expect(pattern).toMatchObject({ code: 0, stdout: expect.stringContaining('lab/w1') as unknown });
    expect(pattern.stderr).toContain('"shards/*/calls.jsonl" names no file');
    expect((await whole.run(['cost', '--ledger', 'shards/1/calls.jsonl'])).code).toBe(2);
  });

  it('asks twins once for each shard that meets them; one shard after the other, with one remote cache, once', async () => {
    expect(askedInShards).toBeGreaterThan(asked);
    const team = { DAYDREAM_REMOTE: `file:${scratchFolder()}`, DAYDREAM_REMOTE_MODE: 'both' };
    const before = server.requests.length;
    for (const shard of shards)
      expect(await kite().run(['build', '--shard', shard], { env: team })).toMatchObject({ code: 0 });
    expect(server.requests.length - before).toBe(asked);
    const assembled = kite();
    expect(await assembled.run(['build', '--no-calls'], { env: team })).toMatchObject({ code: 0 });
    expect(server.requests.length - before).toBe(asked);
    expect((await assembled.check()).code).toBe(0);
  });

  it('takes nothing from a shard whose inputs are others, and says what is missing', async () => {
    const other = kite();
    other.edit(DRAFT, 'Use:', 'Use these:');
    await other.run(['build', '--shard', shards[1] ?? '']);
    const assembled = kite();
    for (const part of [parts[0], other, parts[2]])
      if (part !== undefined) copyFolder(part.path(RESPONSES), assembled.path(RESPONSES));
    const before = server.requests.length;
    const { code, stderr } = await assembled.run(['build', '--no-calls']);
    expect(code).toBe(1);
    expect(stderr).toContain('--no-calls allows no call');
    // What is missing is of that shard, and made from the template that differs: nobody else has it.
    const [one, , three] = await Promise.all(parts.map(async (part) => currentIn(part)));
    const made = await currentIn(assembled);
    expect(made).toEqual(expect.arrayContaining([...(one ?? []), ...(three ?? [])]));
    expect(made.length).toBeLessThan((await currentIn(whole)).length);
    expect(server.requests).toHaveLength(before);
    expect((await assembled.run(['build'])).code).toBe(0);
    for (const id of await currentIn(whole)) {
      const raw = `data/gens/${id}/raw.txt`;
      expect(assembled.read(raw)).toBe(whole.read(raw));
    }
  });

  it('runs a shard again for nothing', async () => {
    const before = server.requests.length;
    const again = await parts[0]?.run(['build', '--shard', shards[0] ?? '']);
    expect(again).toMatchObject({ code: 0 });
    expect(server.requests).toHaveLength(before);
  });

  async function currentIn(project: Kite): Promise<string[]> {
    const { stdout } = await project.run(['ls', 'state:current', '--json']);
    const { generations } = JSON.parse(stdout) as { generations: { gen_id: string; stage: string }[] };
    return generations.map(({ stage, gen_id: id }) => `${stage}/${id}`);
  }
});

describe('what a shard may', () => {
  afterEach(() => server.close());

  it('is a part of each limit, said aloud, unless its limits are its own', async () => {
    await serve();
    const project = kite({ pools: { llm_api_free: { concurrency: 9, requestsPerMinute: 2 } } });
    const plan = async (...words: readonly string[]): Promise<unknown> =>
      (JSON.parse((await project.run(['plan', '--json', ...words])).stdout) as { part: unknown }).part;
    expect(await plan('--shard', '2/3')).toMatchObject({
      index: 2,
      of: 3,
      limitsDividedBy: 3,
      limits: expect.arrayContaining([
        expect.objectContaining({ limit: 'concurrency', part: expect.any(Number) as unknown }),
      ]) as unknown,
    });
    expect(await plan('--shard', '2/3', '--shard-share', 'full')).toEqual({
      index: 2,
      of: 3,
      limitsDividedBy: 1,
      limits: [],
    });
    const { stdout } = await project.run(['plan', '--shard', '2/3', '--max-cost', '6']);
    expect(stdout).toContain('part 2 of 3: limits of pools and of money are divided by 3');
    expect(stdout).toContain('cap $6.00 -> $2.00');
  });

  it('a third of the cap is all that a third may spend', async () => {
    await serve();
    const cap = ['--max-cost', '0.009'];
    expect((await kite().run(['build', '--shard', '1/3', ...cap])).code).toBe(3);
    const asked = server.requests.length;
    expect(asked * 0.001).toBeLessThanOrEqual(0.003);
    // Where the share is the whole, so is the cap.
    await kite().run(['build', '--shard', '1/3', '--shard-share', 'full', ...cap]);
    expect(server.requests.length - asked).toBeGreaterThan(asked);
  });

  it('a third of confirmAbove is all that a third spends unasked', async () => {
    await serve();
    const project = kite({ confirmAbove: 0.000003 });
    expect((await project.run(['build', '--shard', '1/3'])).stderr).toContain('above less than $0.0001');
    expect(server.requests).toHaveLength(0);
  });

  it('is found out from the scheduler', async () => {
    await serve();
    const project = kite();
    const found = await project.run(['plan', '--shard', 'auto', '--json'], {
      env: { SLURM_ARRAY_TASK_ID: '2', SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '4' },
    });
    expect(JSON.parse(found.stdout)).toMatchObject({ part: { index: 3, of: 4 } });
    expect(await project.run(['plan', '--shard', 'auto'])).toMatchObject({ code: 2 });
    expect(await project.run(['build', '--shard', '5/4'])).toMatchObject({ code: 2 });
  });
});
