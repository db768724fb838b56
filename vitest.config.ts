import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/longfirst.ts';
import { needsReporter } from './test/support/needsreporter.ts';

// End-to-end tests wait for processes as much as they compute: three at a time keep two cores busy. The time-outs end what hangs; they
// measure nothing, and a machine that is busy with other things meets them too.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The servers of tests are on this machine, and no proxy leads there.
    env: { NO_PROXY: '*', no_proxy: '*' },
    globalSetup: 'test/support/temporary.ts',
    // One process reads the modules once for all the files that it takes: a quarter less work than a fresh start for each.
    isolate: false,
    setupFiles: 'test/support/afterfile.ts',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'threads',
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    reporters: ['default', needsReporter((text) => process.stdout.write(`\n${text}\n\n`))],
  },
});
