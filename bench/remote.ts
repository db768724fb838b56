// npm run bench:remote: what a team's remote cache costs a build that finds nothing there, and how fast what is there is brought and built.
// Provider and storage are a process of their own, each with a latency. Builds that are compared run at the same time, so that what else
// the machine does weighs on both. `npm run bench:remote -- hits`: the second half alone, printed and not written down. `… -- fetch URL`: a
// bare loop that fetches what is there and does nothing with it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Agent, request } from 'undici';
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
const [mode, place = ''] = process.argv.slice(2);
const scratch = mode === 'server' || mode === 'fetch' ? '' : mkdtempSync(join(tmpdir(), 'daydream-remote-'));
const [load = 0] = loadavg();
const running = new Set<ChildProcess>();

/**
 * Answers completions to `/<milliseconds>/v1/…`, and keeps what is put under `/<milliseconds>/ac/…`, each after that latency. `/looks`: when
 * each GET came, in milliseconds since the epoch; `/names`: what is kept. Ends with whoever started it.
 */
function serve(): void {
  const kept = new Map<string, string>();
  const looks: number[] = [];
  const answer = ({ method, url = '' }: IncomingMessage, response: ServerResponse, body: string): void => {
    const [, latency = '', , name = ''] = url.split('/');
    if (url === '/looks') return void response.end(JSON.stringify(looks.splice(0)));
    if (url === '/names') return void response.end(JSON.stringify([...kept.keys()]));
    if (method === 'POST') {
      const content = `${REPLY}${String(kept.size)} SCORE: 7.0`;
      const choices = [{ index: 0, message: { content }, finish_reason: 'stop' }];
      return void setTimeout(
        () => response.end(JSON.stringify({ id: 'g', choices, usage: USAGE })),
        Number(latency),
      );
    }
    if (method === 'GET') looks.push(now());
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
  process.stdin.resume().on('end', () => process.exit());
  server.listen(0, '127.0.0.1', 4096, () => {
    process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
  });
}

/** Fetches all that is kept, as many at a time as daydream does, and prints the seconds that it took. */
async function fetchAll(): Promise<void> {
  const { origin } = new URL(place);
  const names = (await (await fetch(`${origin}/names`)).json()) as string[];
  const dispatcher = new Agent({ connections: LOOKS });
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const { body } = await request(`${place}/ac/${name}`, { dispatcher });
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: LOOKS }, worker));
  process.stdout.write(`${String((performance.now() - begun) / 1000)}\n`);
  await dispatcher.close();
}

/** Milliseconds since the epoch, the same in every process here. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Done {
  /** When it ended: milliseconds since the epoch. */
  readonly ended: number;
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
  const begun = now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, DAYDREAM_REMOTE: remote, DAYDREAM_REMOTE_MODE: remote === '' ? 'off' : 'both' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = await outputOf(child);
  const cpu = Number(/^cpu ([\d.]+)$/m.exec(out)?.[1]);
  const ended = now();
  return { seconds: (ended - begun) / 1000, cpu, ended };
}

/** What a program printed, or an error with what it complained about. */
async function outputOf(child: ChildProcess): Promise<string> {
  running.add(child);
  let [out, complaint] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  running.delete(child);
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${out}${complaint}`);
  return out;
}

/** The server ends when its input does, so with this program, however that ends. */
async function serverAt(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const child = spawn(process.execPath, [JITI, import.meta.filename, 'server'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((told) => {
    child.stdout.once('data', (text: Buffer) => told(text.toString('utf8').trim()));
  });
  return { url, stop: () => void child.stdin.end() };
}

/** What was begun here ends here. */
function endWith(signal: NodeJS.Signals): void {
  process.once(signal, () => {
    for (const each of running) each.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
    process.kill(process.pid, signal);
  });
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
  readonly cpuMs: number | undefined;
}

const BUILD = ['build', 'stage:draft', '--yes', '--quiet'] as const;

async function misses(url: string): Promise<readonly Row[]> {
  const provider = `${url}/${String(LATENCY.call)}`;
  const [plain, looking] = await Promise.all([
    daydream(projectFor('without', provider), '', BUILD),
    daydream(projectFor('misses', provider), `${url}/${String(LATENCY.miss)}`, [
      ...BUILD,
      '--remote-wait',
      '0',
    ]),
  ]);
  return [
    rowOf('build without a remote cache', plain),
    rowOf(
      `the same, each question looked for in vain (${String(LATENCY.miss)} ms) and each answer sent`,
      plain,
      looking,
    ),
  ];
}

/** What took how long, over what it is compared with. */
function rowOf(what: string, compared: Done, done?: Done): Row {
  const { seconds, cpu } = done ?? compared;
  return {
    what,
    seconds: seconds.toFixed(1),
    ratio: done === undefined ? undefined : done.seconds / compared.seconds,
    cpuMs: (cpu * 1000) / QUESTIONS,
  };
}

/** `bought`: a project that has all answers. */
async function hits(url: string, bought: string, provider: string): Promise<readonly Row[]> {
  await daydream(bought, `${url}/0`, ['cache', 'push', '--quiet']);
  await looksAt(url);
  const remote = `${url}/${String(LATENCY.hit)}`;
  const before = await bareFetch(remote);
  const pulling = projectFor('pulled', provider);
  const pull = await daydream(pulling, remote, ['cache', 'pull', 'stage:draft', '--quiet']);
  const looks = await looksAt(url);
  if (looks.length !== QUESTIONS) throw new Error(`${String(looks.length)} looks came`);
  const seconds = (pull.ended - (looks[0] ?? 0)) / 1000;
  const bare = (before + (await bareFetch(remote))) / 2;
  await looksAt(url);
  const [local, remoteBuild] = await Promise.all([
    daydream(pulling, '', BUILD),
    daydream(projectFor('hits', provider), remote, BUILD),
  ]);
  return [
    {
      what: `a bare loop that fetches each answer (${String(LATENCY.hit)} ms), ${String(LOOKS)} at a time, and keeps none; the latency alone allows ${((QUESTIONS * LATENCY.hit) / LOOKS / 1000).toFixed(1)} s`,
      seconds: bare.toFixed(1),
      ratio: undefined,
      cpuMs: undefined,
    },
    {
      what: '`cache pull` of the same, from its first look to its end',
      seconds: seconds.toFixed(1),
      ratio: seconds / bare,
      cpuMs: (pull.cpu * 1000) / QUESTIONS,
    },
    rowOf('build out of its own response cache, which was pulled', local),
    rowOf(
      `the same, out of the remote cache (${String(LATENCY.hit)} ms), each answer kept`,
      local,
      remoteBuild,
    ),
  ];
}

/** Seconds. */
async function bareFetch(remote: string): Promise<number> {
  const child = spawn(process.execPath, [JITI, import.meta.filename, 'fetch', remote], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = Number(await outputOf(child));
  await looksAt(new URL(remote).origin);
  return seconds;
}

/** Forgets them. */
async function looksAt(url: string): Promise<readonly number[]> {
  return (await (await fetch(`${url}/looks`)).json()) as number[];
}

/** Builds with a provider that answers at once. */
async function boughtFor(provider: string): Promise<string> {
  const folder = projectFor('bought', provider);
  await daydream(folder, '', BUILD);
  return folder;
}

async function main(): Promise<void> {
  endWith('SIGINT');
  endWith('SIGTERM');
  const { url, stop } = await serverAt();
  let rows: readonly Row[];
  try {
    const [provider, atOnce] = [`${url}/${String(LATENCY.call)}`, `${url}/0`];
    rows =
      mode === 'hits'
        ? await hits(url, await boughtFor(atOnce), atOnce)
        : [...(await misses(url)), ...(await hits(url, join(scratch, 'without'), provider))];
  } finally {
    stop();
    rmSync(scratch, { recursive: true, force: true });
  }
  const cells = rows.map(({ what, seconds, ratio, cpuMs }) => [
    what,
    `${seconds} s`,
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    cpuMs === undefined ? '' : `${cpuMs.toFixed(2)} ms`,
  ]);
  const table = tableOf(['what', 'took', 'of what it is compared with', 'CPU a question'], cells);
  if (mode === 'hits') console.log(table);
  else
    writeSection(
      'Remote cache',
      `${circumstances(tmpdir())}. Made by \`npm run bench:remote\`: ${String(QUESTIONS)} questions to a provider of
${String(LATENCY.call)} ms at ${String(CONCURRENCY)} a time. Two builds each run at the same time, and are compared with each other; what is pulled is compared with a bare loop
that fetches as much at a time from the same server just before and just after, and is as safe on the disk as a paid reply at its end. CPU a question has threads and start in it; provider and storage take a share of the
same processors. Before it the machine's load was ${String(load.toFixed(1))}.

${table}`,
    );
  const [pulled, , built] = rows.slice(-3);
  const missed = [
    ...(mode !== 'hits' && (rows[1]?.ratio ?? 0) > WANTED.miss ? [`misses: ${String(WANTED.miss)} ×`] : []),
    ...((pulled?.ratio ?? 0) > WANTED.hit ? [`pull: ${String(WANTED.hit)} ×`] : []),
    ...((built?.ratio ?? 0) > WANTED.hit ? [`build of hits: ${String(WANTED.hit)} ×`] : []),
  ];
  for (const each of missed) process.stdout.write(`MISSED: ${each}\n`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

if (mode === 'server') serve();
else if (mode === 'fetch') await fetchAll();
else await main();
