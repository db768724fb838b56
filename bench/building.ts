// Runs builds, and programs beside them, against a provider in a process of its own, and reads what they used. Measures no time.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Seen } from './provider.ts';
import { writeProject } from './project.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BINARY = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');
/** Runs a file in TypeScript, as the first argument after Node's own. */
export const JITI = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs');

export function program(args: readonly string[], options: { cwd?: string } = {}): ChildProcess {
  return spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a program printed, or an error with what it complained about. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let [out, complaint] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${out}${complaint}`);
  return out;
}

export interface Provider {
  readonly url: string;
  readonly seen: () => Promise<Seen>;
  readonly close: () => void;
}

/** One that answers after so long. */
export async function startProvider(latencyMs: number): Promise<Provider> {
  const server = program([JITI, join(import.meta.dirname, 'provider.ts'), String(latencyMs)]);
  const url = await new Promise<string>((told) => {
    server.stdout?.once('data', (text: Buffer) => told(text.toString('utf8').trim()));
  });
  return {
    url,
    seen: async () => (await (await fetch(`${url}/seen`)).json()) as Seen,
    close: () => void server.kill(),
  };
}

/** Printed by the program that is measured, its threads counted; a thread loads it too, and must say nothing. */
const USE_REPORT = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write('used ' + (user + system) / 1000 + ' ' + process.resourceUsage().maxRSS / 1024 + '\\n');
});`;

/** What a process took from start to end. */
export interface Used {
  /** Milliseconds of processor time, of all threads. */
  readonly cpuMs: number;
  /** The most memory that it had at a time. */
  readonly megabytes: number;
}

/** A project of so many generations in an empty folder, asked of the provider with so many calls at a time. */
export function projectAsking(
  folder: string,
  url: string,
  size: { generations: number; concurrency: number },
): void {
  mkdirSync(folder, { recursive: true });
  writeProject(folder, size.generations);
  const config = {
    provider: 'bench',
    providers: { bench: { baseURL: `${url}/v1` } },
    pools: { llm_api_paid: { concurrency: size.concurrency } },
  };
  writeFileSync(join(folder, 'daydream.config.json'), JSON.stringify(config));
}

/** `daydream build` with these words. */
export async function build(folder: string, words: readonly string[]): Promise<Used> {
  const args = ['--import', `data:text/javascript,${encodeURIComponent(USE_REPORT)}`, BINARY, 'build'];
  const out = await outputOf(program([...args, ...words, '--yes', '--quiet'], { cwd: folder }));
  const [, cpuMs, megabytes] = /^used ([\d.]+) ([\d.]+)$/m.exec(out) ?? [];
  return { cpuMs: Number(cpuMs), megabytes: Number(megabytes) };
}
