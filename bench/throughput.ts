// npm run bench:throughput: how close builds come to what a provider's latency allows: `daydream build` end to end against a server in
// a process of its own that answers after half a second, beside a bare loop of fetch and one of the SDK. What was built is removed at
// the very end: a file system that has just lost thousands of files may be slow to make new ones.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeProject } from './project.ts';
import { circumstances, tableOf, writeSection } from './results.ts';

const LATENCY_MS = 500;
/** Starting and running out are no steady state. */
const EDGE_MS = 2 * LATENCY_MS;
const ROOT = resolve(import.meta.dirname, '..');
const [mode, url = '', concurrency = '1', calls = '1'] = process.argv.slice(2);
const scratch = mode === undefined ? mkdtempSync(join(tmpdir(), 'daydream-throughput-')) : '';
const BINARY = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');
const JITI = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs');
const REPLY = `${'A line of a reply that says nothing in particular.\n'.repeat(30)}SCORE: 7.0`;
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

/** Answers every completion after the latency, and remembers when each came. */
function serve(): void {
  let arrivals: number[] = [];
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    if (message.url === '/arrivals') {
      response.end(JSON.stringify(arrivals));
      arrivals = [];
      return;
    }
    const number = arrivals.push(performance.now());
    let body = '';
    message.setEncoding('utf8').on('data', (part: string) => (body += part));
    message.on('end', () =>
      setTimeout(() => send(response, body.includes('"stream":true'), number), LATENCY_MS),
    );
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, answer);
  server.listen(0, '127.0.0.1', 4096, () => {
    process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
  });
}

const USAGE = { prompt_tokens: 340, completion_tokens: 380, cost: 0.000_01 };

/** Each reply is another text: what is asked about equal texts comes out of the response cache. */
function send(response: ServerResponse, stream: boolean, number: number): void {
  const content = `Reply ${String(number)}.\n${REPLY}`;
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  response.end(stream ? streamOf(content) : JSON.stringify(bodyOf({ message: { content } })));
}

function streamOf(content: string): string {
  return `data: ${JSON.stringify(bodyOf({ delta: { content } }))}\n\ndata: [DONE]\n\n`;
}

function bodyOf(choice: Readonly<Record<string, unknown>>): unknown {
  return { id: 'g', choices: [{ index: 0, ...choice, finish_reason: 'stop' }], usage: USAGE };
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

function program(args: readonly string[], options: { cwd?: string } = {}): ChildProcess {
  return spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a program printed, or an error with what it complained about. */
async function outputOf(child: ChildProcess): Promise<string> {
  let [out, complaint] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${out}${complaint}`);
  return out;
}

async function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString('utf8').trim()));
  });
}

/** Requests a second between the edges, over the ideal. */
async function shareOf(url: string, concurrency: number, calls: number): Promise<number> {
  const arrivals = (await (await fetch(`${url}/arrivals`)).json()) as number[];
  if (arrivals.length !== calls)
    throw new Error(`${String(arrivals.length)} calls came, not ${String(calls)}`);
  const [from, to] = [(arrivals[0] ?? 0) + EDGE_MS, (arrivals.at(-1) ?? 0) - EDGE_MS];
  const within = arrivals.filter((at) => at >= from && at < to).length;
  return within / ((to - from) / 1000) / (concurrency / (LATENCY_MS / 1000));
}

type Round = (typeof ROUNDS)[number];

/** Printed by the program that is measured, its threads counted; a thread loads it too, and must say nothing. */
const CPU_REPORT = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write('cpu ' + (user + system) / 1000 + '\\n');
});`;

async function build(url: string, { concurrency, generations, project, select }: Round): Promise<Measured> {
  const folder = mkdtempSync(join(scratch, 'project-'));
  writeProject(folder, project);
  const config = {
    provider: 'bench',
    providers: { bench: { baseURL: `${url}/v1` } },
    pools: { llm_api_paid: { concurrency } },
  };
  writeFileSync(join(folder, 'daydream.config.json'), JSON.stringify(config));
  const args = ['--import', `data:text/javascript,${encodeURIComponent(CPU_REPORT)}`, BINARY];
  const out = await outputOf(program([...args, 'build', ...select, '--yes', '--quiet'], { cwd: folder }));
  const cpu = Number(/^cpu ([\d.]+)$/m.exec(out)?.[1]);
  const share = await shareOf(url, concurrency, generations);
  return { what: 'daydream build', concurrency, calls: generations, share, cpuMs: cpu / generations };
}

async function bare(
  url: string,
  what: 'fetch' | 'sdk',
  { concurrency, generations }: Round,
): Promise<Measured> {
  const args = [JITI, import.meta.filename, what, url, String(concurrency), String(generations)];
  const cpu = Number(await outputOf(program(args)));
  const share = await shareOf(url, concurrency, generations);
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
  const server = program([JITI, import.meta.filename, 'server']);
  const url = await firstLine(server);
  const results: Measured[] = [];
  try {
    await build(url, { ...ROUNDS[1], generations: 120, select: ROUNDS[0].select } as unknown as Round);
    for (const round of ROUNDS) {
      for (const measured of [
        await build(url, round),
        await bare(url, 'fetch', round),
        await bare(url, 'sdk', round),
      ]) {
        console.log(cellsOf(measured).join('  '));
        results.push(measured);
      }
    }
  } finally {
    server.kill();
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

if (mode === 'server') serve();
else if (mode === 'fetch') await loop(await bareFetch(url), Number(concurrency), Number(calls));
else if (mode === 'sdk') await loop(await bareSdk(url), Number(concurrency), Number(calls));
else await main();
