import { defineConfig } from 'vitest/config';
import { needsReporter } from './test/support/needsreporter.ts';

// End-to-end tests wait for processes as much as they compute: three at a time keep two cores busy.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/temporary.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'threads',
    maxWorkers: 3,
    reporters: ['default', needsReporter((text) => process.stdout.write(`\n${text}\n\n`))],
  },
});
