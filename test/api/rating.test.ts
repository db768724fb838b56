// People's scores and preferences: what they are asked, blind, and what is kept of it.
import { beforeAll, describe, expect, it } from 'vitest';
import { openProject, ProblemError, type Project, type RatingAnswer } from '../../src/api.ts';
import { ratingItemsOf, type Rateable } from '../../src/scores/people/ratingitems.ts';
import { sampleWith, type TestProject } from '../support/project.ts';

const HEADER = 'rubric,essay_gen_id,text_digest,other_gen_id,other_digest,answer,when';

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.problems[0]?.code : String(error);
}

describe('rating', () => {
  let files: TestProject;
  let project: Project;
  beforeAll(async () => {
    files = sampleWith();
    project = await openProject({ root: files.root });
    await project.build().report;
  });

  it('asks about each text by each rubric, without a word of where it comes from', async () => {
    const sheet = await project.toRate({ rater: 'ada', n: 100 });
    expect({ open: sheet.open, answered: sheet.answered, kind: sheet.kind }).toEqual({
      open: 24,
      answered: 0,
      kind: 'score',
    });
    expect(new Set(sheet.tasks.map(({ rubric, texts }) => `${rubric} ${texts[0]?.genId ?? ''}`)).size).toBe(
      24,
    );
    expect(Object.keys(sheet.tasks[0]!)).toEqual(['rubric', 'texts']);
    expect(Object.keys(sheet.tasks[0]!.texts[0]!)).toEqual(['genId', 'digest', 'text']);
    expect(sheet.rubrics.map(({ id }) => id).sort()).toEqual(['surprise', 'tight-weave']);
    const again = await project.toRate({ rater: 'bob', n: 100 });
    expect(again.tasks).toEqual(sheet.tasks);
    const other = await project.toRate({ rater: 'ada', n: 100, seed: '2' });
    expect(other.tasks).not.toEqual(sheet.tasks);
  });

  it('goes on where it ended, and asks anew about a text that has changed', async () => {
    const before = await project.toRate({ rater: 'cleo', n: 3, rubric: 'surprise' });
    for (const [at, task] of before.tasks.entries())
      await project.rate({ rater: 'cleo', task, answer: at === 0 ? 'skip' : 7.5 });
    const after = await project.toRate({ rater: 'cleo', n: 100, rubric: 'surprise' });
    expect([after.answered, after.open]).toEqual([3, 9]);
    expect(after.tasks).not.toContainEqual(before.tasks[1]);
    const text = `data/gens/essay/${before.tasks[1]!.texts[0]!.genId}/parsed.txt`;
    const old = files.read(text);
    files.write(text, `${old}\nOne more line.\n`);
    expect((await project.toRate({ rater: 'cleo', rubric: 'surprise' })).answered).toBe(2);
    files.write(text, old);
  });

  it.each<[what: string, given: object]>([
    ['nothing', {}],
    ['no task', { answer: 1 }],
    ['a task of nothing', { task: {}, answer: 1 }],
    ['a task without texts', { task: { rubric: 'surprise' }, answer: 1 }],
    ['no answer', { task: { rubric: 'surprise', texts: [{ genId: 'e_1', digest: '0123456789abcdef' }] } }],
  ])('of %s is refused', async (_what, given) => {
    expect(await codeOf(project.rate(given as Parameters<Project['rate']>[0]))).toBe('DD712');
  });

  it('keeps a line for each answer, the last of which counts, and passes over what a crash tore', async () => {
    const [task] = (await project.toRate({ rater: 'dan', n: 1 })).tasks;
    await project.rate({ rater: 'dan', task: task!, answer: 3 });
    files.write('data/ratings/dan.csv', `${files.read('data/ratings/dan.csv')}surprise,e_1,"00`);
    await project.rate({ rater: 'dan', task: task!, answer: 4 });
    const lines = files.read('data/ratings/dan.csv').trimEnd().split('\n');
    const start = `${task!.rubric},${task!.texts[0]!.genId},${task!.texts[0]!.digest},,`;
    expect(lines).toEqual([
      HEADER,
      expect.stringContaining(`${start},3,20`),
      'surprise,e_1,"00',
      expect.stringContaining(`${start},4,20`),
    ]);
    const { answered, problems } = await project.toRate({ rater: 'dan' });
    expect([answered, problems.map(({ code, place }) => [code, place?.line])]).toEqual([1, [['DD711', 3]]]);
    expect((await project.ratings()).filter(({ rater }) => rater === 'dan')).toMatchObject([{ answer: 4 }]);
  });

  it('adds nothing to a file that is another kind of text, and leaves it as it is', async () => {
    const [task] = (await project.toRate({ rater: 'fay', n: 1 })).tasks;
    await project.rate({ rater: 'fay', task: task!, answer: 3 });
    const saved = files.read('data/ratings/fay.csv').replaceAll(',', ';');
    files.write('data/ratings/fay.csv', saved);
    const refused = { problems: [{ code: 'DD208', severity: 'error' }] };
    await expect(project.toRate({ rater: 'fay' })).rejects.toMatchObject(refused);
    await expect(project.rate({ rater: 'fay', task: task!, answer: 4 })).rejects.toMatchObject(refused);
    expect(files.read('data/ratings/fay.csv')).toBe(saved);
    const told = JSON.parse((await files.run(['doctor', '--json'])).stdout) as {
      findings: { code: string }[];
    };
    expect(told.findings.filter(({ code }) => code === 'ratings_damaged')).toMatchObject([
      { message: expect.stringContaining('dan.csv') },
      { message: expect.stringContaining('has semicolons between its cells') },
    ]);
  });

  it('lets two texts of the same combo be compared, once', async () => {
    const all = await project.toRate({ rater: 'eve', kind: 'preference', n: 1000 });
    const combos = new Map<string, string>();
    for await (const { genId, combo } of project.generations({ select: 'stage:essay' }))
      combos.set(genId, combo);
    for (const { texts } of all.tasks) {
      expect(texts).toHaveLength(2);
      expect(combos.get(texts[0]!.genId)).toBe(combos.get(texts[1]!.genId));
    }
    const [task] = all.tasks;
    await project.rate({
      rater: 'eve',
      task: { ...task!, texts: task!.texts.toReversed() },
      answer: 'first',
    });
    expect((await project.toRate({ rater: 'eve', kind: 'preference' })).answered).toBe(1);
  });

  it('refuses what is no rating', async () => {
    const [task] = (await project.toRate({ n: 1 })).tasks;
    const given = (answer: unknown, rater = 'ada'): Promise<void> =>
      project.rate({ rater, task: task!, answer: answer as RatingAnswer });
    expect(await codeOf(given('first'))).toBe('DD712');
    expect(await codeOf(given(Number.NaN))).toMatch(/DD712|DD196/);
    expect(await codeOf(given(5, '../ada'))).toBe('DD712');
    expect(await codeOf(given({}))).toBe('DD712');
    expect(await codeOf(project.rate({ task: { ...task!, note: 1 }, answer: 5 } as never))).toBe('DD196');
    expect(await codeOf(project.rate({ rater: 'ada', task: { rubric: 'r', texts: [] }, answer: 1 }))).toBe(
      'DD712',
    );
    expect(await codeOf(project.toRate({ rubric: 'suprise' }))).toBe('DD710');
    expect(await codeOf(project.toRate({ cohort: 'none' }))).toBe('DD109');
  });

  it('says why it asks again', async () => {
    const told = async (input: string, ...more: string[]): Promise<readonly string[]> => {
      const words = ['rate', 'first-light', '--rater', 'gil', '-n', '1', ...more];
      const { stderr } = await files.run(words, { input });
      return [...stderr.matchAll(/q ends\): ([^\n]*)\n/g)].map(([, said = '']) => said);
    };
    expect(await told('11\nfine\n\nb\nq\n')).toEqual([
      '"11" is not between 0 and 10; `--scale` sets other ends.',
      '"fine" is neither a number from 0 to 10 nor one of s, b, r and q.',
      'Nothing was typed; `s` passes over this one.',
      'This is the first.',
      expect.stringMatching(/^0 answered/) as string,
    ]);
    const [said] = await told(`3\u001B[2J${'x'.repeat(80)}\nq\n`, '--prefer');
    expect(said).toMatch(/^"3\P{Cc}*…x+" is none of 1, 2, =, s, b, r and q\.$/u);
    expect(said?.length).toBeLessThan(100);
  });

  it('says that texts are there and none is current', async () => {
    const stale = sampleWith();
    await stale.run(['build', '-q']);
    const config = JSON.parse(stale.read('daydream.config.json')) as Record<string, unknown>;
    stale.write('daydream.config.json', JSON.stringify({ ...config, provider: 'openrouter' }));
    const { stderr } = await stale.run(['rate', 'first-light'], { input: '' });
    expect(stderr).toMatch(/DD710 there is no text to rate: of \d+ essays none is current/);
  });

  it('is a conversation on the terminal: scores, the rubric, back, and the end of the input', async () => {
    const { code, stdout, stderr } = await files.run(['rate', 'first-light', '--rater', 'finn', '-n', '3'], {
      input: '11\n6\nr\nb\n7,5\ns\n',
    });
    expect({ code, told: /2 answered, 2 in all, 22 left/.test(stderr) }).toEqual({ code: 0, told: true });
    expect(stdout).toContain('── 1 of 3, by the rubric ');
    expect(stdout).not.toMatch(/rolling-thread|chance-meeting|gemini|deepseek|combo_v1/);
    expect(
      files
        .read('data/ratings/finn.csv')
        .trim()
        .split('\n')
        .map((line) => line.split(',')[5]),
    ).toEqual(['answer', '6', '7.5', 'skip']);
    const prefer = await files.run(
      ['rate', '--prefer', '--rater', 'finn', '--rubric', 'surprise', '-n', '2'],
      {
        input: '1\n=\n',
      },
    );
    expect(prefer.stderr).toContain('2 answered');
    expect(prefer.stdout).toContain('── 1 of 2, which is better by the rubric surprise ──');
    const [, prompt = ''] = /\n([^\n]*?q ends\): )/.exec(prefer.stderr) ?? [];
    // It is on one line with the answer, where a terminal has 80 columns.
    expect([prompt === '', prompt.length < 79]).toEqual([false, true]);
    const json = await files.run(['rate', '--json', '--rater', 'finn']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      type: 'ratings',
      rater: 'finn',
      answered: 2,
    });
    expect((await files.run(['rate', '--scale', '10'])).code).toBe(2);
  });
});

describe('the order of questions', () => {
  const all: Rateable[] = Array.from({ length: 60 }, (_, at) => ({
    essay: `e_${at}`,
    rubric: 'r',
    combo: `c${at % 6}`,
    way: at % 5,
  }));

  it('holds for what was there when something is added', () => {
    const some = ratingItemsOf(all.slice(0, 40), 'score', '1');
    const more = ratingItemsOf(all, 'score', '1').filter(({ essays }) =>
      some.some((each) => each.essays[0] === essays[0]),
    );
    expect(more).toEqual(some);
  });

  it('pairs essays of one combo and different ways, each two once, either of them first', () => {
    const pairs = ratingItemsOf(all, 'preference', '1');
    // 10 essays of each combo, 2 of each of 5 ways: 45 pairs less 5 of the same way.
    expect(pairs).toHaveLength(6 * 40);
    const firsts = pairs.filter(({ essays: [a, b] }) => Number(a.slice(2)) < Number(b!.slice(2))).length;
    expect(firsts).toBeGreaterThan(90);
    expect(firsts).toBeLessThan(150);
  });
});
