// daydream init: a project that builds at once, copied from the sample that the package carries. Overwrites nothing.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from '../../../inputs/disk/foldertree.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { dependencyOn, PACKAGE } from './dependency.ts';
import { writeNewFiles } from './newfiles.ts';
import { shortPath } from '../../words/place.ts';

export const command: CommandSpec = {
  words: '[dir]',
  options: [{ flags: '--empty', text: 'catalogs with their columns alone, and no sample' }],
  examples: ['init', 'init my-experiment', 'init my-experiment --empty'],
  run: init,
};

const GITIGNORE = `# Keys stay on this machine.
.env
node_modules/
`;

const GITATTRIBUTES = `# Texts of models and of records are found again by the digest of their bytes, whoever checks them out.
data/gens/** -text
data/.daydream/texts/** -text -diff
data/experiments/** -text
`;

const PRE_COMMIT = `# With pre-commit (https://pre-commit.com), after \`pre-commit install\`: no commit while outputs are not current.
repos:
  - repo: local
    hooks:
      - id: daydream-check
        name: daydream check
        # Never without --no-install: where daydream is missing, npx would fetch whatever package has that name.
        entry: npx --no-install daydream check --staged
        language: system
        pass_filenames: false
        always_run: true
`;

const TSCONFIG = `{
  "compilerOptions": { "module": "esnext", "moduleResolution": "bundler", "strict": true, "noEmit": true, "skipLibCheck": true },
  "include": ["*.ts"]
}
`;

function packageText(name: string, dependency: string): string {
  const content = { name, private: true, type: 'module', devDependencies: { [PACKAGE]: dependency } };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** A folder's name as npm takes it. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' || name === PACKAGE ? 'experiment' : name;
}

async function init({ console, words, options, directory }: Invocation): Promise<ExitCode> {
  const folder = resolve(directory, words[0] ?? '.');
  const dependency = dependencyOn(fileURLToPath(new URL('../..', import.meta.url)));
  // A repository often has these already; what stands in them is its own affair.
  const habits = Object.entries({
    '.gitignore': GITIGNORE,
    '.gitattributes': GITATTRIBUTES,
    '.pre-commit-config.yaml': PRE_COMMIT,
    'package.json': packageText(packageName(folder), dependency),
    'tsconfig.json': TSCONFIG,
  });
  const kept = habits.map(([name]) => name).filter((name) => existsSync(join(folder, name)));
  const files = {
    ...(options.flag('empty') ? emptied(sampleFiles()) : sampleFiles()),
    ...Object.fromEntries(habits.filter(([name]) => !kept.includes(name))),
  };
  writeNewFiles(folder, files, directory);
  if (console.json) {
    console.printJson({ version: 1, folder, written: Object.keys(files).sort(), kept });
    return 0;
  }
  const here = shortPath(folder, directory);
  const there = folder === directory ? 'this folder' : here;
  console.note(
    `${Object.keys(files).length} files written to ${there}${kept.length === 0 ? '' : `; ${kept.join(' and ')} kept`}. Next:`,
  );
  if (folder !== directory) console.note(`  cd ${here}`);
  if (!kept.includes('package.json'))
    console.note(
      `  npm install       # for hooks, the editor and CI; package.json has daydream from ${dependency}`,
    );
  else if (!dependsOnThis(join(folder, 'package.json')))
    console.note(
      `  npm install --save-dev ${PACKAGE}@${dependency}   # for hooks, the editor and CI: your package.json has none of it yet`,
    );
  if (options.flag('empty')) {
    console.note(
      '  fill the catalogs in data/1_raw, then `daydream cohort combos add` and `daydream cohort new NAME`',
    );
    return 0;
  }
  console.note('  daydream plan     # what would run, and why');
  console.note('  daydream build    # run it: the offline model needs no key and costs nothing');
  console.note('  daydream ls       # what there is; then edit a template and plan again');
  return 0;
}

/** Whether a package asks for daydream already. One that can not be read is npm's to complain about. */
function dependsOnThis(path: string): boolean {
  return readFileSync(path, 'utf8').includes(`"${PACKAGE}":`);
}

/** Texts by path, from beside the bundle; a name that begins with a dot is spelt `dot-` there. */
function sampleFiles(): Readonly<Record<string, string>> {
  const root = fileURLToPath(new URL('../sample', import.meta.url));
  return Object.fromEntries(
    filesBelow(root).map((path) => {
      const name = basename(path).replace(/^dot-/, '.');
      return [join(dirname(path), name), readFileSync(join(root, path), 'utf8')];
    }),
  );
}

/** The settings, and of each catalog its columns; of concepts, templates and cohorts nothing. */
function emptied(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, text]) => {
      if (!name.endsWith('.csv'))
        return /(?:^|\/)(?:concepts|templates|cohorts)\//.test(name) ? [] : [[name, text]];
      if (/\/cohorts\//.test(name)) return [];
      return [[name, /replication_config/.test(name) ? text : `${text.split(/\r?\n/)[0] ?? ''}\n`]];
    }),
  );
}
