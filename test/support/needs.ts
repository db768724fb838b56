// What some tests need beyond Node and git: Debian packages by name (needs.json, which .ci/run installs), each with what it brings.
// Where one is missing, the tests that need it do not run, and needsreporter.ts names them; with CI=true their file fails instead.
// Knows no test, and installs nothing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import PACKAGES from './needs.json' with { type: 'json' };

/** A Debian package. */
export type Need = keyof typeof PACKAGES;

declare module 'vitest' {
  interface TaskMeta {
    /** Why it is not run: the packages that this machine lacks. */
    missing?: readonly string[];
  }
}

/** What a test or a group of tests takes as its options. */
export interface NeedOptions {
  readonly skip: boolean;
  readonly meta: { missing?: readonly string[] };
}

/**
 * Options of vitest's `describe` and `it` for what needs these packages: `describe('a page', needing('chromium'), () => …)`. Hooks
 * that want them stand in the same group, or at the top of a file whose tests all want them.
 */
export function needing(...needs: readonly Need[]): NeedOptions {
  return optionsFor(
    needs.filter((need) => located(need) === undefined),
    process.env['CI'] === 'true',
  );
}

/** Throws where nothing may be missing. */
function optionsFor(missing: readonly string[], strict: boolean): NeedOptions {
  if (missing.length === 0) return { skip: false, meta: {} };
  if (strict) throw new Error(`These tests need more than is here, and CI=true: ${installing(missing)}`);
  return { skip: true, meta: { missing } };
}

/** The line that installs them. */
export function installing(missing: readonly string[]): string {
  return `sudo apt-get install ${[...new Set(missing)].sort().join(' ')}`;
}

/** The path of the program or file that a package brings, or of the Python that has its module; for tests that need it. */
export function locate(need: Need): string {
  const path = located(need);
  if (path === undefined) throw new Error(`This test does not say that it needs ${need}.`);
  return path;
}

// Servers lie where the PATH of a user may not look.
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

function programPath(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

// A browser has many names, and on some systems a place of its own; CHROMIUM may name one.
const BROWSERS = [
  'chromium-browser',
  'google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function browserPath(): string | undefined {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && existsSync(given)) return given;
  for (const name of BROWSERS) {
    const path = name.startsWith('/') ? [name].find((each) => existsSync(each)) : programPath(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Debian's own Python first: another one that comes first in PATH may lack the packages. */
function pythonWith(module: string): string | undefined {
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${module}") is None)`;
  return ['/usr/bin/python3', programPath('python3')].find(
    (python) => python !== undefined && spawnSync(python, ['-c', find], { stdio: 'ignore' }).status === 0,
  );
}

function located(need: Need): string | undefined {
  const brought: { readonly program?: string; readonly module?: string; readonly file?: string } =
    PACKAGES[need];
  if (brought.file !== undefined) return existsSync(brought.file) ? brought.file : undefined;
  if (brought.module !== undefined) return pythonWith(brought.module);
  const path = programPath(brought.program ?? need);
  return path === undefined && need === 'chromium' ? browserPath() : path;
}
