// Where the words go: a log on a disk that is full, a reader who has gone, a terminal that closes. None of it ends a build in the
// middle, loses what was paid for, or looks like success.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { BINARY, environmentIn } from '../support/program.ts';

const FULL_DISK = join(import.meta.dirname, '../support/fulldisk.cjs');

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

interface Where {
  /** A file, for standard output. */
  readonly to: string;
  readonly room?: number;
}

function startTo(
  kite: Kite,
  args: readonly string[],
  { to, room }: Where,
): { child: ChildProcess; ended: Promise<Outcome> } {
  const file = openSync(to, 'a');
  const more = room === undefined ? {} : { ROOM: String(room), NODE_OPTIONS: `--require=${FULL_DISK}` };
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: kite.root,
    env: environmentIn(kite.root, more),
    stdio: ['ignore', file, 'pipe'],
  });
  closeSync(file);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stderr })) };
}

let server: FakeProvider;
let kite: Kite;
beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, gated: true });
  kite = makeKite(server.url);
});
afterEach(() => server.close());

const LOCK = 'data/.daydream/lock.json';
const CALLS = 24;

describe('a log on a disk that is full', () => {
  it('stops a build that keeps what it pays for', async () => {
    // The plan fits, and a part of the first news of the calls.
    const [plan = ''] = (await makeKite().build()).stdout.split('\n');
    const room = plan.length + 500;
    await server.close();
    server = await startFakeProvider({ answer: kiteAnswer, latencyMs: 5 });
    kite = makeKite(server.url);
    const { ended } = startTo(kite, ['build', '--yes', '--json'], { to: kite.path('log'), room });
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toContain('DD585');
    expect(stderr).not.toContain('    at ');
    expect(readFileSync(kite.path('log')).length).toBe(room);
    expect(kite.exists(LOCK)).toBe(false);
    const asked = server.requests.length;
    expect(asked).toBeLessThan(CALLS);
    expect(server.billed).toBe(asked);
    expect((await kite.build('--yes')).code).toBe(0);
    expect(server.requests.length).toBe(CALLS);
  });
});

describe('an output that takes nothing', () => {
  const COMMANDS = [
    ['plan'],
    ['plan', '--json'],
    ['ls', '--format', 'csv'],
    ['cost', '--json'],
    ['graph'],
    ['runs', '--json'],
    ['cohort', 'design', 'C', '--format', 'json'],
    ['check'],
    ['doctor'],
    ['--help'],
    ['--version'],
    ['ls', '--help'],
  ];
  it.each(COMMANDS)('is no success: %s %s', async (...args) => {
    const { code, stderr } = await startTo(kite, args, { to: '/dev/full' }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('ENOSPC');
  });

  it('is said where only the end does not fit', async () => {
    const whole = (await kite.run(['ls', '--format', 'csv'])).stdout;
    const { code, stderr } = await startTo(kite, ['ls', '--format', 'csv'], {
      to: kite.path('list.csv'),
      room: whole.length - 1,
    }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('DD585');
  });
});

describe('a terminal that closes', () => {
  it('ends a build as a signal to end does', async () => {
    const { child, ended } = startTo(kite, ['build', '--yes'], { to: kite.path('log') });
    await server.arrived(4);
    // Its shell says so too.
    child.kill('SIGHUP');
    child.kill('SIGHUP');
    child.stderr?.destroy();
    server.release();
    expect((await ended).code).toBe(130);
    expect(server.billed).toBe(server.requests.length);
    expect(server.requests.length).toBeLessThan(CALLS);
    expect(kite.exists(LOCK)).toBe(false);
    const paid = server.billed;
    const again = kite.build('--yes');
    for (let done = paid; done < CALLS; done++) {
      await server.arrived(done + 1);
      server.release();
    }
    await again;
    expect(server.billed).toBe(CALLS);
  });
});

describe('a reader who has read enough', () => {
  it('is told nothing, and the exit code says that not all was read', async () => {
    const child = spawn(process.execPath, [BINARY, 'ls', '--json'], {
      cwd: kite.root,
      env: environmentIn(kite.root),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });
});
