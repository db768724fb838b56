// What an estimate rests on, what was agreed to, and what a cap refuses, against a server that counts what it bills.
import { afterEach, describe, expect, it } from 'vitest';
import { openProject, type Spending } from '../../src/api.ts';
import { startFakeProvider, type FakeOptions, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, JUDGE, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import type { Ended } from '../support/program.ts';

const MODELS = 'data/1_raw/llm_models.csv';
const HEADER = 'id,model,provider,display_name,specialization,input_price,output_price,pool\n';
const PRICED = prices(
  'w1,lab/w1,lab,W1,gen,1,10,',
  'w2,lab/w2,lab,W2,gen,1,10,',
  'j1,lab/j1,lab,J1,judge,1,10,',
);
const SHORT = Object.fromEntries(
  ['draft', 'essay', 'evaluation'].map((stage) => [stage, { maxTokens: 200 }]),
);
/** What a kite needs: 4 drafts, 4 essays, 16 evaluations. */
const CALLS = 24;

let server: FakeProvider;

afterEach(() => server.close());

async function serve(options: FakeOptions = {}): Promise<FakeProvider> {
  server = await startFakeProvider({ answer: kiteAnswer, ...options });
  return server;
}

function prices(...rows: readonly string[]): Readonly<Record<string, string>> {
  return { [MODELS]: `${HEADER}${rows.join('\n')}\n` };
}

function kiteWith(
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Kite {
  return makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url, more), ...PRICED, ...files });
}

interface PriceJson {
  readonly price: {
    readonly lower: { readonly calls: number; readonly usd: number };
    readonly upper: { readonly calls: number; readonly usd: number; readonly free: number };
    readonly unseen: number;
    readonly unpricedAsBilled?: number;
    readonly lines: readonly {
      readonly by: string;
      readonly name: string;
      readonly upper: { usd: number };
    }[];
  };
}

async function planOf(kite: Kite, ...words: readonly string[]): Promise<PriceJson['price']> {
  const { stdout } = await kite.run(['plan', '--json', ...words]);
  return (JSON.parse(stdout) as PriceJson).price;
}

function said({ stdout, stderr }: Ended): string {
  return stdout + stderr;
}

describe('an estimate rests on', () => {
  it('nothing that the offline model wrote', async () => {
    await serve();
    const kite = kiteWith();
    const fresh = await planOf(kite);
    const real = kite.read(CONFIG_FILE);
    kite.write(CONFIG_FILE, '{"provider":"offline"}\n');
    await kite.build();
    kite.write(CONFIG_FILE, real);
    const after = await planOf(kite);
    expect(after.unseen).toBe(CALLS);
    expect(after.upper.usd).toBeGreaterThan(fresh.upper.usd * 0.9);
    expect(said(await kite.run(['plan']))).toContain('nothing known: max_tokens');
    const unasked = await kite.run(['build']);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('DD111');
    expect(server.requests).toHaveLength(0);
  });

  it('replies of the very model, by template where it answered under it, else of its stage', async () => {
    await serve();
    const kite = kiteWith();
    await kite.run(['build', '--yes']);
    kite.edit(JUDGE, 'Judge:', 'Judge well:');
    const seen = await kite.run(['plan']);
    expect(seen.stdout).toMatch(/model +j1 +16 calls .*from 16 replies of this model/);
    // Another judge never answered: what its predecessor wrote says nothing of it.
    kite.edit(MODELS, 'lab/j1', 'lab/j9');
    const other = await kite.run(['plan']);
    expect(other.stdout).toMatch(/model +j1 +16 calls .*nothing known: max_tokens/);
    expect((await planOf(kite)).unseen).toBe(16);
  });

  it('what such replies were billed, beside the sum, where there is no price', async () => {
    await serve({ cost: () => 0.25 });
    const kite = kiteWith(
      {},
      prices('w1,lab/w1,lab,W1,gen,1,10,', 'w2,lab/w2,lab,W2,gen,1,10,', 'j1,lab/j1,lab,J1,judge,,,'),
    );
    expect((await planOf(kite)).unpricedAsBilled).toBeUndefined();
    await kite.run(['build', '--yes']);
    kite.edit(JUDGE, 'Judge:', 'Judge well:');
    const { unpricedAsBilled, upper } = await planOf(kite);
    expect([unpricedAsBilled, upper.usd]).toEqual([16 * 0.25, 0]);
    const { stdout } = await kite.run(['plan']);
    expect(stdout).toMatch(/price unknown \(no price for j1\)/);
    expect(stdout).toMatch(/model +j1 .*price unknown.*; \$4\.00 as such replies were billed/);
    expect((await kite.run(['build', '--max-cost', '9'])).stderr).toContain('DD602');
  });

  it('a stage of the model where the template is new to it', async () => {
    await serve();
    const kite = kiteWith();
    await kite.run(['build', 'stage:draft', '--yes']);
    kite.write('data/1_raw/templates/draft/d-three.txt', 'Three {{ concepts[0].name }} more\n');
    kite.edit('data/cohorts/C/spec/config.yaml', '[d-one, d-two]', '[d-one, d-three]');
    const { stdout } = await kite.run(['plan', 'stage:draft']);
    expect(stdout).toMatch(/model +w1 +2 calls .*from 4 replies of this model/);
  });

  it('and free calls are no paid ones', async () => {
    await serve();
    const files = prices(
      'w1,lab/w1,lab,W1,gen,1,10,',
      'w2,lab/w2:free,lab,W2,gen,,,',
      'j1,lab/j1:free,lab,J1,judge,,,',
    );
    const { stdout } = await kiteWith({}, files).run(['plan']);
    expect(stdout).toMatch(/ {2}4 paid calls, 20 free calls, /);
    const none = prices(
      'w1,lab/w1:free,lab,W1,gen,,,',
      'w2,lab/w2:free,lab,W2,gen,,,',
      'j1,lab/j1:free,lab,J1,judge,,,',
    );
    const free = await kiteWith({}, none).run(['plan']);
    expect(free.stdout).toMatch(/ {2}24 free calls, /);
    expect(free.stdout).not.toContain('paid call');
  });
});

/** Dearer than the prices say: the server bills by its own list. */
const DEAR_REPLY = 0.05;

describe('what was agreed to', () => {
  const settings = { confirmAbove: 0.1, pools: { llm_api_paid: { concurrency: 1 } } };

  it('is not passed without a word: a build that nobody can be asked about starts nothing more, and says what goes on', async () => {
    await serve({ cost: () => DEAR_REPLY });
    const kite = kiteWith({ ...settings, stages: SHORT });
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(3);
    expect(stderr).toContain(
      '24 generations left: the next call was expected to pass the $0.1000 that were agreed to; `daydream build --yes`',
    );
    expect(server.billedUsd).toBeCloseTo(2 * DEAR_REPLY);
    expect((await kite.run(['build', '--yes'])).code).toBe(0);
    expect(server.billed).toBe(CALLS);
  });

  it('is asked about again while the build runs, with what is spent and what it would be in all', async () => {
    await serve({ cost: () => DEAR_REPLY });
    const kite = kiteWith({ ...settings, stages: SHORT });
    const project = await openProject({ root: kite.root });
    const asked: Spending[] = [];
    const answers = [true, false];
    const confirm = (spending: Spending): boolean => {
      asked.push(spending);
      return answers[asked.length - 1] ?? false;
    };
    const { end, agreed, summary } = await project.build({ confirm }).report;
    expect(end).toBe('limited');
    expect(agreed).toBe(asked[0]?.usd);
    expect(asked.map(({ words }) => words)).toEqual([
      expect.stringMatching(/^up to \$\d\.\d+ in all: \$0\.1000 is spent, \$0\.1000 was agreed to$/),
      expect.stringMatching(/^up to \$\d\.\d+ in all: \$\d\.\d+ is spent, \$\d\.\d+ was agreed to$/),
    ]);
    expect(asked[1]?.usd).toBeGreaterThan(asked[0]?.usd ?? Infinity);
    expect(summary?.cost).toBeCloseTo(server.billedUsd);
  });

  it('by --max-cost is that sum, and nobody is asked again', async () => {
    await serve({ cost: () => 0.01 });
    const { code } = await kiteWith({ ...settings, stages: SHORT }).run(['build', '--max-cost', '1']);
    expect(code).toBe(0);
    expect(server.billedUsd).toBeCloseTo(CALLS * 0.01);
  });
});

describe('a refusal by the cap', () => {
  it('names the cap that would do, and it does', async () => {
    await serve();
    const kite = kiteWith({ stages: SHORT, pools: { llm_api_paid: { concurrency: 1 } } });
    const { code, stderr } = await kite.run(['build', '--max-cost', '0.003']);
    expect(code).toBe(3);
    const named = /might have passed the cap of \$0\.0030; `--max-cost (\S+)` would do for the rest/.exec(
      stderr,
    )?.[1];
    expect(Number(named)).toBeLessThan(0.2);
    const events = (await kite.run(['build', '--max-cost', '0.0001', '--json'])).stdout.trim().split('\n');
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ type: 'build_finished', enough: Number(named) });
    expect((await kite.run(['build', '--max-cost', named ?? '0'])).code).toBe(0);
    expect(server.billed).toBe(CALLS);
  });
});
