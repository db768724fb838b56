// npm run bench:watch: how long from a save to the printed plan, beside the raw watcher in the same rounds, and what an idle watch
// costs. Saved are a template, and what every generation is made from: a concept of all combos, and the settings of every stage.
// Projects of 1,000 and 100,000 generations, taken for the work of a paid provider, with a ledger that has a line for each.
//
//   npm run bench:watch -- [--sizes 1000,100000] [--rounds 20] [--dir FOLDER]
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { watch as watchFiles } from 'chokidar';
import { writeProject } from './project.ts';
import { median } from './timing.ts';

const DAYDREAM = resolve(import.meta.dirname, '../dist/daydream.js');
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,100000' },
    rounds: { type: 'string', default: '20' },
    dir: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const scratch = values.dir ?? mkdtempSync(join(tmpdir(), 'daydream-watch-bench-'));
const SETTLE = 80;
const IDLE_SECONDS = 20;

interface PlanLine {
  readonly type: string;
  readonly attempted?: number;
  readonly ms?: number;
}

/** Lines of a watch's event stream, each handed to whoever waits. */
function follow(child: ChildProcess): (type: string) => Promise<PlanLine> {
  const waiting = new Map<string, (line: PlanLine) => void>();
  const came = new Map<string, PlanLine>();
  if (child.stdout === null) throw new Error('no standard output');
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as PlanLine;
    const key = line.type === 'state' ? `state ${(line as unknown as { state: string }).state}` : line.type;
    const taker = waiting.get(key);
    waiting.delete(key);
    if (taker === undefined) came.set(key, line);
    else taker(line);
  });
  return (type) => {
    const there = came.get(type);
    came.delete(type);
    return there === undefined ? new Promise((taken) => waiting.set(type, taken)) : Promise.resolve(there);
  };
}

const CONFIG = {
  confirmAbove: 0,
  provider: 'paid',
  providers: { paid: { baseURL: 'http://127.0.0.1:9/v1' } },
  models: { m1: { inputPrice: 1, outputPrice: 2 } },
};

function daydream(root: string, ...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [DAYDREAM, ...args, '-q'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}`);
}

/** Built by the offline model, then taken over for a provider that would have to be paid: a plan has everything to price. */
function prepare(root: string, wanted: number): void {
  if (existsSync(join(root, 'data/.daydream/calls.jsonl'))) return;
  writeProject(root, wanted);
  daydream(root, 'build');
  writeFileSync(join(root, 'daydream.config.json'), JSON.stringify(CONFIG));
  daydream(root, 'adopt');
  const lines = ['draft', 'essay', 'evaluation'].flatMap((stage) =>
    readdirSync(join(root, 'data/gens', stage)).map((id, number) => lineOf(stage, id, number)),
  );
  writeFileSync(join(root, 'data/.daydream/calls.jsonl'), `${lines.join('\n')}\n`);
}

function lineOf(stage: string, id: string, number: number): string {
  return JSON.stringify({
    version: 1,
    when: new Date(1_790_000_000_000 + number * 100).toISOString(),
    stage,
    gen_id: id,
    cohort: 'bench',
    template: `t-${String(number % 20).padStart(2, '0')}`,
    model: 'maker/m1',
    provider: 'paid',
    pool: 'llm_api_paid',
    attempt: 1,
    outcome: 'reply',
    prompt_estimate: 300 + (number % 97),
    prompt_tokens: 310 + (number % 97),
    completion_tokens: 380 + (number % 211),
    cost: 0.0011,
    cost_from: 'tokens',
    duration_ms: 500 + (number % 400),
  });
}

interface Save {
  readonly name: string;
  readonly path: string;
  /** The file in another round, from what it holds. */
  readonly edited: (text: string, round: number) => string;
}

const SAVES: readonly Save[] = [
  {
    name: 'a template',
    path: 'data/1_raw/templates/evaluation/t-00.txt',
    edited: (text, round) => `${text}Round ${round} of ${Date.now()}.\n`,
  },
  {
    name: 'a concept of every combo',
    path: 'data/1_raw/concepts/descriptions-paragraph/c-00.txt',
    edited: (text, round) => `${text.trimEnd()} Round ${round} of ${Date.now()}.\n`,
  },
  {
    name: 'the temperature of every stage',
    path: 'daydream.config.json',
    edited(text, round) {
      const stage = { temperature: (round + 1) / 1000 };
      return JSON.stringify({
        ...(JSON.parse(text) as object),
        stages: { draft: stage, essay: stage, evaluation: stage },
      });
    },
  },
];

async function measure(wanted: number): Promise<void> {
  const root = join(scratch, `w${wanted}`);
  prepare(root, wanted);
  const child = spawn(process.execPath, [DAYDREAM, 'watch', '--json'], { cwd: root });
  const next = follow(child);
  await next('plan');
  await next('state watching');
  await wait(4000);
  console.log(`${wanted} generations, ${rounds} rounds, settle time ${SETTLE} ms`);
  for (const save of SAVES) await measureSave(root, next, save);
  const idle = await idleCost(child.pid ?? 0);
  child.kill('SIGINT');
  console.log(
    `  idle                    ${idle.cpuPercent.toFixed(2)} % of one CPU over ${IDLE_SECONDS} s, ${idle.megabytes.toFixed(0)} MB resident`,
  );
}

async function measureSave(
  root: string,
  next: (type: string) => Promise<PlanLine>,
  { name, path, edited }: Save,
): Promise<void> {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8');
  let heard = (): void => {};
  const raw = watchFiles(file, { ignoreInitial: true, atomic: false }).on('all', () => heard());
  await new Promise<void>((ready) => void raw.once('ready', () => ready()));
  const times: Readonly<Record<'saved' | 'own' | 'watcher', number[]>> = { saved: [], own: [], watcher: [] };
  let attempted = 0;
  for (let round = 0; round <= rounds; round++) {
    const changed = edited(text, round);
    const started = performance.now();
    const event = new Promise<number>((arrived) => {
      heard = () => arrived(performance.now() - started);
    });
    writeFileSync(file, changed);
    const line = await next('plan');
    const printed = performance.now() - started;
    const latency = await event;
    if (round > 0) {
      times.saved.push(printed);
      times.own.push(line.ms ?? Number.NaN);
      times.watcher.push(latency);
    }
    attempted = line.attempted ?? 0;
    // The plan is dear, and is asked about: nothing runs between two rounds.
    await next('state asking');
    await wait(700);
  }
  writeFileSync(file, text);
  await next('plan');
  await raw.close();
  console.log(` ${name} saved: ${attempted} generations to run`);
  row('save to printed plan', times.saved);
  row("the plan's own share", times.own);
  row('the raw watcher', times.watcher);
}

function row(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const p95 = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] ?? Number.NaN;
  console.log(
    `  ${name.padEnd(22)}  median ${median(times).toFixed(1)} ms, 95th percentile ${p95.toFixed(1)} ms`,
  );
}

/** From /proc: ticks of CPU while nothing happens, and the resident memory. */
async function idleCost(pid: number): Promise<{ readonly cpuPercent: number; readonly megabytes: number }> {
  await wait(4000);
  const before = ticks(pid);
  await wait(IDLE_SECONDS * 1000);
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuPercent: (ticks(pid) - before) / IDLE_SECONDS, megabytes: Number(resident) / 1024 };
}

/** User and system time in hundredths of a second. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

for (const size of values.sizes.split(',').map(Number)) await measure(size);
process.exit();
