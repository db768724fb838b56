// What init leaves in an empty folder: the repository's own sample, that builds at once with no key.
import { describe, expect, it } from 'vitest';
import { makeProject, sampleFiles } from '../support/project.ts';

const HABITS = new Set(['.gitignore', '.gitattributes', '.pre-commit-config.yaml']);

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
});
