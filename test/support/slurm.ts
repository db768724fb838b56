// SLURM on this machine, for one test file: munge, a controller and one node, all on the loopback, in a folder of their own.
//
//   const cluster = await startSlurm(scratchFolder());
//   const { stdout } = await cluster.command('sbatch', ['--parsable', 'job.sbatch'], { cwd });
//   await cluster.ended(stdout.trim());        // all tasks of the array
//   await cluster.close();
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { locate } from './needs.ts';

export interface Cluster {
  /** One of SLURM's commands, to its end; rejects when it fails. */
  readonly command: (
    name: 'sbatch' | 'scontrol' | 'squeue' | 'sinfo',
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ) => Promise<string>;
  /** Resolves when no task of the job waits or runs any more, with what each ended with: `COMPLETED`, `FAILED` … by its number. */
  readonly ended: (job: string) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => Promise<void>;
}

/** So long is waited for a daemon or a job, at most. */
const PATIENCE_MS = 180_000;

/** `folder`: empty; all of the cluster's files go there. */
export async function startSlurm(folder: string): Promise<Cluster> {
  const at = (name: string): string => join(folder, name);
  for (const name of ['state', 'spool']) mkdirSync(at(name));
  writeFileSync(at('munge.key'), randomBytes(64));
  chmodSync(at('munge.key'), 0o400);
  writeFileSync(at('slurm.conf'), configuration(folder, await freePorts(2)));
  const daemons: ChildProcess[] = [];
  const begin = (program: string, args: readonly string[]): void => {
    daemons.push(spawn(program, args, { env: environment(folder), stdio: 'ignore' }));
  };
  const command: Cluster['command'] = (name, args, options = {}) => output(name, args, folder, options);
  const close = async (): Promise<void> => {
    for (const daemon of daemons.reverse()) await stopped(daemon);
    endJobs(folder);
  };
  try {
    const munge = ['key-file', 'socket', 'pid-file', 'log-file', 'seed-file'].map(
      (each) => `--${each}=${at(`munge.${each.replace('-file', '')}`)}`,
    );
    begin(locate('munge'), ['--foreground', '--force', ...munge]);
    begin(locate('slurm-wlm'), ['-D']);
    begin(locate('slurm-wlm').replace(/slurmctld$/, 'slurmd'), ['-D']);
    await until('the node is idle', async () => {
      const state = await command('sinfo', ['--noheader', '--format=%T']).catch(() => '');
      return state.trim() === 'idle' ? true : undefined;
    });
  } catch (error) {
    await close();
    throw new Error(`SLURM did not start: ${String(error)}\n${logs(folder)}`, { cause: error });
  }
  return { command, close, ended: (job) => tasksOf(job, command) };
}

// A job that is requeued waits until the credential of its last run is too old to be used: 5 s instead of 2 min. Who does not end when
// it is told to is killed after a second.
function configuration(folder: string, [controller = 0, node = 0]: readonly number[]): string {
  return `ClusterName=daydream
SlurmctldHost=${hostname()}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=${userInfo().username}
SlurmdUser=${userInfo().username}
SlurmctldPort=${controller}
SlurmdPort=${node}
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
KillWait=1
SlurmdParameters=config_overrides
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

function environment(folder: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: folder, SLURM_CONF: join(folder, 'slurm.conf'), ...more };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((done) => server.once('listening', done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function output(
  name: string,
  args: readonly string[],
  folder: string,
  { cwd = folder, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const child = spawn(name, args, {
    cwd,
    env: environment(folder, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (said[stream] += text));
  return new Promise((done, fail) => {
    child.on('error', fail).on('close', (code) => {
      if (code === 0) done(said.stdout);
      else fail(new Error(`${name} ${args.join(' ')} ended with ${code}: ${said.stderr}`));
    });
  });
}

const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'NODE_FAIL', 'OUT_OF_MEMORY']);

function tasksOf(job: string, command: Cluster['command']): Promise<ReadonlyMap<string, string>> {
  return until(`job ${job} is over`, async () => {
    const text = await command('scontrol', ['--oneliner', 'show', 'job', job]);
    const tasks = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [fieldIn(line, 'ArrayTaskId'), fieldIn(line, 'JobState')] as const);
    return tasks.every(([, state]) => OVER.has(state)) ? new Map(tasks) : undefined;
  });
}

function fieldIn(line: string, name: string): string {
  return new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1] ?? '';
}

/** Asks again and again, since nobody here says when it is so. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const started = Date.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() - started > PATIENCE_MS) throw new Error(`waited in vain until ${what}`);
    await new Promise((done) => setTimeout(done, 250));
  }
}

async function stopped(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const gone = new Promise((done) => daemon.once('exit', done));
  daemon.kill('SIGTERM');
  const hard = setTimeout(() => daemon.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(hard);
}

/** What runs a job outlives the node's daemon: all that has this cluster's configuration in its environment is ended. */
function endJobs(folder: string): void {
  const ours = `SLURM_CONF=${join(folder, 'slurm.conf')}`;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      if (environ.includes(ours)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to somebody else.
    }
  }
}

function logs(folder: string): string {
  return ['munge.log', 'slurmctld.log', 'slurmd.log']
    .map((name) => {
      try {
        return `${name}: ${readFileSync(join(folder, name), 'utf8').slice(-2000)}`;
      } catch {
        return `${name}: nothing`;
      }
    })
    .join('\n');
}
