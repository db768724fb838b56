// What was never sent is no call: it stands in no ledger, and counts nowhere.
import { describe, expect, it } from 'vitest';
import { CONFIG_FILE, makeKite, settingsFor, type Kite } from '../support/kite.ts';

const LEDGER = 'data/.daydream/calls.jsonl';
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/v1';

async function attemptsOf(kite: Kite): Promise<unknown> {
  const { stdout } = await kite.run(['cost', '--json']);
  return (JSON.parse(stdout) as { total: { attempts: number } }).total.attempts;
}

describe('a call', () => {
  it('without a key is none: `models try` says so, and writes nothing', async () => {
    const config = { provider: 'lab', providers: { lab: { baseURL: NOWHERE, apiKeyEnv: 'LAB_API_KEY' } } };
    const kite = makeKite(undefined, { [CONFIG_FILE]: JSON.stringify(config) });
    const ended = await kite.run(['models', 'try', 'w1', 'j1'], { env: { LAB_API_KEY: '' } });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^w1: .*LAB_API_KEY is not set/m);
    expect(kite.files('data')).not.toContain(LEDGER);
    expect(await attemptsOf(kite)).toBe(0);
  });

  it('to a server that is not there is none either', async () => {
    const kite = makeKite(undefined, { [CONFIG_FILE]: settingsFor(NOWHERE) });
    const ended = await kite.run(['models', 'try', 'w1']);
    expect([ended.code, ended.stdout]).toEqual([1, expect.stringContaining('ECONNREFUSED') as string]);
    expect(await attemptsOf(kite)).toBe(0);
  });
});
