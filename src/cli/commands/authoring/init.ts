// daydream init: a project that builds at once, copied from the sample that the package carries. Overwrites nothing.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from '../../../inputs/disk/foldertree.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { writeNewFiles } from './newfiles.ts';
import { shortPath } from '../../words/place.ts';

export const command: CommandSpec = {
  words: '[dir]',
  options: [],
  examples: ['init', 'init my-experiment'],
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
        entry: daydream check --staged
        language: system
        pass_filenames: false
        always_run: true
`;

async function init({ console, words, directory }: Invocation): Promise<ExitCode> {
  const folder = resolve(directory, words[0] ?? '.');
  // A repository often has these already; what stands in them is its own affair.
  const habits = Object.entries({
    '.gitignore': GITIGNORE,
    '.gitattributes': GITATTRIBUTES,
    '.pre-commit-config.yaml': PRE_COMMIT,
  });
  const kept = habits.map(([name]) => name).filter((name) => existsSync(join(folder, name)));
  const files = {
    ...sampleFiles(),
    ...Object.fromEntries(habits.filter(([name]) => !kept.includes(name))),
  };
  writeNewFiles(folder, files, directory);
  if (console.json) {
    console.printJson({ version: 1, folder, written: Object.keys(files).sort(), kept });
    return 0;
  }
  const here = shortPath(folder, directory);
  console.note(
    `${Object.keys(files).length} files written to ${here}${kept.length === 0 ? '' : `; ${kept.join(' and ')} kept as they were`}. Next:`,
  );
  if (folder !== directory) console.note(`  cd ${here}`);
  console.note('  daydream plan     # what would run, and why');
  console.note('  daydream build    # run it: the offline model needs no key and costs nothing');
  console.note('  daydream ls       # what there is; then edit a template and plan again');
  return 0;
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
