// Twenty thousand generations against a server that fails now and then: everything is built, nothing is bought twice, and memory,
// open files and pace stay what they were. Only in the long form of the tests.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, seededFaults, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { configFor, kiteAnswer, makeKite } from '../support/kite.ts';

const SIZE = Number(process.env['DAYDREAM_SOAK_SIZE'] ?? 20_000);
const MEGABYTE = 1024;

let server: FakeProvider;
beforeAll(async () => {
  const draw = seededFaults({
    seed: 20,
    rate: 0.05,
    of: [
      faults.status(500),
      faults.status(503),
      faults.retryAfter(429, '0'),
      faults.reset('before'),
      faults.half(),
      faults.html(502),
    ],
  });
  server = await startFakeProvider({ answer: kiteAnswer, fault: draw });
});
afterAll(() => server.close());

interface Sample {
  readonly kilobytes: number;
  readonly files: number;
}

function sampleOf(pid: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    return { kilobytes, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

describe.skipIf(process.env['DAYDREAM_SOAK'] === undefined)('a build of many generations', () => {
  it('against a flaky server ends whole, at a steady size', { timeout: 3_600_000 }, async () => {
    const kite = makeKite(undefined, {
      'daydream.config.ts': configFor(server.url),
      'data/1_raw/replication_config.csv': `stage,replicates\ndraft,1\nessay,1\nevaluation,${SIZE / 8}\n`,
    });
    const building = kite.start(['build', '--json', '--yes', '--concurrency', '32']);
    const samples: Sample[] = [];
    const timer = setInterval(() => {
      const sample = sampleOf(building.child.pid ?? 0);
      if (sample !== undefined) samples.push(sample);
    }, 250);
    const started = performance.now();
    let { code } = await building.ended;
    const seconds = (performance.now() - started) / 1000;
    clearInterval(timer);
    for (let again = 0; code !== 0 && again < 5; again++)
      ({ code } = await kite.run(['build', '--yes', '--json']));
    expect(code).toBe(0);
    expect(server.billed).toBe(SIZE + 8);
    expect((await kite.check('--verify')).code).toBe(0);
    const late = samples.slice(Math.floor(samples.length / 2));
    const most = (of: (sample: Sample) => number, among = samples): number => Math.max(0, ...among.map(of));
    expect(most(({ files }) => files)).toBeLessThan(250);
    expect(most(({ kilobytes }) => kilobytes)).toBeLessThan(700 * MEGABYTE);
    process.stdout.write(
      `${SIZE} evaluations in ${seconds.toFixed(0)} s, ${server.requests.length} requests, ` +
        `${server.billed} billed, at most ${(most(({ kilobytes }) => kilobytes) / MEGABYTE).toFixed(0)} MB ` +
        `(second half ${(most(({ kilobytes }) => kilobytes, late) / MEGABYTE).toFixed(0)} MB), ` +
        `${most(({ files }) => files)} open files\n`,
    );
  });
});
