// Scores without a judge, and several scores in one reply, through a whole project: built, stale by what they read, in tables and rows.
import { describe, expect, it } from 'vitest';
import { openProject, type ExportRow, type Project } from '../../src/api.ts';
import { startFakeProvider } from '../support/fakeprovider.ts';
import { configFor, kiteAnswer, makeKite, SPEC, type Kite } from '../support/kite.ts';

const CONFIG = 'daydream.config.ts';
const CATALOG = 'data/1_raw/evaluation_templates.csv';
const OWN = 'data/1_raw/templates/evaluation/like.txt';

const SCORER = `scorers: [{
  name: 'mine',
  score: (text, { draft }) => ({ scores: { own: text.length, draft: draft.length }, rationale: 'counted' }),
}]`;

/** A kite with three templates that code scores, one by a function of the config. */
function scoredKite(url?: string): Kite {
  const offline = `export default { provider: 'offline', ${SCORER} };\n`;
  const kite = makeKite(url, { [CONFIG]: url === undefined ? offline : configFor(url, SCORER) });
  const rows = 'long,,,length:words,code\nlike,,,similarity:text,code\nmine,,,mine,code\n';
  kite.write(CATALOG, `${kite.read(CATALOG).trimEnd()}\n${rows}`);
  kite.write(OWN, 'A text to be like.\n');
  kite.edit(SPEC, '[v-one]', '[v-one, long, like, mine]');
  return kite;
}

async function rowsOf(project: Project, ...select: readonly string[]): Promise<readonly ExportRow[]> {
  const rows: ExportRow[] = [];
  for await (const row of project.rows({ select })) rows.push(row);
  return rows;
}

async function planned(project: Project): Promise<Readonly<Record<string, number>>> {
  const { stages } = await project.plan();
  return Object.assign({}, ...stages.map(({ reasons }) => reasons)) as Record<string, number>;
}

describe('an evaluation that code scores', () => {
  it('asks nobody, is there once an essay, and is stale by exactly what it reads', async () => {
    const kite = scoredKite();
    const project = await openProject({ root: kite.root });
    const report = await project.build().report;
    expect(report.summary?.failed).toBe(0);
    // What code scores is no copy.
    expect(report.summary?.how).toMatchObject({ copied: 4, scored: 24 });
    const rows = await rowsOf(project, 'template:long', 'template:mine', 'template:like');
    expect(rows.length).toBe(8 * 3);
    expect(rows.every((row) => row.mode === 'code' && row.judge === null && row.replicate === 1)).toBe(true);
    const mine = rows.find(({ rubric }) => rubric === 'mine');
    expect(JSON.parse(mine?.scores ?? '')).toMatchObject({ own: expect.any(Number) as number });
    expect(mine).toMatchObject({ rationale: 'counted', cost: 0 });
    expect((await project.check()).current).toBe(true);

    kite.edit(CONFIG, "'counted'", "'counted again'");
    expect(await planned(project)).toEqual({ parser: 8 });
    kite.edit(OWN, 'A text', 'Another text');
    expect(await planned(project)).toEqual({ parser: 8, text: 8 });
    await project.build().report;
    expect((await project.check()).current).toBe(true);
    const essay = rows[0]?.essay_gen_id ?? '';
    const path = `data/gens/essay/${essay}/parsed.txt`;
    kite.write(path, `${kite.read(path)} And some more.`);
    // The judges' scores of it, and all three of code.
    expect((await planned(project))['parent']).toBe((await rowsOf(project, `${essay}+`)).length - 1);
    expect(kite.read('data/cohorts/C/manifest.json')).not.toContain('None');
  });

  it('is stale when the draft is another that the essay was written up from to the same words', async () => {
    const kite = scoredKite();
    const project = await openProject({ root: kite.root });
    await project.build().report;
    const [row] = await rowsOf(project, 'template:mine');
    const draft = `data/gens/draft/${row?.draft_gen_id ?? ''}/parsed.txt`;
    kite.write(draft, `${kite.read(draft)}!`);
    const essay = `data/gens/essay/${row?.essay_gen_id ?? ''}`;
    const before = kite.read(`${essay}/parsed.txt`);
    await project.build({ select: 'stage:essay' }).report;
    kite.write(`${essay}/parsed.txt`, before);
    const { generations } = await project.check({ select: `gen:${row?.gen_id ?? ''}` });
    expect(generations[0]?.reasons).toMatchObject([{ kind: 'part', step: 'parse', part: 'draft' }]);
    await project.build().report;
    expect((await project.check({ select: 'stage:evaluation' })).current).toBe(true);
  });

  it('says what is missing: a scorer, a stage that has none, a text to compare with', async () => {
    const kite = scoredKite();
    kite.edit(CATALOG, 'length:words', '');
    expect((await kite.run(['plan'])).stderr).toContain('DD470');
    kite.edit(CATALOG, 'long,,,,code', 'long,,,length:words,code');
    kite.remove(OWN);
    const { summary } = await (await openProject({ root: kite.root })).build().report;
    expect(summary?.failed).toBe(8);
    kite.edit('data/1_raw/essay_templates.csv', 'e-llm,Written,x,,llm', 'e-llm,Written,x,,code');
    expect((await kite.run(['plan'])).stderr).toContain('DD211');
  });
});

describe('several scores in one reply', () => {
  it('are in the tables, statistics, rows and words, and the score is where it was', async () => {
    const server = await startFakeProvider({
      answer: (request) =>
        request.prompt.startsWith('Judge')
          ? '{"novelty": 8, "clarity": 5, "rationale": "New, not clear."}'
          : kiteAnswer(request),
    });
    try {
      const kite = scoredKite(server.url);
      kite.edit(CATALOG, 'in_last_line', 'json_scores');
      await kite.run(['build']);
      const named = kite.read('data/cohorts/C/reports/parsing/named_scores.csv').trim().split('\n');
      expect(named[0]).toMatch(
        /^gen_id,parent_gen_id,evaluation_template,evaluation_llm_model,name,score,rationale,/,
      );
      expect(named.filter((line) => line.includes(',v-one,') && line.includes(',novelty,8.0,'))).toHaveLength(
        16,
      );
      const table = kite.read('data/cohorts/C/reports/parsing/aggregated_scores.csv');
      expect(
        table.split('\n').filter((line) => line.includes(',v-one,') && line.includes(',6.5,')),
      ).toHaveLength(16);
      // What code counts is not averaged with what judges say.
      expect(kite.read('data/cohorts/C/reports/summary/final_results.csv')).toMatch(
        /overall_statistics,.*,16,6\.5,/,
      );
      const { stdout } = await kite.run(['report', '--show', 'measures', '--format', 'csv']);
      expect(stdout).toMatch(/^v-one,clarity,all,,5\.0,/m);
      expect(stdout).toMatch(/^long,score,draft_template,d-one,/m);
      const project = await openProject({ root: kite.root });
      const gate = await project.check({ gate: 'mean <= 7, rubric:long n >= 8', over: 'essays' });
      expect(gate.gate?.conditions.map(({ value }) => value)).toEqual([6.5, 8]);
      const [row] = await rowsOf(project, 'template:v-one');
      const shown = await kite.run(['show', row?.gen_id ?? '']);
      expect(shown.stderr).toContain('score 6.5: novelty 8, clarity 5');
      expect(shown.stderr).toContain('New, not clear.');
      const list = await kite.run([
        'ls',
        row?.gen_id ?? '',
        '--columns',
        'score,scores,rationale',
        '--format',
        'csv',
      ]);
      expect(list.stdout).toContain('6.5,"novelty 8, clarity 5","New, not clear."');
      const view = await project.view();
      try {
        const found = await view.generation(row?.gen_id ?? '');
        expect(found).toMatchObject({
          score: 6.5,
          scores: { novelty: 8, clarity: 5 },
          rationale: 'New, not clear.',
        });
        const matrix = await view.matrix({ rows: 'draft_template', columns: 'judge' });
        expect(matrix.all.mean).toBe(6.5);
      } finally {
        await view.close();
      }
    } finally {
      await server.close();
    }
  });
});
