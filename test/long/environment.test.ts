// `.env` beside the config: read once a command, and what it says is what the command does.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CONFIG_FILE, makeKite, type Kite } from '../support/kite.ts';

const READS = join(import.meta.dirname, '../support/readsof.cjs');

let kite: Kite;
beforeAll(async () => {
  kite = makeKite(undefined, { '.env': 'DAYDREAMING_DATA_ROOT=data\n' });
  // What was written this very moment is read once more by the next command.
  for (const name of kite.files('.')) utimesSync(kite.path(name), 1_700_000_000, 1_700_000_000);
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

describe('what stands in its place', () => {
  const bare = (): Kite =>
    makeKite(undefined, {
      [CONFIG_FILE]: JSON.stringify({
        provider: 'lab',
        providers: { lab: { baseURL: 'http://127.0.0.1:9/v1', apiKeyEnv: 'LAB_KEY' } },
      }),
    });

  it.each<[string, (path: string) => void, string, warned: boolean]>([
    [
      'a pipe that nobody writes to',
      (path) => void execFileSync('mkfifo', [path]),
      'is a pipe or a device',
      true,
    ],
    ['a device without an end', (path) => symlinkSync('/dev/zero', path), 'is a pipe or a device', true],
    ['a link to itself', (path) => symlinkSync('.env', path), 'can not be read (ELOOP)', true],
    ['a folder', (path) => mkdirSync(path), 'is a folder', false],
    ['a link to nothing', (path) => symlinkSync('nowhere', path), 'DD107', false],
    ['bytes of value 0', (path) => writeFileSync(path, Buffer.alloc(9)), 'DD107', false],
  ])(
    '%s is no reason to wait or to crash, and named where a key is missing',
    async (_, make, named, warned) => {
      const project = bare();
      make(project.path('.env'));
      const { code, stderr } = await project.run(['build', '--yes']);
      expect([code, stderr.includes('DD104')]).toEqual([2, warned]);
      expect(stderr).toContain(named);
      expect(stderr).toContain('LAB_KEY is not set');
    },
  );
});
