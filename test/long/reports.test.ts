// Every table of a built cohort against a second, naive computation; what is written again and what is not; and the ways to look
// at results without opening a table.
import { mkdirSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  naiveAggregated,
  naiveAllAggregated,
  naiveFinalResults,
  naiveGenerationScores,
  naivePerfectPaths,
  naivePivot,
  NaiveRoot,
  type NaiveTable,
  naiveTemplateModel,
  naiveVariance,
  naiveVersions,
  readCsv,
} from '../support/naivetables.ts';
import { copyFolder, makeProject, sampleWith, type TestProject } from '../support/project.ts';

/** A score that the offline judges give now and then. */
const PERFECT = 7.1;
const COHORT = 'data/cohorts/first-light/reports';

let original: TestProject;

beforeAll(async () => {
  original = sampleWith({ reports: { perfectScore: PERFECT } });
  const { code, stderr } = await original.run(['build']);
  if (code !== 0) throw new Error(`the sample did not build:\n${stderr}`);
});

/** A copy of the built sample. */
function builtSample(): TestProject {
  const project = makeProject({});
  copyFolder(original.root, project.root);
  return project;
}

function append(project: TestProject, file: string): void {
  project.write(file, `${project.read(file)}\nOne more sentence.\n`);
}

function evaluations(project: TestProject): readonly string[] {
  return readCsv(project.read('data/cohorts/first-light/membership.csv')).records.flatMap((row) =>
    row['stage'] === 'evaluation' ? [row['gen_id'] ?? ''] : [],
  );
}

describe('every table', () => {
  let project: TestProject;
  let root: NaiveRoot;

  beforeAll(async () => {
    project = builtSample();
    const ids = evaluations(project);
    project.remove(`data/gens/evaluation/${ids[3]}/parsed.txt`);
    project.write(`data/gens/evaluation/${ids[20]}/parsed.txt`, 'no number at all\n');
    root = new NaiveRoot(project.path('data'));
    await project.run(['report', '--all']);
  });

  it.each<[string, (root: NaiveRoot) => NaiveTable]>([
    [`${COHORT}/parsing/aggregated_scores.csv`, (from) => naiveAggregated(from.cohort('first-light'))],
    [`${COHORT}/summary/generation_scores.csv`, (from) => naiveGenerationScores(from.cohort('first-light'))],
    [
      `${COHORT}/summary/evaluation_model_template_pivot.csv`,
      (from) => naivePivot(from.cohort('first-light')),
    ],
    [`${COHORT}/summary/final_results.csv`, (from) => naiveFinalResults(from.cohort('first-light'), PERFECT)],
    [
      `${COHORT}/summary/perfect_score_paths.csv`,
      (from) => naivePerfectPaths(from.cohort('first-light'), PERFECT),
    ],
    [`${COHORT}/analysis/variance_analysis.csv`, (from) => naiveVariance(from.cohort('first-light'))],
    ['data/7_cross_experiment/aggregated_scores.csv', (from) => naiveAllAggregated(from.everything())],
    ['data/7_cross_experiment/filtered_evaluation_results.csv', (from) => naiveAggregated(from.everything())],
    [
      'data/7_cross_experiment/evaluation_scores_by_template_model.csv',
      (from) => naiveTemplateModel(from.everything()),
    ],
    [
      'data/7_cross_experiment/template_version_comparison_pivot.csv',
      (from) => naiveVersions(from.everything()),
    ],
  ])('%s is what a naive computation gives', (path, compute) => {
    const { header, records } = readCsv(project.read(path));
    const expected = compute(root);
    expect(header).toEqual(expected.header);
    expect(expected.lines.length).toBeGreaterThan(0);
    expect(records.map((record) => comparable(record, expected, records.indexOf(record)))).toEqual(
      expected.lines.map((line) => Object.fromEntries(header.map((name) => [name, line[name] ?? '']))),
    );
  });

  it('says why a score is missing', () => {
    const { records } = readCsv(project.read(`${COHORT}/parsing/aggregated_scores.csv`));
    const errors = records.map((row) => row['error']).filter((error) => error !== '');
    expect(errors).toEqual([
      'missing parsed.txt',
      "Invalid parsed.txt: could not convert string to float: 'no number at all'",
    ]);
  });
});

/** Numbers as numbers; the expected one in place of one that differs only behind the ninth digit. */
function comparable(
  record: Readonly<Record<string, string>>,
  { lines }: NaiveTable,
  at: number,
): Readonly<Record<string, string | number>> {
  const cells = Object.entries(record).map(([name, text]): [string, string | number] => {
    const wanted = lines[at]?.[name];
    if (typeof wanted !== 'number' || text === '') return [name, text];
    const near = Math.abs(Number(text) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
    return [name, near ? wanted : Number(text)];
  });
  return Object.fromEntries(cells);
}

describe('tables are written when they differ', () => {
  const stampsOf = (project: TestProject): Readonly<Record<string, number>> =>
    Object.fromEntries(
      project
        .files('data')
        .filter((path) => /reports\/|7_cross/.test(path))
        .map((path) => [path, statSync(project.path(path), { bigint: false }).mtimeMs]),
    );

  it('not at all when nothing changed, and only those that a changed score reaches', async () => {
    const project = builtSample();
    await project.run(['report', '--all']);
    const before = stampsOf(project);
    expect(Object.keys(before)).toHaveLength(10);
    await project.run(['report', '--all']);
    await project.run(['build']);
    expect(stampsOf(project)).toEqual(before);
    const [first = ''] = evaluations(project);
    project.write(`data/gens/evaluation/${first}/parsed.txt`, '0.1\n');
    const { stdout } = await project.run(['report', 'first-light', '--format', 'json']);
    const { reports } = JSON.parse(stdout) as { reports: { report: string; result: string }[] };
    expect(reports.filter(({ result }) => result === 'written').map(({ report }) => report)).toContain(
      'aggregated_scores',
    );
    const after = stampsOf(project);
    const moved = Object.keys(before).filter((path) => before[path] !== after[path]);
    expect(moved).not.toContain('data/7_cross_experiment/aggregated_scores.csv');
    expect(moved).toContain(`${COHORT}/summary/final_results.csv`);
  });
});

describe('looking at results', () => {
  let project: TestProject;
  beforeAll(() => {
    project = builtSample();
  });

  it('prints statistics as tables, Markdown and JSON', async () => {
    const table = await project.run(['report', 'first-light', '--stats']);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^all +5\.\d/m);
    expect(table.stdout).toContain("Krippendorff's alpha");
    const markdown = await project.run(['report', 'first-light', '--stats', '--format', 'md']);
    expect(markdown.stdout).toMatch(/^## agreement$/m);
    const json = await project.run(['report', '--stats', '--json']);
    const { tables, scored, essays } = JSON.parse(json.stdout) as {
      tables: Record<string, Record<string, unknown>[]>;
      scored: number;
      essays: number;
    };
    expect([scored, essays]).toEqual([96, 12]);
    expect(Object.keys(tables)).toEqual([
      'ranking',
      'comparisons',
      'essays',
      'noise',
      'judges',
      'agreement',
      'separation',
      'doubts',
      'traits',
      'biases',
      'failures',
    ]);
    expect(tables['essays']).toHaveLength(12);
    const csv = await project.run(['report', 'first-light', '--stats', '--format', 'csv']);
    expect([csv.code, csv.stderr.includes('--show ranking')]).toEqual([2, true]);
    const one = await project.run(['report', 'first-light', '--show', 'judges', '--format', 'csv']);
    expect(readCsv(one.stdout).records.map((row) => row['judge'])).toEqual(['qwen3_235b_f', 'sonnet-4']);
  });

  it('says that two combos are too few, and what holds for further essays of them, with a plot', async () => {
    const few = await project.run(['report', 'first-light', '--show', 'ranking']);
    expect(few.stdout).toMatch(/^draft_template +1 +chance-meeting +6\.\d+ .* combos +too few to say +●/m);
    const { stdout } = await project.run(['report', 'first-light', '--show', 'ranking', '--over', 'essays']);
    expect(stdout).toMatch(/^rubric +1 +tight-weave .* essays +├─+●─+┤/m);
  });

  it('compares the levels of a dimension, all or those that are named, in every format', async () => {
    const words = ['report', 'first-light', '--compare-levels', 'judge', '--over', 'essays'];
    const { code, stdout } = await project.run(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^judge +qwen3_235b_f +sonnet-4 +0\.433 .* a is higher +paired +essays +12 +24 +0 +┊ +├─*●─*┤/m,
    );
    const csv = await project.run([...words, 'sonnet-4,qwen3_235b_f', '--format', 'csv']);
    expect(readCsv(csv.stdout).records).toMatchObject([
      { by: 'judge', blocks: '24', left_out: '0', family: '1' },
    ]);
    const json = await project.run([
      'report',
      '--compare-levels',
      'draft_template',
      'rolling-thread,chance-meeting',
      '--json',
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      type: 'levels',
      dimension: 'draft_template',
      over: 'combos',
      levels: [{ name: 'chance-meeting' }, { name: 'rolling-thread' }],
      comparisons: [{ verdict: 'too few to say', low: null, p: null }],
    });
    const markdown = await project.run([...words, '--format', 'md']);
    expect(markdown.stdout).toMatch(/^## Levels of judge/);
  });

  it('says what can be compared, and which names there are', async () => {
    const dimension = await project.run(['report', '--compare-levels', 'draft_templat']);
    expect([dimension.code, dimension.stderr.includes('did you mean "draft_template"')]).toEqual([2, true]);
    const lone = await project.run(['report', '--compare-levels', 'judge', 'sonnet-4']);
    expect([lone.code, lone.stderr]).toEqual([
      2,
      expect.stringMatching(/two different levels of judge.*not sonnet-4\n.*`a,b`.*qwen3_235b_f/),
    ]);
    const neither = await project.run(['report', '--compare-levels', 'judge', 'first-ligh']);
    expect(neither.stderr).toContain('there is no cohort first-ligh');
    const name = await project.run(['report', '--compare-levels', 'judge', 'sonnet-4,qwen']);
    expect([name.code, name.stderr.includes('there is no qwen with a score')]).toEqual([2, true]);
    const word = await project.run(['report', 'first-light', 'sonnet-4,qwen3_235b_f']);
    expect([word.code, word.stderr.includes('a word too many')]).toEqual([2, true]);
    const over = await project.run(['report', '--html', '--over', 'essays']);
    expect(over.code).toBe(2);
  });

  it('lets the header stand out where colour is allowed, and only there', async () => {
    const words = ['report', 'first-light', '--show', 'judges'];
    const coloured = await project.run(words, { env: { FORCE_COLOR: '1' } });
    expect(coloured.stdout.startsWith('\u001B[1mjudge')).toBe(true);
    const plain = await project.run(words, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stdout.startsWith('judge')).toBe(true);
  });

  it('says once which option it is about', async () => {
    const { stderr } = await project.run(['report', 'first-light', '--separate', 'rolling-thread,none']);
    expect(stderr).toMatch(/^error DD102 --separate wants two different names of one kind/);
    expect((await project.run(['rate', '--scale', '5'])).stderr).toMatch(/^error DD102 --scale wants /);
  });

  it('says what would separate two, with its price, and suggests names', async () => {
    const words = ['report', '--separate', 'rolling-thread,chance-meeting', '--json'];
    const tablesOf = async (...more: string[]): Promise<Record<string, Record<string, unknown>[]>> =>
      (JSON.parse((await project.run([...words, ...more])).stdout) as never)['tables'];
    const tables = await tablesOf('--difference', '4');
    expect(tables['separation']?.map((each) => each['unit'])).toEqual([
      'combo',
      'draft',
      'essay',
      'judge',
      'replicate',
    ]);
    expect(tables['separation']?.[0]).toMatchObject({
      by: 'draft_template',
      a: 'rolling-thread',
      b: 'chance-meeting',
      now: 2,
      usd: 0,
      edit: expect.stringMatching(/^combo_id: \d+ more$/) as string,
    });
    expect(tables['noise']?.map((each) => each['from'])).toContain('replicate');
    // What was seen in two combos is no ground for a number in the hundreds, nor for its price.
    expect((await tablesOf())['separation']?.[0]).toMatchObject({
      unit: 'combo',
      more_a: null,
      usd: null,
      edit: 'too few to tell',
    });
    const wrong = await project.run(['report', '--separate', 'rolling-thred,chance-meeting']);
    expect([wrong.code, wrong.stderr.includes('did you mean "rolling-thread"')]).toEqual([2, true]);
  });

  it('makes a cohort of what would separate two, once, and it builds without a warning', async () => {
    const other = builtSample();
    const words = ['report', 'first-light', '--separate', 'rolling-thread,chance-meeting'];
    const wanted = [...words, '--difference', '9', '--write', 'tell-apart'];
    const { code, stdout, stderr } = await other.run([...wanted, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { made, tables } = JSON.parse(stdout) as {
      made: { unit: string; more: number; usd: number; registered: readonly string[]; missing: number };
      tables: { separation: { more_a: number }[] };
    };
    const more = tables.separation[0]?.more_a;
    expect(made).toMatchObject({ cohort: 'tell-apart', unit: 'combo', more, usd: 0 });
    expect(made.registered).toHaveLength(made.more);
    // Six ways, two rubrics, two judges, asked twice each.
    expect(made.missing).toBe(made.more * 6 * 2 * 2 * 2);
    const again = await other.run(wanted);
    expect([again.code, again.stderr.includes('the cohort tell-apart is there already')]).toEqual([2, true]);
    const combos = other.read('data/combo_mappings.csv');
    const many = await other.run([...words, '--difference', '0.1', '--write', 'too-many']);
    expect([many.code, many.stderr.includes('the concepts give hardly more than')]).toEqual([2, true]);
    const judge = await other.run([...words, '--write', 'judges', '--more', 'judge']);
    expect([judge.code, judge.stderr.includes('no number more of judge')]).toEqual([2, true]);
    expect(other.read('data/combo_mappings.csv')).toBe(combos);
    const lone = await other.run(['report', 'first-light', '--stats', '--write', 'x']);
    expect([lone.code, lone.stderr.includes('--write goes with --separate')]).toEqual([2, true]);
    const built = await other.run(['build', 'cohort:tell-apart', '--json']);
    expect(built.code).toBe(0);
    expect(built.stderr).not.toContain('warning');
  });

  it('prices by what was billed here where a catalog names no price', async () => {
    const project = builtSample();
    project.edit('data/1_raw/llm_models.csv', ',llm_api_paid,3.00,15.00', ',llm_api_paid,,');
    project.edit('data/1_raw/llm_models.csv', ',llm_api_paid,0.30,2.50', ',llm_api_paid,,');
    const words = ['--separate', 'field-essay,parsed-from-draft', '--difference', '2', '--json'];
    const offered = async (): Promise<{ usd: number | null; more_a: number } | undefined> => {
      const { stdout } = await project.run(['report', ...words, '--provider', 'openrouter']);
      const { tables } = JSON.parse(stdout) as {
        tables: { separation: { usd: number | null; more_a: number }[] };
      };
      return tables.separation[0];
    };
    expect((await offered())?.usd).toBeNull();
    const models = ['google/gemini-2.5-flash', 'anthropic/claude-sonnet-4', 'deepseek/deepseek-r1:free'];
    const lines = [...models, 'qwen/qwen3-235b-a22b:free', 'meta-llama/llama-3.3-70b-instruct:free'].flatMap(
      (model) =>
        ['draft', 'essay', 'evaluation'].map((stage) =>
          JSON.stringify({
            ...{ when: '2026-11-01T00:00:00.000Z', stage, gen_id: 'x', model, provider: 'openrouter' },
            ...{ pool: 'p', attempt: 1, outcome: 'reply', duration_ms: 5, cost: 0.25, cost_from: 'provider' },
          }),
        ),
    );
    project.write('data/.daydream/calls.jsonl', `${lines.join('\n')}\n`);
    const billed = await offered();
    const calls = (billed?.usd ?? 0) / 0.25;
    // Every call of it costs the same, and of each text that is missing there is one.
    expect([Number.isInteger(calls), calls >= 2 * (billed?.more_a ?? 0), calls > 0]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('prices what would separate two as a provider would', async () => {
    const other = sampleWith();
    await other.run(['build']);
    const { stdout, stderr } = await other.run([
      'report',
      '--separate',
      'field-essay,parsed-from-draft',
      '--difference',
      '2',
      '--provider',
      'openrouter',
      '--json',
    ]);
    expect(stderr).toBe('');
    const { tables } = JSON.parse(stdout) as { tables: { separation: { usd: number }[] } };
    expect(tables.separation[0]?.usd).toBeGreaterThan(0);
    const bought = await other.run([
      ...['report', 'first-light', '--separate', 'rolling-thread,chance-meeting', '--difference', '9'],
      ...['--write', 'dear', '--more', 'combo', '--provider', 'openrouter', '--json'],
    ]);
    expect([bought.code, bought.stderr]).toEqual([0, '']);
    const dear = JSON.parse(bought.stdout) as {
      made: { usd: number };
      tables: { separation: { unit: string; usd: number }[] };
    };
    expect(dear.made).toMatchObject({ cohort: 'dear', unit: 'combo' });
    expect(dear.made.usd).toBeGreaterThan(0);
    const offered = dear.tables.separation.find(({ unit }) => unit === 'combo');
    expect(offered?.usd).toBeCloseTo(dear.made.usd, 3);
    const table = await other.run([
      'report',
      '--separate',
      'field-essay,parsed-from-draft',
      '--difference',
      '2',
    ]);
    expect(table.stdout).toContain('What would show a difference of 2 in 80 of 100 tries');
    const csv = await other.run(['report', '--separate', 'field-essay,parsed-from-draft', '--format', 'csv']);
    // A copied essay has no model to agree in, so these are not paired: only more combos tell more.
    expect(readCsv(csv.stdout).records).toMatchObject([{ unit: 'combo' }]);
    expect((await other.run(['report', '--stats', '--difference', '2'])).code).toBe(2);
  });

  it('writes the page beside the tables, once, and where it is told to', async () => {
    expect(await project.run(['report', 'first-light', '--html'])).toMatchObject({ code: 0 });
    const page = project.read(`${COHORT}/report.html`);
    expect(page).toContain('<title>Cohort first-light');
    expect(page).toContain('"dataRoot":"./../../.."');
    const again = await project.run(['report', 'first-light', '--html']);
    expect(again.stderr).toContain('already up to date');
    await project.run(['report', '--html', '--out', 'pages/all.html']);
    expect(project.read('pages/all.html')).toContain('"dataRoot":"./../data"');
  });

  it('does one thing at a time', async () => {
    for (const words of [
      ['--html', '--stats'],
      ['--out', 'x.html'],
      ['first-light', '--with-tags'],
      ['first-light', '--show', 'final_results', '--with-tags'],
    ])
      expect((await project.run(['report', ...words])).code).toBe(2);
  });

  it('adds tags on request', async () => {
    const tagged = builtSample();
    append(tagged, 'templates/evaluation/surprise.txt');
    await tagged.run(['build', 'cohort:first-light', '--tag', 'round=one']);
    const { stdout } = await tagged.run([
      ...['report', 'first-light', '--show', 'aggregated_scores', '--with-tags', '--format', 'csv'],
    ]);
    const { header, records } = readCsv(stdout);
    expect(header.at(-1)).toBe('tags');
    expect(new Set(records.map((row) => row['tags']))).toEqual(new Set(['round=one']));
  });
});

describe('comparing', () => {
  const git = (project: TestProject, ...words: string[]): void => {
    const who = ['-c', 'user.email=a@example.invalid', '-c', 'user.name=A'];
    execFileSync('git', [...who, ...words], { cwd: project.root, stdio: 'ignore' });
  };

  it('with a commit: inputs, generations and scores that changed, without touching the repository', async () => {
    const project = builtSample();
    project.write('data/.gitignore', '.daydream/\n');
    git(project, 'init', '-q');
    git(project, 'add', '-A');
    git(project, 'commit', '-q', '-m', 'one');
    const [first = ''] = evaluations(project);
    append(project, 'templates/draft/rolling-thread.txt');
    project.write(`data/gens/evaluation/${first}/parsed.txt`, '0.1\n');
    const { code, stdout } = await project.run(['report', '--compare', 'HEAD']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# All cohorts against `HEAD`$/m);
    expect(stdout).toContain('| draft template rolling-thread | changed |');
    expect(stdout).toMatch(/^\| evaluation \| 96 \| 96 \| 0 \| 0 \| 1 \| 0 \| 0 \|$/m);
    expect(stdout).toMatch(/^\| all \| +\| 5\.\d+ \| \d\.\d+ \| -0\.\d+ \|.*\| paired \| 12 \|$/m);
    expect(stdout).toMatch(/^\| still to spend now, at most \| 0 \|/m);
    const status = execFileSync('git', ['status', '--short'], { cwd: project.root, encoding: 'utf8' });
    expect(status.trim().split('\n')).toHaveLength(2);
    for (const ref of ['no-such-ref', '--exec=touch pwned', '$(touch pwned)'])
      expect((await project.run(['report', `--compare=${ref}`])).code).toBe(2);
    expect(project.exists('pwned')).toBe(false);
  });

  it('with the main branch by either name; says what it can not where git ignores outputs, and what helps without git', async () => {
    const project = builtSample();
    const outside = await project.run(['report', '--compare', 'main']);
    expect([outside.code, outside.stderr.includes('DD119')]).toEqual([2, true]);
    expect(outside.stderr).toContain('Compare with a run or a tag');
    expect(outside.stderr).not.toContain('--staged');
    git(project, 'init', '-q', '-b', 'master');
    git(project, 'add', '-A');
    git(project, 'commit', '-q', '-m', 'one');
    append(project, 'templates/draft/rolling-thread.txt');
    const { code, stdout } = await project.run(['report', '--compare', 'main']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# All cohorts against `master`$/m);
    expect(stdout).toContain('| draft template rolling-thread | changed |');
    expect(stdout).toMatch(
      /^> Git ignores `data\/gens` here, so `master` holds inputs and no outputs: .*`--tag`/m,
    );
    expect(stdout).toMatch(/^\| spent before +\| +\| +\|$/m);
    const unknown = await project.run(['report', '--compare', 'mastre']);
    expect(unknown.stderr).toMatch(/git knows no commit mastre \(did you mean "master"\?\)/);
  });

  it('with another data root, of one cohort, and never with itself', async () => {
    const [one, two] = [builtSample(), sampleWith()] as const;
    const text = await one.run(['report', 'first-light', '--compare', two.root]);
    expect(text.stdout).toContain('The other side holds no texts');
    const json = await one.run(['report', '--compare', two.path('data'), '--json']);
    const { tables } = JSON.parse(json.stdout) as { tables: { generations: Record<string, unknown>[] } };
    expect(tables.generations[0]).toMatchObject({ stage: 'draft', added: 0, removed: 0, newly_made: 8 });
    const itself = await one.run(['report', '--compare', '.']);
    expect([itself.code, itself.stderr.includes('DD701')]).toEqual([2, true]);
  });
});

describe('selecting', () => {
  it('shows the tags of ranked essays where they are wanted', async () => {
    const project = builtSample();
    expect((await project.run(['build', '--tag', 'season=autumn'])).code).toBe(0);
    const ranked = await project.run(['top', '--rubric', 'surprise', '--dry-run', '--with-tags', '--json']);
    const { essays } = JSON.parse(ranked.stdout) as { essays: readonly { tags: string }[] };
    expect(essays.length).toBeGreaterThan(0);
    expect(essays.every(({ tags }) => tags === 'season=autumn')).toBe(true);
  });

  it('ranks essays, writes an editable list, and makes a cohort whose build asks only what is missing', async () => {
    const project = builtSample();
    const list = 'data/curation/top_essay_candidates.csv';
    const ranked = await project.run(['top', 'first-light', '--rubric', 'surprise', '--n', '4']);
    expect(ranked.code).toBe(0);
    const { records } = readCsv(project.read(list));
    expect(records.map((row) => [row['selection_rank'], row['selected']])).toEqual(
      [1, 2, 3, 4].map((rank) => [String(rank), 'True']),
    );
    const averages = records.map((row) => Number(row['avg_score']));
    expect(averages).toEqual(averages.toSorted((a, b) => b - a));
    const best = bestBySurprise(new NaiveRoot(project.path('data')));
    expect(records.map((row) => row['essay_gen_id'])).toEqual(best.slice(0, 4));

    const [unwanted = ''] = best;
    project.edit(list, `1,True,${unwanted}`, `1,no,${unwanted}`);
    const edited = project.read(list);
    const refused = await project.run(['top', 'first-light', '--rubric', 'surprise', '--n', '4']);
    expect([refused.code, refused.stderr.includes('DD702'), project.read(list)]).toEqual([2, true, edited]);

    const curate = ['cohort', 'curate', 'second-look', '--from', list, '--rubric', 'surprise,candour'];
    const curated = await project.run([...curate, '--judges', 'sonnet-4', '--json']);
    expect(JSON.parse(curated.stdout)).toMatchObject({
      essays: best.slice(1, 4),
      evaluations: 6,
      missing: 3,
    });
    expect(project.read('data/cohorts/second-look/curation/essay_candidates.csv')).toBe(edited);

    const plan = await project.run(['plan', 'cohort:second-look', '--json']);
    const { attempted, generations } = JSON.parse(plan.stdout) as {
      attempted: number;
      generations: { stage: string; template?: string }[];
    };
    expect([attempted, new Set(generations.map(({ stage }) => stage))]).toEqual([3, new Set(['evaluation'])]);
    const built = await project.run(['build']);
    expect(built.stderr).toContain('built 3 evaluations');
    expect((await project.run(['check'])).code).toBe(0);
    const members = readCsv(project.read('data/cohorts/second-look/membership.csv')).records;
    expect(members.filter((row) => row['stage'] === 'essay').map((row) => row['gen_id'])).toEqual(
      best.slice(1, 4),
    );
    const open = await project.run([
      'top',
      '--rubric',
      'surprise',
      '--without',
      'candour',
      '--dry-run',
      '--json',
    ]);
    const { essays } = JSON.parse(open.stdout) as { essays: { parent_gen_id: string }[] };
    expect(essays.map((row) => row.parent_gen_id)).toEqual([unwanted, ...best.slice(4)].slice(0, 10));
  });

  it('takes a helper CSV of essays by @file:, written by hand, before any of them is built', async () => {
    const project = sampleWith();
    const compiled = await project.run(['cohort', 'compile']);
    expect(compiled.code).toBe(0);
    const [essay = ''] = readCsv(project.read('data/cohorts/first-light/membership.csv')).records.flatMap(
      (row) => (row['stage'] === 'essay' ? [row['gen_id'] ?? ''] : []),
    );
    project.remove('data/gens');
    mkdirSync(project.path('data/cohorts/by-hand/spec/items'), { recursive: true });
    project.write('data/cohorts/by-hand/spec/items/essays.csv', `essay_gen_id\n${essay}\n`);
    project.write(
      'data/cohorts/by-hand/spec/config.yaml',
      "axes:\n  essay_gen_id: '@file:items/essays.csv'\n  evaluation_template: [candour]\n  evaluation_llm: [sonnet-4]\noutput:\n  field_order: [essay_gen_id]\n",
    );
    const built = await project.run(['build', 'cohort:by-hand']);
    expect([built.code, built.stderr.includes('1 evaluation')]).toEqual([0, true]);
    project.write('data/cohorts/by-hand/spec/items/essays.csv', 'essay_gen_id\ne_nowhere\n');
    const refused = await project.run(['plan']);
    expect([
      refused.code,
      refused.stderr.includes('DD332'),
      refused.stderr.includes('config.yaml:2'),
    ]).toEqual([2, true, true]);
  });

  it('refuses names that are not there, and leaves nothing behind', async () => {
    const project = builtSample();
    await project.run(['top', '--rubric', 'surprise', '--best-ties']);
    const list = 'data/curation/top_essay_candidates.csv';
    const refused = await project.run([
      ...['cohort', 'curate', 'bad', '--from', list, '--rubric', 'candor', '--judges', 'sonet-4'],
    ]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/did you mean "candour"[^]*did you mean "sonnet-4"/);
    expect(project.exists('data/cohorts/bad')).toBe(false);
    expect((await project.run(['top', '--rubric', 'surprize'])).stderr).toContain('did you mean "surprise"');
    expect((await project.run(['check'])).code).toBe(0);
  });
});

/** Essays by their average over judges of each judge's best score, best first. */
function bestBySurprise(root: NaiveRoot): string[] {
  const best = new Map<string, Map<string, number>>();
  for (const row of root.cohort('first-light')) {
    if (row.evaluation_template !== 'surprise' || row.score === undefined) continue;
    const judges = best.get(row.parent_gen_id) ?? new Map<string, number>();
    judges.set(row.evaluation_llm_model, Math.max(row.score, judges.get(row.evaluation_llm_model) ?? -1));
    best.set(row.parent_gen_id, judges);
  }
  const averages = [...best].map(([id, judges]): [string, number] => {
    const scores = [...judges.values()];
    return [id, scores.reduce((total, score) => total + Math.round(score * 10), 0) / 10 / scores.length];
  });
  return averages.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
}
