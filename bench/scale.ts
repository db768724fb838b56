// npm run bench:scale: what a second process would speed up. The same calls by one process that has thousands of them open, and by
// four shards with a quarter of them each, and what a million calls come to from that. `-- --short` makes half of the calls.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, projectAsking, startProvider, type Provider, type Used } from './building.ts';
import { circumstances, tableOf, writeSection } from './results.ts';

const SHORT = process.argv.includes('--short');
/** Seconds that a call takes: at less, no process of two on this machine can keep so many open. */
const LATENCY_S = 10;
const CONCURRENCY = 2400;
const CALLS = SHORT ? 7200 : 14_400;
const SHARDS = 4;
const MILLION = 1_000_000;

interface Measured {
  readonly what: string;
  /** Most calls at a time, as the provider counted. */
  readonly open: number;
  /** Milliseconds. */
  readonly cpuACall: number;
  /** Of all processes together, at most. */
  readonly megabytes: number;
  readonly seconds: number;
}

async function measure(
  what: string,
  words: readonly (readonly string[])[],
  provider: Provider,
): Promise<Measured> {
  const folders = words.map(() => mkdtempSync(join(scratch, 'project-')));
  for (const folder of folders)
    projectAsking(folder, provider.url, { generations: CALLS, concurrency: CONCURRENCY });
  const started = performance.now();
  const used = await Promise.all(folders.map((folder, each) => build(folder, words[each] ?? [])));
  const seconds = (performance.now() - started) / 1000;
  const { arrivals, most } = await provider.seen();
  if (arrivals.length !== CALLS)
    throw new Error(`${String(arrivals.length)} calls came, not ${String(CALLS)}`);
  const sum = (of: keyof Used): number => used.reduce((total, each) => total + each[of], 0);
  return { what, open: most, cpuACall: sum('cpuMs') / CALLS, megabytes: sum('megabytes'), seconds };
}

function cellsOf({ what, open, cpuACall, megabytes, seconds }: Measured): readonly string[] {
  const processorHours = (cpuACall * MILLION) / 3_600_000;
  return [
    what,
    String(CALLS),
    String(open),
    `${cpuACall.toFixed(2)} ms`,
    `${megabytes.toFixed(0)} MB`,
    `${seconds.toFixed(0)} s`,
    `${processorHours.toFixed(2)} h`,
  ];
}

const [load = 0] = loadavg();
const scratch = mkdtempSync(join(tmpdir(), 'daydream-scale-'));
const provider = await startProvider(LATENCY_S * 1000);
try {
  const one = await measure('one process', [[]], provider);
  const shards = Array.from({ length: SHARDS }, (_, index) => [
    '--shard',
    `${String(index + 1)}/${String(SHARDS)}`,
  ]);
  const four = await measure(`${String(SHARDS)} shards`, shards, provider);
  const waited = (MILLION * LATENCY_S) / CONCURRENCY / 3600;
  writeSection(
    'One process and four',
    `${circumstances(scratch)}. Made by \`npm run bench:scale${SHORT ? ' -- --short' : ''}\`: the same calls, of ${String(LATENCY_S)} s each, up to ${String(CONCURRENCY)} open at a time, in one
process and in ${String(SHARDS)} with a quarter of that each; the provider takes a share of the same processors. Processor time and memory are of all processes together, start included.
Before the first call the machine's load was ${load.toFixed(1)}: on one that is busy with other things a call takes more processor time.

${tableOf(
  ['what', 'calls', 'open at most', 'CPU a call', 'memory at most', 'time', 'CPU of a million calls'],
  [one, four].map(cellsOf),
)}

A million calls of ${String(LATENCY_S)} s, ${String(CONCURRENCY)} at a time, are ${waited.toFixed(1)} hours of waiting, however many processes wait.`,
  );
} finally {
  provider.close();
  rmSync(scratch, { recursive: true, force: true });
}
