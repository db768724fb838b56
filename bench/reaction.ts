// A watch on a project of N generations: how long from a save to the printed plan, beside the raw watcher in the same rounds, and what
// it costs when nothing happens. Knows no table.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { watch as watchFiles } from 'chokidar';
import { writeProject } from './project.ts';

const DAYDREAM = resolve(import.meta.dirname, '../dist/daydream.js');

/** Milliseconds, as by default. */
export const SETTLE = 80;
export const IDLE_SECONDS = 20;

/** Milliseconds of each round. */
export interface Reaction {
  readonly name: string;
  readonly attempted: number;
  /** From the save to the printed plan. */
  readonly saved: readonly number[];
  /** Of those, what the plan itself took. */
  readonly own: readonly number[];
  /** Until a bare watcher heard of the same save. */
  readonly watcher: readonly number[];
}

export interface Idle {
  /** Of one processor. */
  readonly cpuPercent: number;
  /** Resident. */
  readonly megabytes: number;
}

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

export const SAVES: readonly Save[] = [
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

/** Builds a project and watches it. Without `idle`, what idling costs is not waited for. */
export async function watchProject(
  root: string,
  { wanted, rounds, saves, idle }: { wanted: number; rounds: number; saves: readonly Save[]; idle: boolean },
): Promise<{ readonly reactions: readonly Reaction[]; readonly idle: Idle | undefined }> {
  prepare(root, wanted);
  const child = spawn(process.execPath, [DAYDREAM, 'watch', '--json'], { cwd: root });
  const next = follow(child);
  await next('plan');
  await next('state watching');
  await wait(4000);
  const reactions: Reaction[] = [];
  for (const save of saves) reactions.push(await measureSave(root, next, { save, rounds }));
  const cost = idle ? await idleCost(child.pid ?? 0) : undefined;
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGINT');
  await ended;
  return { reactions, idle: cost };
}

async function measureSave(
  root: string,
  next: (type: string) => Promise<PlanLine>,
  { save: { name, path, edited }, rounds }: { readonly save: Save; readonly rounds: number },
): Promise<Reaction> {
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
  return { name, attempted, ...times };
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
