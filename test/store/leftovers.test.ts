// What a crash left half written: found by its name wherever commands write, and nothing else is taken for it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { layoutOf } from '../../src/store/layout.ts';
import { isTemporary, temporaryFiles } from '../../src/store/leftovers.ts';
import { temporaryOf } from '../../src/store/writing/atomic.ts';
import { scratchFolder } from '../support/project.ts';

it('a file or folder is half written by its name', () => {
  const names = ['.a.txt.tmp', 'a.txt.tmp', '.a.txt.tmp2', '.tmp', '..tmp', '.a', 'x.a.tmp'];
  expect(names.filter(isTemporary)).toEqual(['.a.txt.tmp']);
  expect(isTemporary(temporaryOf('/a/b').slice(3))).toBe(true);
});

it('all that is half written is found, and what was removed is left in the trash', () => {
  const layout = layoutOf(scratchFolder());
  const write = (name: string): void => {
    mkdirSync(dirname(join(layout.dataRoot, name)), { recursive: true });
    writeFileSync(join(layout.dataRoot, name), '');
  };
  expect(temporaryFiles(layout)).toEqual([]);
  const left = [
    '.daydream/.lock.json.tmp',
    '.daydream/responses/ab/.x.json.tmp',
    '7_cross_experiment/.table.csv.tmp',
    'cohorts/one/.membership.csv.tmp',
    'gens/draft/d_1/.raw.txt.tmp',
  ];
  for (const name of left) write(name);
  for (const name of ['gens/draft/d_1/raw.txt', '1_raw/.mine.tmp', '.daydream/trash/b1/files/.x.tmp'])
    write(name);
  // A folder is one thing, whatever lies in it.
  write('gens/draft/.d_2.tmp/.raw.txt.tmp');
  expect(temporaryFiles(layout)).toEqual([...left, 'gens/draft/.d_2.tmp'].sort());
  expect(temporaryFiles(layout, ['cohorts'])).toEqual(['cohorts/one/.membership.csv.tmp']);
  expect(existsSync(join(layout.dataRoot, left[0] ?? ''))).toBe(true);
});
