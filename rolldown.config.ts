// Bundles the command line into dist/: one small entry, and a chunk for each command that loads only what it needs.
import { defineConfig } from 'rolldown';

const SWIFT =
  /src\/(?:canonical|errors|config|graph\/(?:graph|bind|graphcache|glob|selectors|selectormethods)|plan\/(?:judge|verdict|stepparts)|store\/(?:atomic|columns|genindex|layout|sweep)|inputs\/(?:stamped|diskreader|shape)|generation\/(?:stage|text|nearest|trace|renderer)|engine\/(?:session|loading|planning)|cli\/(?:console|options|stopping|placetext|command|invocation))\.ts$/;

export default defineConfig({
  input: { daydream: 'src/cli/main.ts', config: 'src/config.ts', sweepworker: 'src/store/sweepworker.ts' },
  platform: 'node',
  external: /^(?:[a-z@][^:]*|node:.*)$/,
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    // What a command that finds nothing to do passes through is one file: each further file costs a millisecond at start.
    advancedChunks: { groups: [{ name: 'swift', test: SWIFT }] },
    banner: (chunk) => (chunk.name === 'daydream' ? '#!/usr/bin/env node' : ''),
  },
});
