// What a run of the tests makes of a part that this machine lacks: not run, and named; with CI=true, a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installing } from './support/needs.ts';
import { ROOT } from './support/program.ts';
import { scratchFolder } from './support/project.ts';

const support = (name: string): string => JSON.stringify(join(import.meta.dirname, 'support', name));

const FILE = `
import { describe, it } from 'vitest';
import { needing } from ${support('needs.ts')};
describe('with a proxy', needing('tinyproxy'), () => {
  it('goes through it', () => { throw new Error('was run'); });
  it('and with TLS', needing('openssl'), () => { throw new Error('was run'); });
});
it('needs Node alone', () => {});
`;

const CONFIG = `
import { needsReporter } from ${support('needsreporter.ts')};
export default { test: { reporters: ['default', needsReporter(console.log)] } };
`;

/** Vitest in a folder with these two, where the PATH is empty. */
function runTests(env: Readonly<Record<string, string>>): {
  readonly code: number | null;
  readonly said: string;
} {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'page.test.ts'), FILE);
  writeFileSync(join(folder, 'vitest.config.mts'), CONFIG);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--root', folder], {
    encoding: 'utf8',
    env: { PATH: join(folder, 'empty'), NO_COLOR: '1', ...env },
  });
  return { code: status, said: stdout + stderr };
}

it('what needs a missing part is not run, not counted as passed, and named last with the line that installs it', () => {
  const { code, said } = runTests({});
  expect(said).toMatch(/Tests +1 passed \| 2 skipped/);
  expect(said.trimEnd().split('\n').slice(-3)).toEqual([
    'NOT RUN, for this machine lacks what they need:',
    '  page.test.ts: 2 tests without openssl, tinyproxy',
    'To run them: sudo apt-get install openssl tinyproxy',
  ]);
  expect(code).toBe(0);
});

it('with CI=true a missing part is a failure', () => {
  const { code, said } = runTests({ CI: 'true' });
  expect(code).toBe(1);
  expect(said).toContain('These tests need more than is here, and CI=true: sudo apt-get install tinyproxy');
});

it('a line that installs names each package once', () => {
  expect(installing(['nginx', 'chromium', 'nginx'])).toBe('sudo apt-get install chromium nginx');
});

it('.ci/run installs the list', () => {
  expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toContain('./test/support/needs.json');
});

it('`npm test` leaves out test/long and test/browser alone, which .ci/run runs with the rest', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['test']).toBe('npm run checks && vitest run --exclude "test/{long,browser}/**"');
  expect(scripts['test:all']).toBe('npm run checks && publint && vitest run');
  expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toMatch(/^npm run test:all$/m);
});
