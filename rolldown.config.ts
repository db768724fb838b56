// Bundles the command line into dist/: one small entry, and a chunk for each command that loads only what it needs. Beside them the
// sample project, for `daydream init` to copy.
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

/** All that `--version` needs. */
const VERSION = /(?:src\/version\.ts|src\/cli\/call\/outlets\.ts|\/package\.json)$/;
/** What a config, and a program that does nothing yet, loads of the package. */
const DOOR = /src\/(?:api|config|problem)\.ts$/;
/** What a command that finds nothing to do passes through, with all that these load at once. */
const SWIFT =
  /src\/(?:cli\/call\/invocation|cli\/words\/reasons\/broken|cli\/words\/reasons\/standing|cli\/words\/reasons\/why|engine\/plan\/plan|api\/reading\/status|inputs\/csv\/csvline|store\/lock|statistics\/summary)\.ts$/;

/** What the page's server loads before its first screen is there. */
const WORKBENCH = /src\/ui\/workbench\.ts$|src\/api\/(?:project|view\/view)\.ts$/;

/** What it loads too where a template was edited since the last build. */
const TEXTS = /src\/engine\/templates\/readtexts\.ts$/;

/** What its later screens load: what reads YAML and CSV files is not among it, and takes longer to load than these. */
const SCREENS = /src\/(?:api\/view\/plan|run\/prepare|run\/events)\.ts$/;
/** What looks for files is loaded with it, and not by what builds. */
const ACCOUNTS = /src\/api\/view\/accounts\.ts$/;

/** What reads CSV files, and what people said of texts, which is kept in such. */
const CSV = /src\/inputs\/csv\/csv\.ts$/;
const RATING = /src\/api\/rating\.ts$/;

/** What threads of their own load, with all that these load: no more than that. */
const THREADS = /src\/store\/(?:gens\/surveying|writing\/pen)\.ts$/;

/** What a build needs of scores and money, which reports need without all the rest of it. */
const REPORTS =
  /src\/(?:engine\/(?:results\/reports|money\/(?:callsahead|forecast))|model\/money\/(?:history|prices)|generation\/parsers\/scoreline|store\/ledger\/reader|cohort\/replicates)\.ts$/;

/** The rest of what a build loads at once. */
const BUILDING = /src\/cli\/commands\/flow\/build\.ts$/;

/** Of each cohort only its spec: the rest of it is built. */
const SAMPLE = [
  'daydream.config.ts',
  '.env.example',
  'data/.gitignore',
  'data/combo_mappings.csv',
  ...filesIn('data/1_raw'),
  ...filesIn('data/cohorts').filter((path) => /^data\/cohorts\/[^/]+\/spec\//.test(path)),
  ...filesIn('templates'),
];

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'))
    .sort();
}

/** npm reads a .gitignore inside a package as its own and leaves it out, so dots at the beginning of a name are spelt out. */
const sample: Plugin = {
  name: 'sample',
  generateBundle() {
    for (const path of SAMPLE) {
      const name = basename(path).replace(/^\./, 'dot-');
      this.emitFile({
        type: 'asset',
        fileName: join('sample', dirname(path), name),
        source: readFileSync(path),
      });
    }
  },
};

/** npm makes it so when it installs; whoever bundles again has it on the path already. */
const runnable: Plugin = {
  name: 'runnable',
  writeBundle({ dir = 'dist' }) {
    chmodSync(join(dir, 'daydream.js'), 0o755);
  },
};

/** The licences of what is bundled want to come along. */
export const notices: Plugin = {
  name: 'notices',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
    const homes = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []);
    this.emitFile({
      type: 'asset',
      fileName: 'NOTICES.txt',
      source: [...new Set(homes)]
        .sort()
        .map(noticeOf)
        .join(`\n${'-'.repeat(80)}\n\n`),
    });
  },
};

/** A package's name, version, licence and the text of that. */
function noticeOf(home: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const texts = readdirSync(home).filter((file) => /^licen[cs]e/i.test(file));
  return [
    `${name} ${version} (${license})\n`,
    ...texts.map((file) => readFileSync(join(home, file), 'utf8')),
  ].join('\n');
}

/** Caches of another program are not trusted: its version alone does not tell it from what it was before a pull. */
function codeDigest(): string {
  const sum = createHash('sha256');
  for (const path of filesIn('src')) sum.update(`${path}\0`).update(readFileSync(path));
  return sum.digest('hex').slice(0, 16);
}

export default defineConfig({
  input: {
    daydream: 'src/cli/main.ts',
    api: 'src/api.ts',
    sweepworker: 'src/store/gens/sweepworker.ts',
    surveyworker: 'src/store/gens/surveyworker.ts',
    penworker: 'src/store/writing/penworker.ts',
    folderclerk: 'src/remote/folderclerk.ts',
    asideprocess: 'src/ui/aside/asideprocess.ts',
    figuresprocess: 'src/engine/figures/figuresprocess.ts',
  },
  platform: 'node',
  transform: { define: { DAYDREAM_CODE: JSON.stringify(codeDigest()) } },
  plugins: [sample, notices, runnable],
  // What agents speak is a development dependency: it comes along, in a chunk that one command loads. So do the names of HTML's
  // characters, with the templates.
  external: /^(?!@modelcontextprotocol\/|zod(?:\/|$)|character-entities)(?:[a-z@][^:]*|node:.*)$/,
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    // What a command that finds nothing to do passes through is one file: each further file costs a millisecond at start.
    codeSplitting: {
      groups: [
        { name: 'version', test: VERSION, priority: 5 },
        { name: 'door', test: DOOR, priority: 4 },
        { name: 'swift', test: SWIFT, priority: 3 },
        { name: 'threads', test: THREADS, priority: 2 },
        { name: 'workbench', test: WORKBENCH, priority: 1.5 },
        { name: 'texts', test: TEXTS, priority: 1.4 },
        { name: 'csv', test: CSV, priority: 1.3 },
        { name: 'rating', test: RATING, priority: 1.2 },
        { name: 'reports', test: REPORTS, priority: 1.15 },
        { name: 'screens', test: SCREENS, priority: 1.1 },
        { name: 'building', test: BUILDING, priority: 1 },
        { name: 'accounts', test: ACCOUNTS, priority: 0.9 },
      ],
    },
    banner: (chunk) => (chunk.name === 'daydream' ? '#!/usr/bin/env node' : ''),
  },
});
