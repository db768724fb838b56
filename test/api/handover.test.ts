// A build that finds the lock held asks a watch, and nobody else, whatever their command lines say.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { handOver } from '../../src/api/building/handover.ts';
import { requestOf } from '../../src/api/request.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { lockRoot, type Claim } from '../../src/store/lock.ts';

/** What a second build does while somebody holds the lock: how long it waits, in milliseconds, and what it says. */
async function meeting(claim: Pick<Claim, 'command' | 'role'>): Promise<{ waited: number; said: string[] }> {
  const layout = layoutOf(join(mkdtempSync(join(tmpdir(), 'daydream-handover-')), 'data'));
  mkdirSync(layout.dataRoot);
  const release = lockRoot(layout, { ...claim, since: '2026-01-01T00:00:00Z' });
  let now = 0;
  const said: string[] = [];
  const clock = {
    now: () => now,
    ticks: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const errand = {
    request: requestOf({}),
    approved: false,
    command: 'daydream build',
    clock,
    abort: new AbortController().signal,
    onHeard: (watch: { readonly command: string }) => void said.push(watch.command),
  };
  try {
    expect(await handOver(errand, layout)).toBeUndefined();
  } finally {
    release();
  }
  return { waited: now, said };
}

it('does not take a build for a watch because a word of its command line is one', async () => {
  expect(await meeting({ command: 'daydream build --tag watch=1' })).toEqual({ waited: 0, said: [] });
});

it('asks a watch by its role, and lets go of one that does not hear', async () => {
  const { waited, said } = await meeting({ command: 'daydream w', role: 'watch' });
  expect(waited).toBeGreaterThan(1000);
  expect(said).toEqual([]);
});
