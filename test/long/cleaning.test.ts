// Removing and bringing back: listed first, moved only with --yes, never what another cohort uses.
import { describe, expect, it } from 'vitest';
import { fromBuiltOffline } from '../support/builtkite.ts';
import type { Kite } from '../support/kite.ts';

/** A second cohort that shares the drafts of combo A by d-one with the first. */
const SECOND = `axes:
  combo_id: [A]
  draft_template: [d-one]
  draft_llm: [w1]
  essay_template: [e-llm]
  essay_llm: [w2]
  evaluation_template: [v-one]
  evaluation_llm: [j1]
output:
  field_order: [combo_id]
`;

let kite: Kite;
fromBuiltOffline((fresh) => {
  kite = fresh;
});

const gens = (): readonly string[] =>
  kite.files('data/gens').filter((name) => name.endsWith('/metadata.json'));

interface Answer {
  readonly removed: boolean;
  readonly removals: readonly { kind: string; path: string }[];
  readonly kept: readonly { path: string; cohorts: string[] }[];
}

async function asked(...words: readonly string[]): Promise<Answer> {
  const { code, stdout, stderr } = await kite.run([...words, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answer;
}

describe('rm', () => {
  it('only lists without --yes', async () => {
    const before = kite.files();
    const { removed, removals } = await asked('rm', kite.id('A:d-one'));
    expect({ removed, paths: removals.map(({ path }) => path) }).toEqual({
      removed: false,
      paths: [`gens/draft/${kite.id('A:d-one')}`],
    });
    expect(kite.files()).toEqual(before);
    const { stderr, stdout } = await kite.run(['rm', kite.id('A:d-one')]);
    expect(stdout).toContain(`gens/draft/${kite.id('A:d-one')}`);
    expect(stderr).toContain('add --yes');
  });

  it('moves one generation to the trash, and a build makes it again', async () => {
    const folder = kite.folder('A:d-one/e-llm/v-one');
    await asked('rm', kite.id('A:d-one/e-llm/v-one'), '--yes');
    expect(kite.exists(folder)).toBe(false);
    const { steps, code } = await kite.build();
    expect({ steps, code }).toEqual({ steps: ['A:d-one/e-llm/v-one rendered offline parsed'], code: 0 });
  });

  it('with --cascade takes what is made from it, in cohorts and out of them', async () => {
    const [draft, essay] = [kite.id('B:d-two'), kite.id('B:d-two/e-llm')];
    kite.edit('data/cohorts/C/spec/config.yaml', 'combo_id: [A, B]', 'combo_id: [A]');
    await kite.build();
    const { removals } = await asked('rm', draft, '--cascade');
    expect(removals).toHaveLength(7);
    expect(removals.map(({ path }) => path)).toContain(`gens/essay/${essay}`);
    expect((await asked('rm', draft)).removals).toHaveLength(1);
    expect((await asked('rm', kite.id('A:d-one'), '--cascade')).removals).toHaveLength(7);
  });

  it('leaves what another cohort uses, unless --shared is said', async () => {
    kite.write('data/cohorts/D/spec/config.yaml', SECOND);
    await kite.build();
    const draft = kite.id('A:d-one');
    expect(await asked('rm', draft)).toMatchObject({ removals: [], kept: [{ cohorts: ['C', 'D'] }] });
    expect((await asked('rm', 'cohort:D')).removals).toEqual([]);
    expect((await asked('rm', draft, '--shared')).removals).toHaveLength(1);
  });

  it('resets everything in one command, and the next build starts anew', async () => {
    kite.write('data/cohorts/D/spec/config.yaml', SECOND);
    await kite.build();
    await asked('rm', 'stage:*', '--yes');
    expect(gens()).toEqual([]);
    expect((await kite.build()).steps).toHaveLength(28);
  });

  it('refuses to mean everything by saying nothing', async () => {
    const { code, stderr } = await kite.run(['rm', '--yes']);
    expect({ code, usage: stderr.includes('DD102') }).toEqual({ code: 2, usage: true });
    expect(gens()).toHaveLength(28);
  });

  it('refuses unknown ids', async () => {
    expect((await kite.run(['rm', 'd_nobody', '--yes'])).code).toBe(2);
  });
});

describe('purge', () => {
  it('takes what only this cohort has, and what builds wrote into its folder', async () => {
    kite.write('data/cohorts/D/spec/config.yaml', SECOND);
    await kite.build();
    const shared = `gens/draft/${kite.id('A:d-one')}`;
    const { removals, kept } = await asked('purge', 'C', '--yes');
    expect(kept.map(({ path }) => path)).toContain(shared);
    expect(kept).toHaveLength(4);
    expect(removals.filter(({ kind }) => kind === 'generation')).toHaveLength(24);
    expect(kite.exists('data/cohorts/C/membership.csv')).toBe(false);
    expect(kite.exists('data/cohorts/C/reports')).toBe(false);
    expect(kite.exists('data/cohorts/C/spec/config.yaml')).toBe(true);
    expect((await kite.check('cohort:D')).code).toBe(0);
  });

  it('with --all takes the folder too', async () => {
    await asked('purge', 'C', '--all', '--yes');
    expect(kite.exists('data/cohorts/C')).toBe(false);
    expect((await kite.run(['restore', 'last'])).code).toBe(0);
    expect((await kite.check()).code).toBe(0);
  });

  it('keeps the membership.csv of a cohort that has no other source', async () => {
    kite.remove('data/cohorts/C/spec');
    const { removals } = await asked('purge', 'C', '--yes');
    expect(removals).toHaveLength(28 + 2);
    expect(kite.exists('data/cohorts/C/membership.csv')).toBe(true);
  });

  it('suggests the nearest cohort', async () => {
    kite.write('data/cohorts/second/spec/config.yaml', SECOND);
    const { code, stderr } = await kite.run(['purge', 'secnd', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "second"?');
  });
});

describe('gc', () => {
  it('finds nothing on a healthy root', async () => {
    expect((await asked('gc', '--yes')).removals).toEqual([]);
  });

  it('takes generations that no cohort has, and what a crash left', async () => {
    kite.edit('data/cohorts/C/spec/config.yaml', 'combo_id: [A, B]', 'combo_id: [A]');
    kite.write('data/gens/draft/.metadata.json.tmp', '{');
    const before = gens();
    const { removals } = await asked('gc', '--yes');
    expect(removals.filter(({ kind }) => kind === 'generation')).toHaveLength(14);
    expect(removals.filter(({ kind }) => kind === 'temporary')).toHaveLength(1);
    expect(gens()).toHaveLength(before.length - 14);
    expect((await kite.check()).code).toBe(0);
    kite.edit('data/cohorts/C/spec/config.yaml', 'combo_id: [A]', 'combo_id: [A, B]');
    await kite.run(['restore', 'last']);
    expect(gens()).toEqual(before);
    expect((await kite.build()).steps).toEqual([]);
  });

  it('keeps the essays that a cohort of evaluations alone is about', async () => {
    const [draft, essay] = [kite.id('A:d-one'), kite.id('A:d-one/e-llm')];
    const rows = kite.read('data/cohorts/C/membership.csv').split('\n');
    const kept = rows.filter((row) => row.startsWith('stage') || row.includes(`,C,${essay},`));
    kite.remove('data/cohorts/C');
    kite.write('data/cohorts/E/membership.csv', `${kept.join('\n')}\n`);
    const { removals } = await asked('gc');
    const paths = removals.map(({ path }) => path);
    expect(paths).toHaveLength(28 - 4);
    expect(paths).not.toContain(`gens/essay/${essay}`);
    expect(paths).not.toContain(`gens/draft/${draft}`);
  });

  it('refuses while a cohort can not be read, since nobody knows what it needs', async () => {
    kite.write('data/cohorts/D/spec/config.yaml', 'axes: [');
    const { code } = await kite.run(['gc', '--yes']);
    expect(code).toBe(2);
    expect(gens()).toHaveLength(28);
  });

  it('takes responses past their age that nothing was made from', async () => {
    const response = {
      version: 1,
      asked: { prompt: 'x' },
      kind: 'answer',
      text: 't',
      rawMetadata: {},
      genId: 'd_x',
    };
    const write = (name: string, at: string): void =>
      kite.write(`data/.daydream/responses/ab/${name}.json`, JSON.stringify({ ...response, at }));
    write('abold-1', '2020-01-01T00:00:00.000Z');
    write('abnew-1', new Date().toISOString());
    write('abused-1', '2020-01-01T00:00:00.000Z');
    const metadata = `${kite.folder('A:d-one')}/metadata.json`;
    const { trace, ...rest } = JSON.parse(kite.read(metadata)) as { trace: { generate: object } };
    const used = { ...trace, generate: { ...trace.generate, response: 'abused-1' } };
    kite.write(metadata, JSON.stringify({ ...rest, trace: used }, null, 2));
    expect((await asked('gc')).removals).toEqual([]);
    expect((await asked('gc', '--keep', '90d')).removals.map(({ path }) => path)).toEqual([
      '.daydream/responses/ab/abold-1.json',
    ]);
    expect((await kite.run(['gc', '--keep', 'soon'])).code).toBe(2);
  });

  it('empties the trash for good, with --yes', async () => {
    await asked('rm', 'stage:evaluation', '--yes');
    expect((await kite.run(['gc', '--trash'])).stderr).toContain('add --yes');
    expect(kite.files('data/.daydream/trash').length).toBeGreaterThan(16);
    await kite.run(['gc', '--trash', '--yes']);
    expect((await kite.run(['restore'])).stderr).toContain('the trash is empty');
    expect((await kite.run(['restore', 'last'])).code).toBe(2);
  });
});

describe('restore', () => {
  it('brings back one generation, by its id', async () => {
    const [id, folder] = [kite.id('A:d-one'), kite.folder('A:d-one')];
    const before = kite.read(`${folder}/raw.txt`);
    await asked('rm', 'stage:draft', '--yes');
    expect((await kite.run(['restore', id])).code).toBe(0);
    expect(kite.read(`${folder}/raw.txt`)).toBe(before);
    expect(kite.exists(kite.folder('A:d-two'))).toBe(false);
    expect((await kite.run(['restore'])).stdout).toContain('3 items');
  });

  it('writes over nothing', async () => {
    const folder = kite.folder('A:d-one');
    await asked('rm', kite.id('A:d-one'), '--yes');
    kite.write(`${folder}/raw.txt`, 'mine');
    const { code, stderr } = await kite.run(['restore', 'last']);
    expect(code).toBe(1);
    expect(stderr).toContain('is there again');
    expect(kite.read(`${folder}/raw.txt`)).toBe('mine');
  });

  it('never follows a record out of the data root', async () => {
    kite.write('data/.daydream/trash/1/files/x', 'x');
    kite.write('data/.daydream/trash/1/batch.json', JSON.stringify({ items: ['../../../../out', '../x'] }));
    expect((await kite.run(['restore', '--json'])).stdout).toContain('"items": []');
  });
});

describe('the lock', () => {
  it('is needed to remove, and not to look', async () => {
    kite.write(
      'data/.daydream/lock.json',
      JSON.stringify({ pid: 1, host: 'elsewhere', since: 'then', command: 'daydream build' }),
    );
    expect((await kite.run(['rm', 'stage:draft'])).code).toBe(0);
    expect((await kite.run(['rm', 'stage:draft', '--yes'])).code).toBe(2);
    expect(gens()).toHaveLength(28);
  });
});
