// Every command of README.md and docs/*.md, run as it stands there: page by page and in order, in a scratch project. Models that a
// page asks are asked on the loopback interface.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  blocksOf,
  documentedKeys,
  fileLinks,
  inlineCommands,
  pattern,
  type DocBlock,
  type DocCommand,
} from '../support/docpage.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { locate, needing } from '../support/needs.ts';
import type { Ended } from '../support/program.ts';
import { copyFolder, run, sampleWith, scratchFolder } from '../support/project.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .sort();
/** What a page starts from; the other pages start from the sample project, built and committed. */
const EMPTY_AT_FIRST = 'docs/guide.md';

/** What stands for what in a sentence or a table: names and ids of the sample project. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  '<cohort>': 'first-light',
  '<gen_id>': 'd_5dpejqnni3lflpgx',
  '<draft>': 'd_5dpejqnni3lflpgx',
  '<essay>': 'e_ptw7g96bw1akmdc',
  '<evaluation>': 'v_4xbcne3fmcs9gfz',
  '<template>': 'rolling-thread',
  '<concept> <concept>': 'kite lighthouse',
  '<name>': 'second-light',
  NAME: 'second-light',
  ID: 'd_5dpejqnni3lflpgx',
};

/** What is meant where only the name of a command is mentioned that does nothing without more. */
const WHOLE: Readonly<Record<string, string>> = {
  export: 'export --out all.parquet',
  top: 'top --rubric surprise',
  'models refresh': 'models refresh --provider openrouter',
};

let provider: FakeProvider;
let environment: Readonly<Record<string, string>>;
let built: string;

beforeAll(async () => {
  provider = await startFakeProvider({
    answer: ({ index }) =>
      [
        `<essay-idea stage="1">\nA thought, number ${index}.\n</essay-idea>`,
        'It holds.',
        `SCORE: ${4 + (index % 5)}`,
      ].join('\n\n'),
    cost: () => 0.0004,
    models: ['google/gemini-2.5-flash', 'anthropic/claude-sonnet-4', 'qwen/qwen3-235b-a22b:free'].map(
      (id) => ({
        id,
        context_length: 131_072,
        pricing: { prompt: '0.0000003', completion: '0.0000025' },
      }),
    ),
  });
  environment = environmentFor(scratchFolder());
  const sample = sampleWith();
  built = sample.root;
  // A quarter of it, with its objects in one pack, is enough, and quicker to copy.
  sample.edit('data/cohorts/first-light/spec/config.yaml', '[sonnet-4, qwen3_235b_f]', '[sonnet-4]');
  sample.edit('data/cohorts/first-light/spec/config.yaml', '_replicate: [1, 2]\n\n', '_replicate: [1]\n\n');
  const setUp = 'git init -qb main && daydream build -q && git add -A && git commit -qm sample && git gc -q';
  execFileSync(locate('bash'), ['-ec', setUp], { cwd: built, env: environment, stdio: 'ignore' });
});

afterAll(() => provider.close());

/** `daydream` and `npx --no-install daydream` run this build, `npx` alone nothing; `npm` has nothing to install; a session in git leaves the caller's habits alone. */
function environmentFor(bin: string): Readonly<Record<string, string>> {
  const binary = process.env['DAYDREAM_BINARY'] ?? join(ROOT, 'dist/daydream.js');
  const scripts = {
    daydream: `exec '${process.execPath}' '${binary}' "$@"`,
    npx: '[ "$1" = --no-install ] && shift && exec "$@"',
    npm: 'exit 0',
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const git = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'A Reader'],
      [`GIT_${who}_EMAIL`, 'reader@example.org'],
    ]),
  );
  return {
    ...git,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: bin,
    NO_COLOR: '1',
    OPENROUTER_BASE_URL: provider.url,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  };
}

/**
 * A shell that goes on where the last command left it: the folder and the exported variables are kept. What is nothing but `daydream`
 * and its words goes to the process that stays.
 */
class Shell {
  readonly #left = join(scratchFolder(), 'environment');
  #environment = environment;
  folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async run(command: string, until?: Until): Promise<Ended> {
    const [name, ...words] = plainWords(command.replace(/^npx --no-install (?=daydream )/, '')) ?? [];
    const place = { cwd: this.folder, env: this.#environment };
    if (name === 'daydream' && until === undefined) return run(words, place);
    const script = `trap "env -0 >'${this.#left}'" EXIT\n${withoutSourcing(command)}`;
    const ended = await runToItsEnd(script, { ...place, until });
    // What was ended by a Ctrl-C need not have left anything.
    if (existsSync(this.#left)) this.#environment = variablesIn(this.#left);
    this.folder = this.#environment['PWD'] ?? this.folder;
    return ended;
  }
}

/** What `env -0` wrote. */
function variablesIn(path: string): Readonly<Record<string, string>> {
  const lines = readFileSync(path, 'utf8').split('\0').slice(0, -1);
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** The words of a line in which a shell has nothing to do but to split it; undefined for another. A comment at its end is left out. */
function plainWords(line: string): readonly string[] | undefined {
  const text = line.replace(/(?:^| )#[^'"]*$/, '').trim();
  const words = text.match(/(?:[\w.:,=@/+%-]|'[^']*'|"[^"$`\\!]*")+/g) ?? [];
  return words.join(' ') === text.replaceAll(/ +/g, ' ')
    ? words.map((word) => word.replaceAll(/['"]([^'"]*)['"]/g, '$1'))
    : undefined;
}

/** A page may fill the reader's own shell with a script: here it is enough that the script is printed. */
function withoutSourcing(command: string): string {
  return command.replace(/^source <\((.*?)\)/, '$1');
}

/** Patterns of what a command says before it gets its Ctrl-C; undefined for one that ends by itself. */
type Until = readonly RegExp[] | undefined;

function runToItsEnd(
  script: string,
  { cwd, env, until }: { cwd: string; env: Readonly<Record<string, string>>; until: Until },
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(locate('bash'), ['-c', script], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const said = { stdout: '', stderr: '' };
    let open = until;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
        const all = said.stdout + said.stderr;
        if (open === undefined || !open.every((each) => each.test(all))) return;
        open = undefined;
        process.kill(-(child.pid ?? 0), 'SIGINT');
      });
    }
    const limit = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), LIMIT_MS);
    child.on('error', fail).on('close', (code) => {
      clearTimeout(limit);
      done({ code, ...said });
    });
  });
}

/** A command that does not come to its end, or a watch that never says what the page shows, is given up. */
const LIMIT_MS = 30_000;

/** What does not go as the page says; the first of it, since the rest may follow from that. */
async function follow(shell: Shell, page: string, blocks: readonly DocBlock[]): Promise<string | undefined> {
  for (const { commands, shows } of blocks) {
    let said = '';
    for (const command of commands) {
      const { code, stdout, stderr } = await shell.run(
        command.text,
        isWatch(command) ? untilShown(shows) : undefined,
      );
      said += stdout + stderr;
      if (code !== (isWatch(command) ? 130 : command.exits))
        return `${page}:${command.line}: ${command.text}\nended with ${code}:\n${stdout}${stderr}`;
    }
    const missing = shows.find((line) => !pattern(line).test(said));
    if (missing !== undefined)
      return `${page}:${commands[0]?.line ?? 0}: "${missing}" is not in what was said:\n${said}`;
  }
  return undefined;
}

function isWatch({ text }: DocCommand): boolean {
  return /\bdaydream watch\b/.test(text);
}

/** A watch goes on until Ctrl-C, which it gets when it has said what the page shows, or when it is there. */
function untilShown(shows: readonly string[]): readonly RegExp[] {
  return shows.length > 0 ? shows.map(pattern) : [/^watching |"type":"watching"/m];
}

/** A command of a sentence or a table: in a project of its own, if it may change something for the others. */
async function runMentioned(words: string): Promise<Ended> {
  const line = Object.entries(PLACEHOLDERS).reduce(
    (text, [name, value]) => text.replaceAll(name, value),
    WHOLE[words] ?? words,
  );
  if (line.startsWith('init')) return runLine(line, scratchFolder());
  const folder = CHANGES.test(line) ? copyOfBuilt() : built;
  return runLine(line, folder).finally(() => {
    if (folder !== built) rmSync(folder, { recursive: true });
  });
}

function runLine(line: string, folder: string): Promise<Ended> {
  // Only these need one.
  const shared = { DAYDREAM_REMOTE: `file:${folder}`, DAYDREAM_REMOTE_MODE: 'both' };
  const env = line.startsWith('cache ') ? { ...environment, ...shared } : environment;
  const words = plainWords(line);
  if (words !== undefined) return run(words, { cwd: folder, env });
  return new Shell(folder).run(`daydream ${line}`);
}

const CHANGES =
  /^(?:build|adopt|restore|top|report|export|cohort (?:new|compile|curate|combos add)|models refresh)|--(?:yes|fix)/;

function copyOfBuilt(): string {
  const folder = scratchFolder();
  copyFolder(built, folder);
  return folder;
}

describe.each(PAGES)('%s', needing('bash'), (page) => {
  const path = join(ROOT, page);

  it('links to files that are there', () => {
    const dead = fileLinks(path).filter((target) => !existsSync(join(dirname(path), target)));
    expect(dead).toEqual([]);
  });

  const blocks = blocksOf(path);
  it.runIf(blocks.length > 0)(
    'can be followed from its first command to its last',
    { timeout: 240_000 },
    async () => {
      const shell = new Shell(page === EMPTY_AT_FIRST ? scratchFolder() : copyOfBuilt());
      expect(await follow(shell, page, blocks)).toBeUndefined();
    },
  );

  const inline = inlineCommands(path).filter(
    (words) => words !== '' && !/^(?:watch|ui)\b|<batch>/.test(words),
  );
  it.runIf(inline.length > 0)(
    'mentions commands that work, and the keys of their JSON',
    { timeout: 240_000 },
    async () => {
      const documented = documentedKeys(path);
      const wrong: string[] = [];
      for (const words of inline) {
        const { code, stdout, stderr } = await runMentioned(words);
        if (code !== 0 && code !== 1)
          wrong.push(`daydream ${words}\nended with ${code}:\n${stdout}${stderr}`);
        const keys = documented.get(words)?.join();
        const found = keys === undefined ? undefined : Object.keys(JSON.parse(stdout) as object).join();
        if (found !== keys) wrong.push(`daydream ${words}\nhas the keys ${found ?? ''}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
