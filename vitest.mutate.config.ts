import { defineConfig } from 'vitest/config';

/** By room of `src`: the tests that run through it in this process, so that the mutant is in it. */
const TESTS: Readonly<Record<string, string>> = {
  plan: '{plan,run,engine}',
  run: '{run,engine,watch}',
  store: 'store',
  model: '{model,engine/build,watch}',
  graph: '{graph,plan,engine}',
};

const { ROOM } = process.env;
if (ROOM !== undefined && TESTS[ROOM] === undefined)
  throw new Error(`ROOM is none of ${Object.keys(TESTS).join(', ')}`);

// What `npm run mutate` asks of each mutant. One room alone, with the tests of that room:
//
//   ROOM=plan npm run mutate -- --mutate 'src/plan/**/*.ts' --concurrency 1
export default defineConfig({
  test: {
    include: [
      `test/${ROOM === undefined ? '{plan,run,store,model,graph,engine}' : TESTS[ROOM]}/**/*.test.ts`,
    ],
    globalSetup: 'test/support/temporary.ts',
    setupFiles: 'test/support/afterfile.ts',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'threads',
  },
});
