// The rig of the end-to-end tests: writes a project into a scratch folder, runs the built command line in it, reads what came out.
import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
/** Another build of the command line, where several are tried at a time. */
export const BINARY = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Beside PATH and an empty HOME; nothing else of the caller's environment reaches the program. */
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

const scratch: string[] = [];
// Long forms leave hundreds of folders.
const REMOVING = 600_000;
afterAll(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
}, REMOVING);

/** An empty folder that is gone after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'daydream-test-'));
  scratch.push(folder);
  return folder;
}

function start(args: readonly string[], { cwd = ROOT, env = {}, input = '' }: RunOptions = {}): Started {
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  child.stdin.on('error', () => {}).end(input);
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

/** Runs `daydream` with these words to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

export interface TestProject {
  readonly root: string;
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  readonly read: (name: string) => string;
  readonly exists: (name: string) => boolean;
  readonly remove: (name: string) => void;
  /** Replaces the one occurrence of a text in a file. */
  readonly edit: (name: string, before: string, after: string) => void;
  /** Every file below a folder, relative to the root, sorted. */
  readonly files: (folder?: string) => readonly string[];
  readonly run: (args: readonly string[], options?: Omit<RunOptions, 'cwd'>) => Promise<Ended>;
  readonly start: (args: readonly string[], options?: Omit<RunOptions, 'cwd'>) => Started;
}

/** A scratch folder with these texts, by path. */
export function makeProject(files: Readonly<Record<string, string>>): TestProject {
  const root = scratchFolder();
  const path = (name: string): string => join(root, name);
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    root,
    path,
    write,
    read,
    exists: (name) => existsSync(path(name)),
    remove: (name) => rmSync(path(name), { recursive: true }),
    edit(name, before, after) {
      const parts = read(name).split(before);
      if (parts.length !== 2) throw new Error(`${name} holds "${before}" ${parts.length - 1} times`);
      write(name, parts.join(after));
    },
    files: (folder = '.') => filesBelow(path(folder)).map((each) => relative(root, each)),
    run: (args, options) => run(args, { ...options, cwd: root }),
    start: (args, options) => start(args, { ...options, cwd: root }),
  };
}

/** The repository's own sample, which the offline model answers. */
export function sampleProject(): TestProject {
  return makeProject(sampleFiles());
}

/** The sample with these settings beside its own, in a JSON config: no start waits for TypeScript. */
export function sampleWith(settings: Readonly<Record<string, unknown>> = {}): TestProject {
  const { 'daydream.config.ts': _typed, ...files } = sampleFiles();
  const config = { templatesRoot: 'templates', provider: 'offline', ...settings };
  return makeProject({ ...files, 'daydream.config.json': JSON.stringify(config) });
}

/** Its texts by path: the inputs, and nothing that a build writes. */
export function sampleFiles(): Readonly<Record<string, string>> {
  const paths = [
    ...['daydream.config.ts', '.env.example', 'data/.gitignore', 'data/combo_mappings.csv'].map((name) =>
      join(ROOT, name),
    ),
    ...filesBelow(join(ROOT, 'data/1_raw')),
    ...filesBelow(join(ROOT, 'data/cohorts/first-light/spec')),
    ...filesBelow(join(ROOT, 'templates')),
  ];
  return Object.fromEntries(paths.map((path) => [relative(ROOT, path), readFileSync(path, 'utf8')]));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
