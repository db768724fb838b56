// What init leaves in an empty folder: the repository's own sample, that builds at once with no key.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependencyOn } from '../../src/cli/commands/authoring/dependency.ts';
import { filesBelow } from '../../src/inputs/disk/foldertree.ts';
import { ROOT } from '../support/program.ts';
import { makeProject, sampleFiles } from '../support/project.ts';

const HABITS = new Set([
  '.gitignore',
  '.gitattributes',
  '.pre-commit-config.yaml',
  'package.json',
  'tsconfig.json',
]);

describe('daydream init', () => {
  it('writes the sample of the repository, with what a repository needs around it', async () => {
    const folder = makeProject({});
    expect(await folder.run(['init'])).toMatchObject({ code: 0, stdout: '' });
    const sample = sampleFiles();
    const written = folder.files().filter((name) => !HABITS.has(name));
    expect(Object.fromEntries(written.map((name) => [name, folder.read(name)]))).toEqual(sample);
    expect(folder.read('.gitignore')).toMatch(/^\.env$/m);
  });

  it('makes the folder, and a project in it that builds, checks, and runs nothing twice', async () => {
    const folder = makeProject({});
    const { stderr } = await folder.run(['init', 'a/b']);
    expect(stderr).toContain('cd a/b');
    const words = ['--root', 'a/b'];
    expect(await folder.run(['check', ...words])).toMatchObject({ code: 1 });
    expect(await folder.run(['build', ...words])).toMatchObject({ code: 0 });
    expect(folder.exists('a/b/data/cohorts/first-light/reports/parsing/aggregated_scores.csv')).toBe(true);
    expect(await folder.run(['check', ...words])).toMatchObject({ code: 0 });
  });

  it('overwrites nothing: it lists what is in the way, and writes nothing at all', async () => {
    const folder = makeProject({
      'daydream.config.ts': 'mine',
      'templates/draft/chance-meeting.txt': 'mine',
    });
    const { code, stderr } = await folder.run(['init']);
    expect(code).toBe(2);
    expect(stderr).toContain('daydream.config.ts, templates/draft/chance-meeting.txt are there already');
    expect(folder.files()).toEqual(['daydream.config.ts', 'templates/draft/chance-meeting.txt']);
    expect(folder.read('daydream.config.ts')).toBe('mine');
  });

  it('leaves a .gitignore that is there as it is', async () => {
    const folder = makeProject({ '.gitignore': 'mine\n' });
    const { code, stderr } = await folder.run(['init']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('.gitignore kept') as string,
    });
    expect(folder.read('.gitignore')).toBe('mine\n');
  });

  it.each([
    ['{}', true],
    ['{ "devDependencies": { "daydream": "1.0.0" } }', false],
  ])("a package.json of one's own is kept, and it is said what it lacks: %s", async (text, lacks) => {
    const folder = makeProject({ 'package.json': text });
    const { code, stderr } = await folder.run(['init']);
    expect(code).toBe(0);
    expect(stderr.includes('npm install --save-dev daydream@')).toBe(lacks);
    expect(folder.read('package.json')).toBe(text);
  });

  it('names where this daydream comes from, and knows its types once that is installed', async () => {
    const folder = makeProject({});
    const { stderr } = await folder.run(['init']);
    const { devDependencies } = JSON.parse(folder.read('package.json')) as {
      devDependencies: Record<string, string>;
    };
    expect(devDependencies).toEqual({ daydream: `file:${realpathSync(ROOT)}` });
    expect(stderr).toContain('npm install');
    // As npm links a folder.
    mkdirSync(folder.path('node_modules'));
    symlinkSync(ROOT, folder.path('node_modules/daydream'));
    folder.edit('daydream.config.ts', "provider: 'offline'", "provider: 'offline', maxCost: 'much'");
    const checked = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
      cwd: folder.root,
      encoding: 'utf8',
    });
    expect(checked.stdout.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^daydream\.config\.ts\(\d+,\d+\): error TS2322: Type 'string' is not assignable/,
      ),
    ]);
  });

  it.each([
    ['what an npm project says', 'github:owner/daydream#v1', 'github:owner/daydream#v1'],
    ['a folder of theirs, from wherever it is', 'file:../clone', 'file:ROOT/clone'],
  ])('takes the dependency over from %s', (_, theirs, ours) => {
    const folder = makeProject({
      'theirs/package.json': JSON.stringify({ dependencies: { daydream: theirs } }),
      'theirs/node_modules/daydream/package.json': '{}',
    });
    expect(dependencyOn(folder.path('theirs/node_modules/daydream'))).toBe(ours.replace('ROOT', folder.root));
    expect(dependencyOn(folder.path('elsewhere'))).toBe(`file:${folder.path('elsewhere')}`);
  });

  it('lets nobody run a package of that name which is not installed: npx is told so, wherever it stands', async () => {
    const folder = makeProject({});
    await folder.run(['init']);
    const texts = [
      ...folder.files().map((name) => [name, folder.read(name)] as const),
      ...[
        'README.md',
        ...['docs', 'src'].flatMap((name) => filesBelow(join(ROOT, name)).map((each) => join(name, each))),
      ].map((name) => [name, readFileSync(join(ROOT, name), 'utf8')] as const),
    ];
    const bare = texts.filter(([, text]) =>
      /\b(?:npx|npm exec|bunx|pnpm dlx|yarn dlx) (?:-\S+ )*@?daydream/.test(
        text.replaceAll('npx --no-install daydream', ''),
      ),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
    expect(folder.read('.pre-commit-config.yaml')).toContain(
      'entry: npx --no-install daydream check --staged',
    );
  });
});
