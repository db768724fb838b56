// A project kept open: it answers as the project does, and follows what changes on the disk, whoever changes it.
import { describe, expect, it, onTestFinished } from 'vitest';
import { openProject, type Project, type View } from '../../src/api.ts';
import { sampleWith, type TestProject } from '../support/project.ts';

interface Opened {
  readonly files: TestProject;
  readonly project: Project;
  readonly view: View;
}

async function open(files = sampleWith()): Promise<Opened> {
  const project = await openProject({ root: files.root });
  const view = await project.view();
  onTestFinished(() => view.close());
  return { files, project, view };
}

/** Waits for a change that a view tells of. */
async function changed(view: View, isMeant: () => boolean): Promise<void> {
  if (isMeant()) return;
  for await (const { version } of view) if (version > 0 && isMeant()) return;
}

describe('a view', () => {
  it('says what the project says, before a build and after one in the same process or another', async () => {
    const { files, project, view } = await open();
    expect(view.status()).toEqual(await project.status());
    await project.build({ select: 'stage:draft' }).report;
    await view.settled();
    expect(view.status()).toEqual(await project.status());
    expect(await files.run(['build'])).toMatchObject({ code: 0 });
    await changed(view, () => view.status().states.current === 116);
    expect(view.status()).toEqual(await project.status());
  });

  it('has in its matrix the means of all scores, by any two facets, and the essays behind each cell', async () => {
    const { project, view } = await open();
    await project.build().report;
    await view.settled();
    const scores = (await project.scores()).flatMap(({ score }) => score ?? []);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const matrix = view.matrix({ rows: 'draft_template', columns: 'judge' });
    expect(matrix.all).toMatchObject({ count: scores.length, open: 0, without: 0 });
    expect(matrix.all.mean).toBeCloseTo(mean, 10);
    expect(matrix.cells.flat().reduce((sum, cell) => sum + (cell?.count ?? 0), 0)).toBe(scores.length);
    const [row] = matrix.rows;
    const { essays, total } = view.essays({ where: { draft_template: [row?.name ?? ''] } });
    expect(essays).toHaveLength(total);
    expect(essays.flatMap(({ scores: each }) => each)).toHaveLength(row?.all.count ?? 0);
    expect(essays.map(({ mean: each }) => each)).toEqual(
      essays.map(({ mean: each }) => each).toSorted((a, b) => (b ?? 0) - (a ?? 0)),
    );
  });

  it('pages through essays in one order, which follows their scores', async () => {
    const { project, view } = await open();
    await project.build().report;
    await view.settled();
    const whole = view.essays({ order: 'worst', most: 1000 });
    const pages = [0, 3, 6].flatMap((from) => view.essays({ order: 'worst', from, most: 3 }).essays);
    expect(pages).toEqual(whole.essays.slice(0, 9));
    expect(view.essays({ order: 'best', most: 1 }).essays[0]?.mean).toBe(whole.essays.at(-1)?.mean);
    expect(view.essays({ order: 'worst', from: whole.total }).essays).toEqual([]);
  });

  it('agrees with the score table on what each evaluation came from', async () => {
    const { project, view } = await open();
    await project.build().report;
    await view.settled();
    const rows = await project.scores();
    const { essays } = view.essays({ most: 1000 });
    const found = essays.flatMap((essay) =>
      essay.scores.map((score) => ({ ...essay, ...score, essay: essay.genId })),
    );
    const told = (each: (typeof found)[number]): readonly unknown[] => [
      each.genId,
      each.essay,
      each.draft,
      each.draftTemplate,
      each.draftModel,
      each.essayTemplate,
      each.essayModel,
      each.combo,
      each.rubric,
      each.judge,
      each.replicate,
      each.score,
    ];
    const expected = rows.map((row) => [
      row.genId,
      row.parentGenId,
      row.draftGenId,
      row.draftTemplate,
      row.draftModel,
      row.generationTemplate,
      row.generationModel,
      row.comboId,
      row.evaluationTemplate,
      row.evaluationModel,
      row.replicate,
      row.score,
    ]);
    const byId = (a: readonly unknown[], b: readonly unknown[]): number =>
      String(a[0]).localeCompare(String(b[0]));
    expect(found.map(told).sort(byId)).toEqual(expected.sort(byId));
  });

  it('hears of a saved template, says which it was, and shows a broken one without letting go of the last good', async () => {
    const { files, project, view } = await open();
    await project.build({ select: 'stage:draft' }).report;
    await view.settled();
    const heard = (async () => {
      for await (const { files: each } of view) if (each.length > 0) return each.map(({ path }) => path);
      return [];
    })();
    files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[0].name }}.\n');
    expect(await heard).toEqual([files.path('templates/draft/rolling-thread.txt')]);
    expect(view.status({ select: 'stage:draft,state:stale' }).total).toBeGreaterThan(0);
    files.write('data/cohorts/first-light/spec/config.yaml', 'no: spec\n');
    await changed(view, () => view.broken.length > 0);
    expect(view.status().total).toBe(116);
  });

  it('gives generations by pages, one in full, and its texts by pieces', async () => {
    const { files, project, view } = await open();
    await project.build().report;
    await view.settled();
    const page = view.page({ select: 'stage:essay', from: 2, most: 3 });
    expect(page).toMatchObject({ from: 2, total: 12 });
    expect(page.generations.map(({ stage }) => stage)).toEqual(['essay', 'essay', 'essay']);
    const id = page.generations[0]?.genId ?? '';
    const { dossier, chain, children, explanation } = await view.generation(id);
    expect(dossier).toMatchObject({ genId: id, state: 'current' });
    expect(chain.map(({ stage }) => stage)).toEqual(['draft', 'essay']);
    expect(children.every(({ stage, score }) => stage === 'evaluation' && score !== null)).toBe(true);
    expect(explanation?.verdict.state).toBe('current');
    const long = 'x'.repeat(450_000);
    files.write(`data/gens/essay/${id}/parsed.txt`, long);
    let text = '';
    for (let from: number | null = 0; from !== null;) {
      const piece = view.text(id, 'parsed', from);
      text += piece.text ?? '';
      from = piece.next;
    }
    expect(text).toBe(long);
  });

  it('answers nothing once it was closed, and is closed with its project', async () => {
    const { project, view } = await open();
    await project.close();
    expect(() => view.status()).toThrow('the view was closed');
    await expect(project.view()).rejects.toThrow('was closed');
  });
});
