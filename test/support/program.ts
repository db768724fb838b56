// The built command line as a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
/** Another build of the command line, where several are tried at a time. */
export const BINARY = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');
/** Options of Node for a program that must not outlive the test's process, to which it needs a channel. */
export const WITH_PARENT: readonly string[] = ['--require', join(import.meta.dirname, 'withparent.cjs')];

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Beside what `environmentIn` gives. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; empty without it. */
  readonly input?: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard output and standard error together hold the text; rejects when the program ends before. */
  readonly said: (text: string) => Promise<void>;
}

/** All that reaches the program of the caller's environment. */
export function environmentIn(
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '', HOME: cwd, TMPDIR: tmpdir(), ...more };
}

export function start(
  args: readonly string[],
  { cwd = ROOT, env = {}, input = '' }: StartOptions = {},
): Started {
  const child = spawn(process.execPath, [...WITH_PARENT, BINARY, ...args], {
    cwd,
    env: environmentIn(cwd, env),
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  child.stdin?.on('error', () => {}).end(input);
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail).on('close', (code) => done({ code, ...output }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => {
        if ((output.stdout + output.stderr).includes(text)) done();
      };
      listeners.add(look);
      look();
      void ended.then(() =>
        fail(new Error(`ended without saying "${text}":\n${output.stdout}${output.stderr}`)),
      );
    });
  return { child, ended, said };
}
