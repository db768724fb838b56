// The recipes of docs/recipes: those whose scheduler Debian has are run by it, as they stand; of the others, the scheduler's part is
// played by the test: the commands in them are run with the variables that it sets.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { filesBelow } from '../../src/inputs/disk/foldertree.ts';
import { startFakeProvider, type FakeProvider, type FakeRequest } from '../support/fakeprovider.ts';
import {
  CONFIG_FILE,
  KITE_FILES,
  kiteAnswer,
  makeKite,
  settingsFor,
  SPEC,
  type Kite,
} from '../support/kite.ts';
import { needing } from '../support/needs.ts';
import { BINARY, environmentIn, ROOT, type Ended } from '../support/program.ts';
import { scratchFolder } from '../support/project.ts';
import { startSlurm, type Cluster } from '../support/slurm.ts';

const RECIPES = join(ROOT, 'docs/recipes');
const SHARDS = ['1/4', '2/4', '3/4', '4/4'];

let server: FakeProvider;

async function serve(options: { readonly gated?: boolean } = {}): Promise<void> {
  // The same question has the same answer, whoever asks it and however often.
  const answer = (request: FakeRequest): string => kiteAnswer({ ...request, index: 0 });
  server = await startFakeProvider({ answer, cost: () => 0.001, ...options });
}

interface Lab {
  readonly kite: Kite;
  /** What the recipes find in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

// A chain a combo, and no two with the same text: no question stands in two shards. By their names shard 2 has the first two, and each
// of the other three has one.
const COMBOS: Readonly<Record<string, readonly string[]>> = {
  A: ['k1'],
  N: ['k2'],
  B: ['k3'],
  F: ['k1', 'k2'],
  O: ['k1', 'k3'],
};
const MAPPINGS = Object.entries(COMBOS).flatMap(([combo, concepts]) =>
  concepts.map((concept) => `${combo},v1,${concept},paragraph,${concepts.length},t\n`),
);

/** A project of five chains, and for recipes a PATH where `daydream` is this one. */
function lab(): Lab {
  const kite = makeKite(undefined, {
    [CONFIG_FILE]: settingsFor(server.url),
    'data/combo_mappings.csv': `combo_id,version,concept_id,description_level,k_max,created_at\n${MAPPINGS.join('')}`,
    [SPEC]: (KITE_FILES[SPEC] ?? '')
      .replace('[A, B]', `[${Object.keys(COMBOS).join(', ')}]`)
      .replace('[d-one, d-two]', '[d-one]'),
  });
  const programs = scratchFolder();
  const daydream = `exec '${process.execPath}' '${BINARY}' "$@"`;
  writeFileSync(join(programs, 'daydream'), `#!/bin/sh\n${daydream}\n`, { mode: 0o755 });
  const path = [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return { kite, env: { PATH: path } };
}

/** What a build makes: texts by path, and tables but for the columns that say how an answer came about. */
function madeIn(kite: Kite): Readonly<Record<string, string>> {
  const made = filesBelow(kite.path('data')).filter((name) =>
    /^gens\/.*(?:prompt|raw|parsed)\.txt$|^cohorts\/.*\.csv$/.test(name),
  );
  return Object.fromEntries(made.map((name) => [name, kite.read(`data/${name}`)]));
}

/** What one plain build asks and makes; nothing of it depends on where the server is. */
let plain: { readonly questions: number; readonly made: Readonly<Record<string, string>> };
beforeAll(async () => {
  await serve();
  const { kite } = lab();
  await kite.run(['build', '--yes']);
  plain = { questions: server.billed, made: madeIn(kite) };
  await server.close();
});

interface Entry {
  readonly shard?: string;
}

/** Lines of the ledgers of all shards. */
function ledgersOf(kite: Kite): readonly Entry[] {
  return filesBelow(kite.path('shards'), '*/*/.daydream/calls.jsonl').flatMap((name) =>
    kite
      .read(`shards/${name}`)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry),
  );
}

function shell(
  script: string,
  { kite, env }: Lab,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn('bash', ['-ec', script], {
    cwd: kite.root,
    env: environmentIn(kite.root, { ...env, ...more }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text));
  return new Promise((done, fail) => {
    child.on('error', fail).on('close', (code) => done({ code, ...said }));
  });
}

/** What went wrong, in its words; empty where nothing did. */
function complaintOf({ code, stdout, stderr }: Ended): string {
  return code === 0 ? '' : `ended with ${code}: ${stdout}${stderr}`;
}

/** The commands that the comment at a recipe's head shows. */
function shownIn(recipe: string): readonly string[] {
  const text = readFileSync(join(RECIPES, recipe), 'utf8');
  return [...text.matchAll(/^#   (.+)$/gm)].map(([, line = '']) => line);
}

/** Everything is there and as a plain build makes it, and to build again costs nothing. */
async function expectAssembled({ kite }: Lab): Promise<void> {
  const before = server.requests.length;
  expect(madeIn(kite)).toEqual(plain.made);
  expect(complaintOf(await kite.check())).toBe('');
  expect(complaintOf(await kite.run(['build']))).toBe('');
  expect(server.requests).toHaveLength(before);
}

describe('slurm-array.sbatch', needing('bash', 'slurm-wlm', 'munge'), () => {
  let cluster: Cluster;
  beforeAll(async () => {
    await serve({ gated: true });
    cluster = await startSlurm(scratchFolder());
  });
  afterAll(async () => {
    await cluster.close();
    await server.close();
  });

  it('is an array of four, of which one is killed by SLURM and run again; a plain build assembles it', async () => {
    const project = lab();
    const { kite, env } = project;
    const [submission = '', build = '', cost = ''] = shownIn('slurm-array.sbatch');
    expect(submission).toBe('sbatch docs/recipes/slurm-array.sbatch --max-cost 20');
    const words = submission.replace('docs/recipes', RECIPES).split(' ').slice(1);
    const job = (await cluster.command('sbatch', ['--parsable', ...words], { cwd: kite.root, env })).trim();

    // A call at a time for each shard (a quarter of five): the first four are answered, and kept, before one of the next is cut off.
    await server.arrived(SHARDS.length);
    server.release();
    await server.arrived(2 * SHARDS.length);
    await cluster.command('scontrol', ['requeue', `${job}_2`]);
    await expect.poll(() => server.requests.filter(({ outcome }) => outcome === 'left')).toHaveLength(1);
    server.open();
    const states = await cluster.ended(job);
    const said = filesBelow(kite.root, 'slurm-*.out').map((name) => kite.read(name));
    expect({ states: [...states.values()], said }).toEqual({ states: SHARDS.map(() => 'COMPLETED'), said });

    // What was in flight is asked again, and nothing else.
    const { billed } = server;
    expect(server.requests).toHaveLength(billed + 1);
    expect(complaintOf(await shell(build, project))).toBe('');
    expect(server.requests).toHaveLength(billed + 1);
    const costs = await shell(cost, project);
    expect(costs.stdout).toMatch(/1\/4[^]*4\/4/);
    expect(new Set(ledgersOf(kite).map(({ shard }) => shard))).toEqual(new Set(SHARDS));

    expect(billed).toBe(plain.questions);
    await expectAssembled(project);
  });
});

describe('the others', needing('bash', 'parallel'), () => {
  beforeAll(() => serve());
  afterAll(() => server.close());

  it('gnu-parallel.sh builds a cohort in shards, and assembles it', async () => {
    const project = lab();
    const [command = ''] = shownIn('gnu-parallel.sh');
    expect(command).toBe('docs/recipes/gnu-parallel.sh 4');
    const before = server.billed;
    const ended = await shell(command.replace('docs/recipes', RECIPES), project);
    expect(complaintOf(ended)).toBe('');
    expect(ended.stdout).toMatch(/1\/4[^]*4\/4/);
    expect(new Set(ledgersOf(project.kite).map(({ shard }) => shard))).toEqual(new Set(SHARDS));
    expect(server.billed - before).toBe(plain.questions);
    await expectAssembled(project);
  });

  it('kubernetes-indexed-job.yaml is an indexed Job whose pods build a part each', async () => {
    const text = readFileSync(join(RECIPES, 'kubernetes-indexed-job.yaml'), 'utf8');
    const { apiVersion, kind, spec } = parse(text) as KubernetesJob;
    const [pod] = spec.template.spec.containers;
    const env = Object.fromEntries((pod?.env ?? []).map(({ name, value }) => [name, value]));
    expect({ apiVersion, kind, mode: spec.completionMode }).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      mode: 'Indexed',
    });
    // Kubernetes takes neither this limit nor this policy with another one.
    expect(spec.template.spec.restartPolicy).toBe('Never');
    expect(spec.podFailurePolicy.rules[0]).toMatchObject({
      action: 'FailIndex',
      onExitCodes: { containerName: pod?.name, values: [1, 2, 3] },
    });
    expect(env).toMatchObject({
      DAYDREAM_SHARD_COUNT: String(spec.completions),
      DAYDREAM_REMOTE_MODE: 'both',
    });
    const [program = '', ...words] = pod?.command ?? [];
    expect(program).toBe('node_modules/.bin/daydream');

    const projects = Array.from({ length: spec.completions }, lab);
    const team = { ...env, DAYDREAM_REMOTE: `file:${scratchFolder()}` };
    const before = server.billed;
    for (const [index, { kite }] of projects.entries())
      expect(
        complaintOf(await kite.run(words, { env: { ...team, JOB_COMPLETION_INDEX: String(index) } })),
      ).toBe('');
    await expectBoughtAndAssembled(team, before);
  });

  it('github-matrix.yml is a matrix of shards and a job that assembles them', async () => {
    const text = readFileSync(join(RECIPES, 'github-matrix.yml'), 'utf8');
    const { env, jobs } = parse(text) as Workflow;
    const numbers = jobs.shard.strategy?.matrix.shard ?? [];
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(env['DAYDREAM_REMOTE']).toBe('${{ vars.DAYDREAM_REMOTE }}');
    expect(jobs.assemble).toMatchObject({ needs: 'shard', if: 'always()' });
    expect(Object.keys({ ...env, ...jobs.assemble.env })).not.toContain('OPENROUTER_API_KEY');

    const team = { DAYDREAM_REMOTE: `file:${scratchFolder()}` };
    const ledgers = lab();
    const before = server.billed;
    for (const number of numbers) {
      const job = lab();
      await expectRun(jobs.shard, job, { ...team, ...expressionsIn(jobs.shard.env, number, numbers.length) });
      const { with: upload } =
        jobs.shard.steps.find(({ uses = '' }) => uses.includes('upload-artifact')) ?? {};
      ledgers.kite.write(`ledgers/ledger-${number}/calls.jsonl`, job.kite.read(String(upload?.['path'])));
    }
    expect(server.billed - before).toBe(plain.questions);
    const said = await expectRun(jobs.assemble, ledgers, team);
    expect(said).toMatch(/1\/4[^]*4\/4/);
    expect(server.billed - before).toBe(plain.questions);
    await expectAssembled(ledgers);
  });

  async function expectBoughtAndAssembled(
    team: Readonly<Record<string, string>>,
    before: number,
  ): Promise<void> {
    expect(server.billed - before).toBe(plain.questions);
    const assembled = lab();
    expect(complaintOf(await assembled.kite.run(['build', '--no-calls'], { env: team }))).toBe('');
    await expectAssembled(assembled);
  }

  /** What a job's own commands say, each of which ends well. */
  async function expectRun(
    { steps }: Job,
    project: Lab,
    env: Readonly<Record<string, string>>,
  ): Promise<string> {
    let said = '';
    for (const { run = '' } of steps) {
      const words = await wordsOf(run, project, env);
      if (words.length === 0) continue;
      const ended = await project.kite.run(words, { env });
      expect(complaintOf(ended)).toBe('');
      said += ended.stdout;
    }
    return said;
  }

  /** What a shell makes of a command of daydream; nothing of others. Daydream itself is run without it, which saves its start. */
  async function wordsOf(
    run: string,
    { kite }: Lab,
    env: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> {
    const command = /^npx --no-install daydream (.*)$/.exec(run)?.[1];
    if (command === undefined) return [];
    const { stdout } = await shell(`printf '%s\\0' ${command}`, { kite, env: {} }, env);
    return stdout.split('\0').slice(0, -1);
  }

  /** As the runner fills them in. */
  function expressionsIn(
    env: Readonly<Record<string, string>> = {},
    number: number,
    total: number,
  ): Readonly<Record<string, string>> {
    const values: Readonly<Record<string, string>> = {
      'matrix.shard': String(number),
      'strategy.job-total': String(total),
      'inputs.max-cost': '5',
      'secrets.OPENROUTER_API_KEY': 'key',
    };
    const filled = (text: string): string =>
      text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => values[name] ?? `no value for ${name}`);
    return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)]));
  }
});

interface KubernetesJob {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly completions: number;
    readonly completionMode: string;
    readonly podFailurePolicy: { readonly rules: readonly unknown[] };
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly {
          readonly name: string;
          readonly command: readonly string[];
          readonly env: readonly { readonly name: string; readonly value: string }[];
        }[];
      };
    };
  };
}

interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
  readonly steps: readonly {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: { readonly shard: Job; readonly assemble: Job };
}
