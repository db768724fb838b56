// A provider is its server: neither a new label nor a new server under an old one is taken for what it is not.
import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const servers: FakeProvider[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(): Promise<FakeProvider> {
  const server = await startFakeProvider({ answer: kiteAnswer });
  servers.push(server);
  return server;
}

function labelled(label: string, url: string): string {
  return `${JSON.stringify({ provider: label, providers: { [label]: { baseURL: url, stream: false } } })}\n`;
}

async function builtKite(): Promise<{ readonly kite: Kite; readonly server: FakeProvider }> {
  const server = await serve();
  const kite = makeKite(server.url);
  expect((await kite.build()).code).toBe(0);
  return { kite, server };
}

describe('a provider', () => {
  it('that gets another label is the same one', async () => {
    const { kite, server } = await builtKite();
    const asked = server.requests.length;
    kite.write(CONFIG_FILE, labelled('labor', `${server.url}/`));
    expect((await kite.check()).code).toBe(0);
    expect((await kite.build()).steps).toEqual([]);
    expect(server.requests).toHaveLength(asked);
  });

  it('whose label means another server is another one', async () => {
    const { kite } = await builtKite();
    const other = await serve();
    kite.write(CONFIG_FILE, settingsFor(other.url));
    const { code, stdout, stderr } = await kite.check();
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('not current: 24 stale, 4 pending');
    const why = await kite.run(['why', kite.id('A:d-one')]);
    expect(why.stdout).toContain('provider');
    expect((await kite.build()).code).toBe(0);
    expect(other.billed).toBe(24);
  });

  it('is in no trace with the key in its query', async () => {
    const server = await serve();
    const kite = makeKite(server.url.concat('?key=hush'));
    expect((await kite.build('stage:draft')).code).toBe(0);
    const traces = kite.files('data/gens').filter((name) => name.endsWith('/metadata.json'));
    expect(traces.length).toBeGreaterThan(0);
    for (const name of traces) expect(kite.read(name)).not.toContain('hush');
  });

  it('has no user: that would not be sent, and is said without it', async () => {
    const server = await serve();
    const { code, stdout, stderr } = await makeKite(server.url.replace('//', '//me:hush@')).build();
    expect([code, server.requests.length]).toEqual([2, 0]);
    expect(stderr).toContain('DD177');
    expect(stdout + stderr).not.toContain('hush');
  });
});

describe('traces of an earlier version name a label', () => {
  /** As version 0.1.0 left it, with the label `lab`. */
  function earlier(config: string): TestProject {
    const stored = JSON.parse(
      readFileSync(join(import.meta.dirname, '../fixtures/versions/1.json'), 'utf8'),
    ) as Readonly<Record<string, { readonly text?: string; readonly base64?: string }>>;
    const project = makeProject({
      ...Object.fromEntries(Object.entries(stored).map(([path, { text = '' }]) => [path, text])),
      [CONFIG_FILE]: config,
    });
    for (const [path, { base64 }] of Object.entries(stored))
      if (base64 !== undefined) writeFileSync(project.path(path), Buffer.from(base64, 'base64'));
    return project;
  }

  const MEANT = 'http://127.0.0.1:9/v1';

  it('and stay current while it means the server that they were made with, under a new label too', async () => {
    const project = earlier(labelled('lab', MEANT));
    expect((await project.run(['check'])).code).toBe(0);
    expect((await project.run(['build', '--offline'])).code).toBe(0);
    project.write(CONFIG_FILE, labelled('lab', 'http://127.0.0.1:10/v1'));
    expect((await project.run(['check'])).code).toBe(1);
    project.write(CONFIG_FILE, labelled('labor', MEANT));
    expect((await project.run(['check'])).code).toBe(0);
    project.remove('data/.daydream');
    expect((await project.run(['check'])).code).toBe(0);
  });

  it('and so do the kept answers', async () => {
    const project = earlier(labelled('lab', MEANT));
    expect((await project.run(['build', '--offline'])).code).toBe(0);
    const draft = project.files('data/gens/draft').find((name) => name.endsWith('/raw.txt')) ?? '';
    const text = project.read(draft);
    project.remove(draft);
    project.write(CONFIG_FILE, labelled('labor', MEANT));
    expect((await project.run(['build', '--offline'])).code).toBe(0);
    expect(project.read(draft)).toBe(text);
  });
});
