// npm run bench:remote: what a team's remote cache costs a build that finds nothing there, and how fast one brings what is there. Provider
// and storage are processes of their own, each with a latency. What is compared runs at the same time, so that what else the machine does
// weighs on both.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeProject } from './project.ts';
import { circumstances, tableOf, writeSection } from './results.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BINARY = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');
const JITI = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs');
/** Of a call, of a look that finds nothing, of one that finds something; milliseconds. */
const LATENCY = { call: 1000, miss: 50, hit: 20 } as const;
/** Calls that a build has under way. */
const CONCURRENCY = 64;
/** Looks that daydream has under way. */
const LOOKS = 64;
const QUESTIONS = Number(process.env['DAYDREAM_QUESTIONS'] ?? 10_000);
/** A third of a project's generations are drafts: questions that are known from the start. */
const GENERATIONS = QUESTIONS * 3;
const WANTED = { miss: 1.05, hit: 1.3 } as const;
const REPLY = 'A line of a reply that says nothing in particular.\n'.repeat(30);
const USAGE = { prompt_tokens: 340, completion_tokens: 380, cost: 0.000_01 };
const [mode] = process.argv.slice(2);
const scratch = mode === undefined ? mkdtempSync(join(tmpdir(), 'daydream-remote-')) : '';

/** Answers completions, and keeps what is put under `/<milliseconds>/ac/…`, each after its latency. `/looks`: when each GET came. */
function serve(): void {
  const kept = new Map<string, string>();
  const looks: number[] = [];
  const answer = ({ method, url = '' }: IncomingMessage, response: ServerResponse, body: string): void => {
    const [, latency = '', , name = ''] = url.split('/');
    if (url === '/looks') return void response.end(JSON.stringify(looks.splice(0)));
    if (method === 'POST') {
      const content = `${REPLY}${String(kept.size)} SCORE: 7.0`;
      const choices = [{ index: 0, message: { content }, finish_reason: 'stop' }];
      return void setTimeout(
        () => response.end(JSON.stringify({ id: 'g', choices, usage: USAGE })),
        LATENCY.call,
      );
    }
    if (method === 'GET') looks.push(performance.now());
    if (method === 'PUT') kept.set(name, body);
    const there = kept.get(name);
    setTimeout(() => {
      response.writeHead(there === undefined ? 404 : 200).end(method === 'HEAD' ? undefined : there);
    }, Number(latency));
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    let body = '';
    message.setEncoding('utf8').on('data', (part: string) => (body += part));
    message.on('end', () => answer(message, response, body));
  });
  server.listen(0, '127.0.0.1', 4096, () => {
    process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
  });
}

interface Done {
  readonly seconds: number;
  /** Of CPU, threads and start included. */
  readonly cpu: number;
}

/** Printed by the program that is measured; a thread loads it too, and must say nothing. */
const CPU_REPORT = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write('\\ncpu ' + (user + system) / 1e6 + '\\n');
});`;

async function daydream(folder: string, remote: string, words: readonly string[]): Promise<Done> {
  const args = ['--import', `data:text/javascript,${encodeURIComponent(CPU_REPORT)}`, BINARY, ...words];
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, DAYDREAM_REMOTE: remote, DAYDREAM_REMOTE_MODE: remote === '' ? 'off' : 'both' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = await outputOf(child);
  const cpu = Number(/^cpu ([\d.]+)$/m.exec(out)?.[1]);
  return { seconds: (performance.now() - begun) / 1000, cpu };
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

async function serverAt(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const child = spawn(process.execPath, [JITI, import.meta.filename, 'server'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((told) => {
    child.stdout.once('data', (text: Buffer) => told(text.toString('utf8').trim()));
  });
  return { url, stop: () => void child.kill() };
}

function projectFor(name: string, provider: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeProject(folder, GENERATIONS);
  const config = {
    provider: 'bench',
    providers: { bench: { baseURL: `${provider}/v1`, stream: false } },
    pools: { llm_api_paid: { concurrency: CONCURRENCY } },
  };
  writeFileSync(join(folder, 'daydream.config.json'), JSON.stringify(config));
  return folder;
}

interface Row {
  readonly what: string;
  readonly seconds: string;
  readonly ratio: number | undefined;
  readonly cpuMs: number;
}

async function misses(url: string): Promise<readonly Row[]> {
  const words = ['build', 'stage:draft', '--yes', '--quiet'];
  const [plain, looking] = await Promise.all([
    daydream(projectFor('without', url), '', words),
    daydream(projectFor('misses', url), `${url}/${String(LATENCY.miss)}`, [...words, '--remote-wait', '0']),
  ]);
  const row = (what: string, { seconds, cpu }: Done, ratio?: number): Row => ({
    what,
    seconds: seconds.toFixed(1),
    ratio,
    cpuMs: (cpu * 1000) / QUESTIONS,
  });
  return [
    row('build without a remote cache', plain),
    row(
      `the same, each question looked for in vain (${String(LATENCY.miss)} ms) and each answer sent`,
      looking,
      looking.seconds / plain.seconds,
    ),
  ];
}

/** From the first look to the last one's answer, over what the latency allows so many at a time. */
async function hits(url: string): Promise<Row> {
  await daydream(join(scratch, 'without'), `${url}/0`, ['cache', 'push', '--quiet']);
  await (await fetch(`${url}/looks`)).arrayBuffer();
  const remote = `${url}/${String(LATENCY.hit)}`;
  const { cpu } = await daydream(projectFor('hits', url), remote, [
    'cache',
    'pull',
    'stage:draft',
    '--quiet',
  ]);
  const looks = (await (await fetch(`${url}/looks`)).json()) as number[];
  if (looks.length !== QUESTIONS) throw new Error(`${String(looks.length)} looks came`);
  const ms = (looks.at(-1) ?? 0) - (looks[0] ?? 0) + LATENCY.hit;
  return {
    what: `cache pull, each answer there (${String(LATENCY.hit)} ms)`,
    seconds: (ms / 1000).toFixed(1),
    ratio: ms / ((QUESTIONS * LATENCY.hit) / LOOKS),
    cpuMs: (cpu * 1000) / QUESTIONS,
  };
}

async function main(): Promise<void> {
  const { url, stop } = await serverAt();
  let rows: readonly Row[];
  try {
    rows = [...(await misses(url)), await hits(url)];
  } finally {
    stop();
  }
  const cells = rows.map(({ what, seconds, ratio, cpuMs }) => [
    what,
    `${seconds} s`,
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    `${cpuMs.toFixed(2)} ms`,
  ]);
  const text = `${circumstances(scratch)}. Made by \`npm run bench:remote\`: ${String(QUESTIONS)} questions to a provider of
${String(LATENCY.call)} ms at ${String(CONCURRENCY)} a time. The builds run at the same time, and are compared with each other; what is pulled is compared with what ${String(LOOKS)}
at a time allow. CPU a question has threads and start in it; provider and storage take a share of the same processors.

${tableOf(['what', 'took', 'of what it is compared with', 'CPU a question'], cells)}`;
  writeSection('Remote cache', text);
  rmSync(scratch, { recursive: true, force: true });
  const [, miss, hit] = rows;
  const missed = [
    ...((miss?.ratio ?? 0) > WANTED.miss ? [`misses: ${String(WANTED.miss)} ×`] : []),
    ...((hit?.ratio ?? 0) > WANTED.hit ? [`hits: ${String(WANTED.hit)} ×`] : []),
  ];
  for (const each of missed) process.stdout.write(`MISSED: ${each}\n`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

if (mode === 'server') serve();
else await main();
