import { defineConfig } from 'vitest/config';

// The tests that `npm run mutate` asks of each mutant: those that run the rooms in this process, so that the mutant is in it.
export default defineConfig({
  test: {
    include: ['test/{plan,run,store,model,graph,engine}/**/*.test.ts'],
    globalSetup: 'test/support/temporary.ts',
    testTimeout: 30_000,
    pool: 'threads',
  },
});
