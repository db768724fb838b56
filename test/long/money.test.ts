// Money on the command line: estimates, caps, consent, limits of the day, the ledger, keys, undo, Ctrl-C, against a scripted server;
// and a build against an OpenAI-compatible server that this project did not write.
import { mkdirSync, readFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readLedger, type LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { faults, startFakeProvider, type FakeOptions, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { startMockLlm } from '../support/mockllm.ts';
import type { Ended } from '../support/program.ts';

const MODELS = 'data/1_raw/llm_models.csv';
const HEADER = 'id,model,provider,display_name,specialization,input_price,output_price,pool\n';
const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef';
/** What a kite needs: 4 drafts, 4 essays, 16 evaluations. */
const CALLS = 24;

let server: FakeProvider;

afterEach(() => server.close());

async function serve(options: FakeOptions = {}): Promise<FakeProvider> {
  server = await startFakeProvider({ answer: kiteAnswer, ...options });
  return server;
}

function kiteWith(
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Kite {
  return makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url, more), ...files });
}

function prices(...rows: readonly string[]): Readonly<Record<string, string>> {
  return { [MODELS]: `${HEADER}${rows.join('\n')}\n` };
}

const DEAR = prices(
  'w1,lab/w1,lab,W1,gen,10,10,',
  'w2,lab/w2,lab,W2,gen,10,10,',
  'j1,lab/j1,lab,J1,judge,10,10,',
);
const UNKNOWN = prices('w1,lab/w1,lab,W1,gen,1,1,', 'w2,lab/w2,lab,W2,gen,,,', 'j1,lab/j1,lab,J1,judge,1,1,');

function ledgerOf(kite: Kite): readonly LedgerEntry[] {
  return readLedger(kite.path('data/.daydream/calls.jsonl')).value;
}

function eventsIn({ stdout }: Ended): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('before money is spent', () => {
  it('above confirmAbove a word is wanted where nobody can be asked', async () => {
    await serve();
    const kite = kiteWith({}, DEAR);
    const refused = await kite.run(['build']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('DD111');
    expect(refused.stderr).toMatch(/would spend up to \$\d\.\d\d;/);
    expect(server.requests).toHaveLength(0);
    expect((await kite.run(['build', '--yes'])).code).toBe(0);
    expect(server.requests).toHaveLength(CALLS);
  });

  it('a limit of confirmAbove itself needs no word, and a config without one asks', async () => {
    await serve({ cost: () => 0.001 });
    expect((await kiteWith({ confirmAbove: 1000 }, DEAR).run(['build'])).code).toBe(0);
  });

  it('an unknown price is not free: a word is wanted, and a cap is refused', async () => {
    await serve();
    const kite = kiteWith({}, UNKNOWN);
    const unasked = await kite.run(['build']);
    expect(unasked).toMatchObject({ code: 2 });
    expect(unasked.stderr).toContain('model w2 is without a price');
    const capped = await kite.run(['build', '--max-cost', '1', '--yes']);
    expect(capped).toMatchObject({ code: 2 });
    expect(capped.stderr).toMatch(/DD602 .*llm_models\.csv.*"w2" \(lab\/w2\)/);
    expect(server.requests).toHaveLength(0);
    expect((await kite.run(['build', '--yes'])).code).toBe(0);
  });

  it('the config knows prices too, and a :free model costs nothing', async () => {
    await serve();
    const free = prices(
      'w1,lab/w1:free,lab,W1,gen,,,',
      'w2,lab/w2:free,lab,W2,gen,,,',
      'j1,lab/j1,lab,J1,judge,,,',
    );
    const kite = kiteWith({ models: { 'j*': { inputPrice: 1, outputPrice: 2 } } }, free);
    const plan = JSON.parse((await kite.run(['plan', '--json'])).stdout) as {
      price: { unpriced: string[]; lines: { name: string; upper: { usd: number } }[] };
    };
    expect(plan.price.unpriced).toEqual([]);
    const usd = Object.fromEntries(plan.price.lines.map(({ name, upper }) => [name, upper.usd]));
    expect(usd).toMatchObject({ w1: 0, w2: 0, llm_api_free: 0 });
    expect(usd['j1']).toBeGreaterThan(0);
  });

  it('each line of a plan says what of it is known', async () => {
    await serve();
    const kite = kiteWith(
      {},
      prices(
        'w1,lab/w1:free,lab,W1,gen,,,',
        'w2,lab/w2,lab,W2,gen,,,slow',
        'j1,lab/j1,lab,J1,judge,1,1,slow',
      ),
    );
    const { stdout } = await kite.run(['plan']);
    expect(stdout).toMatch(/stage +draft +4 calls +\$0\n/);
    expect(stdout).toMatch(/stage +essay +4 calls +price unknown\n/);
    expect(stdout).toMatch(/model +w1 +4 calls +\$0, nothing known: max_tokens\n/);
    expect(stdout).toMatch(/pool +slow +20 calls +\$.*, and 4 of unknown price\n/);
  });

  it('reads no ledger where no call is planned', async () => {
    await serve();
    const kite = kiteWith();
    await kite.build();
    kite.remove('data/.daydream/calls.jsonl');
    kite.write('data/.daydream/calls.jsonl/that-can-not-be-read', '');
    expect((await kite.run(['build'])).code).toBe(0);
    expect((await kite.run(['plan', '--json'])).code).toBe(0);
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    expect((await kite.run(['plan', '--json'])).code).toBe(2);
  });
});

describe('estimates', () => {
  it('learn from the ledger, hold the actual, and are shown against it with what reuse saved', async () => {
    await serve({ cost: () => 0.002 });
    const kite = kiteWith();
    const first = await kite.run(['build']);
    expect(first.stderr).toContain('spent $0.0480 for 24 calls (billed), estimated ');
    expect(first.stderr).toContain('  nothing known: max_tokens');
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    const plan = JSON.parse((await kite.run(['plan', '--json'])).stdout) as {
      price: { lower: { calls: number }; upper: { calls: number; replyTokens: number }; unseen: number };
    };
    expect(plan.price).toMatchObject({ lower: { calls: 2 }, upper: { calls: 12 }, unseen: 0 });
    expect(plan.price.upper.replyTokens).toBeLessThan(12 * 100);
    const events = eventsIn(await kite.run(['build', '--json']));
    expect(events.at(-1)).toMatchObject({
      type: 'build_finished',
      reckoning: {
        estimated: { calls: { lower: 2, upper: 12 } },
        actual: { cost: expect.closeTo(0.024, 9) as number, calls: 12 },
        saved: { unchanged: { generations: 12, cost: expect.closeTo(0.024, 9) as number } },
      },
    });
  });

  it('an undone edit brings the old texts back: no call, and what they cost is shown as saved', async () => {
    await serve({ cost: () => 0.002 });
    const kite = kiteWith();
    await kite.build();
    const texts = (): readonly string[] =>
      kite
        .files('data/gens')
        .filter((name) => name.endsWith('.txt'))
        .map((name) => kite.read(name));
    const before = texts();
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    await kite.build();
    expect(texts()).not.toEqual(before);
    const paid = server.requests.length;
    kite.edit(DRAFT, 'Make use of:', 'Use:');
    const undone = await kite.run(['build', '--offline']);
    expect(undone).toMatchObject({ code: 0 });
    expect(undone.stderr).toContain('12 answers from the cache ($0.0240)');
    expect(server.requests).toHaveLength(paid);
    expect(texts()).toEqual(before);
  });
});

describe('a cap', () => {
  it('is never passed, ends with 3, and says what is left; a higher one goes on', async () => {
    await serve({ cost: () => 0.002 });
    const kite = kiteWith(
      {
        stages: Object.fromEntries(
          ['draft', 'essay', 'evaluation'].map((stage) => [stage, { maxTokens: 200 }]),
        ),
      },
      DEAR,
    );
    const capped = await kite.run(['build', '--max-cost', '0.02']);
    expect(capped.code).toBe(3);
    expect(capped.stderr).toMatch(
      /(\d+) generations left: the next call might have passed the cap of \$0\.0200/,
    );
    expect(server.billedUsd).toBeLessThanOrEqual(0.02);
    expect(server.billed).toBeGreaterThan(5);
    const rest = await kite.run(['build', '--max-cost', '1']);
    expect(rest.code).toBe(0);
    expect(server.billed).toBe(CALLS);
    expect(ledgerTotal(ledgerOf(kite))).toMatchObject({ replies: CALLS });
  });
});

const POOLED = prices(
  'w1,lab/w1,lab,W1,gen,0,0,slow',
  'w2,lab/w2,lab,W2,gen,0,0,slow',
  'j1,lab/j1,lab,J1,judge,0,0,fast',
);

describe('limits', () => {
  it('a pool at its limit of the day is parked, the others go on, and the end is 3 with when it goes on', async () => {
    await serve();
    const split = prices(
      'w1,lab/w1,lab,W1,gen,0,0,slow',
      'w2,lab/w2,lab,W2,gen,0,0,fast',
      'j1,lab/j1,lab,J1,judge,0,0,fast',
    );
    const kite = kiteWith({ pools: { slow: { concurrency: 1, requestsPerDay: 2 } } }, split);
    const plan = await kite.run(['plan']);
    expect(plan.stdout + plan.stderr).toContain('pool slow is held by its requests a day, 2 of them today');
    const parked = await kite.run(['build']);
    expect(parked.code).toBe(3);
    expect(parked.stderr).toMatch(/14 generations left: pool slow is done until \d{4}-\d\d-\d\d 00:00 UTC/);
    expect(ledgerOf(kite).filter(({ pool }) => pool === 'slow')).toHaveLength(2);
    expect(ledgerOf(kite).filter(({ pool }) => pool === 'fast')).toHaveLength(10);
    // Tomorrow's limit is another one; today's is used up for the next build too.
    expect((await kite.run(['build'])).code).toBe(3);
    expect(server.requests).toHaveLength(12);
  });

  it('whole chains come first where a pool is scarce', async () => {
    // Far longer than it takes to write a reply down, on a busy machine too.
    await serve({ latencyMs: 250 });
    const kite = kiteWith(
      { pools: { one: { concurrency: 1 } } },
      {
        [MODELS]: POOLED[MODELS]?.replaceAll(/slow|fast/g, 'one') ?? '',
      },
    );
    await kite.build();
    const stages = ledgerOf(kite).map(({ stage }) => stage);
    // While a reply is written down the next call goes, so the second draft is early; the others wait for whole chains.
    const first = stages.slice(0, 7);
    expect(first.filter((stage) => stage === 'draft')).toHaveLength(2);
    expect(first.filter((stage) => stage === 'evaluation').length).toBeGreaterThan(2);
    expect(stages.lastIndexOf('draft')).toBeGreaterThan(CALLS / 2);
  });

  it('a pool that waits holds no other', async () => {
    await serve({ gated: true });
    const split = prices(
      'w1,lab/w1,lab,W1,gen,0,0,fast',
      'w2,lab/w2:free,lab,W2,gen,,,',
      'j1,lab/j1,lab,J1,judge,0,0,fast',
    );
    const kite = kiteWith({ pools: { fast: { concurrency: 8 } } }, split);
    const build = kite.start(['build']);
    const held: string[] = [];
    // Everything but the calls of the free pool is let go; that pool's first call is never answered until the end.
    await server.arrived(4);
    server.release();
    await server.arrived(4 + 1 + 8);
    for (const { model } of server.requests.slice(4)) held.push(model);
    expect(held.filter((model) => model === 'lab/w2:free')).toHaveLength(1);
    expect(held.filter((model) => model === 'lab/j1')).toHaveLength(8);
    const timer = setInterval(() => server.release(), 20);
    expect((await build.ended).code).toBe(0);
    clearInterval(timer);
  });
});

describe('interrupts', () => {
  it('the first Ctrl-C lets what is in flight finish, the next build goes on from there', async () => {
    await serve({ gated: true });
    const kite = kiteWith({ pools: { llm_api_paid: { concurrency: 3 } } });
    const build = kite.start(['build']);
    await server.arrived(3);
    build.child.kill('SIGINT');
    await build.said('stopping');
    server.release();
    expect((await build.ended).code).toBe(130);
    expect(server.requests).toHaveLength(3);
    expect(ledgerTotal(ledgerOf(kite))).toMatchObject({ replies: 3 });
    const timer = setInterval(() => server.release(), 20);
    expect((await kite.run(['build'])).code).toBe(0);
    clearInterval(timer);
    expect(server.billed).toBe(CALLS);
  });

  it('the second gives up what is in flight and leaves a store that the next build mends', async () => {
    await serve({ gated: true });
    const kite = kiteWith({ pools: { llm_api_paid: { concurrency: 3 } } });
    const build = kite.start(['build']);
    await server.arrived(3);
    build.child.kill('SIGINT');
    await build.said('stopping');
    build.child.kill('SIGINT');
    expect((await build.ended).code).toBe(130);
    expect(kite.exists('data/.daydream/lock.json')).toBe(false);
    const timer = setInterval(() => server.release(), 20);
    expect((await kite.run(['build'])).code).toBe(0);
    clearInterval(timer);
    expect((await kite.check()).code).toBe(0);
  });
});

describe('what can not be written', () => {
  it('a ledger that can not be written stops the build with its own error; what was paid for is kept', async () => {
    await serve();
    const kite = kiteWith({ pools: { llm_api_paid: { concurrency: 1 } } });
    mkdirSync(kite.path('data/.daydream'), { recursive: true });
    symlinkSync(kite.path('no/such/folder'), kite.path('data/.daydream/calls.jsonl'));
    const { code, stderr } = await kite.run(['build', '--max-cost', '1']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD619');
    expect(server.requests.length).toBe(1);
    expect(kite.files('data/.daydream/responses')).toHaveLength(1);
    unlinkSync(kite.path('data/.daydream/calls.jsonl'));
    expect((await kite.run(['build'])).code).toBe(0);
    expect(server.billed).toBe(CALLS);
  });

  it('a reply that can not be kept is put aside, and the error says where and how to put it back', async () => {
    await serve();
    const kite = kiteWith({ pools: { llm_api_paid: { concurrency: 1 } } });
    kite.write('data/.daydream/responses', 'in the way');
    const { code, stderr } = await kite.run(['build'], { env: { TMPDIR: kite.root } });
    expect(code).toBe(2);
    expect(stderr).toContain('DD509');
    // The next call went as the first reply came; then nothing more did.
    expect(server.requests.length).toBeLessThanOrEqual(2);
    kite.remove('data/.daydream/responses');
    const cures = [...stderr.matchAll(/mkdir -p '([^']+)' && mv '([^']+)' '([^']+)'/g)];
    expect(cures).toHaveLength(server.requests.length);
    for (const [, folder = '', aside = '', place = ''] of cures) {
      mkdirSync(folder, { recursive: true });
      renameSync(aside, place);
    }
    expect((await kite.run(['build'])).code).toBe(0);
    expect(server.billed).toBe(CALLS);
  });
});

describe('failures', () => {
  it('are grouped by cause, with the cure and the command that tries them again', async () => {
    await serve({
      fault: ({ prompt }) =>
        prompt.startsWith('Tagged')
          ? faults.status(400, { error: { message: 'too long', code: 400 } })
          : undefined,
    });
    const kite = kiteWith();
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(1);
    expect(stderr).toContain('2 failed, DD612: the provider refused the request');
    expect(stderr).toContain('lab/w1: too long (status 400)');
    const ids = [kite.id('A:d-two'), kite.id('B:d-two')].sort().join(' ');
    expect(stderr).toContain(`again: daydream build ${ids} --retry api`);
  });

  it('--offline says which recorded request is nearest, and what differs', async () => {
    await serve();
    const kite = kiteWith();
    await kite.build();
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    const before = server.requests.length;
    const { code, stderr } = await kite.run(['build', '--offline']);
    expect(code).toBe(1);
    expect(server.requests).toHaveLength(before);
    expect(stderr).toContain('DD615');
    expect(stderr).toContain('line 1 of the prompt is "Make use of:", recorded "Use:"');
    const other = await kite.run(['build', '--offline', '--force', 'draft']);
    expect(other.code).toBe(1);
  });
});

describe('cost and models', () => {
  it('cost adds the ledger up by its keys', async () => {
    await serve({ cost: () => 0.002 });
    const kite = kiteWith();
    await kite.build();
    const { stdout } = await kite.run(['cost', '--by', 'stage,model', '--since', '1d', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      lines: [
        { stage: 'draft', model: 'lab/w1', replies: 4, cost: 0.008 },
        { stage: 'essay', model: 'lab/w2', replies: 4 },
        { stage: 'evaluation', model: 'lab/j1', replies: 16 },
      ],
      total: { replies: CALLS },
    });
    expect((await kite.run(['cost', '--since', '2099-01-01'])).stderr).toContain('no call is on record');
    expect(await kite.run(['cost', '--by', 'modle'])).toMatchObject({ code: 2 });
    expect(await kite.run(['cost', '--since', 'monday'])).toMatchObject({ code: 2 });
  });

  it('models refresh writes prices and no other byte, and names models that vanished', async () => {
    await serve({
      models: [
        { id: 'lab/w1', pricing: { prompt: '0.0000025', completion: '0.00001' }, context_length: 8000 },
        { id: 'lab/j1', pricing: { prompt: '0.00000001', completion: '0' } },
      ],
    });
    const text =
      'id , model,provider,display_name,note\r\nw1,lab/w1,lab,"W, one",x\r\n\r\nw2,lab/w2,lab,W2\r\nj1,"lab/j1",lab,J1,\r\n';
    const kite = kiteWith({}, { [MODELS]: text });
    const dry = await kite.run(['models', 'refresh', '--dry-run']);
    expect(dry.stdout).toContain('w1 (lab/w1): no price, now 2.5 and 10 per million tokens');
    expect(kite.read(MODELS)).toBe(text);
    const refreshed = await kite.run(['models', 'refresh']);
    expect(refreshed).toMatchObject({ code: 0 });
    expect(refreshed.stderr).toMatch(/DD618 .*llm_models\.csv:4.*lab\/w2/);
    expect(kite.read(MODELS)).toBe(
      'id , model,provider,display_name,note,input_price,output_price\r\nw1,lab/w1,lab,"W, one",x,2.5,10\r\n\r\nw2,lab/w2,lab,W2,,,\r\nj1,"lab/j1",lab,J1,,0.01,0\r\n',
    );
    expect((await kite.run(['models', 'refresh'])).stderr).toContain('no price has changed');
  });
});

describe('keys', () => {
  it('are in no output and in nothing that a run leaves behind', async () => {
    await serve({
      answer: (request) => `${kiteAnswer(request)} ${String(request.headers['authorization'])} ${KEY}`,
      fault: ({ index }) =>
        index % 5 === 4
          ? faults.status(400, { error: { message: `Bearer ${KEY} is wrong`, code: 400 } })
          : undefined,
    });
    const lab = { baseURL: server.url, apiKeyEnv: 'LAB_KEY', headers: { 'x-title': 'daydream' } };
    const kite = kiteWith({ providers: { lab } });
    const outputs: Ended[] = [];
    const env = { LAB_KEY: KEY };
    outputs.push(
      await kite.run(['build', '-v'], { env }),
      await kite.run(['build', '--json', '--retry', 'all', '-v'], { env }),
    );
    for (const words of [
      ['status'],
      ['cost', '--json'],
      ['plan', '--force', 'draft', '--json'],
      ['models', 'refresh'],
    ])
      outputs.push(await kite.run(words, { env }));
    expect(server.requests[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(KEY);
    expect(kite.files().filter((name) => readFileSync(kite.path(name)).includes(KEY))).toEqual([]);
    const missing = await kite.run(['build', '--retry', 'all']);
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toContain('LAB_KEY');
  });
});

describe('against mock-llm', () => {
  const mock = startMockLlm();
  afterAll(async () => (await mock).stop());

  it('a build ends, is billed by its word, and the next one asks nothing', async () => {
    await serve();
    const { url } = await mock;
    const kite = kiteWith({ providers: { lab: { baseURL: `${url}/v1`, stream: false } } });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(0);
    // Equal texts are asked about once, or twice where two calls about them were in flight together.
    const { replies, cost } = ledgerTotal(ledgerOf(kite));
    expect(stderr).toContain(`spent $${cost.toFixed(4)} for ${replies} calls`);
    expect(cost).toBeCloseTo(replies * 0.002, 9);
    expect((await kite.build()).steps).toEqual([]);
  });
});

describe('two generations that ask the very same question at the same time', () => {
  it('buy one answer, and have it both', async () => {
    const fit = 'one\n<essay>\ntwo\nthree\n</essay>\nfour';
    await serve({
      latencyMs: 100,
      answer: (request) => (request.prompt.startsWith('TWIN') ? fit : kiteAnswer(request)),
    });
    const twin = 'TWIN of {{ concepts[0].name }}\n';
    const kite = kiteWith({}, { [DRAFT]: twin, 'data/1_raw/templates/draft/d-two.txt': twin });

    const built = await kite.run(['build', '--yes']);

    expect(built.stderr).toContain('all 28 generations are current');
    const asked = server.requests
      .filter(({ prompt }) => prompt.startsWith('TWIN'))
      .map(({ prompt }) => prompt);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked).size).toBe(asked.length);
    expect(server.billed).toBe(ledgerOf(kite).filter(({ outcome }) => outcome === 'reply').length);
  });
});
