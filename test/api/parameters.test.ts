// Parameters as axes of a spec: new generations with ids of their own, asked with what the level says, and everything else as it was.
import { describe, expect, it } from 'vitest';
import { openProject, ProblemError, type Project } from '../../src/api.ts';
import { startFakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, SPEC, type Kite } from '../support/kite.ts';

const JUDGE_STRICTLY = 'data/1_raw/templates/evaluation/strict.system.txt';

function vary(kite: Kite, axes: string): void {
  kite.edit(SPEC, '  evaluation_llm: [j1]\n', `  evaluation_llm: [j1]\n${axes}`);
}

async function told(project: Project): Promise<readonly string[]> {
  try {
    await project.plan();
    return [];
  } catch (error) {
    return error instanceof ProblemError ? error.problems.map(({ code }) => code) : [String(error)];
  }
}

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

  it('say what can not be asked for, and which system prompt is not there', async () => {
    const kite = makeKite();
    const project = await openProject({ root: kite.root });
    vary(kite, '  draft_temperature: [hot]\n  essay_top_p: [2]\n');
    expect(await told(project)).toEqual(['DD370', 'DD370']);
    kite.edit(SPEC, '  draft_temperature: [hot]\n  essay_top_p: [2]\n', '  evaluation_system: [strict]\n');
    expect(await told(project)).toContain('DD372');
  });

  it('refuse to vary a temperature that nobody is sent', async () => {
    const config = {
      provider: 'lab',
      providers: { lab: { baseURL: 'http://127.0.0.1:9', temperature: false } },
    };
    const kite = makeKite(undefined, { 'daydream.config.json': `${JSON.stringify(config)}\n` });
    vary(kite, '  draft_temperature: [0.2, 0.9]\n');
    expect(await told(await openProject({ root: kite.root }))).toContain('DD371');
  });
});
