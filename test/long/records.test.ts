// A record holds what was made: scores, texts and inputs of a tagged build, read and brought back after later builds have changed them.
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider, type FakeRequest } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, JUDGE, kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { makeProject } from '../support/project.ts';

let server: FakeProvider;
let kite: Kite;
/** What every judge says. */
let score = 4;

function answer(request: FakeRequest): string {
  return request.prompt.startsWith('Judge') ? `Fair.\nSCORE: ${score}` : kiteAnswer(request);
}

beforeEach(async () => {
  score = 4;
  server = await startFakeProvider({ answer, cost: () => 0.001 });
  kite = makeKite(server.url);
  await kite.run(['build', '--tag', 'experiment_id=spring', '--snapshot']);
});

afterEach(() => server.close());

/** Another rubric text, and other scores. */
async function judgeAnew(...words: readonly string[]): Promise<void> {
  score = 8;
  kite.edit(JUDGE, 'Judge:', 'Judge with care:');
  expect((await kite.run(['build', ...words])).code).toBe(0);
}

async function scoresIn(...words: readonly string[]): Promise<readonly string[]> {
  const show = ['--show', 'aggregated_scores', '--format', 'csv'];
  const { code, stdout, stderr } = await kite.run(['report', 'C', ...words, ...show]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const [header = '', ...lines] = stdout.trim().split('\n');
  const place = header.split(',').indexOf('score');
  return lines.map((line) => line.split(',')[place] ?? '');
}

const all = (text: string): readonly string[] => Array.from({ length: 16 }, () => text);

describe('a tagged build with a snapshot', () => {
  it('gives its own scores after later builds, by tag, value, run and the beginning of its id', async () => {
    const id = kite.files('data/.daydream/runs').find((name) => name.endsWith('.json')) ?? '';
    const run = /runs\/(.*)\.json$/.exec(id)?.[1] ?? '';
    await judgeAnew();
    expect(await scoresIn()).toEqual(all('8.0'));
    for (const word of ['spring', 'experiment_id=spring', 'tag:experiment_id=spring', run, run.slice(0, 17)])
      expect(await scoresIn('--run', word)).toEqual(all('4.0'));
    const { stdout, stderr } = await kite.run(['report', '--run', 'spring', '--format', 'md']);
    expect(stdout).toMatch(/\| all \| +\| +\| 4\.0 \|/);
    expect(stderr).toContain(`as on record: ${run}`);
    expect(stderr).not.toContain('not current');
  });

  it('is shown by runs show with what it kept, and its tag stays with the texts that it made', async () => {
    await judgeAnew('--tag', 'experiment_id=summer');
    const shown = await kite.run(['runs', 'show', 'spring']);
    expect(shown.stdout).toMatch(/kept {6}28 generations with their texts, 16 scores, mean 4\.00/);
    expect((await kite.run(['runs', 'show', 'summer'])).stdout).toMatch(
      /28 generations by digest, 16 scores, mean 8\.00/,
    );
    const words = ['report', 'C', '--show', 'aggregated_scores', '--with-tags', '--format', 'csv'];
    const lines = (await kite.run(words)).stdout.trim().split('\n').slice(1);
    expect(lines.every((line) => line.endsWith(',experiment_id=summer'))).toBe(true);
    // Drafts and essays came out as they were: both builds may call them theirs.
    const top = await kite.run([
      'top',
      'C',
      '--rubric',
      'v-one',
      '--dry-run',
      '--with-tags',
      '--format',
      'csv',
    ]);
    expect(top.stdout).toContain('experiment_id=spring experiment_id=summer');
  });

  it('keeps the spec, the templates, the concepts, the catalogs and the config, and no key', () => {
    const below = kite
      .files('data/experiments/spring')
      .map((name) => name.replace('data/experiments/spring/', ''));
    expect(below).toEqual(
      expect.arrayContaining([
        'spec_snapshot/C/config.yaml',
        'inputs/data/1_raw/templates/evaluation/v-one.txt',
        'inputs/data/1_raw/concepts/descriptions-paragraph/k1.txt',
        'inputs/data/1_raw/llm_models.csv',
        'inputs/data/combo_mappings.csv',
        `inputs/${CONFIG_FILE}`,
      ]),
    );
    expect(below.filter((name) => name.includes('.env'))).toEqual([]);
  });

  it('is compared with what is there now, and with another run, without git, essay by essay', async () => {
    await judgeAnew('--tag', 'experiment_id=summer');
    const against = await kite.run(['report', 'C', '--compare', 'spring']);
    expect(against.code).toBe(0);
    expect(against.stdout).toMatch(/\| all \| +\| 4\.0 \| 8\.0 \| 4\.0 .*\| paired \| 8 \|/);
    expect(against.stdout).toMatch(/\| spent before +\| 24 /);
    expect(against.stdout).toMatch(/evaluation template v-one .*changed/);
    const two = await kite.run(['report', '--run', 'spring', '--compare', 'summer']);
    expect(two.stdout).toContain('All cohorts of `spring` against `summer`');
    expect(two.stdout).toMatch(/\| all \| +\| 8\.0 \| 4\.0 \| -4\.0 /);
    expect(two.stdout).not.toContain('still to spend');
    // What was edited and not built yet is said: its scores are those of before.
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    const stale = await kite.run(['report', 'C', '--compare', 'summer', '--current', '--json']);
    expect(JSON.parse(stale.stdout)).toMatchObject({ standing: { evaluations: 16, states: { pending: 8 } } });
    const told = await kite.run(['report', 'C', '--compare', 'summer']);
    expect(told.stdout).toContain(
      '> Now, 8 of 16 scores are not current: 8 pending; 8 of them are scores of',
    );
    kite.edit(DRAFT, 'Make use of:', 'Use:');
  });

  it('brings its texts back, all or those that are selected, and what lay there can come back too', async () => {
    const before = textsOf(kite);
    const paid = server.requests.length;
    await judgeAnew();
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    await kite.run(['build']);
    const later = textsOf(kite);
    const asked = server.requests.length;
    expect(later).not.toEqual(before);
    const some = await kite.run(['restore', '--run', 'spring', 'stage:draft']);
    expect(some.stderr).toContain('brought back 2 generations, 2 were as on record');
    const { code, stderr } = await kite.run(['restore', '--run', 'spring']);
    expect(code).toBe(0);
    expect(textsOf(kite)).toEqual(before);
    const batch = /`daydream restore (\S+)`/.exec(stderr)?.[1] ?? '';
    // With the inputs of then everything is current again, and nobody is asked.
    kite.edit(DRAFT, 'Make use of:', 'Use:');
    kite.edit(JUDGE, 'Judge with care:', 'Judge:');
    expect((await kite.check()).code).toBe(0);
    expect(await scoresIn()).toEqual(all('4.0'));
    expect(server.requests.length).toBe(asked);
    expect(asked).toBeGreaterThan(paid);
    await kite.run(['rm', 'stage:*', '--yes']);
    expect((await kite.run(['restore', batch])).code).toBe(0);
  });
});

describe('a record', () => {
  it('of a build without tag and snapshot has no results, and says so', async () => {
    await judgeAnew();
    const { code, stderr } = await kite.run(['report', '--run', 'last']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD570');
    expect((await kite.run(['report', '--run', 'sprig'])).stderr).toMatch(/DD510 .*did you mean "spring"/);
    expect((await kite.run(['report', '--run', 'spring', '--html'])).code).toBe(2);
  });

  it('without texts says that it can not bring them back', async () => {
    await judgeAnew('--tag', 'experiment_id=summer');
    score = 2;
    kite.edit(JUDGE, 'Judge with care:', 'Judge coldly:');
    await kite.run(['build']);
    const { code, stderr } = await kite.run(['restore', '--run', 'summer']);
    expect(code).toBe(1);
    expect(stderr).toContain('28 are on record by digest alone');
    expect(await scoresIn('--run', 'summer')).toEqual(all('8.0'));
  });

  it('is kept by git in what init makes, with the texts as they are byte by byte', async () => {
    const project = makeProject({});
    await project.run(['init']);
    await project.run(['build', '--tag', 'experiment_id=spring', '--snapshot']);
    const git = (...words: readonly string[]): string =>
      execFileSync('git', [...words], {
        cwd: project.root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    git('init', '-q');
    git('add', '-A');
    const files = git('ls-files').split('\n');
    expect(files.filter((name) => name.startsWith('data/.daydream/runs/'))).toHaveLength(2);
    expect(files.filter((name) => name.startsWith('data/.daydream/texts/')).length).toBeGreaterThan(300);
    expect(files.some((name) => name.startsWith('data/experiments/spring/'))).toBe(true);
    expect(files.filter((name) => /graph\.bin|gens\.bin|lock\.json/.test(name))).toEqual([]);
    const text = files.find((name) => name.startsWith('data/.daydream/texts/')) ?? '';
    expect(git('check-attr', 'text', text)).toContain('text: unset');
  });
});

function textsOf(project: Kite): Readonly<Record<string, string>> {
  const names = project.files('data/gens').filter((name) => name.endsWith('.txt'));
  return Object.fromEntries(names.map((name) => [name, project.read(name)]));
}
