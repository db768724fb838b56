// npm run bench:watch: how long from the save of a template to the printed plan, beside the raw watcher in the same rounds, and what
// an idle watch costs. Projects of 1,000 and 100,000 generations, built by the offline model.
//
//   npm run bench:watch -- [--sizes 1000,100000] [--rounds 20] [--dir FOLDER]
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
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

async function measure(wanted: number): Promise<void> {
  const root = join(scratch, `w${wanted}`);
  if (!existsSync(join(root, 'data/gens'))) {
    writeProject(root, wanted);
    const built = spawnSync(process.execPath, [DAYDREAM, 'build', '-q'], { cwd: root, stdio: 'inherit' });
    if (built.status !== 0) throw new Error(`build ended with ${String(built.status)}`);
  }
  const child = spawn(process.execPath, [DAYDREAM, 'watch', '--plan', '--json'], { cwd: root });
  const next = follow(child);
  const template = join(root, 'data/1_raw/templates/evaluation/t-00.txt');
  const text = readFileSync(template, 'utf8');
  let heard = (): void => {};
  const raw = watchFiles(template, { ignoreInitial: true, atomic: false }).on('all', () => heard());
  await new Promise<void>((ready) => void raw.once('ready', () => ready()));
  await next('plan');
  await next('state watching');
  await wait(3000);
  const saved: number[] = [];
  const own: number[] = [];
  const watcher: number[] = [];
  let attempted = 0;
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    const event = new Promise<number>((arrived) => {
      heard = () => arrived(performance.now() - started);
    });
    writeFileSync(template, `${text}Round ${round} of ${Date.now()}.\n`);
    const line = await next('plan');
    const printed = performance.now() - started;
    const latency = await event;
    if (round > 0) {
      saved.push(printed);
      own.push(line.ms ?? Number.NaN);
      watcher.push(latency);
    }
    attempted = line.attempted ?? 0;
    await wait(700);
  }
  writeFileSync(template, text);
  await next('plan').catch(() => undefined);
  const idle = await idleCost(child.pid ?? 0);
  child.kill('SIGINT');
  await raw.close();
  console.log(
    `${wanted} generations, ${attempted} of them stale after a save, ${rounds} rounds, settle time ${SETTLE} ms`,
  );
  row('save to printed plan', saved);
  row("the plan's own share", own);
  row('the raw watcher', watcher);
  console.log(
    `  idle                    ${idle.cpuPercent.toFixed(2)} % of one CPU over ${IDLE_SECONDS} s, ${idle.megabytes.toFixed(0)} MB resident`,
  );
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
