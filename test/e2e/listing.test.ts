// What there is: ls in its formats, and the lineage as a drawing.
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';

let kite: Kite;

beforeAll(async () => {
  kite = makeKite();
  await kite.build();
});

describe('daydream ls', () => {
  it('lists every generation, a row each, parents before children', async () => {
    const { code, stdout } = await kite.run(['ls']);
    const [header = '', ...rows] = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(header.split(/ +/)).toEqual([
      'stage',
      'gen_id',
      'state',
      'template',
      'model',
      'combo',
      'replicate',
      'parent',
      'cohorts',
      'why',
    ]);
    expect(rows).toHaveLength(28);
    expect(rows.map((row) => row.split(' ')[0])).toEqual([
      ...Array<string>(4).fill('draft'),
      ...Array<string>(8).fill('essay'),
      ...Array<string>(16).fill('evaluation'),
    ]);
  });

  it('takes selectors, columns and formats', async () => {
    const id = kite.id('A:d-one');
    const { stdout } = await kite.run(['ls', `${id}+1`, '--columns', 'gen_id,parent', '--format', 'csv']);
    expect(stdout).toBe(
      `gen_id,parent\n${id},\n${kite.id('A:d-one/e-llm')},${id}\n${kite.id('A:d-one/e-copy')},${id}\n`,
    );
  });

  it('gives lists and numbers as such in JSON', async () => {
    const { stdout } = await kite.run(['ls', kite.id('B:d-two/e-copy/v-one#2'), '--json']);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      generations: [
        {
          stage: 'evaluation',
          gen_id: kite.id('B:d-two/e-copy/v-one#2'),
          state: 'current',
          template: 'v-one',
          model: 'j1',
          combo: 'B',
          replicate: 2,
          parent: kite.id('B:d-two/e-copy'),
          cohorts: ['C'],
          why: [],
        },
      ],
    });
  });

  it('says why in short words, for what is stale and for what waits', async () => {
    const other = makeKite();
    await other.build();
    other.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    const { stdout } = await other.run([
      'ls',
      '--columns',
      'gen_id,state,why',
      '--format',
      'csv',
      'state:stale',
      'state:pending,stage:essay',
    ]);
    const [a, b] = [other.id('A:d-one'), other.id('B:d-one')];
    expect(stdout.trimEnd().split('\n')).toEqual([
      'gen_id,state,why',
      `${a},stale,template`,
      `${b},stale,template`,
      `${other.id('A:d-one/e-llm')},pending,below ${a}`,
      `${other.id('A:d-one/e-copy')},pending,below ${a}`,
      `${other.id('B:d-one/e-llm')},pending,below ${b}`,
      `${other.id('B:d-one/e-copy')},pending,below ${b}`,
    ]);
  });

  it('refuses a column that is not there, and suggests one that is', async () => {
    const { code, stderr } = await kite.run(['ls', '--columns', 'gen_id,stat']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('"state"') as string });
  });
});

describe('daydream graph', () => {
  it('draws what is selected, and nothing else', async () => {
    const { stdout } = await kite.run(['graph', `1+${kite.id('A:d-two/e-llm')}`]);
    expect(stdout).toBe(
      `flowchart LR\n  n0["${kite.id('A:d-two')}<br/>d-two<br/>w1"]\n  n1["${kite.id('A:d-two/e-llm')}<br/>e-llm<br/>w2"]\n  n0 --> n1\n`,
    );
  });

  it('draws for Graphviz, and gives data', async () => {
    const words = ['graph', '--exclude', 'stage:evaluation', '--format'];
    const [drawn, data] = await Promise.all([kite.run([...words, 'dot']), kite.run([...words, 'json'])]);
    expect(drawn.stdout.match(/ -> /g)).toHaveLength(8);
    const { version, nodes, edges } = JSON.parse(data.stdout) as Record<string, readonly unknown[]>;
    expect([version, nodes?.length, edges?.length]).toEqual([1, 12, 8]);
  });

  it('maps the assets of the earlier pipeline to commands, without a project', async () => {
    const { code, stdout } = await kite.run(['graph', '--assets', '--format', 'csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('cohort_membership,daydream cohort compile');
  });
});
