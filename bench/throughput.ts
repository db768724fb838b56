// npm run bench:throughput: how close builds come to what a provider's latency allows: `daydream build` end to end against a server in
// a process of its own that answers after half a second, beside a bare loop of fetch and one of the SDK. What was built is removed at
// the very end: a file system that has just lost thousands of files may be slow to make new ones.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, JITI, outputOf, program, projectAsking, startProvider, type Provider } from './building.ts';
import { circumstances, tableOf, writeSection } from './results.ts';

const LATENCY_MS = 500;
/** Starting and running out are no steady state. */
const EDGE_MS = 2 * LATENCY_MS;
const [mode, url = '', concurrency = '1', calls = '1'] = process.argv.slice(2);
const scratch = mode === undefined ? mkdtempSync(join(tmpdir(), 'daydream-throughput-')) : '';
const PROMPT = 'A prompt that asks for nothing in particular. '.repeat(30);
/** Concurrency, and which and how many generations: about ten seconds' worth each. */
const ROUNDS = [
  { concurrency: 5, generations: 120, project: 1200, select: ['template:t-00', 'template:t-01'] },
  { concurrency: 64, generations: 1200, project: 1200, select: [] },
  { concurrency: 256, generations: 4800, project: 4800, select: [] },
] as const;
/** Shares of the ideal that a build must reach. */
const WANTED: Readonly<Record<number, number>> = { 64: 0.95, 256: 0.9 };

interface Measured {
  readonly what: string;
  readonly concurrency: number;
  readonly calls: number;
  /** Requests a second over what concurrency and latency allow. */
  readonly share: number;
  /** Milliseconds of CPU a call, start of the program included where it is a program. */
  readonly cpuMs: number;
}

type Ask = () => Promise<void>;

async function bareFetch(url: string): Promise<Ask> {
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: PROMPT }] });
  return async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
    await response.text();
  };
}

async function bareSdk(url: string): Promise<Ask> {
  const { OpenAI } = await import('openai');
  const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });
  return async () => {
    const stream = await client.chat.completions.create({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: PROMPT }],
    });
    for await (const chunk of stream)
      if (chunk.choices.length > 1) throw new Error('one choice was expected');
  };
}

/** So many at a time, until so many are done. Prints the CPU milliseconds. */
async function loop(ask: Ask, concurrency: number, calls: number): Promise<void> {
  const before = process.cpuUsage();
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < calls) {
      begun += 1;
      await ask();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  process.stdout.write(`${String(milliseconds(process.cpuUsage(before)))}\n`);
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/** Requests a second between the edges, over the ideal. */
async function shareOf(provider: Provider, concurrency: number, calls: number): Promise<number> {
  const { arrivals } = await provider.seen();
  if (arrivals.length !== calls)
    throw new Error(`${String(arrivals.length)} calls came, not ${String(calls)}`);
  const [from, to] = [(arrivals[0] ?? 0) + EDGE_MS, (arrivals.at(-1) ?? 0) - EDGE_MS];
  const within = arrivals.filter((at) => at >= from && at < to).length;
  return within / ((to - from) / 1000) / (concurrency / (LATENCY_MS / 1000));
}

type Round = (typeof ROUNDS)[number];

async function built(
  provider: Provider,
  { concurrency, generations, project, select }: Round,
): Promise<Measured> {
  const folder = mkdtempSync(join(scratch, 'project-'));
  projectAsking(folder, provider.url, { generations: project, concurrency });
  const { cpuMs: cpu } = await build(folder, select);
  const share = await shareOf(provider, concurrency, generations);
  return { what: 'daydream build', concurrency, calls: generations, share, cpuMs: cpu / generations };
}

async function bare(
  provider: Provider,
  what: 'fetch' | 'sdk',
  { concurrency, generations }: Round,
): Promise<Measured> {
  const args = [JITI, import.meta.filename, what, provider.url, String(concurrency), String(generations)];
  const cpu = Number(await outputOf(program(args)));
  const share = await shareOf(provider, concurrency, generations);
  return { what: `bare ${what}`, concurrency, calls: generations, share, cpuMs: cpu / generations };
}

function cellsOf({ what, concurrency, calls, share, cpuMs }: Measured): readonly string[] {
  return [
    String(concurrency),
    what,
    String(calls),
    `${(share * 100).toFixed(1)} %`,
    `${cpuMs.toFixed(2)} ms`,
  ];
}

async function main(): Promise<void> {
  const provider = await startProvider(LATENCY_MS);
  const results: Measured[] = [];
  try {
    await built(provider, { ...ROUNDS[1], generations: 120, select: ROUNDS[0].select } as unknown as Round);
    for (const round of ROUNDS) {
      for (const measured of [
        await built(provider, round),
        await bare(provider, 'fetch', round),
        await bare(provider, 'sdk', round),
      ]) {
        console.log(cellsOf(measured).join('  '));
        results.push(measured);
      }
    }
  } finally {
    provider.close();
  }
  writeSection(
    'Throughput',
    `${circumstances(scratch)}. Made by \`npm run bench:throughput\`: requests a second over what a latency of
${String(LATENCY_MS)} ms and the concurrency allow, and CPU a call, threads and start included. The server takes a share of the same processors.

${tableOf(['concurrency', 'what', 'calls', 'of the ideal', 'CPU a call'], results.map(cellsOf))}`,
  );
  rmSync(scratch, { recursive: true, force: true });
  const missed = results.filter(
    ({ what, concurrency, share }) => what === 'daydream build' && share < (WANTED[concurrency] ?? 0),
  );
  for (const { concurrency } of missed)
    process.stdout.write(`MISSED: ${String((WANTED[concurrency] ?? 0) * 100)} % at ${String(concurrency)}\n`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

if (mode === 'fetch') await loop(await bareFetch(url), Number(concurrency), Number(calls));
else if (mode === 'sdk') await loop(await bareSdk(url), Number(concurrency), Number(calls));
else await main();
