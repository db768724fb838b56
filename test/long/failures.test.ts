// Steps that fail: what is kept, what is blocked, when it is tried again, and that nothing of it is ever called current.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  faults,
  startFakeProvider,
  type FakeProvider,
  type FakeRequest,
  type Fault,
} from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';

const RENDERED = 'rendered called parsed';
let server: FakeProvider;
let fault: ((request: FakeRequest) => Fault | undefined) | undefined;
let kite: Kite;

beforeAll(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, fault: (request) => fault?.(request) });
});

afterAll(() => server.close());

/** One chain for each draft of combo A: a draft, an essay by a model, an essay by copy, an evaluation each. */
beforeEach(() => {
  fault = undefined;
  kite = makeKite(server.url, {
    'data/1_raw/replication_config.csv': 'stage,replicates\ndraft,1\nessay,1\nevaluation,1\n',
  });
  kite.edit('data/cohorts/C/spec/config.yaml', '[A, B]', '[A]');
});

const CHAINS = ['A:d-one', 'A:d-two'].flatMap((draft) => [
  draft,
  ...['e-copy', 'e-llm'].flatMap((essay) => [`${draft}/${essay}`, `${draft}/${essay}/v-one`]),
]);

/** The first build's steps, with other words for some. */
function steps(
  changed: Readonly<Record<string, string>> = {},
  labels: readonly string[] = CHAINS,
): readonly string[] {
  return labels
    .map(
      (label) =>
        `${label} ${changed[label] ?? (label.endsWith('copy') ? 'rendered copied parsed' : RENDERED)}`,
    )
    .sort();
}

const BLOCKED = Object.fromEntries(CHAINS.slice(1, 5).map((label) => [label, 'blocked']));

function reply(text: string, part: string, more: object = {}): void {
  fault = ({ prompt }) => (prompt.includes(part) ? faults.reply({ content: text, ...more }) : undefined);
}

/** What fails stays failed without a call until something changes; a check says so. */
async function expectStuck(label: string, kind: string): Promise<void> {
  const calls = server.requests.length;
  const { code, steps: again } = await kite.build();
  expect({ code, again }).toEqual({ code: 1, again: [] });
  expect(server.requests).toHaveLength(calls);
  const { code: checked, stdout } = await kite.run(['check', '--json']);
  const { generations } = JSON.parse(stdout) as {
    generations: { genId: string; state: string; failure?: { kind: string }; cause?: string }[];
  };
  expect(checked).toBe(1);
  expect(generations.find(({ genId }) => genId === kite.id(label))).toMatchObject({
    state: 'failed',
    failure: { kind },
  });
  const blocked = generations.filter(({ state }) => state === 'blocked');
  expect(blocked.map(({ cause }) => cause)).toEqual(blocked.map(() => kite.id(label)));
}

describe('a reply that is no text for the next stage', () => {
  it('too few lines: kept, counted as failed, and it blocks what is below', async () => {
    reply('one\n\n  \ntwo', 'Use:');
    const { code, steps: first } = await kite.build();
    expect({ code, first }).toEqual({
      code: 1,
      first: steps({ ...BLOCKED, 'A:d-one': 'rendered called failed: too_short' }),
    });
    const folder = kite.folder('A:d-one');
    expect(kite.read(`${folder}/raw.txt`)).toBe('one\n\n  \ntwo');
    expect(kite.exists(`${folder}/parsed.txt`)).toBe(false);
    expect(JSON.parse(kite.read(`${folder}/parsed_metadata.json`))).toMatchObject({
      success: false,
      error: { reason: 'min_lines_not_met', observed: 2, required: 3 },
    });
    await expectStuck('A:d-one', 'too_short');
  });

  it('cut off: kept, and asked again when the limit is raised', async () => {
    reply('one\ntwo\nthree', 'Use:', { finishReason: 'length' });
    expect((await kite.build()).steps).toContain('A:d-one rendered called failed: truncated');
    expect(kite.read(`${kite.folder('A:d-one')}/raw.txt`)).toBe('one\ntwo\nthree');
    await expectStuck('A:d-one', 'truncated');
    fault = undefined;
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: { draft: { maxTokens: 30000 } } }));
    const { code, steps: again } = await kite.build();
    expect(code).toBe(0);
    expect(again).toEqual(
      steps({ 'A:d-one': 'called parsed', 'A:d-two': 'called parsed' }, [...CHAINS.slice(0, 5), 'A:d-two']),
    );
  });

  it('cut off, where that is accepted: parsed, and never served from the cache', async () => {
    reply('one\ntwo\nthree', 'Use:', { finishReason: 'length' });
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: { draft: { truncation: 'accept' } } }));
    expect(await kite.build()).toMatchObject({ code: 0, steps: steps() });
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
    kite.remove(`${kite.folder('A:d-one')}/raw.txt`);
    expect(await kite.build()).toMatchObject({ code: 0, steps: ['A:d-one called parsed'] });
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
    kite.write(CONFIG_FILE, settingsFor(server.url));
    expect(await kite.build()).toMatchObject({
      code: 1,
      steps: steps({ ...BLOCKED, 'A:d-one': 'failed: truncated', 'A:d-two': 'parsed' }, [
        ...CHAINS.slice(0, 5),
        'A:d-two',
      ]),
    });
  });

  it('unparsable: kept with the reason, and parsed again when the parser changes', async () => {
    reply('no\ntags\nhere', 'Tagged');
    expect((await kite.build()).steps).toContain('A:d-two rendered called failed: unparsable');
    const folder = kite.folder('A:d-two');
    expect(kite.read(`${folder}/raw.txt`)).toBe('no\ntags\nhere');
    expect(JSON.parse(kite.read(`${folder}/parsed_metadata.json`))).toMatchObject({
      success: false,
      error: {
        reason: 'parse_failed',
        parser: 'essay_block',
        cause: 'missing_essay_block',
        preview: 'no | tags | here',
      },
    });
    await expectStuck('A:d-two', 'unparsable');
    kite.edit('data/1_raw/draft_templates.csv', 'essay_block', 'essay_block_lenient');
    const { code, steps: again } = await kite.build();
    expect({ code, again }).toEqual({ code: 0, again: steps({ 'A:d-two': 'parsed' }, CHAINS.slice(5)) });
  });

  it('is mended by a hand in raw.txt', async () => {
    reply('no\ntags\nhere', 'Tagged');
    await kite.build();
    kite.write(`${kite.folder('A:d-two')}/raw.txt`, 'now\n<essay>with</essay>\ntags');
    expect(await kite.build()).toMatchObject({
      code: 0,
      steps: steps({ 'A:d-two': 'parsed' }, CHAINS.slice(5)),
    });
    expect(kite.read(`${kite.folder('A:d-two')}/parsed.txt`)).toBe('with');
  });

  it('is asked again with --retry refused, and the old reply is kept', async () => {
    reply('no\ntags\nhere', 'Tagged');
    await kite.build();
    fault = undefined;
    expect(await kite.build('--retry', 'api')).toMatchObject({ code: 1, steps: [] });
    const { code, steps: again } = await kite.build('--retry', 'refused');
    expect({ code, again }).toEqual({
      code: 0,
      again: steps({ 'A:d-two': 'called parsed' }, CHAINS.slice(5)),
    });
    const kept = kite.files('data/.daydream/responses').map((each) => kite.read(each));
    expect(kept.filter((entry) => entry.includes('no\\ntags\\nhere'))).toHaveLength(1);
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  });

  it('that replaces a good one takes the old text away, and an undone edit brings it back', async () => {
    expect(await kite.build()).toMatchObject({ code: 0 });
    const parsed = kite.read(`${kite.folder('A:d-two')}/parsed.txt`);
    reply('no tags', 'Tagged');
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged', 'Well Tagged');
    expect(await kite.build()).toMatchObject({
      code: 1,
      steps: steps(
        {
          ...Object.fromEntries(CHAINS.slice(6).map((label) => [label, 'blocked'])),
          'A:d-two': 'rendered called failed: too_short',
        },
        CHAINS.slice(5),
      ),
    });
    expect(kite.exists(`${kite.folder('A:d-two')}/parsed.txt`)).toBe(false);
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Well Tagged', 'Tagged');
    expect(await kite.build()).toMatchObject({ code: 0, steps: ['A:d-two rendered cached parsed'] });
    expect(kite.read(`${kite.folder('A:d-two')}/parsed.txt`)).toBe(parsed);
  });

  it('an empty reply and one that was filtered fail as refused', async () => {
    reply('', 'Use:');
    expect((await kite.build()).steps).toContain('A:d-one rendered called failed: refused');
    await expectStuck('A:d-one', 'refused');
    reply('', 'Use:', { finishReason: 'content_filter' });
    expect((await kite.build('--retry', 'refused')).steps).toContain('A:d-one called failed: refused');
    fault = undefined;
    expect(await kite.build('--retry', 'refused')).toMatchObject({
      code: 0,
      steps: steps({ 'A:d-one': 'called parsed' }, CHAINS.slice(0, 5)),
    });
  });
});

describe('a call that fails', () => {
  it('is tried again by the next build, and leaves what was there before', async () => {
    fault = ({ prompt }) => (prompt.includes('Use:') ? faults.status(400) : undefined);
    const { code, steps: first, stderr } = await kite.build();
    expect({ code, first }).toEqual({ code: 1, first: steps({ ...BLOCKED, 'A:d-one': 'failed: api' }) });
    expect(stderr).not.toContain('    at ');
    expect(await kite.check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('failed') as string,
    });
    fault = undefined;
    expect(await kite.build()).toMatchObject({
      code: 0,
      steps: steps({ 'A:d-one': 'called parsed' }, CHAINS.slice(0, 5)),
    });
    const before = kite.read(`${kite.folder('A:d-one')}/raw.txt`);
    fault = () => faults.status(400);
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    expect((await kite.build()).steps).toContain('A:d-one failed: api');
    expect(kite.read(`${kite.folder('A:d-one')}/raw.txt`)).toBe(before);
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use all of:', 'Use:');
    expect(await kite.check()).toMatchObject({ code: 0 });
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  });

  it('that was forced is no success, though the old text stays', async () => {
    await kite.build();
    const before = kite.read(`${kite.folder('A:d-one')}/raw.txt`);
    fault = () => faults.status(400);
    const { code, steps: forced } = await kite.build('--force', kite.id('A:d-one'));
    expect({ code, forced }).toEqual({ code: 1, forced: ['A:d-one failed: api'] });
    expect(kite.read(`${kite.folder('A:d-one')}/raw.txt`)).toBe(before);
    fault = undefined;
    expect((await kite.build()).code).toBe(0);
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  });

  it('is a clear failure with --offline, and the cache answers what it can', async () => {
    await kite.build();
    const calls = server.requests.length;
    kite.remove(`${kite.folder('A:d-one')}/raw.txt`);
    kite.edit('data/1_raw/templates/evaluation/v-one.txt', 'End', 'The end');
    const { code, steps: offline } = await kite.build('--offline');
    expect(code).toBe(1);
    expect(offline).toEqual([
      'A:d-one cached parsed',
      ...CHAINS.filter((label) => label.endsWith('v-one')).map((label) => `${label} failed: api`),
    ]);
    expect(server.requests).toHaveLength(calls);
    expect(await kite.build()).toMatchObject({ code: 0 });
    expect(server.requests).toHaveLength(calls + 4);
  });
});

describe('a key', () => {
  it('is wanted only where a call is sure to be made', async () => {
    kite.write(CONFIG_FILE, '{}\n');
    const env = { OPENROUTER_BASE_URL: server.url };
    const build = (more: Readonly<Record<string, string>> = {}): ReturnType<Kite['run']> =>
      kite.run(['build'], { env: { ...env, ...more } });
    expect(await build()).toMatchObject({ code: 2, stderr: expect.stringContaining('DD107') as string });
    expect(kite.exists('data/cohorts/C/membership.csv')).toBe(false);
    expect(await build({ OPENROUTER_API_KEY: 'a-secret' })).toMatchObject({ code: 0 });
    kite.edit('data/1_raw/draft_templates.csv', 'essay_block', 'essay_block_lenient');
    kite.remove(`${kite.folder('A:d-one')}/raw.txt`);
    expect(await build()).toMatchObject({ code: 0 });
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    expect(await build()).toMatchObject({ code: 2, stderr: expect.stringContaining('DD107') as string });
  });
});

describe('the offline model', () => {
  it('builds the whole cohort, and says that no model was asked', async () => {
    const offline = makeKite();
    const { code, stderr } = await offline.run(['build']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('no model was asked') as string,
    });
    expect(offline.read(`${offline.folder('A:d-one')}/raw_metadata.json`)).toContain('"provider": "offline"');
  });

  it('never replaces what a model was paid for, unless forced', async () => {
    await kite.build();
    const before = kite.files('data').map((each) => kite.read(each));
    const refused = await kite.run(['build', '--provider', 'offline']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('DD112') as string });
    expect(kite.files('data').map((each) => kite.read(each))).toEqual(before);
    expect(await kite.build('--provider', 'offline', '--force')).toMatchObject({ code: 0 });
    expect(await kite.build('--provider', 'offline')).toMatchObject({ code: 0, steps: [] });
    const { code, steps: back } = await kite.build();
    expect(code).toBe(0);
    expect(back.filter((step) => step.includes('called'))).toEqual([]);
  });
});
