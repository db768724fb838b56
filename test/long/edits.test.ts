// Edits of inputs, each alone: exactly the steps that the edit makes wrong are run, and the build after it runs nothing.
import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FakeProvider } from '../support/fakeprovider.ts';
import { fromBuilt } from '../support/builtkite.ts';
import { CONFIG_FILE, configFor, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { scratchFolder } from '../support/project.ts';

const RENDERED = 'rendered called parsed';
let server: FakeProvider;
let kite: Kite;
fromBuilt((fresh) => ({ server, kite } = fresh));

/** Runs the next build: its steps, with the calls that it made; then nothing must be left to do. */
async function rebuilt(...words: readonly string[]): Promise<{ steps: readonly string[]; calls: number }> {
  const before = server.requests.length;
  const { code, steps, stderr } = await kite.build(...words);
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  const calls = server.requests.length - before;
  expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  expect(server.requests).toHaveLength(before + calls);
  return { steps, calls };
}

/** A generation and its descendants by label, less what comes below a copy's parent only. */
function below(draft: string): string[] {
  return [
    `${draft} ${RENDERED}`,
    `${draft}/e-copy rendered copied parsed`,
    `${draft}/e-copy/v-one ${RENDERED}`,
    `${draft}/e-copy/v-one#2 ${RENDERED}`,
    `${draft}/e-llm ${RENDERED}`,
    `${draft}/e-llm/v-one ${RENDERED}`,
    `${draft}/e-llm/v-one#2 ${RENDERED}`,
  ];
}

describe('the first build', () => {
  it('makes every generation with one call for each that is no copy', async () => {
    const before = server.requests.length;
    const { code, steps } = await makeKite(server.url).build();
    expect({ code, calls: server.requests.length - before }).toEqual({ code: 0, calls: 4 + 4 + 16 });
    expect(steps).toEqual(['A:d-one', 'A:d-two', 'B:d-one', 'B:d-two'].flatMap(below));
  });
});

describe('nothing changed', () => {
  it('runs nothing, calls nothing, writes nothing, and says so', async () => {
    await kite.build();
    const files = kite.files();
    const { code, stdout, stderr } = await kite.run(['build']);
    expect(code).toBe(0);
    expect(stdout + stderr).toContain('nothing to run');
    expect(kite.files()).toEqual(files);
    expect(await kite.check()).toMatchObject({ code: 0 });
  });

  it('holds after every file was touched', async () => {
    const soon = new Date(Date.now() + 5000);
    for (const file of kite.files()) utimesSync(kite.path(file), soon, soon);
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });

  it('holds when rows and columns of every CSV are in another order', async () => {
    for (const name of readdirSync(kite.path('data/1_raw')).filter((each) => each.endsWith('.csv'))) {
      const [header = '', ...rows] = kite.read(`data/1_raw/${name}`).trim().split('\n');
      const turned = [header, ...rows.reverse()].map((line) => line.split(',').reverse().join(','));
      kite.write(`data/1_raw/${name}`, `${turned.join('\n')}\n`);
    }
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });

  it('holds without the caches, with only the gens store left', async () => {
    kite.remove('data/.daydream');
    expect(await kite.check()).toMatchObject({ code: 0 });
    expect(kite.exists('data/.daydream')).toBe(false);
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });

  it('holds in a fresh clone of the project with its outputs committed', async () => {
    const git = (...words: string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: kite.root });
    kite.write('.gitignore', '.daydream/\n');
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'Outputs');
    const clone = join(scratchFolder(), 'clone');
    git('clone', '-q', kite.root, clone);
    const before = server.requests.length;
    expect(await kite.run(['check', '--root', clone])).toMatchObject({ code: 0 });
    const { code, stderr } = await kite.run(['build', '--root', clone]);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing to run') as string,
    });
    expect(server.requests).toHaveLength(before);
    expect(execFileSync('git', ['status', '--short'], { cwd: clone, encoding: 'utf8' })).toBe('');
  });

  it.each([
    ['the name of a template', 'data/1_raw/draft_templates.csv', 'd-one,One,x', 'd-one,Uno,y'],
    ['the display name of a model', 'data/1_raw/llm_models.csv', 'lab,W1,gen', 'shop,Writer,general'],
    ['the price of a model', 'data/1_raw/llm_models.csv', 'W1,gen,0.01', 'W1,gen,0.02'],
    ['a concept that no combo has', 'data/1_raw/concepts/descriptions-paragraph/k3.txt', 'clay', 'bread'],
    ['a template that no cohort has', 'data/1_raw/templates/draft/d-three.txt', 'Three', 'Four'],
    [
      'blanks around a description',
      'data/1_raw/concepts/descriptions-paragraph/k1.txt',
      'line.\n',
      'line.\n\n\n',
    ],
    [
      'a comment in the spec',
      'data/cohorts/C/spec/config.yaml',
      '  draft_llm',
      '  # Who writes.\n  draft_llm',
    ],
    ['the order of the spec', 'data/cohorts/C/spec/config.yaml', '[A, B]', '[B, A]'],
    [
      'how many calls run at a time',
      CONFIG_FILE,
      '"provider":',
      '"pools":{"llm_api_paid":{"concurrency":1}},"provider":',
    ],
  ])('holds after a change of %s', async (_what, file, before, after) => {
    kite.edit(file, before, after);
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });
});

describe('texts', () => {
  it("a draft template's text runs its drafts and what is made from them", async () => {
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    expect(await rebuilt()).toEqual({ steps: [...below('A:d-one'), ...below('B:d-one')], calls: 12 });
  });

  it('a change that renders the same prompt renders, and no more', async () => {
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', '{# to be weighed #}Use:');
    expect(await rebuilt()).toEqual({ steps: ['A:d-one rendered', 'B:d-one rendered'], calls: 0 });
  });

  it("an essay template's text leaves drafts and copies alone", async () => {
    kite.edit('data/1_raw/templates/essay/e-llm.txt', 'Draft:', 'Notes:');
    const essays = ['A:d-one', 'A:d-two', 'B:d-one', 'B:d-two'].map((draft) => `${draft}/e-llm`);
    expect((await rebuilt()).steps).toEqual(
      essays.flatMap((essay) => ['', '/v-one', '/v-one#2'].map((rest) => `${essay}${rest} ${RENDERED}`)),
    );
  });

  it('a concept runs the combos that have it', async () => {
    kite.edit('data/1_raw/concepts/descriptions-paragraph/k1.txt', 'Flies', 'Soars');
    expect(await rebuilt()).toEqual({ steps: [...below('A:d-one'), ...below('A:d-two')], calls: 12 });
  });

  it('the display name of a concept calls only where the template prints it', async () => {
    kite.edit('data/1_raw/concepts_metadata.csv', 'Kite', 'Paper kite');
    expect(await rebuilt()).toEqual({ steps: [...below('A:d-one'), 'A:d-two rendered'], calls: 6 });
  });

  it('an edit that is taken back restores the old texts without a call', async () => {
    const texts = (): readonly string[] =>
      kite
        .files('data/gens')
        .filter((file) => file.endsWith('.txt'))
        .map((file) => kite.read(file));
    const before = texts();
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    expect((await rebuilt()).calls).toBe(12);
    expect(texts()).not.toEqual(before);
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use all of:', 'Use:');
    const undone = await rebuilt();
    expect(undone.calls).toBe(0);
    expect(undone.steps).toEqual(
      [...below('A:d-one'), ...below('B:d-one')].map((step) => step.replace('called', 'cached')),
    );
    expect(texts()).toEqual(before);
  });
});

describe('models, parsers and settings', () => {
  it("a model's provider string runs what it writes; what parses to the same text stops there", async () => {
    kite.edit('data/1_raw/llm_models.csv', 'lab/j1', 'lab/j1-new');
    const { steps, calls } = await rebuilt();
    expect(calls).toBe(16);
    expect(steps).toHaveLength(16);
    expect(steps.every((step) => /v-one(#2)? called parsed$/.test(step))).toBe(true);
  });

  it('a draft that is written again and parses to the same text leaves its essays current', async () => {
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged', '{# twice #}Tagged');
    kite.remove(`${kite.folder('A:d-two')}/raw.txt`);
    kite.remove('data/.daydream/responses');
    const { steps, calls } = await rebuilt();
    expect(steps).toEqual(['A:d-two rendered called parsed', 'B:d-two rendered']);
    expect(calls).toBe(1);
  });

  it('another parser parses again, without a call', async () => {
    kite.edit('data/1_raw/draft_templates.csv', 'x,essay_block,', 'x,essay_block_lenient,');
    expect(await rebuilt()).toEqual({ steps: ['A:d-two parsed', 'B:d-two parsed'], calls: 0 });
  });

  it('another parser that gives another text runs what is below', async () => {
    kite.edit('data/1_raw/draft_templates.csv', 'x,essay_block,', 'x,identity,');
    const { steps } = await rebuilt();
    expect(steps).toEqual(
      [...below('A:d-two'), ...below('B:d-two')].map((step) =>
        step.replace(/d-two rendered.*/, 'd-two parsed'),
      ),
    );
  });

  it("a parser of the config parses again when its source changes, and not when its neighbour's does", async () => {
    const parser = (name: string, body: string): string => `{ name: '${name}', parse: (raw) => ${body} }`;
    kite.remove(CONFIG_FILE);
    const withParsers = (mine: string, other: string): void =>
      kite.write(
        'daydream.config.ts',
        configFor(server.url, `parsers: [${parser('mine', mine)}, ${parser('other', other)}]`),
      );
    withParsers('raw', 'raw');
    kite.edit('data/1_raw/draft_templates.csv', 'd-one,One,x,,', 'd-one,One,x,mine,');
    expect((await rebuilt()).steps).toEqual(['A:d-one parsed', 'B:d-one parsed']);
    withParsers('raw', 'raw.trim()');
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
    withParsers("raw + ''", 'raw');
    expect((await rebuilt()).steps).toEqual(['A:d-one parsed', 'B:d-one parsed']);
  });

  it('a parser in a file of its own, that the config imports, is seen to change', async () => {
    kite.remove(CONFIG_FILE);
    kite.write('parsers.ts', `export const mine = { name: 'mine', parse: (raw: string) => raw };\n`);
    kite.write(
      'daydream.config.ts',
      `import { mine } from './parsers.ts';\n${configFor(server.url, 'parsers: [mine]')}`,
    );
    kite.edit('data/1_raw/draft_templates.csv', 'd-one,One,x,,', 'd-one,One,x,mine,');
    expect((await rebuilt()).steps).toEqual(['A:d-one parsed', 'B:d-one parsed']);
    kite.edit('parsers.ts', '=> raw', "=> raw + '!'");
    expect((await rebuilt()).steps).toEqual(
      [...below('A:d-one'), ...below('B:d-one')].map((step) =>
        step.replace(/d-one rendered.*/, 'd-one parsed'),
      ),
    );
  });

  it.each([
    ['beside it', 'const helper = (raw: string): string => raw;\n', ''],
    [
      'in a file that it imports',
      "import { helper } from './helper.ts';\n",
      'export const helper = (raw: string): string => raw;\n',
    ],
  ])(
    'a parser whose function calls another %s parses again when that one changes',
    async (_where, head, file) => {
      kite.remove(CONFIG_FILE);
      if (file !== '') kite.write('helper.ts', file);
      const config = (more: string): string =>
        `${head}${configFor(server.url, `parsers: [{ name: 'mine', parse: (raw) => helper(raw) }], ${more}`)}`;
      kite.write('daydream.config.ts', config(''));
      kite.edit('data/1_raw/draft_templates.csv', 'd-one,One,x,,', 'd-one,One,x,mine,');
      expect((await rebuilt()).steps).toEqual(['A:d-one parsed', 'B:d-one parsed']);
      kite.write('daydream.config.ts', config('confirmAbove: 7'));
      expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
      kite.edit(file === '' ? 'daydream.config.ts' : 'helper.ts', '=> raw;', '=> raw.trim();');
      expect((await kite.check()).code).toBe(1);
      expect(await rebuilt()).toEqual({ steps: ['A:d-one parsed', 'B:d-one parsed'], calls: 0 });
    },
  );

  it("a parser's version alone stands for it where it has one", async () => {
    kite.remove(CONFIG_FILE);
    const config = configFor(
      server.url,
      "parsers: [{ name: 'mine', version: '1', parse: (raw) => helper(raw) }]",
    );
    kite.write('daydream.config.ts', `const helper = (raw: string): string => raw;\n${config}`);
    kite.edit('data/1_raw/draft_templates.csv', 'd-one,One,x,,', 'd-one,One,x,mine,');
    await rebuilt();
    kite.edit('daydream.config.ts', '=> raw;', '=> raw.trim();');
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });

  it('the fewest lines of a stage are judged again, without a call', async () => {
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: { draft: { minLines: 1 } } }));
    expect((await rebuilt()).steps).toEqual(
      ['A:d-one', 'A:d-two', 'B:d-one', 'B:d-two'].map((draft) => `${draft} parsed`),
    );
  });

  it("a stage's temperature asks again", async () => {
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: { evaluation: { temperature: 0 } } }));
    expect((await rebuilt()).calls).toBe(16);
  });
});

describe('the spec', () => {
  const SPEC = 'data/cohorts/C/spec/config.yaml';

  it('a new template runs only its own generations', async () => {
    kite.edit(SPEC, '[d-one, d-two]', '[d-one, d-two, d-three]');
    expect((await rebuilt()).steps).toEqual([...below('A:d-three'), ...below('B:d-three')]);
  });

  it('a new model runs only its own generations', async () => {
    kite.edit(SPEC, 'evaluation_llm: [j1]', 'evaluation_llm: [j1, w1]');
    const { steps, calls } = await rebuilt();
    expect(calls).toBe(16);
    expect(steps.filter((step) => !/v-one@w1(#2)? rendered called parsed$/.test(step))).toEqual([]);
  });

  it('a new replicate runs only its own generations, and shares no answer', async () => {
    kite.edit('data/1_raw/replication_config.csv', 'evaluation,2', 'evaluation,3');
    const { steps, calls } = await rebuilt();
    expect(calls).toBe(8);
    expect(steps.filter((step) => !step.endsWith('v-one#3 rendered called parsed'))).toEqual([]);
  });

  it('what is taken out and put back is still there', async () => {
    kite.edit(SPEC, '[d-one, d-two]', '[d-one]');
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
    kite.edit(SPEC, '[d-one]', '[d-one, d-two]');
    expect(await rebuilt()).toEqual({ steps: [], calls: 0 });
  });
});
