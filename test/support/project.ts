// The rig of the end-to-end tests: writes a project into a scratch folder, runs the built command line in it, reads what came out.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ROOT, start, type Ended, type StartOptions, type Started } from './program.ts';
import { startResident, type Resident } from './resident.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;

const scratch: string[] = [];
/** Processes that wait for a command, of whichever file; a warm one takes a small command in a tenth of the time. */
const idle: Resident[] = [];
const IDLE_AT_MOST = 2;
const working = new Set<Resident>();

/** Ends what the tests of a file left at work here and removes what they wrote. */
export async function clearUp(): Promise<void> {
  await Promise.all([...working].map((resident) => resident.close()));
  working.clear();
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** An empty folder that is gone after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'daydream-test-'));
  scratch.push(folder);
  return folder;
}

/**
 * Runs `daydream` with these words to its end. A process takes one command after the other, which saves the start of most; one that
 * comes while it is at work gets another, and what wants a Node of its own gets that. In the long forms, all do.
 */
export async function run(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const { cwd = ROOT, env = {}, input } = options;
  const forNode = Object.keys(env).some((name) => name.startsWith('NODE_'));
  if (forNode || input !== undefined || SOAK) return start(args, options).ended;
  const resident = idle.pop() ?? startResident();
  working.add(resident);
  try {
    const ended = await resident.run(args, cwd, env);
    // One that was ended meanwhile, with the tests that had left it at work, takes no other command.
    if (working.delete(resident) && idle.length < IDLE_AT_MOST) idle.push(resident);
    else await resident.close();
    return ended;
  } catch (error) {
    working.delete(resident);
    await resident.close();
    throw error;
  }
}

/** Copies what lies in a folder into another, with times and inodes of its own. Half of what Node's `cpSync` takes. */
export function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFileSync(source, target);
  }
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
  readonly run: (args: readonly string[], options?: Omit<StartOptions, 'cwd'>) => Promise<Ended>;
  readonly start: (args: readonly string[], options?: Omit<StartOptions, 'cwd'>) => Started;
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
