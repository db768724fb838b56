// Holds "Where is …?" of the design notes to the sources: each file is there, makes the thing that the table names, and is the only one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, sourceFiles, type SourceFile } from './support/source.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCES = sourceFiles(resolve(ROOT, 'src')).filter(({ path }) => path.endsWith('.ts'));

interface Row {
  readonly question: string;
  readonly file: string;
  readonly name: string;
}

function rowsOf(page: string): readonly Row[] {
  const [, part = ''] = page.split('## Where is …?');
  const rows = part.matchAll(/^\| (.+?) +\| `src\/([^`]+)` +\| `(\w+)` +\|$/gm);
  return [...rows].map(([, question = '', file = '', name = '']) => ({ question, file, name }));
}

/** Files that export something of that name. */
function makersOf(name: string, sources: readonly SourceFile[]): readonly string[] {
  const made = new RegExp(`\\bexport (?:async )?(?:function|class|const|type|interface) ${name}\\b`);
  return sources.filter(({ text }) => made.test(codeOf(text))).map(({ path }) => path);
}

const ROWS = rowsOf(readFileSync(resolve(ROOT, 'docs/design.md'), 'utf8'));

describe('where is …?', () => {
  it('is answered at least twelve times', () => {
    expect(new Set(ROWS.map(({ question }) => question)).size).toBeGreaterThanOrEqual(12);
    expect(new Set(ROWS.map(({ file }) => file)).size).toBe(ROWS.length);
  });

  it.each(ROWS)('$question: $file', ({ file, name }) => {
    expect(makersOf(name, SOURCES)).toEqual([file]);
  });

  it('would notice a thing that moved, and one that is made twice', () => {
    const text = 'export function sought(): void {}';
    expect(makersOf('sought', [{ path: 'a.ts', text }])).toEqual(['a.ts']);
    expect(makersOf('sought', [{ path: 'a.ts', text: '// export function sought' }])).toEqual([]);
    expect(
      makersOf('sought', [
        { path: 'a.ts', text },
        { path: 'b.ts', text },
      ]),
    ).toHaveLength(2);
    expect(rowsOf('## Where is …?\n\n| a thing | `src/a.ts` | `sought` |\n')).toEqual([
      { question: 'a thing', file: 'a.ts', name: 'sought' },
    ]);
  });
});
