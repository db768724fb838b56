// Cohorts from the command line: begun, listed, compiled, printed as rows; combos registered; score tables refreshed.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KITE_FILES, makeKite, type Kite } from '../support/kite.ts';
import { makeProject, run, sampleWith } from '../support/project.ts';

let kite: Kite;

beforeEach(() => {
  kite = makeKite();
});

describe('daydream cohort compile', () => {
  it('writes membership.csv, manifest.json and the metadata.json that each generation begins with', async () => {
    expect(await kite.run(['cohort', 'compile', 'C'])).toMatchObject({ code: 0, stdout: '' });
    const rows = kite.read('data/cohorts/C/membership.csv').trimEnd().split('\n');
    expect(rows).toHaveLength(29);
    expect(JSON.parse(kite.read('data/cohorts/C/manifest.json'))).toMatchObject({ combos: ['A', 'B'] });
    expect(JSON.parse(kite.read(`${kite.folder('A:d-one/e-copy')}/metadata.json`))).toEqual({
      stage: 'essay',
      gen_id: kite.id('A:d-one/e-copy'),
      origin_cohort_id: 'C',
      mode: 'copy',
      template_id: 'e-copy',
      parent_gen_id: kite.id('A:d-one'),
      llm_model_id: 'None',
      replicate: 1,
    });
    expect(kite.files('data/gens')).toHaveLength(28);
  });

  it('leaves a metadata.json that is there as it is, and writes nothing twice', async () => {
    await kite.run(['cohort', 'compile']);
    const file = `${kite.folder('A:d-one')}/metadata.json`;
    const mine = JSON.stringify({ ...(JSON.parse(kite.read(file)) as object), note: 'mine' });
    kite.write(file, mine);
    const { stdout } = await kite.run(['cohort', 'compile', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      cohorts: [{ cohort: 'C', generations: 28, seeded: 0, written: [] }],
    });
    expect(kite.read(file)).toBe(mine);
  });

  it('takes no broken cohort for a reason to refuse another', async () => {
    kite.write('data/cohorts/broken/spec/config.yaml', 'axes: [');
    expect(await kite.run(['cohort', 'compile', 'C'])).toMatchObject({ code: 0 });
    expect(await kite.run(['cohort', 'compile'])).toMatchObject({ code: 2 });
    expect(await kite.run(['cohort', 'compile', 'broken'])).toMatchObject({ code: 2 });
  });

  it.each([
    [['cohort', 'compile', 'c'], /DD109 there is no cohort c \(did you mean "C"\?\)/],
    [['cohort', 'compil'], /did you mean "compile"/],
    [['cohort', 'ls', '--seed', '1'], /cohort ls has no option --seed/],
    [['cohort'], /<action> is missing/],
  ])('%j is refused', async (words, said) => {
    const { code, stderr } = await kite.run(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
    expect(kite.exists('data/gens')).toBe(false);
  });
});

it.each(['membership.csv', 'manifest.json'])(
  'a build brings %s back, with nothing to run too',
  async (name) => {
    await kite.build();
    const before = kite.read(`data/cohorts/C/${name}`);
    kite.remove(`data/cohorts/C/${name}`);
    expect((await kite.build()).steps).toEqual([]);
    expect(kite.read(`data/cohorts/C/${name}`)).toBe(before);
  },
);

it.each(['membership.csv', 'manifest.json', 'reports/parsing/aggregated_scores.csv'])(
  'a folder in the place of %s is said by a build, with its place and cure',
  async (name) => {
    await kite.build();
    kite.remove(`data/cohorts/C/${name}`);
    kite.write(`data/cohorts/C/${name}/kept.txt`, 'x');
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain(`error DD584 data/cohorts/C/${name}: a folder stands where a file is wanted`);
    expect(stderr).toContain('move what stands there away');
  },
);

it.each(['membership.csv', 'manifest.json'])(
  'a folder in the place of %s is found by doctor',
  async (name) => {
    await kite.build();
    kite.remove(`data/cohorts/C/${name}`);
    kite.write(`data/cohorts/C/${name}/kept.txt`, 'x');
    expect((await kite.run(['doctor'])).stdout).toContain(`${name} cannot be read: it is a folder`);
  },
);

it('a cohort whose only source, its membership.csv, is a folder is broken', async () => {
  kite.write('data/cohorts/listed/membership.csv/kept.txt', 'x');
  const { code, stderr } = await kite.run(['check', 'cohort:listed']);
  expect(code).toBe(2);
  expect(stderr).toContain('error DD201 data/cohorts/listed/membership.csv: ');
});

describe('daydream cohort ls', () => {
  it('counts the generations of each cohort, and says which can not be read', async () => {
    kite.write('data/cohorts/broken/spec/config.yaml', 'axes: [');
    kite.write('data/cohorts/listed/membership.csv', 'stage,gen_id\n');
    const { code, stdout, stderr } = await kite.run(['cohort', 'ls', '--format', 'csv']);
    expect({ code, stdout }).toEqual({
      code: 2,
      stdout:
        'cohort,made_from,drafts,essays,evaluations\nC,spec,4,8,16\nbroken,spec,,,\nlisted,membership.csv,0,0,0\n',
    });
    expect(stderr).toContain('data/cohorts/broken/spec/config.yaml');
  });
});

describe('daydream cohort new', () => {
  it('begins a spec that builds as it is, and overwrites none', async () => {
    const sample = sampleWith();
    expect(await sample.run(['cohort', 'new', 'second'])).toMatchObject({ code: 0 });
    const text = sample.read('data/cohorts/second/spec/config.yaml');
    expect((await sample.run(['build', 'cohort:second'])).code).toBe(0);
    const again = await sample.run(['cohort', 'new', 'second']);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('DD115') as string });
    expect(sample.read('data/cohorts/second/spec/config.yaml')).toBe(text);
  });

  it.each([['..'], ['a/b'], ['']])('refuses the name %j', async (name) => {
    expect(await kite.run(['cohort', 'new', name])).toMatchObject({ code: 2 });
    expect(kite.files('data/cohorts')).toEqual(['data/cohorts/C/spec/config.yaml']);
  });
});

describe('daydream cohort design', () => {
  const SPEC = 'axes:\n  a: [x, y]\n  b: "@file:../up.csv"\noutput:\n  field_order: [b, a]\n';
  const FILES = { 'cfg/config.yaml': SPEC, 'up.csv': 'v\n1\n2\n' };
  const CSV = 'b,a\r\n1,x\r\n2,x\r\n1,y\r\n2,y\r\n';

  it('prints exactly the rows, with no project in sight', async () => {
    const folder = makeProject(FILES);
    for (const word of ['cfg/config.yaml', 'cfg', folder.path('cfg')])
      expect(await folder.run(['cohort', 'design', word])).toEqual({ code: 0, stdout: CSV, stderr: '' });
  });

  it('takes a cohort by its name, and in each format', async () => {
    const [csv, json, lines] = await Promise.all(
      ['csv', 'json', 'jsonl'].map((format) =>
        kite.run(['cohort', 'design', 'C', '--limit', '1', '--format', format]),
      ),
    );
    expect(csv?.stdout.split('\r\n')[1]).toBe('A,d-one,w1,e-llm,w2,v-one,j1');
    const row = { combo_id: 'A', draft_template: 'd-one', essay_llm: 'w2' };
    expect(JSON.parse(json?.stdout ?? '')).toEqual([expect.objectContaining(row)]);
    expect(JSON.parse(lines?.stdout ?? '')).toMatchObject(row);
  });

  it('shuffles the same way for the same seed, however large', async () => {
    const seeds = ['7', '7', '123456789012345678901234567890', '123456789012345678901234567891'];
    const [first, again, large, next] = await Promise.all(
      seeds.map(async (seed) => (await kite.run(['cohort', 'design', 'C', '--seed', seed])).stdout),
    );
    expect(first).toBe(again);
    expect(new Set([first, large, next]).size).toBe(3);
  });

  it('writes to a file, in the format of its name', async () => {
    const { stdout } = await kite.run(['cohort', 'design', 'C', '--out', 'rows.jsonl']);
    expect(stdout).toBe('');
    expect(kite.read('rows.jsonl').trimEnd().split('\n')).toHaveLength(8);
  });

  it('reads the config once, also for a cohort and a file', async () => {
    const reads =
      "import { appendFileSync } from 'node:fs';\nappendFileSync('reads.txt', 'x');\nexport default { provider: 'offline' };\n";
    const own = makeKite(undefined, { 'daydream.config.ts': reads });
    expect(await own.run(['cohort', 'design', 'C', '--out', 'rows.csv'])).toMatchObject({ code: 0 });
    expect(own.read('reads.txt')).toBe('x');
  });

  it('lets no include leave the project', async () => {
    const inside = makeProject({ ...FILES, 'cfg/daydream.config.ts': 'export default {};\n' });
    const elsewhere = makeProject({});
    const refused = { code: 2, stdout: '', stderr: expect.stringContaining('DD305') as string };
    expect(await run(['cohort', 'design', '.'], { cwd: inside.path('cfg') })).toEqual(refused);
    expect(await run(['cohort', 'design', makeProject(FILES).path('cfg')], { cwd: elsewhere.root })).toEqual(
      refused,
    );
  });

  it.each([
    [['C', '--seed', 'x'], /DD314/],
    [['C', '--limit', '1.5'], /--limit must be a whole number/],
    [['C', '--limit'], /--limit needs a value/],
    [['c'], /there is no spec of a cohort c \(did you mean "C"\?\)/],
    [['nowhere/config.yaml'], /DD301/],
    [['C', '--format', 'xml'], /--format must be csv or json or jsonl/],
  ])('%j is refused', async (words, said) => {
    const { code, stdout, stderr } = await kite.run(['cohort', 'design', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
  });
});

describe('daydream cohort combos', () => {
  it('registers a combo once, under the id that its concepts make', async () => {
    const added = await kite.run(['cohort', 'combos', 'add', 'k3', 'k1', '--level', 'sentence']);
    const id = added.stdout.trim();
    expect(id).toMatch(/^combo_v1_[0-9a-f]{12}$/);
    const text = kite.read('data/combo_mappings.csv');
    expect(text.startsWith(KITE_FILES['data/combo_mappings.csv'] ?? '?')).toBe(true);
    expect(text).toMatch(
      new RegExp(`${id},v1,k1,sentence,2,\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\n${id},v1,k3,`),
    );
    expect(
      (await kite.run(['cohort', 'combos', 'add', 'k1', 'k3', '--level', 'sentence'])).stdout.trim(),
    ).toBe(id);
    expect(kite.read('data/combo_mappings.csv')).toBe(text);
    const { stdout } = await kite.run(['cohort', 'combos', 'ls', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      combos: [
        { combo_id: 'A' },
        { combo_id: 'B' },
        { combo_id: id, level: 'sentence', k_max: 2, concepts: 'k1, k3' },
      ],
    });
  });

  it.each([
    [['add', 'k1', 'k9'], /DD214 There is no concept "k9"/],
    [['add'], /A combo needs at least one concept/],
    [['add', 'k1', '--level', 'novel'], /--level must be/],
    [['add', 'k1', '--k-max', '0'], /--k-max must be a whole number/],
    [['remove', 'k1'], /cohort combos remove k1 means nothing/],
  ])('%j is refused, with nothing written', async (words, said) => {
    const { code, stdout, stderr } = await kite.run(['cohort', 'combos', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(said);
    expect(kite.read('data/combo_mappings.csv')).toBe(KITE_FILES['data/combo_mappings.csv']);
  });
});

describe('daydream report', () => {
  let built: Kite;

  beforeAll(async () => {
    built = makeKite();
    await built.build();
  });

  it('writes a table that is gone, and no other', async () => {
    const path = 'data/cohorts/C/reports/summary/final_results.csv';
    const before = built.read(path);
    built.remove(path);
    const { code, stdout } = await built.run(['report', 'C', '--json']);
    const { reports } = JSON.parse(stdout) as { reports: readonly { report: string; result: string }[] };
    expect(code).toBe(0);
    expect(reports.filter(({ result }) => result === 'written').map(({ report }) => report)).toEqual([
      'final_results',
    ]);
    expect(built.read(path)).toBe(before);
  });

  it('with --all also writes the tables over all cohorts', async () => {
    await built.run(['report', '--all']);
    expect(built.files('data/7_cross_experiment')).toHaveLength(4);
  });

  it('prints a table, exactly as its file has it', async () => {
    const words = ['report', 'C', '--show', 'aggregated_scores', '--format', 'csv'];
    const { stdout } = await built.run(words);
    expect(stdout).toBe(built.read('data/cohorts/C/reports/parsing/aggregated_scores.csv'));
  });

  it.each([
    [['report', 'c'], /DD109 there is no cohort c/],
    [['report', 'C', '--show', 'final_result'], /did you mean "final_results"/],
    [['report', '--show', 'final_results'], /--show wants a cohort/],
  ])('%j is refused', async (words, said) => {
    const { code, stderr } = await built.run(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
  });
});
