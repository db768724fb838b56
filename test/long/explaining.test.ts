// Why a generation is in its state, and what is known of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, type Kite } from '../support/kite.ts';

let server: FakeProvider;

beforeAll(async () => {
  server = await startFakeProvider({ answer: kiteAnswer });
});

afterAll(() => server.close());

describe('daydream why', () => {
  let kite: Kite;

  beforeAll(async () => {
    kite = makeKite();
    await kite.build();
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    kite.edit('data/1_raw/llm_models.csv', 'lab/j1', 'lab/j9');
  });

  it('tells what changed of a stale generation, and shows the difference of its prompts', async () => {
    const { code, stdout } = await kite.run(['why', kite.id('A:d-one')]);
    expect(code).toBe(0);
    expect(stdout).toContain('is stale from render on: template changed');
    expect(stdout).toMatch(/^-Use:\n\+Use all of:\n - Kite: Flies on a line\.$/m);
  });

  it('walks up to the root cause, with the steps of both', async () => {
    const { stdout } = await kite.run(['why', kite.id('A:d-one/e-llm')]);
    expect(stdout).toContain(`is pending: the draft ${kite.id('A:d-one')} above is stale`);
    expect(stdout).toMatch(new RegExp(`made from ${kite.id('A:d-one')}.*<- root cause`));
    expect(stdout.match(/^ +step +part/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^\+Use all of:$/m);
  });

  it('names both values of a part that can be read', async () => {
    const { stdout } = await kite.run(['why', kite.id('B:d-two/e-copy/v-one')]);
    expect(stdout).toContain('stale from generate on: model changed: lab/j1 → lab/j9');
    expect(stdout).not.toContain('+++');
  });

  it('says of a current generation that nothing has changed', async () => {
    const { code, stdout } = await kite.run(['why', kite.id('A:d-two')]);
    expect(code).toBe(0);
    expect(stdout).toContain('is current: nothing that it was made from has changed');
  });

  it('gives the same as data', async () => {
    const { stdout } = await kite.run(['why', kite.id('A:d-one/e-llm/v-one'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      generation: { template: 'v-one', model: 'j1', combo: 'A', concepts: ['k1'], replicate: 1 },
      verdict: {
        state: 'stale',
        from: 'generate',
        reasons: [{ kind: 'part', step: 'generate', part: 'model', recorded: 'lab/j1', now: 'lab/j9' }],
        cause: kite.id('A:d-one'),
      },
      cause: { genId: kite.id('A:d-one'), reasons: [{ part: 'template' }] },
      prompt: { genId: kite.id('A:d-one'), now: expect.stringMatching(/^Use all of:/) as string },
    });
  });

  it('says when the new prompt is the old one', async () => {
    const same = makeKite();
    await same.build();
    same.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', '{# twice #}Use:');
    const { stdout } = await same.run(['why', same.id('A:d-one')]);
    expect(stdout).toContain('the prompt that would be rendered now is the same');
  });

  it('repeats what is recorded of a failure', async () => {
    const failing = makeKite();
    failing.edit(CONFIG_FILE, '"provider":', '"stages":{"draft":{"minLines":99}},"provider":');
    expect((await failing.build()).code).toBe(1);
    const { stdout } = await failing.run(['why', failing.id('A:d-one/e-llm')]);
    expect(stdout).toContain(`is blocked: the draft ${failing.id('A:d-one')} above failed`);
    expect(stdout).toMatch(/last failure \(parse, .*where 99 are needed/);
  });

  it.each([
    ['an id with a slip of the pen', (id: string) => `${id.slice(0, -1)}_`, /did you mean d_/],
    ['a name that is no id', () => 'd-one', /d-one is a name, not an id/],
  ])('refuses %s', async (_what, word, said) => {
    const { code, stderr } = await kite.run(['why', word(kite.id('A:d-one'))]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/DD505/);
    expect(stderr).toMatch(said);
  });
});

describe('daydream show', () => {
  let kite: Kite;
  let first: string;

  beforeAll(async () => {
    kite = makeKite(server.url);
    await kite.build();
    first = kite.read(`${kite.folder('A:d-one')}/raw.txt`);
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    await kite.build();
  });

  it.each([
    [[], 'parsed.txt'],
    [['--prompt'], 'prompt.txt'],
    [['--raw'], 'raw.txt'],
    [['--metadata'], 'metadata.json'],
  ])('%j prints %s, byte for byte', async (words, file) => {
    const { code, stdout } = await kite.run(['show', kite.id('A:d-one'), ...words]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: kite.read(`${kite.folder('A:d-one')}/${file}`) });
  });

  it('tells lineage and cost beside it', async () => {
    const { stderr } = await kite.run(['show', kite.id('A:d-one/e-llm')]);
    expect(stderr).toContain(
      `essay ${kite.id('A:d-one/e-llm')} · current · e-llm · w2 · A (k1) · replicate 1`,
    );
    expect(stderr).toContain(`made from ${kite.id('A:d-one')}`);
    expect(stderr).toContain(
      `made into ${kite.id('A:d-one/e-llm/v-one')}, ${kite.id('A:d-one/e-llm/v-one#2')}`,
    );
    expect(stderr).toMatch(/answered by lab lab\/w2 \(by FakeCloud\) · \d+ \+ \d+ tokens/);
  });

  it('gives the same as data', async () => {
    const { stdout } = await kite.run(['show', kite.id('A:d-one/e-llm'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      genId: kite.id('A:d-one/e-llm'),
      state: 'current',
      parents: [{ genId: kite.id('A:d-one'), stage: 'draft' }],
      children: [{ stage: 'evaluation' }, { stage: 'evaluation' }],
      file: 'parsed.txt',
      text: kite.read(`${kite.folder('A:d-one/e-llm')}/parsed.txt`),
    });
  });

  it('compares two generations', async () => {
    const { code, stdout } = await kite.run([
      'show',
      kite.id('A:d-one'),
      '--diff',
      kite.id('B:d-one'),
      '--prompt',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('-- Kite: Flies on a line.\n+- Keel: Holds a course.\n');
  });

  it('lists every response that was kept, and prints one of them', async () => {
    const { stdout } = await kite.run(['show', kite.id('A:d-one'), '--history', '--json']);
    const { responses } = JSON.parse(stdout) as { responses: readonly { text: string; current: boolean }[] };
    expect(responses.map(({ current }) => current)).toEqual([false, true]);
    expect(responses[0]?.text).toBe(first);
    const table = await kite.run(['show', kite.id('A:d-one'), '--history']);
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect((await kite.run(['show', kite.id('A:d-one'), '--history', '1'])).stdout).toBe(first);
    expect(await kite.run(['show', kite.id('A:d-one'), '--history', '3'])).toMatchObject({
      code: 2,
      stdout: '',
    });
  });

  it('shows what only the store still has', async () => {
    const orphaned = makeKite();
    await orphaned.build();
    const id = orphaned.id('B:d-one');
    orphaned.edit('data/cohorts/C/spec/config.yaml', 'combo_id: [A, B]', 'combo_id: [A]');
    const { code, stderr } = await orphaned.run(['show', id]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('in no cohort') as string });
  });

  it('ends with 1 where there is nothing to show yet', async () => {
    const fresh = makeKite();
    const { stdout } = await fresh.run(['ls', 'stage:draft', '--columns', 'gen_id', '--format', 'csv']);
    const { code, stderr } = await fresh.run(['show', stdout.split('\n')[1] ?? '']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not there') as string });
  });

  it('shows one thing at a time', async () => {
    expect(await kite.run(['show', kite.id('A:d-one'), '--raw', '--prompt'])).toMatchObject({ code: 2 });
  });
});
