// Bundles the command line into dist/: one small entry, and a chunk for each command that loads only what it needs.
import { defineConfig } from 'rolldown';

export default defineConfig({
  input: { daydream: 'src/cli/main.ts', config: 'src/config.ts', sweepworker: 'src/store/sweepworker.ts' },
  platform: 'node',
  external: /^(?:[a-z@][^:]*|node:.*)$/,
  output: {
    dir: 'dist',
    format: 'esm',
    cleanDir: true,
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: (chunk) => (chunk.name === 'daydream' ? '#!/usr/bin/env node' : ''),
  },
});
