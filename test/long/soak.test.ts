// Long lives. Twenty thousand generations against a server that fails now and then (only in the long form of the tests): everything is
// built, nothing is bought twice. A watch over a day of edits: memory, open files and the system's watches stay what they were.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, seededFaults, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor } from '../support/kite.ts';
import type { Started } from '../support/program.ts';
import { FAST, temporaryFiles } from '../support/watching.ts';
import { edit, expectWhole, PAID, startHeardProvider } from '../support/wreck.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const EDITS = Number(process.env['DAYDREAM_SOAK_EDITS'] ?? (SOAK ? 1000 : 12));
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
  /** Files and folders that the system watches for it. */
  readonly watched: number;
}

function sampleOf(pid: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    // One that has just ended is still listed, and has no memory any more.
    if (resident === undefined) return undefined;
    const open = readdirSync(`/proc/${pid}/fd`);
    const watched = open.reduce((sum, file) => sum + watchesOf(`/proc/${pid}/fdinfo/${file}`), 0);
    return { kilobytes: Number(resident), files: open.length, watched };
  } catch {
    return undefined;
  }
}

function watchesOf(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('inotify wd:').length - 1;
  } catch {
    // Closed since the folder was listed.
    return 0;
  }
}

describe.skipIf(!SOAK)('a build of many generations', () => {
  it('against a flaky server ends whole, at a steady size', { timeout: 3_600_000 }, async () => {
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
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

/** What a watch says, a line at a time: resolves with the milliseconds until the next line that holds one of these texts. */
function listener({ child, ended }: Started): (text: string) => Promise<number> {
  const waiting = new Map<string, (at: number) => void>();
  if (child.stdout === null) throw new Error('a program without a standard output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    for (const [text, met] of waiting)
      if (line.includes(text)) {
        waiting.delete(text);
        met(performance.now());
      }
  });
  return (text) => {
    const since = performance.now();
    return new Promise((met, fail) => {
      waiting.set(text, (at) => met(at - since));
      void ended.then(({ stderr }) => fail(new Error(`the watch ended: ${stderr}`)));
    });
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

describe('a watch over a long day', () => {
  it.skipIf(!existsSync('/proc/self/fdinfo'))(
    `of ${EDITS} edits keeps its size, its files and its watches`,
    { timeout: 3_600_000 },
    async () => {
      const heard = await startHeardProvider();
      const kite = makeKite(heard.url, { [CONFIG_FILE]: settingsFor(heard.url, FAST) });
      // With so little to grow into, what is kept for ever would end the watch.
      const watch = kite.start(['watch', ...PAID], { env: { NODE_OPTIONS: '--max-old-space-size=64' } });
      const hears = listener(watch);
      await hears('"state":"watching"');
      const latencies: number[] = [];
      const samples: Sample[] = [];
      for (let number = 1; number <= EDITS; number++) {
        const planned = hears('"type":"plan"');
        const rested = hears('"state":"watching"');
        edit(kite, number % 3, number);
        latencies.push(await planned);
        await rested;
        const sample = sampleOf(watch.child.pid ?? 0);
        if (sample !== undefined) samples.push(sample);
      }
      watch.child.kill('SIGINT');
      expect((await watch.ended).code).toBe(130);
      expect(temporaryFiles(kite)).toEqual([]);
      expect(samples).toHaveLength(EDITS);
      const part = Math.ceil(EDITS / 5);
      const most = (of: (sample: Sample) => number, among: readonly Sample[]): number =>
        Math.max(...among.map(of));
      const [early, late] = [samples.slice(part, part * 2), samples.slice(-part)];
      // What was open while the first edits were built is what may be open while the last ones are.
      expect(most(({ files }) => files, late)).toBeLessThanOrEqual(
        most(({ files }) => files, samples.slice(0, -part)) + 4,
      );
      expect(most(({ watched }) => watched, late)).toBe(most(({ watched }) => watched, early));
      expect(most(({ watched }) => watched, late)).toBeGreaterThan(0);
      expect(most(({ kilobytes }) => kilobytes, late)).toBeLessThan(
        most(({ kilobytes }) => kilobytes, early) + 60 * MEGABYTE,
      );
      const about = (among: readonly Sample[], times: readonly number[]): string =>
        `${(most(({ kilobytes }) => kilobytes, among) / MEGABYTE).toFixed(0)} MB, ${most(({ files }) => files, among)} open files, ` +
        `${most(({ watched }) => watched, among)} watches, ${median(times).toFixed(0)} ms from save to plan`;
      process.stdout.write(
        `${EDITS} edits, ${heard.billed} billed; second fifth: ${about(early, latencies.slice(part, part * 2))}; ` +
          `last fifth: ${about(late, latencies.slice(-part))}\n`,
      );
      await expectWhole(kite, heard);
      await heard.close();
    },
  );
});
