// The door for programs, as the package opens it: the sample is asked, planned, built and changed, and nothing is printed on the way.
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openProject, ProblemError, type BuildEvent, type GenerationRecord } from '../../src/api.ts';
import { CONFIG_FILE, makeKite, settingsFor } from '../support/kite.ts';
import { sampleWith, type TestProject } from '../support/project.ts';

const open = (project: TestProject): ReturnType<typeof openProject> => openProject({ root: project.root });

/** The code of the problem that a promise ends in. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.problems[0]?.code : String(error);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('a project', () => {
  const said = [
    vi.spyOn(process.stdout, 'write'),
    vi.spyOn(process.stderr, 'write'),
    vi.spyOn(process, 'exit'),
  ];
  afterAll(() => said.forEach((spy) => spy.mockRestore()));
  it('is planned, built, read and built again', async () => {
    const project = await open(sampleWith());
    const plan = await project.plan();
    expect({ total: plan.total, attempted: plan.attempted, usd: plan.price.upper.usd }).toEqual({
      total: 116,
      attempted: 116,
      usd: 0,
    });
    const build = project.build();
    const events: BuildEvent[] = await all(build);
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'warned',
      'plan',
      'run_started',
      'generation',
      'run_finished',
      'build_finished',
    ]);
    const { end, counts } = await build.report;
    expect({ end, current: counts.states.current }).toEqual({ end: 'done', current: 116 });
    expect(await project.check()).toMatchObject({ current: true, generations: [] });
    expect((await project.build().report).summary).toBeUndefined();
    expect((await project.runs()).map(({ command }) => command)).toEqual(['a program']);
    expect((await project.costs()).total).toMatchObject({ attempts: 0, cost: 0 });
  });

  it('names options and its own page of them in what it refuses, not those of a command line', async () => {
    const project = await open(sampleWith());
    const view = await project.view();
    for (const [asked, message] of [
      [() => project.costs({ since: 'monday' }), /^DD102: since must be/],
      [() => view.costs({ since: 'monday' }), /^DD102: since must be/],
      [
        () => project.build({ batch: true, now: true }).report,
        /^DD102: now asks directly, and batch does not/,
      ],
      [() => project.export({ out: 'rows' }), /^DD102: the name rows does not say/],
      [() => project.plan({ shard: '9/8' }), /^DD102: shard /],
    ] as const) {
      const refused = (await asked().then(String, (error: unknown) => error)) as ProblemError;
      expect(refused.message).toMatch(message);
      expect(JSON.stringify(refused.problems)).not.toContain('--');
    }
    const dear = settingsFor('http://127.0.0.1:9/v1', { confirmAbove: 0 });
    const paid = await open(makeKite(undefined, { [CONFIG_FILE]: dear }));
    await expect(paid.build().report).rejects.toMatchObject({
      problems: [{ code: 'DD111', cure: 'Add `approved`, or a limit with `maxCost USD`.' }],
    });
    await expect(project.costs({ since: 'monday' })).rejects.toMatchObject({
      problems: [{ cure: 'Look at the options in docs/api.md.', place: { field: 'since' } }],
    });
  });

  it('gives generations one by one, with their texts where these are asked for', async () => {
    const project = await open(sampleWith());
    await project.build({ select: 'd_5dpejqnni3lflpgx' }).report;
    const found: GenerationRecord[] = await all(project.generations({ select: 'd_5dpejqnni3lflpgx+1' }));
    expect(found.map(({ genId, state, texts }) => [genId, state, texts])).toEqual([
      ['d_5dpejqnni3lflpgx', 'current', undefined],
      ['e_ptw7g96bw1akmdc', 'missing', undefined],
      ['e_499lftsgvu18er00', 'missing', undefined],
    ]);
    const [read] = await all(project.generations({ select: 'd_5dpejqnni3lflpgx', texts: true }));
    expect(read?.texts?.prompt).toMatch(/^Grow one idea/);
  });

  it('says why a generation is stale after an edit', async () => {
    const files = sampleWith();
    const project = await open(files);
    await project.build({ select: 'd_5dpejqnni3lflpgx' }).report;
    files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[0].name }}.\n');
    const { verdict, prompt } = await project.why('d_5dpejqnni3lflpgx');
    expect(verdict).toMatchObject({ state: 'stale', from: 'render' });
    expect(prompt?.now).toMatch(/^Think of /);
  });

  it('stops when it is told to, and what was made stays', async () => {
    const project = await open(sampleWith());
    const aborted = await project.build({ signal: AbortSignal.abort() }).report;
    expect(aborted.end).toBe('interrupted');
    const build = project.build();
    let made = 0;
    for await (const event of build) {
      if (event.type === 'generation' && event.outcome.kind === 'built') made++;
      if (made === 1) void build.stop();
    }
    const { end, summary } = await build.report;
    expect(end).toBe('interrupted');
    expect(summary?.left).toBeGreaterThan(0);
    expect((await project.build().report).end).toBe('done');
  });

  it('refuses what it can not read, with a code, before anything is done', async () => {
    const files = sampleWith();
    const project = await open(files);
    // A program without types.
    const misspelt: object = { maxcost: 2 };
    expect(() => project.build(misspelt)).toThrow(/maxCost/);
    await expect(codeOf(project.status({ select: 'cohort:nowhere' }))).resolves.toBe('DD109');
    await expect(codeOf(project.why('d_nothing'))).resolves.toBe('DD505');
    await expect(codeOf(project.scores('nowhere'))).resolves.toBe('DD109');
    await expect(codeOf(openProject({ root: '/' }))).resolves.toBe('DD103');
    expect(files.exists('data/gens')).toBe(false);
    await project.close();
    await expect(codeOf(project.status())).resolves.toBe('DD197');
  });

  it('is watched: edits are built, and the watch ends when it is told to', async () => {
    const files = sampleWith();
    const project = await open(files);
    await project.build().report;
    const watch = await project.watch({ select: 'd_5dpejqnni3lflpgx' });
    let built = 0;
    for await (const event of watch) {
      if (event.type === 'state' && event.state === 'watching' && built === 0)
        files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[0].name }}.\n');
      if (event.type === 'build_finished') {
        built++;
        void watch.stop();
      }
    }
    await watch.ended;
    expect(built).toBe(1);
    expect((await project.check({ select: 'd_5dpejqnni3lflpgx' })).current).toBe(true);
  });

  it('has printed nothing through all that, and ended no process', () => {
    for (const spy of said) expect(spy).not.toHaveBeenCalled();
  });
});
