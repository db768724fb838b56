// A cohort that is broken stops what touches it, and nothing else: neither are the others left unbuilt, nor is anything of it lost.
import { describe, expect, it } from 'vitest';
import { openProject, ProblemError, type WatchNews } from '../../src/api.ts';
import { makeKite, SPEC, type Kite } from '../support/kite.ts';

const OTHER = 'data/cohorts/D/spec/config.yaml';
const THREE = 'data/1_raw/templates/draft/d-three.txt';

/** Cohort C as ever, and D with a draft template of its own; both are built. */
async function twoCohorts(): Promise<Kite> {
  const kite = makeKite();
  const spec = kite.read(SPEC).replace('[d-one, d-two]', '[d-three]');
  kite.write(OTHER, spec);
  expect((await kite.build()).code).toBe(0);
  return kite;
}

/** What lies in D's folder and of its drafts, without its spec. */
function kept(kite: Kite): readonly string[] {
  const drafts = kite.read('data/cohorts/D/membership.csv').match(/d_\w+/g) ?? [];
  return [
    kite.read('data/cohorts/D/membership.csv'),
    kite.read('data/cohorts/D/reports/parsing/aggregated_scores.csv'),
    ...drafts.map((id) => kite.read(`data/gens/draft/${id}/parsed.txt`)),
  ];
}

const BROKEN: readonly (readonly [string, string, (kite: Kite) => void])[] = [
  ['a spec that does not parse', 'DD217', (kite) => kite.edit(OTHER, 'rules:', 'rules: [')],
  ['a template in its spec that is in no catalog', 'DD323', (kite) => kite.edit(OTHER, 'd-three', 'd-tree')],
  [
    'a template of its own that does not parse',
    'DD401',
    (kite) => kite.write(THREE, 'Three {{ concepts[0\n'),
  ],
  ['a template of its own whose text is gone', 'DD355', (kite) => kite.remove(THREE)],
];

describe('a cohort that is broken', () => {
  it.each(BROKEN)('by %s stops what is about it, and the others go on', async (_name, code, breakIt) => {
    const kite = await twoCohorts();
    const before = kept(kite);
    const [spec, text] = [kite.read(OTHER), kite.read(THREE)];
    breakIt(kite);
    kite.write('data/1_raw/templates/draft/d-one.txt', 'Anew {{ concepts[0].name }}\n');
    const named = await kite.check('cohort:D');
    expect(named).toMatchObject({ code: 2, stderr: expect.stringContaining(`error ${code}`) as string });
    expect(named.stdout).toBe('');
    const other = await kite.run(['status', 'cohort:C']);
    expect(other.code).toBe(0);
    expect(other.stderr.match(/^cohort D is broken and was left out: .*$/gm)).toHaveLength(1);
    expect(other.stderr).not.toContain(`error ${code}`);
    const built = await kite.build();
    expect(built.code).toBe(2);
    // Two drafts, four essays, eight evaluations.
    expect(built.steps).toHaveLength(14);
    expect(built.stderr).toContain(`error ${code}`);
    expect(kept(kite)).toEqual(before);
    expect(await kite.check('cohort:C')).toMatchObject({ code: 0 });
    expect(await kite.check('--exclude', 'cohort:D')).toMatchObject({ code: 0 });
    for (const [words, ended] of [
      [['C'], 0],
      [['D'], 2],
      [[], 2],
    ] as const)
      expect((await kite.run(['export', ...words, '--out', 'rows.csv'])).code).toBe(ended);
    const whole = await kite.run(['check', '--json']);
    expect(whole.code).toBe(2);
    expect(JSON.parse(whole.stdout)).toMatchObject({
      current: false,
      states: { stale: 0 },
      broken: [{ id: 'D', problems: expect.arrayContaining([expect.objectContaining({ code })]) as object }],
    });
    for (const words of [['gc', '--yes'], ['purge', 'C', '--yes'], ['rm', 'stage:draft', '--yes'], ['ls']])
      expect(await kite.run(words)).toMatchObject({ code: 2 });
    expect(kept(kite)).toEqual(before);
    kite.write(OTHER, spec);
    kite.write(THREE, text);
    expect((await kite.build()).steps).toEqual([]);
    expect(await kite.check()).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('broken') as string,
    });
  });

  it('because it disagrees with another about essays is left as it is, and the other is built', async () => {
    const kite = makeKite();
    kite.write(OTHER, kite.read(SPEC).replace('[e-llm, w2]', '[e-llm, w1]'));
    const built = await kite.build();
    expect(built).toMatchObject({ code: 2, stderr: expect.stringContaining('error DD350') as string });
    expect(kite.exists('data/cohorts/D/membership.csv')).toBe(false);
    expect(await kite.check('cohort:C')).toMatchObject({ code: 0 });
    expect(await kite.check('cohort:D')).toMatchObject({ code: 2 });
    expect(await kite.check('cohort:C', '--allow-merge')).toMatchObject({ code: 0 });
    // What only reads shows it, with the merge as a warning.
    expect((await kite.run(['ls', 'cohort:D'])).code).toBe(0);
  });

  it('is refused to a program that asks for it, and told of with what else was asked', async () => {
    const kite = await twoCohorts();
    kite.write(OTHER, 'axes: [');
    const project = await openProject({ root: kite.root });
    expect(await project.check({ select: 'cohort:C' })).toMatchObject({ current: true });
    expect(await project.check()).toMatchObject({ current: false, broken: [{ id: 'D' }] });
    expect(await project.build().report).toMatchObject({ end: 'incomplete', broken: [{ id: 'D' }] });
    expect((await project.scores('C')).length).toBeGreaterThan(0);
    await expect(project.scores()).rejects.toThrow(ProblemError);
    await expect(project.scores('D')).rejects.toThrow('DD217');
  });

  it('under a watch is said, and the others are kept current', async () => {
    const kite = await twoCohorts();
    const before = kept(kite);
    const project = await openProject({ root: kite.root });
    const watch = await project.watch();
    const news: WatchNews[] = [];
    for await (const each of watch) {
      news.push(each);
      if (each.type === 'plan' && news.filter(({ type }) => type === 'plan').length === 1)
        kite.write(OTHER, 'axes: [');
      if (each.type === 'warned' && each.problems[0]?.code === 'DD217')
        kite.write('data/1_raw/templates/draft/d-one.txt', 'Anew {{ concepts[0].name }}\n');
      if (each.type === 'build_finished') await watch.stop();
    }
    expect(news.map(({ type }) => type)).not.toContain('broken');
    expect(news.findLast(({ type }) => type === 'build_finished')).toMatchObject({ broken: [{ id: 'D' }] });
    expect(kept(kite)).toEqual(before);
  });

  it('that is gone again is not told of when the watch ends', async () => {
    const kite = await twoCohorts();
    const { child, ended, said } = kite.start(['watch', '--json']);
    await said('"state":"watching"');
    kite.write(OTHER, 'axes: [');
    await said('DD217');
    kite.remove('data/cohorts/D');
    await said('"what":"removed"');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 130,
      stderr: expect.not.stringContaining('cohort D is broken') as string,
    });
  });
});
