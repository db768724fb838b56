// Formats of other versions: what an older daydream left is read, or made anew without a call; what a newer one left is refused, and
// left as it is.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_FILE, settingsFor } from '../support/kite.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/versions');
const WRITTEN = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
/** Nobody listens there: a call would fail. */
const NOBODY = settingsFor('http://127.0.0.1:9/v1');

type Stored = Readonly<Record<string, { readonly text?: string; readonly base64?: string }>>;

function projectOf(name: string, keep: (path: string) => boolean = () => true): TestProject {
  const stored = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Stored;
  const paths = Object.entries(stored).filter(([path]) => keep(path));
  const project = makeProject({
    [CONFIG_FILE]: NOBODY,
    ...Object.fromEntries(paths.map(([path, { text = '' }]) => [path, text])),
  });
  for (const [path, { base64 }] of paths)
    if (base64 !== undefined) writeFileSync(project.path(path), Buffer.from(base64, 'base64'));
  return project;
}

const artifacts = (project: TestProject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    project
      .files('data/gens')
      .filter((name) => /(?:prompt|raw|parsed)\.txt$/.test(name))
      .map((name) => [name, project.read(name)]),
  );

describe.each(WRITTEN)('a project that version %s left', (name) => {
  it.each([
    ['as it is', () => true],
    ['without its caches', (path: string) => !path.endsWith('.bin')],
    ['with its generations alone', (path: string) => !path.includes('.daydream')],
    ['with its paid replies alone', (path: string) => !path.includes('/gens/') && !path.endsWith('.bin')],
  ])('%s is built without a call', async (_what, keep) => {
    const before = artifacts(projectOf(name));
    const project = projectOf(name, keep);
    const { code, stderr } = await project.run(['build', '--offline', '--yes']);
    expect(code, `${stderr}`).toBe(0);
    expect(artifacts(project)).toEqual(before);
    expect((await project.run(['check', '--verify'])).code).toBe(0);
  });

  it('is listed and its calls are summed', async () => {
    const project = projectOf(name);
    expect((await project.run(['ls', '--json'])).code).toBe(0);
    const { code, stderr } = await project.run(['plan', '--force', 'draft', '--json']);
    expect(code, `${stderr}`).toBeLessThanOrEqual(1);
  });
});

describe('what a newer version left', () => {
  let project: TestProject;
  beforeEach(() => {
    project = projectOf('1.json');
  });

  const first = (pattern: RegExp): string => project.files('data').find((name) => pattern.test(name)) ?? '';

  function newer(name: string): string {
    project.write(name, project.read(name).replace(/"version": ?1/, '"version":2'));
    expect(project.read(name)).toContain('"version":2');
    return project.read(name);
  }

  it('a trace is refused by every command that would judge it, and stays', async () => {
    const name = first(/draft\/.*\/metadata\.json$/);
    const before = newer(name);
    for (const words of [
      ['build', '--yes'],
      ['check'],
      ['plan'],
      ['adopt'],
      ['build', '--force', 'draft', '--yes'],
    ]) {
      const { code, stderr } = await project.run(words);
      expect(code).toBe(2);
      expect(stderr).toContain('DD503');
    }
    expect(project.read(name)).toBe(before);
  });

  it('a reply is neither passed over nor removed', async () => {
    const replies = project.files('data').filter((name) => name.includes('/responses/'));
    const before = replies.map(newer);
    project.remove('data/gens');
    const { code, stderr } = await project.run(['build', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD503');
    await project.run(['gc', '--yes', '--keep', '0s']);
    expect(replies.map(project.read)).toEqual(before);
  });

  it('a line of the ledger is refused before anything is paid for, and stays', async () => {
    const name = 'data/.daydream/calls.jsonl';
    const before = newer(name);
    const { code, stderr } = await project.run(['build', '--force', 'draft', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD503');
    expect(project.read(name)).toBe(before);
  });

  it('a cache is made anew', async () => {
    for (const name of ['graph.bin', 'gens.bin']) {
      const path = project.path(`data/.daydream/${name}`);
      const bytes = readFileSync(path);
      bytes.writeUInt32LE(2, 4);
      writeFileSync(path, bytes);
    }
    const { code, stderr } = await project.run(['build', '--offline', '--yes']);
    expect(code, `${stderr}`).toBe(0);
  });
});
