// Parameters as axes of a spec: new generations with ids of their own, asked with what the level says, and everything else as it was.
// And what single models are asked with: a system prompt and a way of their own, by catalog row and by rule.
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openProject, ProblemError, type Problem, type Project } from '../../src/api.ts';
import { unpackedBook } from '../../src/scores/book/packed.ts';
import { templateAt } from '../../src/scores/book/parameters.ts';
import { CHOSEN } from '../../src/scores/book/scoretable.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor, SPEC, type Kite } from '../support/kite.ts';

const MODELS = 'data/1_raw/llm_models.csv';
const BESIDE = 'data/1_raw/templates/draft/d-one.system.txt';
const JUDGE_STRICTLY = 'data/1_raw/templates/evaluation/strict.system.txt';

function vary(kite: Kite, axes: string): void {
  kite.edit(SPEC, '  evaluation_llm: [j1]\n', `  evaluation_llm: [j1]\n${axes}`);
}

async function told(project: Project): Promise<readonly Problem[]> {
  return project.plan().then(
    () => [],
    (error: unknown) => (error instanceof ProblemError ? error.problems : []),
  );
}

const codesOf = async (project: Project): Promise<readonly string[]> =>
  (await told(project)).map(({ code }) => code);

describe('parameters as axes', () => {
  it('ask with what the level says, under ids of their own, and leave what is there as it is', async () => {
    const server = await startFakeProvider({ answer: kiteAnswer });
    try {
      const kite = makeKite(server.url);
      kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
      await kite.build();
      const before = kite.files('data/gens').filter((name) => name.endsWith('metadata.json'));
      const texts = before.map((name) => kite.read(name));
      const asked = server.requests.length;
      vary(
        kite,
        "  draft_temperature: ['', 0.90]\n  essay_top_p: ['', 0.5]\n  evaluation_system: ['', strict, none]\n",
      );
      kite.write(JUDGE_STRICTLY, 'Be strict.\n');
      const project = await openProject({ root: kite.root });
      const report = await project.build().report;
      expect(report.summary?.failed).toBe(0);
      // Golden: neither an id nor a trace of what no level varies is another.
      expect(before.map((name) => kite.read(name))).toEqual(texts);
      const bodies = server.requests.slice(asked).map(({ body }) => body);
      const drafts = bodies.filter(({ model, temperature }) => model === 'lab/w1' && temperature === 0.9);
      expect(drafts).toHaveLength(2);
      expect(bodies.filter(({ model }) => model === 'lab/w1')).toHaveLength(2);
      expect(bodies.filter((body) => body['top_p'] === 0.5).every(({ model }) => model === 'lab/w2')).toBe(
        true,
      );
      const systems = bodies
        .filter(({ model }) => model === 'lab/j1')
        .map((body) => JSON.stringify(body['messages']));
      expect(systems.filter((each) => each.includes('Be strict.')).length).toBeGreaterThan(0);
      expect(systems.filter((each) => !each.includes('"system"')).length).toBeGreaterThan(0);

      const ids: string[] = [];
      for await (const row of project.rows()) ids.push(row.gen_id);
      expect(new Set(ids).size).toBe(ids.length);
      const ranked = await project.compareLevels('draft_temperature');
      expect(ranked.contenders.map(({ name }) => name).toSorted()).toEqual(['0.9', 'usual']);
      expect(ranked.pairs[0]?.basis).toBe('paired');
      const systemsRanked = await project.compareLevels('evaluation_system');
      expect(systemsRanked.contenders.map(({ name }) => name).toSorted()).toEqual([
        'none',
        'strict',
        'usual',
      ]);
      const list = await kite.run([
        'ls',
        'template:d-one@temperature=0.9',
        '--columns',
        'template',
        '--format',
        'csv',
      ]);
      expect(list.stdout).toBe('template\nd-one@temperature=0.9\n');
      const { findings } = JSON.parse((await kite.run(['doctor', '--json'])).stdout) as {
        findings: { id: string }[];
      };
      expect(findings.map(({ id }) => id)).not.toContain('template_without_row');

      kite.edit(JUDGE_STRICTLY, 'strict', 'very strict');
      const { stages } = await project.plan();
      expect(Object.assign({}, ...stages.map(({ reasons }) => reasons))).toEqual({ template: 24 });
    } finally {
      await server.close();
    }
  });

  it('are facets of the page, beside the templates by the names that they have without', async () => {
    const kite = makeKite();
    kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
    vary(kite, "  draft_temperature: ['', 0.9]\n  evaluation_system: ['', strict]\n");
    kite.write(JUDGE_STRICTLY, 'Be strict.\n');
    const project = await openProject({ root: kite.root });
    await project.build().report;
    const view = await project.view();
    onTestFinished(() => view.close());
    const matrix = view.matrix({ rows: 'draft_template', columns: 'draft_temperature', order: 'name' });
    expect(matrix.rows.map(({ name }) => name)).toEqual(['d-one', 'd-two']);
    expect(matrix.columns.map(({ name, all }) => [name, all.count])).toEqual([
      ['0.9', 16],
      ['usual', 16],
    ]);
    expect(Object.keys(matrix.choices)).toEqual([...CHOSEN, 'draft_temperature', 'evaluation_system']);
    expect(matrix.choices.evaluation_system).toEqual(['strict', 'usual']);
    // What a cell leads to: its essays, called by the whole names of their templates.
    const where = { draft_template: ['d-one'], draft_temperature: ['0.9'], evaluation_system: ['strict'] };
    const { essays } = view.essays({ where });
    expect(new Set(essays.map(({ draftTemplate }) => draftTemplate))).toEqual(
      new Set(['d-one@temperature=0.9']),
    );
    expect(new Set(essays.flatMap(({ scores }) => scores.map(({ rubric }) => rubric)))).toEqual(
      new Set(['v-one@system=strict']),
    );
    expect(view.essays({ find: 'temperature=0.9' }).total).toBe(4);
    const pairs = view.pairs({ facet: 'draft_temperature', a: '0.9', b: 'usual' });
    expect([pairs.difference.blocks, pairs.total, pairs.apart]).toEqual([8, 4, []]);
    const templates = view.pairs({ facet: 'draft_template', a: 'd-one', b: 'd-two' });
    expect([templates.difference.blocks, templates.total]).toEqual([8, 4]);
    expect(templates.pairs.filter(({ alike }) => alike.includes('draft temperature 0.9'))).toHaveLength(2);
  });

  it('are facets of a page on disk, too', () => {
    const { table } = unpackedBook({
      names: {
        draft_template: ['d@temperature=0.9@system=terse', 'd'],
        draft_model: ['m'],
        essay_template: ['e'],
        essay_model: ['m'],
        combo: ['A'],
        rubric: ['v@top_p=0.5'],
        judge: ['j'],
      },
      states: ['current'],
      essays: {
        ids: ['e_1', 'e_2'],
        drafts: ['d_1', 'd_2'],
        states: [0, 0],
        lengths: [1, 1],
        made: {
          draft_template: [0, 1],
          draft_model: [0, 0],
          essay_template: [0, 0],
          essay_model: [0, 0],
          combo: [0, 0],
        },
      },
      evaluations: {
        ids: ['v_1', 'v_2'],
        replicates: [1, 1],
        states: [0, 0],
        scores: [4, 6],
        essays: [0, 1],
        judged: { rubric: [0, 0], judge: [0, 0] },
        open: [],
      },
      cohorts: [],
    });
    expect(table.names).toMatchObject({
      draft_template: ['d'],
      draft_temperature: ['0.9', 'usual'],
      draft_system: ['terse', 'usual'],
      draft_top_p: ['usual'],
      evaluation_top_p: ['0.5'],
    });
    expect([0, 1].map((place) => templateAt(table, 'draft', place))).toEqual([
      'd@temperature=0.9@system=terse',
      'd',
    ]);
    expect(templateAt(table, 'evaluation', 1)).toBe('v@top_p=0.5');
  });

  it('are rendered under the name that they have, whether a spec varies them or not', async () => {
    const kite = makeKite();
    kite.write(JUDGE_STRICTLY, 'Be strict.\n');
    await kite.build();
    const rendered = async (...words: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await kite.run(['render', ...words]);
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: expect.any(String) as string });
      return stdout + stderr;
    };
    expect(await rendered('v-one@system=strict')).toMatch(/^\[system: 10 characters\]\nBe strict\.\n/);
    expect(await rendered('draft/d-one@temperature=0.9')).toContain('as d_');
    const json = await kite.run(['render', 'evaluation/v-one@system=strict', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      genId: null,
      template: 'v-one@system=strict',
      system: 'Be strict.',
    });
    expect(await rendered('d-three@temperature=0.9@top_p=0.5')).toContain(
      'sent with {"temperature":0.9,"top_p":0.5}',
    );
    expect((await kite.run(['render', 'v-one@system=lenient'])).stderr).toContain(
      'no system prompt of that name',
    );
    for (const word of ['d-one@temperature=hot', 'd-one@temperature=0.90', 'e-copy@temperature=0.9'])
      expect((await kite.run(['render', word])).stderr).toContain('DD505');
  });

  it('say what can not be asked for, and which system prompt is not there', async () => {
    const kite = makeKite();
    const project = await openProject({ root: kite.root });
    vary(kite, '  draft_temperature: [hot]\n  essay_top_p: [2]\n');
    expect(await codesOf(project)).toEqual(['DD370', 'DD370']);
    kite.edit(SPEC, '  draft_temperature: [hot]\n  essay_top_p: [2]\n', '  evaluation_system: [strict]\n');
    expect(await codesOf(project)).toContain('DD372');
  });

  it('refuse to vary a temperature that nobody is sent', async () => {
    const config = {
      provider: 'lab',
      providers: { lab: { baseURL: 'http://127.0.0.1:9', temperature: false } },
    };
    const kite = makeKite(undefined, { 'daydream.config.json': `${JSON.stringify(config)}\n` });
    vary(kite, '  draft_temperature: [0.2, 0.9]\n');
    expect(await codesOf(await openProject({ root: kite.root }))).toContain('DD371');
  });
});

describe('a model', () => {
  let server: FakeProvider;
  beforeEach(async () => {
    server = await startFakeProvider({ answer: kiteAnswer });
  });
  afterEach(() => server.close());

  /** Two models draft: w1 and w2. */
  function drafted(files: Readonly<Record<string, string>> = {}): Kite {
    const kite = makeKite(server.url, files);
    kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
    kite.edit(SPEC, 'draft_template: [d-one, d-two]', 'draft_template: [d-one]');
    kite.edit(SPEC, 'draft_llm: [w1]', 'draft_llm: [w1, w2]');
    kite.edit(SPEC, '[[e-llm, w2], [e-copy, None]]', '[[e-copy, None]]');
    return kite;
  }

  const rows = (w2: string): string =>
    `id,model,input_price,output_price,transport,system\nw1,lab/w1,0.01,0.01,,\nw2,lab/w2,0.01,0.01,${w2}\nj1,lab/j1,0.01,0.01,,\n`;

  const open = ({ root }: Kite): Promise<Project> => openProject({ root });

  /** What was asked from `since` on: model and system prompt. */
  const asked = (since: number): readonly string[] =>
    server.requests
      .slice(since)
      .map(({ body }) => {
        const [first] = body['messages'] as readonly { role: string; content: string }[];
        return `${String(body['model'])}: ${first?.role === 'system' ? first.content : '-'}`;
      })
      .toSorted();

  it('has a system prompt of its own, before that of a template and of the stage; only its answers are asked again', async () => {
    const kite = drafted({
      [CONFIG_FILE]: settingsFor(server.url, { stages: { draft: { system: 'Usual.' } } }),
    });
    await (await open(kite)).build({ select: 'stage:draft' }).report;
    expect(asked(0)).toEqual(['lab/w1: Usual.', 'lab/w2: Usual.']);
    const traces = kite.files('data/gens').filter((name) => name.endsWith('/metadata.json'));
    const before = new Set(traces.map((name) => kite.read(name)));

    kite.write(MODELS, rows(',Own of {{ concepts[0].name }}.'));
    const { stages } = await (await open(kite)).plan({ select: 'stage:draft' });
    expect(stages.map(({ reasons }) => reasons)).toContainEqual({ template: 1 });
    let since = server.requests.length;
    await (await open(kite)).build({ select: 'stage:draft' }).report;
    expect(asked(since)).toEqual(['lab/w2: Own of Kite.']);
    expect(traces.map((name) => kite.read(name)).filter((text) => !before.has(text))).toHaveLength(1);

    kite.write(BESIDE, 'Beside.\n');
    since = server.requests.length;
    await (await open(kite)).build({ select: 'stage:draft' }).report;
    expect(asked(since)).toEqual(['lab/w1: Beside.']);

    // A rule is narrower than a row, and null is none at all.
    const stage = { draft: { system: 'Usual.' } };
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: stage, models: { 'w*': { system: null } } }));
    since = server.requests.length;
    await (await open(kite)).build({ select: 'stage:draft' }).report;
    expect(asked(since)).toEqual(['lab/w1: -', 'lab/w2: -']);

    // Back to the beginning: every answer is found again.
    kite.remove(BESIDE);
    kite.write(MODELS, rows(',"Usual."'));
    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: stage }));
    since = server.requests.length;
    const project = await open(kite);
    await project.build({ select: 'stage:draft' }).report;
    expect(asked(since)).toEqual([]);
    expect((await project.check({ select: 'stage:draft' })).current).toBe(true);
  });

  it('whose system prompt has a mistake is named with the place, and stops nothing that does not use it', async () => {
    const kite = drafted({ [MODELS]: rows(',"Of {{ nobody }}"') });
    const [problem, ...others] = await told(await open(kite));
    expect([problem?.code, problem?.place?.field, problem?.place?.line, others]).toEqual([
      'DD402',
      'system',
      3,
      [],
    ]);
    kite.edit(SPEC, 'draft_llm: [w1, w2]', 'draft_llm: [w1]');
    expect(await told(await open(kite))).toEqual([]);
  });

  it('is sent what decides price or way, and that makes nothing stale', async () => {
    const kite = drafted();
    await (await open(kite)).build({ select: 'stage:draft' }).report;
    kite.write(MODELS, rows('"{""service_tier"": ""flex""}",'));
    const project = await open(kite);
    expect((await project.check({ select: 'stage:draft' })).current).toBe(true);
    const since = server.requests.length;
    await project.build({ select: 'stage:draft', force: true }).report;
    const tiers = server.requests.slice(since).map(({ body }) => [body['model'], body['service_tier']]);
    expect(tiers.toSorted()).toEqual([
      ['lab/w1', undefined],
      ['lab/w2', 'flex'],
    ]);

    kite.write(MODELS, rows('"{""top_p"": 0.5}",'));
    const [problem] = await told(await open(kite));
    expect([problem?.code, problem?.place?.field, problem?.place?.line]).toEqual(['DD179', 'transport', 3]);
  });
});
