// What nobody knows of money is said wherever money is: a reply that was lost on the way may have been billed, and is no "$0".
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';
import { ledgerLine } from '../support/ledgerline.ts';

const LOST = { outcome: 'bad_reply', maybe_billed: true } as const;

let kite: Kite;

beforeAll(async () => {
  kite = makeKite();
  await kite.build('stage:draft');
  const [one, two] = [kite.id('A:d-one'), kite.id('A:d-two')];
  const line = (model: string, change: Parameters<typeof ledgerLine>[0]): string => {
    const { cost: _known, prompt_tokens: _in, completion_tokens: _out, ...lost } = ledgerLine({ model });
    return JSON.stringify({ ...lost, ...change });
  };
  kite.write(
    'data/.daydream/calls.jsonl',
    [
      line('lost', { ...LOST, gen_id: one }),
      line('some', { ...LOST, gen_id: one }),
      line('some', { gen_id: one, cost: 0.25, cost_from: 'tokens', request_id: 'r9' }),
      line('free', { gen_id: two, cost: 0, cost_from: 'tokens', request_id: 'r8' }),
      '',
    ].join('\n'),
  );
  for (const label of ['A:d-one', 'A:d-two']) {
    const raw = `${kite.folder(label)}/raw_metadata.json`;
    const told = JSON.parse(kite.read(raw)) as object;
    kite.write(raw, JSON.stringify({ ...told, usage: { prompt_tokens: 9 }, request_id: 'r9' }));
  }
  const record = kite.files('data/.daydream/runs').find((path) => path.endsWith('.json')) ?? '';
  const spent = { billed: 0, counted: 0, estimated: 0, unknown: 0, maybeBilled: 2 };
  kite.write(record, JSON.stringify({ ...(JSON.parse(kite.read(record)) as object), cost: 0, spent }));
});

describe('replies that were lost on the way', () => {
  it('make a sum of `cost` unknown, or at least what is known', async () => {
    const { stdout, stderr } = await kite.run(['cost']);
    expect(stdout).toMatch(/^lost +1 +0 .* unknown +0 +1$/m);
    expect(stdout).toMatch(/^some +2 +1 .* 0\.25 +0 +1$/m);
    expect(stdout).toMatch(/^free +1 +1 .* 0 +0 +0$/m);
    expect(stderr).toContain('at least $0.2500 for 2 replies, 4 attempts (counted from tokens)');
    expect(stderr).toContain('2 replies were lost on the way and may have been billed all the same');
    const csv = await kite.run(['cost', '--format', 'csv']);
    expect(csv.stdout).toMatch(/^lost,1,0,0,0,,0,1$/m);
  });

  it('are told of a run, in the list and by itself', async () => {
    expect((await kite.run(['runs'])).stdout).toMatch(/ unknown +0 +2 /);
    expect((await kite.run(['runs', 'show', 'last'])).stdout).toContain(
      '  spent     unknown (2 replies lost on the way)\n',
    );
  });

  it('leave what was spent for a generation open, and what the answer that stands cost is told apart', async () => {
    await kite.run(['export', '--out', 'rows.jsonl']);
    const rows = kite
      .read('rows.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const row = (label: string): unknown => rows.find((each) => each['gen_id'] === kite.id(label));
    expect(row('A:d-one')).toMatchObject({ calls: 3, spent: null, cost: 0.25 });
    expect(row('A:d-two')).toMatchObject({ calls: 1, spent: 0, cost: null });
  });
});
