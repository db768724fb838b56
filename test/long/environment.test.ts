// `.env` beside the config: read once a command, and what it says is what the command does.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKite, type Kite } from '../support/kite.ts';

const READS = join(import.meta.dirname, '../support/readsof.cjs');

let kite: Kite;
beforeAll(async () => {
  kite = makeKite(undefined, { '.env': 'DAYDREAMING_DATA_ROOT=data\n' });
  utimesSync(kite.path('.env'), 1_700_000_000, 1_700_000_000);
  await kite.build();
});

async function readsBy(...words: readonly string[]): Promise<number> {
  const env = { NODE_OPTIONS: `--require ${READS}`, READS_OF: '.env' };
  const { stderr } = await kite.run(words, { env });
  return (JSON.parse(/^read: (.*)$/m.exec(stderr)?.[1] ?? '') as unknown[]).length;
}

describe('a command', () => {
  it.each(['status', 'check', 'plan'])('%s reads it once where nothing has changed', async (command) => {
    expect(await readsBy(command)).toBe(1);
  });

  it('reads it once more for its stamp where the inputs are read again', async () => {
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Take:');
    kite.edit('daydream.config.json', '"offline"', '"offline", "confirmAbove": 2');
    expect(await readsBy('status')).toBe(2);
  });
});

it('a change of it is seen by the next command', async () => {
  kite.write('.env', 'DAYDREAMING_DATA_ROOT=elsewhere\n');
  const { code, stderr } = await kite.run(['status']);
  expect(code).toBe(2);
  expect(stderr).toContain('elsewhere');
});
