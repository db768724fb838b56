// Builds by a provider's batches, over real HTTP, in both shapes: what is sent, taken, asked again, and that nothing is paid for twice.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ROW_COST,
  startBatchServer,
  type BatchServer,
  type BatchServerOptions,
} from '../support/batchserver.ts';
import { realClock } from '../support/realclock.ts';
import { watchKite } from '../support/watching.ts';
import { answer, buildHere, costIn, kiteWith, SHAPES } from '../support/batching.ts';
import { KITE_FILES, makeKite, type Kite } from '../support/kite.ts';
import type { BuildOptions } from '../../src/api/request.ts';
import type { Stopping } from '../../src/api/building/guard.ts';

/** A kite's rounds: 4 drafts; 4 essays, and the evaluations of 4 copies; the evaluations of the essays. */
const DRAFTS = 4;
const LATER = [4, 8, 8];

let server: BatchServer;
afterEach(() => server.close());

async function kiteAt(
  shape: (typeof SHAPES)[number],
  options: Partial<BatchServerOptions> = {},
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Kite> {
  server = await startBatchServer({ shape, answer, ...options });
  return kiteWith(server, shape, more, files);
}

/** Builds until nothing waits for a batch any more; ends every batch between two builds. */
async function toTheEnd(kite: Kite): Promise<number> {
  for (let builds = 1; builds <= 9; builds++) {
    const { end } = await buildHere(kite, { batch: true });
    if (end === 'done') return builds;
    if (end !== 'limited') throw new Error(end);
    server.end();
  }
  throw new Error('it has no end');
}

/** The file of the only batch. */
function recordIn(kite: Kite): string {
  const names = readdirSync(kite.path('data/.daydream/batches'));
  return names.find((each) => !each.includes('rows')) ?? '';
}

interface Recorded {
  readonly state: string;
  readonly remote?: { readonly id: string };
}

function journalOf(kite: Kite): readonly Recorded[] {
  return readdirSync(kite.path('data/.daydream/batches'))
    .filter((name) => !name.endsWith('.rows.json'))
    .map((name) => JSON.parse(kite.read(`data/.daydream/batches/${name}`)) as Recorded);
}

/** Rows of each batch; within a round one model's may come before the other's. */
function sizes(): readonly number[] {
  const [first = 0, ...rest] = server.batches.map(({ rows }) => rows.length);
  return [first, ...rest.sort((a, b) => a - b)];
}

/** Each answer is billed once, is on the ledger once, and all is current. */
async function expectWhole(kite: Kite): Promise<void> {
  expect((await kite.check()).code).toBe(0);
  expect(new Set(server.billed).size).toBe(server.billed.length);
  expect(costIn(kite)).toBeCloseTo(server.billed.length * ROW_COST, 9);
}

describe.each(SHAPES)('a build by batches, %s', (shape) => {
  it('goes in rounds: it ends when only batches are open, and the next one takes them', async () => {
    const kite = await kiteAt(shape);
    const first = await kite.run(['build', '--batch']);
    expect(first).toMatchObject({ code: 3 });
    expect(first.stderr).toContain('put into batches');
    expect(server.batches.map(({ rows }) => rows.length)).toEqual([DRAFTS]);
    const status = JSON.parse((await kite.run(['status', '--json'])).stdout) as {
      states: Record<string, number>;
    };
    expect(status.states['submitted']).toBe(DRAFTS);
    expect(
      (await kite.run(['ls', 'state:submitted', '--format', 'csv'])).stdout.trim().split('\n'),
    ).toHaveLength(5);

    // Nothing has ended: nothing is asked again.
    expect(await kite.run(['build', '--batch'])).toMatchObject({ code: 3 });
    expect(await kite.run(['build'])).toMatchObject({ code: 3 });
    expect([server.batches.length, server.direct.length]).toEqual([1, 0]);

    server.end();
    expect(await toTheEnd(kite)).toBe(3);
    expect(server.direct).toEqual([]);
    expect(sizes()).toEqual([DRAFTS, ...LATER]);
    await expectWhole(kite);
    expect(await kite.run(['build', '--batch'])).toMatchObject({ code: 0 });
  });

  it('pays once for a question that two generations ask, and says so of the money', async () => {
    const twins = (KITE_FILES['data/combo_mappings.csv'] ?? '').replace('B,v1,k2', 'B,v1,k1');
    const kite = await kiteAt(shape, { prompt: true }, {}, { 'data/combo_mappings.csv': twins });
    const { end, summary } = await buildHere(kite, { batch: true, batchWait: 7_200_000 });
    expect([end, server.billed.length]).toEqual(['done', (DRAFTS + LATER.reduce((a, b) => a + b)) / 2]);
    expect(costIn(kite)).toBeCloseTo(server.billed.length * ROW_COST, 9);
    expect(summary?.cost).toBeCloseTo(server.billed.length * ROW_COST, 9);
  });

  it('asks with the address as the name of each row, and with an ordinary body', async () => {
    const kite = await kiteAt(shape);
    await kite.run(['build', '--batch']);
    const [row] = server.batches[0]?.rows ?? [];
    expect(row?.customId).toMatch(/^[0-9a-f]{64}$/);
    expect(row?.body).toMatchObject({ temperature: 0.7, max_tokens: 20_480 });
    expect(row?.body).not.toHaveProperty('stream');
  });

  it('takes what has ended also where nobody wants batches any more, and asks the rest directly', async () => {
    const kite = await kiteAt(shape);
    await kite.run(['build', '--batch']);
    server.end();
    expect(await kite.run(['build'])).toMatchObject({ code: 0 });
    expect(server.batches).toHaveLength(1);
    expect(server.direct).toHaveLength(20);
    expect((await kite.check()).code).toBe(0);
  });

  it.each(['failed', 'expired', 'cancelled'] as const)(
    'takes every answer of a batch that %s, and asks the others again',
    async (status) => {
      const kite = await kiteAt(shape, {
        ending: ({ id }) => (id === 'batch_1' ? status : 'completed'),
        fate: (row, { id, rows }) => (id === 'batch_1' && rows.indexOf(row) % 2 === 1 ? 'absent' : 'answer'),
      });
      expect(await toTheEnd(kite)).toBe(5);
      expect(server.batches.map(({ rows }) => rows.length).slice(0, 2)).toEqual([4, 2]);
      await expectWhole(kite);
    },
  );

  it('knows rows that are out of order, come twice, in two answers, behind an error, or are nobody’s', async () => {
    const fates = ['two_answers', 'twice', 'foreign', 'error_first'] as const;
    const kite = await kiteAt(shape, {
      shuffled: shape === 'openai',
      prompt: true,
      fate: (row, { rows }) => (rows.length === 4 ? fates[rows.indexOf(row)] : undefined) ?? 'answer',
    });
    const news: unknown[] = [];
    await buildHere(kite, { batch: true, batchWait: 7_200_000 }, (event) => {
      if (event.type === 'batch_taken') news.push(event.batch.ends);
    });
    expect(news[0]).toEqual({ kept: 4, failed: 0, foreign: 1 });
    expect((await kite.check()).code).toBe(0);
    // Of four: one twice, and the ledger has both.
    expect(server.billed.length - new Set(server.billed).size).toBe(
      sizes().filter((rows) => rows === 4).length,
    );
    expect(costIn(kite)).toBeCloseTo(server.billed.length * ROW_COST, 9);
    const aside = readdirSync(kite.path('data/.daydream/batches')).find((name) =>
      name.endsWith('.aside.json'),
    );
    expect(kite.read(`data/.daydream/batches/${aside ?? ''}`)).toContain('f'.repeat(64));
  });

  it('puts answers to forced questions in place, once, and asks for none twice', async () => {
    const kite = await kiteAt(shape, { prompt: true });
    const waiting = { batch: true, batchWait: 7_200_000 } as const;
    expect(await buildHere(kite, waiting)).toMatchObject({ end: 'done' });
    const before = server.billed.length;
    const drafts = { select: 'stage:draft', force: true } as const;
    expect(await buildHere(kite, { ...waiting, ...drafts })).toMatchObject({
      end: 'done',
      summary: { built: { draft: DRAFTS } },
    });
    expect(server.billed.length - before).toBe(DRAFTS);
    // Without waiting: the next build puts them in place, and it need not be told of force again.
    expect(await buildHere(kite, { batch: true, ...drafts })).toMatchObject({ end: 'limited' });
    expect(await buildHere(kite, {})).toMatchObject({ end: 'done', summary: { built: { draft: DRAFTS } } });
    expect(server.billed.length - before).toBe(2 * DRAFTS);
    expect((await kite.check()).code).toBe(0);
  });

  it('gives a row that fails three batches, and no more', async () => {
    const kite = await kiteAt(shape, {
      fate: (row, { rows }) => (rows.length <= 4 && row.prompt.startsWith('Tagged') ? 'error' : 'answer'),
    });
    for (let round = 0; round < 4; round++) {
      await buildHere(kite, { batch: true });
      server.end();
    }
    const asked = server.batches.flatMap(({ rows }) =>
      rows.filter(({ prompt }) => prompt.startsWith('Tagged')),
    );
    expect(asked).toHaveLength(2 * 3);
    const failed = JSON.parse(
      (await kite.run(['ls', 'state:failed', '--json', '--columns', 'gen_id,why'])).stdout,
    ) as {
      generations: unknown[];
    };
    expect(failed.generations).toHaveLength(2);
    const [first] = failed.generations as { gen_id: string }[];
    expect((await kite.run(['why', first?.gen_id ?? ''])).stdout).toContain('no room');
  });

  it('says of its run what rows cost that made nothing: failed, or of others than those that are built', async () => {
    const kite = await kiteAt(shape, {
      fate: (row) => (row.prompt.startsWith('Tagged') ? 'given_up' : 'answer'),
    });
    const spentIn = async (options: BuildOptions): Promise<unknown[]> => {
      const { summary } = await buildHere(kite, options);
      return [summary?.spent.billed, summary?.spent.maybeBilled, summary?.unusedRows, summary?.how.called];
    };
    const all = { select: ['stage:draft'], batch: true } as const;
    expect(await spentIn(all)).toEqual([0, 0, undefined, 0]);
    server.end();
    const one = { select: [kite.id('A:d-one')] };
    expect(await spentIn(one)).toEqual([2 * ROW_COST, 2, 3, 1]);
    expect(await spentIn(all)).toEqual([0, 0, undefined, 0]);
    server.end();
    // It is current.
    expect(await spentIn(one)).toEqual([0, 2, 2, 0]);
    expect(await spentIn(one)).toEqual([undefined, undefined, undefined, undefined]);
    expect(costIn(kite)).toBeCloseTo(2 * ROW_COST, 9);
    expect((await kite.run(['cost'])).stderr).toContain('4 replies were lost');
  });

  it('asks directly what failed three times, where that is preferred', async () => {
    const kite = await kiteAt(shape, {
      fate: (row) => (row.prompt.startsWith('Tagged') ? 'error' : 'answer'),
    });
    let end = 'limited';
    for (let round = 0; round < 9 && end === 'limited'; round++) {
      ({ end } = await buildHere(kite, { batch: 'prefer' }));
      server.end();
    }
    expect(end).toBe('done');
    expect(server.direct.filter((prompt) => prompt.startsWith('Tagged'))).toHaveLength(2);
  });

  it('fails a generation whose answer was cut off or refused, once, and keeps the answer', async () => {
    const kite = await kiteAt(shape, {
      fate: (row, { rows }) =>
        row.prompt.startsWith('Tagged') ? (rows.indexOf(row) % 2 === 0 ? 'cut_off' : 'refused') : 'answer',
    });
    await buildHere(kite, { batch: true });
    server.end();
    const { counts } = await buildHere(kite, { batch: true });
    expect(counts.states.failed).toBe(2);
    const before = server.billed.length;
    server.end();
    await buildHere(kite, { batch: true });
    server.end();
    await buildHere(kite, { batch: true });
    expect(
      server.batches.flatMap(({ rows }) => rows).filter(({ prompt }) => prompt.startsWith('Tagged')),
    ).toHaveLength(2);
    expect(server.billed.length).toBeGreaterThan(before);
    expect(costIn(kite)).toBeCloseTo(server.billed.length * ROW_COST, 9);
  });

  it('says what is odd about its answers, once, and keeps what a model thought', async () => {
    const kite = await kiteAt(shape, {
      prompt: true,
      fate: ({ prompt }) => (prompt.startsWith('Tagged') ? 'only_thoughts' : 'odd_end'),
    });
    const said: unknown[] = [];
    await buildHere(kite, { batch: true, batchWait: 7_200_000 }, (event) => {
      if (event.type === 'warned') said.push(...event.problems.map(({ code, data }) => [code, data]));
    });
    expect(said).toEqual([['DD683', { model: 'lab/w1', finish_reason: 'weird_end' }], ...said.slice(1)]);
    expect(new Set(said.map((each) => JSON.stringify(each))).size).toBe(said.length);
    expect(kite.read(`${kite.folder('A:d-two')}/raw_metadata.json`)).toContain('First I …');
  });

  it('says what is odd about answers once, whether they come in batches or directly, round after round', async () => {
    const odd = (): 'odd_end' => 'odd_end';
    const kite = await kiteAt(
      shape,
      { prompt: true, fate: odd, directly: odd },
      { pools: { slow: { batch: true } }, models: { w1: { pool: 'slow' } } },
    );
    const said: string[] = [];
    const { end } = await buildHere(kite, { batchWait: 7_200_000 }, (event) => {
      if (event.type === 'warned') said.push(...event.problems.map(({ code }) => code));
    });
    expect([end, server.batches.length > 0, server.direct.length > 0]).toEqual(['done', true, true]);
    expect(said.filter((code) => code === 'DD683')).toEqual(['DD683']);
  });

  it('holds a cap: what a batch may cost is set aside before it is sent', async () => {
    const kite = await kiteAt(shape);
    // A call of 20,480 tokens at $0.01 a million may cost $0.0002: one fits, a second does not.
    const capped = await kite.run(['build', '--batch', '--max-cost', '0.0003']);
    expect(capped.code).toBe(3);
    expect(server.batches.map(({ rows }) => rows.length)).toEqual([1]);
  });

  it('of a model without a price says so where it says what it may cost', async () => {
    const models = 'id,model,input_price,output_price\nw1,lab/w1,,\nw2,lab/w2,1,1\nj1,lab/j1,1,1\n';
    const kite = await kiteAt(shape, {}, {}, { 'data/1_raw/llm_models.csv': models });
    const sent = await kite.run(['build', 'stage:draft', '--batch', '--yes']);
    expect(sent.stderr).toMatch(/4 questions to lab\/w1 sent, at a price that nobody knows\n/);
    expect((await kite.run(['batches'])).stdout).toMatch(/ lab\/w1 +4 +unknown /);
    expect(JSON.parse((await kite.run(['batches', '--json'])).stdout)).toMatchObject({
      batches: [{ reserved: 0, unpriced: 4 }],
    });
  });

  it('sets aside the price of batches, where it is known, and a plan shows both', async () => {
    const models = (KITE_FILES['data/1_raw/llm_models.csv'] ?? '')
      .replace('output_price', 'output_price,batch_input_price,batch_output_price')
      .replace('w1,gen,0.01,0.01', 'w1,gen,0.01,0.01,0.005,0.005')
      .replaceAll('0.01,0.01\n', '0.01,0.01,,\n')
      .replace('W1,gen,0.01,0.01,,', 'W1,gen,0.01,0.01,0.005,0.005');
    const kite = await kiteAt(shape, {}, {}, { 'data/1_raw/llm_models.csv': models });
    const planned = await kite.run(['plan', '--batch']);
    expect(planned.stdout).toMatch(/draft +4 questions, .+ instead of /);
    expect(planned.stdout).toMatch(/essay +4 questions, [^i]+\n/);
    expect(planned.stdout).toContain('no batch price is known of j1, w2, so no discount is counted');
    const { price } = JSON.parse((await kite.run(['plan', '--batch', '--json'])).stdout) as {
      price: {
        upper: { usd: number };
        batches: { rounds: { stage: string; upper: { usd: number }; directly: { upper: number } }[] };
      };
    };
    expect(price.batches.rounds.map(({ stage }) => stage)).toEqual(['draft', 'essay', 'evaluation']);
    const [drafts, essays] = price.batches.rounds;
    expect((drafts?.directly.upper ?? 0) / (drafts?.upper.usd ?? 1)).toBeCloseTo(2, 9);
    expect(essays?.directly.upper).toBe(essays?.upper.usd);
    // At half the price a call may cost $0.0001: two fit.
    await buildHere(kite, { batch: true, maxCost: 0.00025, select: 'stage:draft' });
    expect(sizes()).toEqual([2]);
  });

  it('leaves what is free of charge to ordinary calls', async () => {
    const models = (KITE_FILES['data/1_raw/llm_models.csv'] ?? '').replace('w1,lab/w1,', 'w1,lab/w1:free,');
    const kite = await kiteAt(shape, { prompt: true }, {}, { 'data/1_raw/llm_models.csv': models });
    const report = await buildHere(kite, { batch: true, batchWait: 7_200_000 });
    expect(report).toMatchObject({ end: 'done', summary: { how: { called: 24 } } });
    expect([server.direct.length, server.billed.length]).toEqual([DRAFTS, 20]);
  });

  it('is a pool’s own way, in batches of its size, so many at a time', async () => {
    const kite = await kiteAt(shape, {}, { pools: { llm_api_paid: { batch: { size: 3, maxInFlight: 1 } } } });
    expect(await kite.run(['build'])).toMatchObject({ code: 3 });
    expect(server.batches.map(({ rows }) => rows.length)).toEqual([3]);
    const full = await kite.run(['build']);
    expect(full.stderr).toContain('as many batches of their pool are open as its maxInFlight allows');
    expect(await kite.run(['build', '--now', '--batch'])).toMatchObject({ code: 2 });
    expect(await kite.run(['build', '--now'])).toMatchObject({ code: 0 });
    expect(server.direct).toHaveLength(24);
  });

  it('that the provider takes and then fails is said with its words, three times', async () => {
    const kite = await kiteAt(shape, { prompt: true, ending: () => 'failed', fate: () => 'absent' });
    const report = await buildHere(kite, { batch: true, batchWait: 86_400_000, select: 'stage:draft' });
    expect(report).toMatchObject({ end: 'incomplete', counts: { states: { failed: DRAFTS } } });
    expect(sizes()).toEqual([DRAFTS, DRAFTS, DRAFTS]);
    const why = await kite.run(['ls', 'state:failed', '--json', '--columns', 'gen_id,why']);
    const [first] = (JSON.parse(why.stdout) as { generations: { gen_id: string }[] }).generations;
    expect((await kite.run(['why', first?.gen_id ?? ''])).stdout).toContain('a row is no question');
  });
});

describe.each(SHAPES)('a batch whose answer is lost, %s', (shape) => {
  it('is found again in pages of a list full of others, and not sent twice', async () => {
    const kite = await kiteAt(shape, {
      arrival: (number) => (number === 0 ? 'accept_and_hang_up' : 'accept'),
      page: 2,
      strangers: 7,
    });
    const first = await kite.run(['build', '--batch']);
    expect(first.stderr).toContain('it may be running');
    expect(journalOf(kite).map(({ state }) => state)).toEqual(['sending']);
    const second = await kite.run(['build', '--batch']);
    expect(second.stderr).toContain('found again');
    expect(server.batches).toHaveLength(1);
    server.end();
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it.each(['hang_up', 'gateway'] as const)(
    'and that never got there (%s) stays reserved until that is sure',
    async (how) => {
      const kite = await kiteAt(shape, { arrival: (number) => (number === 0 ? how : 'accept') });
      await kite.run(['build', '--batch']);
      const second = await kite.run(['build', '--batch']);
      expect(second.stderr).toContain('in no list of the provider yet');
      expect(server.batches).toEqual([]);
      // Later nobody can doubt it any more.
      const name = recordIn(kite);
      const record = JSON.parse(kite.read(`data/.daydream/batches/${name}`)) as Record<string, unknown>;
      const before = new Date(Date.now() - 20 * 60_000).toISOString();
      writeFileSync(
        kite.path(`data/.daydream/batches/${name}`),
        JSON.stringify({ ...record, created: before }),
      );
      await kite.run(['build', '--batch']);
      expect(server.batches).toHaveLength(1);
      server.end();
      await toTheEnd(kite);
      await expectWhole(kite);
    },
  );

  it('since the provider never answers is found again', async () => {
    const kite = await kiteAt(
      shape,
      { arrival: (number) => (number === 0 ? 'accept_and_hang' : 'accept'), prompt: true },
      { timeouts: { call: 300 } },
    );
    expect(await buildHere(kite, { batch: true })).toMatchObject({ end: 'limited' });
    expect(journalOf(kite).map(({ state }) => state)).toEqual(['sending']);
    expect(await buildHere(kite, { batch: true, batchWait: 7_200_000 })).toMatchObject({ end: 'done' });
    await expectWhole(kite);
  });

  it.each([1, 2])('is told from %i that look alike by the names of their rows', async (doubles) => {
    const kite = await kiteAt(shape, {
      arrival: (number) => (number === 0 ? 'accept_and_hang_up' : 'accept'),
      forgetful: true,
      doubles,
      prompt: true,
    });
    expect(await buildHere(kite, { batch: true })).toMatchObject({ end: 'limited' });
    expect(await buildHere(kite, { batch: true, batchWait: 7_200_000 })).toMatchObject({ end: 'done' });
    await expectWhole(kite);
  });

  it('is not taken for one of somebody else’s that looks alike, where it never got there', async () => {
    const kite = await kiteAt(shape, {
      arrival: (number) => (number === 0 ? 'hang_up' : 'accept'),
      forgetful: true,
      doubles: 1,
      prompt: true,
    });
    await buildHere(kite, { batch: true });
    const news: string[] = [];
    expect(
      await buildHere(kite, { batch: true, batchWait: 7_200_000 }, ({ type }) => news.push(type)),
    ).toMatchObject({ end: 'done' });
    expect(news).toContain('batch_lost');
    await expectWhole(kite);
  });

  it('can be forgotten by hand', async () => {
    const kite = await kiteAt(shape, { arrival: (number) => (number === 0 ? 'hang_up' : 'accept') });
    await kite.run(['build', '--batch']);
    const { batches } = JSON.parse((await kite.run(['batches', '--json'])).stdout) as {
      batches: { id: string }[];
    };
    const word = batches[0]?.id.slice(0, 8) ?? '';
    expect(await kite.run(['batches', 'forget', word])).toMatchObject({ code: 0 });
    expect((await kite.run(['batches', 'forget', word])).stderr).toContain('DD664');
    const cost = await kite.run(['cost']);
    expect(cost.stderr).toContain('4 replies were lost on the way and may have been billed all the same');
    await kite.run(['build', '--batch']);
    expect(server.batches).toHaveLength(1);
  });

  it('that the provider refuses is no batch, and is said', async () => {
    const kite = await kiteAt(shape, { arrival: () => 'refuse' });
    const refused = await kite.run(['build', '--batch']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('DD660');
    expect(refused.stderr).toContain('no batches for this model');
    expect(refused.stderr).toContain('28 generations left: their batch was refused');
    expect(refused.stderr).not.toContain('put into batches');
    expect(await kite.run(['build'])).toMatchObject({ code: 0 });
  });
});

describe.each(SHAPES)('a batch that the provider has no room for now, %s', (shape) => {
  const size = { pools: { llm_api_paid: { batch: { size: 2 } } } };

  it('is said with what it says, is neither paid for nor in flight, and is sent by a later build', async () => {
    let room = 1;
    const kite = await kiteAt(
      shape,
      {
        arrival: (number) => (number < room ? 'accept' : 'limit'),
        limit: { retryAfter: '3600', error: { message: 'Enqueued token limit reached' } },
      },
      size,
    );
    const limited = await kite.run(['build', '--batch']);
    expect(limited).toMatchObject({ code: 3 });
    expect(limited.stderr).toContain('DD665 status 429: Enqueued token limit reached (not before 20');
    expect(limited.stderr).not.toContain('DD660');
    expect(limited.stderr).toMatch(/14 generations left: put into batches/);
    expect(limited.stderr).toMatch(/14 generations left: the provider takes no batch of theirs before 20/);
    expect(server.batches.map(({ rows }) => rows.length)).toEqual([2]);
    expect((await kite.run(['cost'])).stderr).toContain('no call is on record');
    const { end, counts } = await buildHere(kite, { batch: true });
    expect([end, counts.states.submitted, counts.states.missing]).toEqual(['limited', 2, 26]);
    room = Infinity;
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('is sent by the same build, where that waits', async () => {
    const kite = await kiteAt(shape, {
      prompt: true,
      arrival: (number) => (number < 3 ? 'limit' : 'accept'),
    });
    expect(await buildHere(kite, { batch: true, batchWait: 7_200_000 })).toMatchObject({ end: 'done' });
    await expectWhole(kite);
  });

  it('is left where that waits too short a time', async () => {
    const kite = await kiteAt(shape, { arrival: () => 'limit', limit: { retryAfter: '3600' } });
    expect(await buildHere(kite, { batch: true, batchWait: 1_800_000 })).toMatchObject({ end: 'limited' });
    expect(server.batches).toEqual([]);
    expect(journalOf(kite).map(({ state }) => state)).toEqual(['given_up']);
  });
});

describe('a batch that is taken on, and then there is no room for it', () => {
  const thrownOut = { code: 'token_limit_exceeded', message: 'Enqueued token limit reached for lab/w1' };
  /** The first so many. */
  const full = (most: number): Partial<BatchServerOptions> => ({
    prompt: true,
    thrownOut,
    fate: (_row, { status }) => (status === 'failed' ? 'absent' : 'answer'),
    ending: ({ id }) => (Number(id.slice('batch_'.length)) <= most ? 'failed' : 'completed'),
  });

  it('is no try of its questions, however often', async () => {
    const kite = await kiteAt('openai', full(5));
    for (let builds = 1; builds <= 5; builds++)
      expect((await buildHere(kite, { batch: true, select: 'stage:draft' })).end).toBe('limited');
    const said = await kite.run(['build', 'stage:draft', '--batch']);
    expect(said.stderr).toContain('DD665 Enqueued token limit reached for lab/w1');
    expect(journalOf(kite).filter(({ state }) => state === 'given_up')).toHaveLength(5);
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('is sent again by a build that waits, not at once', async () => {
    const kite = await kiteAt('openai', full(1));
    const times: string[] = [];
    const report = await buildHere(kite, { batch: true, batchWait: 7_200_000 }, (event) => {
      if (event.type === 'batch_sent') times.push(event.batch.created);
    });
    expect(report).toMatchObject({ end: 'done', summary: { failed: 0 } });
    expect(Date.parse(times[1] ?? '') - Date.parse(times[0] ?? '')).toBeGreaterThanOrEqual(300_000);
    await expectWhole(kite);
  });
});

it('a file of a batch that the provider has no room for now is a batch that it has no room for', async () => {
  const kite = await kiteAt('openai', { upload: () => 'limit' });
  const limited = await kite.run(['build', '--batch']);
  expect(limited).toMatchObject({ code: 3 });
  expect(limited.stderr).toContain('DD665 status 429: Rate limit reached for requests');
  expect(limited.stderr).toContain('28 generations left: the provider takes no batch of theirs for now');
  expect(limited.stderr).not.toContain('put into batches');
});

describe.each(SHAPES)('where nothing may be bought, %s', (shape) => {
  it('what is in a batch is left, and what has ended is taken: it is paid for', async () => {
    const kite = await kiteAt(shape);
    await buildHere(kite, { batch: true });
    const open = await buildHere(kite, { noCalls: true });
    expect(open).toMatchObject({ end: 'limited', summary: { failed: 0, left: 28, why: ['submitted'] } });
    server.end();
    const offline = await buildHere(kite, { offline: true });
    expect(offline).toMatchObject({ summary: { built: { draft: 0 }, failed: DRAFTS } });
    const ended = await buildHere(kite, { noCalls: true });
    expect(ended).toMatchObject({ end: 'incomplete', summary: { built: { draft: DRAFTS }, failed: 12 } });
    expect([server.batches.length, server.direct.length]).toEqual([1, 0]);
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('what was asked again on purpose is taken, and put in place by the next build that may ask', async () => {
    const kite = await kiteAt(shape, { prompt: true });
    await buildHere(kite, { batch: true, batchWait: 7_200_000 });
    await buildHere(kite, { batch: true, select: 'stage:draft', force: true });
    const news: string[] = [];
    const bought = await buildHere(kite, { noCalls: true }, ({ type }) => news.push(type));
    expect(bought).toMatchObject({ end: 'done', counts: { states: { current: 28 } } });
    expect(news).toContain('batch_taken');
    expect(await buildHere(kite, {})).toMatchObject({ end: 'done', summary: { built: { draft: DRAFTS } } });
    expect(server.direct).toEqual([]);
    expect(costIn(kite)).toBeCloseTo(server.billed.length * ROW_COST, 9);
  });

  it('a watch does the same', async () => {
    const kite = await kiteAt(shape, { prompt: true });
    await buildHere(kite, { batch: true });
    const watch = await watchKite(kite, { options: { cache: 'only' } });
    expect((await watch.next('batch_taken')).batch).toMatchObject({ ends: { kept: DRAFTS } });
    expect((await watch.next('built')).result.summary).toMatchObject({
      built: { draft: DRAFTS },
      failed: 12,
    });
    await watch.stop();
    expect([server.batches.length, server.direct.length]).toEqual([1, 0]);
  });
});

describe.each(SHAPES)('a batch whose data root is moved away while it is sent, %s', (shape) => {
  it('makes nothing in its place, is found again once it is back, and is paid for once', async () => {
    let away: (() => void) | undefined;
    const kite = await kiteAt(shape, {
      arrival: () => {
        away?.();
        return 'accept';
      },
    });
    away = () => renameSync(kite.path('data'), kite.path('away'));
    const ended = await kite.run(['build', 'stage:draft', '--batch', '--json']);
    expect([ended.code, ended.stdout]).toEqual([2, expect.stringContaining('DD586')]);
    expect(kite.exists('data')).toBe(false);
    renameSync(kite.path('away'), kite.path('data'));
    away = undefined;
    server.end();
    expect((await kite.run(['build', 'stage:draft', '--batch'])).code).toBe(0);
    expect([server.batches.length, server.billed.length, server.direct.length]).toEqual([1, DRAFTS, 0]);
    expect(costIn(kite)).toBeCloseTo(DRAFTS * ROW_COST, 9);
  });
});

describe('batches', () => {
  it('are cancelled where the provider can, and what they did is taken', async () => {
    const kite = await kiteAt('openai', {
      fate: (row, { status, rows }) =>
        status === 'cancelled' && rows.indexOf(row) > 0 ? 'absent' : 'answer',
    });
    await kite.run(['build', '--batch']);
    expect(await kite.run(['batches', 'cancel', 'batch_1'])).toMatchObject({ code: 0 });
    await kite.run(['build', '--batch']);
    expect(journalOf(kite).find(({ remote }) => remote?.id === 'batch_1')).toMatchObject({
      state: 'taken',
      ends: { kept: 1, failed: 3, foreign: 0 },
    });
    server.end();
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('can not be cancelled at OpenRouter, nor where there is none', async () => {
    const kite = await kiteAt('openrouter');
    await kite.run(['build', '--batch']);
    expect((await kite.run(['batches', 'cancel', 'batch_1'])).stderr).toContain('DD662');
    expect((await kite.run(['batches', 'cancel', 'batch_7'])).stderr).toContain('DD661');
    expect(await kite.run(['batches', 'drop'])).toMatchObject({ code: 2 });
  });

  it('a provider without them is a failure with its cure, not a call', async () => {
    server = await startBatchServer({ shape: 'openai', answer });
    const kite = makeKite(server.url);
    const failed = await kite.run(['build', '--batch']);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain("set providers.lab.batch to 'openrouter' or 'openai'");
    expect(server.direct).toEqual([]);
  });

  it('are waited for, round after round, under one cap', async () => {
    const kite = await kiteAt('openai', { prompt: true });
    const report = await buildHere(kite, { batch: true, batchWait: 7_200_000, maxCost: 1 });
    expect(report).toMatchObject({ end: 'done', summary: { built: { draft: 4, essay: 8, evaluation: 16 } } });
    expect(report.summary?.cost).toBeCloseTo(24 * ROW_COST, 9);
    expect(sizes()).toEqual([DRAFTS, ...LATER]);
    await expectWhole(kite);
  });

  it('are waited for until somebody says stop', async () => {
    const kite = await kiteAt('openai');
    const listeners: ((count: number) => void)[] = [];
    let asked = false;
    const stopping: Stopping = {
      asked: () => asked,
      abort: new AbortController().signal,
      listen: (listener) => void listeners.push(listener),
    };
    const stop = (): void => {
      asked = true;
      for (const listener of listeners) listener(1);
    };
    const slow = { batch: true, batchWait: 3_600_000 };
    const report = await buildHere(kite, slow, ({ type }) => type === 'batch_open' && stop(), stopping);
    expect(report.end).toBe('interrupted');
    server.end();
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('are not sent by a build that was told to stop before, however much is collected by then', async () => {
    const kite = await kiteAt('openai');
    const why: (readonly string[])[] = [];
    // Told at its first look whether it was, at its second …
    for (let at = 1; server.batches.length === 0; at++) {
      let looks = 0;
      const asked = (): boolean => ++looks >= at;
      const stopping: Stopping = { asked, abort: new AbortController().signal, listen: () => {} };
      const { end, summary } = await buildHere(kite, { batch: true }, () => {}, stopping);
      expect(end).toBe('interrupted');
      if (server.batches.length === 0) why.push(summary?.why ?? []);
    }
    expect(why.length).toBeGreaterThan(2 * DRAFTS);
    expect(new Set(why.flat())).toEqual(new Set(['interrupted']));
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('whose record is damaged stop builds, and are named', async () => {
    const kite = await kiteAt('openrouter');
    await buildHere(kite, { batch: true });
    const file = kite.path(`data/.daydream/batches/${recordIn(kite)}`);
    const record = readFileSync(file, 'utf8');
    for (const text of [
      '',
      '{',
      record.replace('"sent"', '"sending now"'),
      record.replace(/"questions":.*?\]\]/, '"questions":7'),
    ]) {
      writeFileSync(file, text);
      await expect(buildHere(kite, {})).rejects.toThrow('the record of a batch can not be read');
    }
    expect((await kite.run(['batches'])).stderr).toContain('DD663');
    // What asks nobody can not pay twice.
    expect(await buildHere(kite, { noCalls: true, select: 'stage:draft' })).toMatchObject({
      end: 'incomplete',
      summary: { failed: DRAFTS },
    });
    writeFileSync(file, record.replace('"version":1', '"version":2'));
    await expect(buildHere(kite, {})).rejects.toThrow('newer daydream');
    writeFileSync(file, record);
    // Without its rows nobody can tell what its answers are answers to.
    const rows = file.replace('.json', '.rows.json');
    const kept = readFileSync(rows, 'utf8');
    writeFileSync(rows, kept.slice(1));
    server.end();
    const said: string[] = [];
    await buildHere(kite, {}, (event) => event.type === 'batch_unsure' && said.push(event.message));
    expect(said.join()).toContain('rows.json) can not be read');
    writeFileSync(rows, kept);
    await toTheEnd(kite);
    await expectWhole(kite);
  });

  it('are waited for as long as was said', async () => {
    const kite = await kiteAt('openai');
    const report = await buildHere(kite, { batch: true, batchWait: 3_600_000 });
    expect(report).toMatchObject({ end: 'limited', summary: { why: ['submitted'] } });
  });
});

describe('a watch', () => {
  it('takes a batch that has ended, and sends none', async () => {
    const kite = await kiteAt('openai', {}, { pools: { llm_api_paid: { batch: true } } });
    expect(await kite.run(['build'])).toMatchObject({ code: 3 });
    let skipped = 0;
    const clock = { ...realClock, now: () => Date.now() + skipped };
    const watch = await watchKite(kite, { options: { clock } });
    await watch.next('batch_open');
    server.end();
    skipped = 120_000;
    expect((await watch.next('batch_taken')).batch).toMatchObject({
      ends: { kept: DRAFTS, failed: 0, foreign: 0 },
    });
    await watch.rests();
    await watch.stop();
    expect([server.batches.length, server.direct.length]).toEqual([1, 0]);
    server.end();
    expect(await toTheEnd(kite)).toBe(3);
    await expectWhole(kite);
  });

  it('takes what was asked again on purpose and puts it in place, with nothing else to run', async () => {
    const kite = await kiteAt('openai', { prompt: true }, { pools: { llm_api_paid: { batch: true } } });
    expect(await buildHere(kite, { batch: true, batchWait: 7_200_000 })).toMatchObject({ end: 'done' });
    const again = { select: 'stage:draft', force: true } as const;
    expect(await buildHere(kite, again)).toMatchObject({ end: 'limited' });
    const watch = await watchKite(kite);
    expect((await watch.next('batch_taken')).batch).toMatchObject({ ends: { kept: DRAFTS } });
    expect((await watch.next('built')).result.summary).toMatchObject({
      built: { draft: DRAFTS },
      cost: DRAFTS * ROW_COST,
    });
    await watch.current();
    await watch.stop();
    expect(server.direct).toEqual([]);
  });
});
