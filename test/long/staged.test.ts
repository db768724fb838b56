// check --staged and check --no-artifacts: what the next commit would hold, and clones that hold metadata without texts.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';

const TEMPLATE = 'data/1_raw/templates/draft/d-one.txt';
let kite: Kite;

function git(...words: readonly string[]): string {
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...words], { cwd: kite.root, encoding: 'utf8' });
}

function temporary(): readonly string[] {
  return readdirSync(kite.path('tmp')).filter((name) => name.startsWith('daydream-staged-'));
}

/** With a folder for temporary files of its own, so that what is left behind can be seen. */
async function staged(
  ...words: readonly string[]
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  mkdirSync(kite.path('tmp'), { recursive: true });
  const ended = await kite.run(['check', '--staged', ...words], { env: { TMPDIR: kite.path('tmp') } });
  expect(temporary()).toEqual([]);
  return ended;
}

beforeEach(async () => {
  kite = makeKite(undefined, { '.gitignore': 'tmp/\n.env\ndata/.daydream/\n' });
  await kite.build();
  git('init', '-q');
});

describe('a file that git add -N only announced', () => {
  it('is no part of the commit', async () => {
    git('add', '-A');
    git('commit', '-qm', 'all');
    kite.write('data/cohorts/two/spec/config.yaml', kite.read('data/cohorts/C/spec/config.yaml'));
    git('add', '-N', 'data/cohorts/two/spec/config.yaml');
    expect(await staged()).toMatchObject({ code: 0 });
    expect(git('status', '--short')).toContain(' A data/cohorts/two');
    kite.remove('data/cohorts/two');
    expect(await staged()).toMatchObject({ code: 0 });
  });

  it('is one where it was staged with what it holds, though it was removed since', async () => {
    kite.write('data/cohorts/two/spec/config.yaml', 'axes: [');
    git('add', '-A');
    kite.remove('data/cohorts/two');
    expect(await staged()).toMatchObject({ code: 2 });
  });
});

describe('outputs that git tracks', () => {
  beforeEach(() => {
    git('add', '-A');
    git('commit', '-qm', 'all');
  });

  it('a clean tree is green', async () => {
    expect(await staged()).toMatchObject({ code: 0 });
  });

  it('an edit that is not staged does not count, and a staged one does', async () => {
    appendFileSync(kite.path(TEMPLATE), 'More.\n');
    expect((await kite.check()).code).toBe(1);
    expect((await staged()).code).toBe(0);
    git('add', TEMPLATE);
    const { code, stdout } = await staged();
    expect(code).toBe(1);
    expect(stdout).toContain(kite.id('A:d-one'));
  });

  it('what a template includes counts as it is staged', async () => {
    const part = 'data/1_raw/templates/parts/style.txt';
    kite.write(part, 'Be brief.\n');
    kite.write(TEMPLATE, `{% include 'parts/style.txt' %}\n${kite.read(TEMPLATE)}`);
    await kite.build();
    git('add', '-A');
    expect((await staged()).code).toBe(0);
    kite.write(part, 'Be long.\n');
    expect((await staged()).code).toBe(0);
    git('add', part);
    expect(await staged()).toMatchObject({ code: 1, stdout: expect.stringContaining('template') as unknown });
    git('rm', '-q', '--cached', part);
    const { code, stderr } = await staged();
    expect(code).toBe(2);
    expect(stderr).toContain('There is no template "parts/style.txt"');
  });

  it('outputs count once they are staged', async () => {
    appendFileSync(kite.path(TEMPLATE), 'More.\n');
    git('add', TEMPLATE);
    await kite.build();
    expect((await kite.check()).code).toBe(0);
    expect((await staged()).code).toBe(1);
    git('add', '-A');
    expect((await staged()).code).toBe(0);
  });

  it('a new output that nobody added is missing, as it will be in a clone', async () => {
    kite.edit('data/cohorts/C/spec/config.yaml', '[d-one, d-two]', '[d-one, d-two, d-three]');
    await kite.build();
    git('add', 'data/cohorts');
    expect((await staged()).stdout).toContain('missing');
  });

  it('a problem is shown at its place in the working tree', async () => {
    kite.edit('data/cohorts/C/spec/config.yaml', 'd-two', 'd-nobody');
    git('add', '-A');
    const { code, stderr } = await staged();
    expect(code).toBe(2);
    expect(stderr).toContain('data/cohorts/C/spec/config.yaml');
    expect(stderr).not.toContain('daydream-staged');
  });

  it('a cohort that is broken, too, and nothing else stops', async () => {
    const place = 'data/cohorts/two/spec/config.yaml';
    kite.write(place, 'axes: [');
    git('add', '-A');
    const { code, stdout, stderr } = await staged('--json');
    expect(code).toBe(2);
    expect(stderr).toContain(`error DD217 ${place}:`);
    expect(stdout).toContain(`"file": "${kite.path(place)}"`);
    const other = await staged('cohort:C');
    expect(other).toMatchObject({ code: 0, stderr: expect.stringContaining(`out: ${place}:`) as string });
  });

  it('a merge that is not decided is told as one', async () => {
    git('checkout', '-qb', 'other');
    for (const [branch, line] of [
      ['other', 'Theirs'],
      ['-', 'Ours'],
    ] as const) {
      if (branch === '-') git('checkout', '-q', '-');
      appendFileSync(kite.path(TEMPLATE), `${line}.\n`);
      git('commit', '-qam', line);
    }
    expect(() => git('merge', 'other')).toThrow('git');
    expect(await staged()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error DD119 ${TEMPLATE} is in a merge`) as string,
    });
  });

  it('a data root named by an absolute path is the staged one too', async () => {
    appendFileSync(kite.path(TEMPLATE), 'More.\n');
    expect((await staged('--data-root', kite.path('data'))).code).toBe(0);
  });

  it('writes nothing into the working tree', async () => {
    const before = git('status', '--porcelain', '--ignored');
    await staged();
    expect(git('status', '--porcelain', '--ignored').replace('!! tmp/\n', '')).toBe(before);
  });
});

describe('outputs that git ignores', () => {
  beforeEach(() => {
    appendFileSync(kite.path('.gitignore'), 'data/gens/\n');
    git('add', '-A');
    git('commit', '-qm', 'inputs');
  });

  it('are taken from the working tree', async () => {
    expect((await staged()).code).toBe(0);
    rmSync(join(kite.root, kite.folder('A:d-one')), { recursive: true });
    expect((await staged()).code).toBe(1);
  });

  it('are judged by what is staged', async () => {
    appendFileSync(kite.path(TEMPLATE), 'More.\n');
    git('add', TEMPLATE);
    expect((await staged()).code).toBe(1);
    await kite.build();
    expect((await staged()).code).toBe(0);
  });
});

it('without a repository the question can not be answered', async () => {
  rmSync(kite.path('.git'), { recursive: true });
  const { code, stderr } = await staged();
  expect({ code, said: stderr.includes('DD119') }).toEqual({ code: 2, said: true });
});

describe('a clone with metadata and without texts', () => {
  beforeEach(() => {
    for (const name of kite.files('data/gens')) if (name.endsWith('.txt')) kite.remove(name);
    rmSync(kite.path('data/.daydream'), { recursive: true });
  });

  it('is current by its traces', async () => {
    expect((await kite.check()).code).toBe(1);
    expect((await kite.check('--no-artifacts')).code).toBe(0);
  });

  it('is stale where an input changed', async () => {
    appendFileSync(kite.path(TEMPLATE), 'More.\n');
    const { code, stdout } = await kite.check('--no-artifacts');
    expect(code).toBe(1);
    expect(stdout).toContain(`${kite.id('A:d-one')}  template`);
    expect(stdout).not.toContain(kite.id('A:d-two'));
  });

  it('is stale where a text that is there changed what is below it', async () => {
    kite.write(`${kite.folder('A:d-one')}/parsed.txt`, 'Another text.');
    const { stdout } = await kite.check('--no-artifacts');
    expect(stdout).toMatch(new RegExp(`edited +draft +${kite.id('A:d-one')}`));
    expect(stdout).toMatch(new RegExp(`stale +essay +${kite.id('A:d-one/e-llm')} +parent`));
  });

  it('is missing where there is no trace', async () => {
    kite.remove(kite.folder('A:d-one'));
    expect((await kite.check('--no-artifacts')).stdout).toContain('missing');
  });
});
