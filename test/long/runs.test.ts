// Builds on record: what a run file says, tags as selectors, copies of specs, and what leaves nothing behind.
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';

interface Run {
  readonly id: string;
  readonly command: string;
  readonly tags: Record<string, string>;
  readonly snapshot?: string;
  readonly covered: { cohorts: string[]; generations: string[] };
  readonly plan: { attempted: number; price: { upper: { calls: number } } };
  readonly built: Record<string, string[]>;
  readonly how: Record<string, number>;
  readonly cost: number;
  readonly durationMs: number;
  readonly states: Record<string, number>;
}

function runsOf(kite: Kite): readonly Run[] {
  if (!kite.exists('data/.daydream/runs')) return [];
  return kite
    .files('data/.daydream/runs')
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(kite.read(name)) as Run);
}

async function listed(kite: Kite, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await kite.run(['ls', ...words, '--json']);
  const { generations } = JSON.parse(stdout) as { generations: readonly { gen_id: string }[] };
  return generations.map(({ gen_id }) => gen_id);
}

describe('a tagged build of everything', () => {
  let kite: Kite;
  beforeAll(async () => {
    kite = makeKite();
    await kite.build('--tag', 'experiment_id=spring', '--tag', 'mood=calm', '--snapshot');
  });

  it('is on record with its command, plan, counts and generations', () => {
    const [run] = runsOf(kite);
    expect(run).toMatchObject({
      command: 'daydream build --json --tag experiment_id=spring --tag mood=calm --snapshot',
      tags: { experiment_id: 'spring', mood: 'calm' },
      covered: { cohorts: ['C'], generations: [] },
      plan: { attempted: 28, price: { upper: { calls: 0 } } },
      how: { offline: 24, copied: 4 },
      cost: 0,
      states: { current: 28 },
    });
    expect(Object.values(run?.built ?? {}).map((ids) => ids.length)).toEqual([4, 8, 16]);
    expect(run?.built['draft']).toContain(kite.id('A:d-one'));
    expect(run?.durationMs).toBeGreaterThan(0);
  });

  it('keeps a copy of the spec', () => {
    expect(runsOf(kite)[0]?.snapshot).toBe('experiments/spring/spec_snapshot');
    expect(kite.read('data/experiments/spring/spec_snapshot/C/config.yaml')).toBe(
      kite.read('data/cohorts/C/spec/config.yaml'),
    );
  });

  it('is found by its tags', async () => {
    expect(await listed(kite, 'tag:mood=calm')).toHaveLength(28);
    expect(await listed(kite, 'tag:experiment_id=*,stage:draft')).toHaveLength(4);
  });

  it('is listed and shown', async () => {
    const [run] = runsOf(kite);
    const list = await kite.run(['runs']);
    expect(list.stdout).toContain(run?.id);
    expect(list.stdout).toContain('experiment_id=spring mood=calm');
    const shown = await kite.run(['runs', 'show', run?.id ?? '']);
    expect(shown.stdout).toContain('built     4 draft, 8 essay, 16 evaluation');
    expect(JSON.parse((await kite.run(['runs', 'show', run?.id ?? '', '--json'])).stdout)).toEqual({
      ...run,
      results: { generations: 28, scores: 16, mean: expect.closeTo(4.275, 3) as number },
    });
  });
});

describe('what is put on record', () => {
  it('a build that has nothing to do and no tag leaves no record', async () => {
    const kite = makeKite();
    await kite.build();
    await kite.build();
    expect(runsOf(kite)).toHaveLength(1);
  });

  it('a tag is recorded even where nothing has to run', async () => {
    const kite = makeKite();
    await kite.build();
    const { steps } = await kite.build('template:d-one+', '--tag', 'set=half');
    expect(steps).toEqual([]);
    expect(runsOf(kite).at(-1)).toMatchObject({
      tags: { set: 'half' },
      built: { draft: [] },
      covered: { cohorts: [] },
    });
    const tagged = await listed(kite, 'tag:set=half');
    expect(tagged).toHaveLength(14);
    expect(tagged).toContain(kite.id('A:d-one'));
    expect(tagged).not.toContain(kite.id('A:d-two'));
  });

  it('tags of several runs add up, on request as a column', async () => {
    const kite = makeKite();
    await kite.build('--tag', 'experiment_id=one');
    await kite.build(kite.id('A:d-one'), '--tag', 'experiment_id=two');
    const { stdout } = await kite.run(['ls', 'stage:draft', '--columns', 'gen_id,tags', '--format', 'csv']);
    expect(stdout).toContain(`${kite.id('A:d-one')},experiment_id=one experiment_id=two\n`);
    expect(stdout).toContain(`${kite.id('A:d-two')},experiment_id=one\n`);
    const wide = await kite.run(['ls', 'stage:draft', '--with-tags', '--format', 'csv']);
    expect(wide.stdout.split('\n')[0]).toMatch(/,tags$/);
  });

  it('a changed spec never replaces the copy of an earlier one', async () => {
    const kite = makeKite();
    const words = ['--tag', 'experiment_id=x', '--snapshot'];
    await kite.build(...words);
    await kite.build(...words);
    kite.edit('data/cohorts/C/spec/config.yaml', 'combo_id: [A, B]', 'combo_id: [A]');
    await kite.build(...words);
    expect(runsOf(kite).map(({ snapshot }) => snapshot)).toEqual([
      'experiments/x/spec_snapshot',
      'experiments/x/spec_snapshot',
      'experiments/x/spec_snapshot-2',
    ]);
    expect(kite.read('data/experiments/x/spec_snapshot/C/config.yaml')).toContain('[A, B]');
    expect(kite.read('data/experiments/x/spec_snapshot-2/C/config.yaml')).toContain('[A]');
  });

  it.each([
    ['no value', 'experiment_id'],
    ['a sign of the selector language', 'a=b,c'],
    ['a path', 'experiment_id=../out'],
    ['two values for one key', 'a=1 a=2'],
  ])('%s is refused before anything runs', async (_what, tag) => {
    const kite = makeKite();
    const { code, stderr } = await kite.run(['build', '--tag', tag]);
    expect({ code, refused: stderr.includes('DD102') }).toEqual({ code: 2, refused: true });
    expect(kite.exists('data/gens')).toBe(false);
  });

  it('an unknown run is refused with the nearest name', async () => {
    const kite = makeKite();
    await kite.build();
    const [run] = runsOf(kite);
    const { code, stderr } = await kite.run(['runs', 'show', `${run?.id.slice(0, -1)}x`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`DD510`);
    expect(stderr).toContain(run?.id);
  });

  it('a damaged record is passed over', async () => {
    const kite = makeKite();
    await kite.build('--tag', 'a=b');
    kite.write('data/.daydream/runs/20260101T000000-0000.json', '{"id": "2026');
    expect(await listed(kite, 'tag:a=b')).toHaveLength(28);
    expect((await kite.run(['runs', 'show', '20260101T000000-0000'])).stderr).toContain('damaged');
  });
});
