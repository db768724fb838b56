// The programs of docs/api.md, run and type-checked as they stand there against the package as npm packs it, each in a sample project
// of its own.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pattern, programsOf } from '../support/docpage.ts';
import { environmentIn, ROOT } from '../support/program.ts';
import { sampleProject, scratchFolder } from '../support/project.ts';

const PROGRAMS = programsOf(join(ROOT, 'docs/api.md'));
/** What a user's own tsconfig may be at its strictest. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    types: ['node'],
  },
};

let modules: string;

/** A folder of packages: the packed one, and beside it what it depends on. */
beforeAll(() => {
  modules = join(scratchFolder(), 'node_modules');
  mkdirSync(join(modules, 'daydream'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((each) => !each.startsWith('.')))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--dry-run', '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed.toString()) as [{ files: readonly { readonly path: string }[] }];
  for (const { path } of files) cpSync(join(ROOT, path), join(modules, 'daydream', path));
});

/** Standard output and standard error of a program in a sample project of its own. */
function outputOf(text: string): string {
  const project = sampleProject();
  symlinkSync(modules, project.path('node_modules'));
  project.write('package.json', '{}');
  project.write('program.mjs', text);
  return execFileSync(process.execPath, ['program.mjs'], {
    cwd: project.root,
    env: environmentIn(project.root),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
}

/** What a file of the package loads at once, with itself, by names without their digests. */
function loadedBy(file: string): readonly string[] {
  const found = new Set<string>();
  const load = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const inside = /^(?:api\.js|chunks\/)/.test(name);
    const text = inside ? readFileSync(join(modules, 'daydream/dist', name), 'utf8') : '';
    for (const [, from = ''] of text.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];$/gm))
      load(from.replace(/^\.\/(?:chunks\/)?/, 'chunks/'));
  };
  load(file);
  const packages = [...found].filter((name) => !name.startsWith('node:'));
  return packages.map((name) => name.replace(/^(chunks\/.*)-[\w-]{8}\.js$/, '$1.js'));
}

describe('docs/api.md', () => {
  it('begins with a script of about thirty lines', () => {
    expect(PROGRAMS[0]?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(32);
  });

  it.each(PROGRAMS.map((program) => [program.line, program] as const))(
    'has a program at line %i that prints what the page shows',
    (_line, { text, shows }) => {
      const said = outputOf(text);
      expect(shows.filter((line) => !pattern(line).test(said)).map((line) => `${line} in ${said}`)).toEqual(
        [],
      );
      expect(said.split('\n')).toHaveLength(shows.length + 1);
    },
  );

  it('has programs that type-check against the published types', () => {
    const folder = scratchFolder();
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    for (const { line, text } of PROGRAMS) writeFileSync(join(folder, `line${line}.mts`), text);
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const said = execFileSync(tsc, ['-p', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(said).toBe('');
  });
});

describe('the package', () => {
  it('knows the code that it was made from, for caches of other code are not trusted', () => {
    const chunks = join(modules, 'daydream/dist/chunks');
    const name = readdirSync(chunks).find((each) => each.startsWith('version-')) ?? '';
    expect(readFileSync(join(chunks, name), 'utf8')).toMatch(/\$\{TOOL_VERSION\} [0-9a-f]{16}`/);
  });

  it('exports the door and nothing else', async () => {
    const text = "import * as all from 'daydream'; console.log(Object.keys(all).sort().join());";
    expect(outputOf(text)).toBe('ProblemError,defineConfig,openProject\n');
    const { exports } = JSON.parse(readFileSync(join(modules, 'daydream/package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    expect(Object.keys(exports)).toEqual(['.', './package.json']);
  });

  it('loads no engine for a config that only wants defineConfig', () => {
    expect(loadedBy('api.js')).toEqual(['api.js', 'chunks/door.js']);
  });

  it.each(['check', 'status', 'why'])(
    'loads nothing that builds, and nothing that reads YAML, for `%s`',
    (command) => {
      const chunks = readdirSync(join(modules, 'daydream/dist/chunks'));
      const own = chunks.filter((name) => name.replace(/-[\w-]{8}\.js$/, '') === command);
      const loaded = own.flatMap((name) => loadedBy(`chunks/${name}`));
      expect(loaded).toContain('chunks/swift.js');
      expect(loaded.filter((name) => name === 'yaml' || name === 'chunks/building.js')).toEqual([]);
    },
  );

  it('loads nothing that reads YAML or CSV files for a build before there is something to do', () => {
    const chunks = readdirSync(join(modules, 'daydream/dist/chunks'));
    const own = chunks.filter((name) => name.replace(/-[\w-]{8}\.js$/, '') === 'build');
    const loaded = own.flatMap((name) => loadedBy(`chunks/${name}`));
    expect(loaded).toContain('chunks/building.js');
    expect(loaded.filter((name) => name === 'yaml' || name.startsWith('csv-parse'))).toEqual([]);
  });

  it('loads nothing that builds, and nothing that reads YAML, for reports and the screens of the workbench', () => {
    const chunks = readdirSync(join(modules, 'daydream/dist/chunks'));
    const [report = '', ...others] = chunks.filter((name) => /^report-[\w-]{8}\.js$/.test(name));
    expect([report === '', others]).toEqual([false, []]);
    const ofScreens = chunks.filter((name) => /^(?:screens|rating|workbench)-/.test(name));
    expect(ofScreens.length).toBeGreaterThan(2);
    const loaded = new Set([report, ...ofScreens].flatMap((name) => loadedBy(`chunks/${name}`)));
    expect([...loaded]).toContain('chunks/screens.js');
    expect([...loaded].filter((name) => name === 'yaml' || name === 'chunks/building.js')).toEqual([]);
  });

  it.each([
    ['', ['@modelcontextprotocol/server', 'zod', 'character-entities']],
    ['ui/', ['preact', '@observablehq/plot', 'd3-scale', 'diff']],
  ])('brings the licences of what is bundled in dist/%s', (folder, names) => {
    const notices = readFileSync(join(modules, `daydream/dist/${folder}NOTICES.txt`), 'utf8');
    const parts = notices.split(/^-{80}$/m);
    const named = parts.map((part) => /^\s*(\S+) \d/.exec(part)?.[1]);
    expect(named).toEqual(expect.arrayContaining(names));
    expect(parts.filter((part) => !/copyright|apache license/i.test(part))).toEqual([]);
  });

  it('loads nothing that looks for files by patterns for a build', () => {
    const chunks = readdirSync(join(modules, 'daydream/dist/chunks'));
    const builds = chunks.filter((name) => /^build-[\w-]{8}\.js$/.test(name));
    const loaded = builds.flatMap((name) => loadedBy(`chunks/${name}`));
    expect(loaded).toContain('chunks/building.js');
    expect(loaded).not.toContain('tinyglobby');
  });
});
