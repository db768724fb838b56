// Bundles the workbench's page into dist/ui/: one program with a chunk for what is not wanted at once, and one style sheet. All that it
// is made of is a development dependency, so that a user installs nothing more, and no other command loads it.
import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'rolldown';
import { notices } from './rolldown.config.ts';

const style: Plugin = {
  name: 'style',
  generateBundle() {
    this.emitFile({
      type: 'asset',
      fileName: 'app.css',
      source: readFileSync('src/ui/page/style.css', 'utf8'),
    });
  },
};

const page = { platform: 'browser', tsconfig: 'tsconfig.page.json' } as const;

export default defineConfig([
  {
    ...page,
    input: { app: 'src/ui/page/main.tsx', early: 'src/ui/page/early.ts' },
    plugins: [style, notices],
    output: {
      dir: 'dist/ui',
      format: 'esm',
      minify: true,
      chunkFileNames: 'chunks/[name]-[hash].js',
    },
  },
  // A page on disk holds its program, so that is one piece.
  {
    ...page,
    input: { export: 'src/ui/page/export.tsx' },
    output: { dir: 'dist/ui', format: 'iife', minify: true, codeSplitting: false },
  },
]);
