// daydream doctor from the outside: exit codes, words, JSON, one cohort, fixes that are shown first, and a root of another tool.
import { statSync, truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FakeProvider } from '../support/fakeprovider.ts';
import { fromBuilt } from '../support/builtkite.ts';
import { CONFIG_FILE, type Kite } from '../support/kite.ts';
import { sampleProject } from '../support/project.ts';

let server: FakeProvider;
let kite: Kite;
fromBuilt((fresh) => ({ server, kite } = fresh));

interface Report {
  readonly errors: number;
  readonly fixed?: readonly unknown[];
  readonly findings: readonly {
    code: string;
    level: string;
    cohort?: string;
    genId?: string;
    cure: string;
    data?: object;
  }[];
  readonly disk: { readonly stages: readonly Room[]; readonly own: readonly Room[] };
}

interface Room {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

async function report(...words: readonly string[]): Promise<Report> {
  return JSON.parse((await kite.run(['doctor', '--json', ...words])).stdout) as Report;
}

const METADATA = (): string => `${kite.folder('A:d-one/e-llm/v-one')}/metadata.json`;

describe('the report', () => {
  it('says nothing but notes of the sample project, before and after a build', async () => {
    const sample = sampleProject();
    for (let round = 0; round < 2; round++) {
      const { code, stdout } = await sample.run(['doctor', '--json']);
      const { findings } = JSON.parse(stdout) as Report;
      expect({ code, bad: findings.filter(({ level }) => level !== 'note') }).toEqual({ code: 0, bad: [] });
      await sample.run(['build']);
    }
  });

  it('shows what, where, why and the cure, and exits 1 for an error', async () => {
    truncateSync(kite.path(METADATA()), 20);
    const { code, stdout } = await kite.run(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toContain('error metadata_torn');
    expect(stdout).toContain(METADATA());
    expect(stdout).toContain('why it matters:');
    expect(stdout).toContain('`daydream doctor --fix`');
  });

  it('says how much room things take', async () => {
    const { disk } = await report();
    expect(disk.stages.map(({ name, count }) => [name, count])).toEqual([
      ['draft', 4],
      ['essay', 8],
      ['evaluation', 16],
    ]);
    expect(disk.stages.every(({ bytes }) => bytes > 1000)).toBe(true);
    const own = kite.files().filter((name) => name.startsWith('data/.daydream/'));
    expect(disk.own.map(({ name }) => name)).toEqual(
      [...new Set(own.map((name) => name.split('/')[2]))].sort(),
    );
    const bytes = own.reduce((sum, name) => sum + statSync(kite.path(name)).size, 0);
    expect(disk.own.reduce((sum, room) => sum + room.bytes, 0)).toBe(bytes);
  });

  it('writes nothing', async () => {
    truncateSync(kite.path(METADATA()), 20);
    const before = kite.files().map((name) => kite.read(name));
    await kite.run(['doctor']);
    expect(kite.files().map((name) => kite.read(name))).toEqual(before);
  });

  it('goes on where the inputs can not be read, and exits 1', async () => {
    kite.write('data/cohorts/C/spec/config.yaml', 'axes: [');
    kite.remove(`${kite.folder('A:d-one')}/raw_metadata.json`);
    const { errors, findings } = await report();
    expect(errors).toBeGreaterThan(0);
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['input_problem', 'raw_metadata_missing']),
    );
    expect(findings.map(({ code }) => code)).not.toContain('orphan');
  });

  it('a config that can not be read is a finding too', async () => {
    kite.remove(CONFIG_FILE);
    kite.write('daydream.config.ts', 'export default {');
    const { findings } = await report();
    expect(findings.map(({ code }) => code)).toContain('input_problem');
  });
});

describe('one cohort', () => {
  it('is looked at alone', async () => {
    const spec = kite.read('data/cohorts/C/spec/config.yaml').replace('combo_id: [A, B]', 'combo_id: [B]');
    kite.write('data/cohorts/D/spec/config.yaml', spec);
    kite.remove(`${kite.folder('A:d-one')}/raw_metadata.json`);
    kite.edit('data/1_raw/templates/evaluation/v-one.txt', 'End', 'Ende');
    const ofD = (await report('D')).findings;
    expect(ofD.filter(({ code }) => code === 'raw_metadata_missing')).toEqual([]);
    expect(ofD.filter(({ code }) => code === 'not_current').map(({ cohort }) => cohort)).toEqual(['D']);
    expect((await report('C')).findings.filter(({ code }) => code === 'raw_metadata_missing')).toHaveLength(
      1,
    );
  });

  it('must be one that there is', async () => {
    const { code, stderr } = await kite.run(['doctor', 'B']);
    expect({ code, known: stderr.includes('DD109') }).toEqual({ code: 2, known: true });
  });
});

describe('--fix', () => {
  it('shows what it will do, does it, and reports what is left', async () => {
    truncateSync(kite.path(METADATA()), 20);
    const name = METADATA();
    const { code, stdout, stderr } = await kite.run(['doctor', '--fix']);
    expect(code).toBe(0);
    expect(stderr).toContain(`write ${name.replace('data/', '')}`);
    expect(stdout).toContain('to_adopt');
    expect(JSON.parse(kite.read(name))).toMatchObject({
      stage: 'evaluation',
      template_id: 'v-one',
      llm_model_id: 'j1',
    });
    expect((await kite.build()).code).toBe(0);
    expect(server.requests).toHaveLength(24);
  });

  it('keeps what it replaces, where restore finds it', async () => {
    truncateSync(kite.path(METADATA()), 20);
    await kite.run(['doctor', '--fix']);
    expect((await kite.run(['restore'])).stdout).toContain(METADATA().replace('data/', ''));
  });

  it('keeps keys of a metadata.json that it knows nothing of', async () => {
    const metadata = JSON.parse(kite.read(METADATA())) as Record<string, unknown>;
    kite.write(METADATA(), JSON.stringify({ ...metadata, mine: 1, replicate: 7 }));
    const { fixed } = await report('--fix');
    expect(fixed).toHaveLength(1);
    expect(JSON.parse(kite.read(METADATA()))).toEqual({ ...metadata, mine: 1 });
    expect((await kite.check()).code).toBe(0);
  });

  it('does nothing while somebody builds', async () => {
    kite.remove(`${kite.folder('A:d-one')}/raw_metadata.json`);
    const lock = { pid: 1, host: 'elsewhere', since: 'then', command: 'daydream build' };
    kite.write('data/.daydream/lock.json', JSON.stringify(lock));
    expect((await kite.run(['doctor', '--fix'])).code).toBe(2);
    expect(kite.exists(`${kite.folder('A:d-one')}/raw_metadata.json`)).toBe(false);
  });
});

describe('a data root of another tool', () => {
  it('is told what will be taken over, what is stale and at what price, before anything runs', async () => {
    for (const name of kite.files('data/gens')) {
      if (!name.endsWith('/metadata.json')) continue;
      const { trace: _trace, ...rest } = JSON.parse(kite.read(name)) as Record<string, unknown>;
      kite.write(name, JSON.stringify(rest));
    }
    kite.remove('data/.daydream');
    const draft = kite.folder('A:d-one');
    kite.write(`${draft}/prompt.txt`, 'Written from an older template.');
    const { findings } = await report();
    const count = (code: string): unknown => findings.find((each) => each.code === code)?.data;
    expect(count('to_adopt')).toMatchObject({ count: 28 - 7 });
    expect(count('foreign_stale')).toMatchObject({
      count: 1,
      lower: { calls: 1 },
      upper: { calls: 1 + 1 + 4 },
    });
    expect(server.requests).toHaveLength(24);
  });
});
