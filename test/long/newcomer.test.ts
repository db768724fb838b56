// A newcomer's walk, from an empty folder to a commit that a hook lets through, over a real HTTP server: what is said of calls and
// money is held against what that server counted.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider, type FakeRequest } from '../support/fakeprovider.ts';
import { ROOT } from '../support/program.ts';
import { makeProject } from '../support/project.ts';

/** USD of every reply. */
const PRICE = 0.003;
const RUBRIC = 'templates/evaluation/surprise.txt';
const DRAFT = 'templates/draft/rolling-thread.txt';

let server: FakeProvider;
let score = 4;

function answer({ prompt, index }: FakeRequest): string {
  if (prompt.includes('SCORE: n')) return `Weighed.\nSCORE: ${score}`;
  return `Reply ${index}.\n<essay-idea stage="1">\nThought ${index}.\nOne.\nTwo.\n</essay-idea>\nOne more line.\nAnd one.`;
}

beforeAll(async () => {
  server = await startFakeProvider({ answer, cost: () => PRICE });
});
afterAll(() => server.close());

it('walks from init over offline and paid builds, an edit, a record and a comparison to a commit', async () => {
  const folder = makeProject({});
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await folder.run(words);
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: expect.any(String) as string });
    return stdout + stderr;
  };
  /** What the server counted since the last look. */
  let seen = 0;
  const counted = (): { calls: number; usd: string } => {
    const calls = server.billed - seen;
    seen = server.billed;
    expect(server.requests).toHaveLength(server.billed);
    return { calls, usd: usd(calls * PRICE) };
  };
  const plan = async (): Promise<PlanJson> =>
    JSON.parse((await folder.run(['plan', '--json'])).stdout) as PlanJson;

  // An empty folder becomes a project, and that builds with no key and no call.
  expect(await run('init')).toContain(`${folder.files().length} files written`);
  expect(await run('build')).toContain('built 8 drafts, 12 essays, 96 evaluations');
  expect(counted().calls).toBe(0);

  // A server of its own: what the offline model wrote is no answer of that, and its lengths teach nothing.
  folder.edit(
    'daydream.config.ts',
    "provider: 'offline'",
    `provider: 'lab', confirmAbove: 0.01, providers: { lab: { baseURL: '${server.url}', stream: false } }`,
  );
  const paid = await plan();
  expect(paid).toMatchObject({ attempted: 116, price: { unseen: paid.price.upper.calls } });
  // Nobody has agreed to that, so nobody is asked.
  expect((await folder.run(['build'])).code).toBe(2);
  expect(counted().calls).toBe(0);
  const first = await run('build', '--yes');
  const bought = counted();
  expect(bought.calls).toBeGreaterThanOrEqual(paid.price.lower.calls);
  expect(bought.calls).toBeLessThanOrEqual(paid.price.upper.calls);
  expect(first).toContain(`spent ${bought.usd} for ${bought.calls} calls`);
  expect(first).toContain(`${bought.calls} model calls`);
  expect(await run('runs', 'show', 'last')).toContain(`${bought.usd} `);
  expect(await run('cost')).toContain(
    `${usd(server.billedUsd)} for ${server.billed} replies, ${server.billed} attempts (billed)`,
  );
  expect(await run('build')).toContain('nothing to run: all 116 generations are current');
  expect(counted().calls).toBe(0);

  // A record, which costs nothing.
  await run('build', '--tag', 'experiment_id=spring', '--snapshot');
  expect(counted().calls).toBe(0);
  expect(await run('runs', 'show', 'spring')).toMatch(
    /kept +116 generations with their texts, 96 scores, mean 4\.00/,
  );

  // An edit of a rubric: what the plan says is what is asked, and the record keeps what was.
  score = 7;
  folder.write(RUBRIC, `${folder.read(RUBRIC)}Take your time.\n`);
  const edited = await plan();
  const second = await run('build', '--yes');
  const again = counted();
  expect(again.calls).toBe(48);
  expect([edited.price.lower.calls, edited.price.upper.calls]).toEqual([48, 48]);
  expect(second).toContain(`spent ${again.usd} for 48 calls`);
  const compared = await run('report', 'first-light', '--compare', 'spring');
  expect(compared).toMatch(/^\| spent before +\| *(\d+) \|/m);
  expect(number(compared, /^\| difference +\| *(\d+) \|/m)).toBe(48);
  expect(number(compared, /^\| spent before +\| *(\d+) \|/m)).toBe(bought.calls);
  expect(
    await run('report', '--run', 'spring', '--show', 'aggregated_scores', '--format', 'csv'),
  ).not.toMatch(/,7\.0,/);

  // Undone, the old answers are back, and nobody is paid for them twice.
  folder.edit(RUBRIC, 'Take your time.\n', '');
  await run('build');
  expect(counted().calls).toBe(0);
  const { total } = JSON.parse((await folder.run(['cost', '--json'])).stdout) as CostJson;
  expect(total.attempts).toBe(server.billed);
  expect(total.cost).toBeCloseTo(server.billedUsd, 8);

  // A commit with what is stale is refused by the hook that init wrote, and goes through once it is built.
  const commit = hooked(folder.root);
  expect(commit('one')).toBe(0);
  folder.write(DRAFT, `${folder.read(DRAFT)}Be brief.\n`);
  expect(commit('two')).not.toBe(0);
  await run('build', '--yes');
  expect(commit('three')).toBe(0);
  expect(counted().calls).toBeGreaterThan(0);
});

interface PlanJson {
  readonly attempted: number;
  readonly price: {
    readonly lower: { readonly calls: number };
    readonly upper: { readonly calls: number };
    readonly unseen: number;
  };
}

interface CostJson {
  readonly total: { readonly attempts: number; readonly cost: number };
}

/** As messages have it. */
function usd(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

function number(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1]);
}

/** A git repository with the hook's entry of .pre-commit-config.yaml, and the package as npm links it. Gives exit codes of commits. */
function hooked(root: string): (message: string) => number | null {
  const bin = join(root, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  // npm makes what it links there executable.
  writeFileSync(
    join(bin, 'daydream'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/daydream.js')}' "$@"\n`,
    { mode: 0o755 },
  );
  const project = makeProject({});
  // Looks where npx looks first, and, like it with --no-install, nowhere in a registry.
  project.write(
    'npx',
    '#!/bin/sh\n[ "$1" = --no-install ] || exit 9\nshift\nname=$1; shift\nexec "node_modules/.bin/$name" "$@"\n',
  );
  chmodSync(project.path('npx'), 0o755);
  const env = {
    ...process.env,
    PATH: `${project.root}:${process.env['PATH'] ?? ''}`,
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const git = (...words: readonly string[]): number | null =>
    spawnSync('git', ['-c', 'user.name=N', '-c', 'user.email=n@example.org', ...words], { cwd: root, env })
      .status;
  git('init', '-q');
  project.write('pre-commit', '#!/bin/sh\nexec $(sed -n "s/^ *entry: //p" .pre-commit-config.yaml)\n');
  chmodSync(project.path('pre-commit'), 0o755);
  git('config', 'core.hooksPath', project.root);
  return (message) => (git('add', '-A'), git('commit', '-qm', message));
}
