// Times whole processes and compares them in the same run. Knows nothing of what they do.
import { spawnSync } from 'node:child_process';

export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Called before each run, outside the measured time. */
  readonly before?: (round: number) => void;
  /** Exit codes that count as success; 0 by default. */
  readonly codes?: readonly number[];
}

/** Milliseconds of a whole process. */
export function time({ command, args, cwd, codes = [0] }: Run): number {
  const started = process.hrtime.bigint();
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status === null || !codes.includes(result.status)) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${String(result.status)}: ${result.stderr.toString().slice(0, 2000)}`,
    );
  }
  return ms;
}

/** Times several commands in turn, round after round, after one round that does not count. */
export function interleaved(
  runs: Readonly<Record<string, Run>>,
  rounds: number,
): Readonly<Record<string, readonly number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      run.before?.(round);
      const ms = time(run);
      if (round > 0) times[name]?.push(ms);
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The smallest value that so much of all values does not pass; `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The median of the ratios of each round: what a noisy machine can be trusted with. */
export function ratio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

/** Peak memory of a process in MB, as the system counts it; undefined where `/usr/bin/time -v` is missing. */
export function peakMegabytes({ command, args, cwd }: Run): number | undefined {
  const result = spawnSync('/usr/bin/time', ['-v', command, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const found = /Maximum resident set size \(kbytes\): (\d+)/.exec(result.stderr?.toString() ?? '');
  return found === null ? undefined : Number(found[1]) / 1024;
}

export function installed(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}
